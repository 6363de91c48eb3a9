//! Callers who take what they are given and stay: `crowd 1000 5` is a thousand of
//! them for five seconds.

use std::net::TcpStream;
use std::time::Duration;

fn main() -> std::io::Result<()> {
    let mut numbers =
        std::env::args().skip(1).filter_map(|number| number.parse().ok());
    let (count, seconds) =
        (numbers.next().unwrap_or(1000), numbers.next().unwrap_or(5));
    let crowd: std::io::Result<Vec<TcpStream>> =
        (0..count).map(|_| TcpStream::connect("127.0.0.1:1337")).collect();
    std::thread::sleep(Duration::from_secs(seconds));
    crowd.map(drop)
}
