//! What a server may still do once it serves, from part 7 on.
//!
//! Only root can become somebody else: where the tests are run by somebody else, those
//! that take root say so and try that it is refused. The rest takes nothing but Linux.

use std::fs::{self, Permissions};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{Gid, User, geteuid, setgroups};
use rohttp::process::privileges::PrivilegeOptions;
use rohttp::process::sandbox::Needs;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::support::{Client, Server, binary, copy_program, weathered};

/// Somebody who is on every system, and has nothing.
const NOBODY: &str = "nobody";

/// What another server has to be root for.
fn is_root(what: &str) -> bool {
    let is_root = geteuid().is_root();
    if !is_root {
        eprintln!("not tried, as it takes root: {what}");
    }
    is_root
}

/// Whether this kernel has all that a sandbox is made of; if not, that is said.
fn has_sandbox() -> bool {
    let said = captive().stdout;
    let said = String::from_utf8(said).unwrap();
    let lacks = said.lines().next().filter(|line| line.contains("sandbox"));
    if let Some(lacks) = lacks {
        eprintln!("not tried: {lacks}");
    }
    lacks.is_none()
}

/// The program that tries to get out, in a folder of its own.
fn captive() -> std::process::Output {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("page"), "a page").unwrap();
    symlink("/etc/passwd", folder.path().join("link")).unwrap();
    let logs = tempfile::tempdir().unwrap();
    let path = binary(&weathered()).with_file_name("examples").join("captive");
    let mut command = Command::new(path);
    command.arg(folder.path()).arg(logs.path().join("log"));
    let output = command.output().unwrap();
    assert_eq!(fs::read(folder.path().join("page")).unwrap(), b"a page");
    output
}

/// A folder to serve that others can go through, as a temporary one can't be.
fn open_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    folder
}

/// A part 7 that serves from a folder, which is where it is, too.
fn start(folder: TempDir, options: &[&str]) -> Server {
    let mut command = Server::command(&weathered(), folder.path());
    command.args(["--host", "127.0.0.1"]).args(options);
    Server::spawn(command, folder)
}

fn ask(server: &Server, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.0\r\n\r\n");
    let answer = Client::clear(server.addresses[0]).ask(request.as_bytes());
    String::from_utf8(answer).unwrap()
}

fn refusal(user: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Server::command(&weathered(), folder.path());
    let output = command.args(["--user", user]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{user}");
    assert!(!folder.path().join("certs").exists(), "it has begun to start");
    String::from_utf8(output.stderr).unwrap()
}

/// What each thread of a process says of itself after `name:`.
fn of_each_thread(pid: u32, name: &str) -> Vec<String> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let value = |path: PathBuf| {
        let status = fs::read_to_string(path.join("status")).unwrap();
        let mut lines = status.lines();
        let line = lines.find_map(|line| line.strip_prefix(&format!("{name}:")));
        line.unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    threads.map(|thread| value(thread.unwrap().path())).collect()
}

fn assert_each_thread(pid: u32, name: &str, value: &str) {
    let values = of_each_thread(pid, name);
    assert!(values.len() > 1, "a runtime has threads");
    assert!(values.iter().all(|it| it == value), "{name}: {values:?}");
}

#[test]
fn whoever_takes_the_server_over_can_do_what_it_does_and_nothing_else() {
    if has_sandbox() {
        let said = String::from_utf8(captive().stdout).unwrap();
        insta::assert_snapshot!(said);
    }
}

#[test]
fn who_is_to_be_become_has_to_be_there() {
    for (user, says) in [
        ("nobody-at-all", "error: there is no user \"nobody-at-all\"\n"),
        ("", "error: there is no user \"\"\n"),
        (":daemon", "error: there is no user \"\"\n"),
        ("nobody:none-at-all", "error: there is no group \"none-at-all\"\n"),
        ("nobody:", "error: there is no group \"\"\n"),
        ("root", "error: \"root\" is root, and a server is to be somebody else\n"),
    ] {
        assert_eq!(refusal(user), says);
    }
}

#[test]
fn only_root_becomes_somebody_else() {
    let says = "error: only root can become \"nobody\", and the server was not \
                started as root\n";
    if !geteuid().is_root() {
        return assert_eq!(refusal(NOBODY), says);
    }
    // Somebody else, then, as which the program can be run by all.
    let folder = open_folder();
    let program = folder.path().join("server");
    copy_program(&weathered(), &program);
    let nobody = User::from_name(NOBODY).unwrap().unwrap();
    let mut command = Command::new(program);
    command.args(["--user", NOBODY]).current_dir(folder.path());
    std::os::unix::process::CommandExt::uid(&mut command, nobody.uid.as_raw());
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), says);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
#[should_panic = "threads are started by who has given up what it had"]
fn nothing_is_given_up_once_there_are_threads() {
    let options = PrivilegeOptions { user: None, sandbox: false };
    let given_up = options.privileges().unwrap().give_up(&Needs::default());
    unreachable!("this test is a thread: {given_up:?}");
}

