//! The exercises of the book, and how what comes of them is judged.

use std::io::{ErrorKind, Read};
use std::sync::LazyLock;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use httpdate::{fmt_http_date, parse_http_date};
use rustls::ALL_VERSIONS;

use crate::check::{Check, Exam, GET, Ports, check};
use crate::checks;
use crate::line::{Call, Failure, Outcome};
use crate::response::Response;
use crate::run::jobs;
use crate::stage::Stage::{
    self, Part1, Part2, Part3, Part4, Part5, Part5_5, Part6,
};
use crate::target::Hello;

/// An exercise of the book.
#[derive(Debug)]
pub struct Exercise {
    /// The chapter's number, a dot, and its own.
    pub number: &'static str,
    /// The stage that it starts from.
    pub stage: Stage,
    /// How many of its checks can be made side by side.
    pub jobs: usize,
    /// How to know that it is done.
    pub judged: Judged,
}

/// How to know that an exercise is done.
#[derive(Debug)]
pub enum Judged {
    /// By checks.
    Checks {
        /// Those of its own.
        own: Vec<Check>,
        /// Those of all stages that hold as well.
        others: Vec<&'static Check>,
    },
    /// In this way, by whoever does it: it can't be seen from outside.
    ByHand(&'static str),
}

impl Exercise {
    /// The checks that a server has to pass; none if it is judged by hand.
    pub fn checks(&'static self) -> impl Iterator<Item = &'static Check> {
        let (own, others) = match &self.judged {
            Judged::Checks { own, others } => (&own[..], &others[..]),
            Judged::ByHand(_) => (&[][..], &[][..]),
        };
        own.iter().chain(others.iter().copied())
    }

    /// The checks that no stage has.
    pub fn own(&self) -> &[Check] {
        match &self.judged {
            Judged::Checks { own, .. } => own,
            Judged::ByHand(_) => &[],
        }
    }
}

/// All of them, in the book's order.
pub fn all() -> &'static [Exercise] {
    static ALL: LazyLock<Vec<Exercise>> = LazyLock::new(|| {
        let chapters =
            [part1(), part2(), part3(), part4(), part5(), part5_5(), part6()];
        chapters.into_iter().flatten().collect()
    });
    &ALL
}

/// An exercise for people.
fn by_hand(number: &'static str, stage: Stage, how: &'static str) -> Exercise {
    Exercise { number, stage, jobs: 0, judged: Judged::ByHand(how) }
}

/// An exercise that adds to what a stage does: the stage's checks hold, but for some,
/// and others besides.
fn adds(
    number: &'static str,
    stage: Stage,
    own: Vec<Check>,
    without: &[&str],
) -> Exercise {
    let others = checks::of(stage).filter(|check| !without.contains(&check.id));
    let others = others.collect();
    let judged = Judged::Checks { own, others };
    Exercise { number, stage, jobs: jobs(stage), judged }
}

/// An exercise that replaces what a stage does.
fn replaces(number: &'static str, stage: Stage, own: Vec<Check>) -> Exercise {
    let judged = Judged::Checks { own, others: Vec::new() };
    Exercise { number, stage, jobs: jobs(stage), judged }
}

/// That something is broken, as an exercise wants it: at least one of some checks
/// fails. They are made twenty times, as an accident need not happen at once.
fn broken(check: Check, which: &'static [&'static str]) -> Check {
    let of: Vec<&Check> =
        checks::all().iter().filter(|check| which.contains(&check.id)).collect();
    let sends = format!("what these send: {}", which.join(", "));
    check.read(of[0].read).rule(of[0].rule).sends(sends).run_with(move |exam| {
        let mut rounds = std::iter::repeat_n(&of, 20).flatten();
        match rounds.any(|check| check.run(exam).is_err()) {
            true => Ok(()),
            false => {
                let which = which.join(" and ");
                let what = format!("nothing is broken yet: it passes {which}");
                Err(Failure::new(what))
            }
        }
    })
}

