//! Which coding of a representation a client would rather have (RFC 9110 section
//! 12.5.3).

use std::cmp::Reverse;

use crate::message::{FieldName, Headers};

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

/// A quality value, in thousandths (RFC 9110 section 12.4.2).
type Weight = u16;

/// Puts the codings in which something is there, none among them, into the order in
/// which the client would rather have it. What it does not take is left out. Of what
/// weighs the same, the first in [`Coding::ALL`] comes first, and no coding last.
pub fn rank(
    headers: &Headers,
    available: &[Option<Coding>],
) -> Vec<Option<Coding>> {
    let has_field = headers.all(FieldName::ACCEPT_ENCODING).next().is_some();
    let preferences: Vec<(&str, Weight)> =
        headers.list(FieldName::ACCEPT_ENCODING).filter_map(preference).collect();
    let weight = |coding: Option<Coding>| {
        let named = preferences.iter().find(|(name, _)| is_called(coding, name));
        let any = || preferences.iter().find(|(name, _)| *name == "*");
        match (named.or_else(any), coding) {
            (Some((_, 0)), _) => None,
            (Some((_, weight)), _) => Some(*weight),
            // What is not mentioned is not refused, and all that is comes before it.
            (None, None) => Some(0),
            (None, Some(_)) => None,
        }
    };
    let mut ranked: Vec<(Weight, Option<Coding>)> = available
        .iter()
        .filter_map(|&coding| match (has_field, coding) {
            (true, _) => Some((weight(coding)?, coding)),
            // Whoever says nothing takes anything, and mostly understands no coding.
            (false, None) => Some((1, coding)),
            (false, Some(_)) => Some((0, coding)),
        })
        .collect();
    let place =
        |coding| Coding::ALL.iter().position(|&other| Some(other) == coding);
    ranked.sort_by_key(|&(weight, coding)| {
        (Reverse(weight), place(coding).unwrap_or(Coding::ALL.len()))
    });
    ranked.into_iter().map(|(_, coding)| coding).collect()
}

fn is_called(coding: Option<Coding>, name: &str) -> bool {
    match coding {
        Some(coding) => coding.is_called(name),
        None => name.eq_ignore_ascii_case("identity"),
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
