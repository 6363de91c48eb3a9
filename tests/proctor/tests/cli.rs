//! The program: what it prints, how it exits, what it leaves behind.

mod common;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use proctor::stage::Stage;
use proctor::{catalogue, checks, exercises};

use common::{
    PATIENCE, code, end, folder, free_port, is_gone, proctor, server, text, verse,
    wait_for,
};

/// A server within the test, which says this to everyone, but waits for a moment, until
/// its caller has said something, and closes without having read that.
fn careless_server(says: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
            let _ = stream.peek(&mut [0]);
            let _ = stream.write_all(says);
        }
    });
    address
}

#[test]
fn all_pass_is_0_some_fail_is_1_and_nothing_there_is_2() {
    let folder = folder("codes");
    let run =
        |arguments: &[&str]| proctor(&folder).args(arguments).output().unwrap();
    let address = server(b"hello\n");
    let passed = run(&["part1", "--connect", &address, "--only", "answers"]);
    assert_eq!(code(&passed), 0, "{}", text(&passed.stdout));
    assert_eq!(text(&passed.stdout), "ok   answers\npart1: 1 passed, 0 failed\n");
    let address = server(b"hello\xff\n");
    let failed = run(&["part1", "--connect", &address, "--only", "text-is-utf8"]);
    assert_eq!(code(&failed), 1);
    let said = text(&failed.stdout);
    assert!(
        said.starts_with(
            "FAIL text-is-utf8: The text is UTF-8, and nothing but text.\n"
        ),
        "{said}"
    );
    assert!(said.contains("    < hello\\xff\\n\n           ^ here\n"), "{said}");
    assert!(said.ends_with("part1: 0 passed, 1 failed\n"), "{said}");
    assert!(!said.contains('\x1b'), "no colours where nobody sees them");

    let nobody = format!("127.0.0.1:{}", free_port());
    for (arguments, expected) in [
        (&["part1", "--connect", &nobody][..], "nothing to check at 127.0.0.1:"),
        (&["part1", "--connect", "nowhere"], "nowhere"),
        (
            &["part1", "--only", "anwsers"],
            "no check is called anwsers; is it answers?",
        ),
        (&["part5", "--only", "no-http-yet"], "no-http-yet is no check of part5"),
        (&["part9"], "the stages are part1, part2"),
        (&[], "required"),
        (&["part1", "--patience", "nan"], "a number of seconds"),
        (&["part5_5", "--connect", &address], "certs/rootCA.pem"),
        (&["part1", "--watch"], "required"),
        (&["--explain", "nothing"], "no check is called nothing"),
        (
            &["--exercise", "1.1"],
            "1.1 is judged by hand:\n  - two starts that fail",
        ),
        (&["--exercise", "2.9"], "there is no exercise 2.9; is it 2."),
        (&["--exercise", "2.4", "part1"], "2.4 starts from part2, not from part1"),
        (&["part3", "--said", "1 2"], "required"),
        (
            &["--exercise", "2.4", "--only", "version"],
            "version is no check of exercise 2.4",
        ),
    ] {
        let output = run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.starts_with("error: ") && said.contains(expected), "{said}");
    }
}

/// Whether or not the file of hosts says so.
#[test]
fn localhost_is_both_families() {
    if TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    let folder = folder("families");
    let check = |address: &str| {
        let arguments = ["part2", "--only", "both-families", "--connect", address];
        let output = proctor(&folder).args(arguments).output().unwrap();
        (code(&output), text(&output.stdout))
    };
    let address = server(b"hello\n");
    // An address is one address.
    let (passes, said) = check(&address);
    let skips = format!(
        "skip both-families: {address} is one address\n\
         part2: 0 passed, 0 failed, 1 skipped\n"
    );
    assert_eq!((passes, said), (0, skips));
    let (code, said) = check(&address.replace("127.0.0.1", "localhost"));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("cannot connect to [::1]:"), "{said}");
}

