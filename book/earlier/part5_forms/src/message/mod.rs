pub use target::{Authority, Path, Target};
