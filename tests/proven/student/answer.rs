//! What is answered, by target and method.

use super::conditions::{self, Outcome};
use super::head::Head;
use super::ranges;
use super::reply::{Content, Piece, Reply, VERSE_MODIFIED, VERSE_TAG};
use super::target::{Target, unquoted};
use super::{Shared, Stage, Switch, exercises, files};

pub const KNOWN: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
];

/// Parts 5 and 5.5.
pub fn verse_or_refusal(head: &Head, shared: &Shared, secure: bool) -> Reply {
    let s = shared.s;
    if let Some(reply) = misdirected(head, secure, s) {
        return reply;
    }
    match head.method.as_str() {
        "GET" | "HEAD" if s.is("head-not-allowed") && head.method == "HEAD" => {
            not_allowed(head, "GET", s)
        }
        "GET" | "HEAD"
            if s.is("only-the-root") && head.target != Target::Path("/".into()) =>
        {
            Reply::error(404, "there is nothing here", s)
        }
        "GET" | "HEAD" => Reply::verse(shared),
        "OPTIONS" if exercises::tells_options(s) => {
            Reply::new(200, Vec::new()).with("Allow", exercises::ALLOW)
        }
        method if exercises::tells_options(s) => {
            refusal(method, head, exercises::ALLOW, s)
        }
        "CONNECT" if s.is("connect-is-200") => Reply::verse(shared),
        "POST" if s.is("post-is-get") => Reply::verse(shared),
        "TRACE" if s.is("trace-is-200") => Reply::new(200, b"TRACE\r\n".to_vec()),
        method => refusal(method, head, "GET, HEAD", s),
    }
}

fn misdirected(head: &Head, secure: bool, s: Switch) -> Option<Reply> {
    match head.target {
        Target::Whole { https: true, .. }
            if !secure && !s.is("https-in-the-clear") =>
        {
            Some(Reply::error(421, "this is for the other port", s))
        }
        Target::Whole { https: true, .. } if s.is("https-is-421-everywhere") => {
            Some(Reply::error(421, "this is for the other port", s))
        }
        Target::Whole { https: false, .. }
            if secure && s.is("http-over-tls-is-421") =>
        {
            Some(Reply::error(421, "this is for the other port", s))
        }
        _ => None,
    }
}

/// 405 with Allow for what is known, 501 for what is not.
fn refusal(method: &str, head: &Head, allow: &str, s: Switch) -> Reply {
    // From Part 6 on, two more are done somewhere.
    let done: &[&str] = match allow.contains("OPTIONS") {
        true => &["GET", "HEAD", "OPTIONS", "POST"],
        false => &["GET", "HEAD"],
    };
    let is_known = match s {
        _ if s.is("unknown-methods-are-405") => true,
        _ if s.is("methods-of-1997-alone") => {
            KNOWN[..8].contains(&method) && method != "CONNECT"
        }
        _ if s.is("known-methods-are-501") => done.contains(&method),
        _ if s.is("trace-is-501") => KNOWN.contains(&method) && method != "TRACE",
        _ if s.is("connect-is-501") => {
            KNOWN.contains(&method) && method != "CONNECT"
        }
        _ if s.is("lower-case-methods-are-known") => {
            KNOWN.contains(&method.to_uppercase().as_str())
        }
        _ => KNOWN.contains(&method),
    };
    match is_known {
        true if s.is("known-methods-are-403") => {
            Reply::error(403, "this is not for you", s)
        }
        true => not_allowed(head, allow, s),
        false if s.is("unknown-methods-are-400") => {
            Reply::error(400, "no such method", s)
        }
        false if s.is("501-with-allow") => {
            Reply::error(501, "this method is not known here", s)
                .with("Allow", allow)
        }
        false => Reply::error(501, "this method is not known here", s),
    }
}

