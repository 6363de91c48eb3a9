//! proctor's checks accept our parts, and reject servers that were broken for them.

mod answers;
mod held;
mod mutant;
mod student;
mod variants;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proctor::check::Check;
use proctor::checks;
use proctor::exercises::{self, Exercise};
use proctor::report;
use proctor::run;
use proctor::stage::{Part, Program, Stage, programs};
use proctor::target::{Endpoint, Port, Target, Tls, roots};
use proctor::tree::Tree;

use crate::support::{Server, root};
use mutant::BadTls::*;
use mutant::Break::{self, *};
use mutant::{Mutant, replace};

/// A server that is broken, by what it is a server of, and the checks that must see it.
struct Broken {
    name: &'static str,
    stage: Stage,
    how: Break,
    seen_by: &'static [&'static str],
    /// Checks that it passes: what is broken is not what they are about.
    passes: &'static [&'static str],
    serves: Serves,
}

/// What is behind a broken server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Serves {
    TheVerse,
    Files,
}

impl Broken {
    const fn passing(self, passes: &'static [&'static str]) -> Broken {
        Broken { passes, ..self }
    }

    const fn of_files(self) -> Broken {
        Broken { serves: Serves::Files, ..self }
    }
}

const fn broken(
    name: &'static str,
    stage: Stage,
    how: Break,
    seen_by: &'static [&'static str],
) -> Broken {
    Broken { name, stage, how, seen_by, passes: &[], serves: Serves::TheVerse }
}

/// Replaces in all that is said, or heard.
macro_rules! says {
    ($from:expr, $to:expr) => {
        Says(|bytes| replace(&bytes, $from, $to))
    };
}
macro_rules! hears {
    ($from:expr, $to:expr) => {
        Hears(|bytes| replace(&bytes, $from, $to))
    };
}

const GET: &[u8] = crate::support::GET;

/// Everything is a GET.
fn any_is_get(_: Vec<u8>) -> Vec<u8> {
    GET.to_vec()
}

/// Nothing is right.
fn none_is_right(_: Vec<u8>) -> Vec<u8> {
    b"\x01\r\n".to_vec()
}

/// Without the line of a field.
fn without(bytes: &[u8], name: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.split_inclusive("\r\n").filter(|line| !line.starts_with(name));
    lines.collect::<String>().into_bytes()
}

/// With another value in a field.
fn with(bytes: &[u8], name: &str, value: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let lines =
        text.split_inclusive("\r\n").map(|line| match line.starts_with(name) {
            true => format!("{name}: {value}\r\n"),
            false => line.to_owned(),
        });
    lines.collect::<String>().into_bytes()
}

use Stage::{Part1, Part2, Part3, Part4, Part5, Part5_5, Part6, Part7, Part8};

