//! Files: a tree is planted for the server to serve, and nothing else.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use httpdate::parse_http_date;
use percent_encoding::percent_decode_str;
use socket2::SockRef;

use super::dates::date;
use super::sweeps::ranges::is_part;
use crate::check::Ports::{Clear, Each};
use crate::check::Procedure::Does;
use crate::check::Rule::{Must, Ours, See, Should};
use crate::check::{Check, Exam};
use crate::draw::Draw;
use crate::line::{Call, Failure, Outcome};
use crate::response::Response;
use crate::stage::Stage::{Part6, Part8};
use crate::sweep::{Case, sweep};
use crate::target::Port;
use crate::tree::{BESIDE, FILES, LOCKED, PIPE, SECRET, SPOILED, long};

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "files-by-their-names",
        title: "A file is found by its name, decoded once.",
        since: Part6,
        ports: Each,
        rule: See("RFC 3986 section 2.4"),
        why: "Decoded twice, another file is meant; and not at all, none.",
        hint: "Cut the query off first, then decode each segment, as UTF-8, and plus \
            signs not at all. A .gz that can't be had is as good as none.",
        read: "part6_files.html#from-a-path-to-a-name",
        procedure: Does {
            sends: "names with spaces, marks, percent signs and umlauts, encoded here \
                and there; with a query, too; and files beside which is a .gz that \
                nobody may have",
            run: |exam| {
                root(exam)?;
                sweep(exam, by_name)
            },
        },
    },
    Check {
        id: "nothing-above-the-root",
        title: "No path and no link leads out of the root.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 17.3"),
        why: "What lies beside the root are keys and passwords.",
        hint: "Resolve what is asked for, links too, and then ask whether it is within \
            the root: a path and not a string that begins so.",
        read: "part6_files.html#from-a-path-to-a-name",
        procedure: Does {
            sends: "dot segments in every spelling, backslashes, absolute paths, \
                doubly encoded ones, links, a sibling with a name like the root's; \
                and folders whose index is a link out",
            run: |exam| {
                let root = root(exam)?;
                sweep(exam, |draw| above(root, draw))
            },
        },
    },
    Check {
        id: "hidden-names",
        title: "Names that begin with a dot, and keys, are nobody's business.",
        since: Part6,
        ports: Each,
        rule: Ours,
        why: "A folder that people work in has their secrets in such files.",
        hint: "Look at each segment, once it is decoded. .well-known is for everyone.",
        read: "part6_files.html#from-a-path-to-a-name",
        procedure: Does {
            sends: "hidden files and folders, plain and encoded; and .well-known",
            run: |exam| {
                root(exam)?;
                sweep(exam, hidden)
            },
        },
    },
    Check {
        id: "what-is-not-there",
        title: "What is not there is told so, and breaks nothing.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9110 section 15.5.5"),
        why: "Whatever the system says of a name, it is the client's mistake.",
        hint: "A NUL, a name too long, a file taken for a folder: each is an error of \
            its own from the system, and all of them are 404.",
        read: "part6_files.html#from-a-path-to-a-name",
        procedure: Does {
            sends: "names of nothing, files with a slash behind, NUL, bytes that are \
                no UTF-8, names of 300 bytes, links to nothing and to themselves",
            run: |exam| {
                root(exam)?;
                sweep(exam, not_there)
            },
        },
    },
    Check {
        id: "a-pipe-is-no-file",
        title: "What is no file is refused, and not waited for.",
        since: Part6,
        ports: Each,
        rule: Ours,
        why: "Who opens a named pipe waits until somebody writes to it, and that may be \
            never.",
        hint: "Open without waiting (O_NONBLOCK), ask of what was opened whether it is a \
            file, and serve nothing else.",
        read: "part6_files.html#from-a-path-to-a-name",
        procedure: Does { sends: "GET and HEAD of a named pipe", run: a_pipe },
    },
    Check {
        id: "file-types",
        title: "A file is said to be what its name says it is.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9110 section 8.3"),
        why: "A browser that is not told does not run a script, or guesses.",
        hint: "By the extension, in any case. A coded sibling has the type of what it \
            codes.",
        read: "part6_files.html#the-tree",
        procedure: Does {
            sends: "files of eight types, with and without a query that ends like a \
                name",
            run: |exam| {
                root(exam)?;
                sweep(exam, types)
            },
        },
    },
    Check {
        id: "files-whole",
        title: "A file comes whole, an empty one and a long one too.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 8.6"),
        why: "What is promised is sent, to the byte.",
        hint: "One read is not a file, and one write is not a response. Nothing is a \
            length too.",
        read: "part6_files.html#the-tree",
        procedure: Does {
            sends: "GET and HEAD of an empty file, and of one of 300 KB",
            run: whole,
        },
    },
    Check {
        id: "a-reader-who-pauses",
        title: "Who stops reading for two seconds gets the rest all the same.",
        since: Part6,
        ports: Clear,
        rule: Ours,
        why: "A film is watched as fast as it is watched.",
        hint: "A deadline for writing is one for getting nowhere, and of many seconds.",
        read: "part6.html#hanging-up",
        procedure: Does {
            sends: "thirty GETs of 300 KB in one piece; the answers are read after two \
                seconds and a half",
            run: pauses,
        },
    },
    Check {
        id: "file-ranges",
        title: "A range of a file is cut out where it is said to be.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 14.2"),
        why: "A film is watched from the middle.",
        hint: "Seek, and then read no more than is asked for.",
        read: "part6_files.html#from-here-to-there-ranges",
        procedure: Does {
            sends: "ranges at the beginning, in the middle and at the end of 300 KB",
            run: file_ranges,
        },
    },
    Check {
        id: "a-changed-file-is-another",
        title: "A file that has changed has another tag, and another date.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 8.8.1"),
        why: "Who has the old one must not be told that it is the new one.",
        hint: "Make both of what the system says of the file now, and look each time.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Does {
            sends: "a GET of a file, and, when that has been changed to as many bytes, \
                another with the old tag and with the old date; and of a link to it",
            run: changes,
        },
    },
    Check {
        id: "a-change-is-seen-soon",
        title: "A file that has changed is served as it is, two seconds later at most.",
        since: Part8,
        ports: Each,
        rule: Ours,
        why: "What is kept in memory is of some time ago, and nobody may be left with it.",
        hint: "Keep a file with what is said of it, from one look, and look again when \
            that is a second ago.",
        read: "part8.html#what-is-kept",
        procedure: Does {
            sends: "GETs of a file that is replaced by a longer one, until that comes; \
                then with the old tag, and when there is no file any more",
            run: |exam| seen_within(exam, Duration::from_secs(2)),
        },
    },
    Check {
        id: "a-date-in-its-second",
        title: "A date whose second is not over names no state of a file.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 sections 13.1.5 and 8.8.2.2"),
        why: "The file may be changed again in that second, and the date stays: half of \
            one and half of the other.",
        hint: "For If-Range a date counts when the second after it has begun.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Does {
            sends: "a GET of a file that has just been written, with a range and its \
                Last-Modified in If-Range",
            run: in_its_second,
        },
    },
    Check {
        id: "each-coding-has-its-tag",
        title: "Each coding of a file has a tag of its own.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 sections 8.8.3 and 8.8.3.3"),
        why: "A range of one coding behind a part of another is noise.",
        hint: "What is coded has another tag than what is not.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Does {
            sends: "coded.txt with Accept-Encoding gzip, br, and none",
            run: tags_of_codings,
        },
    },
    Check {
        id: "etag-of-files",
        title: "Each file has a strong entity tag, in each coding.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9110 sections 8.8.3 and 8.8.3.1"),
        why: "Who has no tag of it can't ask for the rest of it.",
        hint: "Make tag and date in one place, of whatever file it is that is sent.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Does {
            sends: "GET and HEAD of files of every kind, with and without \
                Accept-Encoding",
            run: |exam| {
                root(exam)?;
                sweep(exam, has_a_tag)
            },
        },
    },
    Check {
        id: "codings-by-choice",
        title: "A coding is sent to who accepts it, and to nobody else.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9110 sections 12.5.3 and 12.5.5"),
        why: "Who does not know Brotli sees noise.",
        hint: "q=0 is no, and the most comes first. identity and * are names too, case \
            means nothing, and br;q=1.0 is br.",
        read: "part6_files.html#in-which-content-coding",
        procedure: Does {
            sends: "a file that is there in gzip and Brotli too, and one that is in \
                gzip alone, with all kinds of Accept-Encoding; then one that is in \
                none; and what is refused of them",
            run: |exam| {
                root(exam)?;
                sweep(exam, codings)?;
                sweep(exam, |draw| any_coding(draw, "coded.txt", &["gzip", "br"]))?;
                sweep(exam, |draw| any_coding(draw, "gzipped.txt", &["gzip"]))
            },
        },
    },
    Check {
        id: "ranges-of-each-coding",
        title: "A range is one of the coding that is sent, and that is the one of its tag.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 sections 14.2 and 13.1.5"),
        why: "Whoever goes on with a download puts the part behind what they have.",
        hint: "Choose the coding first, as without a range; then cut.",
        read: "part6_files.html#in-which-content-coding",
        procedure: Does {
            sends: "ranges of a file that is there in gzip and Brotli too, in each, alone \
                and with the tag of each in If-Range",
            run: ranges_of_codings,
        },
    },
    Check {
        id: "vary-either-way",
        title: "What could have come in another coding says so, whichever it is.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9110 sections 15.4.5, 15.3.7 and 12.5.5"),
        why: "A cache that got the plain one first hands it to everybody, or the coded \
            one to who can't read it.",
        hint: "Vary is the file's, and not the coding's: 200, 206 and 304 have it.",
        read: "part6_files.html#in-which-content-coding",
        procedure: Does {
            sends: "a GET of a file that is there coded too, a range of it, and with \
                its tag",
            run: varies,
        },
    },
    Check {
        id: "a-date-to-come",
        title: "A file from tomorrow was not changed tomorrow.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 8.8.2.1"),
        why: "Until then, each change of it would go unseen.",
        hint: "Of the two, the file's date and now, the earlier.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Does {
            sends: "a GET of a file whose date is tomorrow's",
            run: not_yet,
        },
    },
    Check {
        id: "folder-and-slash",
        title: "A folder without its slash is elsewhere, on this server.",
        since: Part6,
        ports: Each,
        rule: See("RFC 9110 section 15.4"),
        why: "Relative links in its page need the slash; and a Location that begins \
            with two slashes names another host.",
        hint: "301 and the path with a slash, the query kept; and no more than one \
            slash in front.",
        read: "part6_files.html#the-tree",
        procedure: Does {
            sends: "/folder, with and without a query, and with slashes and \
                backslashes in front; and folders with names of any kind, as paths and \
                as whole URIs",
            run: |exam| {
                root(exam)?;
                sweep(exam, |draw| folders(exam.line.port, draw))?;
                sweep(exam, folder_by_its_name)
            },
        },
    },
    Check {
        id: "listings",
        title: "A listing shows what can be had, and its names harm nobody.",
        since: Part6,
        ports: Each,
        rule: Ours,
        why: "A name may have marks in it that HTML takes for its own.",
        hint: "Escape what is text, encode what is a link, and leave out what you \
            would not serve.",
        read: "part6_files.html#a-listing-that-one-likes-to-look-at",
        procedure: Does {
            sends: "GETs of folders without an index, of one again when a file was put \
                in, and when it was taken out",
            run: |exam| {
                listing(exam)?;
                listing_of_now(exam)
            },
        },
    },
    Check {
        id: "no-condition-on-nothing",
        title: "Where there is nothing, no condition and no range has a say.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 sections 13.2.1 and 14.2"),
        why: "Who is told 304 believes that the old copy is good, of what is gone.",
        hint: "First what it would be without: only a 200 is asked for conditions and \
            ranges.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Does {
            sends: "GET and HEAD of what is not there, and of a folder without its \
                slash, with each condition and with ranges",
            run: |exam| {
                root(exam)?;
                sweep(exam, |draw| nothing_to_compare(exam, draw))
            },
        },
    },
    Check {
        id: "links-of-a-listing",
        title: "Each file of a listing can be had by its link.",
        since: Part6,
        ports: Each,
        rule: See("RFC 3986 section 2.1"),
        why: "What stands for itself in a name is something else in a URI, and something \
            else again in HTML.",
        hint: "Encode a name as a segment of a path, and then escape that as text.",
        read: "part6_files.html#a-listing-that-one-likes-to-look-at",
        procedure: Does {
            sends: "a GET of a folder without an index, and then of all that it links \
                to, as a browser would",
            run: links_lead_there,
        },
    },
    Check {
        id: "files-stay",
        title: "No method changes a file, and each that is refused says which are not.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 15.5.6"),
        why: "What is served is the author's.",
        hint: "405, and Allow with GET and HEAD.",
        read: "part6_server.html#what-there-is",
        procedure: Does {
            sends: "POST, PUT, DELETE and PATCH to a file; and then a GET",
            run: |exam| {
                let root = root(exam)?;
                sweep(exam, stays)?;
                match fs::read(root.join("a.txt")) {
                    Ok(text) if text == b"a\n" => Ok(()),
                    _ => Err(Failure::new("the file is not what it was")),
                }
            },
        },
    },
];

