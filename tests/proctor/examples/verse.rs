//! A server for proctor's own tests: one line to each caller, on the port that it is
//! given. `--child` starts another process beside it, `--dies` ends at the third
//! caller, `--mute` never listens. `--keeps` closes no connection, `--grows` keeps 4 KiB
//! of each caller, `--spins` asks for nothing, again and again; `--slow` takes 0.2 s for
//! each, `--greedy` has ever more memory, and `--writes` a file that grows. `--says TEXT`
//! says something else.

use std::io::Write;
use std::net::{Shutdown, TcpListener};
use std::process::{Command, exit};
use std::time::Duration;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let place = |word: &str| arguments.iter().position(|it| it == word);
    let has = |word: &str| place(word).is_some();
    let text = place("--says").map_or("hello\n", |at| &arguments[at + 1]);
    if has("--child") {
        let child = Command::new("sleep").arg("600").spawn()?;
        std::fs::write("child", child.id().to_string())?;
    }
    if has("--greedy") {
        std::thread::spawn(|| {
            let mut all = Vec::new();
            loop {
                all.push(vec![1_u8; 1 << 20]);
            }
        });
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
    if has("--writes") {
        std::thread::spawn(|| write_for_ever().expect("there is room"));
    }
    let (mut kept, mut grown) = (Vec::new(), Vec::new());
    for (number, stream) in listener.incoming().enumerate() {
        if has("--dies") && number == 3 {
            eprintln!("I am off");
            exit(3);
        }
        let mut stream = stream?;
        if has("--slow") {
            std::thread::sleep(Duration::from_millis(200));
        }
        let _ = stream.write_all(text.as_bytes());
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

fn write_for_ever() -> std::io::Result<()> {
    let mut file = std::fs::File::create("grows")?;
    loop {
        file.write_all(&[1; 1 << 20])?;
    }
}
