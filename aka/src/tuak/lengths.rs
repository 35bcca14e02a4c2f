//! The lengths that an operator chooses (TS 35.231 §5.3).

/// The length of K, CK or IK.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "TS 35.231 §5 closes the set")]
pub enum KeyLength {
    /// 16 octets.
    #[default]
    Bits128,
    /// 32 octets.
    Bits256,
}

/// The length of MAC-A and MAC-S. AKA has room for 64 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "TS 35.231 §5 closes the set")]
pub enum MacLength {
    /// 8 octets.
    #[default]
    Bits64,
    /// 16 octets.
    Bits128,
    /// 32 octets.
    Bits256,
}

/// The length of RES.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "TS 35.231 §5 closes the set")]
pub enum ResLength {
    /// 4 octets.
    Bits32,
    /// 8 octets.
    #[default]
    Bits64,
    /// 16 octets.
    Bits128,
    /// 32 octets: more than AKA has room for.
    Bits256,
}

/// The lengths of RES that AKA has room for (TS 33.102 §6.3.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "TS 35.231 §5 closes the set")]
pub enum AkaResLength {
    /// 4 octets.
    Bits32,
    /// 8 octets.
    #[default]
    Bits64,
    /// 16 octets.
    Bits128,
}

impl From<AkaResLength> for ResLength {
    fn from(length: AkaResLength) -> Self {
        match length {
            AkaResLength::Bits32 => Self::Bits32,
            AkaResLength::Bits64 => Self::Bits64,
            AkaResLength::Bits128 => Self::Bits128,
        }
    }
}

/// All of them together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "TS 35.231 §5 closes the set")]
pub struct Lengths {
    /// Of f1 and f1*.
    pub mac: MacLength,
    /// Of f2.
    pub res: ResLength,
    /// Of f3.
    pub ck: KeyLength,
    /// Of f4.
    pub ik: KeyLength,
}

impl KeyLength {
    pub(super) const fn octets(self) -> usize {
        match self {
            Self::Bits128 => 16,
            Self::Bits256 => 32,
        }
    }

    pub(super) const fn is_256(self) -> bool {
        matches!(self, Self::Bits256)
    }
}

impl MacLength {
    pub(super) const fn octets(self) -> usize {
        match self {
            Self::Bits64 => 8,
            Self::Bits128 => 16,
            Self::Bits256 => 32,
        }
    }
}

impl ResLength {
    pub(super) const fn octets(self) -> usize {
        match self {
            Self::Bits32 => 4,
            Self::Bits64 => 8,
            Self::Bits128 => 16,
            Self::Bits256 => 32,
        }
    }
}