fn part1() -> Vec<Exercise> {
    let deaf = check(
        "deaf-caller",
        Part1,
        "Who never reads ten megabytes is given up, and the next gets them.",
    )
    .read("part1.md#exercises")
    .why(
        "write_all returns when the kernel has taken the bytes, and its room ends.",
    )
    .hint("Is there a deadline for writing? Which line sets it?")
    .sends("nothing; one caller who does not read, and one behind them who does")
    .run_with(|exam| {
        let deaf = exam.line.call()?;
        let next = exam.line.call()?;
        let all = 10_000_000;
        let count = count(&next, exam.longest_wait());
        if count < all {
            let what = format!("the next caller got {count} bytes of ten million");
            return Err(next.failure(what));
        }
        match count_to_end(&deaf, exam.soon()) {
            Some(count) if count < all => Ok(()),
            Some(_) => Err(deaf.failure("the deaf caller was sent all of it")),
            None => Err(deaf.failure("the deaf caller is still there")),
        }
    });
    let lost = check(
        "text-is-lost",
        Part1,
        "Callers who talk lose the text, or its end, to a reset.",
    )
    .why("What is unread at the close makes the kernel reset the connection.")
    .hint("Close as soon as the last byte is written, and read nothing.");
    vec![
        by_hand(
            "1.1",
            Part1,
            "two starts that fail, each with one line that names the address, and \
             an exit code of 1",
        ),
        by_hand(
            "1.2",
            Part1,
            "the daemon starts again, and cat part1.pid prints a pid that pgrep \
             knows",
        ),
        replaces("1.3", Part1, vec![deaf]),
        replaces(
            "1.4",
            Part1,
            vec![broken(lost, &["ends-in-order", "talkative-caller"])],
        ),
        Exercise {
            number: "1.5",
            stage: Part1,
            jobs: jobs(Part1),
            judged: Judged::Checks {
                own: Vec::new(),
                others: checks::all()
                    .iter()
                    .filter(|it| it.holds_for(Part1) || it.id == "both-families")
                    .collect(),
            },
        },
    ]
}

/// How many bytes come until the end, or until nothing has for so long. They are not
/// kept.
fn count(call: &Call, patience: Duration) -> usize {
    read(call, patience).0
}

/// The same, if there is an end.
fn count_to_end(call: &Call, patience: Duration) -> Option<usize> {
    let (count, ended) = read(call, patience);
    ended.then_some(count)
}

fn read(call: &Call, patience: Duration) -> (usize, bool) {
    let mut buffer = vec![0; 64 * 1024];
    let mut count = 0;
    let deadline = Instant::now() + patience;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return (count, false);
        }
        let _ = call.socket().set_read_timeout(Some(left));
        match call.socket().read(&mut buffer) {
            Ok(0) => return (count, true),
            Ok(more) => count += more,
            Err(error) => match error.kind() {
                ErrorKind::Interrupted => {}
                ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                    return (count, false);
                }
                _ => return (count, true),
            },
        }
    }
}

/// How many callers exercise 2.4 lets in.
const SEATS: usize = 100;

