/// Some bytes, or where they are.
#[derive(Debug, Clone)]
pub enum Piece {
    /// In memory.
    Bytes(Bytes),
    /// In a file, from one place to another.
    File(Arc<File>, Range<u64>),
}

impl Piece {
    /// How many bytes there are, if that is known.
    pub fn length(&self) -> Option<u64> {
        match self {
            Piece::Bytes(bytes) => Some(bytes.len() as u64),
            Piece::File(_, range) => Some(range.end - range.start),
        }
    }
}

/// Reads a range of a file.
///
/// # Errors
/// If it is not there any more, or can't be read.
pub fn read(file: &File, range: Range<u64>) -> io::Result<Bytes> {
    let mut bytes = vec![0; (range.end - range.start) as usize];
    file.read_exact_at(&mut bytes, range.start)?;
    Ok(bytes.into())
}
