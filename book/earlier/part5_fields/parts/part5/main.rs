fn main() {
    use rohttp::message::{FieldName, FieldValue, Headers};

    let mut headers = Headers::default();
    for line in std::env::args().skip(1) {
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        let name = FieldName::parse(name.as_bytes());
        let value = FieldValue::parse(value.as_bytes());
        match name.zip(value) {
            Some((name, value)) => headers.push(name, value),
            None => println!("no field line: {line:?}"),
        }
    }
    println!("{} field lines", headers.len());
    for length in headers.all(FieldName::CONTENT_LENGTH) {
        println!("a length: {}", length.escape_ascii());
    }
}