fn part2() -> Vec<Exercise> {
    let hundred = check(
        "a-hundred-at-once",
        Part2,
        "A hundred callers are served at once, and the others in the end.",
    )
    .read("part2.md#exercises")
    .why("A server that takes on more than it can carry serves nobody.")
    .hint(
        "A semaphore, and a permit before accept; who has one keeps it to the end.",
    )
    .sends("a hundred and fifty callers, none of whom leaves")
    .run_with(|exam| {
        let calls: Vec<Call> =
            (0..150).map(|_| exam.line.call()).collect::<Outcome<_>>()?;
        let served =
            |calls: &[Call]| calls.iter().filter(|it| has_more(it)).count();
        let wait_for = |count, time| {
            let deadline = Instant::now() + time;
            while served(&calls) < count && Instant::now() < deadline {
                sleep(Duration::from_millis(10));
            }
            served(&calls)
        };
        let at_once = wait_for(SEATS, exam.soon());
        if at_once < SEATS {
            let what = format!("{at_once} of {} got the text", calls.len());
            return Err(Failure::new(what));
        }
        // Those who have it are left after a second at the earliest.
        sleep(Duration::from_millis(200));
        let at_once = served(&calls);
        if at_once > SEATS {
            let what = format!("{at_once} of {} were served at once", calls.len());
            return Err(Failure::new(what));
        }
        let in_the_end = wait_for(calls.len(), exam.longest_wait());
        if in_the_end < calls.len() {
            let what = format!("{in_the_end} of {} got the text", calls.len());
            return Err(Failure::new(what));
        }
        Ok(())
    });
    vec![
        by_hand(
            "2.1",
            Part2,
            "with as many callers as you have cores the next one waits, with one \
             fewer it does not",
        ),
        by_hand(
            "2.2",
            Part2,
            "the waits in part2.log are those you said, and so is the time between \
             two that begin at five milliseconds",
        ),
        by_hand(
            "2.3",
            Part2,
            "two shortages, one that each pair of values is better for, with the \
             numbers of attempts and the time lost",
        ),
        // The seats are taken by the callers of one check at a time.
        Exercise { jobs: 1, ..adds("2.4", Part2, vec![hundred], &[]) },
        adds("2.5", Part2, vec![], &[]),
    ]
}

/// Whether something has come that nobody has read.
fn has_more(call: &Call) -> bool {
    let _ = call.socket().set_nonblocking(true);
    let peeked = call.socket().peek(&mut [0]);
    let _ = call.socket().set_nonblocking(false);
    peeked.is_ok_and(|count| count > 0)
}

fn part3() -> Vec<Exercise> {
    let held = check(
        "second-answer-is-held",
        Part3,
        "The second of two short answers is held back by the kernel.",
    )
    .why("Nagle's algorithm waits for an acknowledgement that the other side delays.")
    .hint("One line of the part switches it off.");
    vec![
        by_hand("3.1", Part3, "the command prints a 405 and does not end the line"),
        by_hand("3.2", Part3, "the numbers of 405s are those you said, five times"),
        by_hand(
            "3.3",
            Part3,
            "for each arm, junk that gets one 405 more, or one fewer, without it",
        ),
        replaces("3.4", Part3, vec![broken(held, &["answered-in-one-go"])]),
        by_hand(
            "3.5",
            Part3,
            "a test of Reading that gives it the three texts, a byte at a time",
        ),
        adds("3.6", Part3, vec![], &[]),
    ]
}

fn part4() -> Vec<Exercise> {
    vec![
        by_hand(
            "4.1",
            Part4,
            "what curl prints and its exit code are what you said, five times",
        ),
        by_hand("4.2", Part4, "a 200, a 431, a silence and a 431, in this order"),
        adds("4.3", Part4, vec![utf16()], &["charset", "text-is-utf8"]),
        adds("4.4", Part4, not_modified(), &[]),
        by_hand(
            "4.5",
            Part4,
            "a test that compares the two on each day of four hundred years",
        ),
        by_hand(
            "4.6",
            Part4,
            "a test with part4, lying 4, lying -4 and Part 3's text, to GET and to \
             HEAD",
        ),
    ]
}

fn utf16() -> Check {
    check("utf-16", Part4, "The text is in UTF-16, and says so.")
        .rule("RFC 9110 section 8.3.2")
        .read("part4.md#exercises")
        .why("A charset is a promise about bytes too.")
        .hint(
            "FE FF first, then two bytes for each unit, the high one first; \
             Content-Length counts all of them.",
        )
        .sends(crate::report::visible(GET))
        .run_with(|exam| {
            let (call, response) = exam.get()?;
            let Some(field) = response.field("content-type") else {
                return Err(call.wrong(&response, 0, "there is no Content-Type"));
            };
            let wanted = "charset=utf-16";
            let value = field.value.to_ascii_lowercase().replace('"', "");
            if !value.contains(wanted) {
                let at = field.value_at;
                return Err(call.wrong(&response, at, format!("not {wanted}")));
            }
            let at = response.body.start;
            let wrong = |what: &str| Err(call.wrong(&response, at, what));
            let high_first = match response.content.get(..2) {
                Some([0xfe, 0xff]) => true,
                Some([0xff, 0xfe]) => false,
                _ => return wrong("there is no byte order mark"),
            };
            let units = response.content[2..].chunks(2).map(|pair| match *pair {
                [a, b] if high_first => u16::from_be_bytes([a, b]),
                [a, b] => u16::from_le_bytes([a, b]),
                _ => 0xd800,
            });
            match char::decode_utf16(units).collect::<Result<String, _>>() {
                Err(_) => wrong("the body is no UTF-16"),
                Ok(text) if text.is_ascii() => {
                    wrong("there is nothing in it that ASCII has not")
                }
                Ok(_) => Ok(()),
            }
        })
}

