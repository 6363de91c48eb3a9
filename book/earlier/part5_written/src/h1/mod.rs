pub use framing::Persistence;
