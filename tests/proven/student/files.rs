//! A tree of files.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::answer::{Thing, represent};
use super::head::Head;
use super::reply::{Content, Piece, Reply, accept_ranges, imf, tag_field};
use super::target::{Target, unquoted};
use super::{Kept, Shared, Switch};

/// Answers a GET or HEAD from a tree.
pub fn find(root: &Path, target: &str, head: &Head, shared: &Shared) -> Reply {
    let s = shared.s;
    let normal = normalized(target);
    let target = match s.is("query-is-normalized-too") && target.contains('?') {
        true => normal.as_str(),
        false => target,
    };
    let (path, query) = match s.is("query-is-part-of-the-name") {
        true => (target, None),
        false => match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        },
    };
    let (path, query) = match decoded_mark(path) {
        Some(mark) if s.is("decodes-before-it-splits") => {
            (&path[..mark], Some(&path[mark + 3..]))
        }
        _ => (path, query),
    };
    let Some(names) = names(path, s) else { return not_found(s) };
    let normal = format!("/{}", names.encoded.join("/"));
    let slash = if names.ends_in_slash && normal != "/" { "/" } else { "" };
    let normal = format!("{normal}{slash}");
    if normal != path
        && !s.is_any(FOLLOWS_AS_IT_IS)
        && !s.is("other-spellings-are-404")
    {
        return moved(&normal, query, s);
    }
    if normal != path && s.is("other-spellings-are-404") {
        return not_found(s);
    }
    let mut file = root.to_path_buf();
    for name in &names.plain {
        file.push(name);
    }
    let Some(file) = within(root, file, s) else { return not_found(s) };
    match fs::metadata(&file) {
        Ok(metadata) if metadata.is_dir() => {
            folder(root, &file, path, query, head, shared)
        }
        Ok(_) if names.ends_in_slash && !s.is("files-with-a-slash-behind") => {
            not_found(s)
        }
        Ok(_) => serve(&file, head, shared),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            Reply::error(403, "this is not for you", s)
        }
        // Its name is there, and so must it be.
        Err(error)
            if (s.is("links-to-nothing-are-500")
                && fs::symlink_metadata(&file).is_ok())
                || (s.is("circles-are-500")
                    && error.raw_os_error() == Some(LOOP)) =>
        {
            Reply::error(500, "this could not be opened", s)
        }
        // Nobody has thought of it, so the conversation is over.
        Err(error)
            if s.is("only-enoent-is-caught")
                && error.kind() != ErrorKind::NotFound =>
        {
            Reply::new(0, Vec::new())
        }
        Err(_)
            if s.is("path-behind-a-file")
                && file.parent().is_some_and(Path::is_file) =>
        {
            serve(file.parent().unwrap_or(root), head, shared)
        }
        Err(_) if s.is("missing-is-the-index") => {
            serve(&root.join("index.html"), head, shared)
        }
        Err(_) => match has_sibling(&file) {
            true => serve(&file, head, shared),
            false => not_found(s),
        },
    }
}

/// A path without its dots, and all that stands behind it too.
fn normalized(target: &str) -> String {
    let mut segments = Vec::new();
    for segment in target.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    let slash =
        if target.ends_with('/') && !segments.is_empty() { "/" } else { "" };
    format!("/{}{slash}", segments.join("/"))
}

/// Where a question mark or a number sign stands as an escape.
fn decoded_mark(path: &str) -> Option<usize> {
    let marks = ["%3F", "%3f", "%23"].map(|mark| path.find(mark));
    marks.into_iter().flatten().min()
}

/// What the system says of a link that leads to itself.
const LOOP: i32 = 40;

const FOLLOWS_AS_IT_IS: &[&str] =
    &["dots-are-kept", "dot-segments-are-served", "escaped-dots-are-kept"];

struct Names {
    plain: Vec<String>,
    encoded: Vec<String>,
    ends_in_slash: bool,
}

fn not_found(s: Switch) -> Reply {
    match s {
        _ if s.is("not-found-is-200") => {
            Reply::error(200, "there is nothing here", s)
        }
        _ if s.is("not-found-is-400") => {
            Reply::error(400, "there is nothing here", s)
        }
        _ if s.is("not-found-is-410") => {
            Reply::error(410, "there is nothing here", s)
        }
        _ => Reply::error(404, "there is nothing here", s),
    }
}

