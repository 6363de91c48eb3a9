//! What holds the parts to their word, as a table of contents.
//!
//! A test's name is a sentence, and it stands in the file that is named for what it is
//! about. `support` starts the real programs and speaks to them; `exchanges/`, `tables/`
//! and `snapshots/` are what was sent, and what must come of it.

mod support;

// The programs, over the wire.
mod callers; // all parts: a verse to whoever asks, by the thousand
mod lines; // parts 3 and 4: when it is known that something is junk, and what is fresh
mod exchanges; // all parts: what each answers, byte for byte, on each port, at every cut
mod tls; // part 5.5: trust, versions, and ends of connections
mod connections; // part 6: connections that go on, bodies, attacks
mod files; // part 6: files, and what is asked of them
mod oracle; // part 6 and hyper's client
mod crowd; // part 7: who is connected when not everybody can be
mod pace; // part 7: who is slow, and who only says so
mod floods; // part 7: who comes to be a nuisance, and who is honest among them
mod renewal; // part 7: a certificate that is another one tomorrow
mod memory; // part 7: what a connection takes, whatever its client does
mod restart; // part 7: sockets that are handed over, and a new version
#[cfg(target_os = "linux")]
mod privileges; // part 7: who the server is, and what it may still do
mod monitor; // part 7: what is counted, and who may look

// What they are made of, in memory.
mod heads; // requests read and responses written
mod conversation; // deadlines, on a clock of the test's own
mod chunked; // bodies in chunks
mod states; // the two halves of a connection
mod cuts; // what is known after each byte, as the book shows it
mod bytes; // what each byte of an exchange is, as the book says it
mod records; // part 5.5: what each byte of a conversation over TLS is, decrypted
mod output; // what is to go out
mod conditional; // If-Match and its kind
mod range; // Range
mod negotiate; // Accept-Encoding
mod kept; // part 8: small files in memory

// The programs as processes.
mod command_line; // options, errors, exit codes
mod daemon; // detaching, pid files, signals
mod log; // where lines go
mod certs; // PEM of every kind, and what is minted

// The house, the book, and the checker.
mod parts; // what each part needs besides its row in the table of parts
mod layers; // what uses what
mod answers; // to the book's exercises
mod proven; // proctor accepts our parts and rejects broken ones
mod book; // it alone suffices: each chapter builds from what has been shown by then
