impl Observer for AccessLog {
    /// Writes a line.
    fn observe(&self, record: &Record) {
        print!("{}", combined(record));
    }
}

/// `%h %l %u [%t] "%r" %>s %b "%{Referer}i" "%{User-Agent}i"`, as Apache has it.
fn combined(record: &Record) -> String {
    let mut line = String::with_capacity(256);
    let time = imf_fixdate(record.time);
    let time = str::from_utf8(&time).unwrap_or_default();
    // Of "Mon, 27 Jul 1987 00:00:00 GMT".
    let (day, month, year, clock) =
        (&time[5..7], &time[8..11], &time[12..16], &time[17..25]);
    let peer = record.arrival.peer.ip();
    write!(line, "{peer} - - [{day}/{month}/{year}:{clock} +0000] \"")
        .expect("memory takes it");
    let headers = match record.asked {
        Asked::Line(text) => {
            line.push_str(&String::from_utf8_lossy(text));
            None
        }
        Asked::Request(Request { method, target, version, headers, .. }) => {
            let asked = format!("{method} {target} {version}");
            line.push_str(&asked);
            Some(headers)
        }
    };
    write!(line, "\" {} {}", record.status.code(), record.sent)
        .expect("memory takes it");
    for name in [FieldName::REFERER, FieldName::USER_AGENT] {
        let value = headers.and_then(|headers| headers.all(name).next());
        line.push_str(" \"");
        line.push_str(&String::from_utf8_lossy(value.unwrap_or(b"-")));
        line.push('"');
    }
    line.push('\n');
    line
}
