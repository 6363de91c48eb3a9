use tokio::io::{AsyncRead, AsyncWrite};

/// What carries bytes both ways, and serves for a connection.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}
