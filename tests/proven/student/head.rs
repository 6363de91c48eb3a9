//! A request's head, line by line and from left to right.

use super::framing::{self, Framing};
use super::target::{self, Target};
use super::{Stage, Switch};

/// A head that breaks no rule.
#[derive(Debug, Clone)]
pub struct Head {
    pub method: String,
    pub target: Target,
    pub version: (u8, u8),
    pub fields: Vec<Field>,
    pub framing: Framing,
    /// Whether the client would stay.
    pub stays: bool,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub value: Vec<u8>,
}

/// What is said to something that is no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub why: &'static str,
}

pub fn refuse<T>(status: u16, why: &'static str) -> Result<T, Refusal> {
    Err(Refusal { status, why })
}

pub fn bad<T>(why: &'static str) -> Result<T, Refusal> {
    refuse(400, why)
}

impl Head {
    /// The values of a field, line by line.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.fields
            .iter()
            .filter(move |f| f.name.eq_ignore_ascii_case(name))
            .map(|f| f.value.as_slice())
    }

    /// The same, asked with GET.
    pub fn as_get(&self) -> Head {
        Head { method: "GET".to_owned(), ..self.clone() }
    }

    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// The one value of a field; nothing if there are none or several.
    pub fn one(&self, name: &str) -> Option<&[u8]> {
        let mut all =
            self.fields.iter().filter(|f| f.name.eq_ignore_ascii_case(name));
        match (all.next(), all.next()) {
            (Some(field), None) => Some(&field.value),
            _ => None,
        }
    }

    /// The elements of a list, over all lines; empty ones don't count.
    pub fn list(&self, name: &str) -> Vec<Vec<u8>> {
        let lines =
            self.fields.iter().filter(|f| f.name.eq_ignore_ascii_case(name));
        let elements = lines.flat_map(|f| f.value.split(|&b| b == b','));
        elements.map(trim).filter(|e| !e.is_empty()).map(<[u8]>::to_vec).collect()
    }
}

/// Without the spaces and tabs around it.
pub fn trim(text: &[u8]) -> &[u8] {
    trim_of(text, |b| b == b' ' || b == b'\t')
}

pub fn trim_of(mut text: &[u8], is_space: impl Fn(u8) -> bool) -> &[u8] {
    while let [first, rest @ ..] = text
        && is_space(*first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_space(*last)
    {
        text = rest;
    }
    text
}

/// What Python's `strip()` takes for a space.
pub fn is_python_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0x1c..=0x1f)
}

pub fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|&b| is_tchar(b))
}

pub fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

const HEAD: usize = 16 * 1024;
const TARGET: usize = 8 * 1024;
const FIELDS: usize = 100;

/// Reads a head as it comes.
pub struct Reader {
    s: Switch,
    stage: Stage,
    secure: bool,
    /// Where the line begins that is read next.
    at: usize,
    empty_lines: usize,
    line: Option<RequestLine>,
    fields: Vec<Field>,
    /// The method, as soon as it is known.
    pub method: Option<String>,
    /// The longest head that is read, in bytes.
    pub longest: usize,
    /// What it stands behind.
    pub behind: Behind,
    /// The fields of the one before, for those who keep them.
    pub earlier: Vec<Field>,
    /// How many there were, for those who go on counting.
    pub counted: usize,
}

/// What a head stands behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Behind {
    #[default]
    Nothing,
    /// A request without a body.
    Head,
    Body,
}

#[derive(Debug)]
struct RequestLine {
    method: String,
    target: Target,
    version: (u8, u8),
}

impl Reader {
    pub fn new(s: Switch, stage: Stage, secure: bool) -> Reader {
        Reader {
            s,
            stage,
            secure,
            at: 0,
            empty_lines: 0,
            line: None,
            fields: Vec::new(),
            method: None,
            longest: HEAD,
            behind: Behind::Nothing,
            earlier: Vec::new(),
            counted: 0,
        }
    }

    /// Whether nothing of a request has come yet.
    pub fn is_idle(&self, input: &[u8]) -> bool {
        self.line.is_none()
            && input.get(self.at..).unwrap_or_default().iter().all(|&b| is_end(b))
    }

