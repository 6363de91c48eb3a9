//! Files that change while somebody has something of them, and one that was made to be
//! taken for what it is not.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use socket2::SockRef;

use super::files::{get, link_to, root, statuses_by};
use super::sweeps::ranges::{are_parts, boundary};
use crate::check::Ports::{Clear, Each};
use crate::check::Procedure::{Alone, Does};
use crate::check::Rule::{Must, Should};
use crate::check::{Check, Exam, GET};
use crate::line::{Call, Failure, Outcome};
use crate::response::Response;
use crate::stage::Stage::Part6;
use crate::sweep::{Case, sweep};
use crate::target::Port;
use crate::tree::modified;

/// The checks.
pub const CHECKS: &[Check] = &[
    Check {
        id: "two-states-in-a-second",
        title: "Two states of a file within one second have two tags.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 9110 section 8.8.1"),
        why: "Whoever has the first is told that it is the second, and has it for ever.",
        hint: "A file system knows fractions of a second: put them into the tag, or say \
            that it is weak.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Does {
            sends: "a GET of a file, and with its tag when it has been changed to as \
                many bytes, half a second later by its date; and by a link to it",
            run: two_states,
        },
    },
    Check {
        id: "a-date-and-a-fraction",
        title: "Who has a file's own date has the file, whatever fraction is behind it.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9110 section 13.1.3"),
        why: "Otherwise nothing is ever as it was, since few files change at a full second.",
        hint: "The fraction is lost on the way: leave it out before you compare.",
        read: "part6_files.html#is-it-still-the-one-conditional-requests",
        procedure: Does {
            sends: "GETs of files whose dates have fractions, with their own Last-Modified \
                in If-Modified-Since and in If-Unmodified-Since",
            run: |exam| {
                [0, 1, 500, 999].into_iter().try_for_each(|it| a_fraction(exam, it))
            },
        },
    },
    Check {
        id: "a-file-cut-short",
        title: "Of a file that becomes shorter while it is sent nothing is made up.",
        since: Part6,
        ports: Clear,
        rule: Must("RFC 9112 section 8"),
        why: "The head has promised a length, and what is short of it is no file: the \
            client sees that by the end of the connection, and by nothing else.",
        hint: "Count what you send. If the file ends before that is all, close.",
        read: "part6_files.html#the-tree",
        procedure: Does {
            sends: "a GET of 32 MB and another GET; the file is cut to 1 MB when its \
                head has come",
            run: |exam| while_it_is_sent(exam, "cut.bin", |file| file.set_len(CUT)),
        },
    },
    Check {
        id: "a-file-grown-longer",
        title: "Of a file that becomes longer while it is sent comes what was promised.",
        since: Part6,
        ports: Clear,
        rule: Must("RFC 9110 section 8.6"),
        why: "A log grows all the while, and what is sent too much of it is taken for the \
            next response.",
        hint: "Count what you send, and do not send all that there is to read.",
        read: "part6_files.html#the-tree",
        procedure: Does {
            sends: "a GET of 32 MB and another GET; the file has 1 MB more when its head \
                has come",
            run: |exam| {
                while_it_is_sent(exam, "grown.bin", |mut file| {
                    file.write_all(&vec![b'y'; 1_000_000])
                })
            },
        },
    },
    Check {
        id: "a-file-that-comes",
        title: "What was not there is found when it is.",
        since: Part6,
        ports: Each,
        rule: Should("RFC 9110 section 15.5.5"),
        why: "Somebody publishes a page, and it stays away for as long as the server runs, \
            since one client had asked too soon.",
        hint: "If you remember that there is nothing, then not for longer than what is \
            there.",
        read: "part6_files.html#the-tree",
        procedure: Does {
            sends: "GETs of nothing, which is made by then; and some seconds of the same GET",
            run: a_file_that_comes,
        },
    },
    Check {
        id: "a-page-for-nothing",
        title: "A page for what is not there is no file: it comes with 404.",
        since: Part6,
        ports: Clear,
        rule: Must("RFC 9110 sections 13.2.1 and 14.2"),
        why: "Whoever is told 304 or 206 has something, and whoever is told 200 keeps it.",
        hint: "Whatever is sent as the page, its status is 404, and no condition and no \
            range is looked at.",
        read: "part6_files.html#where-there-is-nothing",
        procedure: Alone {
            sends: "with a 404.html in the root, which may be served or not: GET and HEAD \
                of what is not there, plain, with each condition and with ranges",
            run: a_page_for_nothing,
        },
    },
    Check {
        id: "a-boundary-of-its-own",
        title: "What is between parts is in none of them, whatever a file is made of.",
        since: Part6,
        ports: Each,
        rule: Must("RFC 2046 section 5.1.1"),
        why: "Who knows the boundary can make a file that is taken for other parts.",
        hint: "Draw it by lot, anew for each response.",
        read: "part6_files.html#from-here-to-there-ranges",
        procedure: Does {
            sends: "GETs of two ranges, of a file that is made of the boundary that came \
                before",
            run: its_own_boundary,
        },
    },
];