#[test]
fn an_exercise_is_done_or_not() {
    let folder = folder("exercise");
    let run =
        |arguments: &[&str]| proctor(&folder).args(arguments).output().unwrap();
    // Nobody reads what callers say here, so that some lose what they are told.
    let address = careless_server(b"hello\n");
    let done = run(&["--exercise", "1.4", "--connect", &address]);
    assert_eq!(code(&done), 0, "{}", text(&done.stdout));
    let said = text(&done.stdout);
    assert_eq!(said, "ok   text-is-lost\nexercise 1.4: 1 passed, 0 failed\n");
    let not_yet = run(&["--exercise", "1.3", "--connect", &address, "--json"]);
    assert_eq!(code(&not_yet), 1);
    let result: serde_json::Value =
        serde_json::from_slice(&not_yet.stdout).unwrap();
    assert_eq!(result["stage"], "exercise 1.3");
    assert_eq!(result["checks"][0]["id"], "deaf-caller");
    assert_eq!(result["checks"][0]["passed"], false);

    let by_hand = text(&run(&["--explain", "4.1"]).stdout);
    assert!(by_hand.starts_with("4.1 is judged by hand, a point for each:\n  - "));
    assert_eq!(by_hand.lines().count(), 4, "{by_hand}");
    let by_checks = text(&run(&["--explain", "5.5.3"]).stdout);
    insta::assert_snapshot!(by_checks);
}

#[test]
fn variants_are_written_and_held_to() {
    let folder = folder("variants");
    let run =
        |arguments: &[&str]| proctor(&folder).args(arguments).output().unwrap();
    let written = run(&["--variants", "3", "all"]);
    assert_eq!(code(&written), 0, "{}", text(&written.stderr));
    let file = std::fs::read_to_string(folder.join("all/variant-002.txt")).unwrap();
    assert!(!folder.join("all/variant-004.txt").exists());
    insta::assert_snapshot!("variant", file);
    let its_text = file.split_once("\n\n").unwrap().1;
    let only = ["--only", "text-of-the-variant"];
    let its_text: &'static str = its_text.to_owned().leak();
    for (served, expected) in [(its_text, 0), ("hello\n", 1)] {
        let address = server(served.as_bytes());
        let arguments =
            ["part1", "--variant", "all/variant-002.txt", "--connect", &address];
        let done = run(&[&arguments[..], &only].concat());
        assert_eq!(code(&done), expected, "{}", text(&done.stdout));
        let said = text(&done.stderr);
        let statuses =
            "in this variant 418 stands for 405, and 413 stands for 431\n";
        assert!(said.starts_with(statuses), "{said}");
    }
    std::fs::write(folder.join("none.txt"), "strikes\n").unwrap();
    let address = server(b"hello\n");
    let wrong = run(&["part1", "--variant", "none.txt", "--connect", &address]);
    assert_eq!(code(&wrong), 2);
    let said = text(&wrong.stderr);
    assert!(said.contains("none.txt: there is no text"), "{said}");
}

#[test]
fn checks_are_listed_and_explained() {
    let folder = folder("list");
    let list = proctor(&folder).arg("--list").output().unwrap();
    assert_eq!(code(&list), 0);
    let list = text(&list.stdout);
    assert!(list.lines().filter(|line| line.starts_with("  ")).count() >= 120);
    let of_part1 = proctor(&folder).args(["part1", "--list"]).output().unwrap();
    let of_part1 = text(&of_part1.stdout);
    assert!(of_part1.contains("  no-http-yet "), "{of_part1}");
    assert!(!of_part1.contains("part3"), "{of_part1}");
    assert!(list.contains("What is said is the text and no HTTP. (to part2)\n"));
    let lf = list.lines().find(|line| line.contains(" bare-lf ")).unwrap();
    assert!(lf.contains(" ours "), "{lf}");
    let explained =
        proctor(&folder).args(["--explain", "no-host"]).output().unwrap();
    insta::assert_snapshot!(text(&explained.stdout));
}

