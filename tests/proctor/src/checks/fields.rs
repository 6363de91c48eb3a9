//! Field lines of requests.

use crate::check::Check;
use crate::check::Ports::Each;
use crate::check::Procedure::{Answers, Does};
use crate::check::Rule::{Must, See, Should};
use crate::check::Then::{Closes, Either};
use crate::stage::Stage::Part5;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "space-before-colon",
        title: "A space before the colon is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 5.1"),
        why: "Differences in the handling of it have been security holes, and a \
            server must answer 400.",
        hint: "Do not trim names.",
        read: "part5.html#from-left-to-right",
        procedure: Answers(
            b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "no-colon",
        title: "A field without a colon is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 sections 5 and 2.2"),
        why: "It is none.",
        hint: "What does your parser do with a line that it can't split?",
        read: "part5.html#from-left-to-right",
        procedure: Answers(get!("hello\r\n"), 400, Closes),
    },
    Check {
        id: "no-name",
        title: "A field without a name is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 sections 5 and 2.2"),
        why: "A token has at least one byte.",
        hint: "Is the empty string a name for you?",
        read: "part5.html#names-and-values",
        procedure: Answers(get!(": b\r\n"), 400, Closes),
    },
    Check {
        id: "odd-name",
        title: "A field name with a bracket in it is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9112 sections 5 and 2.2"),
        why: "A name is a token.",
        hint: "Which bytes may stand in a token?",
        read: "part5.html#names-and-values",
        procedure: Answers(get!("A(b): c\r\n"), 400, Closes),
    },
    Check {
        id: "folded",
        title: "A line that continues the one before it is refused with 400.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 5.2"),
        why: "Some readers join them and some don't.",
        hint: "A field line does not begin with a space or a tab.",
        read: "part5.html#from-left-to-right",
        procedure: Does {
            sends: "a GET with A: b and a line that begins with a space; and one whose \
                first field line does",
            run: |exam| {
                exam.answers(get!("A: b\r\n c\r\n"), 400, Closes)?;
                // Such a line may be left out too (RFC 9112 section 2.2), which is a way
                // to miss a field that others see.
                let first = b"GET / HTTP/1.1\r\n A: b\r\nHost: localhost\r\n\r\n";
                exam.answers(first, 400, Closes)
            },
        },
    },
    Check {
        id: "space-before-first-field",
        title: "A space before the first field is refused with 400.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 2.2"),
        why: "It can't continue anything.",
        hint: "A field line does not begin with a space or a tab.",
        read: "part5.html#from-left-to-right",
        procedure: Answers(
            b"GET / HTTP/1.1\r\n Host: localhost\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "nul-in-value",
        title: "A NUL in a value is refused with 400.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9110 section 5.5"),
        why: "Control characters are dangerous to whoever reads on.",
        hint: "A value has visible characters, spaces, tabs, and bytes from 0x80 \
            up.",
        read: "part5.html#names-and-values",
        procedure: Answers(get!("A: b\0c\r\n"), 400, Closes),
    },
    Check {
        id: "bare-lf-in-a-field",
        title: "A field that ends with LF alone is refused with 400.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 2.2"),
        why: "It is one field or two, depending on who reads.",
        hint: "Look for CR LF, and for any other CR or LF.",
        read: "part5.html#two-readers",
        procedure: Answers(
            b"GET / HTTP/1.1\r\nHost: localhost\nA: b\r\n\r\n",
            400,
            Closes,
        ),
    },
    Check {
        id: "bare-cr",
        title: "A CR that no LF follows is refused with 400.",
        since: Part5,
        ports: Each,
        rule: See("RFC 9112 section 2.2"),
        why: "Some take it for the end of a line.",
        hint: "Look for CR LF, and for any other CR or LF.",
        read: "part5.html#from-left-to-right",
        procedure: Answers(get!("A: b\rc\r\n"), 400, Closes),
    },
    Check {
        id: "field-case",
        title: "Field names differ not by case.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9110 section 5.1"),
        why: "host is Host.",
        hint: "Compare without regard to ASCII case.",
        read: "part5.html#names-and-values",
        procedure: Answers(
            b"GET / HTTP/1.1\r\nhOST: localhost\r\n\r\n",
            200,
            Either,
        ),
    },
    Check {
        id: "field-space",
        title: "Whitespace around a value is not part of it, and need not be \
            there.",
        since: Part5,
        ports: Each,
        rule: Must("RFC 9112 section 5.1"),
        why: "Clients write none, one, or many.",
        hint: "Trim spaces and tabs, on both sides of the value.",
        read: "part5.html#names-and-values",
        procedure: Answers(
            b"GET / HTTP/1.1\r\nHost:localhost\r\nA: \t b \t \r\nB:\r\n\r\n",
            200,
            Either,
        ),
    },
    Check {
        id: "odd-bytes-in-value",
        title: "Bytes from 0x80 up may stand in a value.",
        since: Part5,
        ports: Each,
        rule: Should("RFC 9110 section 5.5"),
        why: "They are opaque, and no reason to refuse.",
        hint: "A value need not be UTF-8.",
        read: "part5.html#names-and-values",
        procedure: Answers(
            b"GET / HTTP/1.1\r\nHost: localhost\r\nA: \xff\xfe\r\n\r\n",
            200,
            Either,
        ),
    },
];
