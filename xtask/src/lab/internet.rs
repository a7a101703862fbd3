//! The pretend internet: a TUN device for each site, and threads between them that delay, pace and count packets.
//! In user space, because not every kernel has `tc netem`.

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tun_rs::{DeviceBuilder, SyncDevice};

/// From any site to any other, unless it is set otherwise.
const ONE_WAY: Duration = Duration::from_millis(20);

/// The largest IPv4 packet there is.
const PACKET_BYTES_MAX: usize = 65_535;

/// Packets under way to one site: 20 ms at more than 2 Gbit/s. A further one is dropped, as routers do.
const PACKETS_UNDER_WAY: usize = 4096;

/// What a slow line buffers before it drops; home routers hold some hundred milliseconds.
const LINE_BUFFER: Duration = Duration::from_millis(300);

/// Bytes of IPv4 packets that went from one site, named first, to another.
pub(super) type Traffic = BTreeMap<(&'static str, &'static str), u64>;

/// Sites and the lines between them. Each line lives until its device goes.
#[derive(Debug)]
pub(super) struct Internet {
    sites: Arc<[Connected]>,
    traffic: Arc<Mutex<Traffic>>,
    one_way: Arc<Mutex<Duration>>,
}

#[derive(Debug)]
struct Connected {
    name: &'static str,
    address: Ipv4Addr,
    uplink: Mutex<Line>,
    downlink: Arc<Downlink>,
}