    /// Looks at all that has come. The number says how long the head was.
    pub fn look(&mut self, input: &[u8]) -> Result<Option<(Head, usize)>, Refusal> {
        let s = self.s;
        let most = match s {
            _ if s.is_any(&["head-without-limit", "limit-is-of-a-line"]) => {
                64 * 1024 * 1024
            }
            _ if s.is("head-of-4k") => 4096,
            _ if s.is("head-limit-of-8k") => 8192,
            _ if s.is("head-limit-of-64k") => 65536,
            _ => self.longest,
        };
        let seen = &input[..input.len().min(most)];
        match self.lines(seen) {
            Ok(None) if input.len() > most => match s {
                _ if s.is("too-large-is-400") => bad("the head is too large"),
                _ if s.is("too-large-is-500") => refuse(500, "out of room"),
                _ => refuse(431, "the head is too large"),
            },
            Ok(None)
                if s.is("limit-is-of-a-line")
                    && input.len() - self.at > self.longest =>
            {
                refuse(431, "the line is too large")
            }
            Err(refusal) if s.is("everything-is-500") => refuse(500, refusal.why),
            read => read,
        }
    }

    fn lines(&mut self, input: &[u8]) -> Result<Option<(Head, usize)>, Refusal> {
        loop {
            let rest = &input[self.at.min(input.len())..];
            let (line, whole, ends_well) = self.line_of(rest);
            let Some(taken) = whole else {
                self.look_at_part(line)?;
                return Ok(None);
            };
            if self.line.is_none() {
                if line.is_empty() {
                    self.empty_line(ends_well)?;
                    self.at += taken;
                    continue;
                }
                let read = self.request_line(line, true)?;
                if !ends_well {
                    return bad("a line must end with CRLF");
                }
                self.at += taken;
                self.line = read;
                if self.is_simple() {
                    return self.finish().map(|head| Some((head, self.at)));
                }
                continue;
            }
            let is_blank =
                trim(line).is_empty() && self.s.is("a-blank-line-ends-the-head");
            if line.is_empty() || is_blank {
                if !ends_well && !self.s.is("head-ends-in-any-line-end") {
                    return bad("a line must end with CRLF");
                }
                self.at += taken;
                let head = self.finish()?;
                return Ok(Some((head, self.at)));
            }
            self.field_line(line)?;
            if !ends_well {
                return bad("a line must end with CRLF");
            }
            self.at += taken;
        }
    }

    /// HTTP/0.9 has no fields.
    fn is_simple(&self) -> bool {
        self.s.is("http-0.9")
            && self.line.as_ref().is_some_and(|l| l.version == (0, 9))
    }

