//! Files for a server to serve: a tree of proctor's own, with what servers stumble over.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

/// A folder whose files are to be served, and what lies around it and is not.
#[derive(Debug)]
pub struct Tree {
    folder: TempDir,
}

/// Files that anybody may have: their names, and what is in them.
pub const FILES: &[(&str, &str)] = &[
    ("a.txt", "a\n"),
    ("a b.txt", "a space\n"),
    ("\u{fc}.txt", "an umlaut\n"),
    ("100%.txt", "a percent sign\n"),
    ("a%62.txt", "a percent sign that is not to be decoded\n"),
    ("plus+.txt", "a plus\n"),
    ("semi;colon=1.txt", "a semicolon\n"),
    ("what?.txt", "a question mark\n"),
    ("number#.txt", "a number sign\n"),
    ("empty.txt", ""),
    ("folder/index.html", "<title>folder</title>\n"),
    ("folder/inner.txt", "inner\n"),
    ("bare/file.txt", "file\n"),
    ("bare/<b>&\".txt", "marks\n"),
    ("bare/what?#%41.txt", "marks of a URI\n"),
    ("bare/<i>/file.txt", "a folder of marks\n"),
    ("a/b c;d=e/@:", "a long way\n"),
    (".well-known/hello.txt", "hello\n"),
    ("style.css", "p { color: red }\n"),
    ("script.js", "let a = 1;\n"),
    ("page.html", "<title>page</title>\n"),
    ("data.json", "{}\n"),
    ("image.png", "\u{1}no image\n"),
    ("image.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>\n"),
    ("UPPER.TXT", "upper case\n"),
    ("back\\slash.txt", "a backslash\n"),
    ("back\\folder/index.html", "<title>a backslash</title>\n"),
    ("script.min.js", "let b = 2;\n"),
    ("archive.tar.gz", "as if packed\n"),
    ("unknown.unknownx", "<script>alert(1)</script>\n"),
    ("bare/deep/file.txt", "deep\n"),
    ("bare/mail:to.txt", "a colon\n"),
    ("coded.txt", "plain\n"),
    ("coded.txt.gz", "as if by gzip\n"),
    ("coded.txt.br", "as if by Brotli\n"),
    ("spoiled.txt", "beside what leads elsewhere\n"),
    ("locked.txt", "beside what is locked\n"),
    ("a..b.txt", "two dots that lead nowhere\n"),
    ("~tilde.txt", "a tilde\n"),
    ("-dash.txt", "a dash\n"),
    ("it's.txt", "an apostrophe\n"),
    ("a&b=c,d.txt", "marks of a query\n"),
    ("[1]{2}.txt", "brackets\n"),
    (" space.txt", "a space in front\n"),
    ("e\u{301}.txt", "an accent of its own\n"),
    ("\u{1f9ed}.txt", "four bytes of UTF-8\n"),
    ("1/2/3/4/5/6/7/8/9/10/file.txt", "ten folders down\n"),
    ("a folder/index.html", "<title>a space</title>\n"),
    ("\u{fc}ber/index.html", "<title>an umlaut</title>\n"),
    ("crooked/straight.txt", "beside what leads nowhere\n"),
    ("bare/a space.txt", "a space in a listing\n"),
    ("css", "a name, and no extension\n"),
    ("gzipped.txt", "plain, beside one coding\n"),
    ("gzipped.txt.gz", "as if by gzip, and nothing else\n"),
    ("bare/\u{e9}.txt", "two bytes of UTF-8 in a listing\n"),
    ("beside.txt", "beside a folder\n"),
    ("beside.txt.gz/file.txt", "in a folder that is called as if by gzip\n"),
    ("leads/index.html", "<title>beside what leads out</title>\n"),
];

/// Links that lead to nothing.
pub const NOWHERE: [&str; 2] = ["nowhere.txt", "circle.txt"];

/// A file whose sibling, as if by gzip, is a link out of the root.
pub const SPOILED: &str = "spoiled.txt";

/// A file whose sibling, as if by gzip, is a folder.
pub const BESIDE: &str = "beside.txt";

/// A file whose sibling, as if by gzip, may be read by nobody.
pub const LOCKED: &str = "locked.txt";