#[test]
fn every_thread_is_in_the_sandbox() {
    let server = start(open_folder(), &["--sandbox", "--root", "."]);
    // One that waits for disks has been started, too.
    assert!(ask(&server, "/").starts_with("HTTP/1.1 404 "));
    assert_each_thread(server.child.id(), "NoNewPrivs", "1");
    let free = start(open_folder(), &[]);
    let ours = of_each_thread(std::process::id(), "NoNewPrivs");
    assert_each_thread(free.child.id(), "NoNewPrivs", &ours[0]);
}

#[test]
fn every_thread_is_somebody_else_and_has_nothing_of_roots() {
    if !is_root("every thread becomes somebody else") {
        return;
    }
    // So that the server has some to lose.
    setgroups(&[Gid::from_raw(0), Gid::from_raw(1)]).unwrap();
    let nobody = User::from_name(NOBODY).unwrap().unwrap();
    let cases =
        [(NOBODY.to_owned(), nobody.gid.as_raw()), (format!("{NOBODY}:daemon"), 1)];
    for (user, gid) in cases {
        let folder = open_folder();
        let mut command = Server::command(&weathered(), folder.path());
        command.args(["--host", "127.0.0.1", "--root", ".", "--user", &user]);
        let server = Server::spawn(command, folder);
        assert!(ask(&server, "/").starts_with("HTTP/1.1 404 "));
        let four = |id: u32| [id.to_string().as_str(); 4].join(" ");
        let pid = server.child.id();
        assert_each_thread(pid, "Uid", &four(nobody.uid.as_raw()));
        assert_each_thread(pid, "Gid", &four(gid));
        assert_each_thread(pid, "Groups", "");
        for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
            assert_each_thread(pid, set, "0000000000000000");
        }
        assert_each_thread(pid, "NoNewPrivs", "1");
    }
}

