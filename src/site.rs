//! What there is to be had at a server, and what may be done with it.

use std::borrow::Cow;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;
use std::time::UNIX_EPOCH;

use percent_encoding::percent_decode_str;
use tracing::error;

use crate::answer::{LAST_MODIFIED, refusal};
use crate::conditional::Validators;
use crate::content::{Content, Piece};
use crate::files::{Found, Missing, Root};
use crate::message::{
    FieldName, FieldValue, Headers, Method, Path, Request, Response, Scheme,
    Status, Target,
};
use crate::representation::Representation;
use crate::verse;

/// The target is elsewhere for good, and is to be asked for there.
pub const MOVED_PERMANENTLY: Status = Status::new(301, "Moved Permanently");
/// The same, and with the same method.
pub const PERMANENT_REDIRECT: Status = Status::new(308, "Permanent Redirect");
/// The target is not to be had.
pub const FORBIDDEN: Status = Status::new(403, "Forbidden");
/// There is no such target.
pub const NOT_FOUND: Status = Status::new(404, "Not Found");
/// There is, and not as the client would have it.
pub const NOT_ACCEPTABLE: Status = Status::new(406, "Not Acceptable");
/// What the client expects is not to be had.
pub const EXPECTATION_FAILED: Status = Status::new(417, "Expectation Failed");
/// The server can't, for now.
pub const SERVICE_UNAVAILABLE: Status = Status::new(503, "Service Unavailable");

/// What is served.
#[derive(Debug, Default)]
pub struct Site {
    /// The files; without them, the verse, whatever is asked for.
    pub root: Option<Root>,
    /// The port that clear text is sent away to.
    pub redirect: Option<u16>,
}

/// How a request came in.
#[derive(Debug, Clone, Copy)]
pub struct Via {
    /// In the clear, or not.
    pub scheme: Scheme,
    /// Our end of the connection.
    pub local: SocketAddr,
}

/// What a request is for.
enum Resource<'a> {
    /// The server as a whole.
    Server,
    /// What sends back what it is sent.
    Echo,
    /// What is served at a path.
    At(&'a Path),
    /// Another host, which we don't speak for.
    Host,
}

impl Resource<'_> {
    fn of(request: &Request) -> Resource<'_> {
        match &request.target {
            Target::Origin(path) | Target::Absolute { path, .. } => {
                match percent_decode_str(path.split().0).eq(*b"/echo") {
                    true => Resource::Echo,
                    false => Resource::At(path),
                }
            }
            Target::Asterisk => Resource::Server,
            Target::Authority(_) => Resource::Host,
        }
    }

    /// The methods that make sense here: what Allow says (RFC 9110 section 10.2.1).
    fn allowed(&self) -> FieldValue {
        FieldValue::from_static(match self {
            Resource::Server => "GET, HEAD, OPTIONS, POST",
            Resource::Echo => "OPTIONS, POST",
            Resource::At(_) => "GET, HEAD, OPTIONS",
            Resource::Host => "",
        })
    }
}

impl Site {
    /// Whether an answer can take as long as a disk does.
    pub fn is_on_disk(&self) -> bool {
        self.root.is_some()
    }

    /// The head of the response that sends a request's body back, if that is what is
    /// asked for. No browser shall take it for a page of ours.
    pub fn echo(&self, request: &Request, via: Via) -> Option<Response<()>> {
        const NOSNIFF: FieldValue = FieldValue::from_static("nosniff");
        const OPTIONS: FieldName = FieldName::from_static("X-Content-Type-Options");
        const BYTES: FieldValue =
            FieldValue::from_static("application/octet-stream");
        let is_echo = request.method == Method::Post
            && matches!(Resource::of(request), Resource::Echo)
            && self.elsewhere(request, via).is_none();
        is_echo.then(|| {
            let mut types = request.headers.all("Content-Type");
            let media_type =
                types.next().and_then(FieldValue::parse).unwrap_or(BYTES);
            Response { status: Status::OK, headers: Headers::default(), body: () }
                .with(CONTENT_TYPE, media_type)
                .with(OPTIONS, NOSNIFF)
        })
    }

    /// Answers any other request.
    pub fn answer(&self, request: &Request, via: Via) -> Response<Content> {
        const ALLOW: FieldName = FieldName::from_static("Allow");
        if let Some(response) = self.elsewhere(request, via) {
            return response.into();
        }
        let resource = Resource::of(request);
        match (&request.method, &resource) {
            (Method::Get | Method::Head, Resource::At(path)) => {
                self.page(path, request)
            }
            (Method::Options, _) => {
                let headers = Headers::default();
                Response { status: Status::OK, headers, body: Content::default() }
                    .with(ALLOW, resource.allowed())
            }
            (Method::Other(_), _) => {
                let why = "this method is not known here";
                refusal(Status::NOT_IMPLEMENTED, why).into()
            }
            _ => {
                let why = "Allow says what can be done here";
                refusal(Status::METHOD_NOT_ALLOWED, why)
                    .with(ALLOW, resource.allowed())
                    .into()
            }
        }
    }

