//! Which connections are kept. Those over which nothing comes any more are closed; and a tab keeps relays, its neighbours in
//! the key space, and whoever it has just dealt with. The rest is closed; a browser has few hundred connections to give, and
//! each costs both ends upkeep.

use std::collections::BTreeMap;
use std::time::Duration;

use kadenza_platform::{Instant, sleep};
use libp2p::PeerId;
use libp2p::kad::KBucketKey;

use crate::placement::RECORD_REPLICAS;
use crate::swarm::{Command, Handle};

/// Peers that may leave at any time, closest to this one, that stay connected: Kademlia's k. They are asked for most
/// of what is asked, and go on answering when every relay is gone.
const NEIGHBOURS: usize = RECORD_REPLICAS;

/// Others that stay connected after they were dealt with, the latest first: sources of content and askers.
const OTHERS_MAX: usize = 40;

/// How long one of these is kept: a song's length, so that the source of this one is there for the next.
const USED_LATELY: Duration = Duration::from_secs(4 * 60);

/// Between looks.
const ROUND: Duration = Duration::from_secs(15);

/// Between two pings. They measure latency, and keep something coming from every peer that is there. Each message costs a
/// browser about a millisecond of processor time, and a tab may have sixty peers.
pub(crate) const PING_PAUSE: Duration = Duration::from_secs(5);

/// A peer that nothing has come from for this long is gone, or the path to it: three pings may be lost or late before a
/// connection that could go on is given up. Between tabs the transport notices a path that failed long before.
const SILENCE_LIMIT: Duration = Duration::from_secs(16);

/// Whoever has not even introduced itself has less time: what it sent may have been wrong, and it hangs up only now.
const STRANGER_SILENCE_LIMIT: Duration = Duration::from_secs(8);

/// A relay that is silent is asked for something after the first of these, and given up after the second: a WebSocket says
/// nothing when its path fails, and after a change of networks all else waits for the way to the relay.
const RELAY_ASKED_AFTER: Duration = Duration::from_secs(2);
const RELAY_SILENCE_LIMIT: Duration = Duration::from_secs(5);

/// Between looks for silent peers, and how late such a look may be before it says more of this page than of others: a
/// laptop that was asleep has heard nothing from anybody.
const LISTEN_ROUND: Duration = Duration::from_secs(1);
const ASLEEP: Duration = Duration::from_secs(4);

/// Peers looked for at once after their connections broke off, how often, and for how long.
const LOST_MAX: usize = NEIGHBOURS + OTHERS_MAX;
const DIAL_AGAIN: Duration = Duration::from_secs(2);
const LOST_FOR_GOOD: Duration = Duration::from_secs(60);

/// A connected peer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Connected {
    pub(crate) peer: PeerId,
    /// Whether it is a relay, or another that does not come and go.
    pub(crate) durable: bool,
    /// Whether it has introduced itself.
    pub(crate) greeted: bool,
    /// How long ago it asked something, answered something, or was connected.
    pub(crate) unused: Duration,
}

/// What the silence of a peer leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Silence {
    /// Nothing.
    Borne,
    /// It is asked for a sign of life.
    Doubted,
    /// Its connections are closed.
    Over,
}

impl Silence {
    /// What it leads to that nothing has come from `peer` for so long. The last look was as long ago as `round`: whoever is
    /// too busy to look in time hears late as well.
    pub(crate) fn of(peer: &Connected, silence: Duration, round: Duration) -> Self {
        let slowness = round.as_secs_f64() / LISTEN_ROUND.as_secs_f64();
        let silence = silence.div_f64(slowness.max(1.0));
        let limit = match peer {
            Connected { durable: true, .. } => RELAY_SILENCE_LIMIT,
            Connected { greeted: false, .. } => STRANGER_SILENCE_LIMIT,
            _ => SILENCE_LIMIT,
        };
        if silence > limit {
            Self::Over
        } else if peer.durable && silence > RELAY_ASKED_AFTER {
            Self::Doubted
        } else {
            Self::Borne
        }
    }
}

/// The peers of `connected` whose connections `this` can do without.
pub(crate) fn superfluous(this: PeerId, connected: &[Connected]) -> Vec<PeerId> {
    let own = KBucketKey::from(this);
    let mut fleeting: Vec<_> = connected.iter().filter(|peer| !peer.durable).collect();
    fleeting.sort_by_cached_key(|peer| own.distance(&KBucketKey::from(peer.peer)));
    let mut others = fleeting.split_off(fleeting.len().min(NEIGHBOURS));
    others.sort_by_key(|peer| peer.unused);
    let kept = others.iter().take(OTHERS_MAX).take_while(|peer| peer.unused < USED_LATELY).count();
    others[kept..].iter().map(|peer| peer.peer).collect()
}

/// Peers whose connections broke off, to be dialled again: a tab that changes networks has lost all of them at once, and
/// nobody else would look for them before they are needed.
#[derive(Debug, Default)]
pub(crate) struct Lost(BTreeMap<PeerId, Loss>);

#[derive(Debug)]
struct Loss {
    since: Instant,
    next: Instant,
}

impl Lost {
    /// The last connection to `peer` broke off.
    pub(crate) fn lose(&mut self, peer: PeerId, now: Instant) {
        if self.0.len() < LOST_MAX {
            self.0.insert(peer, Loss { since: now, next: now });
        }
    }

    /// There is a connection to `peer`.
    pub(crate) fn found(&mut self, peer: PeerId) {
        self.0.remove(&peer);
    }

