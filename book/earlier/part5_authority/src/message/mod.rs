pub use target::{Authority, Path};
