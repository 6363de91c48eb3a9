//! Exchanges as they stand in files: what is sent after `>`, what came back after `<`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Bytes as a page can show them, a line of theirs on a line: what cannot be seen, or
/// is no text, is written as an escape, and so is the backslash.
pub fn visible(bytes: &[u8]) -> String {
    let mut shown = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\r' => shown.push_str("\\r"),
                '\n' => shown.push_str("\\n\n"),
                '\t' => shown.push_str("\\t"),
                '\\' => shown.push_str("\\\\"),
                ' ' => shown.push(' '),
                c if c.is_control() || c.is_whitespace() => {
                    shown += &in_hexadecimal(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                c => shown.push(c),
            }
        }
        shown += &in_hexadecimal(chunk.invalid());
    }
    shown
}

fn in_hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect()
}

/// The bytes that [`visible`] shows so. The page's own line ends are none of them.
pub fn bytes_of(shown: &str) -> Vec<u8> {
    let shown = shown.replace('\n', "");
    let (mut bytes, mut rest) = (Vec::new(), shown.as_str());
    while let Some((before, escape)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        let (byte, length) = match escape.bytes().next() {
            Some(b'r') => (Some(b'\r'), 1),
            Some(b'n') => (Some(b'\n'), 1),
            Some(b't') => (Some(b'\t'), 1),
            Some(b'\\') => (Some(b'\\'), 1),
            Some(b'x') => (hexadecimal(escape.get(1..3)), 3),
            _ => (None, 0),
        };
        bytes.push(byte.unwrap_or_else(|| panic!("no escape is \\{escape}")));
        rest = &escape[length..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

fn hexadecimal(digits: Option<&str>) -> Option<u8> {
    u8::from_str_radix(digits?, 16).ok()
}

/// An exchange as its file has it. Each Date that came back must be now, and is
/// written as the first there was.
pub fn exchange(sent: &[u8], received: &[u8]) -> String {
    let marked = |shown: &str, mark: &str| {
        shown.lines().map(|line| format!("{mark} {line}\n")).collect::<String>()
    };
    let received = replace_dates(&visible(received));
    marked(&visible(sent), ">") + &marked(&received, "<")
}

fn replace_dates(text: &str) -> String {
    const DATE: &str = "Date: ";
    const SHOWN: &str = "Thu, 01 Jan 1970 00:00:00 GMT";
    let mut parts = text.split(DATE);
    let mut replaced = parts.next().unwrap().to_owned();
    for part in parts {
        let (date, rest) = part.split_at(SHOWN.len());
        let time = httpdate::parse_http_date(date).unwrap();
        assert_eq!(httpdate::fmt_http_date(time), date, "not an IMF-fixdate");
        let now = SystemTime::now();
        let apart = now.duration_since(time).unwrap_or_else(|e| e.duration());
        assert!(apart < Duration::from_secs(60), "{date} is not now");
        replaced.push_str(DATE);
        replaced.push_str(SHOWN);
        replaced.push_str(rest);
    }
    replaced
}

/// The exchanges in a folder: their names, and what each says is sent. What insta
/// leaves behind when one comes out otherwise is none of them.
///
/// # Errors
/// Says what else is there, or that nothing is.
pub fn recorded(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut exchanges = BTreeMap::new();
    let unread = |error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        if let Some(name) = file.strip_suffix(".snap") {
            let text = fs::read_to_string(&path);
            let text = text.map_err(|error| format!("{file}: {error}"))?;
            exchanges.insert(name.to_owned(), sent(&text));
        } else if !file.ends_with(".snap.new") {
            return Err(format!("{} is not read", path.display()));
        }
    }
    match exchanges.is_empty() {
        true => Err(format!("there is nothing in {}", folder.display())),
        false => Ok(exchanges),
    }
}

/// What the text of an exchange says is sent.
fn sent(text: &str) -> Vec<u8> {
    bytes_of(
        &text
            .lines()
            .filter_map(|line| line.strip_prefix("> "))
            .collect::<String>(),
    )
}