/// What comes back to a GET with a field that makes it conditional.
fn since(exam: &Exam, field: &str) -> Outcome<(Call, Response)> {
    let request = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{field}\r\n\r\n");
    exam.any_response_to(request.as_bytes())
}

/// When the text was last modified.
fn last_modified(exam: &Exam) -> Outcome<SystemTime> {
    let (call, response) = exam.get()?;
    let field = response.field("last-modified");
    let date = field.and_then(|field| parse_http_date(&field.value).ok());
    date.ok_or_else(|| call.wrong(&response, 0, "there is no Last-Modified"))
}

fn wants(call: &Call, response: &Response, status: u16, to: &str) -> Outcome {
    if response.status != status {
        let what = format!("status {} instead of {status}, {to}", response.status);
        return Err(call.wrong(response, response.status_at, what));
    }
    match status == 304 && !response.content.is_empty() {
        true => {
            Err(call.wrong(response, response.body.start, "a 304 has no content"))
        }
        false => Ok(()),
    }
}

fn not_modified() -> Vec<Check> {
    let begin = |id, title| {
        check(id, Part4, title)
            .rule("RFC 9110 section 13.1.3")
            .read("part4.md#exercises")
            .why("Who has it already need not get it again.")
    };
    let second = Duration::from_secs(1);
    vec![
        begin(
            "not-modified",
            "Who has the text as it is gets 304, and no content.",
        )
        .hint("304 if Last-Modified is not later than the date that was sent.")
        .sends("a GET with the date of Last-Modified; one with a later date")
        .run_with(move |exam| {
            let date = last_modified(exam)?;
            for (date, to) in
                [(date, "to the same date"), (date + second, "to a later date")]
            {
                let date = fmt_http_date(date);
                for name in ["If-Modified-Since", "if-modified-SINCE"] {
                    let (mut call, response) =
                        since(exam, &format!("{name}: {date}"))?;
                    wants(&call, &response, 304, to)?;
                    call.nothing_more()?;
                }
            }
            Ok(())
        }),
        begin("modified-since", "Who has an older text gets the text.")
            .hint("Compare the dates, and not for equality alone.")
            .sends("a GET with a date one second before Last-Modified")
            .run_with(move |exam| {
                let date = fmt_http_date(last_modified(exam)? - second);
                let field = format!("If-Modified-Since: {date}");
                let (call, response) = since(exam, &field)?;
                wants(&call, &response, 200, "to an earlier date")
            }),
        begin("since-no-date", "A date that is none is ignored.")
            .hint("What can't be read is as if it were not there.")
            .sends("a GET with If-Modified-Since: tomorrow")
            .run_with(|exam| {
                let (call, response) = since(exam, "If-Modified-Since: tomorrow")?;
                wants(&call, &response, 200, "to what is no date")
            }),
    ]
}

