//! Knows that there are several servers.