    /// There is a relay again by which they can be reached: no reason to wait for the next try.
    pub(crate) fn hurry(&mut self, now: Instant) {
        self.0.values_mut().for_each(|loss| loss.next = now);
    }

    /// Whom to dial now. Those who have not come back for a minute will come by themselves, if at all.
    pub(crate) fn due(&mut self, now: Instant) -> Vec<PeerId> {
        self.0.retain(|_, loss| now.saturating_duration_since(loss.since) < LOST_FOR_GOOD);
        let due = self.0.iter_mut().filter(|(_, loss)| loss.next <= now);
        due.map(|(peer, loss)| {
            loss.next = now + DIAL_AGAIN;
            *peer
        })
        .collect()
    }
}

/// Has superfluous connections closed until the network task ends.
pub(crate) async fn close_superfluous(handle: Handle) {
    while handle.peers().has_changed().is_ok() {
        sleep(ROUND).await;
        handle.send(Command::CloseSuperfluous).await;
    }
}

/// Has connections closed over which nothing comes any more, until the network task ends.
pub(crate) async fn close_silent(handle: Handle) {
    while handle.peers().has_changed().is_ok() {
        let before = Instant::now();
        sleep(LISTEN_ROUND).await;
        let round = before.elapsed();
        if round < ASLEEP {
            handle.send(Command::CloseSilent { round }).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers(count: usize, durable: bool, unused: Duration) -> Vec<Connected> {
        let peer = || Connected { peer: PeerId::random(), durable, greeted: true, unused };
        std::iter::repeat_with(peer).take(count).collect()
    }

    #[test]
    fn a_peer_that_broke_off_is_dialled_until_it_is_back_or_a_minute_is_over() {
        let (mut lost, now) = (Lost::default(), Instant::now());
        let (back, gone) = (PeerId::random(), PeerId::random());
        lost.lose(back, now);
        lost.lose(gone, now);
        assert_eq!(lost.due(now).len(), 2);
        assert_eq!(lost.due(now), [], "not all the time");
        lost.hurry(now);
        assert_eq!(lost.due(now).len(), 2);
        lost.found(back);
        assert_eq!(lost.due(now + DIAL_AGAIN), [gone]);
        assert_eq!(lost.due(now + LOST_FOR_GOOD), []);
    }

    fn after(peer: Connected, seconds: u64) -> Silence {
        Silence::of(&peer, Duration::from_secs(seconds), LISTEN_ROUND)
    }

    #[test]
    fn a_silent_relay_is_asked_before_it_is_given_up_and_a_tab_is_left_to_the_transport_for_longer() {
        let [relay, tab] = [true, false].map(|durable| peers(1, durable, LONG)[0]);
        let said = [1, 3, 7].map(|seconds| after(relay, seconds));
        assert_eq!(said, [Silence::Borne, Silence::Doubted, Silence::Over]);
        let said = [7, 15, 17].map(|seconds| after(tab, seconds));
        assert_eq!(said, [Silence::Borne, Silence::Borne, Silence::Over]);
    }

    #[test]
    fn whoever_never_said_hello_is_given_up_sooner() {
        let stranger = Connected { greeted: false, ..peers(1, false, LONG)[0] };
        assert_eq!([7, 9].map(|seconds| after(stranger, seconds)), [Silence::Borne, Silence::Over]);
    }

    #[test]
    fn a_page_that_is_busy_gives_nobody_up_for_what_it_could_not_hear() {
        let (relay, silence) = (peers(1, true, LONG)[0], Duration::from_secs(9));
        let within = |round| Silence::of(&relay, silence, round);
        assert_eq!(within(LISTEN_ROUND), Silence::Over);
        assert_eq!(within(LISTEN_ROUND * 3), Silence::Doubted);
        assert_eq!(within(LISTEN_ROUND / 2), Silence::Over, "no look comes early");
    }

    const LONG: Duration = Duration::from_secs(24 * 60 * 60);

    #[test]
    fn a_small_network_stays_connected_however_little_happens() {
        assert_eq!(superfluous(PeerId::random(), &peers(NEIGHBOURS, false, LONG)), []);
        assert_eq!(superfluous(PeerId::random(), &peers(100, true, LONG)), [], "relays are all kept");
    }

    #[test]
    fn neighbours_are_kept_and_idle_strangers_are_not() {
        let (this, connected) = (PeerId::random(), peers(50, false, LONG));
        let closed = superfluous(this, &connected);
        assert_eq!(closed.len(), 50 - NEIGHBOURS);
        let distance = |peer: PeerId| KBucketKey::from(this).distance(&KBucketKey::from(peer));
        let kept = connected.iter().map(|peer| peer.peer).filter(|peer| !closed.contains(peer));
        let farthest_kept = kept.map(distance).max();
        assert!(closed.iter().all(|peer| Some(distance(*peer)) > farthest_kept));
    }

    #[test]
    fn a_source_in_use_is_kept_until_there_are_too_many() {
        let busy = peers(NEIGHBOURS + OTHERS_MAX + 5, false, Duration::from_secs(1));
        assert_eq!(superfluous(PeerId::random(), &busy).len(), 5);
        let mut connected = peers(NEIGHBOURS + 10, false, LONG);
        connected.iter_mut().for_each(|peer| peer.unused = USED_LATELY / 2);
        assert_eq!(superfluous(PeerId::random(), &connected), []);
    }
}
