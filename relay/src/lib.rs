//! A native relay, as thin as it can be: flags, one port, the page. What it answers comes from the node
//! (`kadenza_node::relay`), which is put together in `main.rs`.

pub mod cli;
mod exchange;
mod headers;
pub mod logs;
pub mod page;
pub mod ports;
pub mod server;
mod size;
pub mod stun;