/// What is listed for a stage or an exercise can be asked for with `--only`.
#[test]
fn what_is_listed_can_be_asked_for() {
    let folder = folder("listed");
    let nobody = format!("127.0.0.1:{}", free_port());
    let stages = Stage::all().map(|stage| vec![stage.name()]);
    let exercises = exercises::all().filter(|it| it.checks().count() > 0);
    let exercises = exercises.map(|it| vec!["--exercise", it.number]);
    for of in stages.chain(exercises) {
        let list = proctor(&folder).args(&of).arg("--list").output().unwrap();
        let list = text(&list.stdout);
        let rows = list.lines().filter(|line| line.starts_with("  "));
        let ids = rows.map(|row| row.split_whitespace().next().unwrap());
        let only: Vec<&str> = ids.flat_map(|id| ["--only", id]).collect();
        assert!(!only.is_empty(), "{of:?}: {list}");
        let asked = proctor(&folder)
            .args(&of)
            .args(["--connect", &nobody, "--tls", &nobody, "--ca", "Cargo.toml"])
            .args(only)
            .output()
            .unwrap();
        let said = text(&asked.stderr);
        assert!(!said.contains("is no check of"), "{of:?}: {said}");
        assert_eq!(code(&asked), 2, "there is nobody");
    }
}

/// The help is made of the table of the stages.
#[test]
fn each_stage_is_in_the_help() {
    let help = proctor(&folder("help")).arg("--help").output().unwrap();
    let help = text(&help.stdout);
    for stage in Stage::all() {
        assert!(help.contains(stage.name()), "{stage}: {help}");
    }
}

/// A check may begin with a digit, as exercises do.
#[test]
fn each_check_and_each_exercise_can_be_explained() {
    let ids = checks::all().map(|check| (check.id, format!("{}: ", check.id)));
    let numbers =
        exercises::all().map(|it| (it.number, format!("{} is judged ", it.number)));
    for (name, begins) in ids.chain(numbers) {
        let text = catalogue::explain(name).expect(name);
        assert!(text.starts_with(&begins), "{text}");
    }
}