/// From a path to names, decoded once and segment by segment; nothing for names that
/// no file of ours has.
fn names(path: &str, s: Switch) -> Option<Names> {
    let mut names =
        Names { plain: Vec::new(), encoded: Vec::new(), ends_in_slash: true };
    let basename = path.rfind('/').map_or(0, |slash| slash + 1);
    let mut begins = 0;
    for segment in path.split('/').skip(1) {
        begins = path[begins..].find('/').map_or(0, |slash| begins + slash + 1);
        let decoded = match s {
            _ if s.is("not-decoded") => segment.as_bytes().to_vec(),
            _ if s.is("escapes-in-capitals") => unquoted_capitals(segment),
            _ if s.is("plus-is-a-space") => {
                unquoted(segment.replace('+', " ").as_bytes())
            }
            _ => unquoted(segment.as_bytes()),
        };
        let decoded = match decoded.iter().position(|&b| b == 0) {
            Some(end) if s.is("nul-ends-a-name") => decoded[..end].to_vec(),
            _ => decoded,
        };
        let name = match s.is("names-in-latin1") {
            true => decoded.iter().map(|&b| b as char).collect(),
            false => String::from_utf8(decoded).ok()?,
        };
        names.ends_in_slash = matches!(name.as_str(), "" | "." | "..");
        let is_kept = s.is("dots-are-kept")
            || (s.is("escaped-dots-are-kept") && segment.contains('%'));
        match name.as_str() {
            "" | "." => {}
            ".." if is_kept => names.plain.push(name),
            ".." => {
                names.plain.pop();
                names.encoded.pop();
            }
            name if name.contains("..") && s.is("two-dots-are-404") => return None,
            name if name.contains('\0') => return None,
            name if name.starts_with('.')
                && ((s.is("hidden-at-the-root-alone") && begins > 1)
                    || (s.is("hidden-by-the-last-name") && begins < basename)) =>
            {
                names.plain.push(name.to_owned());
                names.encoded.push(segment.to_owned());
            }
            name if is_hidden(name, segment, s) => return None,
            name if name.contains('/') && !s.is("escaped-slashes-are-slashes") => {
                return None;
            }
            _ => {
                names.plain.push(opened_as(name, s));
                names.encoded.push(segment.to_owned());
            }
        }
    }
    Some(names)
}

/// Percent-decodes what is written as the RFC writes it, in capitals.
fn unquoted_capitals(segment: &str) -> Vec<u8> {
    let mut rest = segment.split('%');
    let mut text = rest.next().unwrap_or_default().to_owned();
    for escape in rest {
        let digits = escape.get(..2).unwrap_or_default();
        let is_small = digits.bytes().any(|b| b.is_ascii_lowercase());
        text += if is_small { "%25" } else { "%" };
        text += escape;
    }
    unquoted(text.as_bytes())
}

/// What becomes of a name that was found to be harmless.
fn opened_as(name: String, s: Switch) -> String {
    match s {
        _ if s.is("decodes-twice") => {
            String::from_utf8_lossy(&unquoted(name.as_bytes())).into_owned()
        }
        _ if s.is("backslashes-are-slashes") => name.replace('\\', "/"),
        _ if s.is("names-in-lower-case") => name.to_lowercase(),
        _ => name,
    }
}

fn is_hidden(name: &str, segment: &str, s: Switch) -> bool {
    let lower = name.to_lowercase();
    let dotted = match s {
        _ if s.is("hidden-files-are-served") => false,
        _ if s.is("hidden-by-the-encoded-name") => segment.starts_with('.'),
        _ if s.is("only-git-is-hidden") => name == ".git",
        _ if s.is("well-known-is-hidden") => name.starts_with('.'),
        _ => name.starts_with('.') && name != ".well-known",
    };
    let is_key = match s {
        _ if s.is("keys-are-served") => false,
        _ if s.is("keys-by-their-case") => name.ends_with("key.pem"),
        _ => lower.trim_end_matches(['.', ' ']).ends_with("key.pem"),
    };
    dotted || is_key
}