/// A file for this check alone: the other port has one of its own.
fn place(exam: &Exam, name: &str) -> Outcome<(PathBuf, String)> {
    let name = match exam.line.port {
        Port::Clear => name.to_owned(),
        Port::Tls => format!("too_{name}"),
    };
    Ok((root(exam)?.join(&name), format!("/{name}")))
}

fn done<T>(done: std::io::Result<T>) -> Outcome<T> {
    done.map_err(|error| Failure::new(format!("a file can't be made: {error}")))
}

fn write_at(path: &Path, text: &str, time: SystemTime) -> Outcome {
    done(fs::write(path, text))?;
    let file = done(File::options().write(true).open(path))?;
    done(file.set_modified(time))
}

/// Wants a file to be known by its own date, with so many milliseconds behind its second.
fn a_fraction(exam: &Exam, milliseconds: u64) -> Outcome {
    let (path, target) = place(exam, &format!("fraction_{milliseconds}.txt"))?;
    write_at(&path, "as ever\n", modified() + Duration::from_millis(milliseconds))?;
    let (_, whole) = exam.response_of(get(&target, "").as_bytes(), &[200])?;
    let Some(date) = whole.field("Last-Modified") else { return Ok(()) };
    for (name, status) in [("If-Modified-Since", 304), ("If-Unmodified-Since", 200)]
    {
        let fields = format!("{name}: {}\r\n", date.value);
        exam.response_of(get(&target, &fields).as_bytes(), &[status])?;
    }
    Ok(())
}

fn a_file_that_comes(exam: &Exam) -> Outcome {
    let (path, target) = place(exam, "comes.txt")?;
    // From a run before; which may be remembered for a while.
    let _ = fs::remove_file(&path);
    let request = get(&target, "");
    before_long(exam, &request, 404, "and nothing is there")?;
    exam.response_of(request.as_bytes(), &[404])?;
    write_at(&path, "it has come\n", modified())?;
    let what = "and the file has been there for seconds";
    let (call, come) = before_long(exam, &request, 200, what)?;
    call.content(&come, b"it has come\n")
}

/// A response of this status, within some seconds of 200 or 404.
fn before_long(
    exam: &Exam,
    request: &str,
    wanted: u16,
    what: &str,
) -> Outcome<(Call, Response)> {
    let deadline = Instant::now() + Duration::from_secs(4);
    loop {
        let (call, response) = exam.any_response_to(request.as_bytes())?;
        match response.status {
            status if status == wanted => return Ok((call, response)),
            200 | 404 if Instant::now() < deadline => {
                sleep(Duration::from_millis(50))
            }
            status => {
                let what = format!("status {status}, {what}");
                return Err(call.wrong(&response, response.status_at, what));
            }
        }
    }
}

fn two_states(exam: &Exam) -> Outcome {
    let (path, target) = place(exam, "two_states.txt")?;
    two_states_at(exam, &path, &target, statuses_by(false))?;
    let link = link_to(root(exam)?, &target[1..])?;
    two_states_at(exam, &path, &format!("/{link}"), statuses_by(true))
}

fn two_states_at(
    exam: &Exam,
    path: &Path,
    target: &str,
    statuses: &[u16],
) -> Outcome {
    write_at(path, "one\n", modified() + Duration::from_millis(100))?;
    let (_, one) = exam.response_of(get(target, "").as_bytes(), statuses)?;
    // A weak one may be that of both (RFC 9110 section 8.8.1).
    let is_strong = |value: &str| one.status == 200 && !value.starts_with("W/");
    let tag = one.field("ETag").filter(|field| is_strong(&field.value));
    let Some(tag) = tag else { return Ok(()) };
    write_at(path, "two\n", modified() + Duration::from_millis(600))?;
    let fields = format!("If-None-Match: {}\r\n", tag.value);
    // What is kept in memory is looked at again before long: that it is, is another
    // check's affair.
    let deadline = Instant::now() + Duration::from_secs(2);
    loop {
        let (call, two) = exam.any_response_to(get(target, &fields).as_bytes())?;
        match two.status {
            200 => return call.content(&two, b"two\n"),
            304 if Instant::now() < deadline => sleep(Duration::from_millis(50)),
            _ => {
                let what = "the file is another since, and its tag should be";
                return Err(call.wrong(&two, two.status_at, what));
            }
        }
    }
}

/// How long a file is that is not sent before it can be changed: the system keeps some
/// megabytes for who sends.
const LONG: usize = 32_000_000;

/// How long it is when it has been cut.
const CUT: u64 = 1 << 20;

