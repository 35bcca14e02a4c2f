//! Keys for NAFs, as Zn gives them (TS 33.220 §4.5.3).

use aka::{
    gba::UnixTime,
    kdf::gba::{KsNaf, NafId, NafKey},
};

use super::{Bsf, state::Keeper};

/// A key of a NAF, and what it is to know about it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GrantedKey {
    /// The key.
    pub key: KsNaf,
    /// Which one it is.
    pub kind: KeyKind,
    /// Whose it is: the private identity.
    pub impi: String,
    /// When the bootstrapping was.
    pub bootstrapped: UnixTime,
    /// When the key ends.
    pub until: UnixTime,
}

/// Which key a NAF got (TS 33.220 §5.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "TS 33.220 §B.3 closes the set")]
pub enum KeyKind {
    /// Ks_NAF: Ks is with the terminal.
    Terminal,
    /// Ks_ext_NAF: Ks is on the card, this key with the terminal.
    External,
    /// Ks_int_NAF: this key does not leave the card.
    Internal,
}

impl KeyKind {
    /// The name as programs take it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terminal => "ks_naf",
            Self::External => "ks_ext_naf",
            Self::Internal => "ks_int_naf",
        }
    }
}

/// Why a NAF gets no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NafKeyError {
    /// There is no such bootstrapping, or its keys have ended.
    #[error("unknown B-TID")]
    UnknownBtid,
    /// Ks is with the terminal: no key stays on the card.
    #[error("this card keeps no keys")]
    NotOnCard,
}

impl<D> Bsf<D> {
    /// The key of the bootstrapping with this B-TID for a NAF. Whether the caller is that NAF is
    /// the caller's to find out.
    ///
    /// # Errors
    /// [`NafKeyError`].
    pub fn naf_key(
        &self,
        btid: &str,
        naf: NafId<'_>,
        which: NafKey,
        now: UnixTime,
    ) -> Result<GrantedKey, NafKeyError> {
        let state = self.state();
        let session = state.session(btid, now).ok_or(NafKeyError::UnknownBtid)?;
        let kind = match (which, session.keys) {
            (NafKey::Me, Keeper::Terminal) => KeyKind::Terminal,
            (NafKey::Me, Keeper::Card) => KeyKind::External,
            (NafKey::Internal, Keeper::Card) => KeyKind::Internal,
            (NafKey::Internal, Keeper::Terminal) => return Err(NafKeyError::NotOnCard),
        };
        let impi = &session.impi.text;
        Ok(GrantedKey {
            key: session.ks.naf_key(which, &session.rand, impi, naf),
            kind,
            impi: impi.clone(),
            bootstrapped: session.bootstrapped,
            until: session.until,
        })
    }
}
