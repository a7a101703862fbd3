//! What can go wrong between dialling and a connection, and on it.

use libp2p_identity::PeerId;

use crate::signaling::SignalingError;

/// Why there is no connection, or no more.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The circuit that carries the signalling failed.
    #[error("the circuit: {0}")]
    Circuit(String),
    /// The other end of the circuit is somebody else than the address names.
    #[error(transparent)]
    WrongPeer(#[from] Box<WrongPeer>),
    /// The other end does not speak the signalling protocol.
    #[error("signalling could not be agreed on: {0}")]
    Negotiation(#[from] multistream_select::NegotiationError),
    /// The other end broke the signalling protocol.
    #[error("signalling: {0}")]
    Signaling(#[from] SignalingError),
    /// The browser refused; what it said.
    #[error("the browser: {0}")]
    Browser(String),
    /// No path between the two browsers was found.
    #[error("no direct path was found")]
    NoPath,
    /// It took too long.
    #[error("it took longer than allowed")]
    Timeout,
    /// Both ends dialled at once, and the other dial is the one that counts.
    #[error("the peer's own dial counts instead")]
    Merged,
    /// The peer said goodbye.
    #[error("the peer has closed the connection")]
    Closed,
    /// Nothing has come from the peer for too long.
    #[error("the peer is gone")]
    Gone,
}

/// Somebody else than whom the address names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the circuit leads to {found}, not to {expected}")]
pub struct WrongPeer {
    /// Whom the address names.
    pub expected: PeerId,
    /// Who has proved to be there.
    pub found: PeerId,
}

/// Whether this is how a connection of this transport ends when the other end has said goodbye. A swarm reports what a
/// connection ended with inside of other errors.
pub fn is_goodbye(error: &std::io::Error) -> bool {
    error.get_ref().is_some_and(|inner| {
        matches!(inner.downcast_ref(), Some(Error::Closed)) || inner.downcast_ref().is_some_and(is_goodbye)
    })
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        Self::Circuit(chain.map(ToString::to_string).collect::<Vec<_>>().join(": "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goodbye_is_known_however_deep_it_is_wrapped() {
        let wrapped = std::io::Error::other(std::io::Error::other(Error::Closed));
        assert!(is_goodbye(&wrapped));
        assert!(!is_goodbye(&std::io::Error::other(Error::Gone)));
        assert!(!is_goodbye(&std::io::ErrorKind::BrokenPipe.into()));
    }
}
