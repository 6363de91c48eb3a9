pub use parse::{Head, Parser};