    /// The next line, how many bytes it takes if it is all there, and whether it ends
    /// as it should.
    fn line_of<'a>(&self, rest: &'a [u8]) -> (&'a [u8], Option<usize>, bool) {
        let s = self.s;
        let lax = s.is("bare-lf")
            || (self.secure && s.is("bare-lf-over-tls"))
            || (s.is("bare-lf-in-fields") && self.line.is_some())
            || (s.is("bare-lf-in-the-request-line") && self.line.is_none());
        if s.is("bare-cr")
            && let Some(end) = rest.iter().position(|&b| is_end(b))
        {
            let crlf = rest[end..].starts_with(b"\r\n");
            if rest[end] == b'\n' || rest.len() > end + 1 {
                return (&rest[..end], Some(end + 1 + usize::from(crlf)), true);
            }
        }
        match rest.iter().position(|&b| b == b'\n') {
            Some(end) => match rest[..end].strip_suffix(b"\r") {
                Some(line) if s.is("crs-before-lf") => {
                    (trim_of(line, |b| b == b'\r'), Some(end + 1), true)
                }
                Some(line) => (line, Some(end + 1), true),
                None => (&rest[..end], Some(end + 1), lax),
            },
            None => (rest.strip_suffix(b"\r").unwrap_or(rest), None, true),
        }
    }

    fn empty_line(&mut self, ends_well: bool) -> Result<(), Refusal> {
        let s = self.s;
        self.empty_lines += 1;
        let most = match s {
            _ if s.is("no-empty-line-before") => 0,
            _ if s.is("empty-lines-at-the-beginning-alone")
                && self.behind != Behind::Nothing =>
            {
                0
            }
            _ if s.is("line-behind-a-body-is-junk")
                && self.behind == Behind::Body =>
            {
                0
            }
            _ if s.is("one-empty-line-before") => 1,
            _ if s.is("empty-lines-without-end") => usize::MAX,
            _ => 8,
        };
        if !ends_well && !s.is("bare-lf-empty-line") {
            return bad("a line must end with CRLF");
        }
        match self.empty_lines > most {
            true => bad("too many empty lines"),
            false => Ok(()),
        }
    }

    /// What is known of a line that is not over yet.
    fn look_at_part(&mut self, line: &[u8]) -> Result<(), Refusal> {
        const WHOLE_LINES: &[&str] = &[
            "split-on-any-space",
            "strips-the-line",
            "spaces-in-a-row",
            "tab-between-words",
            "unquotes-the-line",
            "http-0.9",
            "looks-at-whole-lines",
            "looks-at-whole-heads",
            "vertical-tab-between-words",
            "nul-ends-the-line",
            "a-blank-line-ends-the-head",
        ];
        let s = self.s;
        if s.is_any(WHOLE_LINES) {
            return Ok(());
        }
        match &self.line {
            None => self.request_line(line, false).map(drop),
            Some(_) => part_of_field(line, s),
        }
    }

    /// request-line = method SP request-target SP HTTP-version
    fn request_line(
        &mut self,
        line: &[u8],
        whole: bool,
    ) -> Result<Option<RequestLine>, Refusal> {
        let s = self.s;
        let normal = if whole { normalized(line, s) } else { None };
        let line = normal.as_deref().unwrap_or(line);
        let Some((method, rest)) = word(line) else {
            if !line.iter().all(|&b| is_method_byte(b, s)) {
                return bad("the method must be a token");
            }
            return match whole {
                true if s.is("short-line-panics") => refuse(0, ""),
                true => bad("there must be a method, a target and a version"),
                false => Ok(None),
            };
        };
        if !method.iter().all(|&b| is_method_byte(b, s))
            || (method.is_empty() && !s.is("empty-method"))
        {
            return bad("the method must be a token");
        }
        if s.is("methods-of-seven-letters") && method.len() > 7 {
            return bad("there is no such method");
        }
        let method = String::from_utf8_lossy(method).into_owned();
        let method = match s {
            _ if s.is("methods-in-upper-case") => method.to_uppercase(),
            _ if s.is("methods-by-their-beginning") => by_beginning(&method),
            _ if (s.is("post-by-its-beginning") && method.starts_with("POST"))
                || (s.is("options-by-its-beginning")
                    && method.starts_with("OPTIONS")) =>
            {
                by_beginning(&method)
            }
            _ => method,
        };
        self.method = Some(method.clone());
        let most = match s {
            _ if s.is("target-of-4k") => 4096,
            _ if s.is("target-without-limit") => usize::MAX,
            _ if s.is("target-of-8000") => 8000,
            _ => TARGET,
        };
        let too_long = match s {
            _ if s.is("414-is-400") => 400,
            _ if s.is("414-is-431") => 431,
            _ => 414,
        };
        let Some((text, version)) = word(rest) else {
            if rest.len() > most {
                return refuse(too_long, "the target is too long");
            }
            target::bytes(rest, s)?;
            return match whole {
                true if s.is("short-line-panics") => refuse(0, ""),
                true => bad("there must be a method, a target and a version"),
                false => Ok(None),
            };
        };
        if text.len() > most {
            return refuse(too_long, "the target is too long");
        }
        target::bytes(text, s)?;
        let target = target::parse(&method, text, s)?;
        let Some(version) = self.version(version, whole)? else { return Ok(None) };
        Ok(Some(RequestLine { method, target, version }))
    }

    /// HTTP-version = "HTTP/" DIGIT "." DIGIT
    fn version(
        &self,
        text: &[u8],
        whole: bool,
    ) -> Result<Option<(u8, u8)>, Refusal> {
        const NO_VERSION: &str = "the line must end with a version";
        let s = self.s;
        if whole && let Some(version) = lax_version(text, s) {
            return Ok(Some(version));
        }
        let lower = text.to_ascii_uppercase();
        let text = if s.is("version-in-any-case") { &lower } else { text };
        if s.is_any(LAX_VERSIONS) && !whole {
            return Ok(None);
        }
        for (place, &byte) in text.iter().enumerate() {
            let fits = match place {
                0..=4 => byte == b"HTTP/"[place],
                5 | 7 => byte.is_ascii_digit(),
                6 => byte == b'.',
                _ => false,
            };
            if !fits {
                return bad(NO_VERSION);
            }
        }
        if text.len() < 8 {
            return if whole { bad(NO_VERSION) } else { Ok(None) };
        }
        let version = (text[5] - b'0', text[7] - b'0');
        match version {
            (1, minor) if minor > 1 && s.is("only-known-minors") => {
                refuse(505, "only 1.0 and 1.1")
            }
            (1, 0) if s.is("no-http-1.0") => refuse(505, "only 1.1"),
            (1, _) => Ok(Some(version)),
            _ if s.is("any-major-version") => Ok(Some((1, 1))),
            (2, 0) if s.is("http-2.0-is-1.1") => Ok(Some((1, 1))),
            _ if s.is("version-is-400") => bad("only version 1"),
            _ if s.is("version-is-426") => refuse(426, "only version 1"),
            _ => refuse(505, "only versions 1.0 and 1.1 are spoken here"),
        }
    }

    /// field-line = field-name ":" OWS field-value OWS
    fn field_line(&mut self, line: &[u8]) -> Result<(), Refusal> {
        let s = self.s;
        if self.fields.len() == FIELDS && s.is("fields-beyond-the-hundredth") {
            return Ok(());
        }
        if s.is("fields-are-counted-on")
            && self.counted + self.fields.len() >= FIELDS
        {
            return refuse(431, "too many fields");
        }
        if s.is("limit-is-of-a-line") && line.len() > self.longest {
            return refuse(431, "the line is too large");
        }
        if self.fields.len() == FIELDS && !s.is("fields-without-limit") {
            return match s {
                _ if s.is("too-large-is-400") => bad("too many fields"),
                _ => refuse(431, "too many fields"),
            };
        }
        if let [b' ' | b'\t', ..] = line {
            return self.folded(line);
        }
        if s.is("field-line-of-1k") && line.len() > 1024 {
            return bad("a field line is too long");
        }
        let line = match s.is("colons-before-a-name") {
            // strtok() knows no empty words.
            true => {
                let colons = line.iter().take_while(|b| **b == b':').count();
                &line[colons..]
            }
            false => line,
        };
        let colon = match s.is("last-colon-divides") {
            true => line.iter().rposition(|&b| b == b':'),
            false => line.iter().position(|&b| b == b':'),
        };
        let Some(colon) = colon else {
            return match s {
                _ if s.is("lines-without-colon-are-skipped") => Ok(()),
                _ if s.is("lines-without-colon-are-names") => {
                    let name = String::from_utf8_lossy(line).into_owned();
                    self.fields.push(Field { name, value: Vec::new() });
                    Ok(())
                }
                _ if s.is("lines-without-colon-end-the-server") => refuse(0, ""),
                _ => bad("a field line must have a colon"),
            };
        };
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        let name = field_name(name, s)?;
        if ["constructor", "__proto__"]
            .contains(&name.to_ascii_lowercase().as_str())
            && s.is("constructor-is-there-already")
        {
            // TypeError: headers[name].push is not a function
            return refuse(0, "");
        }
        let value = field_value(&name, value, s)?;
        let undone = target::unquoted(value);
        let value = match s {
            _ if s.is("escapes-in-values-are-undone") => &undone,
            _ if s.is("trim-takes-spaces-of-unicode") => {
                str::from_utf8(value).map_or(value, |text| text.trim().as_bytes())
            }
            _ => value,
        };
        let value = match s.is("values-of-255-bytes") {
            true => &value[..value.len().min(255)],
            false => value,
        };
        self.fields.push(Field { name, value: value.to_vec() });
        Ok(())
    }

    fn folded(&mut self, line: &[u8]) -> Result<(), Refusal> {
        let s = self.s;
        match s {
            _ if s.is("folded-lines-are-skipped") => Ok(()),
            _ if s.is("folded-lines-are-fields") => {
                let line = trim(line).to_vec();
                match line.is_empty() {
                    true => Ok(()),
                    false => self.field_line(&line),
                }
            }
            _ if s.is("folded-lines-are-joined") && !self.fields.is_empty() => {
                if let Some(last) = self.fields.last_mut() {
                    last.value.push(b' ');
                    last.value.extend_from_slice(trim(line));
                    last.value = trim(&last.value).to_vec();
                }
                Ok(())
            }
            _ if s.is("first-line-may-be-folded") && self.fields.is_empty() => {
                Ok(())
            }
            _ if s.is("only-tabs-fold") && line[0] == b'\t' => Ok(()),
            _ => bad("a field line must not begin with a space"),
        }
    }

    /// The head is over: the rules about the whole of it.
    fn finish(&mut self) -> Result<Head, Refusal> {
        let s = self.s;
        let Some(line) = self.line.take() else {
            return bad("there is no request");
        };
        let mut fields = std::mem::take(&mut self.fields);
        if s.is("names-by-their-case") {
            // A dictionary's keys are as they were written.
            const KNOWN: [&str; 8] = [
                "Host",
                "Content-Length",
                "Transfer-Encoding",
                "Connection",
                "Expect",
                "Range",
                "If-None-Match",
                "If-Match",
            ];
            for field in &mut fields {
                let known =
                    KNOWN.iter().any(|k| k.eq_ignore_ascii_case(&field.name));
                if known && !KNOWN.contains(&field.name.as_str()) {
                    field.name.insert_str(0, "x-");
                }
            }
        }
        if s.is("names-by-their-beginning") {
            const KNOWN: [&str; 6] = [
                "Host",
                "Content-Length",
                "Transfer-Encoding",
                "Connection",
                "Expect",
                "Range",
            ];
            for field in &mut fields {
                let begins = |known: &&&str| {
                    let start = field.name.get(..known.len());
                    start.is_some_and(|start| start.eq_ignore_ascii_case(known))
                };
                if let Some(known) = KNOWN.iter().find(begins) {
                    field.name = (*known).to_owned();
                }
            }
        }
        if s.is("fields-found-anywhere") {
            first_length_found(&mut fields);
        }
        if s.is("fields-are-kept") {
            let is_new = |it: &Field| {
                !fields.iter().any(|f| f.name.eq_ignore_ascii_case(&it.name))
            };
            let mut kept = std::mem::take(&mut self.earlier);
            kept.retain(is_new);
            fields.extend(kept);
        }
        if s.is("trailers-go-to-the-next") {
            fields.splice(0..0, std::mem::take(&mut self.earlier));
        }
        if s.is("connection-names-are-dropped") {
            drop_named(&mut fields);
        }
        if s.is("underscores-are-hyphens") {
            for field in &mut fields {
                field.name = field.name.replace('_', "-");
            }
        }
        if s.is("fields-in-a-dictionary") {
            // The last of a name stays.
            let mut kept: Vec<Field> = Vec::new();
            for field in fields {
                kept.retain(|k| !k.name.eq_ignore_ascii_case(&field.name));
                kept.push(field);
            }
            fields = kept;
        }
        if s.is("fields-set-if-absent") {
            let mut kept: Vec<Field> = Vec::new();
            for field in fields {
                if !kept.iter().any(|k| k.name.eq_ignore_ascii_case(&field.name)) {
                    kept.push(field);
                }
            }
            fields = kept;
        }
        let mut head = Head {
            method: line.method,
            target: line.target,
            version: line.version,
            fields,
            framing: Framing::None,
            stays: true,
        };
        if head.version == (0, 9) {
            head.stays = false;
            return Ok(head);
        }
        if !(self.secure && s.is("host-unchecked-over-tls")) {
            target::check_host(&head, s)?;
        }
        head.framing = framing::of(&head, s)?;
        head.stays = framing::stays(&head, s, self.stage);
        Ok(head)
    }
}

