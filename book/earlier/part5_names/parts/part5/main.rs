fn main() {
    use rohttp::message::FieldName;

    for text in std::env::args().skip(1) {
        match FieldName::parse(text.as_bytes()) {
            Some(name) => println!("a name: {}", name.as_str()),
            None => println!("no name: {text:?}"),
        }
    }
}