/// The folder that the server serves.
pub(super) fn root<'a>(exam: &Exam<'a>) -> Outcome<&'a Path> {
    let root = exam.line.target.root.as_deref();
    root.ok_or_else(|| {
        Failure::skip(
            "write {root} in the command that starts the server, as in \
             `-- part6 --root {root}`, and it is given files to serve",
        )
    })
}

pub(super) fn get(target: &str, fields: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

/// A name in a path: encoded where it must be, or everywhere.
fn encoded(name: &str, everywhere: bool, lower: bool) -> String {
    let must =
        |byte: u8| !byte.is_ascii_alphanumeric() && !b"/-._~".contains(&byte);
    let encode = |byte: u8| match (byte == b'/', must(byte) || everywhere) {
        (true, _) | (_, false) => char::from(byte).to_string(),
        _ if lower => format!("%{byte:02x}"),
        _ => format!("%{byte:02X}"),
    };
    name.bytes().map(encode).collect()
}

fn by_name(draw: &mut Draw) -> Case<'static> {
    let (name, text) = draw.one(FILES);
    let (everywhere, lower) = (draw.below(2) == 1, draw.below(2) == 1);
    let query = draw.one(&["", "?x", "?/../x"]);
    if draw.below(4) == 3 {
        return beside_a_sibling(draw);
    }
    let path = encoded(name, everywhere, lower);
    Case::new(get(&format!("/{path}{query}"), ""), &[200])
        .that(|call, response| call.content(response, text.as_bytes()))
}

/// A file beside which is another in a coding, which can't be had.
fn beside_a_sibling(draw: &mut Draw) -> Case<'static> {
    let name = draw.one(&[SPOILED, LOCKED, BESIDE]);
    let fields = draw.one(&["", "gzip", "gzip, br", "identity", "*"]);
    let fields = match fields {
        "" => String::new(),
        codings => format!("Accept-Encoding: {codings}\r\n"),
    };
    let text = FILES.iter().find(|file| file.0 == name).map_or("", |file| file.1);
    Case::new(get(&format!("/{name}"), &fields), &[200]).that(
        move |call, response| match response.field("Content-Encoding") {
            // Whoever may read all files can have it, and who follows links: that is
            // another check's affair.
            Some(_) => Ok(()),
            None => call.content(response, text.as_bytes()),
        },
    )
}

/// Wants nothing of what nobody may have to be in what came.
fn keeps_its_secrets(call: &Call, response: &Response) -> Outcome {
    let secret = SECRET.as_bytes();
    match response.content.windows(secret.len()).any(|it| it == secret) {
        false => Ok(()),
        true => {
            let what = "this is a file that nobody may have";
            Err(call.wrong(response, response.body.start, what))
        }
    }
}

