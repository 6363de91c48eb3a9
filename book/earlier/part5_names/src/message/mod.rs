pub use headers::FieldName;
