//! A server for proctor's own tests: one line to each caller, on the port that it is
//! given. `--child` starts another process beside it, `--dies` ends at the third
//! caller, `--mute` never listens. `--keeps` closes no connection, `--grows` keeps 4 KiB
//! of each caller, `--spins` asks for nothing, again and again.

use std::io::Write;
use std::net::{Shutdown, TcpListener};
use std::process::{Command, exit};
use std::time::Duration;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| arguments.iter().any(|it| it == word);
    if has("--child") {
        let child = Command::new("sleep").arg("600").spawn()?;
        std::fs::write("child", child.id().to_string())?;
    }
    if has("--mute") {
        eprintln!("I would rather not");
        std::thread::sleep(Duration::from_secs(600));
    }
    let listener = TcpListener::bind(format!("127.0.0.1:{}", arguments[0]))?;
    if has("--spins") {
        std::thread::spawn(|| {
            loop {
                std::thread::yield_now();
            }
        });
    }
    let (mut kept, mut grown) = (Vec::new(), Vec::new());
    for (number, stream) in listener.incoming().enumerate() {
        if has("--dies") && number == 3 {
            eprintln!("I am off");
            exit(3);
        }
        let mut stream = stream?;
        let _ = stream.write_all(b"hello\n");
        if has("--keeps") {
            let _ = stream.shutdown(Shutdown::Both);
            kept.push(stream);
        }
        if has("--grows") {
            grown.push(vec![1_u8; 4096]);
        }
    }
    Ok(())
}
