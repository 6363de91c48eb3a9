pub use target::Path;
