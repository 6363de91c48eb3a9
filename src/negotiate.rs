//! Which coding of a representation a client would rather have (RFC 9110 section
//! 12.5.3).

use crate::message::Headers;

/// A content coding that a file may be there in, beside itself (RFC 9110 section
/// 8.4.1, RFC 7932, RFC 8878).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Brotli.
    Brotli,
    /// Zstandard.
    Zstd,
    /// gzip.
    Gzip,
}

impl Coding {
    /// All of them, the ones that tend to be smaller first.
    pub const ALL: [Coding; 3] = [Coding::Brotli, Coding::Zstd, Coding::Gzip];

    /// The coding's name in Content-Encoding and Accept-Encoding.
    pub fn name(self) -> &'static str {
        match self {
            Coding::Brotli => "br",
            Coding::Zstd => "zstd",
            Coding::Gzip => "gzip",
        }
    }

    /// What a file in this coding adds to the name of the file that it codes.
    pub fn extension(self) -> &'static str {
        match self {
            Coding::Brotli => ".br",
            Coding::Zstd => ".zst",
            Coding::Gzip => ".gz",
        }
    }

    fn is_called(self, name: &str) -> bool {
        let name = name
            .strip_prefix("x-")
            .filter(|_| self == Coding::Gzip)
            .unwrap_or(name);
        name.eq_ignore_ascii_case(self.name())
    }
}

/// What to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The representation as it is.
    Identity,
    /// The representation in a coding.
    Coded(Coding),
    /// The client takes nothing that there is: 406.
    Neither,
}

/// A quality value, in thousandths (RFC 9110 section 12.4.2).
type Weight = u16;

/// Chooses among the codings that are there, and none: what weighs most, and of
/// equals the first in [`Coding::ALL`], and the plain representation last.
pub fn choose(headers: &Headers, available: &[Coding]) -> Choice {
    if headers.all("Accept-Encoding").next().is_none() {
        return Choice::Identity;
    }
    let preferences: Vec<(&str, Weight)> =
        headers.list("Accept-Encoding").filter_map(preference).collect();
    let weight = |is_called: &dyn Fn(&str) -> bool| {
        let named = preferences.iter().find(|(name, _)| is_called(name));
        let any = || preferences.iter().find(|(name, _)| *name == "*");
        named.or_else(any).map(|(_, weight)| *weight)
    };
    let mut best = None;
    for coding in Coding::ALL.into_iter().filter(|c| available.contains(c)) {
        let weight = weight(&|name| coding.is_called(name)).unwrap_or(0);
        if weight > 0 && best.is_none_or(|(_, most)| weight > most) {
            best = Some((coding, weight));
        }
    }
    // What is not mentioned is not refused, and anything that is comes before it.
    let identity = weight(&|name| name.eq_ignore_ascii_case("identity"));
    match (best, identity) {
        (Some((_, most)), Some(identity)) if identity > most => Choice::Identity,
        (Some((coding, _)), _) => Choice::Coded(coding),
        (None, Some(0)) => Choice::Neither,
        (None, _) => Choice::Identity,
    }
}

/// codings [ OWS ";" OWS "q=" qvalue ]; none if it is anything else.
fn preference(element: &[u8]) -> Option<(&str, Weight)> {
    let element = str::from_utf8(element).ok()?;
    match element.split_once(';') {
        None => Some((element, 1000)),
        Some((name, weight)) => {
            let weight = weight.trim_matches([' ', '\t']);
            let value = weight.strip_prefix("q=").or(weight.strip_prefix("Q="))?;
            Some((name.trim_end_matches([' ', '\t']), qvalue(value)?))
        }
    }
}

/// 0 to 1, with at most three decimals.
fn qvalue(text: &str) -> Option<Weight> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: Weight = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}
