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
        Ok(_) => Ok(text),
    }
}