const BROKEN: &[Broken] = &[
    // Life.
    broken("mute", Part1, Mute, &["answers"]),
    broken(
        "windows-1252",
        Part1,
        says!("—".as_bytes(), b"\x97"),
        &["text-is-utf8"],
    ),
    broken("numbers", Part1, Numbers, &["same-for-everyone"]),
    broken("never ends", Part1, NeverEnds, &["ends", "caller-who-half-closes"]),
    broken("resets at the end", Part1, ResetsAtEnd, &["ends-in-order"]),
    broken("resets behind the end", Part1, ResetsBehindTheEnd, &["ends-in-order"]),
    broken(
        "closes unread",
        Part3,
        ClosesUnread(64),
        &["talkative-caller", "end-is-clean"],
    ),
    broken("serves one", Part1, Serves(1), &["next-caller"]),
    broken("dies of leaving", Part1, DiesOfLeaving, &["caller-who-leaves"]),
    broken("dies of resets", Part1, DiesOfResets, &["caller-who-resets"]),
    broken(
        "dies of resets, at once",
        Part2,
        DiesOfResets,
        &["resets-by-the-dozen"],
    ),
    broken("no half-close", Part1, NoHalfClose, &["caller-who-half-closes"]),
    broken("resets soon", Part1, ResetsSoon, &["late-reader"]),
    broken("room for five", Part1, Room(5), &["queue"]),
    broken("one at a time", Part1, OneAtATime, &["caller-who-stays"]),
    broken(
        "HTTP too soon",
        Part1,
        says!(b"The Keeper of the Port", b"HTTP/1.1 200 OK\r\n\r\n"),
        &["no-http-yet"],
    ),
    broken(
        "one after the other",
        Part2,
        OneAtATime,
        &["last-come-first-served", "who-stays-alone"],
    ),
    broken("room for fifty", Part2, Room(50), &["everyone-at-once"]),
    broken("sleeps", Part2, Sleeps, &["no-pause"]),
    broken("IPv4 alone", Part2, OneFamily, &["both-families"]),
    // GET or junk.
    broken(
        "no text",
        Part4,
        Says(|bytes| {
            let head = bytes.windows(4).position(|it| it == b"\r\n\r\n");
            let head = &bytes[..head.map_or(bytes.len(), |at| at + 4)];
            replace(head, b"Content-Length: 1039", b"Content-Length: 0")
        }),
        &["get-is-served"],
    ),
    broken("HTTP/1.0", Part3, says!(b"HTTP/1.1", b"HTTP/1.0"), &["version"]),
    broken("no space", Part3, says!(b"200 OK", b"200"), &["status-line-space"]),
    broken("LF alone", Part3, says!(b"\r\n", b"\n"), &["line-ends"]),
    broken("does not close", Part3, NeverEnds, &["get-ends-it", "half-a-word"]),
    broken(
        "reads once",
        Part3,
        ReadsOnce,
        &[
            "get-cut-in-two",
            "get-by-bytes",
            "late-second-half",
            "refused-and-served-by-bytes",
        ],
    ),
    broken(
        "answers at four bytes, and reads no more",
        Part3,
        ClosesUnread(4),
        &["get-cut-in-two"],
    ),
    broken("first letters", Part3, hears!(b"GETX", b"GET"), &["get-is-a-word"]),
    broken(
        "a tab for a space",
        Part3,
        hears!(b"GET\t", b"GET "),
        &["get-and-one-space"],
    )
    .passing(&["get-is-a-word"]),
    broken("any case", Part3, hears!(b"get", b"GET"), &["get-is-upper-case"]),
    broken(
        "everything is a GET",
        Part3,
        Hears(any_is_get),
        &[
            "post-is-refused",
            "junk-is-refused",
            "head-is-no-get",
            "not-utf8",
            "nul",
        ],
    ),
    broken("hangs up at once", Part3, ClosesAfter(1), &["refused-and-welcome"]),
    broken(
        "takes two empty lines for a word",
        Part3,
        hears!(b"\r\n\r\n\r\nGET ", b"x GET "),
        &["any-junk-together"],
    ),
    broken("two strikes", Part3, ClosesAfter(3), &["three-strikes-are-forgiven"]),
    broken(
        "forgets the rest",
        Part3,
        ForgetsTheRest,
        &["refused-and-served-in-one-piece"],
    ),
    broken("forgives", Part3, Forgives, &["the-fourth-ends-it", "one-text-is-all"]),
    broken(
        "line by line",
        Part3,
        hears!(b"PUT / HTTP/1.1", b"PUT /"),
        &["fields-are-part-of-it"],
    ),
    broken(
        "minds empty lines",
        Part3,
        hears!(b"\r\nGET", b"x\r\nGET"),
        &["empty-lines-before"],
    ),
    broken("talks to nobody", Part3, TalksToNobody, &["nothing-said"]),
    broken(
        "does not see the end",
        Part3,
        IgnoresEnd,
        &["nothing-said", "half-a-word"],
    ),
    broken("hangs on bytes", Part3, HangsOnBytes, &["not-utf8", "every-byte"]),
    broken(
        "hangs up on bytes",
        Part3,
        Answers(|bytes| str::from_utf8(bytes).is_err().then(Vec::new)),
        &["not-utf8", "every-byte"],
    ),
    broken("gives up", Part3, Small(4096), &["endless-line"]),
    broken(
        "one at a time, slowly",
        Part3,
        OneAtATime,
        &["slow-typist", "silence-delays-nobody"],
    ),
    broken("two writes", Part3, TwoWrites, &["answered-in-one-go"]),
    // Heads.
    broken(
        "no length",
        Part4,
        Says(|bytes| without(&bytes, "Content-Length")),
        &["content-length", "405-is-framed"],
    ),
    broken(
        "four too many",
        Part4,
        says!(b"Content-Length: 1039", b"Content-Length: 1043"),
        &["length-is-kept"],
    ),
    broken(
        "counts characters",
        Part4,
        says!(b"Content-Length: 1039", b"Content-Length: 1035"),
        &["length-is-kept"],
    ),
    broken(
        "two lengths",
        Part4,
        says!(
            b"Content-Length: 0\r\n",
            b"Content-Length: 0\r\nContent-Length: 0\r\n"
        ),
        &["one-content-length"],
    ),
    broken(
        "no type",
        Part4,
        Says(|bytes| without(&bytes, "Content-Type")),
        &["content-type", "charset"],
    ),
    broken("no charset", Part4, says!(b"; charset=utf-8", b""), &["charset"]),
    broken(
        "no date",
        Part4,
        Says(|bytes| without(&bytes, "Date")),
        &["date", "date-on-405"],
    ),
    broken("UTC", Part4, says!(b" GMT", b" UTC"), &["date-form", "last-modified"]),
    broken("frozen", Part4, Frozen, &["date-moves", "date-is-now"]),
    broken(
        "not a Monday",
        Part4,
        says!(b"Mon, 27 Jul 1987", b"Tue, 27 Jul 1987"),
        &["last-modified"],
    ),
    broken(
        "modified tomorrow",
        Part4,
        Says(|bytes| {
            with(&bytes, "Last-Modified", "Fri, 31 Dec 9999 23:59:59 GMT")
        }),
        &["last-modified-is-past"],
    ),
    broken(
        "modified now",
        Part4,
        Says(|bytes| {
            let now = httpdate::fmt_http_date(std::time::SystemTime::now());
            with(&bytes, "Last-Modified", &now)
        }),
        &["last-modified-stays"],
    ),
    broken("no HEAD", Part4, hears!(b"HEAD", b"POST"), &["head-is-answered"]),
    broken(
        "a body for HEAD",
        Part4,
        hears!(b"HEAD", b"GET"),
        &["head-has-no-body"],
    ),
    broken(
        "another head",
        Part4,
        SaysToHead(|bytes| without(&bytes, "Last-Modified")),
        &["head-is-like-get"],
    ),
    broken("reads HEAD once", Part4, ReadsOnce, &["head-cut-in-two"]),
    broken(
        "first letters of HEAD",
        Part4,
        hears!(b"HEADX", b"HEAD"),
        &["head-is-a-word"],
    ),
    broken(
        "does not say close",
        Part4,
        Says(|bytes| without(&bytes, "Connection")),
        &["says-close", "says-close-at-the-fourth"],
    ),
    broken("no Allow", Part4, Says(|bytes| without(&bytes, "Allow")), &["allow"]),
    broken(
        "allows POST",
        Part4,
        says!(b"Allow: GET, HEAD", b"Allow: GET, POST"),
        &["allow-is-true"],
    ),
    broken(
        "space before colon",
        Part4,
        says!(b"Date:", b"Date :"),
        &["field-names"],
    ),
    broken(
        "control character",
        Part4,
        says!(b"Date: ", b"Date: \x01"),
        &["field-values"],
    ),
    broken(
        "Host in a response",
        Part4,
        says!(b"Date:", b"Host: localhost\r\nDate:"),
        &["no-request-fields"],
    ),
    broken(
        "chunked too",
        Part4,
        says!(b"Date:", b"Transfer-Encoding: identity\r\nDate:"),
        &["one-framing"],
    ),
    broken("small buffer", Part4, Small(1024), &["long-head", "too-long-head"]),
    broken(
        "no limit",
        Part4,
        // What goes on and on it goes on reading.
        Hears(|bytes| match bytes.starts_with(b"GET ") && bytes.len() < 512 {
            true => bytes,
            false => Vec::new(),
        }),
        &["too-long-head", "endless-head"],
    ),
    broken(
        "hangs up on a flood",
        Part4,
        Slams(
            b"HTTP/1.1 431 Request Header Fields Too Large\r\n\
            Content-Length: 0\r\nConnection: close\r\n\r\n",
        ),
        &["answer-survives-a-flood"],
    ),
    // Requests.
    broken(
        "accepts anything",
        Part5,
        Hears(any_is_get),
        &[
            "no-version",
            "lower-case-version",
            "long-version",
            "space-after-version",
            "two-spaces",
            "tab",
            "space-before-method",
            "odd-method",
            "bare-lf",
            "bare-lf-in-a-field",
            "bare-cr",
            "version-2",
            "http-2-preface",
            "target-without-slash",
            "fragment",
            "get-asterisk",
            "nul-in-target",
            "absolute-form-without-host",
            "options-asterisk",
            "connect",
            "long-target",
            "no-host",
            "two-hosts",
            "two-equal-hosts",
            "bad-host",
            "host-with-user",
            "host-with-bad-port",
            "space-before-colon",
            "no-colon",
            "no-name",
            "odd-name",
            "folded",
            "space-before-first-field",
            "nul-in-value",
            "too-many-fields",
            "signed-length",
            "negative-length",
            "hex-length",
            "empty-length",
            "huge-length",
            "list-of-lengths",
            "two-lengths",
            "length-and-coding",
            "chunked-not-last",
            "chunked-twice",
            "coding-in-1-0",
            "unknown-coding",
            "put",
            "delete",
            "trace",
            "patch",
            "unknown-method",
            "https-in-the-clear",
        ],
    ),
    broken(
        "accepts nothing",
        Part5,
        Hears(none_is_right),
        &[
            "version-1-9",
            "any-path",
            "absolute-form",
            "target-of-8000",
            "host-with-port",
            "ipv6-host",
            "many-fields",
            "field-case",
            "field-space",
            "odd-bytes-in-value",
            "http-1-0",
            "unknown-method",
        ],
    ),
    broken(
        "stays after a 400",
        Part5,
        Forgives,
        &[
            "body-is-no-request",
            "chunks-are-no-request",
            "bad-framing-is-the-end",
            "four-kinds-of-refusal",
        ],
    ),
    broken(
        "does not close after a refusal",
        Part5,
        NeverEnds,
        &["http-1-0-closes", "close-is-honoured", "tls-on-the-clear-port"],
    ),
    broken(
        "waits for the end of our half",
        Part5,
        HoldsBack,
        &["tls-on-the-clear-port"],
    ),
    broken(
        "answers a handshake with the text",
        Part5,
        Answers(|bytes| {
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            bytes.starts_with(b"\x16").then(|| answer.to_vec())
        }),
        &["tls-on-the-clear-port"],
    ),
    broken(
        "a body for a refused HEAD",
        Part5,
        hears!(b"HEAD", b"GET"),
        &["head-of-a-refusal"],
    ),
    broken(
        "no date on a 400",
        Part5,
        Says(|bytes| without(&bytes, "Date")),
        &["refusals-say-why"],
    ),
    broken(
        "no length on a 400",
        Part5,
        Says(|bytes| match bytes.starts_with(b"HTTP/1.1 400") {
            true => without(&bytes, "Content-Length"),
            false => bytes,
        }),
        &["refusals-say-how-long"],
    )
    .passing(&["refusals-say-why"]),
    broken(
        "a 400 that does not say close",
        Part5,
        Says(|bytes| without(&bytes, "Connection")),
        &["400-says-close", "says-that-it-closes"],
    ),
    broken(
        "a 408 that does not say close",
        Part5,
        Answers(|bytes| {
            let half = bytes.starts_with(b"GET") && !bytes.ends_with(b"\r\n\r\n");
            let answer =
                b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n";
            half.then(|| answer.to_vec())
        }),
        &["408-says-close"],
    ),
    broken("reads a bad request once", Part5, ReadsOnce, &["refused-at-every-cut"]),
    broken("waits for the body", Part5, WaitsForBodies, &["expect-continue"]),
    broken("hangs up on a body", Part5, ClosesUnread(1024), &["big-body"]),
    broken("waits for ever", Part5, Mute, &["half-a-head-has-a-deadline"]),
    broken(
        "waits for ever, for anyone",
        Part5,
        Tls(Http),
        &["handshake-has-a-deadline"],
    ),
    broken(
        "renews its deadline",
        Part5,
        Idles(1500),
        &["a-trickle-has-a-deadline"],
    )
    .passing(&["half-a-head-has-a-deadline", "silence-has-a-deadline"]),
    broken(
        "answers half a head",
        Part5,
        Answers(|bytes| {
            let half = bytes.starts_with(b"GET") && !bytes.ends_with(b"\r\n\r\n");
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            half.then(|| answer.to_vec())
        }),
        &["half-a-head-has-a-deadline", "a-trickle-has-a-deadline"],
    ),
    broken(
        "talks to who is silent",
        Part5,
        TalksToSilence,
        &["silence-has-a-deadline"],
    ),
    broken(
        "greets who does not shake hands",
        Part5_5,
        Tls(Greets),
        &["handshake-has-a-deadline"],
    ),
    broken(
        "talks to who has been answered",
        Part5,
        TalksToIdle,
        &["answered-and-silent"],
    )
    .passing(&["silence-has-a-deadline"]),
    broken("waits for nobody", Part5, Mute, &["silence-has-a-deadline"]),
    broken("one deadline for all", Part5, Hurries(10_500), &["deadline-anew"]),
    // Whole dimensions.
    broken(
        "does not believe in bodies of DELETE",
        Part5,
        Hears(|bytes| match bytes.starts_with(b"DELETE") {
            true => replace(&bytes, b"Content-Length", b"X"),
            false => bytes,
        }),
        &["body-of-any-method"],
    )
    .passing(&["body-is-no-request"]),
    broken(
        "reads numbers with underscores",
        Part5,
        hears!(b"_0", b"0"),
        &["length-of-any-form"],
    )
    .passing(&["signed-length", "hex-length"]),
    broken(
        "counts in 32 bits",
        Part5,
        Hears(|bytes| {
            let number = regex::bytes::Regex::new(r"Length: (\d+)").unwrap();
            let Some(found) = number.captures(&bytes) else { return bytes };
            let text = String::from_utf8_lossy(&found[1]);
            let Ok(length) = text.parse::<u128>() else { return bytes };
            let wrapped = (length % (1 << 32)).to_string();
            replace(&bytes, &found[1], wrapped.as_bytes())
        }),
        &["length-of-any-size"],
    )
    .passing(&["two-lengths"]),
    broken(
        "the last Content-Length counts",
        Part5,
        Hears(|bytes| {
            let first = b"Content-Length: 5\r\nContent-Length: ";
            replace(&bytes, first, b"Content-Length: ")
        }),
        &["lengths-that-differ"],
    ),
    broken("minds zeros", Part5, hears!(b": 000", b": x"), &["length-with-zeros"]),
    broken(
        "looks for chunked anywhere",
        Part5,
        hears!(b"xchunked", b"chunked"),
        &["coding-of-any-form"],
    )
    .passing(&["unknown-coding", "chunked-not-last"]),
    broken(
        "compares codings by case",
        Part5,
        hears!(b"CHUNKED", b"CHUNKY"),
        &["coding-that-is-chunked"],
    ),
    broken(
        "does not see an empty coding",
        Part5,
        hears!(b"Transfer-Encoding: \r\n", b""),
        &["coding-beside-a-length"],
    )
    .passing(&["length-and-coding"]),
    broken(
        "reads the first option",
        Part5,
        hears!(b"x,close", b"x"),
        &["close-anywhere"],
    )
    .passing(&["close-is-honoured"]),
    broken(
        "looks for close anywhere",
        Part5,
        hears!(b"closed", b"close"),
        &["close-and-no-other"],
    ),
    broken(
        "any character for a dot",
        Part5,
        hears!(b"HTTP/1x1", b"HTTP/1.1"),
        &["version-of-any-form"],
    )
    .passing(&["long-version", "lower-case-version"]),
    broken(
        "knows two versions",
        Part5,
        hears!(b"HTTP/1.3", b"HTTP/2.3"),
        &["any-minor-version"],
    )
    .passing(&["version-1-9"]),
    broken(
        "strips lines",
        Part5,
        hears!(b"HTTP/1.1\x0b", b"HTTP/1.1"),
        &["one-space-and-no-other"],
    )
    .passing(&["space-after-version"]),
    broken(
        "takes any letter for one",
        Part5,
        hears!(b"\xe9", b"E"),
        &["method-of-any-bytes"],
    )
    .passing(&["odd-method"]),
    broken(
        "makes methods upper case, but for the first letter",
        Part5,
        hears!(b"gET", b"GET"),
        &["methods-nobody-knows"],
    )
    .passing(&["get-is-upper-case"]),
    broken(
        "splits lines at form feeds",
        Part5,
        hears!(b"\x0c", b"\r\n"),
        &["line-ends-of-any-form"],
    )
    .passing(&["bare-lf", "bare-cr"]),
    broken(
        "does not see DEL",
        Part5,
        hears!(b"\x7f", b""),
        &["target-of-any-bytes"],
    )
    .passing(&["nul-in-target"]),
    broken(
        "minds apostrophes",
        Part5,
        hears!(b"'", b"\""),
        &["target-of-good-bytes"],
    )
    .passing(&["any-path"]),
    broken(
        "wants each escape whole",
        Part5,
        hears!(b"=50% ", b"=\" "),
        &["query-as-it-comes"],
    )
    .passing(&["any-path", "target-of-good-bytes"]),
    broken(
        "compares schemes by case",
        Part5,
        hears!(b"HTTP://", b"HTTPX://"),
        &["absolute-form-of-any-kind"],
    )
    .passing(&["absolute-form"]),
    broken(
        "takes what begins with http for it",
        Part5,
        hears!(b"httpx://", b"http://"),
        &["absolute-form-of-no-kind"],
    ),
    broken(
        "an asterisk for all but GET",
        Part5,
        hears!(b"DELETE * ", b"DELETE / "),
        &["form-fits-method"],
    )
    .passing(&["get-asterisk"]),
    broken(
        "connects to no port",
        Part5,
        hears!(b"CONNECT localhost: ", b"CONNECT localhost:80 "),
        &["connect-to-anything"],
    ),
    broken(
        "does not look at Host in 1.0",
        Part5,
        hears!(b"HTTP/1.0\r\nHost: a b", b"HTTP/1.0\r\nHost: a"),
        &["host-of-any-form"],
    )
    .passing(&["bad-host"]),
    broken(
        "takes an empty Host for its own",
        Part5,
        hears!(b"Host:\r\n", b"Host: a\r\n"),
        &["host-of-nobody"],
    )
    .passing(&["host-of-any-form"]),
    broken(
        "a host is letters, digits, dots and hyphens",
        Part5,
        hears!(b"a_b", b"a b"),
        &["host-of-good-form"],
    )
    .passing(&["host-with-port", "ipv6-host"]),
    broken(
        "looks for a second Host right behind the first",
        Part5,
        hears!(b"A: b\r\nHost: other\r\n", b"A: b\r\n"),
        &["hosts-by-number"],
    )
    .passing(&["two-hosts", "two-equal-hosts"]),
    broken(
        "any letter in a name",
        Part5,
        hears!(b"A\xe9b:", b"Ab:"),
        &["name-of-any-bytes"],
    )
    .passing(&["odd-name"]),
    broken(
        "no tilde in a name",
        Part5,
        hears!(b"A~b", b"A b"),
        &["name-of-good-bytes"],
    ),
    broken(
        "throws controls away",
        Part5,
        hears!(b"\x0c", b""),
        &["value-of-any-bytes"],
    )
    .passing(&["nul-in-value"]),
    broken(
        "minds 0xA0 in a value",
        Part5,
        hears!(b"\xa0", b"\0"),
        &["value-of-good-bytes"],
    )
    .passing(&["odd-bytes-in-value"]),
    broken(
        "forgets HEAD in Allow",
        Part5,
        says!(b"Allow: GET, HEAD", b"Allow: GET"),
        &["allow-is-true-everywhere"],
    ),
    broken(
        "no Date for the misdirected",
        Part5,
        Says(|bytes| match bytes.starts_with(b"HTTP/1.1 421") {
            true => without(&bytes, "Date"),
            false => bytes,
        }),
        &["date-everywhere"],
    )
    .passing(&["date-on-405", "refusals-say-why"]),
    broken(
        "no type of what is said to the misdirected",
        Part5,
        Says(|bytes| match bytes.starts_with(b"HTTP/1.1 421") {
            true => without(&bytes, "Content-Type"),
            false => bytes,
        }),
        &["type-everywhere"],
    ),
    broken(
        "interim responses for everyone",
        Part5,
        says!(b"HTTP/1.1 4", b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 4"),
        &["no-framing-where-none-may-be"],
    ),
    broken(
        "asks for TLS in the clear",
        Part6,
        says!(
            b"Content-Type",
            b"Strict-Transport-Security: max-age=60\r\nContent-Type"
        ),
        &["no-hsts-in-the-clear"],
    ),
    // TLS.
    broken("TLS 1.2 alone", Part5_5, Tls(Only12), &["tls-1-3"]),
    broken("TLS 1.3 alone", Part5_5, Tls(Only13), &["tls-1-2"]),
    broken(
        "the strongest cipher alone",
        Part5_5,
        Tls(Strongest),
        &["tls-1-3-as-everybody-knows-it"],
    ),
    broken(
        "no alerts",
        Part5_5,
        Tls(NoAlerts),
        &["no-tls-1-1", "no-tls-1-0", "garbage-is-told"],
    ),
    broken("a stranger", Part5_5, Tls(Stranger), &["trusted"]),
    broken(
        "one name",
        Part5_5,
        Tls(Names(&["localhost"])),
        &["trusted-as-127.0.0.1", "trusted-as-ipv6"],
    ),
    broken("reads a hello once", Part5_5, Tls(ReadsOnceTls), &["hello-by-bytes"]),
    broken("no ALPN", Part5_5, Tls(Alpn(&[])), &["alpn"]),
    broken(
        "any ALPN",
        Part5_5,
        Tls(Alpn(&[b"h2", b"http/1.1"])),
        &["alpn-h2-alone"],
    ),
    broken("needs ALPN", Part5_5, Tls(NeedsAlpn), &["alpn-none"]),
    broken("needs a name", Part5_5, Tls(NeedsName), &["no-sni"]),
    broken("no close_notify", Part5_5, Tls(NoNotify), &["close-notify"]),
    broken("dies of cuts", Part5_5, Tls(DiesOfCuts), &["client-cuts"]),
    broken(
        "HTTP on the TLS port",
        Part5_5,
        Tls(SpeaksHttp),
        &["plain-http-on-the-tls-port"],
    ),
    broken(
        "shakes hands in the loop",
        Part5_5,
        Tls(Blocks),
        &["silent-handshakes", "half-handshakes"],
    ),
    broken(
        "dies of handshakes",
        Part5_5,
        Tls(Dies),
        &["resets-in-handshakes", "ends-in-handshakes"],
    ),
    broken("leaks", Part5_5, Tls(Leaks(50)), &["failed-handshakes"]),
    broken(
        "another text over TLS",
        Part5_5,
        Tls(SaysTls(|bytes| replace(&bytes, b"lamp", b"limp"))),
        &["same-on-both-ports"],
    ),
    broken("takes all for http", Part5_5, Tls(Http), &["https-absolute-form"]),
    // Connections, bodies, representations.
    broken("hangs up after each", Part6, ClosesAfter(1), &["stays"]),
    broken("takes one at a time", Part6, ForgetsTheRest, &["in-order"]),
    broken(
        "looks at codings, and then at no condition",
        Part6,
        Hears(|bytes| match replace(&bytes, b"Accept-Encoding", b"") == bytes {
            true => bytes,
            false => replace(&bytes, b"If-None-Match", b"If-Nothing"),
        }),
        &["any-two-together"],
    ),
    broken(
        "takes each read for a request",
        Part6,
        ReadsOnce,
        &["in-order-by-bytes", "echo-of-chunks-by-bytes"],
    ),
    broken(
        "goes on after close",
        Part6,
        hears!(b"Connection: x, Close\r\n", b""),
        &["last-request"],
    ),
    broken("says close, and stays", Part6, NeverEnds, &["last-request"]),
    broken(
        "takes 1.0 for 1.1",
        Part6,
        hears!(b"HTTP/1.0", b"HTTP/1.1\r\nHost: a"),
        &["1.0-closes"],
    ),
    broken("shouts", Part6, says!(b"hello", b"HELLO"), &["echo", "in-order"]),
    broken(
        "does not know chunks",
        Part6,
        hears!(b"Transfer-Encoding: chunked", b"Content-Length: 0"),
        &["echo-of-chunks"],
    ),
    broken("has room for 4 KiB", Part6, Small(4096), &["long-echo"]),
    broken(
        "takes a body for a request",
        Part6,
        hears!(b"Content-Length: 30", b"Content-Length: 0"),
        &["unwanted-body"],
    ),
    broken(
        "makes do with less",
        Part6,
        hears!(b"Content-Length: 9", b"Content-Length: 5"),
        &["short-body"],
    ),
    broken("does not mind the end", Part6, IgnoresEnd, &["short-body"]),
    broken(
        "does not know Expect",
        Part6,
        hears!(b"Expect:", b"X:"),
        &["continue", "other-expectation"],
    ),
    broken(
        "says go on to everyone",
        Part5,
        says!(b"HTTP/1.1 405", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 405"),
        &["no-continue"],
    ),
    broken(
        "allows nothing",
        Part6,
        Says(|bytes| without(&bytes, "Allow")),
        &["options-allowed", "get-of-echo"],
    ),
    broken(
        "one Allow for all",
        Part6,
        says!(b"Allow: OPTIONS, POST", b"Allow: GET, OPTIONS, POST"),
        &["get-of-echo"],
    ),
    broken(
        "takes any chunks",
        Part6,
        Answers(|bytes| {
            let chunked = bytes.windows(7).any(|it| it == b"chunked");
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
            chunked.then(|| answer.to_vec())
        }),
        &[
            "chunk-without-size",
            "chunk-with-a-sign",
            "chunk-with-0x",
            "chunk-over-64-bits",
            "chunk-size-and-lf",
            "chunk-extension-and-lf",
            "chunk-too-long",
            "chunk-end-skipped",
        ],
    ),
    broken("weak tags", Part6, says!(b"ETag: \"", b"ETag: W/\""), &["etag"]),
    broken("no tags", Part6, Says(|bytes| without(&bytes, "ETag")), &["etag"]),
    broken(
        "no If-None-Match",
        Part6,
        hears!(b"If-None-Match", b"X"),
        &["none-match", "none-match-another"],
    ),
    broken(
        "no If-Modified-Since",
        Part6,
        hears!(b"If-Modified-Since", b"X"),
        &["modified-since"],
    ),
    broken(
        "takes anything for a date",
        Part6,
        hears!(b"yesterday", b"Fri, 31 Dec 2049 23:59:59 GMT"),
        &["modified-since-never"],
    ),
    broken("no If-Match", Part6, hears!(b"If-Match", b"X"), &["match-another"]),
    broken("no ranges", Part6, hears!(b"Range: bytes", b"X: y"), &["one-range"]),
    broken(
        "off by one",
        Part6,
        says!(b"Content-Range: bytes 4-9/", b"Content-Range: bytes 4-10/"),
        &["one-range"],
    ),
    broken(
        "serves what is not there",
        Part6,
        hears!(b"bytes=99999999-", b"bytes=0-"),
        &["range-past-the-end"],
    ),
    broken(
        "reads ranges backwards",
        Part6,
        hears!(b"bytes=9-4", b"bytes=4-9"),
        &["range-of-nonsense"],
    ),
    broken("no If-Range", Part6, hears!(b"If-Range", b"X"), &["if-range"]),
    broken(
        "a range of HEAD",
        Part6,
        Answers(|bytes| {
            let answer =
                b"HTTP/1.1 206 Partial Content\r\nContent-Length: 6\r\n\r\n";
            bytes.starts_with(b"HEAD").then(|| answer.to_vec())
        }),
        &["range-of-head", "range-of-no-other-method"],
    ),
    // Whole dimensions of bodies, conditions and ranges.
    broken(
        "reads sizes with underscores",
        Part6,
        hears!(b"\r\n0_5\r\n", b"\r\n5\r\n"),
        &["chunk-size-of-any-form"],
    )
    .passing(&["chunk-with-a-sign", "chunk-with-0x"]),
    broken(
        "counts chunks in 32 bits",
        Part6,
        hears!(b"\r\n100000005\r\n", b"\r\n5\r\n"),
        &["chunk-size-of-any-size"],
    )
    .passing(&["chunk-over-64-bits"]),
    broken(
        "ends an extension at any semicolon",
        Part6,
        hears!(b";a=\"x;y=z\"", b";a=\"x"),
        &["chunks-of-good-form"],
    )
    .passing(&["echo-of-chunks"]),
    broken(
        "takes trailers for fields of the head",
        Part6,
        Hears(|bytes| {
            let trailer = b"0\r\nContent-Type: text/html\r\n";
            match bytes.windows(trailer.len()).any(|it| it == trailer) {
                true => {
                    replace(&bytes, b"text/plain; charset=us-ascii", b"text/html")
                }
                false => bytes,
            }
        }),
        &["trailers-change-nothing"],
    )
    .passing(&["chunks-of-good-form"]),
    broken(
        "skips extensions to the line's end",
        Part6,
        hears!(b";a=b c", b""),
        &["chunk-extension-of-any-form"],
    ),
    broken(
        "puts up with LF behind data",
        Part6,
        hears!(b"hello\n0", b"hello\r\n0"),
        &["chunk-end-of-any-form"],
    )
    .passing(&["chunk-end-skipped"]),
    broken(
        "skips trailers to an empty line",
        Part6,
        hears!(b"X: y\nZ: z", b"X: y"),
        &["trailer-of-any-form"],
    ),
    broken(
        "reads extensions for ever",
        Part6,
        // Nothing behind a head reaches whoever counts.
        Hears(|bytes| {
            let head = bytes.windows(4).position(|it| it == b"\r\n\r\n");
            match head.filter(|_| bytes.starts_with(b"POST")) {
                Some(head) => bytes[..head + 4].to_vec(),
                None => Vec::new(),
            }
        }),
        &["chunks-are-bounded"],
    ),
    broken(
        "looks at If-Unmodified-Since although If-Match holds",
        Part6,
        Hears(|bytes| {
            let name = b"If-Unmodified-Since";
            match bytes.windows(name.len()).any(|it| it == name) {
                true => without(&bytes, "If-Match"),
                false => bytes,
            }
        }),
        &["conditions-in-order"],
    )
    .passing(&["match-another"]),
    broken(
        "reads two forms of dates",
        Part6,
        hears!(b"-Jul-87", b"-Jul-x"),
        &["dates-in-three-forms"],
    )
    .passing(&["modified-since"]),
    broken(
        "reads dates of mail",
        Part6,
        hears!(b" UTC\r\n", b" GMT\r\n"),
        &["dates-in-no-other-form"],
    )
    .passing(&["modified-since-never"]),
    broken(
        "a length of its own for a 304",
        Part6,
        says!(
            b"304 Not Modified\r\n",
            b"304 Not Modified\r\nContent-Length: 7\r\n"
        ),
        &["304-says-what-it-must"],
    )
    .passing(&["none-match"]),
    broken(
        "takes a suffix that is too long for another",
        Part6,
        hears!(b"bytes=-1040\r\n", b"bytes=0-0\r\n"),
        &["range-of-any-kind"],
    )
    .passing(&["one-range"]),
    broken(
        "reads positions with underscores",
        Part6,
        hears!(b"bytes=0_0-5", b"bytes=0-5"),
        &["range-that-is-none"],
    )
    .passing(&["range-of-nonsense"]),
    broken(
        "parts that lie",
        Part6,
        says!(b"Range: bytes 2-2/", b"Range: bytes 2-3/"),
        &["several-ranges"],
    )
    .passing(&["one-range"]),
    broken(
        "says go on to HTTP/1.0",
        Part6,
        says!(b"HTTP/1.1 200 OK", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"),
        &["no-continue-in-1-0"],
    ),
    broken(
        "compares expectations by case",
        Part6,
        hears!(b"100-CONTINUE", b"tea"),
        &["continue-in-any-case"],
    )
    .passing(&["continue"]),
    broken(
        "has a deadline for the first head alone",
        Part6,
        Hears(|bytes| match bytes.ends_with(b"\r\n\r\n") {
            true => bytes,
            false => Vec::new(),
        }),
        &["the-next-head-has-a-deadline"],
    ),
    broken(
        "waits for a body for ever",
        Part6,
        Mute,
        &["a-body-has-a-deadline", "who-reads-nothing-is-given-up"],
    ),
    broken(
        "reads what nobody wants for ever",
        Part6,
        Mute,
        &["unwanted-body-has-an-end"],
    ),
    // Whole dimensions that a student's mistakes have shown to be missing.
    broken(
        "has one caller at a time, and no end",
        Part1,
        OneAtATime,
        &["caller-who-talks-on"],
    ),
    broken("waits for a line", Part3, Mute, &["four-bytes-will-do"]),
    broken(
        "minds what stands behind GET",
        Part3,
        hears!(b"GET x ", b"POST x "),
        &["any-word-behind-get"],
    ),
    broken(
        "two fields that there is one of",
        Part4,
        says!(b"Date:", b"Server: a\r\nServer: b\r\nDate:"),
        &["one-of-each"],
    ),
    broken(
        "ports of 16 bits",
        Part5,
        hears!(b":65536", b":0"),
        &["port-of-any-size"],
    ),
    broken(
        "underscores for hyphens",
        Part5,
        hears!(b"Content_Length", b"Content-Length"),
        &["names-that-are-like-others"],
    ),
    broken(
        "has a constructor already",
        Part5,
        hears!(b"constructor", b"construct(or"),
        &["names-that-languages-have"],
    ),
    broken(
        "minds an apostrophe",
        Part5,
        hears!(b"'", b"\x01"),
        &["changed-and-served"],
    ),
    broken(
        "takes a control for a hyphen",
        Part5,
        hears!(b"\x1f", b"-"),
        &["changed-and-refused"],
    ),
    broken(
        "takes every upgrade",
        Part5,
        Answers(|bytes| {
            let asked = bytes.windows(18).any(|it| it == b"Upgrade: websocket");
            let answer = b"HTTP/1.1 101 Switching Protocols\r\n\r\n";
            asked.then(|| answer.to_vec())
        }),
        &["upgrade-is-not-taken"],
    ),
    broken(
        "says again what was asked for",
        Part5,
        Answers(|bytes| {
            let asked = bytes.windows(14).any(|it| it == b"%0d%0aSmuggled");
            let answer = b"HTTP/1.1 200 OK\r\nX-Asked: /\r\nSmuggled: yes\r\n\
                Content-Length: 0\r\n\r\n";
            asked.then(|| answer.to_vec())
        }),
        &["no-field-by-escape"],
    ),
    broken(
        "a HEAD that is refused has no length",
        Part5,
        SaysToHead(|bytes| match bytes.starts_with(b"HTTP/1.1 4") {
            true => with(&bytes, "Content-Length", "0"),
            false => bytes,
        }),
        &["head-of-anything"],
    ),
    broken("gives up a late hello", Part5_5, Idles(1000), &["late-hello"]),
    broken(
        "closes unsaid after twenty",
        Part6,
        ClosesAfter(20),
        &["as-many-as-come"],
    ),
    broken(
        "minds empty lines between requests",
        Part6,
        hears!(b"\r\nGET", b"x\r\nGET"),
        &["empty-line-between"],
    ),
    broken(
        "has 304 for what is not there",
        Part6,
        Answers(|bytes| {
            let text = String::from_utf8_lossy(bytes);
            let is_it = text.contains("/none") && text.contains("If-None-Match");
            is_it.then(|| b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec())
        }),
        &["no-condition-on-nothing"],
    )
    .of_files(),
    broken(
        "takes a page for nothing for a file",
        Part6,
        Says(|bytes| {
            let page = b"<title>Nothing here";
            match bytes.windows(page.len()).any(|it| it == page) {
                true => replace(&bytes, b"404 Not Found", b"200 OK"),
                false => bytes,
            }
        }),
        &["a-page-for-nothing"],
    )
    .of_files()
    .passing(&["what-is-not-there", "no-condition-on-nothing"]),
    broken(
        "links to names as they are",
        Part6,
        says!(b"what%3F%23%2541", b"what?xx=1#%2541"),
        &["links-of-a-listing"],
    )
    .of_files(),
    broken(
        "sends a part on any condition",
        Part6,
        hears!(b"If-Range", b"If-Danger"),
        &["a-date-in-its-second"],
    )
    .of_files(),
    broken(
        "has no tags",
        Part6,
        Says(|bytes| without(&bytes, "ETag")),
        &["etag-of-files"],
    )
    .of_files(),
    broken("has no time", Part6, Idles(1000), &["a-pause-between"]),
    broken(
        "Proxy-Connection is Connection",
        Part6,
        hears!(b"Proxy-Connection", b"Connection"),
        &["keep-alive-and-no-other"],
    ),
    broken(
        "echo in any case",
        Part6,
        hears!(b"/ECHO", b"/echo"),
        &["echo-by-its-name"],
    ),
    broken(
        "lets browsers guess",
        Part6,
        says!(b"X-Content-Type-Options: nosniff\r\n", b""),
        &["echo-harms-nobody"],
    ),
    broken(
        "loses a byte of sixteen",
        Part6,
        says!(b"xxxxxxxxxxxxxxxx", b"xxxxxxxxxxxxxxx"),
        &["chunks-of-any-length"],
    ),
    broken(
        "takes what is no chunk for the last",
        Part6,
        hears!(b"zz\r\n", b"0\r\n\r\n"),
        &["chunks-broken-late"],
    ),
    broken(
        "expects what begins so",
        Part6,
        hears!(b"Expect: 100-continues", b"Expect: 100-continue"),
        &["expectation-of-any-form"],
    )
    .passing(&["other-expectation"]),
    broken(
        "conditions before the method",
        Part6,
        hears!(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nIf-None",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nIf-None"
        ),
        &["conditions-of-no-other-method"],
    ),
    broken(
        "ranges of nothing",
        Part6,
        says!(b"Accept-Ranges: bytes", b"Accept-Ranges: none"),
        &["accept-ranges"],
    ),
    broken(
        "sorts ranges",
        Part6,
        hears!(b"bytes=40-49,0-4,20-29", b"bytes=0-4,20-29,40-49"),
        &["parts-in-order"],
    ),
    broken(
        "as much as is asked for",
        Part6,
        Answers(|bytes| {
            let many = bytes.windows(9).any(|it| it == b"0-,0-,0-,");
            let head =
                b"HTTP/1.1 206 Partial Content\r\nContent-Length: 9000\r\n\r\n";
            many.then(|| [&head[..], &[b'x'; 9000]].concat())
        }),
        &["many-ranges"],
    ),
    broken(
        "has no patience with readers",
        Part6,
        ClosesAfter(5),
        &["a-reader-who-pauses"],
    )
    .of_files(),
    broken(
        "varies in secret",
        Part6,
        says!(b"Vary: Accept-Encoding\r\n", b""),
        &["vary-either-way"],
    )
    .of_files(),
    broken(
        "modified tomorrow, as the file says",
        Part6,
        Says(|bytes| {
            with(&bytes, "Last-Modified", "Fri, 31 Dec 9999 23:59:59 GMT")
        }),
        &["a-date-to-come"],
    )
    .of_files(),
    // Files.
    broken(
        "decodes twice",
        Part6,
        hears!(b"a%2562.txt", b"a%62.txt"),
        &["files-by-their-names"],
    )
    .of_files(),
    broken(
        "takes a sibling for the root",
        Part6,
        Answers(|bytes| {
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n\
                nobody may have this";
            let is_beside = bytes.windows(8).any(|it| it == b"../root2");
            is_beside.then(|| answer.to_vec())
        }),
        &["nothing-above-the-root"],
    )
    .of_files(),
    broken(
        "looks for dots before it decodes",
        Part6,
        hears!(b"/%2Ehidden", b"/a.txt"),
        &["hidden-names"],
    )
    .of_files(),
    broken(
        "ends names at NUL",
        Part6,
        hears!(b"a.txt%00", b"a.txt"),
        &["what-is-not-there"],
    )
    .of_files(),
    broken(
        "waits for who writes to a pipe",
        Part6,
        hears!(b"/pipe HTTP/1.1\r\nHost: localhost\r\n\r\n", b"/pipe HTTP"),
        &["a-pipe-is-no-file"],
    )
    .of_files(),
    broken(
        "all text is plain",
        Part6,
        says!(b"text/css", b"text/plain"),
        &["file-types"],
    )
    .of_files(),
    broken(
        "a length that is off by one",
        Part6,
        says!(b"Content-Length: 300000", b"Content-Length: 299999"),
        &["files-whole"],
    )
    .of_files(),
    broken(
        "ranges of whole blocks",
        Part6,
        hears!(b"bytes=65530-", b"bytes=65536-"),
        &["file-ranges"],
    )
    .of_files(),
    broken(
        "one tag for all",
        Part6,
        Says(|bytes| with(&bytes, "ETag", "\"same\"")),
        &["a-changed-file-is-another", "each-coding-has-its-tag"],
    )
    .of_files(),
    broken(
        "one tag for all, of what is kept as well",
        Part8,
        Says(|bytes| with(&bytes, "ETag", "\"same\"")),
        &["a-change-is-seen-soon"],
    )
    .of_files(),
    broken(
        "takes any tag for the file's",
        Part6,
        Hears(|bytes| with(&bytes, "If-None-Match", "*")),
        &["two-states-in-a-second"],
    )
    .of_files(),
    broken(
        "knows no If-Modified-Since",
        Part6,
        hears!(b"If-Modified-Since", b"Of-Modified-Since"),
        &["a-date-and-a-fraction"],
    )
    .of_files(),
    broken(
        "makes something up",
        Part6,
        says!(&[b'x'; 1000], &[b'y'; 1000]),
        &["a-file-grown-longer"],
    )
    .of_files(),
    broken("waits for the rest", Part6, NeverEnds, &["a-file-cut-short"])
        .of_files(),
    broken(
        "one boundary for all",
        Part6,
        Says(|bytes| {
            let boundary = regex::bytes::Regex::new("[0-9a-f]{32}").unwrap();
            let same = &b"this-is-between-all-of-the-parts"[..];
            boundary.replace_all(&bytes, same).into_owned()
        }),
        &["a-boundary-of-its-own"],
    )
    .of_files(),
    broken(
        "lists no folder in which nothing is",
        Part6,
        hears!(b"GET /hollow/", b"GET /none/"),
        &["crooked-folders"],
    )
    .of_files(),
    broken(
        "lists no folder with a query",
        Part6,
        hears!(b"GET /bare/?", b"GET /bare/deep/?"),
        &["every-order-of-a-listing"],
    )
    .of_files(),
    broken(
        "does not know If-Range, whatever the coding",
        Part6,
        hears!(b"If-Range", b"Is-Range"),
        &["ranges-of-each-coding"],
    )
    .of_files(),
    broken(
        "does not see that a weight is none",
        Part6,
        hears!(b"gzip;q=0\r\n", b"gzip\r\n"),
        &["codings-by-choice"],
    )
    .of_files(),
    broken(
        "two slashes in a Location",
        Part6,
        says!(b"Location: /folder/", b"Location: //folder/"),
        &["folder-and-slash"],
    )
    .of_files(),
    broken(
        "does not escape names",
        Part6,
        says!(b"&lt;b&gt;&amp;", b"<b>&"),
        &["listings"],
    )
    .of_files(),
    broken(
        "allows what it does not do",
        Part6,
        says!(b"Allow: GET, HEAD, OPTIONS", b"Allow: POST, PUT"),
        &["files-stay"],
    )
    .of_files(),
    broken(
        "nothing is ever found",
        Part6,
        says!(b"HTTP/1.1 200 OK", b"HTTP/1.1 404 Not Found"),
        &["a-file-that-comes"],
    )
    .of_files(),
    broken(
        "room for five hundred",
        Part7,
        Room(500),
        &["a-crowd-keeps-nobody-out"],
    ),
];

/// A server of ours that serves files, and the files.
struct OfFiles {
    server: Server,
    tree: Tree,
}

impl OfFiles {
    fn start() -> OfFiles {
        let tree = Tree::plant().unwrap();
        let root = tree.root();
        let options = ["--echo", "--listing", "--root", root.to_str().unwrap()];
        OfFiles { server: Server::start_with("part6", &options), tree }
    }
}

/// Checks that look at a process, which a broken server is not: those of proctor's own
/// tests are. `tests/proctor/tests/cli.rs` has them.
const OF_PROCESSES: [&str; 5] = [
    "nothing-is-kept",
    "idle-is-idle",
    "running-out-passes",
    "ends-in-good-order",
    "a-long-echo-is-not-kept",
];

#[test]
fn every_check_has_a_broken_server_and_every_broken_server_a_check() {
    let seen = BROKEN.iter().flat_map(|broken| broken.seen_by).copied();
    let seen: BTreeSet<&str> = seen.chain(OF_PROCESSES).collect();
    let all: BTreeSet<&str> = checks::all().map(|check| check.id).collect();
    assert_eq!(all.difference(&seen).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert_eq!(seen.difference(&all).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert!(BROKEN.iter().all(|broken| !broken.seen_by.is_empty()));
    let own = exercises::all().flat_map(Exercise::own);
    let ids: Vec<&str> = checks::all().chain(own).map(|check| check.id).collect();
    let different: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(different.len(), ids.len(), "two checks of one name");
    let names: BTreeSet<&str> = BROKEN.iter().map(|broken| broken.name).collect();
    assert_eq!(names.len(), BROKEN.len(), "two broken servers of one name");
    assert!(all.len() >= 120, "{}", all.len());
}

/// What a check has its readers read is in the book.
#[test]
fn each_check_is_about_something_in_the_book() {
    let own = exercises::all().flat_map(Exercise::own);
    for check in checks::all().chain(own) {
        let (page, anchor) = check.read.split_once(".html#").expect(check.read);
        let text = read(&book().join(format!("{page}.md")));
        let headings = text.lines().filter(|line| line.starts_with("##"));
        let anchors: Vec<String> = headings.map(anchor_of).collect();
        let found = anchors.iter().any(|it| it == anchor);
        assert!(found, "{}: {} is none of {anchors:?}", check.id, check.read);
    }
}

/// And where the book says `proctor:`, there is such a check.
#[test]
fn each_check_that_the_book_names_is_there() {
    let named = regex::Regex::new("`proctor: ([a-z0-9.-]+)`").unwrap();
    let mut count = 0;
    for entry in std::fs::read_dir(book()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "md") {
            continue;
        }
        let text = read(&path);
        for name in named.captures_iter(&text) {
            let found = checks::all().any(|check| check.id == &name[1]);
            assert!(found, "{}: no check is called {}", path.display(), &name[1]);
            count += 1;
        }
    }
    assert!(count > 4, "{count}");
}

/// Where the book's pages are.
fn book() -> PathBuf {
    root().join("book/src")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What mdBook makes of a heading.
fn anchor_of(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept =
        text.chars().filter(|it| it.is_alphanumeric() || " -_".contains(*it));
    kept.map(|it| if it == ' ' { '-' } else { it }).collect()
}

#[test]
fn each_broken_server_is_seen_through() {
    // Much less than a student's server gets: what is broken will not mend itself.
    let patience = Duration::from_millis(700);
    let servers: BTreeMap<Stage, Server> =
        Stage::all().map(|stage| (stage, Server::start(stage.name()))).collect();
    let files = OfFiles::start();
    let next = AtomicUsize::new(0);
    let said = Mutex::new(BTreeMap::<usize, Vec<String>>::new());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(broken) = BROKEN.get(index) else { return };
                    let messages = see_through(broken, &servers, &files, patience);
                    said.lock().unwrap().insert(index, messages);
                }
            });
        }
    });
    let mut said = said.into_inner().unwrap();
    // On a busy machine what is not silent can be taken for it: whoever goes otherwise
    // than is recorded is tried once more, alone, and with more patience.
    for (&index, messages) in &mut said {
        let broken = &BROKEN[index];
        if !recorded(broken.stage).contains(&entry(broken, messages)) {
            *messages = see_through(broken, &servers, &files, 5 * patience);
        }
    }
    let accepted = said.iter().flat_map(|(index, messages)| {
        let name = BROKEN[*index].name;
        let wrong = messages.iter().filter(|it| it.ends_with("ACCEPTS IT"));
        wrong.map(move |message| format!("{name}: {message}"))
    });
    assert_eq!(accepted.collect::<Vec<_>>(), Vec::<String>::new());
    for stage in Stage::all() {
        let of_stage = BROKEN.iter().enumerate().filter(|it| it.1.stage == stage);
        let messages = of_stage.map(|(index, broken)| entry(broken, &said[&index]));
        let messages: Vec<String> = messages.collect();
        insta::assert_snapshot!(format!("{stage}_messages"), messages.join("\n"));
    }
}

