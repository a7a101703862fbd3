//! What was used lately, up to a number of bytes.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Values by key; those used longest ago make room for others.
#[derive(Debug)]
pub(crate) struct Lru<K, V> {
    most_bytes: u64,
    bytes: u64,
    uses: u64,
    values: HashMap<K, Used<V>>,
    by_use: BTreeMap<u64, K>,
}

#[derive(Debug)]
struct Used<V> {
    value: V,
    bytes: u64,
    used: u64,
}

impl<K: Copy + Eq + Hash, V: Clone> Lru<K, V> {
    /// An empty one for values of `most_bytes` together.
    pub(crate) fn new(most_bytes: u64) -> Self {
        Self { most_bytes, bytes: 0, uses: 0, values: HashMap::new(), by_use: BTreeMap::new() }
    }

    pub(crate) fn get(&mut self, key: &K) -> Option<V> {
        let found = self.values.get_mut(key)?;
        self.uses += 1;
        self.by_use.remove(&std::mem::replace(&mut found.used, self.uses));
        self.by_use.insert(self.uses, *key);
        Some(found.value.clone())
    }

    /// Remembers a value that takes up `bytes`. One that is larger than all there is for them is not remembered.
    pub(crate) fn insert(&mut self, key: K, value: V, bytes: u64) {
        self.remove(&key);
        if bytes > self.most_bytes {
            return;
        }
        while self.bytes + bytes > self.most_bytes {
            let Some(oldest) = self.by_use.first_key_value().map(|(_, key)| *key) else { break };
            self.remove(&oldest);
        }
        self.uses += 1;
        self.bytes += bytes;
        self.by_use.insert(self.uses, key);
        self.values.insert(key, Used { value, bytes, used: self.uses });
    }

    fn remove(&mut self, key: &K) {
        if let Some(removed) = self.values.remove(key) {
            self.by_use.remove(&removed.used);
            self.bytes -= removed.bytes;
        }
    }

    pub(crate) fn retain(&mut self, keeps: impl Fn(&K) -> bool) {
        let leaving: Vec<K> = self.values.keys().filter(|key| !keeps(key)).copied().collect();
        leaving.iter().for_each(|key| self.remove(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_makes_room() {
        let mut lru = Lru::new(10);
        lru.insert('a', 1, 4);
        lru.insert('b', 2, 4);
        assert_eq!(lru.get(&'a'), Some(1));
        lru.insert('c', 3, 4);
        assert_eq!([lru.get(&'a'), lru.get(&'b'), lru.get(&'c')], [Some(1), None, Some(3)]);
        lru.insert('d', 4, 11);
        assert_eq!([lru.get(&'a'), lru.get(&'d')], [Some(1), None]);
        lru.insert('a', 5, 10);
        assert_eq!([lru.get(&'a'), lru.get(&'c')], [Some(5), None]);
        lru.retain(|key| *key != 'a');
        assert_eq!((lru.bytes, lru.by_use.len()), (0, 0));
    }
}
