use std::io::{self, Write};
use std::process::ExitCode;
