//! Part 5.5: the same over TLS, and nobody in the way of anybody.

use std::time::Instant;

use rustls::version::{TLS12, TLS13};
use rustls::{ALL_VERSIONS, SupportedProtocolVersion};

use crate::check::{Check, Exam, GET, POST, Ports, check};
use crate::line::{Call, End, Failure, Line, Outcome};
use crate::stage::Stage::Part5_5;
use crate::target::{Hello, Port};

/// A GET after which any server closes.
const LAST_GET: &[u8] =
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

type Versions = &'static [&'static SupportedProtocolVersion];
const V12: Versions = &[&TLS12];
const V13: Versions = &[&TLS13];

fn hello(exam: &Exam) -> Hello {
    let host = exam.line.target.tls.as_ref().map(|tls| tls.endpoint.host());
    Hello {
        name: host.unwrap_or("localhost").to_owned(),
        versions: ALL_VERSIONS,
        alpn: vec![b"http/1.1".to_vec()],
        verify: false,
        chopped: false,
    }
}

fn served_with(exam: &Exam, hello: &Hello) -> Outcome<Call> {
    let mut call = exam.line.call_tls(hello)?;
    call.send(GET)?;
    call.status("GET", 200)?;
    Ok(call)
}

fn version(id: &'static str, title: &'static str, versions: Versions) -> Check {
    check(id, Part5_5, title)
        .on(Ports::Tls)
        .rule("RFC 9325 section 3.1.1")
        .read("part5_5.md#a-wrapper")
        .why("Both are in use.")
        .hint("Does your library's default leave one out?")
        .sends("a handshake with this version alone, and a GET")
        .run_with(move |exam| {
            let hello = Hello { versions, ..hello(exam) };
            served_with(exam, &hello).map(drop)
        })
}

