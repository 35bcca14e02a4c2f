//! How long answers took lately, so that one that is ready sooner can be held back.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The last 64 durations.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Mutex<VecDeque<Duration>>,
}

impl Pace {
    pub(super) fn note(&self, took: Duration) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() == KEPT {
            last.pop_front();
        }
        last.push_back(took);
    }

    /// One of them, by chance: whoever is held back that long looks like any other. Where there is
    /// none yet, a usual one.
    pub(super) fn draw(&self) -> Duration {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let mut chance = [0];
        // without chance it is the first
        getrandom::fill(&mut chance).unwrap_or_default();
        let index = usize::from(chance[0]).checked_rem(last.len());
        index
            .and_then(|index| last.get(index).copied())
            .unwrap_or(USUAL)
    }
}

const KEPT: usize = 64;
const USUAL: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_drawn_from_the_last_ones() {
        let pace = Pace::default();
        assert_eq!(pace.draw(), USUAL);
        for millis in 1..=100 {
            pace.note(Duration::from_millis(millis));
        }
        let recent = Duration::from_millis(37)..=Duration::from_millis(100);
        assert!((0..100).all(|_| recent.contains(&pace.draw())));
    }
}