fn above(root: &Path, draw: &mut Draw) -> Case<'static> {
    let outside = root.parent().unwrap_or(root).join("secret.txt");
    let outside = outside.to_string_lossy();
    let path = draw.one(&[
        "/UP/secret.txt",
        "/folder/UP/UP/secret.txt",
        "/UP/root2/secret.txt",
        "//UP/secret.txt",
        "/./UP/secret.txt",
        "/UP/UP/UP/UP/UP/UP/UP/UPABS",
        "ABS",
        "/ABS",
        "/%2FABS",
        "/fileABS",
        "/folder/UP/UP/root2/secret.txt",
        "http://localhost/UP/secret.txt",
        "/UP\\secret.txt",
        "\\UP\\secret.txt",
        "/outside.txt",
        "/out/",
        "/lead/",
        "/leads/",
        "/none",
        "/404.html",
        "/out/secret.txt",
        "/out/root2/secret.txt",
        "/spoiled.txt",
        "/none/UP/UP/secret.txt",
        "/a.txt/UP/UP/secret.txt",
        "/UP/UPsecret.txt",
    ]);
    let up = draw.one(&[
        "..",
        "%2e%2e",
        "%2E%2E",
        ".%2e",
        "%2e.",
        "..%2f",
        "%2e%2e%2f",
        "..%5c",
        "..\\",
        "%252e%252e",
        "..;",
        "...",
        "....//",
        "..%00",
        "%c0%ae%c0%ae",
        "..%2f..",
        "..%20",
    ]);
    let slashes = outside.replace('/', "%2F");
    let absolute = draw.one(&[&*outside, &slashes]);
    let target = path.replace("UP", up).replace("ABS", absolute);
    let fields = draw.one(&["", "Accept-Encoding: gzip\r\n"]);
    Case::new(get(&target, fields), &[]).that(move |call, response| {
        let page = String::from_utf8_lossy(&response.content);
        if path == "/out/" && page.contains("secret.txt") {
            let what = "this is a listing of what lies beside the root";
            return Err(call.wrong(response, response.body.start, what));
        }
        keeps_its_secrets(call, response)
    })
}

fn hidden(draw: &mut Draw) -> Case<'static> {
    let path = draw.one(&[
        "/.hidden",
        "/%2ehidden",
        "/%2Ehidden",
        "/.folder/file.txt",
        "/%2efolder/file.txt",
        "/folder/.hidden",
        "/folder/%2Ehidden",
        "/bare/.htaccess",
        "/folder/../.hidden",
        "/./.hidden",
        "//.hidden",
        "/.well-known/../.hidden",
        "/key.pem",
        "/folder/HOST-KEY.PEM",
        "/.well-known/hello.txt",
    ]);
    let query = draw.one(&["", "?x"]);
    let request = get(&format!("{path}{query}"), "");
    match path {
        "/.well-known/hello.txt" => Case::new(request, &[200]),
        _ => Case::new(request, &[301, 302, 307, 308, 400, 403, 404])
            .that(keeps_its_secrets),
    }
}

fn not_there(draw: &mut Draw) -> Case<'static> {
    let long = "n".repeat(300);
    let paths = [
        "/none",
        "/none/",
        "/folder/none",
        "/a.txt/",
        "/a.txt/x",
        "/b",
        "/index",
        "/a%00.txt",
        "/a.txt%00",
        "/%ff",
        "/a.txt%ff",
        "/%c3",
        "/A.TXT",
        "/a.txt%20",
        "/a.txt.",
        "/a%2etxt%2f",
        "/folder%2finner.txt",
        "/a+b.txt",
        "/a%2520b.txt",
        "/LONG",
        "/LONG/LONG",
        "/folder/inner.txt/inner.txt",
        "/a.txt;x",
        "/%C3%A9.txt",
        "/nowhere.txt",
        "/circle.txt",
        "/nowhere.txt/",
        "/circle.txt/none",
    ];
    let path = draw.one(&paths).replace("LONG", &long);
    let method = draw.one(&["GET", "HEAD"]);
    let request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    // Whether an escaped slash is one is left to the server (RFC 3986 section 2.2).
    match path.contains("r%2f") {
        true => Case::new(request, &[404, 400, 403, 414, 200]),
        false => Case::new(request, &[404, 400, 403, 414]),
    }
}

fn nothing_to_compare(exam: &Exam, draw: &mut Draw) -> Case<'static> {
    let path = draw.one(&["/none", "/folder", "/none/", "/folder/none?x"]);
    let fields = draw.one(&[
        "If-None-Match: *\r\n",
        "If-None-Match: \"x\"\r\n",
        "If-Match: *\r\n",
        "If-Match: \"x\"\r\n",
        "If-Modified-Since: Fri, 31 Dec 2049 23:59:59 GMT\r\n",
        "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
        "Range: bytes=0-3\r\n",
        "Range: bytes=99999999-\r\n",
        "Range: bytes=0-3\r\nIf-Range: \"x\"\r\n",
    ]);
    let method = draw.one(&["GET", "HEAD"]);
    let request = |fields| {
        format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
    };
    let without = exam.any_response_to(request("").as_bytes());
    Case::new(request(fields), &[]).that(move |call, response| {
        let Ok((_, without)) = &without else { return Ok(()) };
        // What is there after all may have its say.
        if response.status == without.status || without.status < 300 {
            return Ok(());
        }
        let what = format!("without {} it is {}", name_of(fields), without.status);
        Err(call.wrong(response, response.status_at, what))
    })
}

/// The name of the first of some fields.
fn name_of(fields: &str) -> &str {
    fields.split(':').next().unwrap_or_default()
}

/// Wants a named pipe to be refused.
fn a_pipe(exam: &Exam) -> Outcome {
    root(exam)?;
    for method in ["GET", "HEAD"] {
        let request =
            format!("{method} /{PIPE} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        exam.response_of(request.as_bytes(), &[404, 403, 400])?;
    }
    Ok(())
}

fn types(draw: &mut Draw) -> Case<'static> {
    let (name, types) = draw.one(&[
        ("page.html", &["text/html"][..]),
        ("a.txt", &["text/plain"]),
        ("style.css", &["text/css"]),
        ("script.js", &["text/javascript", "application/javascript"]),
        ("script.min.js", &["text/javascript", "application/javascript"]),
        ("unknown.unknownx", &["application/octet-stream", ""]),
        ("css", &["application/octet-stream", "text/plain", ""]),
        ("data.json", &["application/json"]),
        ("image.png", &["image/png"]),
        ("image.svg", &["image/svg+xml"]),
        ("UPPER.TXT", &["text/plain"]),
        ("coded.txt", &["text/plain"]),
        ("folder/", &["text/html"]),
    ]);
    let fields = draw.one(&["", "Accept-Encoding: gzip\r\n"]);
    let method = draw.one(&["GET", "HEAD"]);
    let query = draw.one(&["", "?x=y.html", "?x=y.css"]);
    let request = format!(
        "{method} /{name}{query} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"
    );
    Case::new(request, &[200]).that(move |call, response| {
        // What is not known may go without one.
        if types.contains(&"") && response.field("Content-Type").is_none() {
            return Ok(());
        }
        let field = call.field(response, "Content-Type")?;
        let found = field.value.split(';').next().unwrap_or_default().trim();
        let charset = field.value.to_ascii_lowercase();
        let charset =
            charset.split_once("charset=").map(|it| it.1.trim_matches('"'));
        if charset.is_some_and(|it| it != "utf-8") {
            let what = "its text is UTF-8";
            return Err(call.wrong(response, field.value_at, what));
        }
        match types.iter().any(|it| it.eq_ignore_ascii_case(found)) {
            true => Ok(()),
            false => {
                let what = format!("this is not {}", types.join(" or "));
                Err(call.wrong(response, field.value_at, what))
            }
        }
    })
}

