//! Text for terminals that are narrow.

/// Text with no line wider than so many columns: prose goes on in further lines, below
/// where it begins; a command for a shell too, which reads it all the same; and of what
/// was sent and came, the end is left out.
pub fn narrow(text: &str, width: usize) -> String {
    text.lines().map(|line| narrow_line(line, width) + "\n").collect()
}

fn narrow_line(line: &str, width: usize) -> String {
    if columns(line) <= width {
        return line.to_owned();
    }
    if let Some(command) = line.strip_prefix("  try   ") {
        return format!("  try   {}", in_quotes(command, width - 10));
    }
    if line.starts_with("    ") {
        return cut(line, width);
    }
    let indent = match line.strip_prefix("  ") {
        // A word, and what there is to say of it.
        Some(rest) if rest.get(4..6).is_some_and(|it| it.trim().is_empty()) => 8,
        _ => 4,
    };
    wrap(line, width, indent)
}

/// How many columns a line has: escapes for colours have none.
fn columns(line: &str) -> usize {
    let mut parts = line.split("\x1b[");
    let first = parts.next().map_or(0, |part| part.chars().count());
    let behind =
        |part: &str| part.split_once('m').map_or(0, |it| it.1.chars().count());
    first + parts.map(behind).sum::<usize>()
}

fn wrap(line: &str, width: usize, indent: usize) -> String {
    let begin = line.len() - line.trim_start().len();
    let mut wrapped = line[..begin].to_owned();
    let mut column = begin;
    // What stands in columns stays in them: a word keeps the spaces behind it.
    for word in line[begin..].split_inclusive(' ') {
        let length = columns(word.trim_end());
        if column + length > width && column > indent {
            wrapped.truncate(wrapped.trim_end().len());
            wrapped.push('\n');
            wrapped.push_str(&" ".repeat(indent));
            column = indent;
        }
        wrapped.push_str(word);
        column += columns(word);
    }
    wrapped.trim_end().to_owned()
}

/// A line of what was sent or came, or the mark below one.
fn cut(line: &str, width: usize) -> String {
    match line.ends_with("^ here") {
        true => format!("{:>width$}", "^ here"),
        false => line.chars().take(width - 1).chain(['\u{2026}']).collect(),
    }
}

/// `printf '…' | …` with its text in pieces, which a shell puts together again.
fn in_quotes(command: &str, width: usize) -> String {
    let mut text = String::new();
    let mut column = 0;
    for piece in pieces(command) {
        let length = piece.chars().count();
        if column > 0 && column + length > width {
            // What is set in from the margin would be another word.
            text.push_str("'\\\n'");
            column = 1;
        }
        text.push_str(piece);
        column += length;
    }
    text
}

/// Where a command may be cut: between bytes of what is quoted, as `printf` has them, of
/// which one may be an escape; what stands around it stays whole.
fn pieces(command: &str) -> Vec<&str> {
    let begin = command.find('\'').map_or(0, |at| at + 1);
    let end = command.rfind("' | ").unwrap_or(command.len());
    if begin >= end {
        return vec![command];
    }
    let mut pieces = vec![&command[..begin]];
    let mut rest = &command[begin..end];
    while let Some(first) = rest.chars().next() {
        let length = match rest.as_bytes() {
            [b'\'', ..] => 4,
            [b'\\', digit, ..] if digit.is_ascii_digit() => 4,
            [b'\\', ..] | [b'%', ..] => 2,
            _ => first.len_utf8(),
        };
        let (piece, behind) = rest.split_at(length.min(rest.len()));
        pieces.push(piece);
        rest = behind;
    }
    pieces.push(&command[end..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::{columns, narrow};

    #[test]
    fn prose_goes_on_below_where_it_began() {
        let text = "  hint  one two three four five\n";
        let wanted = "  hint  one two\n        three four\n        five\n";
        assert_eq!(narrow(text, 20), wanted);
        let text = "\x1b[31;1mFAIL a\x1b[0m: one two three\n";
        let wanted = "\x1b[31;1mFAIL a\x1b[0m: one\n    two three\n";
        assert_eq!(narrow(text, 14), wanted);
        assert_eq!(narrow("short\n\nlines\n", 10), "short\n\nlines\n");
    }

    #[test]
    fn what_was_sent_is_cut_and_its_mark_stays_in_sight() {
        let text = "    < 0123456789\n              ^ here\n";
        assert_eq!(narrow(text, 12), "    < 01234\u{2026}\n      ^ here\n");
    }

    #[test]
    fn a_command_stays_one() {
        let bytes = "GET / HTTP/1.1\\r\\nHost: it'\\''s\\001%%\\r\\n\\r\\n";
        let command = format!("  try   printf '{bytes}' | cat\n");
        let text = narrow(&command, 36);
        assert!(text.lines().all(|line| columns(line) <= 36), "{text}");
        let run = |command: &str| {
            let command = command.trim_start().trim_start_matches("try");
            let shell =
                std::process::Command::new("sh").args(["-c", command]).output();
            shell.expect("there is a shell").stdout
        };
        assert_eq!(run(&text), run(&command));
        assert!(run(&text).ends_with(b"it's\x01%\r\n\r\n"));
    }
}
