fn main() {
    use rohttp::message::{
        FieldName, FieldValue, Headers, Method, Request, Target, Version,
    };

    let mut headers = Headers::default();
    for host in std::env::args().skip(1) {
        let host = FieldValue::parse(host.as_bytes());
        headers.push(FieldName::HOST, host.expect("a value"));
    }
    let target = Target::parse(&Method::Get, "/").expect("a target");
    match Request::new(Method::Get, target, Version::HTTP_11, headers) {
        Ok(request) => println!("{:?}", request.authority),
        Err(error) => println!("{error}"),
    }
}
