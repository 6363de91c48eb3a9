//! HTTP messages, as RFC 9110 defines them: values that know nothing of how they
//! travel. What is parsed into one is valid, so nobody need check it again.

pub mod fields;
pub mod headers;
pub mod method;
pub mod request;
pub mod response;
pub mod status;
pub mod target;
pub mod version;

pub use headers::{FieldName, FieldValue, Headers};
pub use method::Method;
pub use request::{Invalid, Request};
pub use response::Response;
pub use status::Status;
pub use target::{Authority, Path, Scheme, Target};
pub use version::Version;