fn not_allowed(head: &Head, allow: &str, s: Switch) -> Reply {
    let method = head.method.as_str();
    let forgotten: &[(&str, &str)] = &[
        ("allow-not-for-put", "PUT"),
        ("allow-not-for-options", "OPTIONS"),
        ("allow-not-for-trace", "TRACE"),
        ("allow-not-for-connect", "CONNECT"),
        ("allow-not-for-delete", "DELETE"),
        ("allow-not-for-patch", "PATCH"),
        ("allow-not-for-post", "POST"),
    ];
    let reply = Reply::error(405, "Allow says what can be done here", s);
    if s.is("allow-missing")
        || forgotten.iter().any(|(id, of)| s.is(id) && method == *of)
        || (s.is("allow-not-for-asterisk") && head.target == Target::Server)
        || (s.is("allow-not-for-uris")
            && matches!(head.target, Target::Whole { .. }))
    {
        return reply;
    }
    let allow = match s {
        _ if s.is("allow-get-alone") => "GET".to_owned(),
        _ if s.is("allow-with-spaces") => allow.replace(", ", " "),
        _ if s.is("allow-all") => KNOWN.join(", "),
        _ if s.is("allow-what-was-asked") => format!("{allow}, {method}"),
        _ if s.is("allow-in-lower-case") => allow.to_lowercase(),
        _ if s.is("allow-in-brackets") => format!("[{allow}]"),
        _ if s.is("allow-empty") => String::new(),
        _ if s.is("allow-in-quotes") => format!("\"{allow}\""),
        _ if s.is("allow-with-semicolons") => allow.replace(", ", "; "),
        _ => allow.to_owned(),
    };
    let name = if s.is("allowed") { "Allowed" } else { "Allow" };
    reply.with(name, allow)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    None,
    Continue,
    Unknown,
}

/// What the client expects before it sends its body.
pub fn expectation(head: &Head, s: Switch) -> Expectation {
    if (head.version < (1, 1) && !s.is("expect-in-1.0"))
        || s.is("expect-is-not-looked-at")
    {
        return Expectation::None;
    }
    let is_nothing = |e: &[u8]| super::head::trim(e).is_empty();
    let mut members = head.all("expect").flat_map(|l| l.split(|&b| b == b','));
    if s.is("empty-expectations-are-unknown") && members.any(is_nothing) {
        return Expectation::Unknown;
    }
    let mut expected = head.list("expect");
    if s.is("first-expect-line-counts") {
        expected.truncate(1);
    }
    let is_continue = |e: &Vec<u8>| match s {
        _ if s.is("expect-by-its-case") => e == b"100-continue",
        _ if s.is("expect-begins-with-100") => e.starts_with(b"100"),
        _ if s.is("expect-contains-continue") => {
            String::from_utf8_lossy(e).to_lowercase().contains("continue")
        }
        _ => e.eq_ignore_ascii_case(b"100-continue"),
    };
    match () {
        () if expected.is_empty() => Expectation::None,
        () if expected.iter().all(is_continue) => Expectation::Continue,
        () if s.is("unknown-expectations-are-ignored") => Expectation::None,
        () if s.is("any-expectation-is-continue") => Expectation::Continue,
        () => Expectation::Unknown,
    }
}

/// What a request is for.
enum Route {
    Server,
    Echo,
    Elsewhere,
    At(String),
}

fn route(head: &Head, shared: &Shared) -> Route {
    let s = shared.s;
    let path = match &head.target {
        Target::Server => return Route::Server,
        Target::Elsewhere => return Route::Elsewhere,
        Target::Path(path) | Target::Whole { path, .. } => path,
    };
    let without_query = path.split('?').next().unwrap_or_default();
    let echoes = shared.options.root.is_none() || shared.options.echo;
    let is_echo = match s {
        _ if s.is("echo-begins-so") => path.starts_with("/echo"),
        _ if s.is("echo-without-query") => path == "/echo",
        _ if s.is("echo-not-decoded") => without_query == "/echo",
        _ if s.is("echo-in-any-case") => {
            without_query.eq_ignore_ascii_case("/echo")
        }
        _ if s.is("echo-decoded-twice") => {
            unquoted(&unquoted(without_query.as_bytes())) == b"/echo"
        }
        _ if s.is("echo-not-as-a-uri") => {
            without_query == "/echo" && matches!(head.target, Target::Path(_))
        }
        _ => unquoted(without_query.as_bytes()) == b"/echo",
    };
    match echoes && is_echo {
        true => Route::Echo,
        false => Route::At(path.clone()),
    }
}

fn allowed(route: &Route, s: Switch) -> &'static str {
    let plain = match s {
        _ if s.is("allow-without-options") => "GET, HEAD",
        _ if s.is("allow-without-head") => "GET, OPTIONS",
        _ if s.is("allow-post-everywhere") => "GET, HEAD, OPTIONS, POST",
        _ if s.is("allow-in-another-order") => "OPTIONS, HEAD, GET",
        _ => "GET, HEAD, OPTIONS",
    };
    if s.is("allow-the-same-everywhere") {
        return "GET, HEAD, OPTIONS, POST";
    }
    match route {
        Route::Server => "GET, HEAD, OPTIONS, POST",
        Route::Echo if s.is("echo-allows-get") => "GET, HEAD, OPTIONS, POST",
        Route::Echo if s.is("echo-allows-no-post") => "OPTIONS",
        Route::Echo if s.is("allow-of-files-for-echo") => plain,
        Route::Echo => "OPTIONS, POST",
        Route::Elsewhere => "",
        Route::At(_) => plain,
    }
}

