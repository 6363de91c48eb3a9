//! Host: whom a request is for.

use crate::check::Check;
use crate::check::Ports::Each;
use crate::check::Procedure::Answers;
use crate::check::Rule::Must;
use crate::check::Then::{Closes, Either};
use crate::stage::Stage::Part5;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "absolute-form-without-host",
        title: "A whole URI does not make Host superfluous.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 3.2"),
        why: "Every request of HTTP/1.1 has one.",
        hint: "Check for Host whatever the target is.",
        read: "part5.html#the-whole-request",
        procedure: Answers(b"GET http://localhost/ HTTP/1.1\r\n\r\n", 400, Closes),
    },
    Check {
        id: "no-host",
        title: "A request of HTTP/1.1 without Host is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 3.2"),
        why: "One address serves many names.",
        hint: "That it is missing is known when the head is over.",
        read: "part5.html#the-whole-request",
        procedure: Answers(b"GET / HTTP/1.1\r\n\r\n", 400, Closes),
    },
    Check {
        id: "two-hosts",
        title: "Two Hosts are refused with 400.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 3.2"),
        why: "One reader goes by the first and another by the last.",
        hint: "A map of fields keeps one of them. Keep a list.",
        read: "part5.html#the-whole-request",
        procedure: Answers(get!("Host: other\r\n"), 400, Closes),
    },
    Check {
        id: "two-equal-hosts",
        title: "Two Hosts are refused although they are equal.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 3.2"),
        why: "The rule is about lines and not about values.",
        hint: "Count them.",
        read: "part5.html#the-whole-request",
        procedure: Answers(get!("Host: localhost\r\n"), 400, Closes),
    },
    Check {
        id: "bad-host",
        title: "A Host that is none is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 3.2"),
        why: "Its value must be valid too.",
        hint: "A host, and perhaps a colon and a port.",
        read: "part5.html#whom-it-is-for",
        procedure: Answers(b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, Closes),
    },
    Check {
        id: "host-with-user",
        title: "A Host with a user in it is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 3.2"),
        why: "http has no place for it, and it serves to deceive.",
        hint: "@ is not a host's.",
        read: "part5.html#whom-it-is-for",
        procedure: Answers(
            b"GET / HTTP/1.1\r\nHost: bank@localhost\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "host-with-bad-port",
        title: "A Host with a port that is no number is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 3.2"),
        why: "A port is digits.",
        hint: "Number parsers take signs. Look at the digits first.",
        read: "part5.html#whom-it-is-for",
        procedure: Answers(
            b"GET / HTTP/1.1\r\nHost: localhost:+80\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "host-with-port",
        title: "A Host with a port is served.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9110 section 7.2"),
        why: "Every client sends it to a port other than 80.",
        hint: "Host, colon, digits.",
        read: "part5.html#whom-it-is-for",
        procedure: Answers(
            b"GET / HTTP/1.1\r\nHost: localhost:1337\r\n\r\n",
            200,
            Either,
        ),
    },
    Check {
        id: "ipv6-host",
        title: "A Host that is an IPv6 address is served.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 3986 section 3.2.2"),
        why: "It stands in brackets, for its colons.",
        hint: "Look for the port behind the bracket.",
        read: "part5.html#whom-it-is-for",
        procedure: Answers(
            b"GET / HTTP/1.1\r\nHost: [::1]:1337\r\n\r\n",
            200,
            Either,
        ),
    },
];
