//! PIN1, PIN2 and the universal PIN with their PUKs (TS 102 221 §9.5): what the counters,
//! the verification and the access conditions do, without a command in sight.

use zeroize::Zeroize;

/// What has to be so before a file is read or updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Always,
    Pin1,
    Pin2,
    /// An administrative key, which this card does not have.
    Issuer,
}

impl Condition {
    /// As EF_ARR writes it (TS 102 221 §9.2.4): always, or user authentication with a key.
    pub(super) const fn security_condition(self) -> &'static [u8] {
        match self {
            Self::Always => &[0x90, 0x00],
            Self::Pin1 => &[0xa4, 0x06, 0x83, 0x01, 0x01, 0x95, 0x01, 0x08],
            Self::Pin2 => &[0xa4, 0x06, 0x83, 0x01, 0x81, 0x95, 0x01, 0x08],
            Self::Issuer => &[0xa4, 0x06, 0x83, 0x01, 0x0a, 0x95, 0x01, 0x08],
        }
    }
}

/// A PIN or PUK as it goes over the wire: 8 octets, a PIN padded with FF.
#[derive(Clone, PartialEq, Eq, Zeroize)]
#[zeroize(drop)]
pub(super) struct Code([u8; 8]);

impl Code {
    pub(super) const fn new(octets: [u8; 8]) -> Self {
        Self(octets)
    }

    /// Digits in ASCII, padded with FF; `None` unless there are 4 to 8.
    pub(super) fn from_digits(digits: &str) -> Option<Self> {
        let mut octets = [0xff; 8];
        octets
            .get_mut(..digits.len())?
            .copy_from_slice(digits.as_bytes());
        Some(Self(octets)).filter(Self::is_well_formed)
    }

    pub(super) const fn octets(&self) -> &[u8; 8] {
        &self.0
    }

    /// Whether it may become a PIN: 4 to 8 digits, then FF.
    pub(super) fn is_well_formed(&self) -> bool {
        let digits = self
            .0
            .iter()
            .take_while(|octet| octet.is_ascii_digit())
            .count();
        digits >= 4 && self.0.iter().skip(digits).all(|octet| *octet == 0xff)
    }

    /// Compares every octet whatever the first ones are.
    fn matches(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(other.0);
        pairs.fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code([redacted])")
    }
}

/// Why a PIN command did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Wrong; so many tries are left, at least one.
    Wrong(u8),
    /// No try is left, or it was the last one.
    Blocked,
    /// The PIN is disabled.
    Disabled,
    /// The PIN is enabled already.
    Enabled,
    /// The new value is not a PIN.
    Malformed,
}

/// A value with a counter of tries.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Counted {
    code: Code,
    tries: u8,
    limit: u8,
}

impl Counted {
    /// Takes the try before it compares, and gives all tries back when the value is right.
    fn check(&mut self, presented: &Code) -> Result<(), Refusal> {
        self.tries = self.tries.checked_sub(1).ok_or(Refusal::Blocked)?;
        if self.code.matches(presented) {
            self.tries = self.limit;
            return Ok(());
        }
        match self.tries {
            0 => Err(Refusal::Blocked),
            left => Err(Refusal::Wrong(left)),
        }
    }
}

/// One PIN with its PUK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pin {
    counted: Counted,
    puk: Counted,
    enabled: bool,
    verified: bool,
}

impl Pin {
    /// Tries of a PIN.
    pub(super) const TRIES: u8 = 3;
    /// Tries of a PUK.
    pub(super) const PUK_TRIES: u8 = 10;

    pub(super) const fn new(pin: Code, puk: Code, enabled: bool) -> Self {
        let pin = Counted {
            code: pin,
            tries: Self::TRIES,
            limit: Self::TRIES,
        };
        let puk = Counted {
            code: puk,
            tries: Self::PUK_TRIES,
            limit: Self::PUK_TRIES,
        };
        Self {
            counted: pin,
            puk,
            enabled,
            verified: false,
        }
    }

    pub(super) fn verify(&mut self, presented: &Code) -> Result<(), Refusal> {
        self.must_be_enabled()?;
        self.present(presented)
    }

    pub(super) fn change(&mut self, old: &Code, new: &Code) -> Result<(), Refusal> {
        self.must_be_enabled()?;
        must_be_well_formed(new)?;
        self.present(old)?;
        self.counted.code = new.clone();
        Ok(())
    }

    pub(super) fn disable(&mut self, presented: &Code) -> Result<(), Refusal> {
        self.must_be_enabled()?;
        self.present(presented)?;
        self.enabled = false;
        self.verified = false;
        Ok(())
    }