/// The file, unless a link or a dot leads out of the root.
fn within(root: &Path, file: PathBuf, s: Switch) -> Option<PathBuf> {
    // A name with dots in it comes from a mistake further up.
    let below = file.strip_prefix(root).unwrap_or(&file);
    let climbs = below.components().any(|c| c == Component::ParentDir);
    if climbs || s.is("links-are-followed-out") {
        return Some(file);
    }
    let root = root.canonicalize().ok()?;
    let Ok(real) = file.canonicalize() else { return Some(file) };
    let inside = match s.is("root-by-its-letters") {
        // /srv/www-private begins with /srv/www, too.
        true => real.to_string_lossy().starts_with(&*root.to_string_lossy()),
        false => real.starts_with(&root),
    };
    let hidden_link = s.is("links-are-not-followed")
        && fs::symlink_metadata(&file).is_ok_and(|m| m.file_type().is_symlink());
    (inside && !hidden_link).then_some(file)
}

fn moved(path: &str, query: Option<&str>, s: Switch) -> Reply {
    let query = match s.is("redirect-without-query") {
        true => String::new(),
        false if s.is("redirect-doubles-the-mark") => {
            query.map(|q| format!("??{q}")).unwrap_or_default()
        }
        false => query.map(|q| format!("?{q}")).unwrap_or_default(),
    };
    let status = match s {
        _ if s.is("redirects-are-302") => 302,
        _ if s.is("redirects-are-308") => 308,
        _ if s.is("redirects-are-200") => 200,
        _ => 301,
    };
    let location = match s {
        _ if s.is_any(&["redirects-as-uris", "redirect-out-of-tls"]) => {
            format!("http://localhost{path}{query}")
        }
        _ if s.is("location-is-decoded") => {
            let plain = unquoted(path.as_bytes());
            format!("{}{query}", String::from_utf8_lossy(&plain))
        }
        _ if s.is("location-is-encoded-twice") => {
            format!("{}{query}", path.replace('%', "%25"))
        }
        _ => format!("{path}{query}"),
    };
    let location = match s.is("backslashes-in-location") {
        true => location,
        false => location.replace('\\', "%5C").replace('"', "%22"),
    };
    let reply = Reply::error(status, "it is elsewhere", s);
    match s.is("redirect-without-location") {
        true => reply,
        false => reply.with("Location", location),
    }
}

