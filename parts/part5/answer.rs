//! What Part 5 has to say to whom. Part 5.5 says the same.

use std::time::{Duration, UNIX_EPOCH};

use rohttp::date;
use rohttp::h1::{BodyLength, Head, Persistence, encode};
use rohttp::message::{
    FieldName, FieldValue, Method, Request, Response, Scheme, Status, Target,
    Version,
};
use rohttp::verse::VERSE;

/// When the verse was last modified, in seconds since 1970: 27 July 1987.
const LAST_MODIFIED: Duration = Duration::from_secs(554_342_400);

/// Answers a request that came over `scheme`.
pub fn answer(request: &Request, scheme: Scheme) -> Response {
    match (&request.method, &request.target) {
        // What is for https must not be had in the clear (RFC 9110 section 7.4).
        (_, Target::Absolute { scheme: Scheme::Https, .. })
            if scheme == Scheme::Http =>
        {
            let why = "this port does not speak TLS";
            Response::error(Status::MISDIRECTED_REQUEST, why)
        }
        (Method::Get | Method::Head, _) => verse(),
        (Method::Other(_), _) => {
            let why = "this method is not known here";
            Response::error(Status::NOT_IMPLEMENTED, why)
        }
        (_, _) => {
            let why = "ask with GET or HEAD";
            Response::error(Status::METHOD_NOT_ALLOWED, why)
                .with(FieldName::ALLOW, FieldValue::from_static("GET, HEAD"))
        }
    }
}

fn verse() -> Response {
    let date = date::imf_fixdate(UNIX_EPOCH + LAST_MODIFIED);
    Response::text(Status::OK, VERSE).with(FieldName::LAST_MODIFIED, (&date).into())
}

/// A response, and what it takes to send it.
pub struct Reply {
    /// The method of the request, as far as that is known.
    pub method: Option<Method>,
    /// What is to be said.
    pub response: Response,
    /// Whether another request may follow.
    pub persistence: Persistence,
}

impl Reply {
    /// The connection can go on: not after the verse, not past a body that nobody
    /// is going to read, and not if the client would rather it did not. HTTP/1.0's
    /// keep-alive, which nobody has to honour, is not honoured.
    pub fn to(head: &Head, scheme: Scheme) -> Reply {
        let Head { request, body, persistence, .. } = head;
        let response = answer(request, scheme);
        let ends = response.status == Status::OK
            || *body != BodyLength::None
            || request.version < Version::HTTP_11;
        let persistence = if ends { Persistence::Close } else { *persistence };
        Reply { method: Some(request.method.clone()), response, persistence }
    }

    /// What can't be read to its end can't be followed by anything.
    pub fn refusal(method: Option<&Method>, response: Response) -> Reply {
        let method = method.cloned();
        Reply { method, response, persistence: Persistence::Close }
    }

    /// The bytes of it.
    pub fn encode(self) -> Vec<u8> {
        let Reply { method, response, persistence } = self;
        encode::whole(response, method.as_ref(), persistence, &date::now())
    }
}
