fn main() {
    use rohttp::message::{FieldName, FieldValue, Response, Status};

    let response = Response::new(Status::OK, "a poem")
        .with(FieldName::CONTENT_TYPE, FieldValue::TEXT_PLAIN);
    for (name, value) in response.headers.iter() {
        println!("{}: {}", name.as_str(), value.as_bytes().escape_ascii());
    }
}