#[test]
fn a_daemon_becomes_somebody_else_as_well() {
    if !is_root("a daemon becomes somebody else") {
        return;
    }
    let folder = open_folder();
    let mut command = Server::command(&weathered(), folder.path());
    command.args(["--daemon", "--pid-file", "pid", "--user", NOBODY]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let pid = fs::read_to_string(folder.path().join("pid")).unwrap();
    let pid: u32 = pid.trim().parse().unwrap();
    let nobody = User::from_name(NOBODY).unwrap().unwrap().uid.to_string();
    assert_each_thread(pid, "Uid", &[&*nobody; 4].join(" "));
    let pid = Pid::from_raw(pid.try_into().unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
}

/// As it is deployed: `ln -sfn` puts another release in the place of one.
#[test]
fn a_root_that_is_a_link_may_lead_elsewhere_tomorrow() {
    for (link, root) in [("current", "current"), ("live", "live/public")] {
        let folder = open_folder();
        let release = |name: &str| folder.path().join("releases").join(name);
        let public = root.strip_prefix(link).unwrap().trim_matches('/');
        for name in ["one", "two"] {
            fs::create_dir_all(release(name).join(public)).unwrap();
            fs::write(release(name).join(public).join("page"), name).unwrap();
        }
        let (from, old) = (folder.path().join(link), folder.path().join("old"));
        symlink(release("one"), &from).unwrap();
        symlink(release("two"), &old).unwrap();
        let server = start(folder, &["--sandbox", "--root", root]);
        assert!(ask(&server, "/page").ends_with("one"));
        fs::rename(&old, &from).unwrap();
        wait_for(|| ask(&server, "/page").ends_with("two"));
    }
}

/// A folder that is moved to where the root was is one that nobody has allowed.
#[test]
fn a_folder_that_is_moved_into_the_roots_place_is_refused() {
    if !has_sandbox() {
        return;
    }
    let folder = open_folder();
    let [old, new] = ["old", "new"].map(|it| folder.path().join(it));
    for it in [&old, &new] {
        fs::create_dir(it).unwrap();
        fs::write(it.join("page"), "a page").unwrap();
    }
    let server = start(folder, &["--sandbox", "--root", "old"]);
    assert!(ask(&server, "/page").starts_with("HTTP/1.1 200 "));
    fs::rename(&old, old.with_file_name("older")).unwrap();
    fs::rename(&new, &old).unwrap();
    wait_for(|| ask(&server, "/page").starts_with("HTTP/1.1 403 "));
}

/// Waits for what comes of itself, within a second or so.
fn wait_for(mut is_so: impl FnMut() -> bool) {
    let patience = std::time::Instant::now() + crate::support::PATIENCE;
    while !is_so() {
        assert!(std::time::Instant::now() < patience, "it never comes to that");
    }
}

const IN_USE: &str = "has another certificate, in use from now on";
const KEPT: &str = "the certificate is still the one from before";

/// Certificates are renewed as certbot does it, by links to files of other names.
#[test]
fn what_is_replaced_is_had_anew_in_the_sandbox_too() {
    let folder = open_folder();
    let made = Server::start(&weathered());
    fs::create_dir_all(folder.path().join("archive")).unwrap();
    let path = |name: &str| folder.path().join(name);
    let renew = |number: u32, certs: &Path| {
        for name in ["cert", "key"] {
            let file = path("archive").join(format!("{name}{number}.pem"));
            fs::copy(certs.join(format!("{name}.pem")), &file).unwrap();
            symlink(file, path("next")).unwrap();
            fs::rename(path("next"), path(&format!("{name}.pem"))).unwrap();
        }
    };
    renew(1, &made.folder.path().join("certs"));
    fs::create_dir(path("logs")).unwrap();
    let [cert, key, pid_file] = ["cert.pem", "key.pem", "pid"].map(path);
    let [log, access_log] = ["log", "access"].map(|it| path("logs").join(it));
    let mut command = Server::command(&weathered(), folder.path());
    command.args(["--host", "127.0.0.1", "--sandbox"]);
    command.arg("--cert").arg(&cert).arg("--key").arg(&key);
    command.arg("--log").arg(&log).arg("--access-log").arg(&access_log);
    command.arg("--pid-file").arg(&pid_file);
    let mut server = Server::spawn(command, open_folder());
    for file in [&log, &access_log] {
        fs::rename(file, file.with_extension("old")).unwrap();
    }
    renew(2, &Server::start(&weathered()).folder.path().join("certs"));
    server.signal(Signal::HUP);
    let said = || fs::read_to_string(&log).unwrap_or_default();
    wait_for(|| said().contains(IN_USE));
    ask(&server, "/");
    let asked = fs::read_to_string(&access_log).unwrap();
    assert!(asked.contains("\"GET / HTTP/1.0\" 200"), "{asked}");
    server.signal(Signal::TERM);
    server.wait();
    assert!(!pid_file.exists(), "{}", said());
}

/// What root had opened stays open. What only root could open again is not to be had
/// any more, which is said, and the server goes on with what it has.
#[test]
fn what_only_root_can_open_stays_as_it_was() {
    if !is_root("what only root can open stays as it was") {
        return;
    }
    let folder = open_folder();
    let path = |name: &str| folder.path().join(name);
    let mut command = Server::command(&weathered(), folder.path());
    command.args(["--host", "127.0.0.1", "--user", NOBODY]);
    command.args(["--access-log", "access", "--pid-file", "pid"]);
    let mut server = Server::spawn(command, open_folder());
    ask(&server, "/");
    fs::rename(path("access"), path("access.old")).unwrap();
    server.signal(Signal::HUP);
    let said = server.wait_for(|said| said.contains(KEPT));
    let denied = Error::from(ErrorKind::PermissionDenied).kind().to_string();
    let says = |what: &str| {
        let mut lines = said.lines().map(str::to_ascii_lowercase);
        lines.any(|line| line.contains(what) && line.contains(&denied))
    };
    assert!(says("cannot open the access log"), "{said}");
    assert!(says("certs/key.pem cannot be read"), "{said}");
    ask(&server, "/");
    let asked = fs::read_to_string(path("access.old")).unwrap();
    assert_eq!(asked.lines().count(), 2, "the old one is written to: {asked}");
    assert!(!path("access").exists());
    server.signal(Signal::TERM);
    server.wait();
    // The folder is root's, so the file is still there, and names nobody.
    assert_eq!(fs::read_to_string(path("pid")).unwrap(), "");
    let again = Server::command(&weathered(), folder.path())
        .args(["--pid-file", "pid", "--daemon"])
        .output();
    assert!(again.unwrap().status.success(), "nobody holds the pid file");
    let pid = fs::read_to_string(path("pid")).unwrap().trim().parse().unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::TERM).unwrap();
}

#[test]
fn a_signal_that_was_ignored_is_ignored_in_the_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let mut command =
        Server::command_after("trap '' HUP", &weathered(), folder.path());
    command.args(["--host", "127.0.0.1", "--sandbox"]);
    let server = Server::spawn(command, folder);
    let ignored = of_each_thread(server.child.id(), "SigIgn");
    let is_ignored =
        |mask: &String| u64::from_str_radix(mask, 16).unwrap() & 1 == 1;
    assert!(ignored.iter().all(is_ignored), "{ignored:?}");
}
