//! TLS: versions, names, and the same server behind it.

use rustls::SupportedProtocolVersion;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::version::{TLS12, TLS13};

use crate::check::Ports::Tls;
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, See, Should};
use crate::check::{Check, Exam, GET, NOT_DONE, POST};
use crate::line::{Call, End, Failure, Line, Outcome};
use crate::stage::Stage::Part5_5;
use crate::target::{Hello, Port};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "tls-1-3",
        title: "TLS 1.3 is spoken.",
        since: Part5_5,
        ports: Tls,
        rule: Should("RFC 9325 section 3.1.1"),
        why: "Both are in use.",
        hint: "Does your library's default leave one out?",
        read: "part5_5.html#a-wrapper-tls",
        procedure: Does {
            sends: "a handshake with this version alone, and a GET",
            run: |exam| served_with_version(exam, V13),
        },
    },
    Check {
        id: "tls-1-2",
        title: "TLS 1.2 is spoken.",
        since: Part5_5,
        ports: Tls,
        rule: Must("RFC 9325 section 3.1.1"),
        why: "Both are in use.",
        hint: "Does your library's default leave one out?",
        read: "part5_5.html#a-wrapper-tls",
        procedure: Does {
            sends: "a handshake with this version alone, and a GET",
            run: |exam| served_with_version(exam, V12),
        },
    },
    Check {
        id: "tls-1-3-as-everybody-knows-it",
        title: "Who knows no more of TLS 1.3 than everybody must is served.",
        since: Part5_5,
        ports: Tls,
        rule: Must("RFC 8446 section 9.1"),
        why: "Of ciphers and key exchanges there are many, and so one of each that both \
            sides have.",
        hint: "TLS_AES_128_GCM_SHA256 and secp256r1. Leave your library's lists as they \
            are.",
        read: "part5_5.html#a-wrapper-tls",
        procedure: Does {
            sends: "a handshake that knows the one cipher, one that knows the one key \
                exchange, and one with both; each with a GET",
            run: |exam| {
                let all = aws_lc_rs::default_provider;
                let ciphers =
                    vec![aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256];
                let exchanges = vec![aws_lc_rs::kx_group::SECP256R1];
                let knows_one = [
                    CryptoProvider { cipher_suites: ciphers.clone(), ..all() },
                    CryptoProvider { kx_groups: exchanges.clone(), ..all() },
                    CryptoProvider {
                        cipher_suites: ciphers,
                        kx_groups: exchanges,
                        ..all()
                    },
                ];
                for knows in knows_one {
                    let hello = Hello { versions: V13, knows, ..hello(exam) };
                    served_with(exam, &hello)?;
                }
                Ok(())
            },
        },
    },
    Check {
        id: "no-tls-1-1",
        title: "TLS 1.1 is refused with protocol_version.",
        since: Part5_5,
        ports: Tls,
        rule: Must("RFC 8996 section 5"),
        why: "It must not be spoken any more, and the client is to be told.",
        hint: "Set the lowest version to TLS 1.2; the library does the rest.",
        read: "part5_5.html#a-wrapper-tls",
        procedure: Does {
            sends: "a ClientHello of that version",
            run: |exam| refuses_old(exam, 2),
        },
    },
    Check {
        id: "no-tls-1-0",
        title: "TLS 1.0 is refused with protocol_version.",
        since: Part5_5,
        ports: Tls,
        rule: Must("RFC 8996 section 4"),
        why: "It must not be spoken any more, and the client is to be told.",
        hint: "Set the lowest version to TLS 1.2; the library does the rest.",
        read: "part5_5.html#a-wrapper-tls",
        procedure: Does {
            sends: "a ClientHello of that version",
            run: |exam| refuses_old(exam, 1),
        },
    },
    Check {
        id: "trusted",
        title: "The certificate is believed by who believes the root.",
        since: Part5_5,
        ports: Tls,
        rule: See("RFC 9110 section 4.3.4"),
        why: "Trust is not in the stream: it takes a root that is believed and a \
            name that was meant.",
        hint: "The name has to be among the certificate's subject alternative \
            names, and the chain must lead to the root of --ca.",
        read: "part5_5.html#trust-whom-to-believe",
        procedure: Does {
            sends: "a handshake by this name, which looks at the certificate",
            run: |exam| trusts(exam, None),
        },
    },
    Check {
        id: "trusted-as-127.0.0.1",
        title: "The certificate is good for 127.0.0.1.",
        since: Part5_5,
        ports: Tls,
        rule: See("RFC 9110 section 4.3.4"),
        why: "Trust is not in the stream: it takes a root that is believed and a \
            name that was meant.",
        hint: "The name has to be among the certificate's subject alternative \
            names, and the chain must lead to the root of --ca.",
        read: "part5_5.html#trust-whom-to-believe",
        procedure: Does {
            sends: "a handshake by this name, which looks at the certificate",
            run: |exam| trusts(exam, Some("127.0.0.1")),
        },
    },
    Check {
        id: "trusted-as-ipv6",
        title: "The certificate is good for ::1.",
        since: Part5_5,
        ports: Tls,
        rule: See("RFC 9110 section 4.3.4"),
        why: "Trust is not in the stream: it takes a root that is believed and a \
            name that was meant.",
        hint: "The name has to be among the certificate's subject alternative \
            names, and the chain must lead to the root of --ca.",
        read: "part5_5.html#trust-whom-to-believe",
        procedure: Does {
            sends: "a handshake by this name, which looks at the certificate",
            run: |exam| trusts(exam, Some("::1")),
        },
    },
    Check {
        id: "alpn",
        title: "Of h2 and http/1.1 the latter is agreed on.",
        since: Part5_5,
        ports: Tls,
        rule: See("RFC 7301 section 3.2"),
        why: "Browsers offer both, and would go on with what is agreed.",
        hint: "Offer http/1.1 as the one protocol that you speak.",
        read: "part5_5.html#a-wrapper-tls",
        procedure: Does {
            sends: "a handshake that offers h2 and http/1.1",
            run: |exam| {
                let alpn = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
                let call = served_with(exam, &Hello { alpn, ..hello(exam) })?;
                match agreed(&call) {
                    Some(b"http/1.1") => Ok(()),
                    Some(other) => Err(call.failure_at(
                        0,
                        format!("{} was agreed on", other.escape_ascii()),
                    )),
                    None => Err(call.failure_at(0, "nothing was agreed on")),
                }
            },
        },
    },
    Check {
        id: "alpn-h2-alone",
        title: "A client that offers h2 alone is turned away.",
        since: Part5_5,
        ports: Tls,
        rule: Must("RFC 7301 section 3.2"),
        why: "There is nothing that both speak.",
        hint: "The alert is no_application_protocol (120); libraries send it when \
            they are told what you speak.",
        read: "part5_5.html#a-wrapper-tls",
        procedure: Does {
            sends: "a handshake that offers h2",
            run: |exam| {
                let alpn = vec![b"h2".to_vec()];
                match exam.line.call_tls(&Hello { alpn, ..hello(exam) }) {
                    Ok(call) if agreed(&call).is_none() => Err(Failure::skip(
                        "the server shakes hands, and agrees on nothing: a library \
                         such as Python's ssl can't be told to refuse",
                    )),
                    Ok(call) => Err(call.failure_at(0, "the handshake succeeded")),
                    Err(why) if why.what.contains("NoApplicationProtocol") => {
                        Ok(())
                    }
                    Err(why) => Err(why),
                }
            },
        },
    },
    Check {
        id: "alpn-none",
        title: "A client that offers nothing is served.",
        since: Part5_5,
        ports: Tls,
        rule: See("RFC 7301 section 3.1"),
        why: "The extension is one that clients may leave out.",
        hint: "Do you insist on it?",
        read: "part5_5.html#a-wrapper-tls",
        procedure: Does {
            sends: "a handshake without ALPN, and a GET",
            run: |exam| {
                served_with(exam, &Hello { alpn: Vec::new(), ..hello(exam) })
                    .map(drop)
            },
        },
    },
    Check {
        id: "no-sni",
        title: "A client that gives no name is served.",
        since: Part5_5,
        ports: Tls,
        rule: See("RFC 6066 section 3"),
        why: "Who calls by an address has no name to give.",
        hint: "Have a certificate for whoever names none.",
        read: "part5_5.html#a-wrapper-tls",
        procedure: Does {
            sends: "a handshake by the name of 127.0.0.1, which is not sent, and a \
                GET",
            run: |exam| {
                let name = "127.0.0.1".to_owned();
                served_with(exam, &Hello { name, ..hello(exam) }).map(drop)
            },
        },
    },
    Check {
        id: "close-notify",
        title: "The end is announced with close_notify.",
        since: Part5_5,
        ports: Tls,
        rule: Must("RFC 8446 section 6.1"),
        why: "Without it an end looks like a cut.",
        hint: "Shut down the TLS stream first, and then the socket under it. In \
            Python the first is unwrap(); shutdown() drops TLS without a word.",
        read: "part5_5.html#breaking-it",
        procedure: Does {
            sends: "a GET with Connection: close, over TLS 1.3 and 1.2",
            run: |exam| {
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
            },
        },
    },
    Check {
        id: "same-on-both-ports",
        title: "Both ports give the same responses.",
        since: Part5_5,
        ports: Tls,
        rule: See("RFC 9110 section 4.2.2"),
        why: "One handler, two doors.",
        hint: "Write the conversation for any stream, and call it twice.",
        read: "part5_5.html#the-conversation-over-anything",
        procedure: Does {
            sends: "a GET and a POST, on each port",
            run: |exam| {
                let clear = Exam {
                    line: Line::sharing(&exam.line, Port::Clear),
                    stage: exam.stage,
                };
                for (request, statuses) in [(GET, &[200][..]), (POST, NOT_DONE)] {
                    let (_, one) = clear.response_of(request, statuses)?;
                    let (call, two) = exam.response_of(request, statuses)?;
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
            },
        },
    },
];

