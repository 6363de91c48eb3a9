//! Part 4: heads that say what follows.

use std::thread::sleep;
use std::time::{Duration, SystemTime};

use httpdate::parse_http_date;

use super::part3::no_fault;
use crate::check::{Check, Exam, GET, HEAD, POST, Then, check};
use crate::line::{Call, Failure, Outcome};
use crate::response::{Fault, Field, Response};
use crate::stage::Stage::{Part4, Part5, Part5_5};

/// A field that has to be there.
fn field<'a>(
    call: &Call,
    response: &'a Response,
    name: &str,
) -> Outcome<&'a Field> {
    response.field(name).ok_or_else(|| {
        let what = format!("there is no {name} in this head");
        call.wrong(response, response.head_end().saturating_sub(2), what)
    })
}

/// A field that is a date as RFC 9110 section 5.6.7 has it.
fn date(call: &Call, response: &Response, name: &str) -> Outcome<SystemTime> {
    let field = field(call, response, name)?;
    let wrong = |at: usize, what: &str| {
        Err(call.wrong(response, field.value_at + at, what))
    };
    let Ok(date) = parse_http_date(&field.value) else {
        return wrong(0, "this is no HTTP-date");
    };
    let written = httpdate::fmt_http_date(date);
    let mut pairs = written.bytes().zip(field.value.bytes());
    match pairs.position(|(a, b)| a != b) {
        Some(at) => wrong(at, &format!("as an IMF-fixdate this is {written}")),
        None if written.len() != field.value.len() => {
            wrong(29, "an IMF-fixdate has 29 bytes")
        }
        None => Ok(date),
    }
}

fn both(exam: &Exam, look: impl Fn(&Call, &Response) -> Outcome) -> Outcome {
    for request in [GET, POST] {
        let (call, response) = exam.any_response_to(request)?;
        look(&call, &response)?;
    }
    Ok(())
}