/// A broken server's entry in the snapshot of its stage.
fn entry(broken: &Broken, messages: &[String]) -> String {
    format!("# {}\n\n{}", broken.name, messages.join("\n"))
}

/// What is recorded of a stage's broken servers.
fn recorded(stage: Stage) -> String {
    let name = format!("house__proven__{stage}_messages.snap");
    read(&root().join("tests/proven/snapshots").join(name))
}

/// What the checks that must fail say of a broken server.
fn see_through(
    broken: &Broken,
    servers: &BTreeMap<Stage, Server>,
    files: &OfFiles,
    patience: Duration,
) -> Vec<String> {
    let port = match broken.how {
        Break::Tls(_) => Port::Tls,
        _ => Port::Clear,
    };
    let stage = if port == Port::Tls { Part5_5 } else { broken.stage };
    let examine = |id: &str| {
        // What has been broken once may be dead: each check has its own.
        let (server, root) = match broken.serves {
            Serves::TheVerse => (&servers[&broken.stage], None),
            Serves::Files => (&files.server, Some(files.tree.root())),
        };
        let mut mutant = Mutant::of(server, broken.how, patience);
        mutant.target.root = root;
        let check = checks::all().find(|check| check.id == id).unwrap();
        let done = held::one(&mutant.target, stage, check, port);
        let report = report::failure(&mutant.target, &done, ("", ""));
        (done, masked(&report))
    };
    for id in broken.passes {
        let (done, report) = examine(id);
        assert!(done.outcome.is_ok(), "{}: {report}", broken.name);
    }
    // How many cases of a dimension are made is bounded by time, and on a busy machine
    // that may be over before the one that shows it.
    let messages = broken.seen_by.iter().map(|id| {
        let mut tries = (0..3).map(|_| examine(id));
        let seen = tries.find(|(done, _)| done.failure().is_some());
        seen.map_or_else(|| format!("{id} ACCEPTS IT"), |(_, report)| report)
    });
    messages.collect()
}

