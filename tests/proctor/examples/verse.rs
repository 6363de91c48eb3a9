//! A server for proctor's own tests: one line to each caller, on the port that it is
//! given. `--child` starts another process beside it, `--dies` ends at the third
//! caller, `--mute` never listens.

use std::io::Write;
use std::net::TcpListener;
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
    for (number, stream) in listener.incoming().enumerate() {
        if has("--dies") && number == 3 {
            eprintln!("I am off");
            exit(3);
        }
        let mut stream = stream?;
        let _ = stream.write_all(b"hello\n");
    }
    Ok(())
}
