//! Part 6: a tree of files, and what is asked of it.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{CWD, Mode, mkfifoat};
use rustix::process::Signal;

use crate::support::{Client, Server, copy_program, visible};

/// A server of a folder that `fill` has filled; beside the folder lies a secret.
fn serve(options: &[&str], fill: impl FnOnce(&Path)) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    fs::create_dir(&root).unwrap();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    fill(&root);
    let mut command = Server::command("part6", folder.path());
    command.args(["--host", "127.0.0.1", "--root", "root"]).args(options);
    Server::spawn(command, folder)
}

/// A response in the clear: its head, line by line, and its body.
struct Answer {
    head: Vec<String>,
    body: Vec<u8>,
}

impl Answer {
    fn status(&self) -> u16 {
        self.head[0][9..12].parse().unwrap()
    }

    fn field(&self, name: &str) -> Option<&str> {
        let line = |line: &'_ String| line.starts_with(&format!("{name}: "));
        self.head.iter().find(|it| line(it)).map(|line| &line[name.len() + 2..])
    }
}

/// Asks on a connection of its own; over TLS it is the same.
fn ask(server: &Server, method: &str, target: &str, fields: &str) -> Answer {
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\n{fields}Connection: close\r\n\r\n"
    );
    let answers = Client::of_each_port(server).into_iter().map(|client| {
        let received = client.ask(request.as_bytes());
        let end = received.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let head = str::from_utf8(&received[..end]).unwrap();
        let head = head.lines().map(str::to_owned).collect();
        Answer { head, body: received[end + 4..].to_vec() }
    });
    let mut answers: Vec<Answer> = answers.collect();
    let tls = answers.pop().unwrap();
    let clear = answers.pop().unwrap();
    assert_eq!(clear.status(), tls.status());
    if !clear.field("Content-Type").is_some_and(|it| it.starts_with("multipart")) {
        assert_eq!(clear.body, tls.body);
    }
    clear
}

fn get(server: &Server, target: &str, fields: &str) -> Answer {
    ask(server, "GET", target, fields)
}

#[test]
fn files_are_found_by_their_names_decoded_once() {
    let server = serve(&[], |root| {
        for name in
            ["a.txt", "a b.txt", "ü.txt", "100%.txt", "a%62.txt", "x\\y", "q?"]
        {
            fs::write(root.join(name), name).unwrap();
        }
        fs::create_dir(root.join("sub")).unwrap();
        fs::write(root.join("sub/index.html"), "index").unwrap();
        fs::create_dir(root.join(".well-known")).unwrap();
        fs::write(root.join(".well-known/x"), "known").unwrap();
        fs::write(root.join("empty"), "").unwrap();
    });
    for (target, name) in [
        ("/a.txt", "a.txt"),
        ("/a.txt?query", "a.txt"),
        ("/%61.txt", "a.txt"),
        ("http://localhost/a.txt", "a.txt"),
        ("/a%20b.txt", "a b.txt"),
        ("/%C3%BC.txt", "ü.txt"),
        ("/100%25.txt", "100%.txt"),
        ("/a%2562.txt", "a%62.txt"),
        ("/x%5cy", "x\\y"),
        ("/q%3F", "q?"),
        ("/sub/", "index"),
        ("/sub/index.html", "index"),
        ("/.well-known/x", "known"),
        ("/empty", ""),
    ] {
        let answer = get(&server, target, "");
        assert_eq!(answer.status(), 200, "{target}");
        assert_eq!(answer.body, name.as_bytes(), "{target}");
        let head = ask(&server, "HEAD", target, "");
        assert_eq!((head.status(), head.body.len()), (200, 0), "{target}");
        assert_eq!(head.field("Content-Length"), answer.field("Content-Length"));
    }
}

