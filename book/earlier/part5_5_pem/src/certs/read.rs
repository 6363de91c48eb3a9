/// What can be the matter with a certificate or key file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There is no such file.
    #[error("does not exist")]
    Missing,
    /// It can't be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// It is too large for what it should be.
    #[error("is over 1 MiB, which no certificate is")]
    TooLarge,
    /// It is not, or not correctly, in PEM.
    #[error(
        "is not PEM: a line such as -----BEGIN {0}----- and what belongs to it"
    )]
    NotPem(&'static str),
    /// It is PEM, of something else.
    #[error("is PEM, but has no {0} in it")]
    Lacks(&'static str),
    /// The key is protected by a passphrase, which a daemon can't type.
    #[error("is encrypted: decrypt it first, with openssl pkey -in OLD -out NEW")]
    Encrypted,
    /// What stands between the lines that make it PEM can't be read.
    #[error(
        "is damaged, or of a kind not supported: its PEM breaks off, or is not base64"
    )]
    Broken(#[source] io::Error),
    /// What the PEM holds does not make sense.
    #[error("is damaged, or of a kind not supported: {0}")]
    Damaged(String),
    /// The key is not that of the certificate.
    #[error("is not the key of the certificate in {0}")]
    Mismatch(String),
}
