//! Certificates and keys: read, and made where there are none.

pub mod pem;
pub mod read;
pub mod mint;
pub mod options;

pub mod renewal;
