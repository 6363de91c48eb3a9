//! From a path to the name of a file.

use percent_encoding::percent_decode_str;

/// The path by which something goes, and the name of its file from the root: dot
/// segments are resolved (RFC 3986 section 5.2.4) and empty ones left out, then each
/// segment's percent-encoded bytes are decoded, once, so that an encoded slash
/// divides nothing. None for what no file is called that we would serve: bytes that
/// are no text, NUL, and hidden names.
pub fn resolve(path: &str) -> Option<(String, String)> {
    let mut segments: Vec<(&str, String)> = Vec::new();
    let mut ends_in_slash = true;
    for segment in path.split('/').skip(1) {
        let name = percent_decode_str(segment).decode_utf8().ok()?;
        ends_in_slash = matches!(&*name, "" | "." | "..");
        match &*name {
            "" | "." => {}
            ".." => drop(segments.pop()),
            name if name.contains(['/', '\0']) || is_hidden(name) => return None,
            name => segments.push((segment, name.to_owned())),
        }
    }
    let join = |parts: Vec<&str>| parts.join("/");
    let path = join(segments.iter().map(|(segment, _)| *segment).collect());
    let slash = if ends_in_slash && !path.is_empty() { "/" } else { "" };
    let name = join(segments.iter().map(|(_, name)| name.as_str()).collect());
    let name = if name.is_empty() { ".".to_owned() } else { name };
    Some((format!("/{path}{slash}"), name))
}

/// Names that begin with a dot are nobody's business, but for the one that is meant
/// for everyone (RFC 8615). Nor are private keys, by the names that we and mkcert give
/// them, drafts and copies of them included: whoever serves the folder that they work
/// in has some lying about. Names are compared as file systems do that make the least
/// difference between them.
pub fn is_hidden(name: &str) -> bool {
    let name = folded(name);
    let starts_with_dot = name.starts_with('.') && name != ".well-known";
    starts_with_dot || name.contains("key.pem")
}

/// A name without what some file system does not heed: the case (exFAT, APFS, NTFS),
/// and characters that are not to be seen (HFS+).
fn folded(name: &str) -> String {
    let is_unseen = |c: &char| {
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{206a}'..='\u{206f}' | '\u{feff}')
    };
    let seen = name.chars().filter(|c| !is_unseen(c));
    seen.flat_map(char::to_lowercase).collect()
}