fn part5() -> Vec<Exercise> {
    vec![
        by_hand("5.1", Part5, "the answers are those you said, nine times"),
        by_hand(
            "5.2",
            Part5,
            "each mended rule uncovers the one that you said was next, until the \
             verse comes",
        ),
        by_hand(
            "5.3",
            Part5,
            "a number of nine digits, and the head that it belongs to",
        ),
        by_hand(
            "5.4",
            Part5,
            "a test that reads, writes and reads again the kinds that are listed",
        ),
        adds(
            "5.5",
            Part5,
            vec![options()],
            &["options-asterisk", "four-kinds-of-refusal"],
        ),
        by_hand(
            "5.6",
            Part5,
            "a test with six heads and the error that each gets, and one head that \
             httparse refuses",
        ),
        by_hand("5.7", Part5, "a test that gives each case to it at each cut"),
        adds("5.8", Part5, bodies(), &[]),
    ]
}

fn options() -> Check {
    check("options-are-told", Part5, "OPTIONS is answered with what there is.")
        .rule("RFC 9110 section 9.3.7")
        .read("part5.md#exercises")
        .why("Who wants to know what is allowed should not have to break a rule.")
        .hint("200, Content-Length: 0, and Allow: GET, HEAD, OPTIONS.")
        .sends("OPTIONS *, OPTIONS /x, options / and PUT /")
        .run_with(|exam| {
            let allows = |call: &Call, response: &Response| {
                let field = response.field("allow");
                let value = field.map_or("", |field| &field.value);
                let methods: Vec<&str> = value.split(',').map(str::trim).collect();
                for wanted in ["GET", "HEAD", "OPTIONS"] {
                    if !methods.contains(&wanted) {
                        let at = field.map_or(0, |field| field.value_at);
                        let what = format!("{wanted} is missing from Allow");
                        return Err(call.wrong(response, at, what));
                    }
                }
                Ok(())
            };
            for (line, status) in [
                ("OPTIONS *", 200),
                ("OPTIONS /x", 200),
                ("options /", 501),
                ("PUT /", 405),
            ] {
                let request = format!("{line} HTTP/1.1\r\nHost: localhost\r\n\r\n");
                let (call, response) =
                    exam.response_to(request.as_bytes(), status)?;
                if status != 501 {
                    allows(&call, &response)?;
                }
                if status == 200 && !response.content.is_empty() {
                    let at = response.body.start;
                    let what = "there is content, where none is wanted";
                    return Err(call.wrong(&response, at, what));
                }
            }
            Ok(())
        })
}

fn bodies() -> Vec<Check> {
    const PUT: &str =
        "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello";
    let begin = |id, title| {
        check(id, Part5, title)
            .rule("RFC 9112 section 6.3")
            .read("part5.md#exercises")
    };
    vec![
        begin("short-body-is-skipped", "A GET behind a short body is served.")
            .why("How long the body is was said; behind it begins the next request.")
            .hint("Some of the body may be in your buffer already, and the GET too.")
            .sends("a PUT with hello and a GET, in one piece and cut at each place")
            .run_with(|exam| {
                let both = [PUT.as_bytes(), GET].concat();
                for at in 0..both.len() {
                    let (first, second) = both.split_at(at);
                    let mut call = exam.line.call()?;
                    let pieces: Vec<&[u8]> = [first, second]
                        .into_iter()
                        .filter(|it| !it.is_empty())
                        .collect();
                    call.send_in_pieces(pieces)?;
                    call.status("PUT", 405)?;
                    call.status("GET", 200)?;
                }
                Ok(())
            }),
        begin("missing-body-has-a-deadline", "A body that never comes is the end.")
            .why("Who says five bytes and sends four holds a connection for nothing.")
            .hint("The deadline of a head will do for a body.")
            .sends("a PUT that says 5 and sends 4")
            .slow()
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                call.send(&PUT[..PUT.len() - 1])?;
                let deadline = Instant::now() + exam.longest_wait();
                while call.hears(deadline.saturating_duration_since(Instant::now()))? {}
                match Instant::now() < deadline {
                    true => Ok(()),
                    false => Err(exam.still_open(&call)),
                }
            }),
        begin("expectation-is-the-end", "Who asks first is refused, and closed.")
            .rule("RFC 9110 section 10.1.1")
            .why("After the 405 the body may come or not: nobody can tell which it is.")
            .hint("Read past a body only if the client did not wait for a yes.")
            .sends("a PUT with Expect: 100-continue, and no body")
            .run_with(|exam| {
                let mut call = exam.line.call()?;
                call.send(
                    "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\
                     Expect: 100-continue\r\n\r\n",
                )?;
                call.status("PUT", 405)?;
                call.ends()
            }),
    ]
}