#[test]
fn nothing_outside_the_root_and_nothing_hidden_is_served() {
    let server = serve(&["--listing"], |root| {
        fs::create_dir_all(root.join("sub/deep")).unwrap();
        fs::write(root.join(".hidden"), "secret").unwrap();
        fs::write(root.join("key.pem"), "secret").unwrap();
        fs::write(root.join("rootCA-key.pem"), "secret").unwrap();
        fs::write(root.join("file"), "file").unwrap();
        symlink("../secret.txt", root.join("up")).unwrap();
        symlink("/etc/passwd", root.join("passwd")).unwrap();
        symlink("/", root.join("slash")).unwrap();
        symlink("../../..", root.join("sub/out")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        symlink("nowhere", root.join("dangling")).unwrap();
        symlink("/dev/zero", root.join("zero")).unwrap();
        symlink("../file", root.join("sub/inside")).unwrap();
        mkfifoat(CWD, root.join("fifo"), Mode::RWXU).unwrap();
    });
    let socket = server.folder.path().join("root/socket");
    let _socket = std::os::unix::net::UnixListener::bind(&socket)
        .unwrap_or_else(|error| panic!("{}: {error}", socket.display()));
    let inside = get(&server, "/sub/inside", "");
    assert_eq!((inside.status(), &inside.body[..]), (200, &b"file"[..]));
    for target in [
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/..%5csecret.txt",
        "/..\\secret.txt",
        "/%252e%252e/secret.txt",
        "/..%252fsecret.txt",
        "/..%c0%afsecret.txt",
        "/%c0%ae%c0%ae/secret.txt",
        "/..;/secret.txt",
        "/sub/..%00/secret.txt",
        "/file%00.txt",
        "/file%00",
        "/sub%2finside",
        "/%2fetc/passwd",
        "/file/",
        "/file/x",
        "/.hidden",
        "/%2ehidden",
        "/key.pem",
        "/KEY.PEM",
        "/Key.pem.",
        "/key.pem%20",
        "/key.pem::$DATA",
        "/ke%E2%80%8By.pem",
        "/%E2%80%8C.hidden",
        "/rootCA-key.pem",
        "/rootCA%2dkey.pem",
        "/up",
        "/passwd",
        "/slash/etc/passwd",
        "/sub/out/",
        "/loop",
        "/dangling",
        "/zero",
        "/fifo",
        "/socket",
        "/nothing",
        &format!("/{}", "x".repeat(5000)),
        &format!("/{}x", "x/".repeat(2500)),
    ] {
        let answer = get(&server, target, "");
        assert!(
            matches!(answer.status(), 403 | 404),
            "{target}: {}",
            answer.status()
        );
        let body = String::from_utf8(answer.body).unwrap();
        assert!(
            !body.contains("secret") && !body.contains("root:"),
            "{target}: {body}"
        );
    }
    let listing = String::from_utf8(get(&server, "/", "").body).unwrap();
    for name in [
        ".hidden",
        "key.pem",
        "rootCA-key.pem",
        "up",
        "passwd",
        "slash",
        "zero",
        "fifo",
        "dangling",
        "socket",
    ] {
        assert!(!listing.contains(&format!("\"./{name}\"")), "{name}: {listing}");
    }
    assert!(
        listing.contains("\"./file\"") && listing.contains("\"./sub/\""),
        "{listing}"
    );
}

/// Root may read everything, so that the server must be somebody else's.
#[test]
fn what_the_server_may_not_read_is_forbidden() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    fs::create_dir(&root).unwrap();
    fs::write(root.join("open"), "open").unwrap();
    fs::write(root.join("locked"), "secret").unwrap();
    let locked = fs::Permissions::from_mode(0o000);
    fs::set_permissions(root.join("locked"), locked).unwrap();
    let mut command = Server::command("part6", folder.path());
    if rustix::process::geteuid().is_root() {
        const NOBODY: u32 = 65534;
        // Who they are may not get as far as the folder of the program.
        let program = folder.path().join("part6");
        copy_program("part6", &program);
        let arguments: Vec<_> = command.get_args().map(OsStr::to_owned).collect();
        command = Command::new(&program);
        command.args(arguments).current_dir(folder.path()).uid(NOBODY).gid(NOBODY);
        for path in [folder.path(), &root, &root.join("open"), &root.join("locked")]
        {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    command.args(["--host", "127.0.0.1", "--root", "root"]);
    let server = Server::spawn(command, folder);
    assert_eq!(get(&server, "/open", "").status(), 200);
    let answer = get(&server, "/locked", "");
    assert_eq!(answer.status(), 403);
    assert!(!String::from_utf8(answer.body).unwrap().contains("secret"));
}

#[test]
fn a_folder_is_a_folder_with_its_slash_alone() {
    let server = serve(&[], |root| {
        fs::create_dir_all(root.join("a b/c")).unwrap();
    });
    for (target, location) in [
        ("/a%20b", "/a%20b/"),
        ("/a%20b/c?x=/y", "/a%20b/c/?x=/y"),
        ("/a%20b?", "/a%20b/?"),
        ("http://localhost/a%20b", "/a%20b/"),
    ] {
        let answer = get(&server, target, "");
        assert_eq!(answer.status(), 301, "{target}");
        assert_eq!(answer.field("Location"), Some(location));
    }
    assert_eq!(
        get(&server, "/a%20b/", "").status(),
        404,
        "no index, and no listing"
    );
}

#[test]
fn media_types_come_from_the_extension() {
    let types = [
        ("x.html", "text/html; charset=utf-8"),
        ("x.css", "text/css; charset=utf-8"),
        ("x.js", "text/javascript; charset=utf-8"),
        ("x.txt", "text/plain; charset=utf-8"),
        ("x.json", "application/json"),
        ("x.svg", "image/svg+xml"),
        ("x.PNG", "image/png"),
        ("x.webm", "video/webm"),
        ("x.woff2", "font/woff2"),
        ("x.wasm", "application/wasm"),
        ("x.tar.gz", "application/gzip"),
        ("x.unheard-of", "application/octet-stream"),
        ("x", "application/octet-stream"),
    ];
    let server = serve(&[], |root| {
        types.iter().for_each(|(name, _)| fs::write(root.join(name), "x").unwrap());
    });
    for (name, media_type) in types {
        let answer = get(&server, &format!("/{name}"), "");
        assert_eq!(answer.field("Content-Type"), Some(media_type), "{name}");
        assert_eq!(answer.field("Content-Encoding"), None, "{name}");
    }
}

#[test]
fn what_is_compressed_already_goes_to_those_who_take_it() {
    let server = serve(&[], |root| {
        for (name, text) in [
            ("x.css", "plain"),
            ("x.css.gz", "gzip"),
            ("x.css.br", "br"),
            ("y.css", "plain"),
            ("index.html", "plain"),
            ("index.html.zst", "zstd"),
        ] {
            fs::write(root.join(name), text).unwrap();
        }
        fs::create_dir(root.join("y.css.gz")).unwrap();
    });
    for (target, accept, body, coding) in [
        ("/x.css", "gzip, br", "br", Some("br")),
        ("/x.css", "gzip", "gzip", Some("gzip")),
        ("/x.css", "gzip;q=1, br;q=0.5", "gzip", Some("gzip")),
        ("/x.css", "zstd", "plain", None),
        ("/x.css", "identity", "plain", None),
        ("/", "zstd", "zstd", Some("zstd")),
    ] {
        let answer =
            get(&server, target, &format!("Accept-Encoding: {accept}\r\n"));
        assert_eq!(str::from_utf8(&answer.body).unwrap(), body, "{accept}");
        assert_eq!(answer.field("Content-Encoding"), coding, "{accept}");
        assert_eq!(answer.field("Vary"), Some("Accept-Encoding"), "{accept}");
        let media_type = answer.field("Content-Type").unwrap();
        assert!(media_type.starts_with("text/"), "{media_type}");
    }
    let plain = get(&server, "/x.css", "");
    let coded = get(&server, "/x.css", "Accept-Encoding: gzip\r\n");
    assert_ne!(
        plain.field("ETag"),
        coded.field("ETag"),
        "these are not the same bytes"
    );
    assert_eq!(plain.field("Vary"), Some("Accept-Encoding"));
    let alone = get(&server, "/y.css", "Accept-Encoding: gzip\r\n");
    assert_eq!(
        (alone.field("Vary"), alone.field("Content-Encoding")),
        (None, None)
    );
    let neither = get(&server, "/y.css", "Accept-Encoding: identity;q=0\r\n");
    assert_eq!(neither.status(), 406);
    let tag = coded.field("ETag").unwrap();
    let fields = format!("Accept-Encoding: gzip\r\nIf-None-Match: {tag}\r\n");
    let again = get(&server, "/x.css", &fields);
    assert_eq!(again.status(), 304);
    for name in ["ETag", "Vary", "Date"] {
        assert!(again.field(name).is_some(), "{name}");
    }
    // What the client has been told is not told again (RFC 9110 section 15.4.5).
    for name in
        ["Content-Length", "Content-Encoding", "Accept-Ranges", "Content-Type"]
    {
        assert_eq!(again.field(name), None, "{name}");
    }
    let fields = format!("If-None-Match: {tag}\r\n");
    assert_eq!(get(&server, "/x.css", &fields).status(), 200, "not that one");
}

#[test]
fn an_entity_tag_changes_with_the_file_within_a_second_and_not_from_machine_to_machine()
 {
    let server = serve(&[], |root| fs::write(root.join("x"), "one").unwrap());
    let path = server.folder.path().join("root/x");
    let second = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let set = |path: &Path, date| {
        File::options().write(true).open(path).unwrap().set_modified(date).unwrap()
    };
    set(&path, second);
    let before = get(&server, "/x", "");
    fs::write(&path, "two").unwrap();
    set(&path, second + Duration::from_nanos(1));
    let after = get(&server, "/x", "");
    assert_eq!(before.field("Last-Modified"), after.field("Last-Modified"));
    assert_ne!(before.field("ETag"), after.field("ETag"));
    assert_eq!(get(&server, "/x", "").field("ETag"), after.field("ETag"));

    let other = serve(&[], |root| {
        fs::write(root.join("something else"), "x").unwrap();
        fs::write(root.join("x"), "two").unwrap();
        set(&root.join("x"), second + Duration::from_nanos(1));
    });
    assert_eq!(get(&other, "/x", "").field("ETag"), after.field("ETag"));

    let tag = before.field("ETag").unwrap();
    let range = format!("Range: bytes=0-0\r\nIf-Range: {tag}\r\n");
    assert_eq!(
        get(&server, "/x", &range).status(),
        200,
        "the rest of another file is no rest"
    );
    let tag = after.field("ETag").unwrap();
    let range = format!("Range: bytes=0-0\r\nIf-Range: {tag}\r\n");
    let part = get(&server, "/x", &range);
    assert_eq!((part.status(), &part.body[..]), (206, &b"t"[..]));
    let date = httpdate::fmt_http_date(second);
    let range = format!("Range: bytes=1-\r\nIf-Range: {date}\r\n");
    assert_eq!(get(&server, "/x", &range).body, b"wo");
}

/// `gzip -k` and its like give what they make the date of what it is made of.
#[test]
fn codings_of_one_date_and_one_length_have_tags_of_their_own() {
    let names = ["x", "x.gz", "x.br", "x.zst"];
    let server = serve(&[], |root| {
        for name in names {
            fs::write(root.join(name), "as long as others").unwrap();
            let file = File::options().write(true).open(root.join(name)).unwrap();
            file.set_modified(UNIX_EPOCH + Duration::from_secs(1)).unwrap();
        }
    });
    let tags = ["identity", "gzip", "br", "zstd"].map(|coding| {
        let answer = get(&server, "/x", &format!("Accept-Encoding: {coding}\r\n"));
        answer.field("ETag").unwrap().to_owned()
    });
    for (index, tag) in tags.iter().enumerate() {
        assert!(!tags[..index].contains(tag), "{tags:?}");
    }
    let [_, gzip, ..] = &tags;
    let known = format!("Accept-Encoding: br\r\nIf-None-Match: {gzip}\r\n");
    assert_eq!(get(&server, "/x", &known).status(), 200);
}

#[test]
fn a_date_that_is_yet_to_come_is_now() {
    let server = serve(&[], |root| {
        let file = File::create(root.join("x")).unwrap();
        file.set_modified(SystemTime::now() + Duration::from_secs(86_400)).unwrap();
    });
    let answer = get(&server, "/x", "");
    let date =
        |name| httpdate::parse_http_date(answer.field(name).unwrap()).unwrap();
    assert!(date("Last-Modified") <= date("Date"));
}

#[test]
fn several_parts_come_with_heads_of_their_own() {
    let long = "0123456789".repeat(100_000);
    let server = serve(&[], |root| fs::write(root.join("x.txt"), &long).unwrap());
    let answer = get(&server, "/x.txt", "Range: bytes=0-4, 500000-699999, -3\r\n");
    assert_eq!(answer.status(), 206);
    let media_type = answer.field("Content-Type").unwrap();
    let boundary =
        media_type.strip_prefix("multipart/byteranges; boundary=").unwrap();
    let part = |range: &str, text: &str| {
        format!(
            "\r\n--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n\
                 Content-Range: bytes {range}/1000000\r\n\r\n{text}"
        )
    };
    let expected = part("0-4", "01234")
        + &part("500000-699999", &long[..200_000])
        + &part("999997-999999", "789")
        + &format!("\r\n--{boundary}--\r\n");
    assert!(answer.body == expected.as_bytes(), "{}", visible(&answer.body[..500]));
    assert_eq!(answer.field("Content-Length"), Some(&*expected.len().to_string()));
    assert_eq!(answer.field("Content-Range"), None);
    let other = get(&server, "/x.txt", "Range: bytes=0-4,7-8\r\n");
    assert_ne!(other.field("Content-Type").unwrap(), media_type);
    let whole = get(&server, "/x.txt", "Range: bytes=0-4,3-8\r\n");
    assert_eq!((whole.status(), whole.body.len()), (200, long.len()));
    let none = get(&server, "/x.txt", "Range: bytes=1000000-\r\n");
    assert_eq!(none.status(), 416);
    assert_eq!(none.field("Content-Range"), Some("bytes */1000000"));
}

#[test]
fn a_file_that_changes_while_it_is_sent_never_breaks_the_framing() {
    const LENGTH: u64 = 64 << 20;
    let server = serve(&[], |root| {
        for name in ["shrinks", "grows", "goes"] {
            File::create(root.join(name)).unwrap().set_len(LENGTH).unwrap();
        }
    });
    let begin = |name: &str| {
        let mut client = Client::clear(server.addresses[0]);
        let request = format!("GET /{name} HTTP/1.1\r\nHost: a\r\n\r\n");
        client.send(request.as_bytes());
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(client.read(1));
        }
        let promised = format!("\r\nContent-Length: {LENGTH}\r\n");
        assert!(String::from_utf8(head).unwrap().contains(&promised));
        client
    };
    let path = |name: &str| server.folder.path().join("root").join(name);

    let mut client = begin("grows");
    let mut file = File::options().append(true).open(path("grows")).unwrap();
    file.write_all(b"more than was promised").unwrap();
    let body = client.read(LENGTH as usize);
    assert!(body.iter().all(|byte| *byte == 0));
    // Not a byte behind it but what is asked for next.
    client.send(b"HEAD /goes HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(client.read_to_end().starts_with(b"HTTP/1.1 200 OK\r\n"));

    let mut client = begin("goes");
    fs::remove_file(path("goes")).unwrap();
    assert_eq!(
        client.read(LENGTH as usize).len(),
        LENGTH as usize,
        "an open file stays"
    );

    let client = begin("shrinks");
    File::options().write(true).open(path("shrinks")).unwrap().set_len(10).unwrap();
    let Client::Clear(mut stream) = client else { unreachable!() };
    let mut received = Vec::new();
    let outcome = std::io::Read::read_to_end(&mut stream, &mut received);
    let cut = outcome.is_err() || (received.len() as u64) < LENGTH;
    assert!(cut, "it must not be filled up");
    assert!(
        !received.windows(8).any(|w| w == b"HTTP/1.1"),
        "no excuse within a body"
    );
}

#[test]
fn a_listing_is_for_those_who_ask_for_it_and_can_be_sorted() {
    let fill = |root: &Path| {
        fs::create_dir_all(root.join("sub/z dir")).unwrap();
        fs::write(root.join("sub/b <i>\"&'.txt"), "12345").unwrap();
        fs::write(root.join("sub/a:b.txt"), "1").unwrap();
        fs::write(root.join("sub/c"), vec![0; 1500]).unwrap();
        fs::write(root.join("sub").join(OsStr::from_bytes(b"\xff.txt")), "12")
            .unwrap();
    };
    let server = serve(&[], fill);
    assert_eq!(get(&server, "/sub/", "").status(), 404);
    let server = serve(&["--listing"], fill);
    let page = |query: &str| {
        let answer = get(&server, &format!("/sub/{query}"), "");
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.field("Content-Type"), Some("text/html; charset=utf-8"));
        let page = String::from_utf8(answer.body).unwrap();
        assert!(!page.contains("<i>") && !page.contains("<script"), "{page}");
        page
    };
    let links = |page: &str| -> Vec<String> {
        let links = page.split("<a href=\"./").skip(1);
        links.map(|link| link.split('"').next().unwrap().to_owned()).collect()
    };
    let by_name = page("");
    let (folder, a, b, c) =
        ("z%20dir/", "a%3Ab.txt", "b%20%3Ci%3E%22%26%27.txt", "c");
    assert_eq!(links(&by_name), [folder, a, b, c]);
    assert_eq!(links(&page("?sort=-name")), [folder, c, b, a]);
    assert_eq!(links(&page("?sort=size")), [folder, a, b, c]);
    assert_eq!(links(&page("?x&sort=-size")), [folder, c, b, a]);
    assert_eq!(links(&page("?sort=nonsense")), [folder, a, b, c]);
    assert!(by_name.contains("b &lt;i&gt;&quot;&amp;&#39;.txt</a>"), "{by_name}");
    assert!(
        by_name.contains(">1.5 KiB<") && by_name.contains("<title>/sub/</title>")
    );
    for link in links(&by_name) {
        let found = get(&server, &format!("/sub/{link}"), "");
        assert_eq!(found.status(), 200, "what is listed can be had: {link}");
    }
    assert!(
        links(&String::from_utf8(get(&server, "/", "").body).unwrap())
            .contains(&"sub/".into())
    );
}

#[test]
fn methods_are_those_that_make_sense_for_a_file() {
    let server = serve(&[], |root| {
        fs::write(root.join("x"), "x").unwrap();
        fs::write(root.join("echo"), "x").unwrap();
    });
    for (method, target, status, allow) in [
        ("POST", "/x", 405, Some("GET, HEAD, OPTIONS")),
        ("DELETE", "/nothing", 405, Some("GET, HEAD, OPTIONS")),
        ("OPTIONS", "/x", 200, Some("GET, HEAD, OPTIONS")),
        ("OPTIONS", "*", 200, Some("GET, HEAD, OPTIONS")),
        // Where there are files, that is one.
        ("GET", "/echo", 200, None),
        ("POST", "/echo", 405, Some("GET, HEAD, OPTIONS")),
        ("BREW", "/x", 501, None),
    ] {
        let answer = ask(&server, method, target, "");
        assert_eq!(
            (answer.status(), answer.field("Allow")),
            (status, allow),
            "{method} {target}"
        );
    }
}

#[test]
fn clear_text_is_sent_to_tls_for_good() {
    let server =
        Server::start_with("part6", &["--host", "127.0.0.1", "--redirect"]);
    let port = server.addresses[1].port();
    let asked = |request: &str| {
        let text = Client::clear(server.addresses[0]).ask(request.as_bytes());
        let text = String::from_utf8(text).unwrap();
        assert!(!text.contains("Strict-Transport-Security"), "{text}");
        let location =
            text.lines().find_map(|line| line.strip_prefix("Location: "));
        (text[9..12].to_owned(), location.unwrap_or_default().to_owned())
    };
    let (status, location) = asked(
        "GET /a%20b?c=d HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(
        (&*status, location),
        ("308", format!("https://localhost:{port}/a%20b?c=d"))
    );
    let (status, location) = asked(
        "POST /echo HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 2\r\n\
        Connection: close\r\n\r\nhi",
    );
    assert_eq!((&*status, location), ("308", format!("https://[::1]:{port}/echo")));
    let (status, location) = asked("GET / HTTP/1.0\r\n\r\n");
    assert_eq!((&*status, location), ("308", format!("https://127.0.0.1:{port}/")));
    let (status, _) = asked("GET / HTTP/1.1\r\n\r\n");
    assert_eq!(status, "400");
    let secure = Client::of_each_port(&server).pop().unwrap();
    let text = secure
        .ask(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let text = String::from_utf8(text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    assert!(
        !text.contains("Strict-Transport-Security"),
        "not on these ports: {text}"
    );
}

/// A browser that is strict with a host is so on each of its ports (RFC 6797 section
/// 8.3): not with everything on this machine, and not unless somebody wants it.
#[test]
fn browsers_are_strict_with_names_and_only_on_demand() {
    let server = Server::start_with(
        "part6",
        &["--host", "127.0.0.1", "--redirect", "--hsts", "300"],
    );
    for (host, expected) in [
        ("example.com", Some("max-age=300")),
        ("example.com:1972", Some("max-age=300")),
        ("localhost", None),
        ("LOCALHOST.", None),
        ("a.localhost", None),
        ("127.0.0.1", None),
        ("[::1]:7", None),
    ] {
        for (index, client) in Client::of_each_port(&server).into_iter().enumerate()
        {
            let request = format!(
                "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
            );
            let text = String::from_utf8(client.ask(request.as_bytes())).unwrap();
            let said = text
                .lines()
                .find_map(|line| line.strip_prefix("Strict-Transport-Security: "));
            // In the clear nobody could trust it (section 7.2).
            let expected = expected.filter(|_| index == 1);
            assert_eq!(said, expected, "{host} on port {index}");
        }
    }
}

#[test]
fn the_access_log_is_in_the_combined_format_and_can_be_moved_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Server::command("part6", folder.path());
    command.args(["--host", "127.0.0.1", "--access-log", "access.log"]);
    let server = Server::spawn(command, folder);
    let log = server.folder.path().join("access.log");
    let ask = |request: &[u8]| Client::clear(server.addresses[0]).ask(request);
    ask(b"GET /x\"y\\z HTTP/1.0\r\n\r\n");
    ask(b"GET /xy HTTP/1.0\r\nReferer: http://a/\"b\"\r\nUser-Agent: \xff\tcurl\r\n\r\n");
    ask(b"HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    ask(b"junk\r\n");
    ask(b"GET / HTTP/1.7\r\nHost: a\r\nConnection: close\r\n\r\n");
    let lines = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| {
                let (before, rest) = line.split_once('[').unwrap();
                let (date, after) = rest.split_once(']').unwrap();
                assert_eq!(
                    date.len(),
                    "27/Jul/1987:00:00:00 +0000".len(),
                    "{date}"
                );
                format!("{before}[]{after}")
            })
            .collect()
    };
    let text = fs::read_to_string(&log).unwrap();
    assert_eq!(
        lines(&text),
        [
            "127.0.0.1 - - [] \"GET /x\\x22y\\x5cz HTTP/1.0\" 400 73 \"-\" \"-\"",
            "127.0.0.1 - - [] \"GET /xy HTTP/1.0\" 200 1039 \"http://a/\\x22b\\x22\" \"\\xff\\x09curl\"",
            "127.0.0.1 - - [] \"HEAD / HTTP/1.1\" 200 0 \"-\" \"-\"",
            "127.0.0.1 - - [] \"junk\" 400 69 \"-\" \"-\"",
            "127.0.0.1 - - [] \"GET / HTTP/1.7\" 200 1039 \"-\" \"-\"",
        ]
    );
    let moved = log.with_extension("1");
    fs::rename(&log, &moved).unwrap();
    ask(b"GET / HTTP/1.0\r\n\r\n");
    assert_eq!(fs::read_to_string(&moved).unwrap().lines().count(), 6);
    server.signal(Signal::HUP);
    let deadline = std::time::Instant::now() + crate::support::PATIENCE;
    while !log.exists() {
        assert!(std::time::Instant::now() < deadline, "it is not opened again");
        std::thread::yield_now();
    }
    ask(b"GET / HTTP/1.0\r\n\r\n");
    assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), 1);
    assert_eq!(fs::read_to_string(&moved).unwrap().lines().count(), 6);
}

