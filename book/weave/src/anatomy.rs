//! A recorded response as a drawing, each byte in its place and each part named.

use crate::html::escape;

/// How wide a byte is drawn, and how high; in SVG's units, as all below.
const CELL: usize = 12;
const HEIGHT: usize = 20;
/// Where the first byte of a line is.
const LEFT: usize = 42;
const WIDTH: usize = 650;

/// A line of the response.
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

/// A response, cut into rows.
struct Response {
    rows: Vec<Row>,
    /// The fields' names.
    fields: Vec<String>,
    /// How many bytes the head has, and the body.
    head: usize,
    body: usize,
}

/// Draws the first response of a recorded exchange; `id` tells the drawing's
/// elements from those of others on the page.
///
/// # Errors
/// If there is no response in it.
pub fn draw(exchange: &str, id: &str) -> Result<String, String> {
    let Response { rows, fields, head, body } = read(exchange)?;
    let mut drawn = String::new();
    let (mut top, mut offset) = (2, 0);
    for row in &rows {
        drawn.push_str(&draw_row(row, top, offset));
        top += if row.named { HEIGHT + 26 } else { HEIGHT + 12 };
        offset += row.line.len();
    }
    Ok(format!(
        "<figure class=\"drawing\">\n<svg viewBox=\"0 0 {WIDTH} {top}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-text\" fill=\"none\" \
         stroke=\"currentColor\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <title id=\"{id}-title\">A response, byte by byte</title>\n\
         <desc id=\"{id}-text\">Each byte in a box, line below line: a status line of \
         a version, a status code and a reason phrase; the fields {}; an empty line, \
         with which the head ends after {head} bytes; and a body of {body} bytes. \
         Each line of the head ends with CR and LF.</desc>\n{drawn}</svg>\n\
         <figcaption>On the left, how many bytes have gone before.</figcaption>\n\
         </figure>\n",
        fields.join(", "),
    ))
}

fn read(exchange: &str) -> Result<Response, String> {
    let lines = exchange.lines().filter_map(|line| line.strip_prefix("< "));
    let mut lines = lines
        .skip_while(|line| !line.starts_with("HTTP/"))
        .map(|line| line.replace("\\r", "\r").replace("\\n", "\n"));
    let (mut rows, fields) = read_head(&mut lines)?;
    let head: usize = rows.iter().map(|row| row.line.len()).sum();
    let lines: Vec<String> =
        lines.take_while(|line| !line.starts_with("HTTP/")).collect();
    let body = lines.iter().map(String::len).sum();
    if let Some(line) = lines.into_iter().next() {
        let note = format!("… the body: {body} bytes, up to byte {}", head + body);
        rows.push(Row { line, parts: Vec::new(), named: false, note });
    }
    Ok(Response { rows, fields, head, body })
}

/// The rows of a head, with the line that ends it, and its fields' names.
fn read_head(
    lines: &mut impl Iterator<Item = String>,
) -> Result<(Vec<Row>, Vec<String>), String> {
    let (mut rows, mut fields) = (Vec::new(), Vec::new());
    loop {
        let line = lines.next().ok_or("that exchange has no whole head in it")?;
        let end = line == "\r\n";
        let (parts, note) = match line.split_once(": ") {
            _ if rows.is_empty() => (status_line(&line), "CR and LF end a line"),
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

/// The parts of a status line (RFC 9112 section 4).
fn status_line(line: &str) -> Vec<Part> {
    let mut from = 0;
    let words = line.trim_end().splitn(3, ' ');
    let names = ["version", "status", "reason phrase"];
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
    let names = parts.iter().filter(|_| *named).map(|it| name(it, bottom + 17));
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
        names.collect::<String>(),
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
        "<text x=\"{middle}\" y=\"{baseline}\" font-family=\"monospace\" \
         font-size=\"{size}\">{shown}</text>"
    )
}

/// A part's name; one that is too long for its part begins where the part does.
fn name(Part { from, to, name }: &Part, baseline: usize) -> String {
    let (x, anchor) = match (to - from + 1) * CELL < name.len() * 6 {
        true => (at(*from), "start"),
        false => (at(*from).midpoint(at(*to)), "middle"),
    };
    format!(
        "<text x=\"{x}\" y=\"{baseline}\" text-anchor=\"{anchor}\">{name}</text>"
    )
}

/// What holds a part together, from below.
fn bracket(Part { from, to, .. }: &Part, bottom: usize) -> String {
    let (left, right) = (at(*from) + 2, at(*to) - 2);
    let (above, below) = (bottom + 2, bottom + 6);
    format!(" M{left} {above} V{below} H{right} V{above}")
}
