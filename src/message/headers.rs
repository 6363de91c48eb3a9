//! Header fields: names, values, and the lines that pair them.

use std::borrow::Cow;

use crate::date::ImfFixdate;

/// Whether a byte may stand in a token (RFC 9110 section 5.6.2).
pub const fn is_tchar(byte: u8) -> bool {
    matches!(byte,
        b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.'
        | b'^' | b'_' | b'`' | b'|' | b'~'
        | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z')
}

/// Whether a byte may stand in a field value, spaces and tabs included (RFC 9110
/// section 5.5). Bytes from 0x80 up may, and mean nothing to us.
pub const fn is_field_byte(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}

/// Whether `text` is a token: one tchar or more.
pub const fn is_token(text: &[u8]) -> bool {
    let mut at = 0;
    while at < text.len() && is_tchar(text[at]) {
        at += 1;
    }
    at > 0 && at == text.len()
}

/// The name of a field, a token. Names that differ in case are equal.
#[derive(Debug, Clone, Eq)]
pub struct FieldName(Cow<'static, str>);

impl FieldName {
    /// Reads a name; none if `text` is no token.
    pub fn parse(text: &[u8]) -> Option<FieldName> {
        let text = str::from_utf8(text).ok().filter(|_| is_token(text))?;
        Some(FieldName(Cow::Owned(text.to_owned())))
    }

    /// A name known in advance. A constant that is no token does not compile.
    ///
    /// # Panics
    /// If it is no constant and no token.
    pub const fn from_static(text: &'static str) -> FieldName {
        assert!(is_token(text.as_bytes()), "a field name is a token");
        FieldName(Cow::Borrowed(text))
    }

    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for FieldName {
    fn eq(&self, other: &FieldName) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

/// The value of a field line: any bytes that can't be taken for its end, and no
/// whitespace around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldValue(Cow<'static, [u8]>);

impl FieldValue {
    /// Reads a value, without the whitespace around it; none if it holds a control
    /// character.
    pub fn parse(text: &[u8]) -> Option<FieldValue> {
        let text = trim(text);
        let valid = text.iter().copied().all(is_field_byte);
        valid.then(|| FieldValue(Cow::Owned(text.to_owned())))
    }

    /// A value known in advance. A constant that is no value does not compile.
    ///
    /// # Panics
    /// If it is no constant and holds a control character.
    pub const fn from_static(text: &'static str) -> FieldValue {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            assert!(is_field_byte(bytes[at]), "a field value has no controls");
            at += 1;
        }
        FieldValue(Cow::Borrowed(bytes))
    }

    /// The value's bytes, in no particular encoding.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<u64> for FieldValue {
    fn from(number: u64) -> FieldValue {
        FieldValue(Cow::Owned(number.to_string().into_bytes()))
    }
}

impl From<&ImfFixdate> for FieldValue {
    fn from(date: &ImfFixdate) -> FieldValue {
        FieldValue(Cow::Owned(date.to_vec()))
    }
}

/// Takes off optional whitespace: spaces and tabs (RFC 9110 section 5.6.3).
fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// The field lines of one message, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(FieldName, FieldValue)>);

impl Headers {
    /// Adds a line after all others.
    pub fn push(&mut self, name: FieldName, value: FieldValue) {
        self.0.push((name, value));
    }

    /// No lines yet, and room for so many.
    pub fn with_capacity(lines: usize) -> Headers {
        Headers(Vec::with_capacity(lines))
    }

    /// Adds a line before all others.
    pub fn insert_first(&mut self, name: FieldName, value: FieldValue) {
        self.0.insert(0, (name, value));
    }

    /// Adds all lines of `other`, which keeps them.
    pub fn extend(&mut self, other: &Headers) {
        self.0.extend_from_slice(&other.0);
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no line at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All lines, in order.
    pub fn iter(&self) -> impl Iterator<Item = &(FieldName, FieldValue)> {
        self.0.iter()
    }

    /// The values of all lines of one name, in order.
    pub fn all(&self, name: FieldName) -> impl Iterator<Item = &[u8]> + Clone {
        let lines = self.0.iter().filter(move |(other, _)| *other == name);
        lines.map(|(_, value)| value.as_bytes())
    }

    /// The elements of a field that is a list, over all lines of its name, the
    /// empty ones left out (RFC 9110 section 5.6.1). Not for lists whose elements
    /// can be quoted strings.
    pub fn list<'a>(
        &'a self,
        name: FieldName,
    ) -> impl Iterator<Item = &'a [u8]> + Clone {
        let elements =
            |value: &'a [u8]| value.split(|&byte| byte == b',').map(trim);
        self.all(name).flat_map(elements).filter(|element| !element.is_empty())
    }
}