fn folder(
    root: &Path,
    folder: &Path,
    path: &str,
    query: Option<&str>,
    head: &Head,
    shared: &Shared,
) -> Reply {
    let s = shared.s;
    let ends_so = s.is("slash-of-the-query")
        && query.is_some_and(|query| query.ends_with('/'));
    if let Some(query) = query
        && s.is("slash-behind-the-query")
        && !path.ends_with('/')
    {
        return moved(path, Some(&format!("{query}/")), s);
    }
    let is_let_in = head.method == "HEAD" && s.is("head-of-a-folder-without-slash");
    if !path.ends_with('/')
        && !ends_so
        && !is_let_in
        && !s.is("folders-without-slash")
    {
        let segments = path.trim_start_matches('/');
        let path = match s.is("redirect-to-another-host") {
            true => format!("/{path}/"),
            false if s.is("location-without-its-first-slash") => {
                format!("{segments}/")
            }
            false => format!("/{segments}/"),
        };
        return moved(&path, query, s);
    }
    let index = folder.join("index.html");
    if (index.is_file() || has_sibling(&index)) && !s.is("no-index") {
        if s.is("index-leads-out") {
            return serve(&index, head, shared);
        }
        return match within(root, index, s) {
            Some(index) if s.is("type-of-the-index") => {
                let mut reply = serve(&index, head, shared);
                retype(&mut reply, Path::new(path), None, s);
                reply
            }
            Some(index) => serve(&index, head, shared),
            None => not_found(s),
        };
    }
    if s.is("listing-of-nothing-is-404") && is_empty(folder) {
        return not_found(s);
    }
    if s.is("listing-looks-at-each") && !entries(folder).all(|it| it.exists()) {
        return Reply::error(500, "no such file or directory", s);
    }
    if s.is("listing-without-queries") && query.is_some() {
        return not_found(s);
    }
    if s.is("head-of-a-listing-is-empty") && head.method == "HEAD" {
        return page_of(Vec::new(), s);
    }
    match shared.options.listing || s.is("listing-unasked") {
        true if s.is("listings-are-kept") => {
            let mut kept = shared.things.lock().unwrap();
            let page = kept
                .entry(path.to_owned())
                .or_insert_with(|| listing(folder, path, s));
            page_of(page.clone(), s)
        }
        true => page_of(listing(folder, path, s), s),
        false if s.is("no-listing-is-403") => Reply::error(403, "no listing", s),
        false => not_found(s),
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn is_empty(folder: &Path) -> bool {
    entries(folder).next().is_none()
}

/// A page of what is in a folder.
fn listing(folder: &Path, path: &str, s: Switch) -> Vec<u8> {
    let mut rows = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = match entry.file_name().into_string() {
            Ok(name) => name,
            Err(name) if s.is("listing-of-lossy-names") => {
                name.to_string_lossy().into_owned()
            }
            Err(name) if s.is("listing-of-any-bytes") => {
                let link = quoted_bytes(name.as_bytes());
                rows.push(format!("<li><a href=\"./{link}\">{link}</a></li>"));
                continue;
            }
            Err(_) => continue,
        };
        if is_hidden(&name, &name, s) && !s.is("listing-shows-hidden-files") {
            continue;
        }
        let is_folder = entry.path().is_dir();
        let slash =
            if is_folder && !s.is("listing-without-slashes") { "/" } else { "" };
        let link = match s {
            _ if s.is("listing-with-raw-links") => format!("{name}{slash}"),
            _ if s.is("percent-signs-are-left-in-links") => {
                format!("./{}{slash}", quoted(&name).replace("%25", "%"))
            }
            _ if s.is("marks-are-left-in-links") => {
                let link = quoted(&name).replace("%3F", "?");
                format!("./{}{slash}", link.replace("%23", "#"))
            }
            _ if s.is("listing-without-dot-slash") => {
                format!("{}{slash}", quoted(&name).replace("%3A", ":"))
            }
            _ if s.is("listing-links-are-text") => {
                format!("./{}{slash}", escaped(&name))
            }
            _ if s.is("listing-links-from-the-root") => {
                format!("{path}{}{slash}", quoted(&name))
            }
            _ if s.is("listing-links-with-plus") => {
                format!("./{}{slash}", quoted(&name).replace("%20", "+"))
            }
            _ => format!("./{}{slash}", quoted(&name)),
        };
        let text = match s {
            _ if s.is("listing-with-raw-names") => name.clone(),
            _ if s.is("listing-escapes-in-the-wrong-order") => {
                let text = name.replace('<', "&lt;").replace('>', "&gt;");
                text.replace('"', "&quot;").replace('&', "&amp;")
            }
            _ if s.is("listing-escapes-half") => {
                escaped(&name).replace("&lt;", "<")
            }
            _ if s.is("listing-in-numbers") => {
                let text = escaped(&name).replace("&lt;", "&#60;");
                text.replace("&gt;", "&#x3E;").replace("&amp;", "&#38;")
            }
            _ => escaped(&name),
        };
        rows.push(format!("<li><a href=\"{link}\">{text}{slash}</a></li>"));
    }
    rows.sort();
    let title = match s {
        _ if s.is("listing-with-a-raw-title") => {
            String::from_utf8_lossy(&unquoted(path.as_bytes())).into_owned()
        }
        _ if s.is("listing-with-a-title") => {
            escaped(&String::from_utf8_lossy(&unquoted(path.as_bytes())))
        }
        _ => "Index".to_owned(),
    };
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}\
         </title><ul>{}</ul></html>\n",
        rows.concat()
    );
    page.into_bytes()
}

fn page_of(page: Vec<u8>, s: Switch) -> Reply {
    let media_type = match s {
        _ if s.is("listing-as-text") => "text/plain; charset=utf-8",
        _ => "text/html; charset=utf-8",
    };
    Reply::new(200, page).with("Content-Type", media_type)
}

fn quoted(name: &str) -> String {
    quoted_bytes(name.as_bytes())
}

fn quoted_bytes(name: &[u8]) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    let byte = |b: u8| match plain(b) {
        true => (b as char).to_string(),
        false => format!("%{b:02X}"),
    };
    name.iter().copied().map(byte).collect()
}

fn escaped(name: &str) -> String {
    let text = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
}