/// Servers that do as we do not, and may: by what they are servers of.
const LEGAL: &[(&str, Stage, Break)] = &[
    ("closes after a refusal, and says so", Part6, ClosesRefusals),
    ("says how long the verse is in chunks", Part4, Chunks),
    ("says how long the verse is in chunks", Part5, Chunks),
    ("sends an interim response before each", Part5, Hints),
    ("sends an interim response before each", Part6, Hints),
];

/// How many cases of a dimension are made where it is not the dimension that is proven.
const SOME_CASES: usize = 40;

#[test]
fn what_others_may_do_is_accepted() {
    for &(name, stage, how) in LEGAL {
        let server = Server::start(stage.name());
        let mutant = Mutant::of(&server, how, Duration::from_secs(3));
        let target = Target { cases: SOME_CASES, ..mutant.target.clone() };
        let quick = checks::of(stage).filter(|check| !check.is_slow());
        let plan = run::plan(target.ports(), quick);
        let done = made(&target, stage, &plan, 4);
        let reports: Vec<String> = done
            .iter()
            .filter(|it| it.failure().is_some())
            .map(|it| report::failure(&target, it, ("", "")))
            .collect();
        assert!(reports.is_empty(), "{stage} {name}: {}", reports.join("\n"));
    }
}

/// Python's ssl agrees on nothing with who offers h2 alone, and can't be told otherwise.
#[test]
fn what_a_library_cannot_do_is_skipped() {
    let server = Server::start("part5");
    let nothing = Tls(Alpn(&[]));
    let mutant = Mutant::of(&server, nothing, Duration::from_secs(3));
    let check = checks::all().find(|check| check.id == "alpn-h2-alone").unwrap();
    let done = run::one(&mutant.target, Part5_5, check, Port::Tls);
    let why = done.skipped().unwrap();
    assert!(why.contains("agrees on nothing"), "{why}");
}