    pub(super) fn enable(&mut self, presented: &Code) -> Result<(), Refusal> {
        if self.enabled {
            return Err(Refusal::Enabled);
        }
        self.present(presented)?;
        self.enabled = true;
        Ok(())
    }

    /// The PUK gives the PIN a new value, all its tries, and enables and verifies it.
    pub(super) fn unblock(&mut self, puk: &Code, new: &Code) -> Result<(), Refusal> {
        must_be_well_formed(new)?;
        self.puk.check(puk)?;
        self.counted.code = new.clone();
        self.counted.tries = self.counted.limit;
        self.enabled = true;
        self.verified = true;
        Ok(())
    }

    /// A reset of the card forgets that the PIN was verified.
    pub(super) fn reset(&mut self) {
        self.verified = false;
    }

    /// Takes over what an earlier life of the card left.
    pub(super) fn restore(&mut self, memory: &PinMemory) {
        self.counted.code = memory.code.clone();
        self.counted.tries = memory.tries.min(self.counted.limit);
        self.puk.tries = memory.puk_tries.min(self.puk.limit);
        self.enabled = memory.enabled;
    }

    /// What outlives a power cut.
    pub(super) fn memory(&self) -> PinMemory {
        PinMemory {
            code: self.counted.code.clone(),
            tries: self.counted.tries,
            puk_tries: self.puk.tries,
            enabled: self.enabled,
        }
    }

    pub(super) const fn tries(&self) -> u8 {
        self.counted.tries
    }

    pub(super) const fn puk_tries(&self) -> u8 {
        self.puk.tries
    }

    pub(super) const fn is_enabled(&self) -> bool {
        self.enabled
    }

    pub(super) const fn is_verified(&self) -> bool {
        self.verified && self.counted.tries > 0
    }

    fn present(&mut self, presented: &Code) -> Result<(), Refusal> {
        let outcome = self.counted.check(presented);
        self.verified = outcome.is_ok();
        outcome
    }

    const fn must_be_enabled(&self) -> Result<(), Refusal> {
        if self.enabled {
            Ok(())
        } else {
            Err(Refusal::Disabled)
        }
    }
}

/// What of a PIN outlives a power cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PinMemory {
    pub(super) code: Code,
    pub(super) tries: u8,
    pub(super) puk_tries: u8,
    pub(super) enabled: bool,
}

/// Which PIN a command names in P2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    Pin1,
    Pin2,
    Universal,
}

impl Reference {
    /// Key references of TS 102 221 §9.5.1.
    pub(super) const fn from_octet(p2: u8) -> Option<Self> {
        match p2 {
            0x01 => Some(Self::Pin1),
            0x81 => Some(Self::Pin2),
            0x11 => Some(Self::Universal),
            _ => None,
        }
    }
}

/// All PINs of the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pins {
    pub(super) pin1: Pin,
    pub(super) pin2: Pin,
    pub(super) universal: Pin,
    /// While PIN1 is disabled the universal PIN stands in for it.
    pub(super) replaced: bool,
}

impl Pins {
    pub(super) const fn get_mut(&mut self, reference: Reference) -> &mut Pin {
        match reference {
            Reference::Pin1 => &mut self.pin1,
            Reference::Pin2 => &mut self.pin2,
            Reference::Universal => &mut self.universal,
        }
    }

    pub(super) fn reset(&mut self) {
        self.pin1.reset();
        self.pin2.reset();
        self.universal.reset();
    }

    pub(super) const fn get(&self, reference: Reference) -> &Pin {
        match reference {
            Reference::Pin1 => &self.pin1,
            Reference::Pin2 => &self.pin2,
            Reference::Universal => &self.universal,
        }
    }

    /// Whether an access condition holds now.
    pub(super) const fn allow(&self, condition: Condition) -> bool {
        match condition {
            Condition::Pin1 if self.pin1.is_enabled() => self.pin1.is_verified(),
            Condition::Pin1 if self.replaced && self.universal.is_enabled() => {
                self.universal.is_verified()
            }
            Condition::Always | Condition::Pin1 => true,
            Condition::Pin2 => !self.pin2.is_enabled() || self.pin2.is_verified(),
            Condition::Issuer => false,
        }
    }
}

fn must_be_well_formed(new: &Code) -> Result<(), Refusal> {
    if new.is_well_formed() {
        Ok(())
    } else {
        Err(Refusal::Malformed)
    }
}

#[cfg(test)]
mod tests;
