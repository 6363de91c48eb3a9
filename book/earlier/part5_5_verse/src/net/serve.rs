use crate::process::shutdown::Shutdown;
