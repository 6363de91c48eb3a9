/// A content coding that a file may be there in, beside itself (RFC 9110 section
/// 8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// gzip.
    Gzip,
}

impl Coding {
    /// The coding's name in Content-Encoding and Accept-Encoding.
    pub fn name(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
        }
    }

    /// What a file in this coding adds to the name of the file that it codes.
    pub fn extension(self) -> &'static str {
        match self {
            Coding::Gzip => ".gz",
        }
    }
}