/// Files that nobody may have, within the root.
const HIDDEN: &[&str] = &[
    ".hidden",
    ".folder/file.txt",
    "folder/.hidden",
    "bare/.htaccess",
    "key.pem",
    "folder/HOST-KEY.PEM",
];

/// A named pipe: who opens it waits for somebody to write, and nobody does.
pub const PIPE: &str = "pipe";

/// What is in files that nobody may have.
pub const SECRET: &str = "nobody may have this";

/// The file that the root shows.
const INDEX: &str = "<!DOCTYPE html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>A tree</title>
<p>This is what proctor plants \u{2014} for whoever serves files to serve them, and no
others. It is long enough for ranges to be cut out of it here and there, to its end.
";

impl Tree {
    /// Plants one, in a folder that goes when it does.
    ///
    /// # Errors
    /// If a file can't be made.
    pub fn plant() -> io::Result<Tree> {
        let tree = Tree { folder: tempfile::tempdir()? };
        let root = tree.root();
        write(&root.join("index.html"), INDEX.as_bytes())?;
        for (name, text) in FILES {
            write(&root.join(name), text.as_bytes())?;
        }
        write(&root.join("long.bin"), &long())?;
        for name in HIDDEN {
            write(&root.join(name), SECRET.as_bytes())?;
        }
        // Beside it, one with a name that begins as the root's does.
        for name in ["secret.txt", "root2/secret.txt"] {
            write(&tree.folder.path().join(name), SECRET.as_bytes())?;
        }
        write(&root.join("future.txt"), b"from tomorrow\n")?;
        let tomorrow = SystemTime::now() + Duration::from_secs(24 * 60 * 60);
        let future = File::options().write(true).open(root.join("future.txt"))?;
        future.set_modified(tomorrow)?;
        symlink("../secret.txt", root.join("outside.txt"))?;
        symlink("..", root.join("out"))?;
        // And what is served unasked: an index, alone and coded, and a page for errors.
        fs::create_dir(root.join("lead"))?;
        symlink("../../secret.txt", root.join("lead/index.html"))?;
        symlink("../../secret.txt", root.join("leads/index.html.gz"))?;
        symlink("../secret.txt", root.join("404.html"))?;
        symlink("none", root.join(NOWHERE[0]))?;
        symlink(NOWHERE[1], root.join(NOWHERE[1]))?;
        fs::create_dir(root.join("hollow"))?;
        write(&root.join("new\nline/index.html"), b"<title>two lines</title>\n")?;
        symlink("none", root.join("crooked").join(NOWHERE[0]))?;
        symlink(NOWHERE[1], root.join("crooked").join(NOWHERE[1]))?;
        pipe(&root.join("crooked").join(PIPE))?;
        symlink("../secret.txt", root.join(SPOILED).with_extension("txt.gz"))?;
        symlink("none", root.join(SPOILED).with_extension("txt.br"))?;
        let locked = root.join(LOCKED).with_extension("txt.gz");
        write(&locked, SECRET.as_bytes())?;
        fs::set_permissions(&locked, Permissions::from_mode(0o000))?;
        // Elsewhere a name is UTF-8, and a file of another can't be made.
        if cfg!(target_os = "linux") {
            let name = OsStr::from_bytes(b"bare/bytes\xff.txt");
            write(&root.join(name), b"a name of bytes\n")?;
        }
        pipe(&root.join(PIPE))?;
        Ok(tree)
    }

    /// The folder to be served.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }
}

/// Makes a named pipe, by the command that every Unix has: not every Unix has the call that
/// we could make.
fn pipe(path: &Path) -> io::Result<()> {
    match Command::new("mkfifo").arg(path).status()?.success() {
        true => Ok(()),
        false => Err(io::Error::other("mkfifo can't make a named pipe")),
    }
}

/// A file of 300 KB, in which each piece is another.
pub fn long() -> Vec<u8> {
    (0..300_000_u32).map(|at| (at % 251) as u8).collect()
}

/// When what is planted was changed last: long enough ago for a date to be exact.
pub fn modified() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000)
}

/// Makes a file, and the folders on the way.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, bytes)?;
    File::options().write(true).open(path)?.set_modified(modified())
}