pub fn checks() -> Vec<Check> {
    let get = crate::report::visible(GET);
    let head = crate::report::visible(HEAD);
    let post = crate::report::visible(POST);
    let several = format!("{get}and {post}");
    vec![
        check("content-length", Part4, "The 200 says how long its body is.")
            .rule("RFC 9110 section 8.6")
            .read("part4.md#a-response")
            .why("A cut looks like an end to whoever was told no length.")
            .hint("Content-Length, in bytes.")
            .sends(&get)
            .run_with(|exam| {
                let (call, response) = exam.get()?;
                field(&call, &response, "Content-Length").map(drop)
            }),
        check(
            "length-is-kept",
            Part4,
            "The body is as long as was promised, to the byte.",
        )
        .rule("RFC 9112 section 6.3")
        .read("part4.md#the-idea")
        .why(
            "Framing is a promise about bytes: too few and the \
                         client waits, too many and they are the next response's.",
        )
        .hint(
            "Count bytes and not characters, and count what you \
                         send, after it has been encoded. Nothing goes \
                         behind the body.",
        )
        .sends(&get)
        .run_with(|exam| {
            let (mut call, response) = exam.get()?;
            field(&call, &response, "Content-Length")?;
            call.nothing_more()
        }),
        check("one-content-length", Part4, "There is one Content-Length.")
            .rule("RFC 9110 section 8.6")
            .read("part4.md#a-response")
            .why("Two readers may go by different ones.")
            .hint("Is the field set in two places?")
            .sends(&several)
            .run_with(|exam| {
                both(exam, |call, response| {
                    match response.all("Content-Length").nth(1) {
                        Some(second) => Err(call.wrong(
                            response,
                            second.at,
                            "a second Content-Length",
                        )),
                        None => Ok(()),
                    }
                })
            }),
        check("content-type", Part4, "The 200 says what its body is: text/plain.")
            .rule("RFC 9110 section 8.3")
            .read("part4.md#a-response")
            .why("A client that is not told guesses.")
            .hint("Content-Type: text/plain; charset=utf-8")
            .sends(&get)
            .run_with(|exam| {
                let (call, response) = exam.get()?;
                let field = field(&call, &response, "Content-Type")?;
                let media =
                    field.value.split(';').next().unwrap_or_default().trim();
                match media.eq_ignore_ascii_case("text/plain") {
                    true => Ok(()),
                    false => Err(call.wrong(
                        &response,
                        field.value_at,
                        "this is not text/plain",
                    )),
                }
            }),
        check("charset", Part4, "The 200 says that its text is UTF-8.")
            .rule("RFC 9110 section 8.3.2")
            .read("part4.md#a-response")
            .why(
                "Browsers guess another encoding, in which a dash \
                         is three letters.",
            )
            .hint("Content-Type: text/plain; charset=utf-8")
            .sends(&get)
            .run_with(|exam| {
                let (call, response) = exam.get()?;
                let field = field(&call, &response, "Content-Type")?;
                let value = field.value.to_ascii_lowercase().replace('"', "");
                match value.split(';').any(|it| it.trim() == "charset=utf-8") {
                    true => Ok(()),
                    false => Err(call.wrong(
                        &response,
                        field.value_at,
                        "no charset=utf-8 here",
                    )),
                }
            }),
        check("date", Part4, "The 200 has a Date.")
            .rule("RFC 9110 section 6.6.1")
            .read("part4.md#dates")
            .why(
                "Every server that has a clock must say when the \
                         response was made.",
            )
            .hint("Date: and the time of now, in GMT.")
            .sends(&get)
            .run_with(|exam| {
                let (call, response) = exam.get()?;
                field(&call, &response, "Date").map(drop)
            }),
        check("date-on-405", Part4, "The 405 has a Date too.")
            .rule("RFC 9110 section 6.6.1")
            .read("part4.md#dates")
            .why("The rule is about responses with 2, 3 or 4 in front.")
            .hint("Write the fields that all responses have in one place.")
            .sends(&post)
            .run_with(|exam| {
                let (call, response) = exam.response_to(POST, 405)?;
                field(&call, &response, "Date").map(drop)
            }),
        check("date-form", Part4, "The Date is an IMF-fixdate.")
            .rule("RFC 9110 section 5.6.7")
            .read("part4.md#dates")
            .why("Three forms are read, and this is the one that is written.")
            .hint(
                "Sun, 06 Nov 1994 08:49:37 GMT: two digits for the \
                         day, English names, GMT and not UTC. Mind your locale.",
            )
            .sends(&several)
            .run_with(|exam| {
                both(exam, |call, response| date(call, response, "Date").map(drop))
            }),
        check("date-is-now", Part4, "The Date is the time of the response.")
            .rule("RFC 9110 section 6.6.1")
            .read("part4.md#dates")
            .why("Clients and caches reckon ages by it.")
            .hint("Is it local time that says GMT?")
            .sends(&get)
            .run_with(|exam| {
                let (call, response) = exam.get()?;
                let date = date(&call, &response, "Date")?;
                let now = SystemTime::now();
                let off = now
                    .duration_since(date)
                    .unwrap_or_else(|error| error.duration());
                let at = response.field("Date").map_or(0, |field| field.value_at);
                match off < Duration::from_secs(5) {
                    true => Ok(()),
                    false => {
                        let what = format!("this is {} s off", off.as_secs());
                        Err(call.wrong(&response, at, what))
                    }
                }
            }),
        check("date-moves", Part4, "The Date is made anew for each response.")
            .rule("RFC 9110 section 6.6.1")
            .read("part4.md#what-the-original-did-here")
            .why("One that is made at the start is hours old by evening.")
            .hint("Make it when you write the head.")
            .sends(format!("{get}twice, a second apart"))
            .run_with(|exam| {
                let (call, first) = exam.get()?;
                let before = date(&call, &first, "Date")?;
                sleep(Duration::from_millis(1100));
                let (call, second) = exam.get()?;
                let at = second.field("Date").map_or(0, |field| field.value_at);
                match date(&call, &second, "Date")? > before {
                    true => Ok(()),
                    false => Err(call.wrong(
                        &second,
                        at,
                        "the same Date as more than a second ago",
                    )),
                }
            }),
        check(
            "last-modified",
            Part4,
            "The 200 has a Last-Modified, which is an IMF-fixdate.",
        )
        .rule("RFC 9110 section 8.8.2")
        .read("part4.md#dates")
        .why("By it a client can ask later whether anything has changed.")
        .hint(
            "A day of the week that does not go with its date \
                         is the commonest mistake in a date written by hand.",
        )
        .sends(&get)
        .run_with(|exam| {
            let (call, response) = exam.get()?;
            date(&call, &response, "Last-Modified").map(drop)
        }),
        check(
            "last-modified-is-past",
            Part4,
            "Last-Modified is not later than Date.",
        )
        .rule("RFC 9110 section 8.8.2.1")
        .read("part4.md#dates")
        .why("Nothing has been changed in the future.")
        .hint("The same clock for both, and GMT for both.")
        .sends(&get)
        .run_with(|exam| {
            let (call, response) = exam.get()?;
            let made = date(&call, &response, "Date")?;
            let modified = date(&call, &response, "Last-Modified")?;
            let at =
                response.field("Last-Modified").map_or(0, |field| field.value_at);
            match modified <= made {
                true => Ok(()),
                false => {
                    Err(call.wrong(&response, at, "this is later than the Date"))
                }
            }
        }),
        check(
            "last-modified-stays",
            Part4,
            "Last-Modified is the same for each response.",
        )
        .rule("RFC 9110 section 8.8.2")
        .read("part4.md#dates")
        .why("The text has not changed between two requests.")
        .hint("It is when the text was changed and not when it was asked for.")
        .sends(format!("{get}twice, a second apart"))
        .run_with(|exam| {
            let (call, first) = exam.get()?;
            let before = date(&call, &first, "Last-Modified")?;
            sleep(Duration::from_millis(1100));
            let (call, second) = exam.get()?;
            let at =
                second.field("Last-Modified").map_or(0, |field| field.value_at);
            match date(&call, &second, "Last-Modified")? == before {
                true => Ok(()),
                false => Err(call.wrong(
                    &second,
                    at,
                    "another Last-Modified than a second ago",
                )),
            }
        }),
        check("head-is-answered", Part4, "HEAD is answered with 200.")
            .rule("RFC 9110 section 9.3.2")
            .read("part4.md#asking-for-the-head-alone")
            .why("Every server must do GET and HEAD.")
            .hint("The same as GET, up to the empty line.")
            .serves(HEAD),
        check("head-has-no-body", Part4, "The response to HEAD has no body.")
            .rule("RFC 9110 section 9.3.2")
            .read("part4.md#asking-for-the-head-alone")
            .why(
                "The client does not read one: it would be the next \
                         response's beginning.",
            )
            .hint("Not even an empty line more.")
            .sends(&head)
            .run_with(|exam| exam.response_to(HEAD, 200)?.0.nothing_more()),
        check(
            "head-is-like-get",
            Part4,
            "The response to HEAD has the fields of GET's.",
        )
        .rule("RFC 9110 section 9.3.2")
        .read("part4.md#asking-for-the-head-alone")
        .why(
            "It is asked for to learn what GET would bring, \
                         Content-Length included.",
        )
        .hint("Make both with the same function.")
        .sends(format!("{get}and {head}"))
        .run_with(|exam| {
            let (_, get) = exam.get()?;
            let (call, head) = exam.response_to(HEAD, 200)?;
            let mut wanted = get
                .fields
                .iter()
                .filter(|it| !it.name.eq_ignore_ascii_case("Date"));
            let missed = wanted.find(|it| {
                head.field(&it.name).is_none_or(|found| found.value != it.value)
            });
            match missed {
                Some(missed) => {
                    let at = head
                        .field(&missed.name)
                        .map_or(head.head_end().saturating_sub(2), |it| it.at);
                    let what =
                        format!("GET's head has {}: {}", missed.name, missed.value);
                    Err(call.wrong(&head, at, what))
                }
                None => Ok(()),
            }
        }),
        check(
            "head-cut-in-two",
            Part4,
            "A HEAD that comes in two pieces is one HEAD, wherever it is cut.",
        )
        .rule("RFC 9293 section 2.2")
        .read("part4.md#their-half")
        .why("TCP is a stream, not messages.")
        .hint("Look for the end of the head in all that has come so far.")
        .sends(format!("{head}cut in two at each place where it can be cut"))
        .run_with(|exam| {
            (1..HEAD.len()).try_for_each(|cut| {
                let (first, second) = HEAD.split_at(cut);
                let mut call = exam.line.call()?;
                call.send(first)?;
                if cut % 8 == 2 && call.hears(Duration::from_millis(30))? {
                    return Err(call.failure_at(0, "an answer to half a head"));
                }
                call.send(second)?;
                call.status("HEAD", 200).map(drop)
            })
        }),
        check("head-is-a-word", Part4, "HEADX is not HEAD.")
            .rule("RFC 9110 section 9.1")
            .read("part4.md#their-half")
            .why(
                "A longer word that begins with the right letters is another word.",
            )
            .hint("Compare the method up to the space behind it.")
            .sends("HEADX / HTTP/1.1, Host: localhost, and an empty line")
            .run_with(|exam| {
                let status = if exam.stage < Part5 { 405 } else { 501 };
                let request = b"HEADX / HTTP/1.1\r\nHost: localhost\r\n\r\n";
                exam.response_to(request, status).map(drop)
            }),
        check(
            "says-close",
            Part4,
            "The last response on a connection says Connection: close.",
        )
        .until(Part5_5)
        .rule("RFC 9112 section 9.3")
        .read("part4.md#a-response")
        .why("The client is about to send another request, unless it is told.")
        .hint("Whoever is going to close has to say so.")
        .sends(&get)
        .run_with(|exam| {
            let (call, response) = exam.get()?;
            match response.lists("Connection", "close") {
                true => Ok(()),
                false => Err(call.wrong(
                    &response,
                    response.head_end().saturating_sub(2),
                    "no Connection: close in this head, and \
                the connection is closed",
                )),
            }
        }),
        check(
            "says-close-at-the-fourth",
            Part4,
            "Of four refusals only the last says Connection: close.",
        )
        .until(Part5_5)
        .rule("RFC 9112 section 9.6")
        .read("part4.md#asking-for-the-head-alone")
        .why("It is an announcement: made when it is true, and only then.")
        .hint("Decide whether this is the last response before you write it.")
        .sends(format!("{post}four times"))
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            for number in 1..=4 {
                call.send(POST)?;
                let response = call.status("POST", 405)?;
                let says = response.lists("Connection", "close");
                if says != (number == 4) {
                    let at = response
                        .field("Connection")
                        .map_or(response.head_end().saturating_sub(2), |it| it.at);
                    let what = format!(
                        "refusal {number} {} Connection: close",
                        if says { "says" } else { "does not say" }
                    );
                    return Err(call.wrong(&response, at, what));
                }
            }
            Ok(())
        }),
        check("allow", Part4, "The 405 says what is allowed.")
            .rule("RFC 9110 section 15.5.6")
            .read("part4.md#asking-for-the-head-alone")
            .why("A server must, so that programs can read it.")
            .hint("Allow: GET, HEAD")
            .sends(&post)
            .run_with(|exam| {
                let (call, response) = exam.response_to(POST, 405)?;
                field(&call, &response, "Allow").map(drop)
            }),
        check(
            "allow-is-true",
            Part4,
            "Allow lists GET and HEAD, and not what was refused.",
        )
        .rule("RFC 9110 section 10.2.1")
        .read("part4.md#asking-for-the-head-alone")
        .why("It lists the methods that are supported.")
        .hint("Allow: GET, HEAD")
        .sends(&post)
        .run_with(|exam| {
            let (call, response) = exam.response_to(POST, 405)?;
            let field = field(&call, &response, "Allow")?;
            let has = |word| response.lists("Allow", word);
            match has("GET") && has("HEAD") && !has("POST") {
                true => Ok(()),
                false => Err(call.wrong(
                    &response,
                    field.value_at,
                    "this is not GET and HEAD",
                )),
            }
        }),
        check("405-is-framed", Part4, "The 405 says how long its body is.")
            .rule("RFC 9110 section 8.6")
            .read("part4.md#asking-for-the-head-alone")
            .why(
                "The connection goes on, and the client must know \
                         where the next response begins.",
            )
            .hint("Content-Length: 0, if there is none.")
            .refuses(POST, 405, Then::Stays),
        check(
            "field-names",
            Part4,
            "Field names are tokens, with the colon right behind.",
        )
        .rule("RFC 9112 section 5.1")
        .read("part4.md#a-response")
        .why(
            "A space before the colon is a way to be read \
                         differently by two readers.",
        )
        .hint("Name, colon, space, value, CR LF.")
        .sends(&several)
        .run_with(|exam| {
            no_fault(
                exam,
                Fault::Name,
                "no field name, or no colon right behind it",
            )
        }),
        check("field-values", Part4, "Field values have no control characters.")
            .rule("RFC 9110 section 5.5")
            .read("part4.md#a-response")
            .why("They can end a line early, for some reader.")
            .hint("Is a line end left over from where the value came from?")
            .sends(&several)
            .run_with(|exam| no_fault(exam, Fault::Value, "a control character")),
        check("no-request-fields", Part4, "There is no Host in a response.")
            .rule("RFC 9110 section 7.2")
            .read("part4.md#what-the-original-did-here")
            .why("It is a request's field.")
            .hint("Do not copy the request's fields.")
            .sends(&several)
            .run_with(|exam| {
                both(exam, |call, response| match response.field("Host") {
                    Some(field) => {
                        Err(call.wrong(response, field.at, "a Host in a response"))
                    }
                    None => Ok(()),
                })
            }),
        check(
            "one-framing",
            Part4,
            "There is no Transfer-Encoding beside a Content-Length.",
        )
        .rule("RFC 9112 section 6.2")
        .read("part4.md#the-idea")
        .why("Two promises about one end.")
        .hint("Has a library added one of them?")
        .sends(&several)
        .run_with(|exam| {
            both(exam, |call, response| match response.field("Transfer-Encoding") {
                Some(field) => Err(call.wrong(
                    response,
                    field.at,
                    "a Transfer-Encoding beside a Content-Length",
                )),
                None => Ok(()),
            })
        }),
        check("long-head", Part4, "A head of 4 KB is served.")
            .rule("RFC 9110 section 2.3")
            .read("part4.md#their-half")
            .why("Browsers send that much, with cookies.")
            .hint("One read of 1024 bytes is not a head.")
            .serves(format!(
                "GET / HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n\r\n",
                "a".repeat(4000)
            )),
        check("too-long-head", Part4, "A head of 20 KB is refused with 431.")
            .rule("RFC 6585 section 5")
            .read("part4.md#their-half")
            .why("What can grow needs a limit.")
            .hint(
                "Check what is there before each read. Then answer, \
                         and only then close, in stages.",
            )
            .refuses(
                format!(
                    "GET / HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n\r\n",
                    "a".repeat(20_000)
                ),
                431,
                Then::Closes,
            ),
        check(
            "endless-head",
            Part4,
            "A head that does not end is refused with 431 before long.",
        )
        .rule("RFC 6585 section 5")
        .read("part4.md#their-half")
        .why("The limit must not wait for the end that it is there to do without.")
        .hint("Check the length of what has come when no end is found.")
        .sends(
            "GET / HTTP/1.1, Host, and field after field: 64 KB and no empty line",
        )
        .run_with(|exam| {
            let mut call = exam.line.call()?;
            call.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n")?;
            let field = format!("A: {}\r\n", "b".repeat(1019));
            for _ in 0..64 {
                call.send(&field)?;
            }
            call.status("GET", 431).map(drop)
        }),
        check(
            "answer-survives-a-flood",
            Part4,
            "A refusal arrives although the client keeps sending.",
        )
        .rule("RFC 9112 section 9.6")
        .read("part4.md#their-half")
        .why(
            "Closed with bytes unread, the connection is reset, \
                         and the 431 is lost.",
        )
        .hint("After the last response read on for a while, and throw away.")
        .sends("a head of 200 KB")
        .run_with(|exam| {
            for _ in 0..5 {
                let mut call = exam.line.call()?;
                call.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nA: ")?;
                for _ in 0..50 {
                    call.send([b'b'; 4096])?;
                }
                let refused = call.status("GET", 431);
                let ended = refused.and_then(|_| call.ends_without_reset());
                ended.map_err(|failure| Failure {
                    what: format!(
                        "while the client kept sending: {}",
                        failure.what
                    ),
                    ..failure
                })?;
            }
            Ok(())
        }),
    ]
}
