//! Parts 1 to 4: a verse for everyone, then for those who ask.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::stream::{Lack, Stream};
use super::{Shared, Stage, Switch, VERSE, reply};

/// Parts 1 and 2: the verse, to whoever calls.
pub fn recite(mut stream: Stream, shared: &Arc<Shared>) {
    let s = shared.s;
    let mut verse = recited(shared);
    if s.is("waits-to-be-asked") {
        let _ =
            stream.read(&mut [0; 1024], Instant::now() + Duration::from_secs(30));
    }
    if s.is("answers-late") {
        thread::sleep(Duration::from_secs(4));
    }
    if s.is("eof-before-the-verse") && has_ended(&stream) {
        return;
    }
    if s.is("no-flush") {
        let rest = verse.split_off(512);
        let _ = stream.write(&verse, s);
        let _ =
            stream.read(&mut [0; 1024], Instant::now() + Duration::from_secs(30));
        verse = rest;
    }
    if let Err(lack) = stream.write(&verse, s) {
        if s.is("a-reset-ends-the-server") && lack == Lack::Broken {
            shared.dead.store(true, Ordering::SeqCst);
        }
        return;
    }
    if s.is("verse-for-each-read") && has_said(&stream) {
        let _ = stream.write(&verse, s);
    }
    stream.close(shared);
}

/// Whether something has come that nobody has read.
fn has_said(stream: &Stream) -> bool {
    let turn = Some(Duration::from_millis(50));
    let _ = stream.socket().set_read_timeout(turn);
    stream.socket().peek(&mut [0]).is_ok_and(|count| count > 0)
}

/// Whether the socket, once it is ready for something, is so with the peer's end.
fn has_ended(stream: &Stream) -> bool {
    let turn = Some(Duration::from_millis(50));
    let _ = stream.socket().set_read_timeout(turn);
    stream.socket().peek(&mut [0]).is_ok_and(|count| count == 0)
}

fn recited(shared: &Shared) -> Vec<u8> {
    let s = shared.s;
    let text = match s {
        _ if s.is("verse-in-crlf") => VERSE.replace('\n', "\r\n"),
        _ if s.is("verse-by-characters") => {
            return VERSE.as_bytes()[..VERSE.chars().count()].to_vec();
        }
        _ if s.is("verse-in-ascii") => {
            VERSE.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()
        }
        _ if s.is("verse-and-nul") => format!("{VERSE}\0"),
        _ if s.is("verse-and-line") => format!("{VERSE}\n"),
        _ if s.is("verse-with-bom") => format!("\u{feff}{VERSE}"),
        _ if s.is("verse-without-empty-lines") => {
            let lines = VERSE.lines().filter(|line| !line.is_empty());
            lines.map(|line| format!("{line}\n")).collect()
        }
        _ if s.is("verse-stripped") => VERSE.trim_end().to_owned(),
        _ if s.is("verse-is-read-once")
            && shared.counted.fetch_add(1, Ordering::SeqCst) > 0 =>
        {
            String::new()
        }
        _ if s.is("verse-behind-a-head") => {
            format!("HTTP/1.1 200 OK\r\n\r\n{VERSE}")
        }
        _ => shared.text().to_owned(),
    };
    text.into_bytes()
}

/// What has been heard of a line.
enum State {
    /// So many bytes of `GET ` or `HEAD `, and which.
    Word(Vec<u8>),
    /// The rest of a line of junk: how much of `HTTP/`, and whether all of it was there.
    Junk { seen: usize, said: bool },
    /// Field lines behind it: whether this one has something in it.
    Fields { empty: bool },
    /// Part 4 alone: a request's head, to its empty line.
    Head { wanted: Wanted, empty: bool },
}

#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    Get,
    Head,
}

struct Listener<'a> {
    stream: Stream,
    shared: &'a Arc<Shared>,
    strikes: usize,
    /// Bytes of the head that is being read.
    length: usize,
    /// A field line of what was refused, for those who look into it.
    line: Vec<u8>,
    /// How much of a line of junk there was, for those whose lines have an end.
    of_line: usize,
}

/// Whether the conversation goes on.
#[derive(PartialEq)]
enum Then {
    More,
    Over,
}

/// Parts 3 and 4: the verse to those who ask, 405 to others.
pub fn converse(stream: Stream, shared: &Arc<Shared>) {
    let mut listener = Listener {
        stream,
        shared,
        strikes: 0,
        length: 0,
        line: Vec::new(),
        of_line: 0,
    };
    if listener.listen() {
        listener.stream.close(shared);
    }
}