/// Whether a request is an echo's.
pub fn is_echo(head: &Head, shared: &Shared, secure: bool) -> bool {
    let s = shared.s;
    let method =
        head.method == "POST" || (s.is("echo-for-put") && head.method == "PUT");
    method
        && matches!(route(head, shared), Route::Echo)
        && misdirected(head, secure, s).is_none()
}

/// What an echo says of itself.
pub fn echo_fields(mut reply: Reply, head: &Head, s: Switch) -> Reply {
    let media_type =
        head.one("content-type").map(|v| String::from_utf8_lossy(v).into_owned());
    let media_type = match s {
        _ if s.is("echo-is-html") => Some("text/html".to_owned()),
        _ if s.is("echo-is-text") => Some("text/plain".to_owned()),
        _ if s.is("echo-without-type") => None,
        _ if s.is("echo-type-in-lower-case") => {
            media_type.map(|it| it.to_lowercase())
        }
        _ => media_type.or(Some("application/octet-stream".to_owned())),
    };
    if let Some(media_type) = media_type {
        reply = reply.with("Content-Type", media_type);
    }
    if !s.is("echo-without-nosniff") {
        reply = reply.with("X-Content-Type-Options", "nosniff");
    }
    if reply.content.length() == Some(0)
        && s.is_any(&["empty-echo-is-204", "204-length-0", "204-with-body"])
    {
        let body =
            if s.is("204-with-body") { b"nothing".to_vec() } else { Vec::new() };
        return Reply::new(204, body);
    }
    if s.is("echo-is-201") {
        reply.status = 201;
    }
    reply
}

/// Part 6, but for echoes.
pub fn answer(head: &Head, shared: &Shared, secure: bool) -> Reply {
    let s = shared.s;
    if let Some(reply) = misdirected(head, secure, s) {
        return reply;
    }
    let route = route(head, shared);
    let allow = allowed(&route, s);
    if s.is("conditions-before-the-method")
        && !matches!(head.method.as_str(), "GET" | "HEAD")
    {
        match conditions::evaluate(head, VERSE_TAG, Some(VERSE_MODIFIED), s) {
            Outcome::Failed | Outcome::NotModified => {
                return precondition_failed(s);
            }
            Outcome::Proceed => {}
        }
    }
    match (head.method.as_str(), &route) {
        ("GET" | "HEAD", Route::At(_))
            if s.is("head-not-allowed") && head.method == "HEAD" =>
        {
            not_allowed(head, "GET, OPTIONS", s)
        }
        ("GET" | "HEAD", Route::At(path)) => page(path, head, shared),
        ("GET", Route::Echo) if s.is("echo-for-get") => Reply::new(200, Vec::new()),
        ("GET", Route::Server) if s.is("asterisk-for-all") => Reply::verse(shared),
        ("OPTIONS", Route::Echo) if s.is("echo-without-options") => {
            not_allowed(head, allow, s)
        }
        ("OPTIONS", Route::At(path)) if s.is("options-can-be-304") => {
            let as_get = page(path, &head.as_get(), shared);
            match as_get.status {
                304 | 412 => as_get,
                _ => options(allow, s),
            }
        }
        ("OPTIONS", _) if s.is("options-not-allowed") => {
            not_allowed(head, &allow.replace(", OPTIONS", ""), s)
        }
        ("OPTIONS", Route::Server) if s.is("no-options-of-all") => {
            Reply::error(404, "there is nothing here", s)
        }
        ("OPTIONS", _) => options(allow, s),
        ("TRACE", _) if s.is("exercise-6.3") => exercises::trace(head),
        ("TRACE", _) if s.is("trace-is-200") => {
            Reply::new(200, b"TRACE\r\n".to_vec())
        }
        ("CONNECT", _) if s.is("connect-is-200") => Reply::new(200, Vec::new()),
        ("POST", Route::At(_)) if s.is("post-is-get") => Reply::verse(shared),
        (method, _) => refusal(method, head, allow, s),
    }
}

fn options(allow: &str, s: Switch) -> Reply {
    let reply = match s {
        _ if s.is("options-is-204") => Reply::new(204, Vec::new()),
        _ if s.is("options-with-content") => {
            Reply::new(200, format!("{allow}\n").into_bytes())
                .with("Content-Type", "text/plain")
        }
        _ => Reply::new(200, Vec::new()),
    };
    match s.is("options-without-allow") {
        true => reply,
        false => reply.with("Allow", allow),
    }
}