fn has_a_tag(draw: &mut Draw) -> Case<'static> {
    let name = draw.one(&[
        "a.txt",
        "coded.txt",
        "empty.txt",
        "long.bin",
        "folder/",
        "image.png",
        "unknown.unknownx",
    ]);
    let fields =
        draw.one(&["", "Accept-Encoding: gzip\r\n", "Accept-Encoding: br\r\n"]);
    let method = draw.one(&["GET", "HEAD"]);
    let request =
        format!("{method} /{name} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
    Case::new(request, &[200]).that(|call, response| {
        let field = call.field(response, "ETag")?;
        let is_quoted = field.value.len() > 1
            && field.value.starts_with('"')
            && field.value.ends_with('"');
        match is_quoted {
            true => Ok(()),
            false => {
                let what = "a strong entity tag stands in quotes";
                Err(call.wrong(response, field.value_at, what))
            }
        }
    })
}

fn whole(exam: &Exam) -> Outcome {
    root(exam)?;
    let long = long();
    let mut call = exam.line.call()?;
    for (name, bytes) in [("empty.txt", &b""[..]), ("long.bin", &long)] {
        for method in ["HEAD", "GET"] {
            call.send(format!(
                "{method} /{name} HTTP/1.1\r\nHost: localhost\r\n\r\n"
            ))?;
            let response = call.status(method, 200)?;
            if method == "GET" {
                call.content(&response, bytes)?;
            }
            if let Some(field) = response.field("Content-Length")
                && field.value != bytes.len().to_string()
            {
                let what = format!("{name} has {} bytes", bytes.len());
                return Err(call.wrong(&response, field.value_at, what));
            }
            call = exam.next(call, &response)?;
        }
    }
    Ok(())
}

fn pauses(exam: &Exam) -> Outcome {
    root(exam)?;
    let mut call = exam.line.call()?;
    // A window that is soon full, and more than the system keeps for who sends (four
    // megabytes): what does not fit has to wait.
    let _ = SockRef::from(call.socket()).set_recv_buffer_size(16 * 1024);
    call.send(get("/long.bin", "").repeat(30))?;
    // Longer than twice a second: a deadline for one write is over by the second.
    sleep(Duration::from_millis(2500));
    for _ in 0..30 {
        let response = call.status("GET", 200)?;
        call.content(&response, &long())?;
        if exam.may_close(&response) {
            break;
        }
        call.forget_what_was_read();
    }
    Ok(())
}

fn file_ranges(exam: &Exam) -> Outcome {
    root(exam)?;
    let mut call = exam.line.call()?;
    call.send(get("/long.bin", ""))?;
    let all = call.status("GET", 200)?;
    call = exam.next(call, &all)?;
    let last = all.content.len().saturating_sub(1);
    for range in [0..=0, 65_530..=65_545, 131_071..=262_145, last..=last, 1..=last]
    {
        let fields = format!("Range: bytes={}-{}\r\n", range.start(), range.end());
        call.send(get("/long.bin", &fields))?;
        let response = call.status("GET", 206)?;
        is_part(&call, &response, &all, &range)?;
        call = exam.next(call, &response)?;
    }
    Ok(())
}

fn changes(exam: &Exam) -> Outcome {
    let root = root(exam)?;
    // The other port has a file of its own.
    let name = match exam.line.port {
        Port::Clear => "changes.txt",
        Port::Tls => "changes_too.txt",
    };
    changes_at(exam, root, name, name)?;
    changes_at(exam, root, name, &link_to(root, name)?)
}

/// A link beside a file, and to it.
pub(super) fn link_to(root: &Path, name: &str) -> Outcome<String> {
    let link = format!("link_to_{name}");
    match symlink(name, root.join(&link)) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(Failure::new(format!("{link}: {error}")))
        }
        _ => Ok(link),
    }
}

/// The statuses of a file by a name of its own, or by a link: that need not be followed.
pub(super) fn statuses_by(is_link: bool) -> &'static [u16] {
    if is_link { &[200, 403, 404] } else { &[200] }
}

/// Wants a file that changes to be another, whatever it is asked for by.
fn changes_at(exam: &Exam, root: &Path, name: &str, asked: &str) -> Outcome {
    let write = |text: &str| {
        fs::write(root.join(name), text)
            .map_err(|error| Failure::new(format!("{name}: {error}")))
    };
    write("before\n")?;
    let set = fs::File::options().write(true).open(root.join(name));
    let set = set.and_then(|file| file.set_modified(crate::tree::modified()));
    set.map_err(|error| Failure::new(format!("{name}: {error}")))?;
    let mut call = exam.line.call()?;
    let target = format!("/{asked}");
    call.send(get(&target, ""))?;
    let before = call.any_status("GET", statuses_by(asked != name))?;
    if before.status != 200 {
        return Ok(());
    }
    let tag = before.field("ETag").map(|field| field.value.clone());
    let date = before.field("Last-Modified").map(|field| field.value.clone());
    write("after!\n")?;
    // Who has neither tag nor date has nothing to compare.
    let of_tag = tag.iter().map(|tag| format!("If-None-Match: {tag}\r\n"));
    let of_date = date.iter().map(|date| format!("If-Modified-Since: {date}\r\n"));
    let mut last = before;
    for condition in [String::new()].into_iter().chain(of_tag).chain(of_date) {
        call = exam.next(call, &last)?;
        call.send(get(&target, &condition))?;
        last = call.status("GET", 200)?;
        call.content(&last, b"after!\n")?;
        if let Some(field) = last.field("ETag")
            && tag.as_ref() == Some(&field.value)
        {
            let what = "the tag that the file had before it was changed";
            return Err(call.wrong(&last, field.value_at, what));
        }
    }
    Ok(())
}

/// Wants a file that is replaced to be served as it is before a time is over, and until
/// then as it was: never with what is said of the other one.
pub fn seen_within(exam: &Exam, time: Duration) -> Outcome {
    const BEFORE: &[u8] = b"before\n";
    const AFTER: &[u8] = b"after, and longer\n";
    const SECOND: Duration = Duration::from_secs(1);
    let root = root(exam)?;
    // The other port has a file of its own.
    let name = match exam.line.port {
        Port::Clear => "replaced.txt",
        Port::Tls => "replaced_too.txt",
    };
    // Each a minute after the one before, by its own account.
    let mut times = (1..).map(|it| crate::tree::modified() + 60 * it * SECOND);
    let mut replace = |content: &[u8]| {
        let new = root.join(format!("{name}.new"));
        let written = fs::write(&new, content);
        let file =
            written.and_then(|()| fs::File::options().write(true).open(&new));
        let time = times.next().unwrap_or_else(SystemTime::now);
        let dated = file.and_then(|file| file.set_modified(time));
        let replaced = dated.and_then(|()| fs::rename(new, root.join(name)));
        replaced.map_err(|error| Failure::new(format!("{name}: {error}")))
    };
    replace(BEFORE)?;
    let ask = |fields: &str| {
        exam.any_response_to(get(&format!("/{name}"), fields).as_bytes())
    };
    let mut tag = String::new();
    // Whoever keeps it keeps it from then on.
    for _ in 0..3 {
        let (call, before) = ask("")?;
        if before.status != 200 {
            return Err(call.wrong(&before, before.status_at, "200 is expected"));
        }
        call.content(&before, BEFORE)?;
        tag = call.field(&before, "ETag")?.value.clone();
    }
    replace(AFTER)?;
    let replaced = Instant::now();
    loop {
        let asked = replaced.elapsed();
        let (call, response) = ask("")?;
        let field = call.field(&response, "ETag")?;
        match (response.content == BEFORE, field.value == tag) {
            (true, true) if asked > time => {
                let what = format!("it was replaced {time:?} ago");
                return Err(call.wrong(&response, response.body.start, what));
            }
            (true, true) => sleep(Duration::from_millis(20)),
            (false, false) => {
                call.content(&response, AFTER)?;
                break;
            }
            (true, false) => {
                let what = "the tag of the new one, with what was in the old one";
                return Err(call.wrong(&response, field.value_at, what));
            }
            (false, true) => {
                let what = "the tag that it had before it was replaced";
                return Err(call.wrong(&response, field.value_at, what));
            }
        }
    }
    let (call, response) = ask(&format!("If-None-Match: {tag}\r\n"))?;
    if response.status != 200 {
        let what =
            "the tag is that of the old one, so it is not what the client has";
        return Err(call.wrong(&response, response.status_at, what));
    }
    call.content(&response, AFTER)?;
    let removed = fs::remove_file(root.join(name));
    removed.map_err(|error| Failure::new(format!("{name}: {error}")))?;
    let removed = Instant::now();
    loop {
        let asked = removed.elapsed();
        let (call, response) = ask("")?;
        match response.status {
            404 => return Ok(()),
            _ if asked > time => {
                let what = format!("the file was removed {time:?} ago");
                return Err(call.wrong(&response, response.status_at, what));
            }
            _ => sleep(Duration::from_millis(20)),
        }
    }
}

