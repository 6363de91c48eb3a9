//! What the book's exercises add to the student's server, a switch each.

use std::sync::atomic::Ordering;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use super::answer::KNOWN;
use super::body::{Broken, Incoming};
use super::conversation::{Connection, Then};
use super::framing::Framing;
use super::head::Head;
use super::reply::{self, Reply};
use super::stream::Lack;
use super::target::Target;
use super::{Shared, Switch};

/// The switches: the exercises by their numbers.
pub const EXERCISES: &[&str] = &[
    "exercise-2.2",
    "exercise-2.3",
    "exercise-2.4",
    "exercise-3.5",
    "exercise-4.3",
    "exercise-5.5",
    "exercise-5.5-stays",
    "exercise-5.7",
    "exercise-5.8",
    "exercise-6.3",
    "exercise-6.4",
    "exercise-6.5",
    "exercise-6.6",
    "exercise-7.4",
];

/// 2.2, 2.3, 2.4: nobody is accepted for whom there is no room. In the first two the room
/// is what a shortage leaves, and is looked for again and again, as by accept.
pub fn wait_for_room(shared: &Shared) {
    let (room, mut wait, longest) = match shared.s {
        s if s.is("exercise-2.2") => (20, 5, 1000),
        s if s.is("exercise-2.3") => (20, 1000, 60_000),
        s if s.is("exercise-2.4") => (100, 5, 5),
        _ => return,
    };
    while shared.serving.load(Ordering::SeqCst) >= room {
        sleep(Duration::from_millis(wait));
        wait = (wait * 2).min(longest);
    }
}

/// 4.3: low byte first, as on most machines.
pub fn in_utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

/// 5.5: OPTIONS is done; and in the second, the connection stays behind it.
pub fn tells_options(s: Switch) -> bool {
    s.is("exercise-5.5") || s.is("exercise-5.5-stays")
}

/// What is allowed everywhere.
pub const ALLOW: &str = "OPTIONS, HEAD, GET";

/// 6.3: the request, without what is secret.
pub fn trace(head: &Head) -> Reply {
    let target = match &head.target {
        Target::Path(path) | Target::Whole { path, .. } => path,
        _ => "*",
    };
    let mut text = format!("TRACE {target} HTTP/1.1\r\n").into_bytes();
    for field in &head.fields {
        let name = field.name.to_ascii_lowercase();
        if name == "cookie" || name.ends_with("authorization") {
            continue;
        }
        text.extend([name.as_bytes(), b": ", &field.value, b"\r\n"].concat());
    }
    text.extend(b"\r\n");
    Reply::new(200, text).with("Content-Type", "message/http")
}

/// 7.4: counts the request; what has been counted, where that is asked for.
pub fn counted(head: &Head, shared: &Shared) -> Option<Reply> {
    let method = KNOWN.into_iter().find(|it| *it == head.method).unwrap_or("other");
    let mut counts = shared.counts.lock().unwrap();
    *counts.entry(method).or_default() += 1;
    if head.method != "GET" || head.target != Target::Path("/metrics".into()) {
        return None;
    }
    let mut text = String::new();
    for (method, count) in counts.iter() {
        text +=
            &format!("requests_total{{by=\"us\",method=\"{method}\"}} {count}\n");
    }
    Some(Reply::new(200, text.into_bytes()))
}

impl Connection {
    /// 5.8: whether a body is one to read past.
    pub fn can_skip(&self, head: &Head) -> bool {
        matches!(head.framing, Framing::Length(..=65_536)) && !head.has("expect")
    }

    /// 5.8: reads past it; whether it came.
    pub fn skip(&mut self, head: &Head) -> bool {
        let Framing::Length(length) = head.framing else { return true };
        let deadline = Instant::now() + Duration::from_secs(10);
        while (self.input.len() as u64) < length {
            if self.fill(deadline).is_err() {
                return false;
            }
        }
        self.input.drain(..length as usize);
        true
    }

    /// 6.5: the time, five times. Who knows no chunks has to wait for all of it.
    pub fn clock(&mut self, head: &Head) -> Result<(), Lack> {
        let time = || {
            sleep(Duration::from_millis(100));
            format!("{}\n", reply::imf(SystemTime::now()))
        };
        if head.version < (1, 1) {
            let text: String = (0..5).map(|_| time()).collect();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                text.len()
            );
            return self.write((head + &text).as_bytes());
        }
        self.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        for _ in 0..5 {
            let line = time();
            let chunk = format!("{:x}\r\n{line}\r\n", line.len());
            self.write(chunk.as_bytes())?;
        }
        self.write(b"0\r\n\r\n")
    }

    /// 6.6: what is put is kept in memory, when all of it has come.
    pub fn put_or_got(
        &mut self,
        head: &Head,
        incoming: &mut Incoming,
    ) -> Option<Result<(Reply, bool), Then>> {
        let Target::Path(path) = &head.target else { return None };
        if head.method == "GET" {
            let content = self.shared.things.lock().unwrap().get(path)?.clone();
            return Some(Ok((Reply::new(200, content), true)));
        }
        if head.method != "PUT" {
            return None;
        }
        let content = match self.all_of(incoming) {
            Ok(content) => content,
            Err(broken) => return Some(self.broken(broken)),
        };
        let mut things = self.shared.things.lock().unwrap();
        let status = match things.contains_key(path) {
            true if head.has("if-none-match") => 412,
            true => 204,
            false => 201,
        };
        if status != 412 {
            things.insert(path.clone(), content);
        }
        Some(Ok((Reply::new(status, Vec::new()), true)))
    }

    fn all_of(&mut self, incoming: &mut Incoming) -> Result<Vec<u8>, Broken> {
        let mut content = Vec::new();
        while !incoming.is_over() {
            content.extend(incoming.next(self)?.unwrap_or_default());
        }
        Ok(content)
    }
}