/// The codings that a file may be there in, the smaller first.
const CODINGS: [(&str, &str); 3] = [("br", "br"), ("zstd", "zst"), ("gzip", "gz")];

fn coded(file: &Path, extension: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

fn has_sibling(file: &Path) -> bool {
    CODINGS.iter().any(|(_, extension)| coded(file, extension).is_file())
}

/// A file, in the coding that the client would rather have.
fn serve(file: &Path, head: &Head, shared: &Shared) -> Reply {
    let s = shared.s;
    let is_plain = s.is("no-siblings")
        || (s.is("head-of-the-plain-file") && head.method == "HEAD");
    let siblings = !is_plain;
    let can_be_had =
        |path: &Path| {
            (path.is_file() || (s.is("folders-are-siblings") && path.exists()))
                && (s.is("siblings-lead-out")
                    || shared.options.root.as_ref().is_none_or(|root| {
                        within(root, path.to_owned(), s).is_some()
                    }))
        };
    let is_spoiled = |path: &Path| path.exists() && !can_be_had(path);
    if s.is("siblings-spoil-the-file")
        && CODINGS.iter().any(|(_, extension)| is_spoiled(&coded(file, extension)))
    {
        return Reply::error(403, "this is not for you", s);
    }
    let there: Vec<(&str, PathBuf)> = CODINGS
        .iter()
        .map(|(coding, extension)| (*coding, coded(file, extension)))
        .filter(|(_, path)| siblings && can_be_had(path))
        .collect();
    let plain_is_there = fs::metadata(file).is_ok_and(|m| m.is_file());
    let mut ranked = Vec::new();
    for (place, coded) in there.iter().enumerate() {
        if let Some(weight) = weight(head, Some(coded.0), s) {
            ranked.push((weight, place, Some(coded)));
        }
    }
    if (plain_is_there || there.is_empty())
        && let Some(weight) = weight(head, None, s)
    {
        ranked.push((weight, 9, None));
    }
    ranked.sort_by_key(|(weight, place, coded)| match coded {
        Some(_) if s.is("least-weight-first") => (*weight, *place),
        Some(_) if s.is("first-coding-that-is-there") => (0, *place),
        None if s.is_any(&["least-weight-first", "first-coding-that-is-there"]) => {
            (u32::MAX, *place)
        }
        _ => (u32::MAX - weight, *place),
    });
    if ranked.is_empty() {
        return match there.is_empty() {
            true if plain_is_there => open(file, file, None, false, head, shared),
            true => not_found(s),
            false => {
                Reply::error(406, "it is not there in a coding that you accept", s)
            }
        };
    }
    let varies = !there.is_empty();
    match ranked[0].2 {
        Some((coding, _))
            if s.is("ranges-are-of-the-plain-file") && head.has("range") =>
        {
            open(file, file, Some(coding), varies, head, shared)
        }
        Some((coding, path)) => {
            open(path, file, Some(coding), varies, head, shared)
        }
        None => open(file, file, None, varies, head, shared),
    }
}

/// How much a client wants a coding, in thousandths; nothing if it does not take it.
fn weight(head: &Head, coding: Option<&str>, s: Switch) -> Option<u32> {
    if s.is("siblings-for-everyone") {
        return Some(if coding.is_some() { 1000 } else { 0 });
    }
    if !head.has("accept-encoding") {
        return match coding {
            Some(_) if s.is("no-field-takes-all") => Some(1000),
            Some(_) => None,
            None => Some(1),
        };
    }
    let mut list = head.list("accept-encoding");
    if list.is_empty() && s.is("an-empty-list-takes-all") {
        return Some(if coding.is_some() { 1000 } else { 1 });
    }
    if s.is("first-accept-encoding-counts") {
        let first = head.all("accept-encoding").next();
        list = first.map(<[u8]>::to_vec).into_iter().collect();
    }
    let text = String::from_utf8_lossy(&list.join(&b","[..])).into_owned();
    if s.is("coding-is-contained") {
        return match coding {
            Some(coding) => text.contains(coding).then_some(1000),
            None => Some(1),
        };
    }
    let named = |name: &str| {
        text.split(',').find_map(|element| {
            let mut parts = element.split(';').map(str::trim);
            let capital = if s.is("q-by-its-case") { "q=" } else { "Q=" };
            let first = parts.next()?;
            let same = match s.is("codings-by-their-case") {
                true => first == name,
                false if s.is("identity-by-its-case") && name == "identity" => {
                    first == name
                }
                false if s.is("x-before-any-coding") => {
                    let first = first.to_ascii_lowercase();
                    first.strip_prefix("x-").unwrap_or(&first) == name
                }
                false => first.eq_ignore_ascii_case(name),
            };
            if !same || is_left_out(element, s) {
                return None;
            }
            let q = parts
                .find_map(|p| p.strip_prefix("q=").or(p.strip_prefix(capital)));
            let weight =
                q.map_or(Some(1.0), |q| q.parse::<f32>().ok()).unwrap_or(0.0);
            Some(match s {
                _ if s.is("weights-are-not-looked-at") => 1000,
                _ if s.is("zero-in-one-spelling") && weight == 0.0 => {
                    u32::from(q != Some("0"))
                }
                _ => (weight * 1000.0) as u32,
            })
        })
    };
    if s.is("star-takes-what-is-refused")
        && coding.is_some()
        && named("*") > Some(0)
    {
        return named("*");
    }
    let any = || if s.is("no-star-in-codings") { None } else { named("*") };
    match (named(coding.unwrap_or("identity")).or_else(any), coding) {
        (Some(0), None) if s.is("identity-is-always-taken") => Some(1),
        (Some(0), Some(_)) if s.is("zero-is-a-weight") => Some(1),
        (Some(0), _) => None,
        (Some(weight), _) => Some(weight),
        (None, None) => Some(0),
        (None, Some(_)) => None,
    }
}

/// Whether a member of Accept-Encoding is none, for its weight.
fn is_left_out(member: &str, s: Switch) -> bool {
    let Some((_, weight)) = member.split_once(';') else { return false };
    match s {
        _ if s.is("weights-have-no-space-before") => {
            weight.starts_with([' ', '\t'])
        }
        _ if s.is("weights-of-one-digit") => !["q=0", "q=1"].contains(&weight),
        _ if s.is("weights-are-below-one") => {
            weight.trim().to_ascii_lowercase().starts_with("q=1")
        }
        _ => false,
    }
}

/// What there is to say of a file, and its bytes.
fn open(
    path: &Path,
    named: &Path,
    coding: Option<&str>,
    varies: bool,
    head: &Head,
    shared: &Shared,
) -> Reply {
    const NONBLOCK: i32 = 0o4000;
    let s = shared.s;
    let mut options = OpenOptions::new();
    options.read(true);
    if !s.is("opens-and-waits") {
        options.custom_flags(NONBLOCK);
    }
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return match s.is("forbidden-is-404") {
                true => not_found(s),
                false => Reply::error(403, "this is not for you", s),
            };
        }
        Err(_) => return not_found(s),
    };
    let Ok(metadata) = file.metadata() else { return not_found(s) };
    if !metadata.is_file() && !s.is("opens-and-waits") {
        return not_found(s);
    }
    if metadata.len() == 0 && s.is("empty-files-are-404") {
        return not_found(s);
    }
    let extension = named.extension().is_some_and(|e| e == "gz");
    let coding = match s.is("a-gz-is-coded") && extension {
        true => Some("gzip"),
        false => coding,
    };
    let another = s
        .is_any(&["keeps-the-file-of-a-304", "keeps-the-file-of-a-head"])
        .then(|| file.try_clone());
    let link = fs::symlink_metadata(path).ok();
    let said = link.filter(|_| s.is("date-of-the-link")).unwrap_or(metadata);
    let mut thing = thing(file, &said, named, coding, varies, s);
    if s.is("bytes-are-kept") {
        keep_bytes(&mut thing, path, shared);
    }
    if s.is("tags-are-kept") {
        keep_tag(&mut thing, path, shared);
    }
    if let Target::Path(target) = &head.target
        && target.contains('?')
        && s.is("type-by-the-target")
    {
        retype(&mut thing.whole, Path::new(target), coding, s);
    }
    if coding.is_some()
        && s.is("conditions-of-the-plain-file")
        && let Ok(plain) = fs::metadata(named)
    {
        thing.tag = tag_of(&plain);
    }
    let mut reply = represent(&thing, head, shared);
    if let Some(coding) = coding
        && reply.status >= 400
        && s.is("errors-keep-the-coding")
    {
        reply = reply.with("Content-Encoding", coding);
    }
    if coding.is_some()
        && s.is("content-range-of-the-plain-file")
        && let Ok(plain) = fs::metadata(named)
    {
        say_length(&mut reply, plain.len());
    }
    if coding.is_some()
        && reply.status == 200
        && s.is("length-of-the-plain-file")
        && let Ok(plain) = fs::metadata(named)
    {
        reply = reply.with("Content-Length", plain.len().to_string());
    }
    let is_kept = match s.is("keeps-the-file-of-a-head") {
        true => head.method == "HEAD",
        false => reply.status == 304,
    };
    if let Some(Ok(file)) = another
        && is_kept
    {
        shared.kept.lock().unwrap().push(Kept::File(file));
    }
    reply
}

