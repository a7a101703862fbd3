//! What goes over the wire between peers.

pub(crate) mod rpc;
#[cfg(test)]
pub(crate) mod testing;
