//! What there is to be had at a server, and what may be done with it: a request
//! becomes a response here.

pub mod resolve;
pub mod own_files;
pub mod opening;
pub mod variant;
pub mod listing;
pub mod listings;
pub mod files;
pub mod echo;
pub mod options;

pub mod kept;

use std::fmt::Debug;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use percent_encoding::{
    AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode,
};
use tracing::error;

use self::files::{Found, Root};
use self::kept::Kept;
use self::opening::{NotServed, Wait};
use crate::message::{
    FieldName, FieldValue, Method, Path, Request, Response, Status, Target,
};
use crate::resource::conditional::Validators;
use crate::resource::content::{Content, Piece};
use crate::resource::representation::{Representation, Varies};
use crate::verse;

/// What is served.
#[derive(Debug, Default)]
pub struct Site {
    /// The files; without them, the verse, whatever is asked for.
    pub root: Option<Root>,
    /// Whether what is sent to `/echo` comes back.
    pub echo: Echo,
    /// Cache-Control for files, by their extension; `*` is any.
    pub cache_control: Vec<(String, FieldValue)>,
    /// Files that are kept in memory, if any are.
    pub kept: Option<Kept>,
    /// Pages that are made as they are asked for, instead of all that.
    pub pages: Option<Arc<dyn Pages>>,
}

/// Pages that are made as they are asked for.
pub trait Pages: Debug + Send + Sync {
    /// The page at a path, if there is one.
    fn page(&self, path: &str) -> Option<Response>;
}

/// Whether what is sent to `/echo` comes back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Echo {
    /// It does.
    #[default]
    On,
    /// `/echo` is a path like another.
    Off,
}

/// What a request is for.
#[derive(Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// The server as a whole.
    Server,
    /// What sends back what it is sent.
    Echo,
    /// What is served at a path.
    At(&'a Path),
    /// Another host, which we don't speak for.
    Elsewhere,
}

impl Site {
    /// What `request` is for.
    pub fn route<'a>(&self, request: &'a Request) -> Route<'a> {
        match &request.target {
            Target::Origin(path) | Target::Absolute { path, .. } => {
                let is_echo = percent_decode_str(path.split().0).eq(*b"/echo");
                match self.echo == Echo::On && is_echo {
                    true => Route::Echo,
                    false => Route::At(path),
                }
            }
            Target::Asterisk => Route::Server,
            Target::Authority(_) => Route::Elsewhere,
        }
    }

    /// The methods that make sense there: what Allow says (RFC 9110 section 10.2.1).
    fn allowed(&self, route: &Route) -> FieldValue {
        FieldValue::from_static(match route {
            Route::Server if self.echo == Echo::On => "GET, HEAD, OPTIONS, POST",
            Route::Server | Route::At(_) => "GET, HEAD, OPTIONS",
            Route::Echo => "OPTIONS, POST",
            Route::Elsewhere => "",
        })
    }

    /// Answers a request, whatever its content. This may wait for a disk, if there
    /// are files.
    pub fn answer(&self, request: &Request) -> Response<Content> {
        let route = self.route(request);
        match (&request.method, &route) {
            (Method::Get | Method::Head, Route::At(path)) => {
                self.page(path, request)
            }
            (Method::Options, _) => Response::new(Status::OK, Content::default())
                .with(FieldName::ALLOW, self.allowed(&route)),
            (Method::Other(_), _) => {
                let why = "this method is not known here";
                Response::error(Status::NOT_IMPLEMENTED, why).map(Content::from)
            }
            _ => {
                let why = "Allow says what can be done here";
                Response::error(Status::METHOD_NOT_ALLOWED, why)
                    .map(Content::from)
                    .with(FieldName::ALLOW, self.allowed(&route))
            }
        }
    }

    /// Answers a request, whatever its content, if no disk has to be waited for.
    pub fn answer_at_once(&self, request: &Request) -> Option<Response<Content>> {
        let is_for_a_file = matches!(request.method, Method::Get | Method::Head);
        match (&self.root, self.route(request)) {
            (Some(root), Route::At(path)) if is_for_a_file => {
                match self.find(root, path, request, Wait::Never) {
                    Ok(found) => Some(self.found(found, request)),
                    Err(NotServed::NotFound) => {
                        self.not_found(root, request, Wait::Never).ok()
                    }
                    Err(_) => None,
                }
            }
            _ => Some(self.answer(request)),
        }
    }

    fn page(&self, path: &Path, request: &Request) -> Response<Content> {
        if let Some(pages) = &self.pages {
            return match pages.page(path.split().0) {
                Some(page) => page.map(Content::from),
                None => refuse(NotServed::NotFound),
            };
        }
        let Some(root) = &self.root else {
            return VERSE.respond(request);
        };
        match self.find(root, path, request, Wait::ForDisk) {
            Ok(found) => self.found(found, request),
            Err(NotServed::NotFound) => {
                self.not_found(root, request, Wait::ForDisk).unwrap_or_else(refuse)
            }
            Err(not_served) => refuse(not_served),
        }
    }

    /// Looks for what `path` asks for, in memory first, if anything is kept there.
    fn find(
        &self,
        root: &Root,
        path: &Path,
        request: &Request,
        wait: Wait,
    ) -> Result<Found, NotServed> {
        match &self.kept {
            Some(kept) => kept.find(root, path, &request.headers, wait),
            None => root.find(path, &request.headers, wait),
        }
    }

    fn found(&self, found: Found, request: &Request) -> Response<Content> {
        match found {
            Found::File(name, file) => {
                self.with_cache_control(file.respond(request), &name)
            }
            Found::Moved(location) => {
                redirection(Status::MOVED_PERMANENTLY, &location)
            }
            Found::Listing(page) => Response::new(Status::OK, page.into())
                .with(FieldName::CONTENT_TYPE, FieldValue::TEXT_HTML),
        }
    }

    /// Says that there is nothing there, with a page of the site's own if it has one.
    fn not_found(
        &self,
        root: &Root,
        request: &Request,
        wait: Wait,
    ) -> Result<Response<Content>, NotServed> {
        match root.fallback(&request.headers, wait) {
            Ok(Found::File(name, file)) => {
                return Ok(self.with_cache_control(file.respond(request), &name));
            }
            Err(NotServed::WouldWait) => return Err(NotServed::WouldWait),
            _ => {}
        }
        match root.error_page(wait) {
            Ok(page) => Ok(Response::new(Status::NOT_FOUND, page.bytes.into())
                .with(FieldName::CONTENT_TYPE, page.media_type)),
            Err(NotServed::WouldWait) => Err(NotServed::WouldWait),
            Err(_) => Ok(refuse(NotServed::NotFound)),
        }
    }

    fn with_cache_control(
        &self,
        response: Response<Content>,
        name: &str,
    ) -> Response<Content> {
        const CACHED: [Status; 3] =
            [Status::OK, Status::PARTIAL_CONTENT, Status::NOT_MODIFIED];
        let name = name.rsplit('/').next().unwrap_or_default();
        let extension =
            name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let is_meant =
            |kind: &str| kind == "*" || kind.eq_ignore_ascii_case(extension);
        let mut rules = self.cache_control.iter();
        match rules.find(|(kind, _)| is_meant(kind)) {
            Some((_, value)) if CACHED.contains(&response.status) => {
                response.with(FieldName::CACHE_CONTROL, value.clone())
            }
            _ => response,
        }
    }
}

