fn main() {
    use rohttp::message::{Method, Status};

    for text in std::env::args().skip(1) {
        let status = match Method::parse(text.as_bytes()) {
            Some(Method::Get | Method::Head) => Status::OK,
            Some(Method::Other(_)) => Status::NOT_IMPLEMENTED,
            Some(_) => Status::METHOD_NOT_ALLOWED,
            None => Status::BAD_REQUEST,
        };
        println!("{text}: {} {}", status.code(), status.reason());
    }
}
