//! `proctor grade`, and what it rests on: points, limits, and what others read.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::{code, folder, free_port, is_gone, proctor, server, text, verse};
use serde_json::Value;

/// A submission: what it does when it is started, as a script has it; `$1` is its port,
/// `$verse` a server that is right.
fn submit(class: &Path, name: &str, script: &str) {
    let folder = class.join(name);
    fs::create_dir_all(&folder).unwrap();
    let script = format!("#!/bin/sh\nverse={}\n{script}\n", verse().display());
    let draft = folder.join("draft");
    fs::write(&draft, script).unwrap();
    // Not written by this process: a test beside it may start a program while it is open,
    // whose child holds it open for a moment, and what is open for writing can't be run.
    let mut install = Command::new("install");
    let made =
        install.args(["-m", "755"]).arg(draft).arg(folder.join("run")).status();
    assert!(made.unwrap().success());
}

/// Grades some submissions by two checks, the second of which fails who says `HTTP/`.
fn grade(class: &Path, folders: &[&str], extra: &[&str]) -> Output {
    let mut proctor = proctor(class);
    proctor.args(["grade", "part1"]).args(folders);
    proctor.args(["--only", "answers", "--only", "no-http-yet"]);
    proctor.args(extra).args(["--", "./run", "{port}"]).output().unwrap()
}

#[test]
fn a_class_is_graded_whatever_its_members_do() {
    let class = folder("class");
    submit(&class, "ada", "exec $verse $1");
    submit(&class, "ben", "exec $verse $1 --says HTTP/");
    submit(&class, "cleo", "echo 'no such thing' >&2; exit 4");
    submit(&class, "dan", "exec $verse $1 --mute");
    submit(&class, "eve", "exec $verse $1 --dies");
    let folders = ["ada", "ben", "cleo", "dan", "eve"];
    let extra = ["--start-timeout", "1", "--only", "next-caller"];
    let output = grade(&class, &folders, &extra);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let said = text(&output.stdout);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "ada: 3 passed, 0 failed: 3 of 3 points");
    assert_eq!(lines[1], "ben: 2 passed, 1 failed: 2 of 3 points");
    let none = "cleo: 0 passed, 0 failed, 3 not made: 0 of 3 points \
        (the server ended before anything listened on localhost:";
    assert!(lines[2].starts_with(none), "{said}");
    assert!(lines[2].ends_with(", with exit status: 4)"), "{said}");
    let mute = "dan: 0 passed, 0 failed, 3 not made: 0 of 3 points \
        (after 1 s (--start-timeout) nothing listens on localhost:";
    assert!(lines[3].starts_with(mute), "{said}");
    let dies = " points (the server has ended ";
    assert!(lines[4].starts_with("eve: ") && lines[4].contains(dies), "{said}");
}

/// A submission may do as it likes with what it has, and no more than that.
#[cfg(target_os = "linux")]
#[test]
fn nobody_uses_more_than_there_is_to_be_used() {
    let class = folder("limits");
    submit(&class, "greedy", "exec $verse $1 --greedy --mute");
    submit(&class, "children", "$verse 0 --greedy --mute & exec sleep 600");
    submit(&class, "writes", "exec $verse $1 --writes");
    let folders = ["greedy", "children", "writes"];
    let output = grade(&class, &folders, &["--memory-limit", "200"]);
    let said = text(&output.stdout);
    for (line, name) in said.lines().zip(&folders[..2]) {
        assert!(line.starts_with(name), "{said}");
        assert!(line.contains(" MiB of memory, and may have 200)"), "{said}");
    }
    let written = fs::metadata(class.join("writes/grows")).unwrap().len();
    assert!(written <= 100 << 20, "{written}");
}

/// Not even one that is nobody's child any more, and in no group of the server's.
#[cfg(target_os = "linux")]
#[test]
fn nobody_outlives_the_examination() {
    let class = folder("daemons");
    let daemon = "(setsid sh -c 'echo $$ >pid; exec sleep 600' &)";
    submit(&class, "ada", &format!("{daemon}\nexec $verse $1"));
    let output = grade(&class, &["ada"], &[]);
    assert!(text(&output.stdout).starts_with("ada: 2 passed"));
    let pid = fs::read_to_string(class.join("ada/pid")).unwrap();
    assert!(is_gone(pid.trim()), "{pid} is still there");
}