/// Wants the date of a file that has just been written not to do for a range.
fn in_its_second(exam: &Exam) -> Outcome {
    let root = root(exam)?;
    // The other port has a file of its own.
    let name = match exam.line.port {
        Port::Clear => "just_now.txt",
        Port::Tls => "just_now_too.txt",
    };
    const TRIES: usize = 5;
    for _ in 0..TRIES {
        fs::write(root.join(name), "just now\n")
            .map_err(|error| Failure::new(format!("{name}: {error}")))?;
        let target = format!("/{name}");
        let whole = exam.any_response_to(get(&target, "").as_bytes())?.1;
        let Some(field) = whole.field("Last-Modified") else { return Ok(()) };
        let fields = format!("If-Range: {}\r\nRange: bytes=0-3\r\n", field.value);
        let (call, response) =
            exam.any_response_to(get(&target, &fields).as_bytes())?;
        let is_over = parse_http_date(&field.value).is_ok_and(|second| {
            SystemTime::now() >= second + Duration::from_secs(1)
        });
        match response.status {
            206 if is_over => {}
            206 => {
                let what =
                    "the file may change in this second again, and its date not";
                return Err(call.wrong(&response, response.status_at, what));
            }
            _ if !is_over => return Ok(()),
            _ => {}
        }
    }
    Err(Failure::skip("this machine is too busy to ask twice within a second"))
}

fn tags_of_codings(exam: &Exam) -> Outcome {
    root(exam)?;
    let mut call = exam.line.call()?;
    let mut tags: Vec<(String, String)> = Vec::new();
    for fields in ["", "Accept-Encoding: gzip\r\n", "Accept-Encoding: br\r\n"] {
        call.send(get("/coded.txt", fields))?;
        let response = call.status("GET", 200)?;
        let coding = response.field("Content-Encoding");
        let coding = coding.map_or(String::new(), |field| field.value.clone());
        let Some(field) = response.field("ETag") else { return Ok(()) };
        let same = |it: &&(String, String)| it.1 == field.value && it.0 != coding;
        if tags.iter().find(same).is_some() {
            let what = "another coding has this tag too";
            return Err(call.wrong(&response, field.value_at, what));
        }
        tags.push((coding, field.value.clone()));
        call = exam.next(call, &response)?;
    }
    Ok(())
}

/// What makes a file come in each coding.
const ACCEPTED: [&str; 3] =
    ["", "Accept-Encoding: gzip\r\n", "Accept-Encoding: br\r\n"];

fn ranges_of_codings(exam: &Exam) -> Outcome {
    root(exam)?;
    let mut states = Vec::new();
    for fields in ACCEPTED {
        let request = get("/coded.txt", fields);
        states.push(exam.response_of(request.as_bytes(), &[200])?.1);
    }
    sweep(exam, |draw| range_of_a_coding(&states, draw))
}

/// A range of one of the states, perhaps for who has another.
fn range_of_a_coding<'a>(states: &'a [Response], draw: &mut Draw) -> Case<'a> {
    let coding = draw.below(ACCEPTED.len());
    let whole = &states[coding];
    let length = whole.content.len();
    let (first, last) = draw.one(&[(1, 1), (2, length - 1), (0, 2)]);
    let fields = format!("{}Range: bytes={first}-{last}\r\n", ACCEPTED[coding]);
    // Of none, or of one of the three.
    let other = draw.below(ACCEPTED.len() + 1).checked_sub(1).map(|it| &states[it]);
    let tag = |it: &'a Response| it.field("ETag").map(|field| &*field.value);
    let asked = other.and_then(tag);
    let fields = match asked {
        Some(tag) => format!("{fields}If-Range: {tag}\r\n"),
        None => fields,
    };
    let is_another = asked.is_some() && asked != tag(whole);
    let statuses: &[u16] = if is_another { &[200] } else { &[206, 200] };
    Case::new(get("/coded.txt", &fields), statuses).that(move |call, response| {
        let coding =
            |it: &Response| it.field("Content-Encoding").map(|it| it.value.clone());
        if coding(response) != coding(whole) && asked.is_none() {
            let what = "without the range it is in another coding";
            return Err(call.wrong(response, response.last_line(), what));
        }
        match response.status {
            206 => is_part(call, response, whole, &(first..=last)),
            _ => call.content(response, &whole.content),
        }
    })
}

fn codings(draw: &mut Draw) -> Case<'static> {
    const ANY: &[&str] = &["", "gzip", "br"];
    const IN_EACH: &[(&str, &[&str])] = &[
        ("", ANY),
        ("Accept-Encoding: gzip\r\n", &["", "gzip"]),
        ("Accept-Encoding: br\r\n", &["", "br"]),
        ("Accept-Encoding: GZIP\r\n", &["", "gzip"]),
        ("Accept-Encoding: gzip, br\r\n", ANY),
        ("Accept-Encoding: gzip;q=1.0\r\n", &["", "gzip"]),
        ("Accept-Encoding: gzip;q=0\r\n", &[""]),
        ("Accept-Encoding: gzip;q=0.000, br;q=0\r\n", &[""]),
        ("Accept-Encoding: gzip ; q=0\r\n", &[""]),
        ("Accept-Encoding: gzip;Q=0\r\n", &[""]),
        ("Accept-Encoding: gzip;\tQ=0.\r\n", &[""]),
        ("Accept-Encoding: gzip;Q=0.2, br;Q=0.9\r\n", &["", "br"]),
        ("Accept-Encoding: br;q=0, gzip;q=0.001\r\n", &["", "gzip"]),
        ("Accept-Encoding: identity\r\n", &[""]),
        ("Accept-Encoding:\r\n", &[""]),
        ("Accept-Encoding: deflate\r\n", &[""]),
        ("Accept-Encoding: gzipped, brr, xgzip\r\n", &[""]),
        ("Accept-Encoding: gzip, br;q=0.5\r\n", &["", "gzip"]),
        ("Accept-Encoding: gzip;q=0.2, br;q=0.9\r\n", &["", "br"]),
        ("Accept-Encoding: br;q=0.001, gzip;q=0.01\r\n", &["", "gzip"]),
        ("Accept-Encoding: *\r\n", ANY),
        ("Accept-Encoding: *;q=0, identity\r\n", &[""]),
        ("Accept-Encoding: gzip, *;q=0\r\n", &["gzip"]),
        ("Accept-Encoding: identity;q=0, gzip\r\n", &["gzip"]),
        ("Accept-Encoding: gzip;q=0, *\r\n", &["", "br"]),
        ("Accept-Encoding: br;q=0\r\nAccept-Encoding: gzip;q=0\r\n", &[""]),
    ];
    const IN_GZIP: &[(&str, &[&str])] = &[
        ("Accept-Encoding: gzip;q=0\r\n", &[""]),
        ("Accept-Encoding: gzip;q=0, *\r\n", &[""]),
        ("Accept-Encoding: *, gzip;q=0\r\n", &[""]),
        ("Accept-Encoding: *;q=0.5, gzip;q=0\r\n", &[""]),
        ("Accept-Encoding: gzip;Q=0, *\r\n", &[""]),
        ("Accept-Encoding: br;q=0, *\r\n", &["", "gzip"]),
        ("Accept-Encoding: br, gzip;q=0.5\r\n", &["", "gzip"]),
        ("Accept-Encoding: br\r\n", &[""]),
    ];
    let method = draw.one(&["GET", "HEAD"]);
    match draw.below(4) {
        0 => {
            let (accepts, may) = draw.one(IN_EACH);
            coded(method, "coded.txt", accepts, may)
        }
        1 => packed(method, draw.one(IN_EACH).0),
        2 => {
            let (accepts, may) = draw.one(IN_GZIP);
            coded(method, "gzipped.txt", accepts, may)
        }
        _ => refused_in_plain(draw),
    }
}

