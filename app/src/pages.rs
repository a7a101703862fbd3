//! The pages. There is one.

mod library;

pub use library::App;
