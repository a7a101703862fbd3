//! How much a relay relays: limits for a page where 500 tabs arrive within a minute behind one address, as in a
//! school or behind a proxy.
//!
//! A circuit carries a few kilobytes of WebRTC signalling within a few seconds, and content only between two tabs
//! that no direct path connects. The library's own limits stop at 60 reservations an address, 16 circuits, and
//! 128 KiB a circuit.

use std::num::{NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize};
use std::time::Duration;

use libp2p::relay;

/// Tabs that can be reached through this relay at once: half of the connections a node takes, since each tab needs
/// a second one for pages and audio.
const RESERVATIONS_MAX: usize = 2048;

/// Reservations of one peer: as many as it may have connections.
const RESERVATIONS_PER_PEER: usize = 4;

/// Circuits that begin or end at one peer: half of the 512 streams that Yamux allows on one connection, so that
/// there is always room for its own requests.
const CIRCUITS_PER_PEER: usize = 256;

/// New reservations of one peer. A tab asks once an hour, and once each time it is loaded again.
const RESERVATIONS_OF_PEER: Rate = Rate::new(30, Duration::from_secs(2));

/// New reservations from one address: after a restart all tabs come back at once, and all may be behind one proxy;
/// then a thousand a minute, twice what arrives on a busy day.
const RESERVATIONS_OF_ADDRESS: Rate = Rate::new(RESERVATIONS_MAX as u32, Duration::from_millis(60));

/// New circuits of one peer. A tab that arrives greets some tens of others, then finds new ones now and then; after a
/// change of networks it greets all of them again.
const CIRCUITS_OF_PEER: Rate = Rate::new(600, Duration::from_millis(200));

/// New circuits from one address: 500 tabs that each open forty within a minute.
const CIRCUITS_OF_ADDRESS: Rate = Rate::new(20_000, Duration::from_millis(3));

/// What a relay lets others carry over it. None of it can be zero, which the library takes for endless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitLimits {
    /// The most bytes one circuit carries, both directions together.
    pub bytes: NonZeroU64,
    /// How long one circuit lasts, in minutes.
    pub minutes: NonZeroU16,
    /// Circuits at once. Each costs the relay two buffers of 8 KiB and what its two ends have not read yet.
    pub circuits: NonZeroUsize,
}

impl CircuitLimits {
    /// The library's configuration that holds to these limits.
    pub(super) fn config(self) -> relay::Config {
        let config = relay::Config {
            max_reservations: RESERVATIONS_MAX,
            max_reservations_per_peer: RESERVATIONS_PER_PEER,
            max_circuits: self.circuits.get(),
            max_circuits_per_peer: CIRCUITS_PER_PEER,
            max_circuit_duration: Duration::from_secs(60 * u64::from(self.minutes.get())),
            max_circuit_bytes: self.bytes.get(),
            reservation_rate_limiters: Vec::new(),
            circuit_src_rate_limiters: Vec::new(),
            ..relay::Config::default()
        };
        config
            .reservation_rate_per_peer(RESERVATIONS_OF_PEER.burst, RESERVATIONS_OF_PEER.pause)
            .reservation_rate_per_ip(RESERVATIONS_OF_ADDRESS.burst, RESERVATIONS_OF_ADDRESS.pause)
            .circuit_src_per_peer(CIRCUITS_OF_PEER.burst, CIRCUITS_OF_PEER.pause)
            .circuit_src_per_ip(CIRCUITS_OF_ADDRESS.burst, CIRCUITS_OF_ADDRESS.pause)
    }
}

/// So many at once, and then one more after each pause. (The library calls the pause an interval; it is not the
/// time in which the whole burst comes back.)
struct Rate {
    burst: NonZeroU32,
    pause: Duration,
}

impl Rate {
    const fn new(burst: u32, pause: Duration) -> Self {
        Self { burst: NonZeroU32::MIN.saturating_add(burst.saturating_sub(1)), pause }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use libp2p::{Multiaddr, PeerId};

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn config() -> relay::Config {
        let limits = CircuitLimits {
            bytes: NonZeroU64::new(1000).unwrap(),
            minutes: NonZeroU16::MAX,
            circuits: NonZeroUsize::new(7).unwrap(),
        };
        limits.config()
    }

    fn address() -> Multiaddr {
        "/ip4/192.0.2.1/tcp/1/ws".parse().unwrap()
    }

    #[test]
    fn the_library_is_told_what_the_operator_said() {
        let config = config();
        assert_eq!((config.max_circuit_bytes, config.max_circuits), (1000, 7));
        // The library panics where the seconds do not fit into 32 bits.
        assert_eq!(u32::try_from(config.max_circuit_duration.as_secs()), Ok(65_535 * 60));
    }

    #[test]
    fn five_hundred_tabs_that_arrive_in_a_minute_behind_one_address_are_let_in() {
        let mut config = config();
        let start = Instant::now();
        for tab in 0..500 {
            let (peer, now) = (PeerId::random(), start + MINUTE * tab / 500);
            for _loaded_again in 0..2 {
                let limiters = &mut config.reservation_rate_limiters;
                assert!(limiters.iter_mut().all(|limiter| limiter.try_next(peer, &address(), now)), "{tab}");
            }
            for circuit in 0..40 {
                let limiters = &mut config.circuit_src_rate_limiters;
                let allowed = limiters.iter_mut().all(|limiter| limiter.try_next(peer, &address(), now));
                assert!(allowed, "{tab} {circuit}");
            }
        }
    }

    #[test]
    fn one_peer_that_never_stops_asking_is_slowed_down() {
        let config = config();
        for (limiters, most) in
            [(config.reservation_rate_limiters, 30 + 30), (config.circuit_src_rate_limiters, 600 + 300)]
        {
            let (mut limiters, start, peer) = (limiters, Instant::now(), PeerId::random());
            let mut ask = |tick| {
                limiters
                    .iter_mut()
                    .all(|limiter| limiter.try_next(peer, &address(), start + MINUTE * tick / 6000))
            };
            let allowed = (0..6000).filter(|tick| ask(*tick)).count();
            assert!((most / 2..=most).contains(&allowed), "{allowed}");
        }
    }
}
