fn main() {
    use rohttp::message::{Method, Target, Version};

    for text in std::env::args().skip(1) {
        let (method, target) = text.split_once(' ').unwrap_or((&text, ""));
        let method = Method::parse(method.as_bytes()).unwrap_or(Method::Get);
        match Target::parse(&method, target) {
            Some(target) => println!("{method} {target} {}", Version::HTTP_11),
            None => println!("no target: {text:?}"),
        }
    }
}
