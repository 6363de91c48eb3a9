//! Answers to the exercises of Part 4.

use std::io::{self, BufRead, Read};
use std::time::SystemTime;

/// 4.3: a text in UTF-16, with the byte order mark in front.
pub fn utf16(text: &str) -> Vec<u8> {
    let mut bytes = vec![0xfe, 0xff];
    bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    bytes
}

/// 4.4: the values of a field, in a head that may be anything.
pub fn values<'a>(head: &'a [u8], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    head.split(|&byte| byte == b'\n').skip(1).filter_map(move |line| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        let (found, value) = line.split_at(colon);
        let wanted = found.eq_ignore_ascii_case(name.as_bytes());
        wanted.then_some(value[1..].trim_ascii())
    })
}

/// 4.4: whether the caller has it already, as far as its head says.
pub fn is_fresh(head: &[u8], last_modified: SystemTime) -> bool {
    if values(head, "If-None-Match").next().is_some() {
        return false;
    }
    let mut since = values(head, "If-Modified-Since");
    let (Some(date), None) = (since.next(), since.next()) else { return false };
    let date = str::from_utf8(date).ok();
    let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
    date.is_some_and(|date| last_modified <= date)
}

/// 4.5: a time since 1970 and before 10000 as an IMF-fixdate.
pub fn imf_fixdate(time: SystemTime) -> String {
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [(&str, u64); 12] = [
        ("Mar", 31),
        ("Apr", 30),
        ("May", 31),
        ("Jun", 30),
        ("Jul", 31),
        ("Aug", 31),
        ("Sep", 30),
        ("Oct", 31),
        ("Nov", 30),
        ("Dec", 31),
        ("Jan", 31),
        ("Feb", 29),
    ];
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    // 1 January 1970 was a Thursday, and 719 468 days after 1 March of the year 0.
    let weekday = WEEKDAYS[(days % 7) as usize];
    let (days, mut day) = ((days + 719_468) / 146_097, (days + 719_468) % 146_097);
    // The last of four centuries, and of four years, may have a day more.
    let century = (day / 36_524).min(3);
    day -= century * 36_524;
    let fours = day / 1461;
    day -= fours * 1461;
    let one = (day / 365).min(3);
    day -= one * 365;
    let mut year = days * 400 + century * 100 + fours * 4 + one;
    let mut month = 0;
    while day >= MONTHS[month].1 {
        day -= MONTHS[month].1;
        month += 1;
    }
    // January and February belong to the next year after all.
    if month >= 10 {
        year += 1;
    }
    format!(
        "{weekday}, {:02} {} {year:04} {:02}:{:02}:{:02} GMT",
        day + 1,
        MONTHS[month].0,
        second / 3600,
        second / 60 % 60,
        second % 60,
    )
}

/// 4.6: how a response came to its end.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    AsPromised,
    /// So many bytes fewer came than were promised.
    Missing(u64),
    /// So many more.
    LeftOver(u64),
    /// The connection closed, and that was the end, or an accident.
    NothingPromised,
}

/// 4.6: a response, read to its end.
#[derive(Debug)]
pub struct Received {
    pub head: Vec<u8>,
    pub body: Vec<u8>,
    pub ended: Ended,
}