fn refuse(not_served: NotServed) -> Response<Content> {
    let (status, why) = match not_served {
        NotServed::NotFound => (Status::NOT_FOUND, "there is nothing here"),
        NotServed::Forbidden => (Status::FORBIDDEN, "this is not for you"),
        NotServed::NotAcceptable => {
            (Status::NOT_ACCEPTABLE, "it is not there in a coding that you accept")
        }
        NotServed::Io(error) => {
            error!("cannot open a file: {error}");
            (Status::SERVICE_UNAVAILABLE, "this server has its hands full")
        }
        NotServed::WouldWait => {
            (Status::SERVICE_UNAVAILABLE, "a disk would have to be waited for")
        }
    };
    Response::error(status, why).map(Content::from)
}

/// Sends a client elsewhere: to a path, or to a URI.
pub fn redirection(status: Status, location: &str) -> Response<Content> {
    /// What a client may take for something else (the URL Standard): `\` for a slash,
    /// so that `/\evil.com/` were another host; and what RFC 3986 has encoded.
    const ENCODED: &AsciiSet = &CONTROLS
        .add(b'\\')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}')
        .add(b'"')
        .add(b'<')
        .add(b'>')
        .add(b' ');
    let location = utf8_percent_encode(location, ENCODED).to_string();
    let value = FieldValue::parse(location.as_bytes());
    let value = value.expect("what is encoded holds no control character");
    Response::error(status, &location)
        .map(Content::from)
        .with(FieldName::LOCATION, value)
}

/// When the verse was last modified, in seconds since 1970: 27 July 1987.
pub const LAST_MODIFIED: Duration = Duration::from_secs(554_342_400);

/// The verse, which changes when the server does.
static VERSE: LazyLock<Representation> = LazyLock::new(|| {
    let hasher = BuildHasherDefault::<DefaultHasher>::new();
    let etag = format!("{:x}", hasher.hash_one(verse::VERSE));
    let last_modified = Some(UNIX_EPOCH + LAST_MODIFIED);
    let validators = Validators { etag, last_modified };
    let bytes = Piece::Bytes(Bytes::from_static(verse::VERSE.as_bytes()));
    Representation::new(
        FieldValue::TEXT_PLAIN,
        None,
        Varies::Not,
        validators,
        bytes,
    )
});