#[test]
fn a_signal_ends_all_that_is_being_graded() {
    let class = folder("interrupted");
    for name in ["ada", "ben"] {
        submit(&class, name, "exec $verse $1 --child --mute");
    }
    let mut grading = proctor(&class)
        .args(["grade", "part1", "ada", "ben", "--jobs", "2", "--"])
        .args(["./run", "{port}"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let child = |name: &str| {
        let path = class.join(name).join("child");
        common::wait_for(|| {
            fs::read_to_string(&path).ok().filter(|it| !it.is_empty())
        })
    };
    let children = [child("ada"), child("ben")];
    common::end(&mut grading, "-TERM");
    assert!(children.iter().all(|child| is_gone(child)), "{children:?}");
}

#[test]
fn who_takes_too_long_is_graded_by_what_was_made() {
    let class = folder("slow");
    let output = proctor(&class)
        .args(["part1", "--time-limit", "1", "--json", "--points=ours=5", "--"])
        .arg(verse())
        .args(["{port}", "--slow"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 1);
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["remark"], "after 1 s (--time-limit) it was not done");
    let made = result["checks"].as_array().unwrap().len() as u64;
    let not_made = result["not_made"].as_array().unwrap().len() as u64;
    assert!(made > 0 && not_made > 0, "{made} made, {not_made} not");
    assert_eq!(result["of"], 5 * (made + not_made));
    assert_eq!(result["points"], 5 * result["passed"].as_u64().unwrap());
}

/// A column of marks for each check, whose sum is what the row says.
#[test]
fn a_table_adds_up() {
    let class = folder("table");
    submit(&class, "ada", "exec $verse $1");
    submit(&class, "=ben", "exec $verse $1 --says HTTP/");
    submit(&class, "cleo", "exit 1");
    let extra = ["--points", "ours=7", "--csv", "class.csv"];
    let output = grade(&class, &["ada", "=ben", "cleo"], &extra);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let csv = fs::read_to_string(class.join("class.csv")).unwrap();
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows[0], "submission,points,of,remark,answers,no-http-yet");
    assert_eq!(rows[1], "ada,14,14,,7,7");
    assert_eq!(rows[2], "'=ben,7,14,,7,0");
    assert!(rows[3].starts_with("cleo,0,14,\"the server ended before "), "{csv}");
    assert!(rows.last().unwrap().ends_with(",0,0"), "{csv}");
}

/// One file, without a script, in which each failure is a click away, whatever a
/// submission is called and says.
#[test]
fn a_page_leads_to_what_was_said() {
    let class = folder("page");
    let name = "<script>alert('&')<!--";
    submit(&class, name, "exec $verse $1 --says 'HTTP/1.1 </pre><script>'");
    let output = grade(&class, &[name], &["--html", "class.html"]);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let page = fs::read_to_string(class.join("class.html")).unwrap();
    assert!(!page.contains("<script") && !page.contains("<!--"), "{page}");
    assert_eq!(page.matches("<pre>").count(), page.matches("</pre>").count());
    let links = page.split("href=\"#").skip(1);
    let links: Vec<&str> = links.map(|it| it.split('"').next().unwrap()).collect();
    assert_eq!(links, ["s0", "s0c1"], "the submission, and its failure");
    let (_, failure) = page.split_once("id=\"s0c1\"").unwrap();
    assert!(failure.contains("FAIL no-http-yet: "), "{page}");
    assert!(failure.contains("&lt;/pre&gt;&lt;script&gt;"), "{page}");
    assert!(page.contains("color-scheme: light dark"), "{page}");
}

#[test]
fn what_can_not_be_graded_is_said_at_once() {
    let class = folder("arguments");
    submit(&class, "ada", "exit 1");
    let run = |arguments: &str| {
        let arguments = arguments.split_whitespace();
        let output = proctor(&class).arg("grade").args(arguments).output().unwrap();
        assert_eq!(code(&output), 2);
        text(&output.stderr)
    };
    for (arguments, expected) in [
        ("", "required"),
        ("part1", "required"),
        ("part1 ada", "required"),
        ("ada -- ./run {port}", "the stages are part1, part2"),
        ("part1 ada eve -- ./run {port}", "eve is no folder"),
        ("part1 ada/run -- ./run {port}", "ada/run is no folder"),
        ("part1 ada ./ada/ -- ./run {port}", "./ada/ is there twice"),
        ("part1 ada --jobs 2 -- ./run", "--jobs wants {port} in the command"),
        (
            "part5_5 ada --jobs 2 -- ./run {port}",
            "--jobs wants {tls_port} in the command",
        ),
        ("part1 ada --jobs 0 -- ./run {port}", "would be zero"),
        ("part1 ada --only anwsers -- ./run", "is it answers?"),
        ("part1 ada --only bare-lf -- ./run", "bare-lf is no check of part1"),
        ("part1 ada --points 3 -- ./run", "such as must=3"),
        ("part1 ada --time-limit soon -- ./run", "a number of seconds"),
        ("part1 ada --csv no/where -- ./run", "no/where: "),
    ] {
        let said = run(arguments);
        assert!(said.starts_with("error: ") && said.contains(expected), "{said}");
    }
}

#[test]
fn points_are_told_to_whoever_counts_them() {
    let class = folder("points");
    let address = server(b"HTTP/1.1 200 OK\r\n\r\n");
    let output = proctor(&class)
        .args(["part1", "--connect", &address, "--points"])
        .args(["--only", "answers", "--only", "no-http-yet", "--junit", "j.xml"])
        .args(["--classroom", "c.json"])
        .output()
        .unwrap();
    assert!(text(&output.stdout).ends_with(
        "part1: 1 passed, 1 failed\n\
         part1: 1 of 2 points\n"
    ));
    let xml = fs::read_to_string(class.join("j.xml")).unwrap();
    for property in ["\"points\" value=\"1\"", "\"of\" value=\"2\""] {
        assert!(xml.contains(&format!("<property name={property}/>")), "{xml}");
    }
    insta::assert_snapshot!(classroom(&class.join("c.json")));
    let output = proctor(&class)
        .args(["part1", "--connect", &format!("127.0.0.1:{}", free_port())])
        .args(["--only", "answers", "--only", "no-http-yet"])
        .args(["--classroom", "c.json", "--", "./no-such-command"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 2);
    insta::assert_snapshot!(classroom(&class.join("c.json")));
}

/// A result for GitHub Classroom, with no time in it.
fn classroom(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let mut result: Value = serde_json::from_str(&text).unwrap();
    for test in result["tests"].as_array_mut().unwrap() {
        assert!(test["duration"].as_u64().is_some(), "{test}");
        test["duration"] = 0.into();
    }
    serde_json::to_string_pretty(&result).unwrap()
}
