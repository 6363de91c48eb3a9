use rohttp::message::{
    FieldName, FieldValue, Method, Request, Response, Scheme, Status, Target,
};
