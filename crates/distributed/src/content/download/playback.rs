//! What a player hears when, as far as a download can tell: from where its reader began on, with no gap but those the
//! download itself causes.

use std::time::Duration;

use crate::content::groups::GroupSet;

/// How long a group in the window waits for the peer whose share it is: until it is nearly heard, or this.
const HEAD_START: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_millis(700);

/// A player reads far ahead of what is heard. A crowd that shares the work need not keep pace with that: it is enough to be
/// 256 KiB ahead of a song of three minutes, or of 48 KiB a second (393 kbit/s, more than an MP3
/// has) if that is more.
const AHEAD: u64 = 16;
const SONG_AT_LEAST: Duration = Duration::from_secs(180);
const GROUPS_A_SECOND: f64 = 3.0;

/// Groups from where a reader begins that wait for nobody: 32 KiB, the first sound.
const AT_ONCE: u64 = 2;

/// What a reader begins with, 160 KiB, has the links to itself; but no longer than a second. Chromium 156 reads 80 to 160 KiB
/// of an MP3 before it sounds. A pause follows, for what a tab does to receive the rest must not keep its player from decoding
/// the beginning: as long as the beginning took, since a busy machine decodes slowly too.
const BEGINNING: u64 = 10;
const BEGINS_WITHIN: Duration = Duration::from_secs(1);
const DECODES_WITHIN: Duration = Duration::from_millis(100);

/// The clock of what is heard. Times are since the download began.
#[derive(Debug)]
pub(super) struct Playback {
    /// Groups of the song that are heard in a second, at the most.
    rate: f64,
    /// Where and when a reader began, after a jump perhaps.
    began_at: u64,
    begun: Duration,
    /// When that group was heard, had the player not stood still since.
    heard: Duration,
    /// The first group from there on that is not here.
    next: u64,
    /// How long it took until all of the beginning was here.
    beginning_took: Option<Duration>,
    count: u64,
}

impl Playback {
    /// Of a content of `count` groups that nobody reads yet.
    pub(super) fn new(count: u64) -> Self {
        let rate = (count as f64 / SONG_AT_LEAST.as_secs_f64()).max(GROUPS_A_SECOND);
        Self {
            rate,
            began_at: 0,
            begun: Duration::ZERO,
            heard: Duration::ZERO,
            next: 0,
            beginning_took: None,
            count,
        }
    }

    /// A reader begins at a group.
    pub(super) fn begin(&mut self, group: u64, held: &GroupSet, now: Duration) {
        (self.began_at, self.begun, self.heard, self.next) = (group, now, now, group);
        self.beginning_took = None;
        self.move_on(held, now);
    }

    /// The group after those that a reader begins with.
    pub(super) fn beginning_ends(&self) -> u64 {
        (self.began_at + BEGINNING).min(self.count)
    }

    /// Until when the beginning has the links to itself; `waits` is whether a reader waits for anything.
    pub(super) fn has_links_until(&self, waits: bool) -> Duration {
        let within = match self.beginning_took {
            Some(took) => (took * 2).clamp(DECODES_WITHIN, BEGINS_WITHIN),
            None if waits => BEGINS_WITHIN,
            None => DECODES_WITHIN,
        };
        self.begun + within
    }

    /// When it did.
    pub(super) fn begun(&self) -> Duration {
        self.begun
    }

    /// Groups came, and these are here now.
    pub(super) fn came(&mut self, held: &GroupSet, now: Duration) {
        if held.has(self.next) {
            self.heard += self.standstill(now);
            self.move_on(held, now);
        }
    }

    /// A group is not here any more.
    pub(super) fn lost(&mut self, group: u64) {
        if group >= self.began_at {
            self.next = self.next.min(group);
        }
    }

    /// From when on a group is asked of anybody, whose share it may be: a second before it is heard.
    pub(super) fn due(&self, group: u64, now: Duration) -> Duration {
        if group.saturating_sub(self.began_at) < AT_ONCE {
            return self.begun;
        }
        let heard = self.heard + self.standstill(now) + self.lasts_until(group);
        heard.saturating_sub(HEAD_START).max(self.begun + PATIENCE)
    }

    /// Whether a reader that is at `aim` is so far ahead of what is heard that nothing is urgent.
    pub(super) fn is_well_ahead(&self, aim: u64, now: Duration) -> bool {
        let began = self.heard + self.standstill(now);
        let heard = self.rate * now.saturating_sub(began).as_secs_f64();
        aim.saturating_sub(self.began_at + AHEAD) as f64 > heard
    }

    /// How long the player has waited for the next group.
    fn standstill(&self, now: Duration) -> Duration {
        now.saturating_sub(self.heard + self.lasts_until(self.next))
    }

    /// What the groups before this one take to be heard.
    fn lasts_until(&self, group: u64) -> Duration {
        Duration::from_secs_f64(group.saturating_sub(self.began_at) as f64 / self.rate)
    }

    fn move_on(&mut self, held: &GroupSet, now: Duration) {
        while held.has(self.next) {
            self.next += 1;
        }
        if self.next >= self.beginning_ends() {
            self.beginning_took.get_or_insert(now.saturating_sub(self.begun));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    fn first(groups: u64) -> GroupSet {
        let mut held = GroupSet::none(90);
        held.insert_all(&(0..groups));
        held
    }

    #[test]
    fn what_comes_late_is_heard_late_and_so_is_all_that_follows() {
        let mut playback = Playback::new(90);
        playback.begin(0, &first(0), at(0.0));
        assert_eq!(playback.due(30, at(0.0)), at(9.0), "three groups a second, and one second before");
        assert_eq!(playback.due(30, at(5.0)), at(14.0), "nothing came for five seconds");
        playback.came(&first(6), at(6.0));
        assert_eq!(playback.due(30, at(6.0)), at(15.0));
        assert_eq!(playback.due(30, at(8.0)), at(15.0), "it has something to play");
        assert_eq!(playback.due(30, at(9.0)), at(16.0), "it has had nothing for a second");
    }

    #[test]
    fn the_rest_waits_for_as_long_as_the_beginning_took_but_no_longer_than_a_second_in_all() {
        let until = |took: f64| {
            let mut playback = Playback::new(90);
            playback.begin(0, &first(0), at(3.0));
            assert_eq!(playback.has_links_until(true), at(4.0), "it has not come yet");
            playback.came(&first(BEGINNING), at(3.0 + took));
            playback.has_links_until(false)
        };
        assert_eq!([0.01, 0.3, 0.9].map(until), [3.1, 3.6, 4.0].map(at));
    }

    #[test]
    fn a_jump_begins_anew_and_what_is_here_is_heard_at_once() {
        let mut playback = Playback::new(90);
        playback.begin(0, &first(0), at(0.0));
        playback.begin(30, &first(36), at(7.0));
        assert_eq!(playback.due(42, at(7.0)), at(10.0));
        assert_eq!(playback.due(42, at(9.0)), at(10.0));
        playback.lost(31);
        assert_eq!(playback.due(42, at(9.0)), at(10.0) + at(2.0) - at(1.0 / 3.0));
    }
}
