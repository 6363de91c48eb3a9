fn main() {
    use rohttp::message::{Headers, Method, Request, Target, Version};

    for text in std::env::args().skip(1) {
        let method = Method::parse(text.as_bytes()).unwrap_or(Method::Get);
        let headers = Headers::default();
        match Request::new(method, Target::Asterisk, Version::HTTP_11, headers) {
            Ok(request) => println!("{} {}", request.method, request.target),
            Err(error) => println!("{text} *: {error}"),
        }
    }
}