/// Drops the fields that Connection names, as a proxy must.
fn drop_named(fields: &mut Vec<Field>) {
    let lines = fields.iter().filter(|f| f.name.eq_ignore_ascii_case("connection"));
    let options = lines.flat_map(|f| f.value.split(|&b| b == b','));
    let options: Vec<Vec<u8>> = options.map(|o| trim(o).to_vec()).collect();
    let is_named = |field: &Field| {
        options.iter().any(|o| o.eq_ignore_ascii_case(field.name.as_bytes()))
    };
    fields.retain(|field| !is_named(field));
}

/// Leaves the length that is found first in the text of a head, wherever it stands.
fn first_length_found(fields: &mut Vec<Field>) {
    const NAME: &str = "content-length:";
    let found = fields.iter().find_map(|field| {
        let value = String::from_utf8_lossy(&field.value);
        let line = format!("{}: {value}", field.name).to_ascii_lowercase();
        let at = line.find(NAME)?;
        Some(line[at + NAME.len()..].trim().as_bytes().to_vec())
    });
    if let Some(value) = found {
        fields.retain(|f| !f.name.eq_ignore_ascii_case("content-length"));
        fields.push(Field { name: "Content-Length".to_owned(), value });
    }
}

fn is_end(byte: u8) -> bool {
    byte == b'\r' || byte == b'\n'
}

