//! This node's own store and index. It never touches the network.
