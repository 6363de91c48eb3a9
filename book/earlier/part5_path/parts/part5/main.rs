fn main() {
    use rohttp::message::Path;

    for text in std::env::args().skip(1) {
        match Path::parse(&text) {
            Some(path) => println!("a path: {:?}", path.split()),
            None => println!("no path: {text:?}"),
        }
    }
}