fn any_coding(
    draw: &mut Draw,
    name: &'static str,
    codings: &[&'static str],
) -> Case<'static> {
    let (accepts, may) = any_accepted(draw, codings);
    coded("GET", name, &accepts, &may)
}

/// Accept-Encoding with up to three members, and what may come of it for a file that is
/// there in these codings (RFC 9110 section 12.5.3): of those that it accepts, one that it
/// wants most, or the file as it is, if that is not refused.
fn any_accepted(
    draw: &mut Draw,
    codings: &[&'static str],
) -> (String, Vec<&'static str>) {
    /// A name as it may be written, and in lower case.
    const NAMES: &[(&str, &str)] = &[
        ("*", "*"),
        ("gzip", "gzip"),
        ("br", "br"),
        ("identity", "identity"),
        ("GZIP", "gzip"),
        ("BR", "br"),
        ("Gzip", "gzip"),
        ("IDENTITY", "identity"),
        // None of these is br, or gzip.
        ("x-br", "x-br"),
        ("deflate", "deflate"),
        ("gz", "gz"),
    ];
    /// A weight as it may be written, and in thousandths.
    const WEIGHTS: &[(&str, u16)] = &[
        ("", 1000),
        (";q=0", 0),
        (";q=0.5", 500),
        (";q=1", 1000),
        (";q=1.0", 1000),
        (";q=1.000", 1000),
        (";q=0.0", 0),
        (";q=0.000", 0),
        (";q=0.001", 1),
        (";q=0.999", 999),
        (";Q=0", 0),
        (";q=0.", 0),
        (";q=1.", 1000),
        (" ;\tq=0.25", 250),
    ];
    let mut members: Vec<(&str, &str, &str, u16)> = Vec::new();
    for number in 0..[2, 1, 3][draw.below(3)] {
        // The simplest is two of which one is wanted more.
        let (name, weight) = (draw.below(NAMES.len()), draw.below(WEIGHTS.len()));
        let (written, name) = NAMES[(name + number) % NAMES.len()];
        let (weight, thousandths) = WEIGHTS[(weight + 2 * number) % WEIGHTS.len()];
        // Of two that say otherwise of one, nobody says which counts.
        if !members.iter().any(|it| it.1 == name) {
            members.push((written, name, weight, thousandths));
        }
    }
    let comma = draw.one(&[", ", ",", " ,\t", ",, ", "\r\nAccept-Encoding: "]);
    let written: Vec<String> =
        members.iter().map(|it| format!("{}{}", it.0, it.2)).collect();
    let field = format!("Accept-Encoding: {}\r\n", written.join(comma));
    let said = |name: &str| members.iter().find(|it| it.1 == name).map(|it| it.3);
    let of = |name: &str| said(name).or_else(|| said("*"));
    let most = codings.iter().filter_map(|it| of(it)).max().unwrap_or(0);
    let plain = said("identity");
    let wanted = |it: &&&str| {
        most > 0 && of(it) == Some(most) && plain.is_none_or(|plain| plain <= most)
    };
    let mut may: Vec<&str> = codings.iter().filter(wanted).copied().collect();
    may.extend((of("identity") != Some(0)).then_some(""));
    if may.is_empty() {
        // Who refuses all that there is may be told so, or get it anyway.
        may.extend(codings);
    }
    (field, may)
}

/// What is refused of a file that would have come in gzip: why is said in plain text, or
/// really in gzip (RFC 1952 section 2.3.1).
fn refused_in_plain(draw: &mut Draw) -> Case<'static> {
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    let (asked, fields) = draw.one(&[
        ("GET /coded.txt", "If-Match: \"x\"\r\n"),
        ("GET /coded.txt", "Range: bytes=99999999-\r\n"),
        (
            "GET /coded.txt",
            "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
        ),
        ("POST /coded.txt", "Content-Length: 0\r\n"),
        ("BREW /coded.txt", ""),
        ("GET /coded.txt", "Expect: x\r\n"),
        ("GET /coded.txt", "Host: other\r\n"),
        ("GET /coded.txt/none", ""),
        ("GET /nowhere.txt", ""),
    ]);
    let request = format!(
        "{asked} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n{fields}\r\n"
    );
    Case::new(request, &[]).that(|call, response| {
        match response.field("Content-Encoding") {
            Some(field)
                if response.status >= 400
                    && !response.content.starts_with(&GZIP) =>
            {
                let what = "what says that it is refused is in no coding";
                Err(call.wrong(response, field.at, what))
            }
            _ => Ok(()),
        }
    })
}

/// A file that is there in codings, of which these are accepted; and behind it, on the same
/// connection, one that is there in none.
fn coded(
    method: &'static str,
    name: &'static str,
    accepts: &str,
    may: &[&'static str],
) -> Case<'static> {
    let may = may.to_vec();
    let request =
        format!("{method} /{name} HTTP/1.1\r\nHost: localhost\r\n{accepts}\r\n");
    // Who takes nothing that there is may be told so, or sent it anyway.
    let statuses: &[u16] = if may.contains(&"") { &[200] } else { &[200, 406] };
    Case::new(request + &get("/a.txt", ""), statuses)
        .that(move |call, response| match response.status {
            406 => Ok(()),
            _ => is_coded(call, response, name, &may, method == "GET"),
        })
        .then(&[200])
        .that(|call, response| match response.field("Content-Encoding") {
            None => call.content(response, b"a\n"),
            Some(field) => {
                let what = "a.txt is in no coding, whatever came before it";
                Err(call.wrong(response, field.at, what))
            }
        })
}