fn part5_5() -> Vec<Exercise> {
    vec![
        by_hand(
            "5.5.1",
            Part5_5,
            "you had all eight, and can say of each failure who refused whom",
        ),
        by_hand(
            "5.5.2",
            Part5_5,
            "a meaning for each of the seven bytes, and what openssl -msg shows \
             for a client of TLS 1.1",
        ),
        replaces("5.5.3", Part5_5, vec![other_name()]),
        by_hand(
            "5.5.4",
            Part5_5,
            "four times that you said and measured, and a constant for each",
        ),
        by_hand(
            "5.5.5",
            Part5_5,
            "a test that holds a conversation over it, and the two numbers of a \
             verse, inside of TLS and outside",
        ),
        replaces("5.5.6", Part5_5, vec![two_names()]),
        // What is behind the TLS takes the scheme for http, and is right to.
        adds("5.5.7", Part5_5, vec![], &["https-absolute-form"]),
    ]
}

/// Shakes hands with somebody of this name, and is not content with another's
/// certificate.
fn call_as(exam: &Exam, name: &str) -> Outcome<Call> {
    exam.line.call_tls(&Hello {
        name: name.to_owned(),
        versions: ALL_VERSIONS,
        alpn: vec![b"http/1.1".to_vec()],
        verify: true,
        chopped: false,
    })
}

fn serves_as(exam: &Exam, name: &str) -> Outcome<Vec<u8>> {
    let mut call = call_as(exam, name)?;
    call.send(format!("GET / HTTP/1.1\r\nHost: {name}\r\n\r\n"))?;
    call.status("GET", 200)?;
    let chain = call.tls().and_then(|tls| tls.peer_certificates());
    let leaf = chain.and_then(<[_]>::first);
    Ok(leaf.map_or(Vec::new(), |leaf| leaf.to_vec()))
}

fn is_not(exam: &Exam, name: &str) -> Outcome {
    match call_as(exam, name) {
        Err(_) => Ok(()),
        Ok(call) => {
            let what = format!("its certificate is good for {name} too");
            Err(call.failure(what))
        }
    }
}

fn other_name() -> Check {
    check("another-name", Part5_5, "It is rohttp.test, and not localhost.")
        .on(Ports::Tls)
        .rule("RFC 9110 section 4.3.4")
        .read("part5_5.md#exercises")
        .why("Trust takes a root that is believed and a name that was meant.")
        .hint("Names are subject alternative names; the root is that of --ca.")
        .sends("handshakes by both names, which look at the certificate")
        .run_with(|exam| {
            serves_as(exam, "rohttp.test")?;
            is_not(exam, "localhost")
        })
}

fn two_names() -> Check {
    check("two-names", Part5_5, "one.test and two.test have a certificate each.")
        .on(Ports::Tls)
        .rule("RFC 6066 section 3")
        .read("part5_5.md#exercises")
        .why("The name comes before the certificate, so that it can be chosen.")
        .hint("Give --ca a file with every root that has signed one of them.")
        .sends("handshakes by both names, and by that of three.test")
        .run_with(|exam| {
            let one = serves_as(exam, "one.test")?;
            let two = serves_as(exam, "two.test")?;
            if one == two {
                return Err(Failure::new("both names get the same certificate"));
            }
            is_not(exam, "three.test")
        })
}

fn part6() -> Vec<Exercise> {
    vec![
        by_hand(
            "6.1",
            Part6,
            "six statuses, and for each the section of RFC 9110 that it is from",
        ),
        by_hand(
            "6.2",
            Part6,
            "four times that you measured, and what makes the largest of them so large",
        ),
        replaces("6.3", Part6, vec![traced()]),
        replaces("6.4", Part6, vec![hundred()]),
        replaces("6.5", Part6, vec![ticks()]),
        by_hand(
            "6.6",
            Part6,
            "of two PUTs at once with If-None-Match: * one gets 201 and the other 412, \
             and a GET in a loop beside a PUT in a loop never sees half of anything",
        ),
    ]
}

