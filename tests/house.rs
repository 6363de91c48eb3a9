//! What holds the parts to their word.
//!
//! `support` starts the real binaries and speaks to them; the rest is named for
//! what it checks.

mod support;

mod answers; // to the book's exercises
mod bytes; // what the core makes of bytes: every case, at every cut
mod certs; // PEM of every kind, and what is minted
mod command_line; // options, errors, exit codes
mod framing; // part 6: chunks, halves of a connection, conditions, ranges, codings
mod conversation; // deadlines, on a clock of the test's own
mod daemon; // detaching, pid files, signals
mod exchanges;
mod everyone; // parts 1 and 2: callers by the thousand
mod junk; // parts 3 and 4: requests of a sort
mod log;
mod oracle; // where lines go
mod proven; // proctor accepts our parts and rejects broken ones
mod tangle; // the book alone suffices
mod tls; // part 5.5: trust, versions, and ends of connections
mod whole; // part 6: connections that go on, bodies, attacks
mod tree; // part 6: files, and what is asked of them
mod wire; // parts 5 and 5.5: every exchange, on both ports
