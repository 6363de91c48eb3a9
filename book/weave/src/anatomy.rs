//! A recorded request or response as a drawing, each byte in its place and each part
//! named.

use crate::html::escape;
use crate::kind::Way;

/// How wide a byte is drawn, and how high; in SVG's units, as all below.
const CELL: usize = 12;
const HEIGHT: usize = 20;
/// Where the first byte of a line is.
const LEFT: usize = 42;
const WIDTH: usize = 650;
/// How wide a letter of a name is, at most on average.
const LETTER: usize = 6;

/// Which of an exchange's messages is drawn: the first of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What the client sent.
    Request,
    /// What the server answered.
    Response,
}

impl Kind {
    /// What it is called.
    pub fn name(self) -> &'static str {
        if self == Kind::Request { "request" } else { "response" }
    }

    /// Which way it went.
    pub fn way(self) -> Way {
        if self == Kind::Request { Way::Sent } else { Way::Received }
    }

    /// What its first line is called, and the parts of that.
    fn first_line(self) -> (&'static str, [&'static str; 3]) {
        match self {
            Kind::Request => {
                ("request line", ["method", "request target", "version"])
            }
            Kind::Response => {
                ("status line", ["version", "status", "reason phrase"])
            }
        }
    }

    /// What stands before its lines on record.
    fn mark(self) -> &'static str {
        if self == Kind::Request { "> " } else { "< " }
    }
}

/// A line of the message.
struct Row {
    line: String,
    parts: Vec<Part>,
    /// Whether the parts' names are written below them.
    named: bool,
    /// What is written beside it.
    note: String,
}

/// A stretch of a line that has a name, in bytes from the line's start.
struct Part {
    from: usize,
    to: usize,
    name: &'static str,
}

/// A message, cut into rows.
struct Message {
    rows: Vec<Row>,
    /// The fields' names.
    fields: Vec<String>,
    /// How many bytes the head has, and the body.
    head: usize,
    body: usize,
}

/// Draws the first message of a kind in a recorded exchange; `id` tells the drawing's
/// elements from those of others on the page.
///
/// # Errors
/// If there is none in it.
pub fn draw(exchange: &str, kind: Kind, id: &str) -> Result<String, String> {
    let message = read(exchange, kind)?;
    let what = kind.name();
    let mut drawn = String::new();
    let (mut top, mut offset) = (2, 0);
    for row in &message.rows {
        drawn.push_str(&draw_row(row, top, offset));
        top += if row.named { HEIGHT + 26 } else { HEIGHT + 12 };
        offset += row.line.len();
    }
    Ok(format!(
        "<figure class=\"drawing\">\n<svg viewBox=\"0 0 {WIDTH} {top}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-text\" fill=\"none\" \
         stroke=\"currentColor\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <title id=\"{id}-title\">A {what}, byte by byte</title>\n\
         <desc id=\"{id}-text\">{}</desc>\n{drawn}</svg>\n\
         <figcaption>On the left, how many bytes have gone before.</figcaption>\n\
         </figure>\n",
        describe(&message, kind),
    ))
}

/// The drawing in words.
fn describe(Message { fields, head, body, .. }: &Message, kind: Kind) -> String {
    let (line, [first, second, third]) = kind.first_line();
    let fields = match &fields[..] {
        [] => String::new(),
        fields => format!("the fields {}; ", fields.join(", ")),
    };
    let body = match body {
        0 => "no body".to_owned(),
        body => format!("a body of {body} bytes"),
    };
    format!(
        "Each byte in a box, line below line: a {line} of a {first}, a {second} and a \
         {third}; {fields}an empty line, with which the head ends after {head} bytes; \
         and {body}. Each line of the head ends with CR and LF."
    )
}

fn read(exchange: &str, kind: Kind) -> Result<Message, String> {
    let lines = exchange.lines().filter_map(|line| line.strip_prefix(kind.mark()));
    let starts = |line: &&str| match kind {
        Kind::Request => line.contains(" HTTP/"),
        Kind::Response => line.starts_with("HTTP/"),
    };
    let mut lines = lines
        .skip_while(|line| !starts(line))
        .take_while(|line| !line.is_empty())
        .map(|line| line.replace("\\r", "\r").replace("\\n", "\n"));
    let (mut rows, fields) = read_head(&mut lines, kind)?;
    let head: usize = rows.iter().map(|row| row.line.len()).sum();
    let lines: Vec<String> = lines.take_while(|line| !starts(&&**line)).collect();
    let body = lines.iter().map(String::len).sum();
    if let Some(line) = lines.into_iter().next() {
        let note = format!("… the body: {body} bytes, up to byte {}", head + body);
        rows.push(Row { line, parts: Vec::new(), named: false, note });
    }
    Ok(Message { rows, fields, head, body })
}