/// Says that a range is one of so many bytes.
fn say_length(reply: &mut Reply, length: u64) {
    for (name, value) in &mut reply.fields {
        if name == "Content-Range"
            && let Some((range, _)) = value.split_once('/')
        {
            *value = format!("{range}/{length}");
        }
    }
}

/// Finds a file, unless it was once looked for and not there.
pub fn find_or_miss(
    root: &Path,
    target: &str,
    head: &Head,
    shared: &Shared,
) -> Reply {
    let missed = format!("missed {target}");
    if shared.things.lock().unwrap().contains_key(&missed) {
        return not_found(shared.s);
    }
    let reply = find(root, target, head, shared);
    if reply.status == 404 {
        shared.things.lock().unwrap().insert(missed, Vec::new());
    }
    reply
}

/// Serves what was read of a file at first.
fn keep_bytes(thing: &mut Thing, path: &Path, shared: &Shared) {
    let mut kept = shared.things.lock().unwrap();
    let bytes = kept
        .entry(path.to_string_lossy().into_owned())
        .or_insert_with(|| fs::read(path).unwrap_or_default());
    thing.bytes = Piece::Bytes(bytes.clone());
    thing.whole.content = Content::Pieces(vec![thing.bytes.clone()]);
}

/// Says the tag that was made of a file at first.
fn keep_tag(thing: &mut Thing, path: &Path, shared: &Shared) {
    let mut kept = shared.things.lock().unwrap();
    let tag = kept
        .entry(path.to_string_lossy().into_owned())
        .or_insert_with(|| thing.tag.clone().into_bytes());
    thing.tag = String::from_utf8_lossy(tag).into_owned();
    for (name, value) in &mut thing.whole.fields {
        if name == "ETag" {
            *value = format!("\"{}\"", thing.tag);
        }
    }
}