/// What comes before the first space, and what comes behind it.
fn word(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = line.iter().position(|&b| b == b' ')?;
    Some((&line[..space], &line[space + 1..]))
}

fn is_method_byte(byte: u8, s: Switch) -> bool {
    match s {
        _ if s.is("methods-of-printables") => byte.is_ascii_graphic(),
        _ if s.is("methods-of-any-bytes") => byte != b' ',
        _ if s.is("methods-of-letters-alone") => byte.is_ascii_alphabetic(),
        _ if s.is("methods-of-capitals-alone") => byte.is_ascii_uppercase(),
        _ if s.is("methods-of-any-script") => is_tchar(byte) || byte >= 0x80,
        _ => is_tchar(byte),
    }
}

fn by_beginning(method: &str) -> String {
    let known = ["GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE"];
    let found = known.iter().find(|known| method.starts_with(**known));
    found.map_or(method, |known| *known).to_owned()
}

/// The line as a lax reader has it.
fn normalized(line: &[u8], s: Switch) -> Option<Vec<u8>> {
    let words = |is_space: &dyn Fn(u8) -> bool| {
        let words = line.split(|&b| is_space(b)).filter(|w| !w.is_empty());
        let words: Vec<&[u8]> = words.collect();
        words.join(&b' ')
    };
    match s {
        _ if s.is("split-on-any-space") => Some(words(&is_python_space)),
        _ if s.is("vertical-tab-between-words") => {
            Some(line.iter().map(|&b| if b == 0x0b { b' ' } else { b }).collect())
        }
        _ if s.is("spaces-in-a-row") => {
            let text = words(&|b| b == b' ');
            let led = if line.starts_with(b" ") { &b" "[..] } else { &[] };
            Some([led, &text].concat())
        }
        _ if s.is("tab-between-words") => {
            Some(line.iter().map(|&b| if b == b'\t' { b' ' } else { b }).collect())
        }
        _ if s.is("strips-the-line") => {
            Some(trim_of(line, is_python_space).to_vec())
        }
        _ if s.is("leading-space") => Some(line.trim_ascii_start().to_vec()),
        _ if s.is("trailing-space") => {
            Some(trim_of(line, |b| b == b' ').to_vec()).filter(|_| line[0] != b' ')
        }
        _ if s.is("unquotes-the-line") => Some(target::unquoted(line)),
        _ if s.is("nul-ends-the-line") && line.contains(&0) => {
            let line = line.split(|&b| b == 0).next().unwrap_or_default();
            Some([line, b" HTTP/1.1"].concat())
        }
        _ if s.is("http-0.9")
            && line.iter().filter(|&&b| b == b' ').count() == 1 =>
        {
            Some([line, b" HTTP/0.9"].concat())
        }
        _ if s.is("words-beyond-the-third") => {
            let mut words = line.split(|&b| b == b' ');
            let three: Vec<&[u8]> = words.by_ref().take(3).collect();
            Some(three.join(&b' '))
        }
        _ => None,
    }
}