/// A file that is packed is what it is: nobody has coded it on the way.
fn packed(method: &'static str, accepts: &str) -> Case<'static> {
    let request = format!(
        "{method} /archive.tar.gz HTTP/1.1\r\nHost: localhost\r\n{accepts}\r\n"
    );
    Case::new(request, &[200, 406]).that(|call, response| {
        match response.field("Content-Encoding") {
            None => Ok(()),
            Some(field) => {
                let what = "whoever unpacks this finds another file";
                Err(call.wrong(response, field.at, what))
            }
        }
    })
}

/// Wants each response that could have been another to say so, once one says it.
fn varies(exam: &Exam) -> Outcome {
    root(exam)?;
    let mut call = exam.line.call()?;
    call.send(get("/coded.txt", "Accept-Encoding: gzip, br\r\n"))?;
    let coded = call.status("GET", 200)?;
    if coded.field("Content-Encoding").is_none() {
        return Ok(());
    }
    call = exam.next(call, &coded)?;
    call.send(get("/coded.txt", ""))?;
    let mut last = call.status("GET", 200)?;
    says_that_it_varies(&call, &last)?;
    let tag = last.field("ETag").map_or("*", |field| &*field.value);
    let of_tag = format!("If-None-Match: {tag}\r\n");
    for (fields, statuses) in
        [(&*of_tag, &[304][..]), ("Range: bytes=0-1\r\n", &[206, 200])]
    {
        call = exam.next(call, &last)?;
        call.send(get("/coded.txt", fields))?;
        last = call.any_status("GET", statuses)?;
        says_that_it_varies(&call, &last)?;
    }
    Ok(())
}

fn says_that_it_varies(call: &Call, response: &Response) -> Outcome {
    match response.lists("Vary", "Accept-Encoding") || response.lists("Vary", "*") {
        true => Ok(()),
        false => {
            let what = "a cache must know that Accept-Encoding had a say: Vary";
            Err(call.wrong(response, response.last_line(), what))
        }
    }
}

/// Wants a file that was changed tomorrow to say nothing of that.
fn not_yet(exam: &Exam) -> Outcome {
    root(exam)?;
    let (call, response) =
        exam.any_response_to(get("/future.txt", "").as_bytes())?;
    let Some(field) = response.field("Last-Modified") else { return Ok(()) };
    let made = date(&call, &response, "Date")?;
    match date(&call, &response, "Last-Modified")? <= made {
        true => Ok(()),
        false => {
            let what = "this is later than the Date";
            Err(call.wrong(&response, field.value_at, what))
        }
    }
}

/// Wants a file to be in one of these codings, to say so, and to say that it could have
/// been another.
fn is_coded(
    call: &Call,
    response: &Response,
    name: &str,
    may: &[&str],
    has_body: bool,
) -> Outcome {
    let field = response.field("Content-Encoding");
    let coding = field.map_or("", |field| &*field.value);
    // What is sent as it is may always be: a server need not have any other.
    if !coding.is_empty() && !may.contains(&coding) {
        let at = field.map_or(0, |field| field.value_at);
        return Err(call.wrong(response, at, "this coding is not accepted"));
    }
    let name = match coding {
        "gzip" => format!("{name}.gz"),
        "br" => format!("{name}.br"),
        _ => name.to_owned(),
    };
    let text = FILES.iter().find(|file| file.0 == name).map_or("", |file| file.1);
    if has_body {
        call.content(response, text.as_bytes())?;
    }
    match coding.is_empty() || response.lists("Vary", "Accept-Encoding") {
        true => Ok(()),
        false => {
            let what = "a cache must know that Accept-Encoding had a say: Vary";
            Err(call.wrong(response, response.last_line(), what))
        }
    }
}

fn folders(port: Port, draw: &mut Draw) -> Case<'static> {
    let path = draw.one(&[
        "/folder",
        "//folder",
        "///folder",
        "/\\folder",
        "/%5cfolder",
        "//folder/..//folder",
        "/folder/../folder",
        "/./folder",
        "//example.org/../folder",
        "/back%5Cfolder",
        "/back\\folder",
        "/bare",
        "/folder/",
        "/a%20folder",
        "/%C3%BCber",
        "/new%0Aline",
    ]);
    let query = draw.one(&["", "?x=y", "?//example.org", "?x=/", "?a=1?b=2", "??"]);
    let request = get(&format!("{path}{query}"), "");
    let is_without_slash =
        matches!(path, "/folder" | "/bare" | "/a%20folder" | "/%C3%BCber");
    let statuses: &[u16] = match path {
        _ if is_without_slash => &[301, 302, 307, 308],
        "/folder/" => &[200],
        _ => &[200, 301, 302, 307, 308, 400, 403, 404],
    };
    Case::new(request, statuses).that(move |call, response| {
        if !(300..400).contains(&response.status) {
            return Ok(());
        }
        let field = call.field(response, "Location")?;
        // It is in no URI, and browsers take it for a slash.
        if field.value.contains('\\') {
            let what = "a backslash, which is %5C here";
            return Err(call.wrong(response, field.value_at, what));
        }
        if let Some(odd) = field.value.chars().find(|&it| !is_of_uris(it)) {
            let what = format!("{odd:?} is no character of a URI: encode it");
            return Err(call.wrong(response, field.value_at, what));
        }
        if port == Port::Tls && field.value.starts_with("http:") {
            let what = "who came over TLS is led into the clear";
            return Err(call.wrong(response, field.value_at, what));
        }
        let value = field.value.replace("http://", "").replace("https://", "");
        let here = value.strip_prefix("localhost").unwrap_or(&value);
        let is_elsewhere = !here.starts_with('/') && !here.starts_with(':')
            || here.starts_with("//")
            || here.starts_with("/\\");
        if is_elsewhere {
            let what = "this is another host, or may be taken for one";
            return Err(call.wrong(response, field.value_at, what));
        }
        let with_slash =
            value.split('?').next().is_some_and(|it| it.ends_with('/'));
        let led_to = field.value.find('?').map_or("", |at| &field.value[at..]);
        let keeps_query = led_to == query;
        if is_without_slash && !keeps_query {
            let what = "the query is not what it was";
            return Err(call.wrong(response, field.value_at, what));
        }
        match with_slash || !is_without_slash {
            true => Ok(()),
            false => {
                let what = "it leads to where there is no slash either";
                Err(call.wrong(response, field.value_at, what))
            }
        }
    })
}

/// What is in a Location that was made of a Host that does not count, or of none.
const NO_HOSTS: &[&str] =
    &["", "example.org", "undefined", "null", "None", "nil", "NaN", "false"];

/// A folder without its slash: where the answer leads is there, and has its name as it is.
fn folder_by_its_name(draw: &mut Draw) -> Case<'static> {
    let path = draw.one(&[
        "/folder",
        "/bare",
        "/a%20folder",
        "/%C3%BCber",
        "/f%6Flder",
        "/bare/%3Ci%3E",
        "/bare/deep",
        "/1/2/3",
        "/.well-known",
    ]);
    let query = draw.one(&["", "?x=y", "?%20%41", "?http://a/"]);
    // With a whole URI Host does not count (RFC 9112 section 3.2.2), and in 1.0 there need
    // be none.
    let (whole, version) = draw.one(&[
        ("", "HTTP/1.1\r\nHost: localhost\r\n"),
        ("http://localhost", "HTTP/1.1\r\nHost: localhost\r\n"),
        ("HTTP://LOCALHOST", "HTTP/1.1\r\nHost: localhost\r\n"),
        ("http://localhost", "HTTP/1.1\r\nHost: example.org\r\n"),
        ("", "HTTP/1.0\r\n"),
    ]);
    let method = draw.one(&["GET", "HEAD"]);
    let request = format!("{method} {whole}{path}{query} {version}\r\n");
    Case::new(request, &[301, 302, 307, 308]).that(move |call, response| {
        let field = call.field(response, "Location")?;
        let host = field.value.split_once("://").map(|(_, rest)| rest);
        let host = host.and_then(|rest| rest.split(['/', '?', ':']).next());
        // Which others it may have for its own is not known here.
        if host.is_some_and(|it| NO_HOSTS.contains(&it)) {
            let what = "nobody has asked for this host";
            return Err(call.wrong(response, field.value_at, what));
        }
        let (there, _) = field.value.split_once('?').unwrap_or((&field.value, ""));
        let there = match there.split_once("://") {
            None => there,
            Some((_, rest)) => &rest[rest.find('/').unwrap_or(rest.len())..],
        };
        // A name alone is beside what was asked for.
        let beside = &path[..=path.rfind('/').unwrap_or_default()];
        let before = if there.starts_with('/') { "" } else { beside };
        let there = format!("{before}{there}");
        match percent_decode_str(&there).eq(percent_decode_str(&format!("{path}/")))
        {
            true => Ok(()),
            false => {
                let what = format!("the way to {path}/ is another");
                Err(call.wrong(response, field.value_at, what))
            }
        }
    })
}

/// Whether a character may stand in a URI (RFC 3986 section 2).
fn is_of_uris(character: char) -> bool {
    character.is_ascii_graphic() && !"\"<>\\^`{|}".contains(character)
}

/// A folder that has no index.
pub(super) const BARE: &str = "/bare/";

/// The listing of a folder, if there are any.
pub(super) fn page_of(exam: &Exam, folder: &str) -> Outcome<(Call, Response)> {
    root(exam)?;
    let (call, response) = exam.any_response_to(get(folder, "").as_bytes())?;
    match response.status {
        200 => Ok((call, response)),
        403 | 404 => {
            Err(Failure::skip("there is no listing of a folder without an index"))
        }
        other => {
            let what = format!("status {other} instead of 200, 403 or 404");
            Err(call.wrong(&response, response.status_at, what))
        }
    }
}

