//! What this tab lets others have: a person's upload limit, and nothing where the connection is paid for by the byte.

use kadenza_api::Offering;

/// The slowest limit that can be set, in bytes a second: below it, others would wait for nothing.
pub const LIMIT_MIN: u64 = 10_000;

/// How this tab shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sharing {
    /// Whether the connection is metered, or the browser is to save data.
    pub metered: bool,
    /// The most bytes a second that go to others; any number where `None`.
    pub limit: Option<u64>,
    /// Whether songs are kept for others that nobody here asked for.
    pub keeps: bool,
}

impl Default for Sharing {
    fn default() -> Self {
        Self { metered: false, limit: None, keeps: true }
    }
}

impl Sharing {
    /// What the peer is told.
    pub fn offering(self) -> Offering {
        Offering {
            serves: !self.metered,
            keeps: self.keeps && !self.metered,
            limit_bytes_per_second: self.limit,
        }
    }

    pub(super) fn set_limit(&mut self, limit: Option<u64>) {
        self.limit = limit.map(|limit| limit.max(LIMIT_MIN));
    }
}