#[test]
fn without_an_access_log_hup_ends_it() {
    let mut server = Server::start("part6");
    server.signal(Signal::HUP);
    assert!(server.wait().success());
}

#[test]
fn what_cannot_be_served_is_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "x").unwrap();
    let run = |arguments: &[&str]| {
        let mut command: Command = Server::command("part6", folder.path());
        let output = command.args(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    for (arguments, code, expected) in [
        (
            &["--root", "nowhere"][..],
            1,
            "error: cannot serve nowhere: No such file",
        ),
        (&["--root", "file"], 1, "error: cannot serve file: Not a directory"),
        (&["--access-log", "nowhere/x"], 1, "error: cannot open the access log "),
        (&["--listing"], 2, "error: "),
    ] {
        let (found, said) = run(arguments);
        let said =
            said.lines().filter(|l| !l.starts_with("minted")).collect::<Vec<_>>();
        assert_eq!(found, code, "{arguments:?}: {said:?}");
        assert!(said[0].starts_with(expected), "{said:?}");
    }
}

#[test]
fn dots_and_empty_segments_lead_to_the_one_path_that_is_meant() {
    let server = serve(&[], |root| {
        fs::create_dir(root.join("sub")).unwrap();
        fs::write(root.join("sub/x"), "x").unwrap();
    });
    fs::write(server.folder.path().join("secret"), "secret").unwrap();
    for (target, location) in [
        ("//sub/x", "/sub/x"),
        ("/sub//x", "/sub/x"),
        ("///sub///x?a=//b", "/sub/x?a=//b"),
        ("/./sub/./x", "/sub/x"),
        ("/sub/../sub/x", "/sub/x"),
        ("/sub/%2e%2E/sub/x", "/sub/x"),
        ("/../sub/x", "/sub/x"),
        ("/../../secret", "/secret"),
        ("/sub/.", "/sub/"),
        ("/sub/..", "/"),
        ("/..", "/"),
        ("//", "/"),
        ("//evil.example/", "/evil.example/"),
        ("//evil.example/..", "/"),
        ("/%2f/..//a%20b", "/a%20b"),
    ] {
        let answer = get(&server, target, "");
        match target {
            // An encoded slash is in nobody's name, whatever comes of it.
            "/%2f/..//a%20b" => assert_eq!(answer.status(), 404),
            _ => {
                assert_eq!(answer.status(), 301, "{target}");
                assert_eq!(answer.field("Location"), Some(location), "{target}");
            }
        }
    }
    assert_eq!(get(&server, "/secret", "").status(), 404);
}

/// A browser takes a backslash for a slash, and two slashes for the beginning of a host.
#[test]
fn no_name_of_a_folder_makes_a_redirect_lead_elsewhere() {
    const NAMES: [&str; 4] = ["\\evil.example", "a\\b", "^{`|}", "\"<>\t"];
    let server = serve(&[], |root| {
        NAMES.iter().for_each(|name| fs::create_dir(root.join(name)).unwrap());
    });
    for (target, location) in [
        ("/\\evil.example", "/%5Cevil.example/"),
        ("/%5Cevil.example", "/%5Cevil.example/"),
        ("/a\\b?c\\d", "/a%5Cb/?c%5Cd"),
        ("/^{`|}", "/%5E%7B%60%7C%7D/"),
        ("/%22%3C%3E%09", "/%22%3C%3E%09/"),
    ] {
        let answer = get(&server, target, "");
        assert_eq!(answer.status(), 301, "{target}");
        assert_eq!(answer.field("Location"), Some(location), "{target}");
    }
}

/// What is the server's own is nobody else's, by whatever name and link it is reached.
#[test]
fn the_servers_own_files_are_not_served_whatever_they_are_called() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Server::command("part6", folder.path());
    command.args(["--host", "127.0.0.1", "--root", ".", "--listing"]);
    command.args(["--log", "a.log", "--access-log", "b.log", "--pid-file", "c"]);
    let server = Server::spawn(command, folder);
    let path = |name: &str| server.folder.path().join(name);
    fs::hard_link(path("certs/key.pem"), path("holiday.jpg")).unwrap();
    symlink("certs/rootCA-key.pem", path("cat.png")).unwrap();
    fs::write(path("d"), "d").unwrap();
    for target in
        ["/a.log", "/b.log", "/c", "/holiday.jpg", "/cat.png", "/certs/key.pem"]
    {
        assert_eq!(get(&server, target, "").status(), 404, "{target}");
    }
    assert_eq!(get(&server, "/d", "").status(), 200);
    assert_eq!(
        get(&server, "/certs/cert.pem", "").status(),
        200,
        "all may know it"
    );
    let listing = String::from_utf8(get(&server, "/", "").body).unwrap();
    for name in ["a.log", "b.log", "\"./c\"", "holiday", "cat.png"] {
        assert!(!listing.contains(name), "{name}: {listing}");
    }

    // A log that was moved away is still one, and so is the new one.
    fs::rename(path("b.log"), path("b.log.1")).unwrap();
    server.signal(Signal::HUP);
    let deadline = std::time::Instant::now() + crate::support::PATIENCE;
    while get(&server, "/b.log", "").status() != 404 || !path("b.log").exists() {
        assert!(std::time::Instant::now() < deadline, "the new log is served");
    }
    assert_eq!(get(&server, "/b.log.1", "").status(), 404);
}

