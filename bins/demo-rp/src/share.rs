//! Room that is shared: nobody takes that of the others.

use std::collections::HashMap;
use std::hash::Hash;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// Of one owner.
    pub(crate) share: usize,
    /// Of all of them.
    pub(crate) most: usize,
}

impl Room {
    /// Which of those that are kept gives way to one more of `newcomer`: the oldest of theirs where they
    /// have their share, or else the oldest of whoever has most, where all is full.
    ///
    /// `owners` are those of what is kept, the oldest first.
    pub(crate) fn gives_way<O: Eq + Hash>(self, owners: &[O], newcomer: &O) -> Option<usize> {
        let first = |owner: &O| owners.iter().position(|one| one == owner);
        let theirs = owners.iter().filter(|owner| *owner == newcomer).count();
        if theirs >= self.share {
            return first(newcomer);
        }
        if owners.len() < self.most {
            return None;
        }
        let mut counts = HashMap::new();
        for owner in owners {
            let count: &mut usize = counts.entry(owner).or_default();
            *count = count.saturating_add(1);
        }
        let most = counts.into_values().max()?;
        let has_most = |owner: &&O| owners.iter().filter(|one| one == owner).count() == most;
        first(owners.iter().find(has_most)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { share: 3, most: 5 };

    #[test]
    fn there_is_room_until_somebody_has_their_share_or_all_is_full() {
        assert_eq!(ROOM.gives_way(&[], &"a"), None);
        assert_eq!(ROOM.gives_way(&["a", "a", "b", "b"], &"a"), None);
    }

    #[test]
    fn whoever_has_their_share_gives_up_their_own_oldest() {
        assert_eq!(ROOM.gives_way(&["b", "a", "a", "a"], &"a"), Some(1));
        assert_eq!(ROOM.gives_way(&["b", "a", "a", "a"], &"b"), None);
    }

    #[test]
    fn where_all_is_full_whoever_has_most_gives_up_their_oldest() {
        assert_eq!(ROOM.gives_way(&["c", "a", "b", "b", "a"], &"d"), Some(1));
        assert_eq!(ROOM.gives_way(&["c", "b", "a", "b", "d"], &"e"), Some(1));
    }
}