/// Wants each file of a folder to be had by one of the links in its listing, and each link
/// to lead to something.
fn links_lead_there(exam: &Exam) -> Outcome {
    let (call, response) = page_of(exam, BARE)?;
    let page = String::from_utf8_lossy(&response.content).into_owned();
    let links = page.split("href=\"").skip(1).filter_map(|it| it.split('"').next());
    let mut had = Vec::new();
    for target in links.filter_map(as_clicked) {
        let found = exam.any_response_to(get(&target, "").as_bytes())?.1;
        if found.status >= 400 && target.starts_with(BARE) {
            let what =
                format!("one of its links leads to {target}: {}", found.status);
            return Err(call.wrong(&response, response.body.start, what));
        }
        had.push(found.content);
    }
    let in_bare = FILES.iter().filter_map(|(name, text)| {
        let name = name.strip_prefix("bare/").filter(|it| !it.contains('/'))?;
        Some((name, text))
    });
    for (name, text) in in_bare {
        if !had.iter().any(|it| it == text.as_bytes()) {
            let what = format!("of its links none leads to {name}");
            return Err(call.wrong(&response, response.body.start, what));
        }
    }
    Ok(())
}

/// What a browser asks for when somebody follows a link of the listing, if that is in the
/// folder.
pub(super) fn as_clicked(link: &str) -> Option<String> {
    let link = unescaped(link);
    let link = link.split('#').next().unwrap_or_default();
    // A colon before any slash ends a scheme (RFC 3986 section 4.2).
    if link.split(['/', '?']).next().is_some_and(|it| it.contains(':')) {
        return None;
    }
    let path = match link.strip_prefix("./").unwrap_or(link) {
        "" => return None,
        outside if outside.starts_with(['?', '.']) || outside.starts_with("//") => {
            return None;
        }
        path if path.starts_with('/') => path.to_owned(),
        name => format!("{BARE}{name}"),
    };
    let encode =
        |byte: u8| match byte.is_ascii_graphic() && !b"\"<>".contains(&byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        };
    Some(path.bytes().map(encode).collect())
}

/// What HTML says of a text, with what it has escaped as it was.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let reference = part.split_once(';');
        match reference.and_then(|(name, rest)| Some((character(name)?, rest))) {
            Some((character, rest)) => {
                whole.push(character);
                whole.push_str(rest);
            }
            None => {
                whole.push('&');
                whole.push_str(part);
            }
        }
    }
    whole
}

/// The character that a reference of HTML stands for, by its name or its number.
fn character(name: &str) -> Option<char> {
    let number = name.strip_prefix('#').map(|number| {
        match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        }
    });
    match (name, number) {
        ("lt", _) => Some('<'),
        ("gt", _) => Some('>'),
        ("quot", _) => Some('"'),
        ("apos", _) => Some('\''),
        ("amp", _) => Some('&'),
        (_, number) => char::from_u32(number?.ok()?),
    }
}

/// What somebody reads on a page: what stands between its tags.
fn shown(page: &str) -> String {
    let text = page.split('<').filter_map(|it| it.split_once('>'));
    unescaped(&text.map(|(_, text)| text).collect::<Vec<_>>().join("\n"))
}

fn listing(exam: &Exam) -> Outcome {
    let (call, response) = page_of(exam, &format!("{BARE}%3Ci%3E/"))?;
    if String::from_utf8_lossy(&response.content).contains("<i>") {
        let what = "the folder's own name is taken by HTML for its own";
        return Err(call.wrong(&response, response.body.start, what));
    }
    let (mut call, response) = page_of(exam, BARE)?;
    // One of its names has more bytes than characters.
    call.finish();
    call.nothing_more()?;
    let page = String::from_utf8_lossy(&response.content).into_owned();
    let complaint = match () {
        () if !page.contains("file.txt") => "file.txt is not in it",
        () if !response
            .field("Content-Type")
            .is_some_and(|it| it.value.starts_with("text/html")) =>
        {
            "a listing is a page: text/html"
        }
        () if !page.contains("deep/") => {
            "deep is a folder, and its link has no slash"
        }
        () if page.contains("\"mail:") => {
            "a name is taken for a scheme: ./ before it"
        }
        () if ["<b>&", "<b&gt;", "<b&#"].iter().any(|it| page.contains(it)) => {
            "a name is in it that HTML takes for its own"
        }
        () if page.contains(".htaccess") => "a hidden name is in it",
        () if !shown(&page).contains("<b>&\".txt") => {
            "the name <b>&\".txt does not stand in it as it is"
        }
        () => return Ok(()),
    };
    Err(call.wrong(&response, response.body.start, complaint))
}

/// Wants a listing to show what was just put in, and not what was just taken out.
fn listing_of_now(exam: &Exam) -> Outcome {
    // The other port has a folder of its own.
    let name = match exam.line.port {
        Port::Clear => "now",
        Port::Tls => "now_too",
    };
    let folder = root(exam)?.join(name);
    let done = |done: io::Result<()>| {
        done.map_err(|error| Failure::new(format!("{name}: {error}")))
    };
    done(fs::create_dir_all(&folder))?;
    done(fs::write(folder.join("stays.txt"), "stays\n"))?;
    let comes = folder.join("comes.txt");
    let shows = |wanted: bool| {
        let (call, response) = page_of(exam, &format!("/{name}/"))?;
        let page = String::from_utf8_lossy(&response.content);
        match page.contains("comes.txt") == wanted {
            true => Ok(()),
            false => {
                let what = match wanted {
                    true => "comes.txt has just been put in, and is not in it",
                    false => "comes.txt has just been taken out, and is in it",
                };
                Err(call.wrong(&response, response.body.start, what))
            }
        }
    };
    shows(false)?;
    done(fs::write(&comes, "comes\n"))?;
    let came = shows(true);
    done(fs::remove_file(&comes))?;
    came?;
    shows(false)
}

fn stays(draw: &mut Draw) -> Case<'static> {
    let method = draw.one(&["POST", "PUT", "DELETE", "PATCH"]);
    let target = draw.one(&["/a.txt", "/folder/", "/folder/inner.txt"]);
    let body = draw.one(&["", "x"]);
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n\
         {body}{}",
        body.len(),
        get("/a.txt", ""),
    );
    Case::new(request, &[405])
        .that(|call, response| {
            call.field(response, "Allow")?;
            match response.lists("Allow", "GET") && response.lists("Allow", "HEAD")
            {
                true => Ok(()),
                false => {
                    let what = "GET and HEAD are not in Allow";
                    Err(call.wrong(response, response.last_line(), what))
                }
            }
        })
        .then(&[200])
        .that(|call, response| call.content(response, b"a\n"))
}

#[cfg(test)]
mod tests {
    use super::{as_clicked, encoded};

    #[test]
    fn links_are_followed_as_a_browser_does() {
        let followed = [
            ("./a%20b", Some("/bare/a%20b")),
            ("a b&amp;c", Some("/bare/a%20b&c")),
            ("./what?#%41", Some("/bare/what?")),
            ("/bare/%3Fx", Some("/bare/%3Fx")),
            ("&lt;&quot;", Some("/bare/%3C%22")),
            ("../", None),
            ("?sort=size", None),
            ("https://localhost/", None),
            ("//localhost/", None),
            ("data:,", None),
            ("./mail:to", Some("/bare/mail:to")),
        ];
        for (link, target) in followed {
            assert_eq!(as_clicked(link).as_deref(), target, "{link}");
        }
    }

    #[test]
    fn names_are_encoded_where_they_must_be_or_everywhere() {
        assert_eq!(encoded("a b/\u{fc}%", false, false), "a%20b/%C3%BC%25");
        assert_eq!(encoded("a.b/", true, true), "%61%2e%62/");
    }
}
