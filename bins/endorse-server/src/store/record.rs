//! What a SIM was asked lately, and what it may be asked now: pure, for every store alike.

use endorse::UnixTime;

use super::{Asked, Budget, Secret};
use crate::Server;

/// What a SIM was asked lately, for one purpose.
#[derive(Debug)]
pub(super) struct Record {
    /// The beginning of the budget's minute.
    pub(super) since: UnixTime,
    pub(super) vectors: u32,
    pub(super) challenges: u32,
    /// The open challenge, and until when it is told again.
    pub(super) open: Option<(Secret, UnixTime)>,
    /// Until when whoever was told to make a challenge has time for it.
    pub(super) making: Option<UnixTime>,
}

impl Record {
    pub(super) fn new(now: UnixTime) -> Self {
        Self {
            since: now,
            vectors: 0,
            challenges: 0,
            open: None,
            making: None,
        }
    }

    pub(super) fn ask(&mut self, budget: Budget, now: UnixTime) -> Asked {
        if !is_current(self.since, now) {
            (self.since, self.vectors, self.challenges) = (now, 0, 0);
        }
        if self.challenges >= budget.challenges {
            return Asked::TooOften;
        }
        if let Some(open) = self.open(now) {
            self.challenges += 1;
            return Asked::Again(open);
        }
        if self
            .making
            .is_some_and(|until| is_within(now, until, MAKING))
        {
            return Asked::Soon;
        }
        if self.vectors >= budget.vectors {
            return Asked::TooOften;
        }
        self.challenges += 1;
        self.vectors += 1;
        self.making = Some(now.plus(MAKING));
        Asked::Anew
    }

    /// The challenge that counts from now on.
    pub(super) fn offer(&mut self, vector: Secret, until: UnixTime, now: UnixTime) -> Secret {
        self.making = None;
        if let Some(open) = self.open(now) {
            return open;
        }
        self.open = Some((vector.clone(), until));
        vector
    }

    pub(super) fn close(&mut self) {
        (self.open, self.making) = (None, None);
    }

    pub(super) fn is_alive(&self, now: UnixTime) -> bool {
        is_current(self.since, now) || self.open(now).is_some()
    }

    fn open(&self, now: UnixTime) -> Option<Secret> {
        let (vector, until) = self.open.as_ref()?;
        is_within(now, *until, Server::AGAIN).then(|| vector.clone())
    }
}

/// Seconds in which whoever was told to make a challenge makes it.
const MAKING: u64 = 2;

/// Whether a minute that began then is not over, whichever way a clock was set.
fn is_current(since: UnixTime, now: UnixTime) -> bool {
    since.seconds().abs_diff(now.seconds()) < 60
}

/// Whether `now` is before `until`, and not so long before that the clock must have been set back.
fn is_within(now: UnixTime, until: UnixTime, life: u64) -> bool {
    now < until && until <= now.plus(life)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);
    const BUDGET: Budget = Budget {
        vectors: 2,
        challenges: 4,
    };

    fn word(asked: &Asked) -> &'static str {
        match asked {
            Asked::Again(_) => "again",
            Asked::Anew => "anew",
            Asked::Soon => "soon",
            Asked::TooOften => "too often",
            Asked::Full => "full",
        }
    }

    fn ask(record: &mut Record, now: UnixTime) -> &'static str {
        word(&record.ask(BUDGET, now))
    }

    fn offer(record: &mut Record, octet: u8, now: UnixTime) -> u8 {
        record.offer(Secret::new(vec![octet]), now.plus(30), now)[0]
    }

    #[test]
    fn one_makes_a_challenge_and_the_others_wait_for_it() {
        let mut record = Record::new(NOW);
        assert_eq!(ask(&mut record, NOW), "anew");
        assert_eq!(ask(&mut record, NOW.plus(1)), "soon");
        assert_eq!(offer(&mut record, 1, NOW.plus(1)), 1);
        assert_eq!(ask(&mut record, NOW.plus(1)), "again");
    }

    #[test]
    fn whoever_died_while_making_one_is_not_waited_for() {
        let mut record = Record::new(NOW);
        assert_eq!(ask(&mut record, NOW), "anew");
        assert_eq!(ask(&mut record, NOW.plus(2)), "anew");
    }

    #[test]
    fn of_two_that_were_made_the_first_counts() {
        let mut record = Record::new(NOW);
        assert_eq!(offer(&mut record, 1, NOW), 1);
        assert_eq!(offer(&mut record, 2, NOW.plus(29)), 1);
        assert_eq!(offer(&mut record, 3, NOW.plus(30)), 3);
    }

    #[test]
    fn a_challenge_is_told_again_for_half_a_minute_and_until_it_is_closed() {
        let mut record = Record::new(NOW);
        offer(&mut record, 1, NOW);
        assert_eq!(ask(&mut record, NOW.plus(29)), "again");
        assert_eq!(ask(&mut record, NOW.plus(30)), "anew");
        offer(&mut record, 2, NOW.plus(30));
        record.close();
        assert_eq!(ask(&mut record, NOW.plus(30)), "anew");
    }

    #[test]
    fn new_vectors_have_a_budget_for_a_minute() {
        let mut record = Record::new(NOW);
        for _ in 0..2 {
            assert_eq!(ask(&mut record, NOW), "anew");
            record.close();
        }
        assert_eq!(ask(&mut record, NOW.plus(59)), "too often");
        assert_eq!(ask(&mut record, NOW.plus(60)), "anew");
    }

    #[test]
    fn challenges_that_are_told_again_have_a_budget_too() {
        let mut record = Record::new(NOW);
        offer(&mut record, 1, NOW);
        for _ in 0..4 {
            assert_eq!(ask(&mut record, NOW), "again");
        }
        assert_eq!(ask(&mut record, NOW.plus(29)), "too often");
    }

    #[test]
    fn a_clock_that_is_set_back_or_forth_locks_nobody_out() {
        for step in [NOW.minus(3600), NOW.plus(3600)] {
            let mut record = Record::new(NOW);
            for _ in 0..2 {
                ask(&mut record, NOW);
                record.close();
            }
            assert_eq!(ask(&mut record, NOW), "too often");
            assert_eq!(ask(&mut record, step), "anew");
            offer(&mut record, 1, step);
            // what was opened in a time that is far ahead now is not told again
            assert_eq!(ask(&mut record, step.minus(100)), "anew");
        }
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let mut record = Record::new(NOW);
        offer(&mut record, 1, NOW.plus(50));
        assert!(record.is_alive(NOW.plus(79)));
        assert!(!record.is_alive(NOW.plus(80)));
    }
}
