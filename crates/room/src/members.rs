//! Who is here, by what they call themselves, and how they react.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use libp2p_identity::PeerId;

use crate::name::{self, NameError};

/// The most characters in a member's name.
pub const MEMBER_NAME_CHARS: usize = 40;

/// The most members shown, this one included: more do not fit on a screen, nor does a tab keep as many connections.
pub const MEMBERS_MAX: usize = 64;

/// How often a member says that it is here.
pub const HEARTBEAT: Duration = Duration::from_secs(2);

/// How long a member may be silent before it is gone: five heartbeats.
pub const GONE_AFTER: Duration = Duration::from_secs(10);

/// How long a reaction is shown.
pub const REACTION_SHOWN: Duration = Duration::from_secs(3);

/// The most reactions shown at once; the oldest give way.
pub const REACTIONS_MAX: usize = 32;

/// What a member calls itself: 1 to 40 characters of text, without spaces around them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemberName(String);

impl MemberName {
    /// The name that `text` is.
    ///
    /// # Errors
    /// [`NameError`] that says why it is none.
    pub fn new(text: &str) -> Result<Self, NameError> {
        Ok(Self(name::checked(text, MEMBER_NAME_CHARS)?.to_owned()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How members react: a few that everybody has, so that nothing else is shown in their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reaction {
    /// ❤️
    Heart,
    /// 👏
    Clap,
    /// 🔥
    Fire,
    /// 🎉
    Party,
    /// 😂
    Laugh,
    /// 😮
    Wow,
    /// 👍
    Up,
    /// 👎
    Down,
}

impl Reaction {
    /// All of them, in the order they are offered; their place is their number on the wire.
    pub const ALL: [Self; 8] =
        [Self::Heart, Self::Clap, Self::Fire, Self::Party, Self::Laugh, Self::Wow, Self::Up, Self::Down];

    /// The emoji it is shown as.
    pub fn emoji(self) -> &'static str {
        match self {
            Self::Heart => "❤️",
            Self::Clap => "👏",
            Self::Fire => "🔥",
            Self::Party => "🎉",
            Self::Laugh => "😂",
            Self::Wow => "😮",
            Self::Up => "👍",
            Self::Down => "👎",
        }
    }
}

/// Another member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What it calls itself.
    pub name: MemberName,
    /// When it was last heard, this tab's time.
    pub heard: Duration,
}

/// A reaction that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reacted {
    /// Whose it is.
    pub peer: PeerId,
    /// Which.
    pub reaction: Reaction,
    /// When it came, this tab's time.
    pub at: Duration,
}

/// The members that are here, this one left out.
#[derive(Debug, Default)]
pub struct Members {
    members: BTreeMap<PeerId, Member>,
    reactions: VecDeque<Reacted>,
}

impl Members {
    /// A member says that it is here. Whether that changes what is shown. Beyond [`MEMBERS_MAX`] nobody is added.
    pub fn heard(&mut self, peer: PeerId, name: MemberName, now: Duration) -> bool {
        let is_full = self.members.len() + 1 >= MEMBERS_MAX;
        match self.members.get_mut(&peer) {
            Some(member) => {
                member.heard = now;
                let is_new = member.name != name;
                member.name = name;
                is_new
            }
            None if is_full => false,
            None => {
                self.members.insert(peer, Member { name, heard: now });
                true
            }
        }
    }

    /// A member said goodbye. Whether it was here.
    pub fn left(&mut self, peer: PeerId) -> bool {
        self.members.remove(&peer).is_some()
    }

    /// Time has passed: those that were silent for too long are gone. Whether anybody is, or a reaction.
    pub fn tick(&mut self, now: Duration) -> bool {
        let before = (self.members.len(), self.reactions.len());
        self.members.retain(|_, member| now.saturating_sub(member.heard) < GONE_AFTER);
        self.reactions.retain(|reacted| now.saturating_sub(reacted.at) < REACTION_SHOWN);
        before != (self.members.len(), self.reactions.len())
    }

    /// A member reacted.
    pub fn react(&mut self, peer: PeerId, reaction: Reaction, now: Duration) {
        if self.reactions.len() >= REACTIONS_MAX {
            self.reactions.pop_front();
        }
        self.reactions.push_back(Reacted { peer, reaction, at: now });
    }

    /// Who is here, by peer id.
    pub fn all(&self) -> impl Iterator<Item = (PeerId, &Member)> {
        self.members.iter().map(|(peer, member)| (*peer, member))
    }

    /// Whether a member is here.
    pub fn has(&self, peer: PeerId) -> bool {
        self.members.contains_key(&peer)
    }

    /// The reactions shown now, the oldest first.
    pub fn reactions(&self) -> impl Iterator<Item = &Reacted> {
        self.reactions.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::peer;

    fn name(text: &str) -> MemberName {
        MemberName::new(text).unwrap()
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_member_is_here_until_it_is_silent_for_ten_seconds_or_says_goodbye() {
        let mut members = Members::default();
        assert!(members.heard(peer(1), name("Mira"), seconds(0)));
        assert!(members.heard(peer(2), name("Ben"), seconds(0)));
        assert!(!members.heard(peer(1), name("Mira"), seconds(5)));
        assert!(members.tick(seconds(10)));
        assert!(members.has(peer(1)) && !members.has(peer(2)));
        assert!(members.left(peer(1)) && !members.left(peer(1)));
    }

    #[test]
    fn a_new_name_is_shown() {
        let mut members = Members::default();
        members.heard(peer(1), name("Mira"), seconds(0));
        assert!(members.heard(peer(1), name("Mira B."), seconds(1)));
        assert_eq!(members.all().next().unwrap().1.name.as_str(), "Mira B.");
        assert!(MemberName::new(&"x".repeat(41)).is_err());
    }

    #[test]
    fn no_more_members_and_reactions_are_kept_than_are_shown() {
        let mut members = Members::default();
        for _ in 0..100 {
            members.heard(PeerId::random(), name("x"), seconds(0));
            members.react(peer(1), Reaction::Fire, seconds(0));
        }
        assert_eq!((members.all().count(), members.reactions().count()), (MEMBERS_MAX - 1, REACTIONS_MAX));
        assert!(members.tick(seconds(3)));
        assert_eq!(members.reactions().count(), 0);
    }

    #[test]
    fn no_two_reactions_look_the_same() {
        let shown: std::collections::BTreeSet<_> = Reaction::ALL.iter().map(|r| r.emoji()).collect();
        assert_eq!(shown.len(), Reaction::ALL.len());
    }
}