impl Internet {
    /// Connects sites, each of a name, an address and a TUN device that is made here with the name given.
    ///
    /// # Errors
    /// What the system says when a TUN device cannot be made.
    pub(super) fn between(sites: &[(&'static str, Ipv4Addr, &str)]) -> io::Result<Self> {
        let mut connected = Vec::new();
        let mut devices = Vec::new();
        for (name, address, device) in sites {
            let device = Arc::new(DeviceBuilder::new().name(*device).enable(false).build_sync()?);
            let downlink = Arc::new(Downlink::new());
            let uplink = Mutex::new(Line::unlimited());
            connected.push(Connected { name, address: *address, uplink, downlink: Arc::clone(&downlink) });
            thread::spawn({
                let device = Arc::clone(&device);
                move || deliver(&device, &downlink)
            });
            devices.push(device);
        }
        let one_way = Arc::new(Mutex::new(ONE_WAY));
        let internet = Self { sites: connected.into(), traffic: Arc::default(), one_way };
        for (from, device) in devices.into_iter().enumerate() {
            let (sites, traffic) = (Arc::clone(&internet.sites), Arc::clone(&internet.traffic));
            let one_way = Arc::clone(&internet.one_way);
            thread::spawn(move || carry(&device, &sites, from, &one_way, &traffic));
        }
        Ok(internet)
    }

    /// What went where so far.
    pub(super) fn traffic(&self) -> Traffic {
        held(&self.traffic).clone()
    }

    /// Sets how long a packet takes from any site to any other.
    pub(super) fn set_one_way(&self, one_way: Duration) {
        *held(&self.one_way) = one_way;
    }

    /// Sets how many bits a second a site can send and receive; without a limit where there is none.
    pub(super) fn pace(&self, site: &str, up: Option<u64>, down: Option<u64>) {
        for connected in self.sites.iter().filter(|connected| connected.name == site) {
            held(&connected.uplink).bits_per_second = up;
            held(&connected.downlink.line).bits_per_second = down;
        }
    }
}

/// Takes what a site sends, for as long as it has its device.
fn carry(
    device: &SyncDevice,
    sites: &[Connected],
    from: usize,
    one_way: &Mutex<Duration>,
    traffic: &Mutex<Traffic>,
) {
    let from = &sites[from];
    let mut buffer = vec![0; PACKET_BYTES_MAX];
    while let Ok(length) = device.recv(&mut buffer) {
        let packet = &buffer[..length];
        let destination = destination(packet);
        let Some(to) = sites.iter().find(|site| Some(site.address) == destination) else { continue };
        let Some(sent) = held(&from.uplink).send(length, Instant::now()) else { continue };
        if to.downlink.queue(sent + *held(one_way), packet.to_vec()) {
            *held(traffic).entry((from.name, to.name)).or_default() += length as u64;
        }
    }
    from.downlink.close();
}

/// Hands packets to a site when they have come down its line, for as long as it has its device.
fn deliver(device: &SyncDevice, downlink: &Downlink) {
    while let Some((due, packet)) = downlink.next() {
        let Some(arrived) = held(&downlink.line).send(packet.len(), due) else { continue };
        thread::sleep(arrived.saturating_duration_since(Instant::now()));
        // A site that is offline receives nothing, and nobody is told.
        drop(device.send(&packet));
    }
}

/// Where an IPv4 packet (RFC 791) is to go.
fn destination(packet: &[u8]) -> Option<Ipv4Addr> {
    let is_ipv4 = packet.first().is_some_and(|first| first >> 4 == 4);
    let address: [u8; 4] = packet.get(16..20)?.try_into().ok()?;
    is_ipv4.then(|| address.into())
}

/// Packets under way to a site, by when they reach its line: one that waited in no sender's buffer overtakes those
/// that did. The number keeps the order of packets that are due at the same moment.
type UnderWay = BTreeMap<(Instant, u64), Vec<u8>>;

/// The way to a site.
#[derive(Debug)]
struct Downlink {
    /// None once the site has lost its device.
    under_way: Mutex<Option<(u64, UnderWay)>>,
    came: Condvar,
    line: Mutex<Line>,
}

impl Downlink {
    fn new() -> Self {
        let under_way = Mutex::new(Some((0, UnderWay::new())));
        Self { under_way, came: Condvar::new(), line: Mutex::new(Line::unlimited()) }
    }

    /// Sends a packet on its way; false where it is dropped.
    fn queue(&self, due: Instant, packet: Vec<u8>) -> bool {
        let mut under_way = held(&self.under_way);
        let Some((number, packets)) = under_way.as_mut().filter(|(_, all)| all.len() < PACKETS_UNDER_WAY)
        else {
            return false;
        };
        *number += 1;
        packets.insert((due, *number), packet);
        self.came.notify_one();
        true
    }

    /// Waits for the packet that is due first, until it is; None once this is closed.
    fn next(&self) -> Option<(Instant, Vec<u8>)> {
        let mut under_way = held(&self.under_way);
        loop {
            let (_, packets) = under_way.as_mut()?;
            let now = Instant::now();
            under_way = match packets.first_entry() {
                Some(first) if first.key().0 <= now => {
                    let ((due, _), packet) = first.remove_entry();
                    return Some((due, packet));
                }
                Some(first) => {
                    let wait = first.key().0 - now;
                    let woken = self.came.wait_timeout(under_way, wait);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.came.wait(under_way).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    fn close(&self) {
        *held(&self.under_way) = None;
        self.came.notify_one();
    }
}

/// One direction of what connects a site, which takes packets one after the other.
#[derive(Debug)]
struct Line {
    bits_per_second: Option<u64>,
    /// When all that was sent so far has left.
    free: Instant,
}

impl Line {
    fn unlimited() -> Self {
        Self { bits_per_second: None, free: Instant::now() }
    }

    /// When a packet given at `now` has left; never where too many are waiting already.
    fn send(&mut self, bytes: usize, now: Instant) -> Option<Instant> {
        let Some(rate) = self.bits_per_second else { return Some(now) };
        let begins = self.free.max(now);
        if begins - now > LINE_BUFFER {
            return None;
        }
        self.free = begins + Duration::from_secs_f64(bytes as f64 * 8.0 / rate as f64);
        Some(self.free)
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Held for a look or a note only; what it protects is whole between any two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_line_sends_at_its_rate_and_drops_what_it_cannot_buffer() {
        let now = Instant::now();
        let mut line = Line { bits_per_second: Some(80_000), free: now };
        let left: Vec<_> = (0..10).map_while(|_| line.send(1000, now)).map(|at| at - now).collect();
        assert_eq!(left, [100, 200, 300, 400].map(Duration::from_millis));
        let later = now + Duration::from_millis(250);
        assert_eq!(line.send(1000, later), Some(now + Duration::from_millis(500)));
    }

    #[test]
    fn a_packet_overtakes_those_that_waited_for_a_slow_sender() {
        let downlink = Downlink::new();
        let now = Instant::now();
        let late = now + Duration::from_millis(5);
        for (due, packet) in [(late, 1), (now, 2), (now, 3)] {
            assert!(downlink.queue(due, vec![packet]));
        }
        let order: Vec<_> = (0..3).filter_map(|_| downlink.next()).map(|(_, packet)| packet[0]).collect();
        assert_eq!(order, [2, 3, 1]);
        assert!(Instant::now() >= late);
        downlink.close();
        assert_eq!(downlink.next(), None);
        assert!(!downlink.queue(now, vec![4]));
    }

    #[test]
    fn only_whole_ipv4_packets_have_a_destination() {
        let mut packet = [0; 20];
        packet[0] = 0x45;
        packet[16..].copy_from_slice(&[203, 0, 113, 7]);
        assert_eq!(destination(&packet), Some(Ipv4Addr::new(203, 0, 113, 7)));
        assert_eq!(destination(&packet[..19]), None);
        packet[0] = 0x60;
        assert_eq!(destination(&packet), None);
        assert_eq!(destination(&[]), None);
    }
}
