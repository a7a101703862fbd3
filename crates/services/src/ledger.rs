//! How much room is left: every byte is reserved here before it is written.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The account of a store's bytes: those it keeps and those on their way.
#[derive(Debug)]
pub(crate) struct Ledger {
    quota_bytes: AtomicU64,
    used_bytes: AtomicU64,
}

impl Ledger {
    pub(crate) fn new(quota_bytes: u64, used_bytes: u64) -> Arc<Self> {
        Arc::new(Self { quota_bytes: AtomicU64::new(quota_bytes), used_bytes: AtomicU64::new(used_bytes) })
    }

    /// The most bytes there may be.
    pub(crate) fn quota(&self) -> u64 {
        self.quota_bytes.load(Ordering::Acquire)
    }

    /// Sets the most bytes there may be from now on. What is there stays, however much it is.
    pub(crate) fn set_quota(&self, bytes: u64) {
        self.quota_bytes.store(bytes, Ordering::Release);
    }

    /// Bytes that can still be reserved.
    pub(crate) fn room(&self) -> u64 {
        self.quota().saturating_sub(self.used_bytes.load(Ordering::Acquire))
    }

    /// Gives up bytes that were kept.
    pub(crate) fn give_back(&self, bytes: u64) {
        self.used_bytes.fetch_sub(bytes, Ordering::AcqRel);
    }

    fn take(&self, bytes: u64) -> bool {
        let quota = self.quota();
        let take = |used: u64| used.checked_add(bytes).filter(|used| *used <= quota);
        self.used_bytes.fetch_update(Ordering::AcqRel, Ordering::Acquire, take).is_ok()
    }
}

/// Room set aside; given back when dropped, unless the bytes came to stay.
#[derive(Debug)]
pub(crate) struct Reservation {
    ledger: Arc<Ledger>,
    bytes: u64,
}

impl Reservation {
    pub(crate) fn new(ledger: Arc<Ledger>) -> Self {
        Self { ledger, bytes: 0 }
    }

    /// Sets `bytes` more aside, or nothing and answers `false`.
    #[must_use]
    pub(crate) fn grow(&mut self, bytes: u64) -> bool {
        let taken = self.ledger.take(bytes);
        if taken {
            self.bytes += bytes;
        }
        taken
    }

    /// Gives `bytes` of it back.
    pub(crate) fn shrink(&mut self, bytes: u64) {
        let bytes = bytes.min(self.bytes);
        self.ledger.give_back(bytes);
        self.bytes -= bytes;
    }

    /// The bytes came to stay.
    pub(crate) fn keep(&mut self) {
        self.bytes = 0;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.shrink(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_comes_back_unless_the_bytes_stay() {
        let ledger = Ledger::new(10, 2);
        let mut staying = Reservation::new(ledger.clone());
        let mut passing = Reservation::new(ledger.clone());
        assert!(staying.grow(5) && passing.grow(3));
        assert!(!staying.grow(1));
        staying.keep();
        drop((staying, passing));
        assert_eq!(ledger.room(), 3);
    }

    #[test]
    fn a_quota_below_what_is_used_leaves_no_room_and_a_larger_one_does_again() {
        let ledger = Ledger::new(10, 6);
        ledger.set_quota(5);
        assert!(ledger.room() == 0 && !Reservation::new(ledger.clone()).grow(1));
        ledger.set_quota(7);
        assert_eq!(ledger.room(), 1);
        assert!(Reservation::new(ledger).grow(1));
    }
}
