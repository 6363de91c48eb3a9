//! One request answered, whatever carried it.

use std::net::IpAddr;
use std::sync::Arc;

use tracing::error;

use crate::date;
use crate::io::arrival::Arrival;
use crate::io::body::{Body, BodyError};
use crate::io::disk::{Disk, DiskError};
use crate::message::request::Expectation;
use crate::message::{
    Authority, FieldName, FieldValue, Headers, Method, Request, Response, Scheme,
    Status, Target,
};
use crate::observe::deadline::Deadline;
use crate::observe::record::{Observer, Record};
use crate::resource::content::{Content, ContentError};
use crate::site::echo::echo;
use crate::site::{Route, Site, redirection};

/// The largest file that is read in the same go as it is found, in bytes.
const MAX_LOADED: u64 = 64 * 1024;

/// What answers requests.
#[derive(Default)]
pub struct Service {
    /// What is served.
    pub site: Arc<Site>,
    /// The port that clear text is sent away to.
    pub https_port: Option<u16>,
    /// Strict-Transport-Security, if browsers shall come back over TLS alone.
    pub hsts: Option<FieldValue>,
    /// Fields for every response.
    pub fields: Headers,
    /// Those who are told of each response.
    pub observers: Vec<Arc<dyn Observer>>,
    /// Where it waits for a disk.
    pub disk: Arc<Disk>,
}

impl Service {
    /// Answers a request, whose content is read from `body` as far as that takes.
    /// What waits for a disk waits where that makes nobody else wait.
    pub async fn call(
        &self,
        request: &Arc<Request>,
        body: &mut impl Body,
        arrival: &Arrival,
    ) -> Response<Content> {
        if request.expectation() == Expectation::Unknown {
            let why = "nothing can be expected here but 100-continue";
            return Response::error(Status::EXPECTATION_FAILED, why)
                .map(Content::from);
        }
        if let Some(response) = self.misdirected_or_redirect(request, arrival) {
            return response;
        }
        if request.method == Method::Post && self.site.route(request) == Route::Echo
        {
            return echo(request, body).await.unwrap_or_else(|error| match error {
                BodyError::Refused(response) => response.map(Content::from),
                // Nobody is there to read it.
                BodyError::Io(_) => Response::timed_out().map(Content::from),
            });
        }
        match self.answer_at_once(request) {
            Some(response) => response,
            None => self.answer_from_disk(request).await,
        }
    }

    /// Answers if no disk has to be waited for. What is small comes along.
    fn answer_at_once(&self, request: &Request) -> Option<Response<Content>> {
        let mut response = self.site.answer_at_once(request)?;
        let is_done = request.method == Method::Head
            || response.body.load_at_once(MAX_LOADED);
        is_done.then_some(response)
    }

    /// Answers where a disk may be waited for. What is small comes along.
    async fn answer_from_disk(&self, request: &Arc<Request>) -> Response<Content> {
        let (site, request) = (self.site.clone(), request.clone());
        let answer = self.disk.run(move || {
            let mut response = site.answer(&request);
            if request.method != Method::Head {
                response.body.load(MAX_LOADED)?;
            }
            Ok::<_, ContentError>(response)
        });
        let (status, fault) = match answer.await {
            Ok(Ok(response)) => return response,
            Ok(Err(fault)) => (Status::INTERNAL_SERVER_ERROR, fault.to_string()),
            Err(fault @ DiskError::Panicked) => {
                (Status::INTERNAL_SERVER_ERROR, fault.to_string())
            }
            Err(fault) => (Status::SERVICE_UNAVAILABLE, fault.to_string()),
        };
        error!("a request is not answered: {fault}");
        let why = "something went wrong here, and has been written down";
        Response::error(status, why).map(Content::from)
    }

    /// What to say to a request that is not for this port at all.
    fn misdirected_or_redirect(
        &self,
        request: &Request,
        arrival: &Arrival,
    ) -> Option<Response<Content>> {
        match (&request.target, self.https_port) {
            _ if arrival.scheme == Scheme::Https => None,
            // What is for https must not be had in the clear (RFC 9110 section 7.4).
            (Target::Absolute { scheme: Scheme::Https, .. }, _) => {
                let why = "this port does not speak TLS";
                let response = Response::error(Status::MISDIRECTED_REQUEST, why);
                Some(response.map(Content::from))
            }
            (Target::Origin(path) | Target::Absolute { path, .. }, Some(port)) => {
                let host = host(request.authority.as_ref(), arrival);
                let port =
                    if port == 443 { String::new() } else { format!(":{port}") };
                let location = format!("https://{host}{port}{}", path.as_str());
                Some(redirection(Status::PERMANENT_REDIRECT, &location))
            }
            _ => None,
        }
    }

    /// Completes a response to a request of the given method and authority, as far as
    /// they are known, with the fields that go with every one.
    pub fn finish(
        &self,
        response: Response<Content>,
        request: Option<&Request>,
        method: Option<&Method>,
        arrival: &Arrival,
    ) -> Response<Option<Content>> {
        let mut response = response.with_all(&self.fields);
        if let Some(value) = &self.hsts
            && arrival.scheme == Scheme::Https
            && request.is_some_and(has_name)
        {
            let name = FieldName::STRICT_TRANSPORT_SECURITY;
            response.headers.push(name, value.clone());
        }
        response.finish(method, Content::length, &date::now())
    }

    /// Tells all observers what became of a request.
    pub fn observe(&self, record: &Record) {
        self.observers.iter().for_each(|observer| observer.observe(record));
    }

    /// Tells all observers of a client who took too long.
    pub fn miss(&self, deadline: Deadline) {
        self.observers.iter().for_each(|observer| observer.miss(deadline));
    }
}

/// The host that a client means, or the address that it called.
fn host(authority: Option<&Authority>, arrival: &Arrival) -> String {
    match (authority, arrival.local.ip()) {
        (Some(authority), _) => authority.host.clone(),
        (None, IpAddr::V4(address)) => address.to_string(),
        (None, IpAddr::V6(address)) => format!("[{address}]"),
    }
}

/// Whether a request is for a name that is this server's alone. An address has no
/// name to be strict about (RFC 6797 section 8.1.1), and `localhost` is everybody's.
fn has_name(request: &Request) -> bool {
    let Some(Authority { host, .. }) = &request.authority else { return false };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_address = host.starts_with('[') || host.parse::<IpAddr>().is_ok();
    !is_address && host != "localhost" && !host.ends_with(".localhost")
}