const LAX_VERSIONS: &[&str] = &[
    "version-dot-is-any",
    "version-begins-well",
    "version-without-end",
    "version-as-float",
    "version-is-not-looked-at",
    "version-has-http-in-it",
    "version-by-its-end",
    "version-with-many-digits",
    "version-with-leading-zeros",
    "http-0.9",
    "words-beyond-the-third",
    "trailing-space",
    "leading-space",
];

fn lax_version(text: &[u8], s: Switch) -> Option<(u8, u8)> {
    let is_11 = |ok: bool| ok.then_some((1, 1));
    let text = str::from_utf8(text).unwrap_or("");
    match s {
        // r"HTTP/1.1"
        _ if s.is("version-dot-is-any") => {
            let b = text.as_bytes();
            is_11(b.len() == 8 && text.starts_with("HTTP/1") && b[7] == b'1')
        }
        _ if s.is("version-begins-well") => is_11(text.starts_with("HTTP/1.1")),
        _ if s.is("version-without-end") => is_11(text.starts_with("HTTP/1")),
        _ if s.is("version-as-float") => {
            let number: f64 = text.strip_prefix("HTTP/")?.trim().parse().ok()?;
            match number {
                n if (1.05..2.0).contains(&n) => Some((1, 1)),
                n if (1.0..1.05).contains(&n) => Some((1, 0)),
                _ => None,
            }
        }
        _ if s.is("version-is-not-looked-at") => is_11(!text.is_empty()),
        _ if s.is("version-by-its-end") => is_11(text.ends_with("1.1")),
        _ if s.is("version-has-http-in-it") => is_11(text.contains("HTTP/1.1")),
        // r"HTTP/(\d+)\.(\d+)"
        _ if s.is("version-with-many-digits") => {
            let (major, minor) = text.strip_prefix("HTTP/")?.split_once('.')?;
            let many = major.len() > 1 || minor.len() > 1;
            let digits =
                |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
            let one = major.trim_start_matches('0') == "1";
            is_11(many && one && digits(major) && digits(minor))
        }
        _ if s.is("version-with-leading-zeros") => is_11(
            text == "HTTP/01.1" || text == "HTTP/1.01" || text == "HTTP/01.01",
        ),
        _ if s.is("http-0.9") && text == "HTTP/0.9" => Some((0, 9)),
        _ => None,
    }
}

