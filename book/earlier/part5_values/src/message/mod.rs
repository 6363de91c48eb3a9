pub use headers::{FieldName, FieldValue};
