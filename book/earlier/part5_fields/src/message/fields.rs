use super::FieldName;