/// Wants no more and nothing else of a file to come than was promised, when it changes
/// while it is sent, and a response to what was asked behind it; or the connection to end.
fn while_it_is_sent(
    exam: &Exam,
    name: &str,
    change: impl Fn(File) -> std::io::Result<()>,
) -> Outcome {
    let (path, target) = place(exam, name)?;
    done(fs::write(&path, vec![b'x'; LONG]))?;
    let mut call = exam.line.call()?;
    let _ = SockRef::from(call.socket()).set_recv_buffer_size(16 * 1024);
    call.send([get(&target, "").as_bytes(), GET].concat())?;
    let head = call.head()?;
    if head.status != 200 {
        return Err(call.wrong(&head, head.status_at, "200 is expected"));
    }
    // Who promises no length breaks no promise.
    if head.field("Content-Length").is_none_or(|it| it.value != LONG.to_string()) {
        return Ok(());
    }
    let changed = File::options().append(true).open(&path).and_then(change);
    done(changed)?;
    let _ = SockRef::from(call.socket()).set_recv_buffer_size(4 << 20);
    let is_whole = takes_what_was_promised(&mut call);
    // What is left on record is what happened to come with the last of the file.
    let is_whole = is_whole.inspect_err(|_| exam.line.forget(&call))?;
    let _ = fs::remove_file(&path);
    match is_whole && !head.says_close() {
        true => follows(&mut call),
        false => Ok(()),
    }
}

/// Whether all of it came, and all of it the file's. The stream may end instead.
fn takes_what_was_promised(call: &mut Call) -> Outcome<bool> {
    let mut is_of_it = true;
    let taken = call.take(LONG, |bytes| {
        is_of_it = is_of_it && bytes.iter().all(|&byte| byte == b'x');
    })?;
    // Of what has been cut the system fills up the rest of what it has sent for a server and
    // not copied (sendfile): whoever got no more than that knows that it is not all.
    match is_of_it || taken < LONG {
        true => Ok(taken == LONG),
        false => {
            let what = format!("of {LONG} bytes some were never in the file");
            Err(Failure::new(what))
        }
    }
}

/// Wants another response, or the end of the stream.
fn follows(call: &mut Call) -> Outcome {
    if call.hears(call.patience())? || !call.has_ended() {
        return call.status("GET", 200).map(drop);
    }
    Ok(())
}

/// A page for what is not there, for as long as this is there.
struct ErrorPage(PathBuf);

impl ErrorPage {
    fn put(root: &Path) -> std::io::Result<ErrorPage> {
        let page = ErrorPage(root.join("404.html"));
        fs::remove_file(&page.0)?;
        fs::write(&page.0, "<!DOCTYPE html>\n<title>Nothing here</title>\n")?;
        Ok(page)
    }
}

impl Drop for ErrorPage {
    fn drop(&mut self) {
        // As it was planted.
        let _ = fs::remove_file(&self.0);
        let _ = symlink("../secret.txt", &self.0);
    }
}

fn a_page_for_nothing(exam: &Exam) -> Outcome {
    let _page = done(ErrorPage::put(root(exam)?))?;
    sweep(exam, |draw| {
        let path = draw.one(&["/nowhere", "/folder/nowhere.html", "/nowhere/?x"]);
        let fields = draw.one(&[
            "",
            "If-None-Match: *\r\n",
            "If-None-Match: \"x\"\r\n",
            "If-Match: \"x\"\r\n",
            "If-Modified-Since: Fri, 31 Dec 2049 23:59:59 GMT\r\n",
            "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
            "Range: bytes=0-3\r\n",
            "Range: bytes=99999999-\r\n",
            "Range: bytes=0-3,8-9\r\n",
            "Accept-Encoding: gzip\r\n",
        ]);
        let method = draw.one(&["GET", "HEAD"]);
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        // Whoever tells nobody what is there says 403, and 410 is for what was there.
        Case::new(request, &[404, 403, 410])
    })
}

fn its_own_boundary(exam: &Exam) -> Outcome {
    let (path, target) = place(exam, "boundary.bin")?;
    let ranges = |target: &str| {
        let fields = "Range: bytes=0-499,900-999\r\n";
        exam.any_response_to(get(target, fields).as_bytes())
    };
    let (_, before) = ranges("/long.bin")?;
    let Some(boundary) = boundary_of(&before) else { return Ok(()) };
    let part = format!(
        "\r\n--{boundary}\r\nContent-Range: bytes 7-9/999\r\n\r\nxyz\r\n--{boundary}--\r\n"
    );
    let text = format!("{part:.<900}{:.<200}", part.replace("7-9", "8-9"));
    done(fs::write(&path, text))?;
    let (_, whole) = exam.response_of(get(&target, "").as_bytes(), &[200])?;
    let (call, parts) = ranges(&target)?;
    match boundary_of(&parts) {
        Some(_) => are_parts(&call, &parts, &whole),
        // All of it, or one part.
        None => Ok(()),
    }
}

fn boundary_of(response: &Response) -> Option<String> {
    boundary(&response.field("Content-Type")?.value)
}
