//! The server as a process: in the background, told to end, and sure of being the
//! only one.

pub mod pid_file;
pub mod signals;
pub mod daemon;

pub mod run;

pub mod shutdown;

pub mod descriptors;
pub mod terminal;
pub mod manager;
pub mod sandbox;
#[cfg(target_os = "linux")]
mod landlock;
pub mod privileges;
