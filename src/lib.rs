//! RoHTTP: what the parts share, in reading order, a chapter at a time.

// Part 1: a daemon that says one thing
pub mod daemon;
pub mod pid_file;
pub mod verse;

// Part 2: everyone at once
pub mod close;
pub mod listen;
pub mod log;

// Part 3: GET or junk
pub mod serve;

// Part 4: heads
pub mod date;

// Part 5: requests and responses
pub mod answer;
pub mod h1;
pub mod message;

// Part 5.5: two ports
pub mod certs;
pub mod conversation;
pub mod mint;
pub mod signals;
pub mod tls;