/// Here one that looks as if it were there, and can't be had.
#[test]
fn a_sibling_that_cannot_be_opened_does_not_spoil_the_file_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.css"), "plain").unwrap();
    fs::write(folder.path().join("a.css.br"), "br").unwrap();
    let mut command = Server::command("part6", folder.path());
    command.args(["--host", "127.0.0.1", "--root", "."]);
    command.args(["--access-log", "a.css.gz", "--log", "a.css.zst"]);
    let server = Server::spawn(command, folder);
    for (accept, body) in
        [("gzip", "plain"), ("zstd, gzip", "plain"), ("gzip, br;q=0.5", "br")]
    {
        let answer =
            get(&server, "/a.css", &format!("Accept-Encoding: {accept}\r\n"));
        assert_eq!(answer.status(), 200, "{accept}");
        assert_eq!(str::from_utf8(&answer.body).unwrap(), body, "{accept}");
    }
}

#[test]
fn a_file_that_is_only_there_compressed_is_served_to_those_who_take_that() {
    let server = serve(&[], |root| fs::write(root.join("x.css.gz"), "gz").unwrap());
    for (fields, status) in [
        ("", 200),
        ("Accept-Encoding: gzip\r\n", 200),
        ("Accept-Encoding: br\r\n", 406),
        ("Accept-Encoding: gzip;q=0\r\n", 406),
    ] {
        let answer = get(&server, "/x.css", fields);
        assert_eq!(answer.status(), status, "{fields}");
        let coding = (status == 200).then_some("gzip");
        assert_eq!(answer.field("Content-Encoding"), coding, "{fields}");
    }
    assert_eq!(get(&server, "/x", "").status(), 404);
}

