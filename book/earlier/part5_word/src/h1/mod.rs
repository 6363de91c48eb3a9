pub use parse::Parser;
