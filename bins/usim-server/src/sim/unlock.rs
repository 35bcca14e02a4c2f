//! PIN1, verified where the card asks for it: once for a card, and never with its last try.

use usim::{CallerError, CardError, Error, LastTry, PinReference};

use super::Session;

/// A SIM's PIN, and on which card it was wrong.
#[derive(Debug)]
pub(super) struct Unlock {
    pin: usim::Pin,
    sim: String,
    /// By ICCID: whatever is done to it, that card does not get this PIN again.
    refused_by: Option<String>,
}

impl Unlock {
    pub(super) fn new(sim: &str, pin: usim::Pin) -> Self {
        Self {
            pin,
            sim: sim.to_owned(),
            refused_by: None,
        }
    }

    /// Verifies the PIN of a card whose session has begun, if it is asked for.
    ///
    /// What comes of it goes into the log; a card that stays locked says so itself.
    pub(super) fn apply(&mut self, session: &mut Session) -> Result<(), Error> {
        if !session.is_locked()? {
            return Ok(());
        }
        let before = session.tries_left()?;
        let iccid = session.iccid()?.as_str().to_owned();
        let outcome = if self.refused_by.as_ref() == Some(&iccid) {
            "it was wrong for this card, and is not repeated"
        } else {
            self.verify(session, iccid)?
        };
        let after = session.tries_left()?;
        tracing::warn!(sim = self.sim, before, after, "the card's PIN: {outcome}");
        Ok(())
    }

    /// What came of it, in words.
    fn verify(&mut self, session: &mut Session, iccid: String) -> Result<&'static str, Error> {
        let mut usim = session.card().usim()?;
        let session = usim.session();
        match session.verify_pin(PinReference::PIN1, &self.pin, LastTry::Keep) {
            Ok(()) => Ok("verified"),
            Err(Error::Caller(CallerError::LastTry)) => Ok("the last try is not spent"),
            Err(Error::Card(error)) => {
                self.refused_by = Some(iccid);
                let is_wrong = matches!(error, CardError::WrongPin { .. });
                Ok(if is_wrong {
                    "wrong"
                } else {
                    "the card does not take it"
                })
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use usim::soft::{Profile, SoftCard};

    use super::*;

    fn locked() -> Session {
        let profile = Profile::from_toml("[pin1]\npin = \"1234\"\nenabled = true\n").unwrap();
        Session::open(Box::new(SoftCard::new(profile)), 1).unwrap()
    }

    fn unlock(pin: &str) -> Unlock {
        Unlock::new("soft:0", usim::Pin::new(pin).unwrap())
    }

    fn seen(session: &mut Session) -> (bool, Option<u8>) {
        (session.is_locked().unwrap(), session.tries_left().unwrap())
    }

    #[test]
    fn the_right_pin_opens_the_card() {
        let mut session = locked();
        assert_eq!(seen(&mut session), (true, Some(3)));
        unlock("1234").apply(&mut session).unwrap();
        assert!(!session.is_locked().unwrap());
        let status = session.profile().unwrap().status;
        assert_eq!(status, crate::sim::Status::Ready);
    }

    #[test]
    fn a_wrong_pin_is_not_repeated() {
        let (mut session, mut wrong) = (locked(), unlock("9999"));
        for _ in 0..3 {
            wrong.apply(&mut session).unwrap();
            assert_eq!(seen(&mut session), (true, Some(2)));
        }
    }

    #[test]
    fn the_last_try_is_not_spent_not_even_by_the_right_pin() {
        let mut session = locked();
        for wrong in ["9999", "8888"] {
            unlock(wrong).apply(&mut session).unwrap();
        }
        unlock("1234").apply(&mut session).unwrap();
        assert_eq!(seen(&mut session), (true, Some(1)));
    }

    #[test]
    fn a_card_that_asks_for_none_is_left_alone() {
        let card = SoftCard::new(Profile::default());
        let mut session = Session::open(Box::new(card), 1).unwrap();
        unlock("9999").apply(&mut session).unwrap();
        assert_eq!(seen(&mut session), (false, Some(3)));
    }
}
