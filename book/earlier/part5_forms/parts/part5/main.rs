fn main() {
    use rohttp::message::{Method, Target};

    for text in std::env::args().skip(1) {
        let (method, target) = text.split_once(' ').unwrap_or((&text, ""));
        let method = Method::parse(method.as_bytes());
        match method.and_then(|method| Target::parse(&method, target)) {
            Some(target) => println!("a target: {target:?}"),
            None => println!("no target: {text:?}"),
        }
    }
}