/// Says the type that goes with another name.
fn retype(reply: &mut Reply, named: &Path, coding: Option<&str>, s: Switch) {
    let others = media_type(named, coding, s).unwrap_or_default();
    for (name, value) in &mut reply.fields {
        if name == "Content-Type" && reply.status < 400 {
            others.clone_into(value);
        }
    }
}

/// What tells the states of a file apart.
fn tag_of(metadata: &fs::Metadata) -> String {
    let seconds = metadata.mtime().max(0);
    format!("{seconds:x}.{:x}-{:x}", metadata.mtime_nsec(), metadata.len())
}

fn thing(
    file: File,
    metadata: &fs::Metadata,
    named: &Path,
    coding: Option<&str>,
    varies: bool,
    s: Switch,
) -> Thing {
    let length = match s.is("date-of-the-link") {
        true => file.metadata().map_or(0, |it| it.len()),
        false => metadata.len(),
    };
    let seconds = metadata.mtime().max(0) as u64;
    let now =
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let modified = match s.is("dates-in-the-future") {
        true => seconds,
        false => seconds.min(now),
    };
    let tag = match s {
        _ if s.is("tag-of-the-second") => format!("{seconds:x}"),
        _ if s.is("tag-to-the-second") => format!("{seconds:x}-{length:x}"),
        _ if s.is("tag-of-the-length") => format!("{length:x}"),
        _ if s.is("tag-of-the-name") => {
            let name = named.file_name().unwrap_or_default().to_string_lossy();
            name.replace('"', "")
        }
        // The plain file's, whichever is sent.
        _ if s.is("one-tag-for-all-codings") => {
            let plain = fs::metadata(named).map_or(0, |m| m.len());
            format!("{seconds:x}-{plain:x}")
        }
        _ => tag_of(metadata),
    };
    let bytes = Piece::File(Arc::new(file), 0..length);
    let mut whole = Reply::new(200, Vec::new());
    whole.content = Content::Pieces(vec![bytes.clone()]);
    if let Some(media_type) = media_type(named, coding, s) {
        whole = whole.with("Content-Type", media_type);
    }
    let date = imf(UNIX_EPOCH + Duration::from_secs(modified));
    let date = match s.is("last-modified-is-a-js-date") {
        true => as_in_js(&date),
        false => date,
    };
    if !s.is("no-last-modified") {
        whole = whole.with("Last-Modified", date);
    }
    if let Some(tag) = tag_field(&tag, s)
        && !(s.is("no-tag-on-what-is-coded") && coding.is_some())
    {
        whole = whole.with("ETag", tag);
    }
    if !s.is_any(&["no-accept-ranges", "no-ranges"]) {
        whole = whole.with("Accept-Ranges", accept_ranges(s));
    }
    if let Some(coding) = coding
        && !s.is("coding-not-said")
    {
        whole = whole.with("Content-Encoding", coding);
    }
    let says_vary = match s {
        _ if s.is("no-vary") => false,
        _ if s.is("vary-only-when-coded") => coding.is_some(),
        _ => varies,
    };
    if says_vary {
        let name = if s.is("vary-of-another-field") {
            "Content-Encoding"
        } else {
            "Accept-Encoding"
        };
        whole = whole.with("Vary", name);
    }
    let is_later = s.is("fractions-are-later") && metadata.mtime_nsec() > 0;
    let modified = modified + u64::from(is_later);
    Thing { tag, modified: Some(modified), bytes, whole }
}

