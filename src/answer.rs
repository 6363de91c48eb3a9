//! What this server has to say to whom.

use std::time::{Duration, UNIX_EPOCH};

use crate::date;
use crate::h1::Error;
use crate::message::{
    FieldName, FieldValue, Method, Request, Response, Scheme, Status, Target,
};
use crate::verse::VERSE;

/// When the verse was last modified, in seconds since 1970: 27 July 1987.
pub const LAST_MODIFIED: Duration = Duration::from_secs(554_342_400);

/// Answers a request that came over `scheme`.
pub fn answer(request: &Request, scheme: Scheme) -> Response {
    const ALLOW: FieldName = FieldName::from_static("Allow");
    const ALLOWED: FieldValue = FieldValue::from_static("GET, HEAD");
    match (&request.method, &request.target) {
        // What is for https must not be had in the clear (RFC 9110 section 7.4).
        (_, Target::Absolute { scheme: Scheme::Https, .. })
            if scheme == Scheme::Http =>
        {
            refusal(Status::MISDIRECTED_REQUEST, "this port does not speak TLS")
        }
        (Method::Get | Method::Head, _) => verse(),
        (Method::Other(_), _) => {
            refusal(Status::NOT_IMPLEMENTED, "this method is not known here")
        }
        (_, _) => {
            let refusal =
                refusal(Status::METHOD_NOT_ALLOWED, "ask with GET or HEAD");
            refusal.with(ALLOW, ALLOWED)
        }
    }
}

/// Tells a client which rule its request breaks.
pub fn refuse(error: Error) -> Response {
    refusal(error.status(), &error.to_string())
}

/// Tells a client that it took too long.
pub fn timed_out() -> Response {
    refusal(Status::REQUEST_TIMEOUT, "the rest of the request did not come in time")
}

fn verse() -> Response {
    const NAME: FieldName = FieldName::from_static("Last-Modified");
    let date = date::imf_fixdate(UNIX_EPOCH + LAST_MODIFIED);
    let date = FieldValue::parse(&date).expect("a date is a field value");
    Response::text(Status::OK, VERSE).with(NAME, date)
}

/// Tells a client what is wrong, in a line.
pub fn refusal(status: Status, why: &str) -> Response {
    let text = format!("{} {}: {why}\n", status.code(), status.reason());
    Response::text(status, text)
}
