//! VERIFY, CHANGE, DISABLE, ENABLE and UNBLOCK PIN (TS 102 221 §11.1.9 to §11.1.13), and the CHV
//! commands of a 2G SIM (TS 51.011 §8.9 to §8.13).
//!
//! Each is sent once. Before a secret is sent the tries are asked for.

use zeroize::Zeroizing;

use crate::{
    CallerError, CardError, Error,
    apdu::{Command, StatusWord},
    exchange::MAX_SHORT_RESPONSE,
    fcp::GsmFile,
    pin::{LastTry, Pin, PinReference, PinStatus, Puk},
};

use super::Session;

impl Session<'_> {
    /// How a PIN stands; asking costs no try.
    ///
    /// # Errors
    /// [`CardError::NotFound`] when the card has no such PIN; otherwise as
    /// [`transmit`](Session::transmit).
    pub fn pin_status(&mut self, reference: PinReference) -> Result<PinStatus, Error> {
        self.repeatable(|session| session.ask_tries(Verb::Verify, reference))
    }

    /// How the PUK of a PIN stands; asking costs no try.
    ///
    /// # Errors
    /// As [`pin_status`](Session::pin_status).
    pub fn puk_status(&mut self, reference: PinReference) -> Result<PinStatus, Error> {
        self.repeatable(|session| session.ask_tries(Verb::Unblock, reference))
    }

    /// Verifies a PIN.
    ///
    /// # Errors
    /// [`CallerError::LastTry`] when a wrong one would be the last and `last_try` does not risk it,
    /// [`CardError::WrongPin`], [`CardError::PinBlocked`]; otherwise as
    /// [`pin_status`](Session::pin_status).
    pub fn verify_pin(
        &mut self,
        reference: PinReference,
        pin: &Pin,
        last_try: LastTry,
    ) -> Result<(), Error> {
        self.spend_try(Verb::Verify, reference, pin.expose(), last_try)
    }

    /// Replaces a PIN by another one.
    ///
    /// # Errors
    /// As [`verify_pin`](Session::verify_pin).
    pub fn change_pin(
        &mut self,
        reference: PinReference,
        old: &Pin,
        new: &Pin,
        last_try: LastTry,
    ) -> Result<(), Error> {
        let both = both(old.expose(), new.expose());
        self.spend_try(Verb::Change, reference, &*both, last_try)
    }

    /// Has the card ask for the PIN no longer.
    ///
    /// # Errors
    /// As [`verify_pin`](Session::verify_pin).
    pub fn disable_pin(
        &mut self,
        reference: PinReference,
        pin: &Pin,
        last_try: LastTry,
    ) -> Result<(), Error> {
        self.spend_try(Verb::Disable, reference, pin.expose(), last_try)
    }

    /// Has the card ask for the PIN again.
    ///
    /// # Errors
    /// As [`verify_pin`](Session::verify_pin).
    pub fn enable_pin(
        &mut self,
        reference: PinReference,
        pin: &Pin,
        last_try: LastTry,
    ) -> Result<(), Error> {
        self.spend_try(Verb::Enable, reference, pin.expose(), last_try)
    }

    /// Unblocks a PIN with its PUK and sets a new one. A PUK that is wrong too often destroys the
    /// application for good: `last_try` is about the PUK here.
    ///
    /// # Errors
    /// As [`verify_pin`](Session::verify_pin).
    pub fn unblock_pin(
        &mut self,
        reference: PinReference,
        puk: &Puk,
        new: &Pin,
        last_try: LastTry,
    ) -> Result<(), Error> {
        let both = both(puk.expose(), new.expose());
        self.spend_try(Verb::Unblock, reference, &*both, last_try)
    }

    fn spend_try(
        &mut self,
        verb: Verb,
        reference: PinReference,
        secret: &[u8],
        last_try: LastTry,
    ) -> Result<(), Error> {
        if last_try == LastTry::Keep {
            self.keep_last_try(verb, reference)?;
        }
        let command = self.pin_command(verb, reference)?.with_data(secret)?;
        let status = self.pin_round(&command)?;
        let gsm = self.is_gsm();
        match status.tries_left() {
            None if status.is_success() => Ok(()),
            Some(0) => Err(CardError::PinBlocked.into()),
            Some(tries_left) => Err(CardError::WrongPin { tries_left }.into()),
            None if gsm && status == StatusWord::GSM_ACCESS_DENIED => {
                Err(self.count_gsm(verb, reference))
            }
            None => Err(refused(verb, status).into()),
        }
    }

    /// The query comes right before the secret; in the session's transaction nobody else can spend
    /// a try in between.
    fn keep_last_try(&mut self, verb: Verb, reference: PinReference) -> Result<(), Error> {
        let counted = match verb {
            Verb::Unblock => self.puk_status(reference)?,
            Verb::Verify | Verb::Change | Verb::Disable | Verb::Enable => {
                self.pin_status(reference)?
            }
        };
        match counted {
            PinStatus::Blocked => Err(CardError::PinBlocked.into()),
            PinStatus::TriesLeft(0 | 1) => Err(CallerError::LastTry.into()),
            PinStatus::NotCounted | PinStatus::Disabled if verb.needs_a_count() => {
                Err(CallerError::TriesUnknown.into())
            }
            PinStatus::TriesLeft(_) | PinStatus::NotCounted | PinStatus::Disabled => Ok(()),
        }
    }

    fn ask_tries(&mut self, verb: Verb, reference: PinReference) -> Result<PinStatus, Error> {
        if self.is_gsm() {
            return self.gsm_tries(verb, reference);
        }
        let status = self.pin_round(&self.pin_command(verb, reference)?)?;
        match (status.tries_left(), status) {
            (Some(0), _) | (None, StatusWord::BLOCKED) => Ok(PinStatus::Blocked),
            (Some(tries), _) => Ok(PinStatus::TriesLeft(tries)),
            (None, PIN_DISABLED) => Ok(PinStatus::Disabled),
            (None, status) if status.is_success() => Ok(PinStatus::NotCounted),
            (None, status) => Err(refused(verb, status).into()),
        }
    }

    /// A 2G SIM counts in its answer to STATUS (TS 51.011 §9.2.2).
    fn gsm_tries(&mut self, verb: Verb, reference: PinReference) -> Result<PinStatus, Error> {
        let chv = chv(reference)?;
        let status = Command::new(0xa0, 0xf2, 0x00, 0x00).expecting_short(GSM_STATUS);
        let mut buffer = [0; MAX_SHORT_RESPONSE];
        let answer = self.transmit(&status, &mut buffer)?.require("STATUS")?;
        let directory = GsmFile::parse(answer)?;
        let chv = match chv {
            1 => directory.chv1,
            _ => directory.chv2,
        };
        let chv = chv.ok_or(CardError::NotFound { what: "PIN" })?;
        let tries = if verb == Verb::Unblock {
            chv.puk
        } else {
            chv.pin
        };
        Ok(if tries == 0 {
            PinStatus::Blocked
        } else {
            PinStatus::TriesLeft(tries)
        })
    }

    /// `9804` does not say how many tries are left; STATUS does.
    fn count_gsm(&mut self, verb: Verb, reference: PinReference) -> Error {
        match self.gsm_tries(verb, reference) {
            Ok(PinStatus::TriesLeft(tries_left)) => CardError::WrongPin { tries_left }.into(),
            Ok(_) => CardError::PinBlocked.into(),
            Err(error) => error,
        }
    }

    fn pin_command(&self, verb: Verb, reference: PinReference) -> Result<Command<'static>, Error> {
        if !self.is_gsm() {
            return Ok(Command::new(0x00, verb.ins(), 0x00, reference.get()));
        }
        let p2 = match (verb, chv(reference)?) {
            (Verb::Unblock, 1) => 0x00,
            (_, chv) => chv,
        };
        Ok(Command::new(0xa0, verb.ins(), 0x00, p2))
    }

    fn pin_round(&mut self, command: &Command<'_>) -> Result<StatusWord, Error> {
        let mut buffer = [0; MAX_SHORT_RESPONSE];
        Ok(self.transmit(command, &mut buffer)?.status())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Verify,
    Change,
    Disable,
    Enable,
    Unblock,
}