/// What a date is as a string, where that is for people.
fn as_in_js(date: &str) -> String {
    let words: Vec<&str> =
        date.split([' ', ',']).filter(|w| !w.is_empty()).collect();
    let [weekday, day, month, year, clock, _] = words[..] else {
        return date.to_owned();
    };
    format!(
        "{weekday} {month} {day} {year} {clock} GMT+0000 (Coordinated Universal Time)"
    )
}

const TYPES: [(&str, &str); 18] = [
    ("html", "text/html; charset=utf-8"),
    ("htm", "text/html; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("txt", "text/plain; charset=utf-8"),
    ("md", "text/markdown; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("xml", "text/xml; charset=utf-8"),
    ("json", "application/json"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("svg", "image/svg+xml"),
    ("wasm", "application/wasm"),
    ("woff2", "font/woff2"),
    ("mp4", "video/mp4"),
];

fn media_type(named: &Path, coding: Option<&str>, s: Switch) -> Option<String> {
    if s.is("files-without-type") {
        return None;
    }
    if coding.is_some() && s.is("type-of-the-coded-file") {
        return Some("application/gzip".to_owned());
    }
    let name = named.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let extension = match s.is("extension-behind-the-first-dot") {
        true => name.split_once('.').map_or("", |(_, e)| e).to_owned(),
        false if s.is("a-name-is-its-extension") => {
            name.rsplit('.').next().unwrap_or_default().to_owned()
        }
        false => name.rsplit_once('.').map_or("", |(_, e)| e).to_owned(),
    };
    let extension = match s.is("extensions-by-their-case") {
        true => extension,
        false => extension.to_lowercase(),
    };
    let found = TYPES.iter().find(|(e, _)| *e == extension).map(|(_, t)| *t);
    let media_type = match found {
        Some(_) if s.is("all-files-are-html") => "text/html; charset=utf-8",
        Some(t) if s.is("files-without-charset") => {
            t.split(';').next().unwrap_or(t)
        }
        Some(t) if s.is("files-in-latin1") => {
            return Some(t.replace("utf-8", "iso-8859-1"));
        }
        Some(t) => t,
        None if s.is("unknown-files-are-text") => "text/plain; charset=utf-8",
        None if s.is("unknown-files-are-html") => "text/html; charset=utf-8",
        None => "application/octet-stream",
    };
    Some(media_type.to_owned())
}