/// A message without what differs from run to run.
fn masked(text: &str) -> String {
    let masks = [
        (r"localhost([: ])\d+", "localhost${1}PORT"),
        (r"\w{3}, \d\d \w{3} 20\d\d \d\d:\d\d:\d\d", "DATE"),
        (r"\d+(\.\d+)? (m?s)\b", "N $2"),
        (r"(caller|after) \d+ ", "$1 N "),
        (r"\d+ of 150", "N of 150"),
        (r#""[0-9a-f]{16}""#, "\"TAG\""),
        (r"--[0-9a-f]{32}", "--BOUNDARY"),
        (r"\[::1\]:\d+", "[::1]:PORT"),
        (r"/put-\d+-\d+", "/put-N"),
        // How many bytes drip until somebody has had enough is a matter of luck.
        (r"(?m)(?: +> x\n)+", "    > x\n"),
        (r"(?m)^  try .*printf 'x'\).*\n", ""),
        // How much of a long answer comes before it ends, too.
        (r"promised, and \d+ came", "promised, and N came"),
        (
            r"(?m)^ +\(… \d+ more\)\n(?: +< .*…\(\d+ more\)….*\n)+",
            "      (… N more)\n",
        ),
    ];
    let text = masks.into_iter().fold(text.to_owned(), |text, (pattern, by)| {
        let pattern = regex::Regex::new(pattern).unwrap();
        pattern.replace_all(&text, by).into_owned()
    });
    // Whether what follows the wrong byte has come yet is a matter of luck.
    let later = regex::Regex::new(r"(?m)(\^ here\n)(?: +\S.*\n)+").unwrap();
    later.replace_all(&text, "$1").into_owned()
}

/// A server of ours as a target, with all the addresses on which it listens.
fn target(stage: Stage, server: &Server) -> Target {
    let half = match stage.part().tls {
        Some(_) => server.addresses.len() / 2,
        None => server.addresses.len(),
    };
    let (clear, tls) = server.addresses.split_at(half);
    let endpoint = |addresses: &[std::net::SocketAddr]| Endpoint {
        name: "localhost:0".into(),
        addresses: addresses.to_vec(),
    };
    let tls = (!tls.is_empty()).then(|| Tls {
        endpoint: endpoint(tls),
        roots: roots(&server.root()).unwrap(),
    });
    let process = Some(server.pid());
    Target { process, ..Target::new(endpoint(clear), tls, Duration::from_secs(5)) }
}

#[test]
fn our_parts_pass_every_check_on_every_port() {
    // Beside each other: mostly they wait for deadlines.
    std::thread::scope(|scope| {
        for Program { name, part } in programs() {
            scope.spawn(move || {
                // A minute, if nothing is said, which would be waited for.
                let options: &[&str] = match part.stage >= Part7 {
                    true => &["--write-time", "20s"],
                    false => &[],
                };
                let server = Server::start_with(name, options);
                passes_every_check(name, part, &target(part.stage, &server));
            });
        }
        scope.spawn(|| {
            let OfFiles { server, tree } = OfFiles::start();
            let root = Some(tree.root());
            let target = Target { root, ..target(Part6, &server) };
            passes_every_check("part6 with files", Part6.part(), &target);
        });
    });
}

/// What comes of a plan. What may fail for another's sake is made again, alone, as proctor
/// does it.
fn made(
    target: &Target,
    stage: Stage,
    plan: &[(&'static Check, Port)],
    jobs: usize,
) -> Vec<run::Done> {
    let doubt =
        |done: &run::Done| match done.is_doubtful() || held::was_too_busy(done) {
            true => run::Then::Doubt,
            false => run::Then::GoOn,
        };
    let (alone, beside): (Vec<_>, Vec<_>) =
        plan.iter().partition(|(check, _)| check.is_alone());
    let (mut done, doubtful) =
        run::all(target, stage, &beside, jobs, doubt, |_| {});
    let again = doubtful.iter().map(|it| (it.check, it.port));
    // The last of those that are to be alone ends the server.
    let one_by_one = again.chain(alone);
    done.extend(
        one_by_one.map(|(check, port)| held::one(target, stage, check, port)),
    );
    done
}

/// Files can be asked for only where there are some.
fn passes_every_check(name: &str, part: &Part, target: &Target) {
    let stage = part.stage;
    let plan = run::plan(target.ports(), checks::of(stage));
    let done = made(target, stage, &plan, part.jobs);
    assert_eq!(done.len(), plan.len());
    for it in &done {
        let report = report::failure(target, it, ("", ""));
        assert!(it.failure().is_none(), "{name}: {report}");
        let for_want_of_files = |why: &str| why.starts_with("write {root}");
        match it.skipped() {
            None => {}
            Some(why) => {
                assert!(target.root.is_none() && for_want_of_files(why), "{why}");
            }
        }
    }
}
