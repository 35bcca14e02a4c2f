//! What was asked lately, for the page: who, which SIM, what, and how it ended.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;

/// The last few requests, without anything that was sent or answered.
#[derive(Debug, Default)]
pub struct Activity {
    events: Mutex<VecDeque<Event>>,
}

/// One request that reached a SIM.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) time: Timestamp,
    pub(crate) caller: String,
    pub(crate) sim: String,
    pub(crate) action: &'static str,
    pub(crate) outcome: &'static str,
}

/// How many are remembered.
const KEPT: usize = 20;

impl Activity {
    pub(crate) fn note(&self, event: Event) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.truncate(KEPT - 1);
        events.push_front(event);
    }

    /// The newest first.
    pub(crate) fn recent(&self) -> Vec<Event> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_come_first_and_the_oldest_are_forgotten() {
        let activity = Activity::default();
        for number in 0..25 {
            activity.note(Event {
                time: Timestamp::UNIX_EPOCH,
                caller: number.to_string(),
                sim: "soft:0".into(),
                action: "imsi",
                outcome: "success",
            });
        }
        let callers: Vec<_> = activity.recent().into_iter().map(|e| e.caller).collect();
        assert_eq!(callers.len(), KEPT);
        assert_eq!((callers[0].as_str(), callers[19].as_str()), ("24", "5"));
    }
}
