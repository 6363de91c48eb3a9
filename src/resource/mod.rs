//! What can be asked of a thing that is served (RFC 9110). No protocol, and no IO but
//! reading a file.

pub mod content;

pub mod conditional;
pub mod range;
pub mod negotiate;
pub mod representation;