impl Verb {
    const fn ins(self) -> u8 {
        match self {
            Self::Verify => 0x20,
            Self::Change => 0x24,
            Self::Disable => 0x26,
            Self::Enable => 0x28,
            Self::Unblock => 0x2c,
        }
    }

    /// A verified PIN has all its tries; these come when it is not verified.
    const fn needs_a_count(self) -> bool {
        matches!(self, Self::Enable | Self::Unblock)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Verify => "VERIFY PIN",
            Self::Change => "CHANGE PIN",
            Self::Disable => "DISABLE PIN",
            Self::Enable => "ENABLE PIN",
            Self::Unblock => "UNBLOCK PIN",
        }
    }
}

fn refused(verb: Verb, status: StatusWord) -> CardError {
    match status {
        StatusWord::REFERENCE_NOT_FOUND => CardError::NotFound { what: "PIN" },
        status => CardError::from_status(verb.name(), status),
    }
}

/// CHV1 or CHV2: a 2G SIM has no other.
fn chv(reference: PinReference) -> Result<u8, CardError> {
    match reference {
        PinReference::PIN1 => Ok(1),
        PinReference::PIN2 => Ok(2),
        _ => Err(CardError::NotFound { what: "PIN" }),
    }
}

fn both(first: &[u8; 8], second: &[u8; 8]) -> Zeroizing<[u8; 16]> {
    let mut both = Zeroizing::new([0; 16]);
    for (to, from) in both.iter_mut().zip(first.iter().chain(second)) {
        *to = *from;
    }
    both
}

/// `6984`: the PIN is disabled (TS 102 221 §10.2.1.5.2).
const PIN_DISABLED: StatusWord = StatusWord::new(0x6984);
/// As far as the last counter (TS 51.011 §9.2.1).
const GSM_STATUS: u8 = 22;

#[cfg(test)]
mod tests;
