//! What must come back to a request, by the RFCs: where they leave a choice, all of it.

use super::request::{
    Body, Expects, Form, IfRange, Message, Request, Tag, When, modified,
};
use crate::checks::sweeps::conditions::keeps;
use crate::checks::sweeps::ranges::{are_parts, is_part};
use crate::line::{Call, Outcome};
use crate::response::Response;
use crate::stage::Stage::{self, Part6};
use crate::tree::FILES;

/// What is known of a request before it is sent.
pub struct Oracle<'a> {
    pub stage: Stage,
    pub request: Request,
    pub message: &'a Message,
    /// What is answered to the same method and target, and nothing else.
    pub plain: &'a Response,
    /// What is there: what is answered to a plain GET.
    pub there: &'a Response,
    /// What is known of the file that was planted there.
    pub planted: Option<Planted>,
}

/// What a path leads to in our tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// A file of this type, with this in it if it is not long.
    File(&'static str, Option<&'static str>),
    /// A folder whose name wants a slash behind it.
    Folder,
    /// Nothing that anybody may have.
    Nothing,
}

impl Planted {
    /// What a path leads to; none if that is the server's own affair.
    pub fn at(path: &str) -> Option<Planted> {
        let text = |name: &str| {
            let mut files = FILES.iter().filter(|(it, _)| *it == name);
            files.next().map(|(_, text)| *text)
        };
        let of_text = |name: &str| Planted::File("text/plain", text(name));
        Some(match path {
            "/" => Planted::File("text/html", None),
            "/folder/" => Planted::File("text/html", text("folder/index.html")),
            "/a.txt" | "/coded.txt" | "/empty.txt" | "/gzipped.txt" => {
                of_text(&path[1..])
            }
            "/a%20b.txt" => of_text("a b.txt"),
            "/what%3F.txt" => of_text("what?.txt"),
            "/long.bin" => Planted::File("", None),
            "/folder" => Planted::Folder,
            "/none.txt" | "/.hidden" | "/folder/.hidden" | "/.folder/file.txt" => {
                Planted::Nothing
            }
            _ => return None,
        })
    }
}

