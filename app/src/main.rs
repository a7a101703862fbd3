//! Starting.
fn main() {}
