//! A recorded response as a drawing, each byte in its place and each part named.

use std::fmt::Write;

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

/// Draws the first response of a recorded exchange; `id` tells the drawing's
/// elements from those of others on the page.
///
/// # Errors
/// If there is no response in it.
pub fn draw(exchange: &str, id: &str) -> Result<String, String> {
    let lines = exchange.lines().filter_map(|line| line.strip_prefix("< "));
    let mut lines = lines
        .skip_while(|line| !line.starts_with("HTTP/"))
        .map(|line| line.replace("\\r", "\r").replace("\\n", "\n"));
    let mut rows = Vec::new();
    let mut fields = Vec::new();
    loop {
        let line = lines.next().ok_or("that exchange has no whole head in it")?;
        let (parts, note) = match line.split_once(": ") {
            _ if rows.is_empty() => (status_line(&line), "CR and LF end a line"),
            _ if line == "\r\n" => (Vec::new(), "an empty line ends the head"),
            Some((name, value)) => {
                fields.push(name.to_owned());
                (field_line(name.len(), value.trim_end().len()), "")
            }
            None => return Err(format!("no colon in {line:?}")),
        };
        let end = line == "\r\n";
        // All fields are alike, and the first has the names.
        let named = fields.len() < 2 && !end;
        rows.push(Row { line, parts, named, note: note.into() });
        if end {
            break;
        }
    }
    let head: usize = rows.iter().map(|row| row.line.len()).sum();
    let body: Vec<String> =
        lines.take_while(|line| !line.starts_with("HTTP/")).collect();
    let length: usize = body.iter().map(String::len).sum();
    if let Some(line) = body.into_iter().next() {
        let note =
            format!("… the body: {length} bytes, up to byte {}", head + length);
        rows.push(Row { line, parts: Vec::new(), named: false, note });
    }
    let mut drawn = String::new();
    let (mut top, mut offset) = (2, 0);
    for row in &rows {
        draw_row(&mut drawn, row, top, offset);
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
         with which the head ends after {head} bytes; and a body of {length} bytes. \
         Each line of the head ends with CR and LF.</desc>\n{drawn}</svg>\n\
         <figcaption>On the left, how many bytes have gone before.</figcaption>\n\
         </figure>\n",
        fields.join(", "),
    ))
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

fn draw_row(svg: &mut String, row: &Row, top: usize, offset: usize) {
    let Row { line, parts, named, note } = row;
    let (baseline, bottom) = (top + 14, top + HEIGHT);
    let at = |byte: usize| LEFT + byte * CELL;
    let (end, right) = (at(line.trim_end().len()), at(line.len()));
    let _ = write!(
        svg,
        "<g stroke=\"none\" fill=\"currentColor\" text-anchor=\"middle\">\
         <text x=\"{}\" y=\"{baseline}\" text-anchor=\"end\">{offset}</text>\
         <rect x=\"{end}\" y=\"{top}\" width=\"{}\" height=\"{HEIGHT}\" \
         opacity=\"0.15\"/>",
        LEFT - 8,
        right - end,
    );
    for (index, byte) in line.char_indices() {
        let (shown, size) = match byte {
            '\r' => ("\\r", 10),
            '\n' => ("\\n", 10),
            ' ' => ("␣", 13),
            _ => (&line[index..][..byte.len_utf8()], 13),
        };
        let middle = at(index) + byte.len_utf8() * CELL / 2;
        let _ = write!(
            svg,
            "<text x=\"{middle}\" y=\"{baseline}\" font-family=\"monospace\" \
             font-size=\"{size}\">{}</text>",
            escape(shown),
        );
    }
    let _ = write!(
        svg,
        "<text x=\"{}\" y=\"{baseline}\" text-anchor=\"start\">{note}</text>",
        right + 8
    );
    for Part { from, to, name } in parts.iter().filter(|_| *named) {
        // A name that is too long for its part begins where the part does.
        let (x, anchor) = match (to - from) * CELL + CELL < name.len() * 6 {
            true => (at(*from), "start"),
            false => ((at(*from) + at(*to)) / 2, "middle"),
        };
        let _ = write!(
            svg,
            "<text x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{name}</text>",
            bottom + 17,
        );
    }
    let cuts: String = line
        .char_indices()
        .skip(1)
        .map(|(index, _)| format!(" M{} {top} V{bottom}", at(index)))
        .collect();
    let brackets: String = parts
        .iter()
        .map(|Part { from, to, .. }| {
            let (from, to, above, below) =
                (at(*from) + 2, at(*to) - 2, bottom + 2, bottom + 6);
            format!(" M{from} {above} V{below} H{to} V{above}")
        })
        .collect();
    let _ = writeln!(
        svg,
        "</g><path stroke-width=\"0.5\" d=\"{}\"/>\
         <path d=\"M{LEFT} {top} H{right} V{bottom} H{LEFT} Z{brackets}\"/>",
        cuts.trim_start(),
    );
}
