//! A set of groups of one content.

use kadenza_api::Groups;

/// Some of a content's groups, as one bit each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupSet {
    words: Vec<u64>,
    count: u64,
    len: u64,
}

const BITS: u64 = u64::BITS as u64;

impl GroupSet {
    /// None of `count` groups.
    pub(crate) fn none(count: u64) -> Self {
        let words = usize::try_from(count.div_ceil(BITS)).unwrap_or(usize::MAX);
        Self { words: vec![0; words], count, len: 0 }
    }

    /// All of `count` groups.
    pub(crate) fn all(count: u64) -> Self {
        let mut all = Self::none(count);
        all.insert_all(&(0..count));
        all
    }

    /// How many groups the content has.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// How many of them are in the set.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn is_all(&self) -> bool {
        self.len == self.count
    }

    pub(crate) fn has(&self, group: u64) -> bool {
        let word = usize::try_from(group / BITS).ok().and_then(|at| self.words.get(at));
        group < self.count && word.is_some_and(|word| word >> (group % BITS) & 1 == 1)
    }

    /// Adds a group; whether it was not there before. One the content does not have is none.
    pub(crate) fn insert(&mut self, group: u64) -> bool {
        if group >= self.count || self.has(group) {
            return false;
        }
        if let Some(word) = usize::try_from(group / BITS).ok().and_then(|at| self.words.get_mut(at)) {
            *word |= 1 << (group % BITS);
            self.len += 1;
        }
        true
    }

    pub(crate) fn insert_all(&mut self, groups: &Groups) {
        for group in groups.start..groups.end.min(self.count) {
            self.insert(group);
        }
    }

    pub(crate) fn remove(&mut self, group: u64) {
        if !self.has(group) {
            return;
        }
        if let Some(word) = usize::try_from(group / BITS).ok().and_then(|at| self.words.get_mut(at)) {
            *word &= !(1 << (group % BITS));
            self.len -= 1;
        }
    }

    /// Takes out what is in `other`.
    pub(crate) fn remove_all(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= !other);
        self.recount();
    }

    /// Adds what is in `other`, a set of groups of the same content.
    pub(crate) fn add_all(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
        self.recount();
    }

    /// How many groups are in `other` too, a set of groups of the same content.
    pub(crate) fn overlap(&self, other: &Self) -> u64 {
        self.words.iter().zip(&other.words).map(|(word, other)| u64::from((word & other).count_ones())).sum()
    }

    fn recount(&mut self) {
        self.len = self.words.iter().map(|word| u64::from(word.count_ones())).sum();
    }

    /// The groups in the set from `first` on, in order.
    pub(crate) fn from(&self, first: u64) -> impl Iterator<Item = u64> {
        let start = usize::try_from(first / BITS).unwrap_or(usize::MAX);
        self.words.iter().enumerate().skip(start).flat_map(move |(at, word)| {
            let mut left = if at == start { *word & (u64::MAX << (first % BITS)) } else { *word };
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| u64::from(left.trailing_zeros()))?;
                left &= left - 1;
                Some(at as u64 * BITS + bit)
            })
        })
    }

    /// The set as ranges, in order, without gaps between the groups of one.
    pub(crate) fn ranges(&self) -> Vec<Groups> {
        runs(self.from(0))
    }
}

/// Ascending groups as ranges, without gaps between the groups of one.
pub(crate) fn runs(groups: impl Iterator<Item = u64>) -> Vec<Groups> {
    let mut runs: Vec<Groups> = Vec::new();
    for group in groups {
        match runs.last_mut() {
            Some(run) if run.end == group => run.end += 1,
            _ => runs.push(group..group + 1),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_was_put_in_and_not_taken_out(count in 0u64..200, changes in prop::collection::vec((any::<bool>(), 0u64..220), 0..100)) {
            let (mut set, mut model) = (GroupSet::none(count), BTreeSet::new());
            for (add, group) in changes {
                if add {
                    prop_assert_eq!(set.insert(group), group < count && model.insert(group));
                } else {
                    set.remove(group);
                    model.remove(&group);
                }
            }
            prop_assert_eq!(set.len(), model.len() as u64);
            for first in 0..count {
                prop_assert!(set.from(first).eq(model.range(first..).copied()));
            }
            let listed: BTreeSet<u64> = set.ranges().into_iter().flatten().collect();
            prop_assert_eq!(listed, model);
        }
    }

    proptest! {
        #[test]
        fn sets_are_added_and_taken_out_as_wholes(one: BTreeSet<u8>, other: BTreeSet<u8>) {
            let set = |groups: &BTreeSet<u8>| {
                let mut set = GroupSet::none(256);
                for group in groups {
                    set.insert(u64::from(*group));
                }
                set
            };
            let (mut both, mut rest) = (set(&one), set(&one));
            both.add_all(&set(&other));
            rest.remove_all(&set(&other));
            prop_assert_eq!(both, set(&one.union(&other).copied().collect()));
            prop_assert_eq!(rest, set(&one.difference(&other).copied().collect()));
        }
    }

    #[test]
    fn all_is_all() {
        assert!(GroupSet::all(65).is_all() && GroupSet::all(65).ranges().len() == 1);
        assert!(!GroupSet::none(1).is_all());
    }
}
