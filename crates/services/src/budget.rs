//! Memory for bytes that wait to be written: one bound for the whole node, whoever they come from.

use std::sync::{Arc, Mutex};

use futures::channel::oneshot;

use crate::services::lock;

/// The most bytes that wait in memory to be written: 24 MiB. Enough that a store which pauses for a second stops
/// nobody at 20 MB/s; little enough for a tab.
pub(crate) const UNWRITTEN_MAX_BYTES: u64 = 24 * 1024 * 1024;

/// The account of that memory.
#[derive(Debug)]
pub(crate) struct Budget {
    most_bytes: u64,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    bytes: u64,
    /// Woken, all of them, when some comes back: whoever finds none left waits anew.
    waiting: Vec<oneshot::Sender<()>>,
}

impl Budget {
    pub(crate) fn new(most_bytes: u64) -> Arc<Self> {
        Arc::new(Self { most_bytes, taken: Mutex::default() })
    }

    /// Takes `bytes`, or says what to wait for before trying again.
    pub(crate) fn take(self: &Arc<Self>, bytes: u64) -> Result<Lease, oneshot::Receiver<()>> {
        let mut taken = lock(&self.taken);
        // What is more than all there is would wait for ever, so it may have all.
        if taken.bytes + bytes <= self.most_bytes || taken.bytes == 0 {
            taken.bytes += bytes;
            return Ok(Lease { budget: self.clone(), bytes });
        }
        let (sender, receiver) = oneshot::channel();
        taken.waiting.push(sender);
        Err(receiver)
    }

    /// Whether somebody waits for memory.
    pub(crate) fn is_wanted(&self) -> bool {
        let mut taken = lock(&self.taken);
        taken.waiting.retain(|waiting| !waiting.is_canceled());
        !taken.waiting.is_empty()
    }

    /// How much is taken.
    pub(crate) fn taken_bytes(&self) -> u64 {
        lock(&self.taken).bytes
    }

    fn give_back(&self, bytes: u64) {
        let waiting = {
            let mut taken = lock(&self.taken);
            taken.bytes -= bytes;
            std::mem::take(&mut taken.waiting)
        };
        for waiting in waiting {
            // Who has stopped waiting needs no waking.
            let _ = waiting.send(());
        }
    }
}

/// Some of the memory; given back when dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    budget: Arc<Budget>,
    bytes: u64,
}

impl Lease {
    /// A part of it, as a lease of its own.
    pub(crate) fn split(&mut self, bytes: u64) -> Self {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        Self { budget: self.budget.clone(), bytes }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.budget.give_back(self.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_wakes_whoever_waits() {
        let budget = Budget::new(10);
        let mut first = budget.take(8).unwrap();
        let half = first.split(4);
        let mut waiting = budget.take(3).unwrap_err();
        assert!(budget.is_wanted());
        assert_eq!(waiting.try_recv(), Ok(None));
        drop(half);
        assert_eq!(waiting.try_recv(), Ok(Some(())));
        let second = budget.take(3).unwrap();
        drop(budget.take(4).unwrap_err());
        assert!(!budget.is_wanted(), "nobody waits any more");
        drop((first, second));
        assert!(budget.take(11).is_ok(), "more than all there is, when nothing is taken");
    }
}
