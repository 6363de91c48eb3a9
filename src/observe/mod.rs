//! What the server says of what it does.

pub mod lines;
pub mod log;

pub mod record;
pub mod access_log;

pub mod deadline;
pub mod metrics;
pub mod json;
