/// The path by which something goes, and the name of its file from the root: dot
/// segments are resolved (RFC 3986 section 5.2.4) and empty ones left out, then each
/// segment's percent-encoded bytes are decoded, once, so that an encoded slash
/// divides nothing. None for what no file is called: bytes that are no text, and NUL.
pub fn resolve(path: &str) -> Option<(String, String)> {
    let mut segments: Vec<(&str, String)> = Vec::new();
    let mut ends_in_slash = true;
    for segment in path.split('/').skip(1) {
        let name = percent_decode_str(segment).decode_utf8().ok()?;
        ends_in_slash = matches!(&*name, "" | "." | "..");
        match &*name {
            "" | "." => {}
            ".." => drop(segments.pop()),
            name if name.contains(['/', '\0']) => return None,
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
