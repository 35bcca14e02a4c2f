//! A bounded map whose entries all live equally long.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
};

use aka::gba::UnixTime;

/// What to do about one entry too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WhenFull {
    /// It does not go in.
    Refuse,
    /// The oldest goes.
    Evict,
}

pub(super) struct Expiring<K, V> {
    entries: HashMap<K, (UnixTime, V)>,
    /// When each was put in to end, the oldest first; some are gone already.
    order: VecDeque<(UnixTime, K)>,
    lifetime: u64,
    capacity: usize,
    when_full: WhenFull,
}

impl<K: Clone + Eq + Hash, V> Expiring<K, V> {
    pub(super) fn new(lifetime: u64, capacity: usize, when_full: WhenFull) -> Self {
        Self {
            entries: HashMap::new(),
            order: VecDeque::new(),
            lifetime,
            capacity,
            when_full,
        }
    }

    /// Puts an entry in, and says until when it is there; `None` where there is no room.
    pub(super) fn insert(&mut self, key: K, value: V, now: UnixTime) -> Option<UnixTime> {
        self.purge(now);
        if self.entries.len() >= self.capacity {
            if self.when_full == WhenFull::Refuse {
                return None;
            }
            self.evict();
        }
        let until = now.after(self.lifetime);
        self.entries.insert(key.clone(), (until, value));
        self.order.push_back((until, key));
        Some(until)
    }

    pub(super) fn get(&self, key: &K, now: UnixTime) -> Option<&V> {
        let entry = self.entries.get(key);
        entry
            .filter(|(until, _)| now < *until)
            .map(|(_, value)| value)
    }

    pub(super) fn remove(&mut self, key: &K, now: UnixTime) -> Option<V> {
        let entry = self.entries.remove(key);
        entry
            .filter(|(until, _)| now < *until)
            .map(|(_, value)| value)
    }

    pub(super) fn values(&self, now: UnixTime) -> impl Iterator<Item = &V> {
        let fresh = self.entries.values().filter(move |(until, _)| now < *until);
        fresh.map(|(_, value)| value)
    }

    fn purge(&mut self, now: UnixTime) {
        while let Some((until, key)) = self.order.front()
            && (*until <= now || !self.is_there(*until, key))
        {
            self.evict();
        }
        if self.order.len() > self.capacity.saturating_mul(2) {
            let entries = &self.entries;
            let is_there =
                |(until, key): &(UnixTime, K)| entries.get(key).is_some_and(|(of, _)| of == until);
            self.order.retain(is_there);
        }
    }

    fn evict(&mut self) {
        let Some((until, key)) = self.order.pop_front() else {
            return;
        };
        if self.is_there(until, &key) {
            self.entries.remove(&key);
        }
    }

    /// Whether it is the entry that was put in then, and not a later one in its place.
    fn is_there(&self, until: UnixTime, key: &K) -> bool {
        self.entries.get(key).is_some_and(|(of, _)| *of == until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> UnixTime {
        UnixTime::new(seconds)
    }

    #[test]
    fn entries_end_and_make_room() {
        let mut map = Expiring::new(10, 2, WhenFull::Refuse);
        assert_eq!(map.insert("a", 1, at(0)), Some(at(10)));
        assert_eq!(map.insert("b", 2, at(5)), Some(at(15)));
        assert_eq!(map.insert("c", 3, at(9)), None);
        assert_eq!(map.get(&"a", at(9)), Some(&1));
        assert_eq!(map.get(&"a", at(10)), None);
        assert_eq!(map.insert("c", 3, at(10)), Some(at(20)));
        assert_eq!(map.remove(&"b", at(14)), Some(2));
        assert_eq!(map.remove(&"b", at(14)), None);
        assert_eq!(map.values(at(14)).copied().collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn the_oldest_goes_where_that_is_wanted() {
        let mut map = Expiring::new(10, 2, WhenFull::Evict);
        for (key, now) in [("a", 0), ("b", 1), ("c", 2)] {
            assert!(map.insert(key, now, at(now)).is_some());
        }
        assert_eq!(map.get(&"a", at(3)), None);
        assert_eq!(map.get(&"b", at(3)), Some(&1));
    }

    #[test]
    fn an_entry_in_the_place_of_another_has_its_own_end() {
        let mut map = Expiring::new(10, 8, WhenFull::Evict);
        map.insert("a", 1, at(0));
        map.insert("a", 2, at(5));
        map.insert("b", 3, at(11));
        assert_eq!(map.get(&"a", at(14)), Some(&2));
        for round in 0..1000 {
            map.insert("x", round, at(20));
            map.remove(&"x", at(20));
        }
        assert!(map.order.len() <= 17, "{}", map.order.len());
    }
}