/// A ClientHello of a version before TLS 1.2, which is 3.`minor`, with a cipher and an
/// extension that every old server knew.
fn old_hello(minor: u8) -> Vec<u8> {
    let mut hello = vec![3, minor];
    hello.extend([7; 32]); // random
    hello.extend([0, 0, 2, 0, 0x2f, 1, 0]); // no session, one cipher, no compression
    hello.extend([0, 8, 0, 13, 0, 4, 0, 2, 4, 1]); // signature_algorithms
    let length = hello.len() as u8;
    let mut record = vec![0x16, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    record
}

fn old(id: &'static str, title: &'static str, minor: u8) -> Check {
    check(id, Part5_5, title)
        .on(Ports::Tls)
        .rule("RFC 8996 section 2")
        .read("part5_5.md#a-wrapper")
        .why("It must not be spoken any more, and the client is to be told.")
        .hint("Set the lowest version to TLS 1.2; the library does the rest.")
        .sends("a ClientHello of that version")
        .run_with(move |exam| {
            let mut call = exam.line.call_socket()?;
            call.send(old_hello(minor))?;
            let (said, _) = call.read_to_end("the connection stays open")?;
            match &said[..] {
                [0x15, 3, _, 0, 2, 2, 70] => Ok(()),
                [0x15, ..] => {
                    Err(call
                        .failure_at(6, "an alert, and not protocol_version (70)"))
                }
                [] => {
                    Err(call
                        .failure_at(0, "no alert: protocol_version (70) is wanted"))
                }
                _ => Err(call.failure_at(0, "this is no alert (21)")),
            }
        })
}

/// A certificate that is believed, by a name.
fn trusted(
    id: &'static str,
    title: &'static str,
    name: Option<&'static str>,
) -> Check {
    check(id, Part5_5, title)
        .on(Ports::Tls)
        .rule("RFC 9110 section 4.3.4")
        .read("part5_5.md#trust-is-not")
        .why(
            "Trust is not in the stream: it takes a root that is \
                     believed and a name that was meant.",
        )
        .hint(
            "The name has to be among the certificate's subject \
                     alternative names, and the chain must lead to the root \
                     of --ca.",
        )
        .sends("a handshake by this name, which looks at the certificate")
        .run_with(move |exam| {
            let hello = hello(exam);
            // Who is called by another name than localhost has certificates of its own.
            if name.is_some() && hello.name != "localhost" {
                return Ok(());
            }
            let name = name.map_or(hello.name.clone(), str::to_owned);
            exam.line.call_tls(&Hello { verify: true, name, ..hello }).map(drop)
        })
}

/// Does something to the TLS port many times over, then wants both ports to serve.
fn harmless(
    exam: &Exam,
    times: usize,
    what: impl Fn(&Line) -> Outcome<Option<Call>>,
) -> Outcome {
    let mut kept = Vec::new();
    for _ in 0..times {
        kept.extend(what(&exam.line)?);
    }
    for port in [Port::Tls, Port::Clear] {
        let other = Line::sharing(&exam.line, port);
        let exam = Exam { line: other, stage: exam.stage };
        exam.served().map_err(|failure| Failure {
            what: match port {
                Port::Tls => format!("then, on the TLS port: {}", failure.what),
                Port::Clear => format!("then, on the clear port: {}", failure.what),
            },
            ..failure
        })?;
    }
    Ok(())
}

/// The first bytes of a handshake: a whole ClientHello's head, and not its rest.
fn half_hello() -> Vec<u8> {
    let mut hello = old_hello(3);
    hello.truncate(20);
    hello
}

pub fn checks() -> Vec<Check> {
    let get = crate::report::visible(GET);
    vec![
        version("tls-1-3", "TLS 1.3 is spoken.", V13),
        version("tls-1-2", "TLS 1.2 is spoken.", V12),
        old("no-tls-1-1", "TLS 1.1 is refused with protocol_version.", 2),
        old("no-tls-1-0", "TLS 1.0 is refused with protocol_version.", 1),
        trusted(
            "trusted",
            "The certificate is believed by who believes the root.",
            None,
        ),
        trusted(
            "trusted-as-127.0.0.1",
            "And by the name of 127.0.0.1.",
            Some("127.0.0.1"),
        ),
        trusted("trusted-as-ipv6", "And by the name of ::1.", Some("::1")),
        check(
            "hello-by-bytes",
            Part5_5,
            "A handshake that comes a byte at a time is one.",
        )
        .on(Ports::Tls)
        .rule("RFC 9293 section 2.2")
        .read("part5_5.md#a-wrapper")
        .why("TCP is a stream, whatever runs over it.")
        .hint("Do you look at the first bytes yourself?")
        .sends("a handshake, byte by byte, and a GET")
        .run_with(|exam| {
            let hello = Hello { chopped: true, ..hello(exam) };
            served_with(exam, &hello).map(drop)
        }),
        check("alpn", Part5_5, "Of h2 and http/1.1 the latter is agreed on.")
            .on(Ports::Tls)
            .rule("RFC 7301 section 3.2")
            .read("part5_5.md#a-wrapper")
            .why("Browsers offer both, and would go on with what is agreed.")
            .hint("Offer http/1.1 as the one protocol that you speak.")
            .sends("a handshake that offers h2 and http/1.1")
            .run_with(|exam| {
                let alpn = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
                let call = served_with(exam, &Hello { alpn, ..hello(exam) })?;
                match call.tls().and_then(|tls| tls.alpn_protocol()) {
                    Some(b"http/1.1") => Ok(()),
                    Some(other) => Err(call.failure_at(
                        0,
                        format!("{} was agreed on", other.escape_ascii()),
                    )),
                    None => Err(call.failure_at(0, "nothing was agreed on")),
                }
            }),
        check(
            "alpn-h2-alone",
            Part5_5,
            "A client that offers h2 alone is turned away.",
        )
        .on(Ports::Tls)
        .rule("RFC 7301 section 3.2")
        .read("part5_5.md#a-wrapper")
        .why("There is nothing that both speak.")
        .hint(
            "The alert is no_application_protocol (120); \
                         libraries send it when they are told what you speak.",
        )
        .sends("a handshake that offers h2")
        .run_with(|exam| {
            let alpn = vec![b"h2".to_vec()];
            match exam.line.call_tls(&Hello { alpn, ..hello(exam) }) {
                Ok(call) => Err(call.failure_at(0, "the handshake succeeded")),
                Err(failure) if failure.what.contains("in time") => Err(failure),
                Err(_) => Ok(()),
            }
        }),
        check("alpn-none", Part5_5, "A client that offers nothing is served.")
            .on(Ports::Tls)
            .rule("RFC 7301 section 3.1")
            .read("part5_5.md#a-wrapper")
            .why("The extension is one that clients may leave out.")
            .hint("Do you insist on it?")
            .sends("a handshake without ALPN, and a GET")
            .run_with(|exam| {
                served_with(exam, &Hello { alpn: Vec::new(), ..hello(exam) })
                    .map(drop)
            }),
        check("no-sni", Part5_5, "A client that gives no name is served.")
            .on(Ports::Tls)
            .rule("RFC 6066 section 3")
            .read("part5_5.md#a-wrapper")
            .why("Who calls by an address has no name to give.")
            .hint("Have a certificate for whoever names none.")
            .sends(
                "a handshake by the name of 127.0.0.1, which is not \
                         sent, and a GET",
            )
            .run_with(|exam| {
                let name = "127.0.0.1".to_owned();
                served_with(exam, &Hello { name, ..hello(exam) }).map(drop)
            }),
        check("close-notify", Part5_5, "The end is announced with close_notify.")
            .on(Ports::Tls)
            .rule("RFC 8446 section 6.1")
            .read("part5_5.md#breaking-it")
            .why("Without it an end looks like a cut.")
            .hint("Shut down the TLS stream first, and then the socket under it.")
            .sends(format!(
                "{}over TLS 1.3 and 1.2",
                crate::report::visible(LAST_GET)
            ))
            .run_with(|exam| {
                for versions in [V13, V12] {
                    let hello = Hello { versions, ..hello(exam) };
                    let mut call = exam.line.call_tls(&hello)?;
                    call.send(LAST_GET)?;
                    call.status("GET", 200)?;
                    let missed = "the connection stays open after the text";
                    match call.read_to_end(missed)?.1 {
                        End::Closed => {}
                        End::Cut => {
                            return Err(call
                                .failure("the stream ends without close_notify"));
                        }
                        End::Reset => {
                            return Err(
                                call.failure("the stream ends with a reset")
                            );
                        }
                    }
                }
                Ok(())
            }),
        check(
            "client-cuts",
            Part5_5,
            "A client that leaves without close_notify harms nobody.",
        )
        .on(Ports::Tls)
        .rule("RFC 8446 section 6.1")
        .read("part5_5.md#breaking-it")
        .why("Many do.")
        .hint("It is the end of that conversation and no error of yours.")
        .sends("a handshake and half a GET, twenty times, and then a FIN")
        .run_with(|exam| {
            let hello = hello(exam);
            harmless(exam, 20, |line| {
                let mut call = line.call_tls(&hello)?;
                call.send(&GET[..7])?;
                Ok(None)
            })
        }),
        check(
            "plain-http-on-the-tls-port",
            Part5_5,
            "Plain HTTP on the TLS port is refused, and not in HTTP.",
        )
        .on(Ports::Tls)
        .rule("RFC 8446 section 6.2")
        .read("part5_5.md#the-daemon")
        .why("What is said in the clear must not be answered there.")
        .hint("The library sends an alert; let it arrive before you close.")
        .sends(&get)
        .run_with(|exam| {
            let mut call = exam.line.call_socket()?;
            call.send(GET)?;
            let (said, _) = call.read_to_end("the connection stays open")?;
            match said.starts_with(b"HTTP/") {
                true => Err(call.failure_at(0, "an answer in the clear")),
                false => Ok(()),
            }
        }),
        check("garbage-is-told", Part5_5, "What is not TLS gets an alert.")
            .on(Ports::Tls)
            .rule("RFC 8446 section 6.2")
            .read("part5_5.md#the-daemon")
            .why("The client is told that it was not understood.")
            .hint(
                "If the socket is closed with bytes unread, the \
                         alert is lost to a reset.",
            )
            .sends("4 KB that are not TLS")
            .run_with(|exam| {
                let mut call = exam.line.call_socket()?;
                call.send([b'x'; 4096])?;
                let (said, _) = call.read_to_end("the connection stays open")?;
                match said.first() {
                    Some(0x15) => Ok(()),
                    Some(_) => Err(call.failure_at(0, "this is no alert (21)")),
                    None => Err(call.failure_at(0, "no alert came")),
                }
            }),
        check(
            "silent-handshakes",
            Part5_5,
            "Callers who never shake hands delay nobody, on either port.",
        )
        .on(Ports::Tls)
        .read("part5_5.md#the-daemon")
        .why("A handshake is a wait like any other.")
        .hint(
            "Shake hands in the caller's own thread or task, \
                         not in the accept loop.",
        )
        .sends(
            "thirty callers who say nothing to the TLS port, \
                         then a GET on each port",
        )
        .run_with(|exam| harmless(exam, 30, |line| line.call_socket().map(Some))),
        check(
            "half-handshakes",
            Part5_5,
            "Nor do callers who stop in the middle of one.",
        )
        .on(Ports::Tls)
        .read("part5_5.md#the-daemon")
        .why("A handshake is a wait like any other.")
        .hint(
            "Shake hands in the caller's own thread or task, \
                         not in the accept loop.",
        )
        .sends(
            "thirty callers with twenty bytes of a ClientHello, \
                         then a GET on each port",
        )
        .run_with(|exam| {
            harmless(exam, 30, |line| {
                let mut call = line.call_socket()?;
                call.send(half_hello())?;
                Ok(Some(call))
            })
        }),
        check(
            "resets-in-handshakes",
            Part5_5,
            "Resets in the middle of a handshake harm nobody.",
        )
        .on(Ports::Tls)
        .read("part5_5.md#what-the-original-did-here")
        .why("They are errors of another class than those that TLS has.")
        .hint("Catch everything that a handshake can raise.")
        .sends(
            "thirty callers with twenty bytes of a ClientHello \
                         and a reset, then a GET on each port",
        )
        .run_with(|exam| {
            harmless(exam, 30, |line| {
                let mut call = line.call_socket()?;
                call.send(half_hello())?;
                call.reset();
                Ok(None)
            })
        }),
        check(
            "ends-in-handshakes",
            Part5_5,
            "Ends in the middle of a handshake harm nobody.",
        )
        .on(Ports::Tls)
        .read("part5_5.md#what-the-original-did-here")
        .why("Port scanners do nothing else.")
        .hint("Catch everything that a handshake can raise.")
        .sends(
            "thirty callers with twenty bytes of a ClientHello \
                         and a FIN, then a GET on each port",
        )
        .run_with(|exam| {
            harmless(exam, 30, |line| {
                let mut call = line.call_socket()?;
                call.send(half_hello())?;
                Ok(None)
            })
        }),
        check(
            "failed-handshakes",
            Part5_5,
            "A hundred failed handshakes harm nobody.",
        )
        .on(Ports::Tls)
        .read("part5_5.md#what-the-original-did-here")
        .why("Each that leaves a descriptor open brings the end nearer.")
        .hint("Close the socket whatever comes of the handshake.")
        .sends(
            "a hundred callers with bytes that are not TLS, \
                         then a GET on each port",
        )
        .run_with(|exam| {
            harmless(exam, 100, |line| {
                let mut call = line.call_socket()?;
                call.send(b"hello?\r\n\r\n")?;
                call.read_to_end("a failed handshake is kept open")?;
                Ok(None)
            })
        }),
        check(
            "handshake-has-a-deadline",
            Part5_5,
            "A handshake is not waited for for ever.",
        )
        .on(Ports::Tls)
        .slow()
        .read("part5_5.md#the-daemon")
        .why("Connections that wait are a way of taking a server off the air.")
        .hint("A deadline for the whole handshake.")
        .sends("nothing, to the TLS port")
        .run_with(|exam| {
            let mut call = exam.line.call_socket()?;
            let begun = Instant::now();
            call.hears(exam.longest_wait())?;
            match begun.elapsed() < exam.longest_wait() {
                true => Ok(()),
                false => Err(exam.still_open(&call)),
            }
        }),
        check("same-on-both-ports", Part5_5, "Both ports give the same responses.")
            .on(Ports::Tls)
            .rule("RFC 9110 section 4.2.2")
            .read("part5_5.md#the-conversation-over-anything")
            .why("One handler, two doors.")
            .hint("Write the conversation for any stream, and call it twice.")
            .sends(format!("{get}and a POST, on each port"))
            .run_with(|exam| {
                let clear = Exam {
                    line: Line::sharing(&exam.line, Port::Clear),
                    stage: exam.stage,
                };
                for (request, status) in [(GET, 200), (POST, 405)] {
                    let (_, one) = clear.response_to(request, status)?;
                    let (call, two) = exam.response_to(request, status)?;
                    let fields = |response: &crate::response::Response| {
                        let fields = response
                            .fields
                            .iter()
                            .filter(|it| !it.name.eq_ignore_ascii_case("Date"));
                        fields
                            .map(|it| (it.name.clone(), it.value.clone()))
                            .collect::<Vec<_>>()
                    };
                    if fields(&one) != fields(&two) {
                        return Err(call.wrong(
                            &two,
                            0,
                            "this head is not the one that the clear port gives",
                        ));
                    }
                    if one.content != two.content {
                        return Err(call.wrong(
                            &two,
                            two.body.start,
                            "this body is not the one that the clear port gives",
                        ));
                    }
                }
                Ok(())
            }),
        check(
            "https-absolute-form",
            Part5_5,
            "Over TLS, a whole https URI is served.",
        )
        .on(Ports::Tls)
        .rule("RFC 9112 section 3.2.2")
        .read("part5_5.md#the-conversation-over-anything")
        .why("It is what the client means.")
        .hint("Is the scheme taken for http wherever you look?")
        .serves("GET https://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ]
}