#[test]
fn a_command_is_started_and_ended_with_its_children() {
    let folder = folder("command");
    let port = free_port().to_string();
    let address = format!("127.0.0.1:{port}");
    let only = ["--only", "answers", "--only", "next-caller"];
    let output = proctor(&folder)
        .args(["part1", "--connect", &address])
        .args(only)
        .arg("--")
        .arg(verse())
        .args([&port, "--child"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let child = std::fs::read_to_string(folder.join("child")).unwrap();
    assert!(is_gone(&child), "its child {child} is still there");
    // The port is free, so the server is gone.
    TcpListener::bind(&address).unwrap();
}

#[test]
fn a_command_that_does_not_serve_is_an_error_with_what_it_said() {
    let folder = folder("wrong");
    let run = |port: &str, command: &[&str]| {
        let address = format!("127.0.0.1:{port}");
        let mut proctor = proctor(&folder);
        proctor.args(["part1", "--connect", &address, "--start-timeout", "1.5s"]);
        proctor.arg("--").args(command);
        let output = proctor.output().unwrap();
        assert_eq!(code(&output), 2);
        text(&output.stderr)
    };
    let verse = verse();
    let verse = verse.to_str().unwrap();
    let port = free_port().to_string();
    let said = run(&port, &["./no-such-program"]);
    assert!(said.starts_with("error: cannot start ./no-such-program: "), "{said}");
    let said = run(&port, &["sh", "-c", "echo oh dear >&2; exit 4"]);
    assert!(
        said.contains(&format!(
            "ended before anything listened on 127.0.0.1:{port}, \
             with exit status: 4; it said:\noh dear"
        )),
        "{said}"
    );
    let said = run(&port, &[verse, &port, "--mute"]);
    let (waiting, failed) = said.split_once('\n').unwrap();
    assert_eq!(
        waiting,
        format!(
            "waiting for the server to listen on 127.0.0.1:{port}, for 1.5 s at most"
        )
    );
    let after =
        "error: after 1.5 s (--start-timeout) nothing listens on 127.0.0.1:";
    assert!(failed.starts_with(after), "{said}");
    assert!(said.contains("I would rather not"), "{said}");
    let taken = server(b"x");
    let said = run(taken.rsplit(':').next().unwrap(), &[verse, "0"]);
    assert!(said.contains("something listens on"), "{said}");
}

#[test]
fn a_server_that_dies_is_told_of_and_started_again() {
    let folder = folder("dies");
    let port = free_port().to_string();
    let output = proctor(&folder)
        .args(["part1", "--connect", &format!("127.0.0.1:{port}")])
        .args(["--only", "same-for-everyone", "--only", "next-caller"])
        .args(["--only", "no-http-yet", "--patience", "0.5", "--"])
        .arg(verse())
        .args([&port, "--dies"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 1);
    let said = text(&output.stdout);
    let (_, dies) = said.split_once("FAIL next-caller").expect(&said);
    assert!(
        dies.contains("  the server ended at this; it said:\n    I am off\n"),
        "{said}"
    );
    // It is there again for those to come.
    assert!(said.contains("\nok   no-http-yet\n"), "{said}");
    assert!(said.ends_with("part1: 1 passed, 2 failed\n"), "{said}");
}

#[test]
fn a_signal_ends_the_server_too() {
    let folder = folder("signal");
    let port = free_port().to_string();
    let mut proctor = proctor(&folder)
        .args([
            "part1",
            "--connect",
            &format!("127.0.0.1:{port}"),
            "--patience",
            "60",
        ])
        .args(["--only", "no-http-yet", "--only", "ends", "--watch", "--"])
        .arg(verse())
        .args([&port, "--child"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(proctor.stderr.take().unwrap()).lines();
    // The server writes a file each time, which is no reason to go on for ever.
    for _ in 0..2 {
        let line = said.next().unwrap().unwrap();
        assert!(line.starts_with("watching "), "{line}");
    }
    let more = std::thread::spawn(move || said.count());
    std::thread::sleep(Duration::from_secs(1));
    end(&mut proctor, "-INT");
    assert_eq!(more.join().unwrap(), 0, "checked again without a change");
    let child = std::fs::read_to_string(folder.join("child")).unwrap();
    assert!(is_gone(&child));
}

/// At whatever moment of its start the signal comes.
#[test]
fn a_signal_ends_a_server_that_is_being_started() {
    const AT_ONCE: u32 = 6;
    std::thread::scope(|scope| {
        for worker in 0..AT_ONCE {
            scope.spawn(move || {
                let folder = folder(&format!("early{worker}"));
                for moment in (worker..60).step_by(AT_ONCE as usize) {
                    end_early(&folder, Duration::from_micros(200) * moment);
                }
            });
        }
    });
}

/// Ends proctor so soon after its start, and wants nothing to be left.
fn end_early(folder: &Path, delay: Duration) {
    let port = free_port().to_string();
    let mut proctor = proctor(folder)
        .args(["part1", "--connect", &format!("127.0.0.1:{port}"), "--"])
        .arg(verse())
        .args([&port, "--child", "--mute"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(delay);
    end(&mut proctor, "-TERM");
    wait_for(|| {
        let left = Command::new("pgrep").args(["-f", &port]).output().unwrap();
        left.stdout.is_empty().then_some(())
    });
}

#[test]
fn a_change_is_seen_and_checked_again() {
    let folder = folder("watch");
    let port = free_port().to_string();
    std::fs::write(folder.join("server.txt"), "1").unwrap();
    std::fs::create_dir(folder.join("target")).unwrap();
    let mut proctor = proctor(&folder)
        .args(["part1", "--connect", &format!("127.0.0.1:{port}")])
        .args(["--only", "answers", "--watch", "--"])
        .arg(verse())
        .arg(&port)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(proctor.stdout.take().unwrap()).lines();
    let mut verdict =
        || lines.find(|line| line.as_ref().unwrap().contains("passed"));
    assert_eq!(verdict().unwrap().unwrap(), "part1: 1 passed, 0 failed");
    // What is made by machines is not looked at, or this would be seen.
    std::fs::write(folder.join("target/made"), "x").unwrap();
    std::fs::write(folder.join("server.txt"), "22").unwrap();
    assert_eq!(verdict().unwrap().unwrap(), "part1: 1 passed, 0 failed");
    end(&mut proctor, "-TERM");
}

#[test]
fn results_can_be_read_by_programs() {
    let folder = folder("programs");
    let address = server(b"HTTP/1.1 200 OK\r\n\r\n\x01<&");
    let run = |extra: &[&str]| {
        let mut proctor = proctor(&folder);
        proctor.args(["part1", "--connect", &address, "--junit", "result.xml"]);
        proctor.args(["--only", "answers", "--only", "no-http-yet"]).args(extra);
        proctor.output().unwrap()
    };
    let output = run(&["--json"]);
    assert_eq!(code(&output), 1);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["passed"], &json["failed"]), (&1.into(), &1.into()));
    assert_eq!(json["checks"][1]["id"], "no-http-yet");
    assert_eq!(json["checks"][1]["passed"], false);
    assert_eq!(json["checks"][1]["what"], "this is HTTP");
    assert_eq!(json["checks"][1]["level"], "ours");
    assert_eq!(json["checks"][1]["rule"], "ours");
    let xml = std::fs::read_to_string(folder.join("result.xml")).unwrap();
    assert!(xml.contains("tests=\"2\"") && xml.contains("failures=\"1\""), "{xml}");
    assert!(xml.contains("<testcase name=\"no-http-yet\""), "{xml}");
    assert!(xml.contains("<property name=\"level\" value=\"ours\""), "{xml}");
    assert!(!xml.contains('\x01'), "XML has no such character");
    let mute = proctor(&folder)
        .args(["part1", "--connect", &format!("127.0.0.1:{}", free_port())])
        .args(["--junit", "mute.xml", "--", "no-such-command"])
        .output()
        .unwrap();
    assert_eq!(code(&mute), 2);
    let xml = std::fs::read_to_string(folder.join("mute.xml")).unwrap();
    assert!(
        xml.contains("errors=\"1\"") && xml.contains("no-such-command"),
        "{xml}"
    );
    let fast = proctor(&folder)
        .args(["part1", "--connect", &address, "--fail-fast", "--jobs", "1"])
        .args(["--junit", "fast.xml"])
        .args(["--only", "no-http-yet", "--only", "answers"])
        .output()
        .unwrap();
    assert_eq!(code(&fast), 1);
    assert!(
        text(&fast.stdout).ends_with("part1: 0 passed, 1 failed, 1 not made\n")
    );
    let xml = std::fs::read_to_string(folder.join("fast.xml")).unwrap();
    assert!(xml.contains("<skipped message=\"not made\""), "{xml}");
    let nowhere = run(&["--junit", "no/such/folder"]);
    assert_eq!(code(&nowhere), 2);
}

/// However many checks there are: it is one mistake.
#[test]
fn a_server_that_says_nothing_fails_once() {
    let folder = folder("nothing");
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = mute.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let _silent: Vec<_> = mute.incoming().flatten().collect();
    });
    let begun = Instant::now();
    let output = proctor(&folder)
        .args(["part5", "--connect", &address, "--patience", "1"])
        .output()
        .unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(code(&output), 1);
    let said = text(&output.stdout);
    assert_eq!(said.matches("FAIL ").count(), 1, "{said}");
    assert!(said.starts_with("FAIL answers: "), "{said}");
    let checks = checks::of(Stage::Part5).count();
    let last = format!("part5: 0 passed, 1 failed, {} not made\n", checks - 1);
    assert!(said.ends_with(&last), "{said}");
    let said = text(&output.stderr);
    assert!(said.contains("the server says nothing at all"), "{said}");
}

/// What must be at once is not if it is after all the patience that there is, and half as
/// much again.
#[test]
fn an_end_that_comes_too_late_is_none() {
    let folder = folder("late");
    let slow = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = slow.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in slow.incoming().flatten() {
            std::thread::spawn(move || {
                let mut bytes = [0; 64];
                let _ = (&stream).read(&mut bytes);
                std::thread::sleep(Duration::from_secs(3));
            });
        }
    });
    let output = proctor(&folder)
        .args(["part5", "--connect", &address, "--patience", "2"])
        .args(["--only", "tls-on-the-clear-port"])
        .output()
        .unwrap();
    let said = text(&output.stdout);
    assert!(
        said.contains("the connection stays open, and should be closed"),
        "{said}"
    );
}

/// On a terminal there are colours and a line that is drawn over; with NO_COLOR there is
/// neither.
#[test]
fn no_color_is_no_escapes() {
    let folder = folder("colors");
    let address = server(b"hello\xff\n");
    let on_a_terminal = |no_color: bool| {
        let (mut screen, terminal) = terminal();
        let mut proctor = proctor(&folder);
        proctor.args(["part1", "--connect", &address, "--only", "text-is-utf8"]);
        proctor.env("TERM", "xterm").stdin(Stdio::null());
        proctor.stdout(terminal.try_clone().unwrap()).stderr(terminal);
        if no_color {
            proctor.env("NO_COLOR", "1");
        }
        assert_eq!(proctor.status().unwrap().code(), Some(1));
        drop(proctor);
        let mut said = Vec::new();
        // Where the other end is closed, Linux calls it an error.
        let _ = screen.read_to_end(&mut said);
        text(&said)
    };
    let said = on_a_terminal(false);
    assert!(said.contains("\x1b[31;1mFAIL text-is-utf8\x1b[0m"), "{said:?}");
    let said = on_a_terminal(true);
    assert!(
        said.contains("FAIL text-is-utf8: ") && !said.contains('\x1b'),
        "{said:?}"
    );
}

/// However wide the lines are elsewhere.
#[test]
fn on_a_narrow_terminal_nothing_is_wider() {
    use rustix::termios::{Winsize, tcsetwinsize};
    let folder = folder("narrow");
    let says =
        b"HTTP/1.1 200 OK, and a reason that is longer than any that anybody has \
        ever given, on any occasion, to anyone\r\n\r\n";
    let address = server(says);
    for (ws_col, most) in [(60, 60), (90, 80)] {
        for arguments in [
            &["part5", "--connect", &address, "--only", "no-version"][..],
            &["part3", "--connect", &address, "--only", "every-byte"],
            &["part6", "--list"],
            &["--explain", "answer-survives-a-flood"],
        ] {
            let (mut screen, terminal) = terminal();
            let size = Winsize { ws_row: 24, ws_col, ws_xpixel: 0, ws_ypixel: 0 };
            tcsetwinsize(&terminal, size).unwrap();
            let mut proctor = proctor(&folder);
            proctor.args(arguments).env("NO_COLOR", "1").stdin(Stdio::null());
            proctor.stdout(terminal.try_clone().unwrap()).stderr(terminal);
            let mut running = proctor.spawn().unwrap();
            drop(proctor);
            // A screen has room for little that nobody has looked at.
            let mut said = Vec::new();
            let _ = screen.read_to_end(&mut said);
            running.wait().unwrap();
            let said = text(&said);
            assert!(said.lines().count() > 8, "{said}");
            for line in said.lines() {
                assert!(line.chars().count() <= most, "{ws_col}: {line}");
            }
        }
    }
}

/// One command for many servers at once: none has a port of another's.
#[test]
fn a_command_has_places_for_ports() {
    let folder = folder("places");
    let start = || {
        let mut proctor = proctor(&folder);
        proctor.args(["part1", "--only", "answers", "--only", "next-caller", "--"]);
        proctor.arg(verse()).arg("{port}");
        proctor.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let all: Vec<Child> = (0..3).map(|_| start()).collect();
    for proctor in all {
        let output = proctor.wait_with_output().unwrap();
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(said.ends_with("part1: 2 passed, 0 failed\n"), "{said}");
    }
    let output = proctor(&folder)
        .args(["part5_5", "--no-tls", "--only", "both-families", "--connect"])
        .args([&format!("127.0.0.1:{}", free_port()), "--"])
        .arg(verse())
        .arg("{port}")
        .output()
        .unwrap();
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(said.ends_with("part5_5: 0 passed, 0 failed, 1 skipped\n"), "{said}");
}

#[test]
fn who_wants_no_more_than_must_be_asks_for_no_more() {
    let folder = folder("level");
    let list = |level: &str| -> Vec<String> {
        let list = ["part5", "--list", "--level", level];
        let rows = text(&proctor(&folder).args(list).output().unwrap().stdout);
        let rows = rows.lines().filter(|line| line.starts_with("  "));
        rows.map(|row| row.split_whitespace().nth(1).unwrap().to_owned()).collect()
    };
    let (must, should, ours) = (list("must"), list("should"), list("ours"));
    assert!(!must.is_empty() && must.iter().all(|it| it == "must"), "{must:?}");
    assert!(should.iter().all(|it| it != "ours") && should.len() > must.len());
    assert!(ours.len() > should.len());
    let output =
        proctor(&folder).args(["part5", "--level", "may"]).output().unwrap();
    assert_eq!(code(&output), 2);
    assert!(text(&output.stderr).contains("must, should and ours"));
}

/// Of much that fails, somebody wants to know where to begin.
#[test]
fn failures_are_summed_up() {
    let folder = folder("summary");
    let address = server(b"hello\n");
    let output = proctor(&folder)
        .args(["part3", "--connect", &address, "--patience", "0.3"])
        .args(["--only", "get-is-served", "--only", "post-is-refused"])
        .args(["--only", "get-is-a-word", "--only", "version"])
        .output()
        .unwrap();
    let said = text(&output.stdout);
    let (_, summary) = said.split_once("\n\nMend ").expect(&said);
    insta::assert_snapshot!(summary);
}

/// A terminal, by its two ends.
fn terminal() -> (File, File) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&screen).unwrap();
    unlockpt(&screen).unwrap();
    let name = ptsname(&screen, Vec::new()).unwrap().into_string().unwrap();
    let terminal = File::options().read(true).write(true).open(name).unwrap();
    (screen.into(), terminal)
}