#[test]
fn a_root_that_is_replaced_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    for release in ["one", "two"] {
        fs::create_dir(folder.path().join(release)).unwrap();
        fs::write(folder.path().join(release).join("x"), release).unwrap();
    }
    let current = folder.path().join("current");
    symlink("one", &current).unwrap();
    let mut command = Server::command("part6", folder.path());
    command.args(["--host", "127.0.0.1", "--root", "current"]);
    let server = Server::spawn(command, folder);
    let body = || {
        let request = b"GET /x HTTP/1.0\r\n\r\n";
        let text = Client::clear(server.addresses[0]).ask(request);
        let text = String::from_utf8(text).unwrap();
        text.split("\r\n\r\n").nth(1).unwrap().to_owned()
    };
    let wait_for = |expected: &str| {
        let deadline = std::time::Instant::now() + crate::support::PATIENCE;
        while body() != expected {
            assert!(std::time::Instant::now() < deadline, "{expected} never comes");
        }
    };
    wait_for("one");
    fs::remove_file(&current).unwrap();
    assert_eq!(body(), "one", "for want of another");
    symlink("two", &current).unwrap();
    wait_for("two");
}

#[test]
fn whatever_is_asked_of_an_empty_file_it_is_sent() {
    let server = serve(&[], |root| fs::write(root.join("x"), "").unwrap());
    for range in ["0-", "0-0", "5-9", "-1"] {
        let answer = get(&server, "/x", &format!("Range: bytes={range}\r\n"));
        assert_eq!(answer.status(), 200, "{range}");
        assert_eq!(answer.field("Content-Length"), Some("0"), "{range}");
    }
}