/// The rows of a head, with the line that ends it, and its fields' names.
fn read_head(
    lines: &mut impl Iterator<Item = String>,
    kind: Kind,
) -> Result<(Vec<Row>, Vec<String>), String> {
    let (mut rows, mut fields) = (Vec::new(), Vec::new());
    loop {
        let line = lines.next().ok_or("that exchange has no whole head in it")?;
        let end = line == "\r\n";
        let (parts, note) = match line.split_once(": ") {
            _ if rows.is_empty() => {
                (first_line(&line, kind), "CR and LF end a line")
            }
            _ if end => (Vec::new(), "an empty line ends the head"),
            Some((name, value)) => {
                fields.push(name.to_owned());
                (field_line(name.len(), value.trim_end().len()), "")
            }
            None => return Err(format!("no colon in {line:?}")),
        };
        // All fields are alike, and the first has the names.
        let named = fields.len() < 2 && !end;
        rows.push(Row { line, parts, named, note: note.into() });
        if end {
            return Ok((rows, fields));
        }
    }
}

/// The parts of a request line or a status line (RFC 9112 sections 3 and 4).
fn first_line(line: &str, kind: Kind) -> Vec<Part> {
    let mut from = 0;
    let words = line.trim_end().splitn(3, ' ');
    let (_, names) = kind.first_line();
    let parts = words.zip(names).map(|(word, name)| {
        let part = Part { from, to: from + word.len(), name };
        from = part.to + 1;
        part
    });
    parts.collect()
}

/// The parts of a field line (RFC 9112 section 5), with a colon and a space between.
fn field_line(name: usize, value: usize) -> Vec<Part> {
    vec![
        Part { from: 0, to: name, name: "field name" },
        Part { from: name + 2, to: name + 2 + value, name: "field value" },
    ]
}

/// Where a byte of a line begins.
fn at(byte: usize) -> usize {
    LEFT + byte * CELL
}

fn draw_row(row: &Row, top: usize, offset: usize) -> String {
    let Row { line, parts, named, note } = row;
    let (baseline, bottom) = (top + 14, top + HEIGHT);
    let (end, right) = (at(line.trim_end().len()), at(line.len()));
    let letters =
        line.char_indices().map(|(index, it)| letter(index, it, baseline));
    let named = if *named { &parts[..] } else { &[] };
    let brackets = parts.iter().map(|part| bracket(part, bottom));
    let cuts = line.char_indices().skip(1);
    let cuts = cuts.map(|(index, _)| format!("M{} {top} V{bottom}", at(index)));
    format!(
        "<g stroke=\"none\" fill=\"currentColor\" text-anchor=\"middle\">\
         <text x=\"{}\" y=\"{baseline}\" text-anchor=\"end\">{offset}</text>\
         <rect x=\"{end}\" y=\"{top}\" width=\"{}\" height=\"{HEIGHT}\" \
         opacity=\"0.15\"/>{}\
         <text x=\"{}\" y=\"{baseline}\" text-anchor=\"start\">{note}</text>{}\
         </g><path stroke-width=\"0.5\" d=\"{}\"/>\
         <path d=\"M{LEFT} {top} H{right} V{bottom} H{LEFT} Z{}\"/>\n",
        LEFT - 8,
        right - end,
        letters.collect::<String>(),
        right + 8,
        names(named, bottom + 17),
        cuts.collect::<Vec<String>>().join(" "),
        brackets.collect::<String>(),
    )
}

/// A character in the middle of its bytes; white space as a sign for it.
fn letter(index: usize, character: char, baseline: usize) -> String {
    let (shown, size) = match character {
        '\r' => ("\\r".to_owned(), 10),
        '\n' => ("\\n".to_owned(), 10),
        ' ' => ("␣".to_owned(), 13),
        _ => (escape(&character.to_string()), 13),
    };
    let middle = at(index) + character.len_utf8() * CELL / 2;
    format!(
        "<text class=\"letter\" x=\"{middle}\" y=\"{baseline}\" font-family=\"monospace\" \
         font-size=\"{size}\">{shown}</text>"
    )
}

/// The parts' names, each below the middle of its part. One that is too long for its
/// part begins where the part does, and none begins before the last has ended.
fn names(parts: &[Part], baseline: usize) -> String {
    let (mut drawn, mut free) = (String::new(), 0);
    for Part { from, to, name } in parts {
        let width = name.len() * LETTER;
        let wanted = match (to - from + 1) * CELL < width {
            true => at(*from),
            false => at(*from).midpoint(at(*to)) - width / 2,
        };
        let x = wanted.max(free);
        free = x + width + LETTER;
        drawn.push_str(&format!(
            "<text x=\"{x}\" y=\"{baseline}\" text-anchor=\"start\">{name}</text>"
        ));
    }
    drawn
}

/// What holds a part together, from below.
fn bracket(Part { from, to, .. }: &Part, bottom: usize) -> String {
    let (left, right) = (at(*from) + 2, at(*to) - 2);
    let (above, below) = (bottom + 2, bottom + 6);
    format!(" M{left} {above} V{below} H{right} V{above}")
}
