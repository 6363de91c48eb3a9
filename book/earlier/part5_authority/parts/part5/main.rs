fn main() {
    use rohttp::message::Authority;

    for text in std::env::args().skip(1) {
        match Authority::parse(&text) {
            Some(it) => println!("host {}, port {:?}", it.host, it.port),
            None => println!("no authority: {text:?}"),
        }
    }
}