fn traced() -> Check {
    check("traced", Part6, "TRACE is told what it asked.")
        .rule("RFC 9110 section 9.3.8")
        .read("part6_server.md#exercises")
        .why("A client can see what its request has become on the way.")
        .hint("200, message/http, and the request as content; without what is secret.")
        .sends("TRACE /x with a field of its own, and a Cookie")
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            call.send(
                "TRACE /x HTTP/1.1\r\nHost: localhost\r\nSeen: by me\r\n\
                 Cookie: secret\r\n\r\n",
            )?;
            let response = call.status("TRACE", 200)?;
            let text = String::from_utf8_lossy(&response.content).into_owned();
            let is_http = response.lists("Content-Type", "message/http");
            let complaint = match () {
                () if !is_http => "it is not message/http",
                () if !text.starts_with("TRACE /x HTTP/1.1\r\n") => {
                    "it does not begin with the request line"
                }
                () if !text.to_lowercase().contains("\r\nseen: by me\r\n") => {
                    "a field is missing"
                }
                () if text.contains("secret") => "the cookie is in it",
                () => return Ok(()),
            };
            Err(call.wrong(&response, response.body.start, complaint))
        })
}

fn hundred() -> Check {
    check("a-hundred-is-enough", Part6, "The hundredth response is the last.")
        .rule("RFC 9112 section 9.6")
        .read("part6_server.md#exercises")
        .why("Who never leaves never notices that the server has moved.")
        .hint("Count responses; the last has to say so, and not the one after it.")
        .sends("a hundred GETs, each after the response to the one before")
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            for number in 1..=100 {
                call.send(GET)?;
                let response = call.status("GET", 200)?;
                if response.lists("Connection", "close") != (number == 100) {
                    let what = match number {
                        100 => "the hundredth does not say Connection: close"
                            .to_owned(),
                        early => format!("response {early} says Connection: close"),
                    };
                    return Err(call.wrong(&response, response.head_end(), what));
                }
            }
            call.ends()
        })
}

fn ticks() -> Check {
    check("ticks", Part6, "The clock ticks, and not all at once.")
        .rule("RFC 9112 section 7.1")
        .read("part6_server.md#exercises")
        .why("Content that is not there yet has no length.")
        .hint("A chunk a line, and it has to leave at once. HTTP/1.0 knows no chunks.")
        .sends("GET /clock; the same with HTTP/1.0")
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            call.send("GET /clock HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
            let begun = Instant::now();
            call.hears(exam.soon())?;
            let first = begun.elapsed();
            let response = call.status("GET", 200)?;
            let all = begun.elapsed();
            let lines = |response: &Response| {
                let lines = response.content.split(|byte| *byte == b'\n');
                lines.filter(|line| !line.is_empty()).count()
            };
            if !response.lists("Transfer-Encoding", "chunked") {
                let what = "it does not come in chunks";
                return Err(call.wrong(&response, response.head_end(), what));
            }
            if lines(&response) != 5 {
                let what = "it does not have five lines";
                return Err(call.wrong(&response, response.body.start, what));
            }
            if all < Duration::from_millis(350) || first * 2 > all {
                let (first, all) = (first.as_millis(), all.as_millis());
                let what = format!("the first came after {first} ms, the last after {all} ms");
                return Err(call.wrong(&response, response.body.start, what));
            }
            let mut call = exam.line.call()?;
            call.send("GET /clock HTTP/1.0\r\n\r\n")?;
            let response = call.status("GET", 200)?;
            if response.field("Transfer-Encoding").is_some() || lines(&response) != 5 {
                let what = "HTTP/1.0 wants five lines, and no chunks";
                return Err(call.wrong(&response, response.head_end(), what));
            }
            call.ends()
        })
}
