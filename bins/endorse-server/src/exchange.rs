//! The open challenges: each lives for a minute, and has one answer.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aka::{Imsi, Rand};
use endorse::confirm::{ConfirmationKey, Transaction, Transcript};
use endorse::{Audience, RequestParameters, UnixTime};
use strict_jws::Thumbprint;

/// What the device asks to have in its token.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "whoever asks fills in all of it")]
pub struct Wanted {
    /// For whom the token is to be.
    pub audience: Audience,
    /// What the audience gave the device.
    pub nonce: Option<String>,
    /// The key that the token is to be bound to.
    pub key: Option<Thumbprint>,
    /// Names and values.
    pub request_parameters: RequestParameters,
}

/// A challenge that has not been answered. Of CK and IK only the key for the answer is left.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "the server fills in all of it")]
pub struct Open {
    /// Whose SIM is asked.
    pub imsi: Imsi,
    /// The challenge.
    pub rand: Rand,
    /// What only the SIM's holder can use.
    pub key: ConfirmationKey,
    /// What the device asked for.
    pub wanted: Wanted,
    /// When its life ends.
    pub until: UnixTime,
}

/// Why there is no new challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// This SIM has been asked too often within the last minute.
    #[error("this SIM has been asked too often")]
    TooOften,
    /// More challenges are open than the server keeps.
    #[error("too many challenges are open")]
    Full,
}

/// The open challenges, and how often each SIM was asked.
#[derive(Debug)]
pub struct Exchange {
    state: Mutex<State>,
    budget: u32,
    capacity: usize,
}

#[derive(Debug, Default)]
struct State {
    open: HashMap<Transaction, Open>,
    /// The beginning of a minute, and how often the SIM was asked in it.
    asked: HashMap<Imsi, (UnixTime, u32)>,
}

impl Default for Exchange {
    /// 10 challenges a minute for a SIM, 100 000 open ones.
    fn default() -> Self {
        Self::new(10, 100_000)
    }
}

impl Exchange {
    /// How many seconds a challenge lives.
    pub const LIFE: u64 = 60;

    /// With so many challenges a minute for each SIM, and so many open ones.
    pub fn new(budget: u32, capacity: usize) -> Self {
        Self {
            state: Mutex::default(),
            budget,
            capacity,
        }
    }

    /// Takes one challenge from the SIM's budget, before a sequence number is spent on it.
    ///
    /// # Errors
    /// [`Refused`]
    pub fn spend(&self, imsi: &Imsi, now: UnixTime) -> Result<(), Refused> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.open.len() >= self.capacity || state.asked.len() >= self.capacity {
            state.open.retain(|_, open| now < open.until);
            state.asked.retain(|_, (since, _)| is_current(*since, now));
        }
        if state.open.len() >= self.capacity || state.asked.len() >= self.capacity {
            return Err(Refused::Full);
        }
        let asked = state.asked.entry(*imsi).or_insert((now, 0));
        if !is_current(asked.0, now) {
            *asked = (now, 0);
        }
        if asked.1 >= self.budget {
            return Err(Refused::TooOften);
        }
        asked.1 += 1;
        Ok(())
    }

    /// Keeps a challenge that is on its way.
    pub fn keep(&self, transaction: Transaction, open: Open) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.open.insert(transaction, open);
    }

    /// Takes a challenge out, whatever the answer to it is: there is no second one.
    pub fn take(&self, transaction: &Transaction, now: UnixTime) -> Option<Open> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state
            .open
            .remove(transaction)
            .filter(|open| now < open.until)
    }
}

impl Open {
    /// Whether `confirm` is the answer of whoever holds CK and IK, to an issuer at `origin`.
    pub fn is_confirmed(&self, origin: &str, confirm: &[u8]) -> bool {
        let transcript = Transcript {
            origin,
            nonce: self.wanted.nonce.as_deref(),
            audience: self.wanted.audience.as_str(),
            request_parameters: &self.wanted.request_parameters,
            key: self.wanted.key.as_ref(),
        };
        self.key.verifies(&transcript, confirm)
    }
}

/// Whether a minute that began then is not over, whichever way a clock was set.
fn is_current(since: UnixTime, now: UnixTime) -> bool {
    since.seconds().abs_diff(now.seconds()) < 60
}

#[cfg(test)]
mod tests {
    use endorse::confirm::AkaRun;

    use super::*;

    const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

    fn imsi() -> Imsi {
        "001010000000001".parse().unwrap()
    }

    fn open(transaction: &Transaction) -> Open {
        let run = AkaRun {
            rand: &[1; 16],
            autn: &[2; 16],
            ck: &[3; 16],
            ik: &[4; 16],
        };
        Open {
            imsi: imsi(),
            rand: Rand::new([1; 16]),
            key: ConfirmationKey::derive(run, "https://endorse.example", transaction),
            wanted: Wanted {
                audience: "https://api.example".parse().unwrap(),
                nonce: None,
                key: None,
                request_parameters: RequestParameters::default(),
            },
            until: NOW.plus(Exchange::LIFE),
        }
    }

    #[test]
    fn a_challenge_is_taken_once() {
        let (exchange, transaction) = (Exchange::default(), Transaction::new([5; 16]));
        exchange.keep(transaction, open(&transaction));
        assert!(exchange.take(&transaction, NOW.plus(59)).is_some());
        assert!(exchange.take(&transaction, NOW.plus(59)).is_none());
    }

    #[test]
    fn a_challenge_lives_for_a_minute() {
        let (exchange, transaction) = (Exchange::default(), Transaction::new([5; 16]));
        exchange.keep(transaction, open(&transaction));
        assert!(exchange.take(&transaction, NOW.plus(60)).is_none());
    }

    #[test]
    fn a_budget_is_for_a_minute_and_survives_clocks() {
        let exchange = Exchange::new(2, 100);
        let spend = |now| exchange.spend(&imsi(), now);
        assert_eq!(
            [spend(NOW), spend(NOW), spend(NOW)],
            [Ok(()), Ok(()), Err(Refused::TooOften)]
        );
        assert_eq!(spend(NOW.plus(59)), Err(Refused::TooOften));
        assert_eq!(spend(NOW.plus(60)), Ok(()));
        assert_eq!(spend(NOW.minus(3600)), Ok(()));
    }

    #[test]
    fn what_is_over_makes_room() {
        let exchange = Exchange::new(2, 1);
        let transaction = Transaction::new([5; 16]);
        exchange.keep(transaction, open(&transaction));
        assert_eq!(exchange.spend(&imsi(), NOW), Err(Refused::Full));
        assert_eq!(exchange.spend(&imsi(), NOW.plus(60)), Ok(()));
    }
}
