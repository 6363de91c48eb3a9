//! Small files in memory: one moment's bytes, with what is said of them.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rohttp::message::{Method, Target};
use rohttp::site::Site;
use rohttp::site::files::{Root, Rules};
use rohttp::site::kept::Kept;
use rohttp::site::own_files::OwnFiles;
use tempfile::TempDir;

const MIB: u64 = 1024 * 1024;
const HOUR: Duration = Duration::from_secs(3600);

/// A site that keeps so many bytes, for so long.
fn site(root: &Path, fresh: Duration, most: u64) -> Site {
    let root = Some(Root::open(root, Rules::default()).unwrap());
    Site { root, kept: Some(Kept::new(fresh, most)), ..Site::default() }
}

/// The status, the entity tag and the bytes of what is at a path, to a client who takes
/// a coding.
fn get(site: &Site, path: &str, coding: &str) -> (u16, String, Vec<u8>) {
    let mut request =
        crate::support::get(&format!("Accept-Encoding: {coding}\r\n"));
    request.target = Target::parse(&Method::Get, path).unwrap();
    let mut response = site.answer(&request);
    response.body.load(MIB).unwrap();
    let tag = response.headers.iter().find(|(name, _)| name.as_str() == "ETag");
    let tag = tag.map_or_else(String::new, |(_, value)| format!("{value:?}"));
    let mut bytes = Vec::new();
    while let Some(piece) = response.body.next(usize::MAX) {
        match piece {
            rohttp::resource::content::Piece::Bytes(more) => bytes.extend(more),
            other => panic!("{other:?} is not loaded"),
        }
    }
    (response.status.code(), tag, bytes)
}

