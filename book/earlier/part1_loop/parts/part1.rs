use std::time::Duration;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:1337")?;
    println!("listening on http://{}", listener.local_addr()?);
    serve(&listener)
}
