use super::{FieldName, FieldValue, Headers, Status};