/// The beginning of a field line.
fn part_of_field(line: &[u8], s: Switch) -> Result<(), Refusal> {
    const LAX: &[&str] = &[
        "space-before-colon",
        "names-of-any-bytes",
        "names-of-any-script",
        "names-in-utf8",
        "names-with-spaces",
        "empty-name",
        "folded-lines-are-skipped",
        "folded-lines-are-fields",
        "folded-lines-are-joined",
        "first-line-may-be-folded",
        "only-tabs-fold",
        "lines-without-colon-are-skipped",
        "lines-without-colon-are-names",
        "last-colon-divides",
        "colons-before-a-name",
    ];
    if s.is_any(LAX) {
        return Ok(());
    }
    if let [b' ' | b'\t', ..] = line {
        return bad("a field line must not begin with a space");
    }
    match line.iter().position(|&b| b == b':') {
        Some(0) => bad("a field must have a name"),
        Some(colon) if !is_token(&line[..colon]) => {
            bad("a field's name is a token")
        }
        None if !line.iter().all(|&b| is_tchar(b)) => {
            bad("a field's name is a token")
        }
        _ => Ok(()),
    }
}

fn field_name(name: &[u8], s: Switch) -> Result<String, Refusal> {
    let stripped = trim_of(name, is_python_space);
    let name = match s {
        _ if s.is("space-before-colon") => stripped,
        _ if s.is("tab-before-colon") => trim_of(name, |b| b == b'\t'),
        _ => name,
    };
    let lax = match s {
        _ if s.is("names-of-any-bytes") => {
            !name.is_empty() && !name.ends_with(b" ")
        }
        _ if s.is("names-of-any-script") => {
            !name.is_empty() && name.iter().all(|&b| is_tchar(b) || b >= 0x80)
        }
        _ if s.is("names-in-utf8") => str::from_utf8(name).is_ok_and(|name| {
            let is_tchar = |c: char| u8::try_from(c).is_ok_and(is_tchar);
            let is_one = |c: char| c.is_alphanumeric() || is_tchar(c);
            !name.is_empty() && name.chars().all(is_one)
        }),
        _ if s.is("names-with-spaces") => {
            !name.ends_with(b" ") && name.iter().all(|&b| is_tchar(b) || b == b' ')
        }
        _ if s.is("empty-name") => name.is_empty(),
        _ => false,
    };
    let strict = match s {
        _ if s.is("names-of-letters-and-hyphens") => {
            name.iter().all(|&b| b.is_ascii_alphabetic() || b == b'-')
        }
        _ => true,
    };
    match lax || (strict && is_token(name)) {
        true => Ok(String::from_utf8_lossy(name).into_owned()),
        false => bad("a field's name is a token"),
    }
}

