//! PEM: what is put into a good file, anywhere, is an error or it is understood. No
//! certificate is passed over.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use rohttp::certs::read;

/// A certificate as text, and files: one for that text with something in it, and one
/// with the key.
static FILES: LazyLock<(String, PathBuf, PathBuf)> = LazyLock::new(|| {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = std::env::temp_dir().join(format!("fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (made.cert.pem(), cert, key)
});

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

fuzz_target!(|case: (u16, &[u8])| {
    let (place, put) = case;
    let (good, cert, key) = &*FILES;
    let place = usize::from(place) % (good.len() + 1);
    let text = [&good.as_bytes()[..place], put, &good.as_bytes()[place..]].concat();
    fs::write(cert, &text).unwrap();
    match read::read(cert, key) {
        Ok(identity) => {
            let begun = text.windows(BEGIN.len()).filter(|it| *it == BEGIN).count();
            assert_eq!(identity.key.cert.len(), begun, "one was passed over");
        }
        Err(error) => {
            let said = error.to_string();
            assert!(said.contains(".pem"), "it names no file: {said}");
            assert!(!said.contains(|it: char| it.is_control()), "{said:?}");
        }
    }
});
