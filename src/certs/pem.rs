//! PEM: certificates and keys as text (RFC 7468).

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::read::{CertificateError, Fault};

/// The most that is read of a file. A long chain of large certificates is 20 KiB;
/// a path that leads to a device has no end.
const MAX_FILE: u64 = 1024 * 1024;

/// What a certificate's or a key's file may hold, beside one the other, and
/// parameters that `openssl` puts before keys.
const KNOWN: [&str; 7] = [
    "CERTIFICATE",
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "EC PARAMETERS",
    "DH PARAMETERS",
];

/// A file's text, if there is PEM in it at all.
pub(super) fn read(
    path: &Path,
    label: &'static str,
) -> Result<Vec<u8>, CertificateError> {
    let mut text = Vec::new();
    let read = File::open(path).and_then(|file| {
        // A FIFO or a device may have no end: no more than is needed to tell.
        file.take(MAX_FILE + 1).read_to_end(&mut text)
    });
    match read {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            Err(Fault::Missing.of(path))
        }
        Err(e) => Err(Fault::Unreadable(e).of(path)),
        Ok(length) if length as u64 > MAX_FILE => Err(Fault::TooLarge.of(path)),
        Ok(_) if text.trim_ascii().is_empty() => Err(Fault::Empty.of(path)),
        Ok(_) if !contains(&text, b"-----BEGIN ") => {
            Err(Fault::NotPem(label).of(path))
        }
        Ok(_) => {
            // Windows puts a mark before text, which is not part of it.
            if text.starts_with(BYTE_ORDER_MARK) {
                text.drain(..BYTE_ORDER_MARK.len());
            }
            understand(&text).map_err(|fault| fault.of(path))?;
            Ok(text)
        }
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether all that looks like PEM is, and of a kind that is known. What other readers
/// pass over, an intermediate certificate for one, clients would miss, and nobody here
/// would notice. Text around it is for people.
fn understand(text: &[u8]) -> Result<(), Fault> {
    let text = String::from_utf8_lossy(text);
    let mut open: Option<&str> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_end();
        let label = |mark| line.strip_prefix(mark)?.strip_suffix("-----");
        match (label("-----BEGIN "), label("-----END "), open) {
            (Some(label), None, None) if !KNOWN.contains(&label) => {
                // It is going to be shown: no control characters.
                let label = label.escape_debug().to_string();
                return Err(Fault::Unknown { line: index + 1, label });
            }
            (Some(label), None, None) if !label.contains("-----") => {
                open = Some(label);
            }
            (None, Some(label), Some(begun)) if label == begun => open = None,
            (None, None, _) if !line.contains("-----") => {}
            _ => {
                let text = line.chars().take(80).collect();
                return Err(Fault::Line { line: index + 1, text });
            }
        }
    }
    Ok(())
}

pub(super) fn contains(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|window| window == wanted)
}