fn field_value<'a>(
    name: &str,
    value: &'a [u8],
    s: Switch,
) -> Result<&'a [u8], Refusal> {
    // These are stripped of what should not have been let in.
    if (s.is("coding-stripped-of-controls")
        && name.eq_ignore_ascii_case("transfer-encoding"))
        || (s.is("length-stripped-of-controls")
            && name.eq_ignore_ascii_case("content-length"))
    {
        return Ok(trim(value));
    }

    if s.is("colon-and-space") && !value.starts_with(b" ") {
        return bad("there must be a colon and a space");
    }
    if s.is("split-at-colons") && value.contains(&b':') {
        return bad("not two parts");
    }
    if s.is("empty-value-is-none") && trim(value).is_empty() {
        return bad("a field must have a value");
    }
    let is_space = |b: &u8| b" \t".contains(b);
    let value = match s {
        _ if s.is("values-end-at-a-colon") => {
            trim(value.split(|&b| b == b':').next().unwrap_or_default())
        }
        _ if s.is("values-end-at-a-space") => {
            trim(value).split(is_space).next().unwrap_or_default()
        }
        _ if s.is("strip-takes-nbsp") => {
            trim_of(value, |b| is_python_space(b) || b == 0x85 || b == 0xa0)
        }
        _ if s.is("values-unquoted") => trim_of(value, |b| b" \t\"".contains(&b)),
        _ if s.is("strip-takes-controls") => trim_of(value, is_python_space),
        _ if s.is("strip-takes-all-below-space") => trim_of(value, |b| b <= b' '),
        _ if s.is("tab-is-no-space") => trim_of(value, |b| b == b' '),
        _ if s.is("one-space-only") => value.strip_prefix(b" ").unwrap_or(value),
        _ if s.is("only-leading-space") => {
            let end = value.len();
            let start =
                value.iter().position(|b| !b" \t".contains(b)).unwrap_or(end);
            &value[start..]
        }
        _ => trim(value),
    };
    let allowed = |byte: u8| match byte {
        b'\t' => !s.is("tab-is-no-space"),
        0 if s.is("nul-in-values") => true,
        0x7f => s.is_any(&["controls-in-values", "del-in-values"]),
        b'\r' => s.is("bare-cr-in-values"),
        0..=0x1f => s.is("controls-in-values"),
        0x80.. if s.is("values-in-ascii") => false,
        _ => true,
    };
    if s.is("values-in-utf8") && str::from_utf8(value).is_err() {
        return bad("a field's value is text");
    }
    if s.is("values-or-die-of-utf8") && str::from_utf8(value).is_err() {
        return refuse(0, "");
    }
    match value.iter().all(|&b| allowed(b)) {
        true if s.is("nul-ends-a-value") => {
            Ok(value.split(|&b| b == 0).next().unwrap_or_default())
        }
        true => Ok(value),
        false if s.is("nul-ends-a-value") && value.contains(&0) => {
            let value = value.split(|&b| b == 0).next().unwrap_or_default();
            Ok(trim(value))
        }
        false => bad("a field's value must have no controls in it"),
    }
}