/// Statuses that will do, and the section that says so.
type Wanted = (Vec<u16>, &'static str);

/// How it is refused that nobody has been told about.
const REFUSED: [u16; 8] = [400, 403, 405, 411, 413, 417, 421, 501];

impl Oracle<'_> {
    /// Wants a response to be one that this request may have.
    pub fn judge(&self, call: &Call, response: &Response) -> Outcome {
        if self.is_too_much(response) {
            return Ok(());
        }
        let status = response.status;
        let (statuses, section) = self.wanted();
        if !statuses.contains(&status) {
            let wanted: Vec<String> = statuses.iter().map(u16::to_string).collect();
            let wanted = wanted.join(" or ");
            let what = format!("status {status} instead of {wanted} ({section})");
            return Err(call.wrong(response, response.status_at, what));
        }
        let is_old = self.request.version == "HTTP/1.0";
        if is_old && !response.interim.is_empty() {
            let what = "an interim response, which HTTP/1.0 does not know \
                (RFC 9110 section 15.2)";
            return Err(call.wrong(response, response.status_at, what));
        }
        let coding = response.field("Transfer-Encoding");
        if let Some(coding) = coding.filter(|_| is_old || status == 204) {
            let what = "a Transfer-Encoding, where there must be none \
                (RFC 9112 section 6.1)";
            return Err(call.wrong(response, coding.at, what));
        }
        if matches!(self.request.method, "GET" | "HEAD") && !self.is_spoilt() {
            self.is_as_planted(call, response)?;
        }
        match (self.request.method, status) {
            _ if self.is_spoilt() => Ok(()),
            ("GET", 200) => {
                self.same_fields(call, response)?;
                self.same_coding(call, response)?;
                call.content(response, &self.there.content)
            }
            ("HEAD", 200) => self.same_fields(call, response),
            ("GET", 206) => self.part(call, response),
            ("GET" | "HEAD", 304) => keeps(call, response, self.there),
            ("POST", 200) if self.is_echo() => {
                call.content(response, &self.content())
            }
            _ => Ok(()),
        }
    }

    /// Whether something is wrong with it, and it is not read any further.
    pub fn is_spoilt(&self) -> bool {
        self.request.is_spoilt()
    }

    /// Whether a response says that there are too many fields, as it may (RFC 9110 section
    /// 5.4).
    pub fn is_too_much(&self, response: &Response) -> bool {
        self.request.has_many_fields() && matches!(response.status, 400 | 413 | 431)
    }

    fn wanted(&self) -> Wanted {
        let Request { method, body, .. } = self.request;
        if self.is_spoilt() {
            return self.refusals();
        }
        let status = self.plain.status;
        let (mut statuses, section) = match method {
            "GET" | "HEAD" if !self.is_planted() => match self.planted {
                Some(Planted::Folder) => {
                    (vec![301, 302, 307, 308], "RFC 9110 section 15.4")
                }
                Some(Planted::Nothing) => {
                    (vec![404, 403], "RFC 9110 section 15.5.5")
                }
                _ => (vec![200], "RFC 9110 section 15.3.1"),
            },
            "GET" | "HEAD" if self.plain.status == 200 => self.selected(),
            _ => (vec![status], "RFC 9110 section 13.2.1"),
        };
        // What has no content may say so, and what should have a length need not be read
        // without one.
        match body {
            _ if method != "POST" => {}
            Body::None => statuses.extend([204, 400, 411]),
            Body::Empty | Body::NoChunks => statuses.push(204),
            _ => {}
        }
        if body != Body::None {
            // Nobody expects one there, or one so long (RFC 9110 section 9.3.1).
            let is_odd = !matches!(method, "POST" | "PUT");
            statuses.extend(if is_odd { vec![400, 413] } else { vec![413] });
        }
        if self.request.expects == Expects::Tea {
            statuses.push(417);
        }
        (statuses, section)
    }

    /// Whether what is there is what was planted there.
    fn is_planted(&self) -> bool {
        let status = self.there.status;
        match self.planted {
            None => true,
            Some(Planted::File(..)) => status == 200,
            Some(Planted::Folder) => matches!(status, 301 | 302 | 307 | 308),
            Some(Planted::Nothing) => matches!(status, 403 | 404),
        }
    }

    /// Wants a file to be the one that was planted, in a coding that may come; and a folder
    /// to be said to be where it is.
    fn is_as_planted(&self, call: &Call, response: &Response) -> Outcome {
        let coding = response.field("Content-Encoding");
        if let Some(coding) = coding.filter(|it| !self.request.accepts(&it.value)) {
            let what = "a coding that may not come (RFC 9110 section 12.5.3)";
            return Err(call.wrong(response, coding.value_at, what));
        }
        match self.planted {
            Some(Planted::File(media_type, text)) if response.status == 200 => {
                if let Some(field) = response.field("Content-Type")
                    && !field.value.starts_with(media_type)
                {
                    let what = format!("this is {media_type}");
                    return Err(call.wrong(response, field.value_at, what));
                }
                match text {
                    Some(text) if coding.is_none() && !self.is_head() => {
                        call.content(response, text.as_bytes())
                    }
                    _ => Ok(()),
                }
            }
            Some(Planted::Folder) if (300..400).contains(&response.status) => {
                let field = call.field(response, "Location")?;
                let path = field.value.split('?').next().unwrap_or_default();
                match path.ends_with("/folder/") {
                    true => Ok(()),
                    false => {
                        let what = "the folder is at /folder/, and this is not";
                        Err(call.wrong(response, field.value_at, what))
                    }
                }
            }
            _ => Ok(()),
        }
    }

    fn is_head(&self) -> bool {
        self.request.method == "HEAD"
    }

    /// How what is spoilt may be refused: for that, or for what else is.
    fn refusals(&self) -> Wanted {
        let Request { form, body, expects, .. } = self.request;
        if !self.request.has_bad_host() && form != Form::Asterisk {
            // It may be found out when the response has begun, or has gone.
            let rest = [self.plain.status, 200, 204, 206, 304, 412, 416];
            return ([&REFUSED[..], &rest].concat(), "RFC 9112 section 7.1");
        }
        let section = match self.request.has_bad_host() {
            true => "RFC 9112 section 3.2",
            false => "RFC 9112 section 3.2.4",
        };
        let is_served = self.plain.status < 400 && expects != Expects::Tea;
        match is_served && body == Body::None {
            true => (vec![400], section),
            false => (REFUSED.to_vec(), section),
        }
    }

    /// What comes of conditions, in their order (RFC 9110 section 13.2.2), of a range, and
    /// of both.
    fn selected(&self) -> Wanted {
        let Request { if_match, none_match, unmodified, .. } = self.request;
        let dated = modified(self.there).is_some();
        let mut wanted = match () {
            () if if_match != Tag::None && !if_match.matches(self.there, true) => {
                vec![412]
            }
            () if if_match == Tag::None && unmodified == When::Before && dated => {
                vec![412]
            }
            () if none_match.matches(self.there, false) => vec![304],
            () if none_match == Tag::None
                && self.request.modified == When::Then
                && dated =>
            {
                // It should be, and need not.
                let mut statuses = vec![304];
                statuses.extend(self.of_range());
                statuses
            }
            () => self.of_range(),
        };
        // Conditions are looked at from Part 6 on; and what has no validator, such as a
        // page that is made when it is asked for, may be without them.
        let has_none = self.there.field("ETag").is_none() && !dated;
        if (self.stage < Part6 || has_none) && !wanted.contains(&200) {
            wanted.push(200);
        }
        (wanted, "RFC 9110 section 13.2.2")
    }

    fn of_range(&self) -> Vec<u16> {
        let Request { method, range, if_range, .. } = self.request;
        let length = self.there.content.len();
        let holds = match if_range {
            IfRange::None => true,
            IfRange::Its => Tag::Its.matches(self.there, true),
            IfRange::Another | IfRange::Before => false,
        };
        match range {
            _ if method != "GET" || !holds => vec![200],
            "" | "lines=0-3" => vec![200],
            // It may be rejected, and ignored.
            "bytes=9-4" => vec![200, 416],
            _ if self.first_and_last(range).is_none() => vec![200, 416],
            _ if length == 0 => vec![200, 416],
            _ => vec![200, 206],
        }
    }

    /// Where a range begins and ends, of those that are drawn.
    fn first_and_last(&self, range: &str) -> Option<(usize, usize)> {
        let last = self.there.content.len().checked_sub(1)?;
        let (first, end) = match range {
            "bytes=0-3" => (0, last.min(3)),
            "bytes=1-" => (1, last),
            "bytes=-1" => (last, last),
            "bytes=0-0,2-2" | "bytes=0-0,LENGTH-" => (0, 0),
            _ => return None,
        };
        (first <= end).then_some((first, end))
    }

    fn part(&self, call: &Call, response: &Response) -> Outcome {
        let range = self.request.range;
        match self.first_and_last(range) {
            Some(_) if range.contains(',') => are_parts(call, response, self.there),
            Some((first, last)) => {
                is_part(call, response, self.there, &(first..=last))
            }
            None => Ok(()),
        }
    }

    /// Wants the fields that what is there has.
    fn same_fields(&self, call: &Call, response: &Response) -> Outcome {
        same(call, response, self.there, "the plain GET has")
    }

    /// Wants a coding to be said if there is one, and only then.
    fn same_coding(&self, call: &Call, response: &Response) -> Outcome {
        let name = "Content-Encoding";
        match (response.field(name), self.there.field(name)) {
            (None, Some(_)) => call.field(response, name).map(drop),
            (Some(field), None) => {
                let what = "a coding, and the plain GET has none";
                Err(call.wrong(response, field.at, what))
            }
            _ => Ok(()),
        }
    }

    fn is_echo(&self) -> bool {
        self.plain.status == 200 && self.plain.content == b"hello"
    }

    /// What is in its body.
    fn content(&self) -> Vec<u8> {
        match self.request.body {
            Body::Fills(_) => self.message.bytes[self.message.body_at..].to_vec(),
            _ => self.request.content(),
        }
    }
}

/// Fields that say what is there, or how to go on.
const FIELDS: [&str; 9] = [
    "Content-Type",
    "Content-Length",
    "Content-Encoding",
    "Content-Range",
    "ETag",
    "Last-Modified",
    "Location",
    "Allow",
    "Vary",
];

/// Wants those fields of two responses to be the same, where both have them.
pub fn same(
    call: &Call,
    response: &Response,
    other: &Response,
    whose: &str,
) -> Outcome {
    for name in FIELDS {
        let Some(theirs) = other.field(name) else { continue };
        let Some(ours) = response.field(name) else { continue };
        let is_made_up = theirs.value.starts_with("multipart/");
        if ours.value != theirs.value && !is_made_up {
            let what = format!("{whose} {name}: {}", theirs.value);
            return Err(call.wrong(response, ours.value_at, what));
        }
    }
    Ok(())
}