#[test]
fn whatever_a_server_does_costs_a_bounded_time() {
    let folder = folder("rude");
    let flood = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = flood.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in flood.incoming().flatten() {
            std::thread::spawn(
                move || while stream.write_all(&[b'x'; 65536]).is_ok() {},
            );
        }
    });
    let begun = Instant::now();
    let output = proctor(&folder)
        .args(["part1", "--connect", &address, "--patience", "0.5"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 1);
    let said = text(&output.stdout);
    assert!(said.contains("it does not stop: 4194304 bytes so far"), "{said}");
    assert!(!said.contains("proctor itself"), "{said}");
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
}

/// Whoever ends at once has cut somebody off, and whoever does not end is in the way.
#[test]
fn an_end_that_is_not_in_good_order_is_seen() {
    let folder = folder("ends");
    let ways = [
        (&["--http"][..], "the connection was closed, without a response"),
        (&["--http", "--deaf"], "an idle connection stays open"),
        (&["--http", "--waits"], "this is the last response, and does not say so"),
        (
            &["--http", "--waits", "--polite", "--fails"],
            "nobody was cut off, and it ended with exit code 4",
        ),
        (&["--http", "--waits", "--polite"], "ok   ends-in-good-order\n"),
    ];
    for (how, what) in ways {
        let port = free_port().to_string();
        let output = proctor(&folder)
            .args(["part7", "--connect", &format!("127.0.0.1:{port}"), "--no-tls"])
            .args(["--only", "ends-in-good-order", "--patience", "0.5", "--"])
            .arg(verse())
            .arg(&port)
            .args(how)
            .output()
            .unwrap();
        let said = text(&output.stdout);
        assert!(said.contains(what), "{said}");
        let is_seen = said.starts_with("FAIL ends-in-good-order: ");
        assert_eq!(is_seen, !what.starts_with("ok"), "{said}");
    }
    let output = proctor(&folder)
        .args(["part7", "--connect", &server(b"hello\n"), "--no-tls"])
        .args(["--only", "ends-in-good-order"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 0);
    assert!(
        text(&output.stdout).starts_with("skip ends-in-good-order: a server can")
    );
}

/// A server that is started has as many descriptors as is usual, however many there may be
/// here: whoever does not ask for more is seen to run out.
#[test]
fn who_has_no_room_for_a_crowd_is_seen() {
    let folder = folder("crowd");
    let port = free_port().to_string();
    let output = proctor(&folder)
        .args(["part7", "--connect", &format!("127.0.0.1:{port}"), "--no-tls"])
        .args(["--only", "a-crowd-keeps-nobody-out", "--patience", "0.5", "--"])
        .arg(verse())
        .args([&port, "--http"])
        .output()
        .unwrap();
    let said = text(&output.stdout);
    assert!(said.starts_with("FAIL a-crowd-keeps-nobody-out: "), "{said}");
    assert!(said.contains("of 1100 who stay: "), "{said}");
}

/// And whoever ends then, or asks for nothing but a descriptor, is seen as well.
#[test]
fn who_does_not_get_over_running_out_is_seen() {
    let folder = folder("running_out");
    let ways = [
        (&[][..], "callers have come and left: "),
        (&["--tries"], "it asked again and again"),
        (&["--waits-a-little"], "ok   running-out-passes\n"),
    ];
    for (how, what) in ways {
        let port = free_port().to_string();
        let output = proctor(&folder)
            .args(["part5", "--connect", &format!("127.0.0.1:{port}")])
            .args(["--only", "running-out-passes", "--patience", "0.5", "--"])
            .arg(verse())
            .args([&port, "--http"])
            .args(how)
            .output()
            .unwrap();
        let said = text(&output.stdout);
        assert!(said.contains(what), "{how:?}: {said}");
    }
}

/// What the server is in the eyes of the system, the checks of it in the eyes of those who
/// wrote it: one for each way to use too much.
#[cfg(target_os = "linux")]
#[test]
fn what_a_server_keeps_or_wastes_is_seen() {
    let folder = folder("resources");
    let run = &|how: &str| {
        let port = free_port().to_string();
        let output = proctor(&folder)
            .args(["part1", "--connect", &format!("127.0.0.1:{port}")])
            .args(["--only", "nothing-is-kept", "--only", "idle-is-idle"])
            .args(["--patience", "0.5", "--"])
            .arg(verse())
            .args([&port, how])
            .output()
            .unwrap();
        text(&output.stdout)
    };
    let ways = [
        ("--keeps", "nothing-is-kept", "descriptors are open, where "),
        ("--grows", "nothing-is-kept", "KiB more memory"),
        ("--spins", "idle-is-idle", "in which nothing happened it used"),
    ];
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let said = run("");
            assert!(said.ends_with("part1: 2 passed, 0 failed\n"), "{said}");
        });
        for (how, id, what) in ways {
            scope.spawn(move || {
                let said = run(how);
                let failure =
                    said.split_once(&format!("FAIL {id}: ")).expect(&said).1;
                assert!(failure.contains(what), "{said}");
                assert!(said.ends_with("part1: 1 passed, 1 failed\n"), "{said}");
            });
        }
    });
    // Whoever is not started by proctor is not looked at.
    let output = proctor(&folder)
        .args(["part1", "--connect", &server(b"hello\n"), "--only", "idle-is-idle"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 0);
    assert!(text(&output.stdout).starts_with("skip idle-is-idle: what the server"));
}