/// 4.6: reads the response to the one request that was sent, and whatever follows,
/// up to the end of `input`.
pub fn receive(mut input: impl BufRead, method: &str) -> io::Result<Received> {
    const MAX_HEAD: u64 = 64 * 1024;
    let mut head = Vec::new();
    let mut lines = input.by_ref().take(MAX_HEAD);
    while !(head.ends_with(b"\n\r\n") || head.ends_with(b"\n\n")) {
        if lines.read_until(b'\n', &mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let promised = promised(&head, method)?;
    let mut body = Vec::new();
    input.by_ref().take(promised.unwrap_or(u64::MAX)).read_to_end(&mut body)?;
    let left_over = io::copy(&mut input, &mut io::sink())?;
    let ended = match promised {
        None => Ended::NothingPromised,
        Some(length) if length > body.len() as u64 => {
            Ended::Missing(length - body.len() as u64)
        }
        Some(_) if left_over > 0 => Ended::LeftOver(left_over),
        Some(_) => Ended::AsPromised,
    };
    Ok(Received { head, body, ended })
}

/// How long a body is to be, by RFC 9112 section 6.3, chunks apart.
fn promised(head: &[u8], method: &str) -> io::Result<Option<u64>> {
    let status = head.split(|&byte| byte == b' ').nth(1).unwrap_or_default();
    if method == "HEAD" || matches!(status, [b'1', ..] | b"204" | b"304") {
        return Ok(Some(0));
    }
    let mut lengths = values(head, "Content-Length");
    let Some(length) = lengths.next() else { return Ok(None) };
    let digits = lengths.next().is_none() && length.iter().all(u8::is_ascii_digit);
    let length = str::from_utf8(length).ok().filter(|_| digits);
    let number = length.and_then(|length| length.parse().ok());
    number.map(Some).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Write};
    use std::net::{Shutdown, TcpStream};
    use std::time::{Duration, UNIX_EPOCH};

    use rohttp::verse::VERSE;

    use super::*;
    use crate::support::Server;

    #[test]
    fn the_verse_in_utf16_has_2072_bytes_and_is_the_verse() {
        let bytes = utf16(VERSE);
        assert_eq!(bytes.len(), 2072);
        let (pairs, rest) = bytes.as_chunks::<2>();
        assert_eq!(rest, b"");
        let pairs: Vec<u16> =
            pairs.iter().copied().map(u16::from_be_bytes).collect();
        assert_eq!(String::from_utf16(&pairs).unwrap(), format!("\u{feff}{VERSE}"));
    }

    #[test]
    fn who_has_the_verse_need_not_have_it_again() {
        let modified = UNIX_EPOCH + Duration::from_secs(554_342_400);
        let fresh = |fields: &str| {
            is_fresh(format!("GET / HTTP/1.1\r\n{fields}\r\n").as_bytes(), modified)
        };
        assert!(fresh("If-Modified-Since: Mon, 27 Jul 1987 00:00:00 GMT\r\n"));
        assert!(fresh("IF-MODIFIED-SINCE:Monday, 27-Jul-87 00:00:00 GMT \r\n"));
        assert!(fresh("A: b\r\nif-modified-since: Tue Jul 28 00:00:00 1987\n"));
        assert!(!fresh("If-Modified-Since: Sun, 26 Jul 1987 23:59:59 GMT\r\n"));
        assert!(!fresh("If-Modified-Since: yesterday\r\n"));
        assert!(!fresh("If-Modified-Since: \u{ff}\r\n"));
        assert!(!fresh("If-Modified-Since\r\n"));
        assert!(!fresh("Since: Mon, 27 Jul 1987 00:00:00 GMT\r\n"));
        let date = "If-Modified-Since: Mon, 27 Jul 1987 00:00:00 GMT\r\n";
        assert!(!fresh(&format!("{date}{date}")));
        assert!(!fresh(&format!("{date}If-None-Match: \"a\"\r\n")));
    }

    #[test]
    fn a_calendar_of_ones_own_agrees_for_four_hundred_years() {
        for day in 0..146_097 {
            let time =
                UNIX_EPOCH + Duration::from_secs(day * 86_400 + day % 86_400);
            assert_eq!(imf_fixdate(time), httpdate::fmt_http_date(time));
        }
        let last = UNIX_EPOCH + Duration::from_secs(253_402_300_799);
        assert_eq!(imf_fixdate(last), "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    fn ended(response: &str, method: &str) -> Ended {
        receive(response.as_bytes(), method).unwrap().ended
    }

    #[test]
    fn a_broken_promise_is_noticed() {
        let lying = |by: isize| {
            let length = VERSE.len().saturating_add_signed(by);
            format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{VERSE}")
        };
        assert_eq!(ended(&lying(0), "GET"), Ended::AsPromised);
        assert_eq!(ended(&lying(4), "GET"), Ended::Missing(4));
        assert_eq!(ended(&lying(-4), "GET"), Ended::LeftOver(4));
        assert_eq!(ended(&lying(0), "HEAD"), Ended::LeftOver(1039));
        assert_eq!(
            ended("HTTP/1.1 200 OK\r\n\r\na", "GET"),
            Ended::NothingPromised
        );
        let no_content = "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc";
        assert_eq!(ended(no_content, "GET"), Ended::LeftOver(3));
        for wrong in ["HTTP/1.1 200 OK\r\n", "", "HTTP/1.1 200 OK\r\nA: b"] {
            let error = receive(wrong.as_bytes(), "GET").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{wrong}");
        }
        for length in ["+1", "1, 1", "", "1\r\nContent-Length: 1", &"9".repeat(30)]
        {
            let wrong =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\na");
            let error = receive(wrong.as_bytes(), "GET").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{length}");
        }
    }

    #[test]
    fn what_parts_3_and_4_promise_and_keep() {
        for (part, method, expected, length) in [
            ("part3", "GET", Ended::NothingPromised, VERSE.len()),
            ("part4", "GET", Ended::AsPromised, VERSE.len()),
            ("part4", "HEAD", Ended::AsPromised, 0),
            ("part4", "POST", Ended::AsPromised, 0),
        ] {
            let server = Server::start(part);
            let mut stream = TcpStream::connect(server.addresses[0]).unwrap();
            write!(stream, "{method} / HTTP/1.1\r\n\r\n").unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            let received = receive(BufReader::new(stream), method).unwrap();
            assert_eq!(received.ended, expected, "{part} {method}");
            assert_eq!(received.body.len(), length, "{part} {method}");
            assert!(received.head.starts_with(b"HTTP/1.1 "));
        }
    }
}