/// Archives that know no times write 0.
#[test]
fn a_date_that_nobody_knew_is_not_told() {
    let server = serve(&[], |root| {
        for (name, seconds) in [("zero", 0), ("one", 1)] {
            fs::write(root.join(name), name).unwrap();
            let file = File::options().write(true).open(root.join(name)).unwrap();
            file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
        }
    });
    let zero = get(&server, "/zero", "");
    assert_eq!(zero.field("Last-Modified"), None);
    let one = get(&server, "/one", "");
    assert_eq!(one.field("Last-Modified"), Some("Thu, 01 Jan 1970 00:00:01 GMT"));
    // What is not told is no condition either, and the tag is good.
    let since = "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n";
    assert_eq!(get(&server, "/zero", since).status(), 200);
    let tag = zero.field("ETag").unwrap();
    let same = format!("If-None-Match: {tag}\r\n");
    assert_eq!(get(&server, "/zero", &same).status(), 304);
}

#[test]
fn part_of_what_the_client_has_is_not_described_again() {
    let server = serve(&[], |root| fs::write(root.join("x.txt"), "0123").unwrap());
    let whole = get(&server, "/x.txt", "");
    let tag = whole.field("ETag").unwrap();
    let range = "Range: bytes=1-2\r\n";
    let known = get(&server, "/x.txt", &format!("{range}If-Range: {tag}\r\n"));
    let new = get(&server, "/x.txt", range);
    for part in [&known, &new] {
        assert_eq!((part.status(), &part.body[..]), (206, &b"12"[..]));
        assert_eq!(part.field("ETag"), Some(tag));
        assert_eq!(part.field("Content-Range"), Some("bytes 1-2/4"));
    }
    for name in ["Content-Type", "Last-Modified", "Accept-Ranges"] {
        assert_eq!(known.field(name), None, "{name}");
        assert!(new.field(name).is_some(), "{name}");
    }
}