/// A long body that is kept, and a client who reads none of it and is waited for for ever;
/// and those who do as they like about it, and may.
#[cfg(target_os = "linux")]
#[test]
fn who_keeps_a_long_echo_is_seen() {
    let folder = folder("long_echo");
    let (kept, waits) =
        ("a-long-echo-is-not-kept", "who-reads-nothing-is-given-up");
    let ways = [
        (&[][..], &[kept, waits][..]),
        (&["--gives-up"], &[kept]),
        (&["--streams"], &[waits]),
        (&["--streams", "--gives-up"], &[]),
        (&["--spools", "--gives-up"], &[]),
        (&["--refuses"], &[]),
    ];
    std::thread::scope(|scope| {
        for (how, seen_by) in ways {
            let folder = &folder;
            scope.spawn(move || {
                let port = free_port().to_string();
                let output = proctor(folder)
                    .args(["part6", "--connect", &format!("127.0.0.1:{port}")])
                    .args(["--no-tls", "--only", kept, "--only", waits])
                    .args(["--patience", "1", "--"])
                    .arg(verse())
                    .args([&port, "--http"])
                    .args(how)
                    .output()
                    .unwrap();
                let said = text(&output.stdout);
                for id in [kept, waits] {
                    let is_seen = said.contains(&format!("FAIL {id}: "));
                    let is_fine = said.contains(&format!("ok   {id}\n"));
                    assert_eq!(is_seen, seen_by.contains(&id), "{how:?}: {said}");
                    assert_eq!(is_fine, !is_seen, "{how:?}: {said}");
                }
            });
        }
    });
}
