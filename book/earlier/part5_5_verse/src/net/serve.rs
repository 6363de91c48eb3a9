use tokio::io::{AsyncRead, AsyncWrite};

use crate::process::shutdown::Shutdown;