/// What is served at a path.
fn page(path: &str, head: &Head, shared: &Shared) -> Reply {
    match &shared.options.root {
        // What is looked for is http:/a/b.
        Some(_)
            if matches!(head.target, Target::Whole { .. })
                && shared.s.is("files-not-as-uris") =>
        {
            Reply::error(404, "there is nothing here", shared.s)
        }
        Some(root) if shared.s.is("misses-are-kept") => {
            files::find_or_miss(root, path, head, shared)
        }
        Some(root) => files::find(root, path, head, shared),
        None => {
            let whole = Reply::verse(shared);
            let thing = Thing {
                tag: VERSE_TAG.to_owned(),
                modified: Some(VERSE_MODIFIED),
                bytes: Piece::Bytes(shared.text().as_bytes().to_vec()),
                whole,
            };
            represent(&thing, head, shared)
        }
    }
}

/// Something that can be had, whole, in part, or not again.
pub struct Thing {
    pub tag: String,
    /// In seconds since 1970.
    pub modified: Option<u64>,
    pub bytes: Piece,
    /// The response that is all of it.
    pub whole: Reply,
}

pub fn precondition_failed(s: Switch) -> Reply {
    match s.is("412-is-409") {
        true => Reply::error(409, "it has changed", s),
        false => Reply::error(412, "it has changed, or never was what you say", s),
    }
}

/// Conditions first, then ranges.
pub fn represent(thing: &Thing, head: &Head, shared: &Shared) -> Reply {
    let s = shared.s;
    if shared.stage < Stage::Part6 {
        return thing.whole.clone();
    }
    let of_nothing;
    let thing = match head.method == "HEAD" && s.is("head-has-another-tag") {
        true => {
            of_nothing = with_tag_of_nothing(thing);
            &of_nothing
        }
        false => thing,
    };
    let modified = if s.is("no-last-modified") { None } else { thing.modified };
    if s.is("ranges-before-conditions")
        && let Some(reply) = ranges::partial(thing, head, shared)
    {
        return reply;
    }
    let skip_head = s.is("no-conditions-for-head") && head.method == "HEAD";
    match conditions::evaluate(head, &thing.tag, modified, s) {
        _ if skip_head => {}
        Outcome::Proceed => {}
        Outcome::NotModified => return not_modified(thing, head, s),
        Outcome::Failed => return precondition_failed(s),
    }
    if s.is("if-range-is-a-condition")
        && head.has("range")
        && !conditions::if_range_holds(head, &thing.tag, modified, s)
    {
        return precondition_failed(s);
    }
    match ranges::partial(thing, head, shared) {
        Some(reply) => reply,
        None => thing.whole.clone(),
    }
}

/// The same with the tag of its content, where none is sent.
fn with_tag_of_nothing(thing: &Thing) -> Thing {
    let tag = "e3b0c442".to_owned();
    let mut whole = thing.whole.clone();
    let tags = whole.fields.iter_mut().filter(|(name, _)| name == "ETag");
    tags.for_each(|(_, value)| *value = format!("\"{tag}\""));
    Thing { tag, modified: thing.modified, bytes: thing.bytes.clone(), whole }
}

/// 304, with what tells this state from others.
fn not_modified(thing: &Thing, head: &Head, s: Switch) -> Reply {
    let mut reply = Reply::new(304, Vec::new());
    if s.is("304-with-body") {
        reply.content = Content::Bytes(b"not modified".to_vec());
    }
    let kept: &[&str] = match s {
        _ if s.is("304-without-etag") => &["Vary", "Cache-Control"],
        _ if s.is("304-of-dates-without-etag") && !head.has("if-none-match") => {
            &["Vary"]
        }
        _ if s.is("304-without-vary") => &["ETag", "Cache-Control"],
        _ if s.is("304-with-all-fields") => {
            &["ETag", "Vary", "Last-Modified", "Content-Type", "Accept-Ranges"]
        }
        _ if s.is("304-with-last-modified") => &["ETag", "Vary", "Last-Modified"],
        _ => &["ETag", "Vary"],
    };
    for name in kept {
        if let Some(value) = thing.whole.field(name) {
            let value = match s.is("304-with-another-etag") && *name == "ETag" {
                true => "\"another\"".to_owned(),
                false => value.to_owned(),
            };
            reply = reply.with(name, value);
        }
    }
    reply
}