impl Listener<'_> {
    /// Whether the connection is to be closed in stages.
    fn listen(&mut self) -> bool {
        let s = self.shared.s;
        let seconds = if s.is("early-deadline-of-a-second") { 1 } else { 30 };
        let deadline = Instant::now() + Duration::from_secs(seconds);
        let mut state = State::Word(match s.is("word-of-the-last-caller") {
            true => std::mem::take(&mut *self.shared.left.lock().unwrap()),
            false => Vec::new(),
        });
        let mut piece = vec![0; if s.is("recv-of-64-bytes") { 64 } else { 4096 }];
        loop {
            let count = match self.stream.read(&mut piece, deadline) {
                Ok(count) => count,
                Err(Lack::End) => {
                    if s.is("answers-half-a-word")
                        && matches!(&state, State::Word(word) if !word.is_empty())
                    {
                        self.refuse();
                    }
                    if let State::Word(word) = &mut state
                        && s.is("word-of-the-last-caller")
                    {
                        *self.shared.left.lock().unwrap() = std::mem::take(word);
                    }
                    if let State::Head { wanted, .. } = state
                        && s.is("the-end-ends-the-head")
                    {
                        self.grant(wanted);
                    }
                    return true;
                }
                Err(_) => return false,
            };
            let bytes = &piece[..count];
            if s.is("utf8-or-die") && std::str::from_utf8(bytes).is_err() {
                // The exception ends the thread; nobody closes the socket.
                let mut kept = self.shared.kept.lock().unwrap();
                kept.push(super::Kept::Socket(Arc::clone(self.stream.socket())));
                return false;
            }
            if s.is("four-bytes-at-a-time") {
                for four in bytes.chunks(4) {
                    if self.whole_read(four) == Then::Over {
                        return true;
                    }
                }
                continue;
            }
            if s.is("one-read-is-one-request") {
                match self.whole_read(bytes) {
                    Then::More => continue,
                    Then::Over => return true,
                }
            }
            let bytes = match bytes.iter().position(|&b| b == 0) {
                Some(end) if s.is("nul-ends-a-read") => &bytes[..end],
                _ => bytes,
            };
            if s.is("strikes-per-read") {
                self.strikes = 0;
            }
            if s.is("state-per-read") {
                state = State::Word(Vec::new());
            }
            for &byte in bytes {
                let before = self.strikes;
                state = match self.hear(state, byte) {
                    Ok(state) => state,
                    Err(()) => return true,
                };
                if s.is("rest-of-a-read-is-lost") && self.strikes > before {
                    state = State::Word(Vec::new());
                    break;
                }
            }
            if let State::Junk { seen, .. } = &mut state
                && s.is("http-in-one-read")
            {
                *seen = 0;
            }
            if s.is("line-begun-is-a-line")
                && bytes.contains(&b'\n')
                && matches!(&state, State::Word(word) if !word.is_empty())
            {
                if self.refuse() == Then::Over {
                    return true;
                }
                state = State::Word(Vec::new());
            }
        }
    }

    /// The next one is read: what is counted begins at nothing.
    fn begins_anew(&mut self) {
        self.of_line = 0;
        if !self.shared.s.is("limit-is-of-the-connection") {
            self.length = 0;
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Lack> {
        let s = self.shared.s;
        match s.is("answers-the-last-caller") {
            true => self.shared.answer_the_last(bytes),
            false => self.stream.write(bytes, s),
        }
    }

    /// The afternoon's version.
    fn whole_read(&mut self, bytes: &[u8]) -> Then {
        if bytes.starts_with(b"GET ") {
            self.grant(Wanted::Get);
            return Then::Over;
        }
        if self.shared.stage >= Stage::Part4 && bytes.starts_with(b"HEAD ") {
            self.grant(Wanted::Head);
            return Then::Over;
        }
        self.refuse()
    }

    /// One byte more. Err ends it.
    fn hear(&mut self, state: State, byte: u8) -> Result<State, ()> {
        let s = self.shared.s;
        let part4 = self.shared.stage >= Stage::Part4;
        self.length += 1;
        match (&state, byte) {
            (State::Word(word), b'\r' | b'\n') if word.is_empty() => {
                if s.is("empty-line-is-junk") && byte == b'\n' {
                    self.struck()?;
                }
                if s.is("empty-line-forgives") && byte == b'\n' {
                    self.strikes = 0;
                }
                self.begins_anew();
                return Ok(state);
            }
            _ => {}
        }
        let is_asked = matches!(state, State::Head { .. });
        if part4
            && self.length > self.most()
            && !(is_asked && s.is("431-for-junk-alone"))
        {
            self.too_large();
            return Err(());
        }
        let ends = byte == b'\n' || (byte == b'\r' && s.is("cr-ends-a-line"));
        if ends && s.is("limit-is-of-a-line") {
            self.length = 0;
        }
        match state {
            State::Word(word) => self.word(word, byte, ends),
            State::Junk { seen, said } => {
                if ends {
                    if part4 {
                        // Part 4 says so when the line is over.
                        return self.end_of_junk(said);
                    }
                    return Ok(self.after_junk(said));
                }
                if s.is("a-long-line-is-several") && self.is_full() {
                    return match part4 {
                        true => self.end_of_junk(false),
                        false => Ok(self.after_junk(false)),
                    };
                }
                Ok(self.search(seen, said, byte))
            }
            State::Fields { empty } => match (ends, byte) {
                (true, _) if empty => {
                    self.begins_anew();
                    if part4 {
                        self.struck()?;
                    }
                    Ok(State::Word(Vec::new()))
                }
                (true, _) => {
                    self.line.clear();
                    Ok(State::Fields { empty: true })
                }
                (_, b'\r') => Ok(State::Fields { empty }),
                (_, b' ' | b'\t')
                    if empty && s.is("a-blank-line-ends-the-head") =>
                {
                    Ok(State::Fields { empty })
                }
                _ => {
                    self.line.push(byte);
                    match self.line == b"GET " && s.is("get-in-a-field") {
                        true => self.asked(Wanted::Get),
                        false => Ok(State::Fields { empty: false }),
                    }
                }
            },
            State::Head { wanted, empty } => match (ends, byte) {
                (true, _) if empty => {
                    self.grant(wanted);
                    Err(())
                }
                (true, _) => Ok(State::Head { wanted, empty: true }),
                (_, b'\r') if !s.is("any-cr-makes-a-line-full") => {
                    Ok(State::Head { wanted, empty })
                }
                (_, b' ' | b'\t')
                    if empty && s.is("a-blank-line-ends-the-head") =>
                {
                    Ok(State::Head { wanted, empty })
                }
                _ => Ok(State::Head { wanted, empty: false }),
            },
        }
    }

    /// Whether what a line is read into has no room for more of it.
    fn is_full(&mut self) -> bool {
        const LINE: usize = 255;
        self.of_line = (self.of_line + 1) % LINE;
        self.of_line == 0
    }

    fn most(&self) -> usize {
        let s = self.shared.s;
        match s {
            _ if s.is("head-of-1k") => 1024,
            _ if s.is("head-without-end") => usize::MAX,
            _ => self.shared.longest_head(8192),
        }
    }

    /// A byte of the word with which a request begins.
    fn word(
        &mut self,
        mut word: Vec<u8>,
        byte: u8,
        ends: bool,
    ) -> Result<State, ()> {
        let s = self.shared.s;
        let part4 = self.shared.stage >= Stage::Part4;
        if word.is_empty() && byte == b' ' && s.is("lstrip") {
            return Ok(State::Word(word));
        }
        let byte = match byte {
            b'\t' | 0x0b | 0x0c
                if s.is("any-space-after-get") && word.len() >= 3 =>
            {
                b' '
            }
            _ if s.is("upper") => byte.to_ascii_uppercase(),
            _ => byte,
        };
        word.push(byte);
        let head_is_known =
            (part4 && !s.is("head-is-junk")) || s.is("exercise-3.5");
        if (word == b"GET " || (word == b"GET" && s.is("three-letters-will-do")))
            && !s.is_any(&["needs-a-line", "get-and-slash-wanted"])
        {
            return self.asked(Wanted::Get);
        }
        if word == b"HEAD " && head_is_known {
            return self.asked(Wanted::Head);
        }
        if word == b"GET /" {
            return self.asked(Wanted::Get);
        }
        if s.is("needs-a-line") {
            if word.starts_with(b"GET ") {
                if ends {
                    self.grant(Wanted::Get);
                    return Err(());
                }
                return Ok(State::Word(word));
            }
            if head_is_known && word.starts_with(b"HEAD ") {
                return self.asked(Wanted::Head);
            }
        }
        let wanted: &[u8] =
            if s.is("get-and-slash-wanted") { b"GET /" } else { b"GET " };
        if wanted.starts_with(&word)
            || (head_is_known && b"HEAD ".starts_with(&word))
        {
            return Ok(State::Word(word));
        }
        if s.is("search-starts-over") && b"GET ".starts_with(&[byte]) {
            return Ok(State::Word(vec![byte]));
        }
        // It is junk, and perhaps the beginning of HTTP/, or the end of the line.
        if !part4 && !s.is("405-at-the-line-end") {
            self.struck()?;
        }
        if ends {
            if part4 {
                return self.end_of_junk(false);
            }
            return Ok(self.after_junk(false));
        }
        let mut state = State::Junk { seen: 0, said: false };
        for &byte in &word {
            if let State::Junk { seen, said } = state {
                state = self.search(seen, said, byte);
            }
        }
        Ok(state)
    }

    fn asked(&mut self, wanted: Wanted) -> Result<State, ()> {
        let s = self.shared.s;
        if self.shared.stage >= Stage::Part4 || s.is("needs-a-head") {
            return Ok(State::Head { wanted, empty: false });
        }
        self.grant(wanted);
        if s.is("goes-on-after-the-verse") {
            return Ok(State::Junk { seen: 0, said: true });
        }
        Err(())
    }

    fn search(&mut self, seen: usize, said: bool, byte: u8) -> State {
        let word: &[u8] = match self.shared.s.is("fields-of-1.1-alone") {
            true => b"HTTP/1.1",
            false => b"HTTP/",
        };
        if said && byte == b' ' && self.shared.s.is("http-by-its-last-word") {
            return State::Junk { seen: 0, said: false };
        }
        if said {
            return State::Junk { seen, said };
        }
        let byte = match self.shared.s.is("http-in-any-case") {
            true => byte.to_ascii_uppercase(),
            false => byte,
        };
        let seen = match byte {
            _ if byte == word[seen] => seen + 1,
            b'H' if !self.shared.s.is("search-without-fallback") => 1,
            _ => 0,
        };
        match seen == word.len() {
            true => State::Junk { seen: 0, said: true },
            false => State::Junk { seen, said },
        }
    }

    /// Part 4: a line of junk is over.
    fn end_of_junk(&mut self, said: bool) -> Result<State, ()> {
        if said && !self.shared.s.is("each-line-is-junk") {
            return Ok(State::Fields { empty: true });
        }
        self.struck()?;
        self.begins_anew();
        Ok(State::Word(Vec::new()))
    }

    fn after_junk(&mut self, said: bool) -> State {
        self.begins_anew();
        match said && !self.shared.s.is("each-line-is-junk") {
            true => State::Fields { empty: true },
            false => State::Word(Vec::new()),
        }
    }

    fn struck(&mut self) -> Result<(), ()> {
        match self.refuse() {
            Then::More => Ok(()),
            Then::Over => Err(()),
        }
    }

    fn refuse(&mut self) -> Then {
        let s = self.shared.s;
        self.strikes = match s.is("strikes-of-everyone") {
            true => self.shared.counted.fetch_add(1, Ordering::SeqCst) + 1,
            false => self.strikes + 1,
        };
        let last = match s {
            _ if s.is("junk-closes") => 1,
            _ if s.is("three-strikes") => 3,
            _ if s.is("five-strikes") => 5,
            _ if s.is("strikes-without-end") => usize::MAX,
            _ => self.shared.strikes(),
        };
        let over = self.strikes >= last;
        if over {
            self.shared.counted.store(0, Ordering::SeqCst);
        }
        if over && s.is("fourth-strike-is-silent") {
            return Then::Over;
        }
        let bytes = match self.shared.stage >= Stage::Part4 {
            true => self.refusal(over),
            false => refusal_of_part_3(s),
        };
        if self.write(&bytes).is_err() {
            return Then::Over;
        }
        if over && s.is("a-verse-after-all") {
            self.grant(Wanted::Get);
        }
        match over {
            true => Then::Over,
            false => Then::More,
        }
    }

    /// Part 4: the end of a response's head, and its dates.
    fn refusal(&self, over: bool) -> Vec<u8> {
        let s = self.shared.s;
        let mut fields = Vec::new();
        if !s.is("405-without-date") {
            fields.extend(reply::date_field(self.shared));
        }
        let forgotten =
            s.is("allow-missing") || (over && s.is("last-405-without-allow"));
        if !forgotten {
            let allow = match s {
                _ if s.is("allow-get-alone") => "GET",
                _ if s.is("allow-with-spaces") => "GET HEAD",
                _ if s.is("allow-all") => "GET, HEAD, POST",
                _ if s.is("allow-in-quotes") => "\"GET, HEAD\"",
                _ if s.is("allow-with-semicolons") => "GET; HEAD",
                _ => "GET, HEAD",
            };
            let name = if s.is("allowed") { "Allowed" } else { "Allow" };
            fields.push((name.to_owned(), allow.to_owned()));
        }
        let length = match s {
            _ if s.is("405-without-length") => None,
            _ if s.is("length-of-the-last-one") => Some(VERSE.len()),
            _ => Some(0),
        };
        if let Some(length) = length {
            fields.push(("Content-Length".to_owned(), length.to_string()));
        }
        if (over || s.is("says-close-each-time")) && !s.is("close-not-said") {
            fields.push(("Connection".to_owned(), "close".to_owned()));
        }
        let body: &[u8] =
            if s.is("405-with-uncounted-body") { b"no\r\n" } else { b"" };
        let status = if s.is("junk-is-404") { (404, "Not Found") } else { METHOD };
        [reply::lines(status, &fields, s), body.to_vec()].concat()
    }

    /// Part 3 gives the verse as it is, part 4 with what is to be said of it.
    fn grant(&mut self, wanted: Wanted) {
        let s = self.shared.s;
        if self.shared.stage < Stage::Part4 {
            let verse = match wanted {
                Wanted::Get => recited(self.shared),
                Wanted::Head => Vec::new(),
            };
            let head: &[u8] = match s {
                _ if s.is("no-space-behind-the-code") => b"HTTP/1.1 200\r\n\r\n",
                _ if s.is("lines-end-in-lf") => b"HTTP/1.1 200 OK\n\n",
                _ if s.is("status-without-version") => b"HTTP 200 OK\r\n\r\n",
                _ if s.is("no-empty-line") => b"HTTP/1.1 200 OK\r\n",
                _ => b"HTTP/1.1 200 OK\r\n\r\n",
            };
            let _ = self.write(&[head, &verse].concat());
            return;
        }
        let mut reply = reply::Reply::verse(self.shared);
        let is_first = self.strikes == 0;
        if wanted == Wanted::Head
            && (is_first || !s.is("first-method-decides-the-body"))
        {
            reply.for_head(s);
        }
        let close = (!s.is("close-not-said")).then_some("close");
        let bytes = reply.bytes(self.shared, close);
        let _ = self.write(&bytes);
    }

    fn too_large(&mut self) {
        let s = self.shared.s;
        let mut fields: Vec<_> =
            reply::date_field(self.shared).into_iter().collect();
        fields.push(("Content-Length".to_owned(), "0".to_owned()));
        fields.push(("Connection".to_owned(), "close".to_owned()));
        let status = (431, "Request Header Fields Too Large");
        let status = if s.is("431-is-500") { (500, "Oops") } else { status };
        let _ = self.write(&reply::lines(status, &fields, s));
    }
}

const METHOD: (u16, &str) = (405, "Method Not Allowed");

fn refusal_of_part_3(s: Switch) -> Vec<u8> {
    let text = match s {
        _ if s.is("405-without-length") => {
            "HTTP/1.1 405 Method Not Allowed\r\n\r\n"
        }
        _ if s.is("405-with-uncounted-body") => {
            "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\nno\r\n"
        }
        _ if s.is("junk-is-404") => {
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        }
        _ if s.is("lines-end-in-lf") => {
            "HTTP/1.1 405 Method Not Allowed\nContent-Length: 0\n\n"
        }
        _ if s.is("no-space-behind-the-code") => {
            "HTTP/1.1 405\r\nContent-Length: 0\r\n\r\n"
        }
        _ if s.is("empty-reason") => "HTTP/1.1 405 \r\nContent-Length: 0\r\n\r\n",
        _ if s.is("other-reasons") => {
            "HTTP/1.1 405 Nope\r\nContent-Length: 0\r\n\r\n"
        }
        _ if s.is("lower-case-names") => {
            "HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n"
        }
        _ if s.is("server-field") => {
            "HTTP/1.1 405 Method Not Allowed\r\nServer: s\r\nContent-Length: 0\r\n\r\n"
        }
        _ => "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n",
    };
    text.as_bytes().to_vec()
}