#[test]
fn fields_and_cache_control_go_where_they_are_wanted() {
    let options = [
        "--header",
        "X-A: b",
        "--header",
        "X-A:c",
        "--cache-control",
        "html=no-cache",
        "--cache-control",
        ".css=max-age=60, immutable",
        "--cache-control",
        "*=max-age=1",
    ];
    let server = serve(&options, |root| {
        for name in ["index.html", "a.CSS", "b"] {
            fs::write(root.join(name), "x").unwrap();
        }
    });
    for (target, cache_control) in [
        ("/index.html", Some("no-cache")),
        ("/a.CSS", Some("max-age=60, immutable")),
        ("/b", Some("max-age=1")),
        ("/nothing", None),
    ] {
        let answer = get(&server, target, "");
        assert_eq!(answer.field("Cache-Control"), cache_control, "{target}");
        assert_eq!(answer.field("X-A"), Some("b"), "{target}");
    }
    let tag = get(&server, "/b", "").field("ETag").unwrap().to_owned();
    let again = get(&server, "/b", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!(again.status(), 304);
    assert_eq!(again.field("Cache-Control"), Some("max-age=1"));
}

#[test]
fn a_page_of_ones_own_says_that_there_is_nothing() {
    let server = serve(&["--index", "start.htm"], |root| {
        fs::write(root.join("404.html"), "<p>lost?").unwrap();
        fs::write(root.join("start.htm"), "<p>hello").unwrap();
    });
    let lost = get(&server, "/nothing/here", "If-None-Match: *\r\n");
    assert_eq!((lost.status(), &lost.body[..]), (404, &b"<p>lost?"[..]));
    assert_eq!(lost.field("Content-Type"), Some("text/html; charset=utf-8"));
    assert_eq!(lost.field("ETag"), None, "it is no state of what was asked for");
    assert_eq!(get(&server, "/", "").body, b"<p>hello");
    assert_eq!(get(&server, "/404.html", "").status(), 200);
}

#[test]
fn a_site_that_is_one_page_serves_it_wherever_there_is_nothing() {
    let server = serve(&["--fallback", "app/main.html"], |root| {
        fs::create_dir(root.join("app")).unwrap();
        fs::write(root.join("app/main.html"), "app").unwrap();
        fs::write(root.join("404.html"), "lost").unwrap();
        fs::write(root.join("x"), "x").unwrap();
    });
    let page = get(&server, "/any/where?x", "");
    assert_eq!((page.status(), &page.body[..]), (200, &b"app"[..]));
    let tag = page.field("ETag").unwrap();
    let again = get(&server, "/else", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!(again.status(), 304);
    assert_eq!(get(&server, "/x", "").body, b"x");
    assert_eq!(get(&server, "/.hidden", "").body, b"app");
}

/// `cp private.pem new; mv new private.pem` is how keys are renewed.
#[test]
fn a_key_that_is_renewed_is_not_served_and_what_is_gone_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let minted = Server::start("part6");
    let root = folder.path().join("root");
    fs::create_dir(&root).unwrap();
    for (from, to) in [("cert.pem", "c.pem"), ("key.pem", "private.pem")] {
        fs::copy(minted.folder.path().join("certs").join(from), root.join(to))
            .unwrap();
    }
    fs::write(root.join("certs-key.pem.new"), "a draft").unwrap();
    let mut command = Server::command("part6", folder.path());
    command.args(["--host", "127.0.0.1", "--root", "root", "--listing"]);
    command.args(["--cert", "root/c.pem", "--key", "root/private.pem"]);
    let server = Server::spawn(command, folder);
    let ask = |target: &str| {
        let request = format!("GET {target} HTTP/1.0\r\n\r\n");
        let text = Client::clear(server.addresses[0]).ask(request.as_bytes());
        String::from_utf8(text).unwrap()
    };
    for _ in 0..3 {
        assert!(ask("/private.pem").starts_with("HTTP/1.1 404 "));
        assert!(!ask("/").contains("private.pem"));
        let (new, old) = (root.join("new"), root.join("private.pem"));
        fs::copy(&old, &new).unwrap();
        fs::rename(&new, &old).unwrap();
    }
    assert!(ask("/certs-key.pem.new").starts_with("HTTP/1.1 404 "));
    // Some file system gives the number of a file that is gone to the next.
    fs::remove_file(root.join("private.pem")).unwrap();
    fs::write(root.join("page.html"), "hello").unwrap();
    assert!(ask("/page.html").starts_with("HTTP/1.1 200 "));
}

#[test]
fn cache_control_goes_by_the_file_that_is_sent() {
    let options =
        ["--cache-control", "html=no-cache", "--fallback", "/app/index.html"];
    let server = serve(&options, |root| {
        for folder in ["app", "sub"] {
            fs::create_dir(root.join(folder)).unwrap();
            fs::write(root.join(folder).join("index.html"), folder).unwrap();
        }
        fs::write(root.join("a.html"), "a").unwrap();
        fs::write(root.join("a.css"), "a").unwrap();
    });
    for (target, cache_control) in [
        ("/a.html", Some("no-cache")),
        ("/a.%68tml", Some("no-cache")),
        ("/sub/", Some("no-cache")),
        ("/nothing", Some("no-cache")),
        ("/a.css", None),
    ] {
        let answer = get(&server, target, "");
        assert_eq!(answer.status(), 200, "{target}");
        assert_eq!(answer.field("Cache-Control"), cache_control, "{target}");
    }
}

#[test]
fn what_an_option_cannot_mean_is_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for (option, value) in [
        ("--fallback", "nowhere.html"),
        ("--header", "ETag: x"),
        ("--header", "Location: /x"),
        ("--header", "Content-Length: 1"),
        ("--header", "no colon"),
        ("--cache-control", "html="),
        ("--cache-control", "html"),
    ] {
        let mut command = Server::command("part6", folder.path());
        let output = command.args(["--root", ".", option, value]).output().unwrap();
        assert_ne!(output.status.code(), Some(0), "{option} {value}");
        assert!(output.stdout.is_empty(), "{option} {value}");
    }
}

/// Whoever may go through a folder need not be let in to look around.
#[test]
fn a_folder_that_may_only_be_gone_through_shows_its_index() {
    let resolved = |name: &str| {
        let server = serve(&[], |root| {
            fs::create_dir(root.join("sub")).unwrap();
            fs::write(root.join("sub/index.html"), "index").unwrap();
            let mode = fs::Permissions::from_mode(0o311);
            fs::set_permissions(root.join("sub"), mode).unwrap();
        });
        let answer = get(&server, name, "");
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(server.folder.path().join("root/sub"), mode).unwrap();
        answer
    };
    assert_eq!(resolved("/sub/").body, b"index");
    assert_eq!(resolved("/sub").status(), 301);
}

/// In a container with a limit on processes. Root has none, so this is for those who
/// can be somebody else.
#[test]
fn where_no_thread_can_be_had_that_is_said() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("part6");
    copy_program("part6", &program);
    fs::write(folder.path().join("a.txt"), "a").unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    // The main one, one for signals, one for the log, and as many as there are cores.
    let threads = 3 + std::thread::available_parallelism().unwrap().get();
    let mut command = Command::new("prlimit");
    command.arg(format!("--nproc={threads}"));
    command.args(["setpriv", "--reuid", "61972", "--regid", "61972"]);
    command.arg("--clear-groups").arg(program);
    command.args(["--host", "127.0.0.1", "--root", "."]);
    command.args(["--http-port", "0", "--tls-port", "0"]);
    command.current_dir(folder.path());
    let server = Server::spawn(command, folder);
    // What nobody has looked for yet is looked for where a disk may be waited for.
    let get = b"GET /b.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answer = Client::clear(server.addresses[0]).ask(get);
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
}

