//! Right answers, as servers.

use std::io::Write;
use std::net::Shutdown;
use std::thread;
use std::time::Duration;

use proctor::stage::Stage;
use rohttp::verse::VERSE;
use tokio::io::AsyncWriteExt;

use super::super::mutant::Break;
use super::running::Running;
use super::servers::{
    Reads, at_one_door, by_name, by_sni, counting, dated, day_by_day,
    deaf_at_the_start, deaf_later, exchange, in_utf16, junk_and_verse,
    junk_get_and_head, keep_what_is_put, look_at_each_in_turn, named, not_modified,
    of_one_socket, recite, recite_much, recite_much_and_block, seats,
    short_of_seats, signed, terminated, with_two_workers,
};
use crate::answers::part7::method_label;
use crate::answers::{part1, part2, part4, part5, part6};
use crate::conversation::answer::answer;

/// Right answers to an exercise, as servers: the worked one first, if that is a server,
/// and others that were written by somebody else, or look otherwise on the wire.
pub fn right(number: &str) -> Vec<Running> {
    use Stage::{Part2, Part3, Part4, Part5, Part5_5, Part6};
    let (part, changed, student) =
        (Running::part, Running::changed, Running::student);
    match number {
        "1.3" => vec![
            Running::of(false, |stream| {
                recite_much(stream, Duration::from_secs(1))
            }),
            Running::blocking(false, recite_much_and_block),
            Running::blocking(true, recite_much_and_block),
        ],
        "1.4" => vec![
            Running::of(false, |mut stream| async move {
                let _ = stream.write_all(VERSE.as_bytes()).await;
            }),
            Running::blocking(false, |mut stream| {
                let _ = stream.write_all(VERSE.as_bytes());
                let _ = stream.shutdown(Shutdown::Write);
            }),
            Running::blocking(true, |mut stream| {
                let pieces = VERSE.as_bytes().chunks(100);
                let _ = { pieces }.try_for_each(|piece| stream.write_all(piece));
            }),
        ],
        "1.5" => vec![
            Running::without_runtime(|listeners| {
                loop {
                    let _ = recite(part1::accept_any(listeners)?);
                }
            }),
            of_one_socket(),
            Running::without_runtime(look_at_each_in_turn),
        ],
        "2.1" => vec![
            with_two_workers(),
            student(Part2, "pool-of-four"),
            Running::blocking(false, |mut stream| {
                let _ = stream.write_all(VERSE.as_bytes());
                thread::sleep(Duration::from_secs(1));
            }),
        ],
        "2.2" => {
            vec![Running::short(Part2), student(Part2, "exercise-2.2"), seats(20)]
        }
        "2.3" => vec![
            Running::with(|listener| short_of_seats(listener, 1000, 60_000)),
            student(Part2, "exercise-2.3"),
            Running::with(|listener| short_of_seats(listener, 1000, 1000)),
        ],
        "2.4" => vec![seats(100), student(Part2, "exercise-2.4"), at_one_door(100)],
        "2.5" => vec![
            Running::without_runtime(part2::serve_without_a_runtime),
            part(Part2),
            student(Part2, ""),
        ],
        "3.2" => {
            let said = "1 1 2 2 0";
            vec![
                part(Part3).said(said),
                student(Part3, "").said(said),
                part(Part3).dressed().said(said),
            ]
        }
        "3.3" => vec![
            changed(Part3, Break::Hears(deaf_at_the_start)),
            student(Part3, "").behind(Break::Hears(deaf_at_the_start)),
            student(Part3, "").behind(Break::Hears(deaf_later)),
        ],
        "3.4" => vec![
            changed(Part3, Break::TwoWrites),
            student(Part3, "nagle"),
            student(Part3, "").behind(Break::TwoWrites),
        ],
        "3.5" => vec![
            Running::of(true, junk_get_and_head),
            student(Part3, "exercise-3.5"),
            student(Part3, "exercise-3.5").dressed(),
        ],
        "3.6" => vec![
            Running::of(true, junk_and_verse),
            student(Part3, ""),
            part(Part3).dressed(),
        ],
        "4.2" => vec![
            part(Part4).said("8192"),
            student(Part4, "").said("8192"),
            student(Part4, "head-of-1k").said("1024"),
        ],
        "4.3" => vec![
            changed(Part4, Break::Says(in_utf16)),
            student(Part4, "exercise-4.3"),
            student(Part4, "exercise-4.3").dressed(),
        ],
        "4.4" => vec![
            changed(Part4, Break::Answers(not_modified)),
            student(Part4, "").behind(Break::Answers(not_modified)).dressed(),
            student(Part5, "").behind(Break::Answers(not_modified)).at(Part5),
        ],
        "4.5" => vec![
            changed(Part4, Break::Answers(|head| dated(head, part4::imf_fixdate))),
            student(Part4, "")
                .behind(Break::Answers(|head| dated(head, day_by_day))),
            changed(Part4, Break::Answers(|head| dated(head, day_by_day)))
                .dressed(),
        ],
        "5.1" => {
            let said = "501 200 400 200 505 200 400 405 400";
            vec![
                part(Part5).said(said),
                student(Part5, "").said(said),
                student(Part5, "").dressed().said(said),
            ]
        }
        "5.5" => vec![
            Running::of(true, |stream| {
                exchange(stream, part5::answer_options, Reads::NoBody)
            }),
            student(Part5, "exercise-5.5"),
            student(Part5, "exercise-5.5").dressed(),
            student(Part5, "exercise-5.5-stays"),
        ],
        "5.7" => vec![
            Running::of(true, |stream| exchange(stream, answer, Reads::FirstSize)),
            student(Part5, "exercise-5.7"),
            student(Part5, "exercise-5.7").dressed(),
        ],
        "5.8" => vec![
            Running::of(true, |stream| exchange(stream, answer, Reads::Short)),
            student(Part5, "exercise-5.8"),
            student(Part5, "exercise-5.8").dressed(),
        ],
        "5.5.3" => vec![
            named(&["rohttp.test"]),
            named(&["www.rohttp.test", "rohttp.test"]),
            signed(&["rohttp.test"]),
        ],
        // A wrapper that changes nothing is not seen.
        "5.5.5" => vec![
            part(Part5_5),
            student(Part5_5, ""),
            student(Part5_5, "").dressed(),
        ],
        "5.5.6" => vec![by_name(), by_sni(true), by_sni(false)],
        "5.5.7" => vec![terminated(), student(Part5_5, ""), part(Part5_5)],
        "6.1" => {
            let said = "200 412 200 200 304 200";
            vec![
                part(Part6).said(said),
                student(Part6, "").said(said),
                student(Part6, "").dressed().said(said),
            ]
        }
        "6.3" | "6.4" | "6.5" => {
            let switch = format!("exercise-{number}");
            vec![
                Running::of(true, part6::converse),
                student(Part6, &switch),
                student(Part6, &switch).dressed(),
            ]
        }
        "7.4" => vec![
            counting(method_label),
            student(Part6, "exercise-7.4"),
            student(Part6, "exercise-7.4").dressed(),
        ],
        "8.1" => vec![
            Running::of_files("part8", &["--keep", "200ms"]),
            Running::of_files("part7", &[]),
            Running::student_of_files(Part6),
        ],
        "6.6" => vec![
            Running::of(true, keep_what_is_put),
            student(Part6, "exercise-6.6"),
            student(Part6, "exercise-6.6").dressed(),
        ],
        _ => panic!("{number} has no answer that listens"),
    }
}
