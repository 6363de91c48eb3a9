//! A server that finds two lengths in one head and goes by the one that it likes
//! better. Its responses say what was asked.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:1337")?;
    println!("listening on http://127.0.0.1:1337");
    for stream in listener.incoming() {
        let _ = converse(BufReader::new(stream?));
    }
    Ok(())
}

fn converse(mut stream: BufReader<TcpStream>) -> io::Result<()> {
    loop {
        let mut lines: Vec<String> = Vec::new();
        while lines.last().is_none_or(|line| !line.is_empty()) {
            lines.push(line(&mut stream)?);
        }
        let field = |name| lines.iter().find_map(|line| line.strip_prefix(name));
        if field("Transfer-Encoding: chunked").is_some() {
            while line(&mut stream)? != "0" {}
            line(&mut stream)?;
        } else if let Some(length) = field("Content-Length: ") {
            let length = length.parse().map_err(io::Error::other)?;
            io::copy(&mut (&mut stream).take(length), &mut io::sink())?;
        }
        let answer = format!("you asked for {}\n", lines[0]);
        let length = answer.len();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
        stream.get_mut().write_all((head + &answer).as_bytes())?;
    }
}

/// A line, without its end.
fn line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    match stream.read_line(&mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim_end().to_owned()),
    }
}