/// A site, and a path's answers: the one at once, if there is one, and the patient one.
fn both_answers(root: &Path, path: &str) -> [Option<String>; 2] {
    use rohttp::message::{Method, Target};
    use rohttp::site::Site;
    use rohttp::site::files::{Root, Rules};
    let root = Some(Root::open(root, Rules::default()).unwrap());
    let site = Site { root, ..Site::default() };
    let mut request = crate::support::get("Accept-Encoding: gzip\r\n");
    request.target = Target::parse(&Method::Get, path).unwrap();
    // The first time it may have to come from the disk.
    let patient = site.answer(&request);
    let at_once = site.answer_at_once(&request);
    [at_once, Some(patient)].map(|response| {
        let mut response = response?;
        assert!(response.body.load_at_once(100), "it has just been written");
        Some(format!("{response:?}"))
    })
}

/// Whether what is in a folder can be had at once: not every file system can say what it
/// has in memory.
fn is_prompt(folder: &Path) -> bool {
    let folder = File::open(folder).unwrap();
    let kind = rustix::fs::fstatfs(&folder).unwrap().f_type;
    [0xef53, 0x5846_5342, 0x9123_683e].contains(&kind)
}

#[test]
fn what_is_answered_at_once_is_what_is_answered_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    fs::create_dir_all(root.join("sub")).unwrap();
    fs::create_dir_all(root.join("bare")).unwrap();
    for name in ["a.txt", "b.txt", "b.txt.gz", "c.gz", "sub/index.html", ".hidden"]
    {
        fs::write(root.join(name), name).unwrap();
    }
    fs::write(folder.path().join("secret"), "secret").unwrap();
    symlink("a.txt", root.join("inside")).unwrap();
    symlink("../secret", root.join("outside")).unwrap();
    symlink("/proc/version", root.join("elsewhere")).unwrap();
    mkfifoat(CWD, root.join("fifo"), Mode::RWXU).unwrap();
    for (path, is_at_once) in [
        ("/a.txt", true),
        ("/b.txt", true),
        ("/c", true),
        ("/sub", true),
        ("/sub/", true),
        ("/./a.txt", true),
        ("/inside", true),
        ("/outside", false),
        ("/elsewhere", false),
        // That there is nothing is an answer, too.
        ("/bare/", true),
        ("/fifo", true),
        ("/.hidden", true),
        ("/nothing", true),
    ] {
        let [at_once, patient] = both_answers(&root, path);
        assert_eq!(at_once.is_some(), is_at_once && is_prompt(&root), "{path}");
        assert!(at_once.is_none() || at_once == patient, "{path}: {at_once:?}");
    }
    fs::write(root.join("404.html"), "a page of its own").unwrap();
    let [at_once, patient] = both_answers(&root, "/nothing");
    assert_eq!(at_once.is_some(), is_prompt(&root));
    assert!(at_once.is_none() || at_once == patient, "{at_once:?}");
}

/// `/dev/shm` asks nobody, but it is no disk either, and stands for those that would.
#[test]
fn what_lies_on_another_file_system_is_waited_for() {
    use rohttp::site::opening::{NotServed, Opener, Tree, Wait};
    use rohttp::site::own_files::OwnFiles;
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    fs::write(folder.path().join("a.txt"), "a").unwrap();
    let path = folder.path().join("a.txt");
    let path = path.to_str().unwrap().trim_start_matches('/');
    for (folder, name) in [(Path::new("/"), path), (folder.path(), "a.txt")] {
        let (folder, own) = (&Tree::open(folder).unwrap(), &OwnFiles::default());
        let open = |wait| Opener { folder, own, wait }.open(name);
        assert!(open(Wait::ForDisk).is_ok());
        let at_once = open(Wait::Never);
        assert!(matches!(at_once, Err(NotServed::WouldWait)), "{at_once:?}");
    }
}

#[test]
fn an_own_file_is_never_taken_for_another_at_once() {
    use rohttp::site::own_files::OwnFiles;
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new");
    fs::write(&new, "a key").unwrap();
    // Two that nobody has changed in the last seconds.
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let [old, other] = ["LICENSE", "deny.toml"].map(|name| here.join(name));
    let own = OwnFiles::new(vec![old.clone(), new.clone()]);
    let at_once = |path: &Path| own.contain_at_once(&fs::metadata(path).unwrap());
    assert_eq!(at_once(&new), None, "it may have come since somebody looked");
    assert_eq!(at_once(&old), Some(true));
    assert_eq!(at_once(&other), Some(false));
}

#[tokio::test]
async fn work_that_panics_is_an_error_and_its_thread_goes_on() {
    use rohttp::io::disk::{Disk, DiskError};
    let disk = Disk::default();
    assert_eq!(disk.run(|| 7).await.unwrap(), 7);
    let panicked = disk.run(|| panic!("on purpose")).await;
    assert!(matches!(panicked, Err::<(), _>(DiskError::Panicked)));
    assert_eq!(disk.run(|| 8).await.unwrap(), 8, "its thread goes on");
}

/// Reads that never end are waited for by so many, and nobody is kept waiting for them.
#[tokio::test]
async fn a_disk_that_hangs_keeps_others_waiting_for_so_long_and_no_longer() {
    use rohttp::io::disk::{Disk, DiskError};
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    let disk = Arc::new(Disk::default());
    let (answer, never) = channel::<()>();
    let never = Arc::new(std::sync::Mutex::new(never));
    let (begins, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let hangs = |_| {
        let (disk, never, begins) = (disk.clone(), never.clone(), begins.clone());
        tokio::spawn(async move {
            let read = move || {
                begins.send(()).unwrap();
                never.lock().unwrap().recv()
            };
            disk.run(read).await
        })
    };
    let hung: Vec<_> = (0..64).map(hangs).collect();
    for _ in 0..64 {
        begun.recv().await.unwrap();
    }
    let now = tokio::select! {
        biased;
        now = disk.run_now(|| ()) => now,
        () = std::future::ready(()) => panic!("it waits for its turn"),
    };
    assert!(matches!(now, Err(DiskError::Busy)), "{now:?}");
    let busy = tokio::time::timeout(Duration::from_secs(10), disk.run(|| ())).await;
    assert!(matches!(busy, Ok(Err(DiskError::Busy))), "{busy:?}");
    drop(answer);
    for hung in hung {
        assert!(hung.await.unwrap().unwrap().is_err(), "they are let go");
    }
    disk.run(|| ()).await.unwrap();
    disk.run_now(|| ()).await.unwrap();
}
