//! What this tab stores, while somebody looks at that, and how much it may.

use kadenza_api::{Losses, Result};
use kadenza_node::tab::Holdings;

/// Sizes to choose a limit from, in bytes, as far as the browser allows them.
const SIZES: [u64; 14] = [
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_000_000_000,
    5_000_000_000,
    10_000_000_000,
    20_000_000_000,
    50_000_000_000,
    100_000_000_000,
    200_000_000_000,
    500_000_000_000,
];

/// The storage sheet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StorageSheet {
    /// Whether it is open.
    pub open: bool,
    /// The most bytes this tab may store; as many as the browser allows where `None`.
    pub limit: Option<u64>,
    /// What is stored, once that is known.
    pub storage: Option<Holdings>,
    /// What would be gone with it, as far as that is counted.
    pub losses: Option<Result<Losses>>,
    /// Whether the browser is asked to keep it.
    pub asked: Asked,
}

/// Whether the browser was asked to keep what is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Asked {
    /// Nobody asked.
    #[default]
    No,
    /// It has not answered yet.
    Waiting,
    /// It did not agree.
    Refused,
}

impl StorageSheet {
    /// With what is remembered.
    pub(super) fn new(limit: Option<u64>) -> Self {
        Self { limit, ..Self::default() }
    }

    /// It was opened or closed. What an open one showed is too old to be shown by the next.
    pub(super) fn toggled(&mut self, open: bool) {
        *self = Self { open, ..Self::new(self.limit) };
    }

    /// Takes an answer in, if there is still somebody who looks at it.
    pub(super) fn seen(&mut self, storage: Holdings) {
        self.storage = Some(storage).filter(|_| self.open);
    }

    /// Takes a count in, likewise.
    pub(super) fn counted(&mut self, losses: Result<Losses>) {
        self.losses = Some(losses).filter(|_| self.open);
    }

    /// The browser answered.
    pub(super) fn answered(&mut self, agreed: bool) {
        self.asked = if agreed { Asked::No } else { Asked::Refused };
    }
}

/// The limits a person can choose from where the browser allows so many bytes: from the smallest to no limit but the
/// browser's, which is `None`.
pub fn storage_limits(allowed_bytes: u64) -> Vec<Option<u64>> {
    let sizes = SIZES.into_iter().filter(|size| *size < allowed_bytes);
    sizes.map(Some).chain([None]).collect()
}

/// Which of those is in force.
pub fn chosen_limit(limit: Option<u64>, limits: &[Option<u64>]) -> usize {
    // One that was chosen where the browser allowed more is as good as none.
    limits
        .iter()
        .position(|size| limit.is_some_and(|limit| size.is_none_or(|size| size >= limit)))
        .unwrap_or(limits.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use kadenza_api::Stored;
    use kadenza_node::tab::Lasting;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn storage() -> Holdings {
        Holdings { stored: Stored::default(), allowed_bytes: 1, lasting: Lasting::Evictable }
    }

    #[test]
    fn limits_go_up_to_what_the_browser_allows() {
        assert_eq!(storage_limits(60_000_000), [Some(25_000_000), Some(50_000_000), None]);
        assert_eq!(storage_limits(0), [None]);
    }

    #[test]
    fn a_limit_is_found_again_and_one_beyond_what_is_allowed_now_is_none() {
        let limits = storage_limits(60_000_000);
        let chosen = [None, Some(25_000_000), Some(30_000_000), Some(u64::MAX)];
        assert_eq!(chosen.map(|limit| chosen_limit(limit, &limits)), [2, 0, 1, 2]);
    }

    #[test]
    fn what_comes_after_closing_is_not_shown_and_the_limit_stays() {
        let mut sheet = StorageSheet::new(Some(5));
        sheet.toggled(true);
        sheet.seen(storage());
        sheet.counted(Ok(Losses::default()));
        sheet.answered(false);
        assert!(sheet.storage.is_some() && sheet.losses.is_some() && sheet.asked == Asked::Refused);
        sheet.toggled(false);
        sheet.seen(storage());
        sheet.counted(Ok(Losses::default()));
        assert_eq!(sheet, StorageSheet::new(Some(5)));
    }
}
