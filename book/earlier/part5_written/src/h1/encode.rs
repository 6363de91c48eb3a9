use crate::message::Response;
