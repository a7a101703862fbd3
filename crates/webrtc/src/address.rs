//! Addresses: `<relay>/p2p-circuit/webrtc/p2p/<peer>` is the peer behind a circuit, reached by WebRTC.

use libp2p_core::Multiaddr;
use libp2p_core::multiaddr::Protocol;
use libp2p_identity::PeerId;

/// Whether `address` leads to a peer by WebRTC over a circuit. It looks relayed to everybody who only searches it for
/// `/p2p-circuit`, and is not.
pub fn is_webrtc(address: &Multiaddr) -> bool {
    let mut parts = address.iter().skip_while(|part| *part != Protocol::P2pCircuit);
    parts.next().is_some() && parts.next() == Some(Protocol::WebRTC)
}

/// The address of the circuit that a WebRTC address is signalled over: the same without `/webrtc`. `None` for an
/// address of another kind.
pub fn circuit_of(address: &Multiaddr) -> Option<Multiaddr> {
    is_webrtc(address).then(|| address.iter().filter(|part| *part != Protocol::WebRTC).collect())
}

/// The WebRTC address of a peer behind a circuit: the same with `/webrtc` after `/p2p-circuit`. Without a circuit, or
/// where it has one already, the address itself.
pub fn webrtc_of(circuit: &Multiaddr) -> Multiaddr {
    if is_webrtc(circuit) {
        return circuit.clone();
    }
    let with_webrtc = |part: Protocol<'static>| {
        let inserted = (part == Protocol::P2pCircuit).then_some(Protocol::WebRTC);
        std::iter::once(part).chain(inserted)
    };
    circuit.iter().map(Protocol::acquire).flat_map(with_webrtc).collect()
}

/// The peer at the far end of a circuit's address.
pub(crate) fn target(address: &Multiaddr) -> Option<PeerId> {
    match address.iter().last() {
        Some(Protocol::P2p(peer)) if address.iter().any(|part| part == Protocol::P2pCircuit) => Some(peer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn relay() -> Multiaddr {
        format!("/ip4/10.0.0.1/tcp/8080/ws/p2p/{}/p2p-circuit", PeerId::random()).parse().unwrap()
    }

    #[test]
    fn a_webrtc_address_and_its_circuit_name_the_same_peer() {
        let peer = PeerId::random();
        let circuit = relay().with(Protocol::P2p(peer));
        let webrtc = relay().with(Protocol::WebRTC).with(Protocol::P2p(peer));
        assert!(is_webrtc(&webrtc) && !is_webrtc(&circuit));
        assert_eq!(circuit_of(&webrtc_of(&circuit)), Some(circuit.clone()));
        assert_eq!(target(&circuit), Some(peer));
        assert_eq!(circuit_of(&circuit), None);
        assert_eq!(target(&relay()), None, "the relay itself is not behind a circuit");
    }

    #[test]
    fn webrtc_that_does_not_follow_a_circuit_is_another_transports() {
        for address in ["/webrtc", "/ip4/10.0.0.1/udp/1/webrtc-direct", "/webrtc/p2p-circuit"] {
            assert!(!is_webrtc(&address.parse().unwrap()), "{address}");
        }
    }

    proptest! {
        #[test]
        fn any_address_with_a_circuit_comes_back_as_it_was(port: u16, ip: [u8; 4], tail: bool) {
            let ip = Multiaddr::from(std::net::Ipv4Addr::from(ip));
            let mut circuit = ip.with(Protocol::Tcp(port)).with(Protocol::P2pCircuit);
            if tail {
                circuit.push(Protocol::P2p(PeerId::random()));
            }
            prop_assert_eq!(circuit_of(&webrtc_of(&circuit)), Some(circuit));
        }
    }
}
