//! RoHTTP: what the parts share, in reading order, a chapter at a time.

// Part 1: a daemon that says one thing
pub mod verse;
pub mod pid_file;
pub mod daemon;

// Part 2: everyone at once
pub mod close;
pub mod listen;
pub mod log;

// Part 3: GET or junk
pub mod serve;

// Part 4: heads
pub mod date;

// Part 5: requests and responses
pub mod message;
pub mod h1;
pub mod answer;

// Part 5.5: two ports
pub mod certs;
pub mod mint;
pub mod tls;
pub mod signals;
pub mod conversation;

// Part 6: the rest of HTTP/1.1
pub mod content;
pub mod wire;

// Part 6, files
pub mod conditional;
pub mod range;
pub mod negotiate;
pub mod representation;
pub mod listing;
pub mod files;

// Part 6, the whole
pub mod site;
pub mod access_log;
pub mod ports;
pub mod credentials;
pub mod exchange;
