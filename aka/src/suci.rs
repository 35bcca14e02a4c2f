//! Concealed identities of 5GS: the protection schemes of SUCI, both directions (TS 33.501 Annex C).
//!
//! This is the scheme output and what is in it; the fields around it are TS 23.003 §2.2B.
//!
//! ```
//! use aka::suci::{HomeKey, SuciError};
//!
//! // In earnest the keys come from a CSPRNG, the ephemeral one afresh each time.
//! let home = HomeKey::profile_a([7; 32]);
//! let mut output = [0; 64];
//! let output = home.public_key().conceal(&[9; 32], &[0x00, 0x01, 0x20, 0x80, 0xf6], &mut output)?;
//!
//! let mut msin = [0; 8];
//! assert_eq!(home.reveal(output, &mut msin)?, [0x00, 0x01, 0x20, 0x80, 0xf6]);
//! # Ok::<(), SuciError>(())
//! ```

mod agreement;
mod cipher;

pub use agreement::{HomeKey, HomePublicKey};

/// The lowest scheme that a home still takes; the null scheme conceals nothing (§C.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NullScheme {
    /// Identities in the clear are refused.
    #[default]
    Refuse,
    /// Identities in the clear are taken: for emergency calls, and for tests.
    DangerAccept,
}

impl NullScheme {
    /// The scheme output of the null scheme is the identity itself.
    ///
    /// # Errors
    /// [`SuciError`] where it is refused.
    pub const fn reveal(self, scheme_output: &[u8]) -> Result<&[u8], SuciError> {
        match self {
            Self::Refuse => Err(SuciError),
            Self::DangerAccept => Ok(scheme_output),
        }
    }
}

/// It did not work. Whatever the reason, a wrong size, a point that is none, a tag that does not
/// match, it is the same to see from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the concealed identity is not valid")]
#[expect(clippy::exhaustive_structs, reason = "there is no more to tell")]
pub struct SuciError;
