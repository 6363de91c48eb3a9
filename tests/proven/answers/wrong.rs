//! Wrong answers, as servers.

use std::sync::Arc;
use std::time::Duration;

use proctor::stage::Stage;
use rohttp::io::close::{Linger, close};
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;

use super::super::mutant::{BadTls, Break, replace};
use super::running::Running;
use super::servers::{
    Reads, counting, dated, day_by_day, deaf_at_the_start, deaf_later, exchange,
    named, recite_much, seats, serve_of, turn_the_rest_away, write_in_place,
};
use crate::conversation::answer::answer;

/// Answers that are wrong, or are none yet, and what must see it.
pub fn wrong() -> Vec<(&'static str, &'static str, Running, &'static [&'static str])>
{
    let part = Running::part;
    vec![
        (
            "1.3",
            "waits for ever",
            Running::of(false, |stream| {
                recite_much(stream, Duration::from_secs(60))
            }),
            &["deaf-caller"],
        ),
        (
            "1.3",
            "too short",
            Running::of(true, |mut stream| async move {
                let _ = stream.write_all(&[b'x'; 100_000]).await;
                close(stream, Linger::default()).await;
            }),
            &["deaf-caller"],
        ),
        ("1.4", "part1", part(Stage::Part1), &["text-is-lost"]),
        (
            "1.5",
            "IPv4 alone",
            Running::changed(Stage::Part1, Break::OneFamily),
            &["both-families"],
        ),
        ("2.1", "part2", part(Stage::Part2), &["nobody-is-left-to-serve"]),
        (
            "2.1",
            "mute",
            Running::changed(Stage::Part2, Break::Mute),
            &["nobody-is-left-to-serve"],
        ),
        ("2.2", "part2", part(Stage::Part2), &["a-shortage-is-survived"]),
        (
            "2.2",
            "the rest turned away",
            Running::with(|listener| turn_the_rest_away(listener, 10)),
            &["a-shortage-is-survived"],
        ),
        ("2.3", "part2", part(Stage::Part2), &["late-after-a-shortage"]),
        (
            "2.3",
            "Go's waits",
            Running::short(Stage::Part2),
            &["late-after-a-shortage"],
        ),
        (
            "2.3",
            "mute",
            Running::changed(Stage::Part2, Break::Mute),
            &["late-after-a-shortage"],
        ),
        ("2.4", "part2", part(Stage::Part2), &["a-hundred-at-once"]),
        ("2.4", "ten at once", seats(10), &["a-hundred-at-once"]),
        (
            "2.4",
            "a hundred for each family",
            Running::with(|listener| {
                serve_of(listener, Arc::new(Semaphore::new(100)))
            }),
            &["a-hundred-at-once"],
        ),
        (
            "2.4",
            "the rest turned away",
            Running::with(|listener| turn_the_rest_away(listener, 50)),
            &["a-hundred-at-once"],
        ),
        ("2.5", "part1", part(Stage::Part1), &["last-come-first-served"]),
        ("3.2", "nothing said", part(Stage::Part3), &["five-pieces-as-said"]),
        (
            "3.2",
            "two of them missed",
            part(Stage::Part3).said("1 2 1 2 0"),
            &["five-pieces-as-said"],
        ),
        ("3.3", "part3", part(Stage::Part3), &["an-h-is-missed"]),
        (
            "3.3",
            "both missed",
            Running::changed(
                Stage::Part3,
                Break::Hears(|bytes| deaf_later(deaf_at_the_start(bytes))),
            ),
            &["an-h-is-missed"],
        ),
        (
            "3.3",
            "HTTP/ is nothing",
            Running::changed(
                Stage::Part3,
                Break::Hears(|bytes| replace(&bytes, b"HTTP/", b"H")),
            ),
            &["an-h-is-missed"],
        ),
        (
            "3.5",
            "part3",
            part(Stage::Part3),
            &["head-is-heard", "http-is-still-found"],
        ),
        ("3.5", "part4", part(Stage::Part4), &["head-is-heard", "heap-is-junk"]),
        ("3.4", "part3", part(Stage::Part3), &["second-answer-is-held"]),
        (
            "3.6",
            "reads once",
            Running::changed(Stage::Part3, Break::ReadsOnce),
            &["get-cut-in-two"],
        ),
        (
            "4.2",
            "a byte less",
            part(Stage::Part4).said("8191"),
            &["longest-head-as-said"],
        ),
        (
            "4.2",
            "a byte more",
            part(Stage::Part4).said("8193"),
            &["longest-head-as-said"],
        ),
        (
            "4.2",
            "no number",
            part(Stage::Part4).said("8K"),
            &["longest-head-as-said"],
        ),
        ("4.3", "part4", part(Stage::Part4), &["utf-16"]),
        (
            "4.3",
            "says so only",
            Running::changed(
                Stage::Part4,
                Break::Says(|bytes| replace(&bytes, b"utf-8", b"UTF-16")),
            ),
            &["utf-16"],
        ),
        ("4.4", "part4", part(Stage::Part4), &["not-modified"]),
        (
            "4.4",
            "304 to whoever asks since when",
            Running::changed(
                Stage::Part4,
                Break::Answers(|head| {
                    let head = head.to_ascii_lowercase();
                    let asks = head.windows(9).any(|bytes| bytes == b"\nif-modif");
                    asks.then(|| b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec())
                }),
            ),
            &["modified-before", "since-no-date"],
        ),
        ("4.5", "part4", part(Stage::Part4), &["calendar"]),
        (
            "4.5",
            "a leap year every four years",
            Running::changed(
                Stage::Part4,
                Break::Answers(|head| {
                    dated(head, |time| {
                        let is_2100 = day_by_day(time).contains(" 2100 ");
                        let early =
                            Duration::from_secs(if is_2100 { 86_400 } else { 0 });
                        day_by_day(time - early)
                    })
                }),
            ),
            &["calendar"],
        ),
        (
            "5.1",
            "one missed",
            part(Stage::Part5).said("405 200 400 200 505 200 400 405 400"),
            &["nine-statuses-as-said"],
        ),
        ("5.5", "part5", part(Stage::Part5), &["options-are-told"]),
        ("5.7", "part5", part(Stage::Part5), &["chunk-sizes"]),
        (
            "5.7",
            "zeros are no size",
            Running::student(Stage::Part5, "exercise-5.7")
                .behind(Break::Hears(|bytes| replace(&bytes, b"00Ff", b"x"))),
            &["chunk-sizes"],
        ),
        ("5.8", "part5", part(Stage::Part5), &["short-body-is-skipped"]),
        (
            "5.8",
            "skips everything, for ever",
            Running::of(true, |stream| exchange(stream, answer, Reads::Everything)),
            &["missing-body-has-a-deadline", "expectation-is-the-end"],
        ),
        ("5.5.3", "part5_5", part(Stage::Part5_5), &["another-name"]),
        (
            "5.5.3",
            "both names",
            named(&["rohttp.test", "localhost"]),
            &["another-name"],
        ),
        ("5.5.6", "one for both", named(&["one.test", "two.test"]), &["two-names"]),
        (
            "5.5.6",
            "for the third too",
            named(&["one.test", "two.test", "three.test"]),
            &["two-names"],
        ),
        (
            "5.5.5",
            "an end that is not passed on",
            Running::changed(Stage::Part5_5, Break::Tls(BadTls::NoNotify)),
            &["close-notify"],
        ),
        (
            "5.5.7",
            "no close_notify",
            Running::changed(Stage::Part5_5, Break::Tls(BadTls::NoNotify)),
            &["close-notify"],
        ),
        (
            "6.1",
            "two missed",
            part(Stage::Part6).said("304 412 412 206 304 416"),
            &["six-statuses-as-said"],
        ),
        (
            "6.6",
            "part6",
            part(Stage::Part6),
            &["first-put-creates", "half-a-put-is-none", "put-is-whole"],
        ),
        (
            "6.6",
            "written in place",
            Running::of(true, write_in_place),
            &["half-a-put-is-none"],
        ),
        (
            "6.6",
            "two PUTs mixed",
            Running::student(Stage::Part6, "exercise-6.6").behind(Break::Says(
                |bytes| replace(&bytes, b"000000000000", b"000000111111"),
            )),
            &["put-is-whole"],
        ),
        ("7.4", "part7", part(Stage::Part7), &["counted-by-method"]),
        (
            "7.4",
            "any method is a label",
            counting(|method| method.as_str()),
            &["counted-by-method"],
        ),
        ("8.1", "part8", Running::of_files("part8", &[]), &["seen-at-once"]),
        (
            "8.1",
            "keeps for ever",
            Running::of_files("part8", &["--keep", "60m"]),
            &["seen-at-once"],
        ),
        ("6.3", "part6", part(Stage::Part6), &["traced"]),
        (
            "6.3",
            "tells secrets",
            Running::changed(
                Stage::Part6,
                Break::Answers(|bytes| {
                    let head = "HTTP/1.1 200 OK\r\nContent-Type: message/http\r\n";
                    let length = bytes.len();
                    let head = format!("{head}Content-Length: {length}\r\n\r\n");
                    Some([head.as_bytes(), bytes].concat())
                }),
            ),
            &["traced"],
        ),
        ("6.4", "part6", part(Stage::Part6), &["a-hundred-is-enough"]),
        (
            "6.4",
            "says it to all",
            Running::changed(
                Stage::Part6,
                Break::Says(|bytes| {
                    replace(&bytes, b"Accept-Ranges: bytes", b"Connection: close")
                }),
            ),
            &["a-hundred-is-enough"],
        ),
        ("6.5", "part6", part(Stage::Part6), &["ticks"]),
        (
            "6.5",
            "all at once",
            Running::changed(
                Stage::Part6,
                Break::Answers(|_| {
                    let head =
                        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                    Some([&head[..], b"a\r\n1\n2\n3\n4\n5\n\r\n0\r\n\r\n"].concat())
                }),
            ),
            &["ticks"],
        ),
    ]
}
