fn main() {
    use rohttp::message::FieldValue;

    for text in std::env::args().skip(1) {
        match FieldValue::parse(text.as_bytes()) {
            Some(value) => println!("a value: {}", value.as_bytes().escape_ascii()),
            None => println!("no value: {text:?}"),
        }
    }
}
