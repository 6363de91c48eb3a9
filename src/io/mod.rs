//! Bytes on their way in and out, whatever they mean, and who is at the other end.

pub mod threads;

pub mod close;

pub mod arrival;
pub mod stream;

pub mod output;
pub mod buffered;
pub mod body;

pub mod disk;