/// A GET after which any server closes.
const LAST_GET: &[u8] =
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

fn served_with_version(exam: &Exam, versions: Versions) -> Outcome {
    let hello = Hello { versions, ..hello(exam) };
    served_with(exam, &hello).map(drop)
}

type Versions = &'static [&'static SupportedProtocolVersion];
const V12: Versions = &[&TLS12];
const V13: Versions = &[&TLS13];

/// Wants a ClientHello of version 3.`minor` to be refused with protocol_version.
fn refuses_old(exam: &Exam, minor: u8) -> Outcome {
    let mut call = exam.line.call_socket()?;
    call.send(old_hello(minor))?;
    let (said, _) = call.read_to_end("the connection stays open")?;
    match &said[..] {
        [0x15, 3, _, 0, 2, 2, 70] => Ok(()),
        [0x15, ..] => {
            Err(call.failure_at(6, "an alert, and not protocol_version (70)"))
        }
        [] => Err(call.failure_at(0, "no alert: protocol_version (70) is wanted")),
        _ => Err(call.failure_at(0, "this is no alert (21)")),
    }
}

/// The protocol that was agreed on within TLS.
fn agreed(call: &Call) -> Option<&[u8]> {
    call.tls().and_then(|tls| tls.alpn_protocol())
}

/// Wants a certificate that is believed, by a name.
fn trusts(exam: &Exam, name: Option<&str>) -> Outcome {
    let hello = hello(exam);
    // Who is called by another name than localhost has certificates of its own.
    if name.is_some() && hello.name != "localhost" {
        let why = format!("{} has a certificate of its own", hello.name);
        return Err(Failure::skip(why));
    }
    let name = name.map_or(hello.name.clone(), str::to_owned);
    exam.line.call_tls(&Hello { verify: true, name, ..hello }).map(drop)
}

/// How a client of ours shakes hands where nothing else is wanted.
pub(super) fn hello(exam: &Exam) -> Hello {
    let host = exam.line.target.tls.as_ref().map(|tls| tls.endpoint.host());
    Hello::to(host.unwrap_or("localhost"))
}

pub(super) fn served_with(exam: &Exam, hello: &Hello) -> Outcome<Call> {
    let mut call = exam.line.call_tls(hello)?;
    call.send(GET)?;
    call.status("GET", 200)?;
    Ok(call)
}

/// A ClientHello of a version before TLS 1.2, which is 3.`minor`, with a cipher and an
/// extension that every old server knew.
pub(super) fn old_hello(minor: u8) -> Vec<u8> {
    let mut hello = vec![3, minor];
    hello.extend([7; 32]); // random
    hello.extend([0, 0, 2, 0, 0x2f, 1, 0]); // no session, one cipher, no compression
    hello.extend([0, 8, 0, 13, 0, 4, 0, 2, 4, 1]); // signature_algorithms
    let length = hello.len() as u8;
    let mut record = vec![0x16, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    record
}