    /// Adds what goes with every response: that browsers shall come back over TLS
    /// alone, if they would be sent there anyway. In the clear nobody could trust it
    /// (RFC 6797 section 7.2).
    pub fn secure<B>(&self, response: Response<B>, via: Via) -> Response<B> {
        const NAME: FieldName = FieldName::from_static("Strict-Transport-Security");
        /// A year, as is usual.
        const VALUE: FieldValue = FieldValue::from_static("max-age=31536000");
        match via.scheme {
            Scheme::Https if self.redirect.is_some() => response.with(NAME, VALUE),
            _ => response,
        }
    }

    /// Whether a request is not for this port at all, and what to say to it.
    fn elsewhere(&self, request: &Request, via: Via) -> Option<Response> {
        match (&request.target, self.redirect) {
            _ if via.scheme == Scheme::Https => None,
            // What is for https must not be had in the clear (RFC 9110 section 7.4).
            (Target::Absolute { scheme: Scheme::Https, .. }, _) => {
                let why = "this port does not speak TLS";
                Some(refusal(Status::MISDIRECTED_REQUEST, why))
            }
            (Target::Origin(path) | Target::Absolute { path, .. }, Some(port)) => {
                let host = match &request.authority {
                    Some(authority) => authority.host.clone(),
                    None => match via.local.ip() {
                        IpAddr::V4(address) => address.to_string(),
                        IpAddr::V6(address) => format!("[{address}]"),
                    },
                };
                let port =
                    if port == 443 { String::new() } else { format!(":{port}") };
                let location = format!("https://{host}{port}{}", path.as_str());
                Some(redirection(PERMANENT_REDIRECT, &location))
            }
            _ => None,
        }
    }

    fn page(&self, path: &Path, request: &Request) -> Response<Content> {
        const HTML: FieldValue =
            FieldValue::from_static("text/html; charset=utf-8");
        let Some(root) = &self.root else {
            return VERSE.respond(request);
        };
        match root.find(path, &request.headers) {
            Ok(Found::File(file)) => file.respond(request),
            Ok(Found::Folder) => {
                let (path, query) = path.split();
                let query =
                    query.map_or(String::new(), |query| format!("?{query}"));
                let location = format!("{path}/{query}");
                redirection(MOVED_PERMANENTLY, &location).into()
            }
            Ok(Found::Listing(page)) => {
                let body = Piece::Bytes(Cow::Owned(page.into_bytes())).into();
                let headers = Headers::default();
                Response { status: Status::OK, headers, body }
                    .with(CONTENT_TYPE, HTML)
            }
            Err(missing) => refuse(missing).into(),
        }
    }
}

fn refuse(missing: Missing) -> Response {
    match missing {
        Missing::Nothing => refusal(NOT_FOUND, "there is nothing here"),
        Missing::Forbidden => refusal(FORBIDDEN, "this is not for you"),
        Missing::NotAcceptable => {
            refusal(NOT_ACCEPTABLE, "it is not there in a coding that you accept")
        }
        Missing::Failed(error) => {
            error!("cannot open a file: {error}");
            refusal(SERVICE_UNAVAILABLE, "this server has its hands full")
        }
    }
}

fn redirection(status: Status, location: &str) -> Response {
    const LOCATION: FieldName = FieldName::from_static("Location");
    let value = FieldValue::parse(location.as_bytes());
    let value = value.expect("a path holds no control character");
    refusal(status, location).with(LOCATION, value)
}

/// The verse, which changes when the server does.
static VERSE: LazyLock<Representation> = LazyLock::new(|| {
    const TEXT: FieldValue = FieldValue::from_static("text/plain; charset=utf-8");
    let hasher = BuildHasherDefault::<DefaultHasher>::new();
    let etag = format!("{:x}", hasher.hash_one(verse::VERSE));
    let last_modified = UNIX_EPOCH + LAST_MODIFIED;
    let validators = Validators { etag, last_modified };
    let bytes = Piece::Bytes(Cow::Borrowed(verse::VERSE.as_bytes()));
    Representation::new(TEXT, None, false, validators, bytes)
});

const CONTENT_TYPE: FieldName = FieldName::from_static("Content-Type");