/// The same, once it is kept: whoever asks first has it looked for.
fn get_kept(site: &Site, path: &str) -> (u16, String, Vec<u8>) {
    get(site, path, "identity");
    get(site, path, "identity")
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn what_is_kept_stays_whole_whoever_writes_to_its_file() {
    let folder = folder();
    let file = folder.path().join("a");
    fs::write(&file, "as it was").unwrap();
    let site = site(folder.path(), HOUR, MIB);
    let before = get_kept(&site, "/a");
    assert_eq!(before.2, b"as it was");
    // In place, replaced, and gone.
    fs::write(&file, "longer than it was").unwrap();
    assert_eq!(get(&site, "/a", "identity"), before);
    fs::write(folder.path().join("b"), "short").unwrap();
    fs::rename(folder.path().join("b"), &file).unwrap();
    assert_eq!(get(&site, "/a", "identity"), before);
    fs::remove_file(&file).unwrap();
    assert_eq!(get(&site, "/a", "identity"), before);
}

#[test]
fn what_was_kept_for_its_time_is_looked_at_again() {
    let folder = folder();
    let file = folder.path().join("a");
    fs::write(&file, "as it was").unwrap();
    let site = site(folder.path(), Duration::from_millis(50), MIB);
    let kept = Instant::now();
    let before = get_kept(&site, "/a");
    fs::write(&file, "longer than it was").unwrap();
    while get(&site, "/a", "identity") == before {
        assert!(kept.elapsed() < crate::support::PATIENCE, "it is kept for ever");
        sleep(Duration::from_millis(5));
    }
    assert!(kept.elapsed() >= Duration::from_millis(50), "it was not kept");
    let after = get(&site, "/a", "identity");
    assert_eq!(after.2, b"longer than it was");
    assert_ne!(after.1, before.1);
}

/// Its time begins before it is looked at, however long that takes: what is told by then
/// may be old already.
#[test]
fn what_took_long_to_find_is_kept_no_longer() {
    let folder = folder();
    let file = folder.path().join("a");
    fs::write(&file, "as it was").unwrap();
    // A new file has to be told from each of them.
    let own = vec![folder.path().join("none"); 200_000];
    let own = Arc::new(OwnFiles::new(own));
    let rules = Rules { own, ..Rules::default() };
    let root = Some(Root::open(folder.path(), rules).unwrap());
    let kept = Some(Kept::new(Duration::from_millis(50), MIB));
    let site = Site { root, kept, ..Site::default() };
    assert_eq!(get_kept(&site, "/a").2, b"as it was");
    fs::write(&file, "longer than it was").unwrap();
    assert_eq!(get(&site, "/a", "identity").2, b"longer than it was");
}

#[test]
fn what_is_asked_for_once_is_not_kept() {
    let folder = folder();
    let file = folder.path().join("a");
    fs::write(&file, "as it was").unwrap();
    let site = site(folder.path(), HOUR, MIB);
    assert_eq!(get(&site, "/a", "identity").2, b"as it was");
    fs::write(&file, "longer than it was").unwrap();
    assert_eq!(get(&site, "/a", "identity").2, b"longer than it was");
    assert_eq!(get(&site, "/b", "identity").0, 404);
    fs::write(folder.path().join("b"), "new").unwrap();
    assert_eq!(get(&site, "/b", "identity").2, b"new");
    // Nor by somebody else's second time, who takes something else.
    assert_eq!(get(&site, "/a", "gzip").2, b"longer than it was");
    fs::write(&file, "as it was").unwrap();
    assert_eq!(get(&site, "/a", "gzip").2, b"as it was");
}

/// What is asked for by everybody and is not there, an icon for one.
#[test]
fn that_there_is_nothing_is_kept_for_its_time() {
    let folder = folder();
    let site = site(folder.path(), Duration::from_millis(50), MIB);
    let kept = Instant::now();
    assert_eq!(get_kept(&site, "/a").0, 404);
    fs::write(folder.path().join("a"), "it is there").unwrap();
    while get(&site, "/a", "identity").0 == 404 {
        assert!(kept.elapsed() < crate::support::PATIENCE, "it is kept for ever");
        sleep(Duration::from_millis(5));
    }
    assert!(kept.elapsed() >= Duration::from_millis(50), "it was not kept");
    assert_eq!(get(&site, "/a", "identity").2, b"it is there");
}

#[test]
fn each_client_gets_what_it_takes() {
    let folder = folder();
    fs::write(folder.path().join("a"), "plain").unwrap();
    fs::write(folder.path().join("a.gz"), "as if by gzip").unwrap();
    fs::write(folder.path().join("a.br"), "as if by Brotli").unwrap();
    let site = site(folder.path(), HOUR, MIB);
    for _ in 0..2 {
        assert_eq!(get(&site, "/a", "gzip").2, b"as if by gzip");
        assert_eq!(get(&site, "/a", "identity").2, b"plain");
        assert_eq!(get(&site, "/a", "gzip, br").2, b"as if by Brotli");
        assert_eq!(get(&site, "/a", "br;q=0.5, gzip").2, b"as if by gzip");
        assert_eq!(get(&site, "/a", "identity;q=0").0, 406);
    }
}

/// Nothing is kept of what is large; and of many files, or names of none, no more than
/// there is room for.
#[test]
fn what_is_kept_has_its_bounds() {
    let folder = folder();
    let write = |name: &str, bytes: usize, with: u8| {
        fs::write(folder.path().join(name), vec![with; bytes]).unwrap();
    };
    let site = site(folder.path(), HOUR, 256 * 1024);
    for number in 0..1000 {
        assert_eq!(get_kept(&site, &format!("/none{number}")).0, 404);
    }
    let is_known = |number: &usize| {
        write(&format!("none{number}"), 1, b'n');
        get(&site, &format!("/none{number}"), "identity").0 == 404
    };
    let known = (0..1000).rev().filter(is_known).count();
    assert!((1..=256).contains(&known), "{known} names of 1 KiB in 256 KiB");
    write("large", 64 * 1024 + 1, b'a');
    get_kept(&site, "/large");
    write("large", 64 * 1024 + 1, b'b');
    assert_eq!(get(&site, "/large", "identity").2[0], b'b');
    let names: Vec<String> = (0..100).map(|it| format!("file{it}")).collect();
    for name in &names {
        write(name, 10 * 1024, b'a');
        get_kept(&site, &format!("/{name}"));
        write(name, 10 * 1024, b'b');
    }
    let is_kept =
        |name: &&String| get(&site, &format!("/{name}"), "identity").2[0] == b'a';
    // The newest first: what is not there is kept now, and something else goes for it.
    let kept = names.iter().rev().filter(is_kept).count();
    assert!((1..=25).contains(&kept), "{kept} files of 10 KiB in 256 KiB");
}
