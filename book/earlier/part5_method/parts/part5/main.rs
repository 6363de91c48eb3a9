fn main() {
    use rohttp::message::Method;

    for text in std::env::args().skip(1) {
        match Method::parse(text.as_bytes()) {
            Some(method) => println!("a method: {method:?}"),
            None => println!("no method: {text:?}"),
        }
    }
}
