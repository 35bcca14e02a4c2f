//! Ua: HTTP digest between a terminal and a NAF with the keys of a bootstrapping (TS 24.109 §5.2).
//!
//! A NAF, with [`Naf`] and [`Nonces`]; who asks for keys at the BSF is its own matter:
//!
//! ```
//! use aka::gba::{UnixTime, naf::{Naf, Nonces, Reuse}};
//! use aka::http_digest::{Challenge, Cnonce, Credentials, Password, Sent, UriCheck};
//! use aka::kdf::gba::KsNaf;
//!
//! let naf = Naf::new("naf.home1.net")?;
//! let mut nonces = Nonces::new(Reuse::Counted);
//! let now = UnixTime::new(1_700_000_000);
//!
//! // a request without credentials gets 401, WWW-Authenticate: ...
//! let challenge = naf.challenge(nonces.issue([7; 16], now)).to_string();
//!
//! // the terminal answers with its B-TID and Ks_NAF
//! # let ks_naf = KsNaf::new([9; 32]);
//! # let challenge: Challenge = challenge.parse()?;
//! # let uri = "/simservs".parse()?;
//! # let password = Password::of_ks_naf(&ks_naf);
//! # let btid = "AQID@bsf.home1.net".parse()?;
//! # let cnonce = Cnonce::new([8; 16]);
//! # let answer = Credentials::before_challenge(btid, challenge.realm.clone(), uri);
//! # let answer = answer.answering(&challenge, &password, Sent::GET, cnonce)?.to_string();
//! let claim = naf.claim(&answer)?;
//! # assert_eq!(claim.btid(), "AQID@bsf.home1.net");
//! // Ks_NAF of claim.btid() comes from the BSF
//! let admitted = claim.verify(&ks_naf, Sent::GET, UriCheck::Strict.of("/simservs", "naf.home1.net"))?;
//! nonces.spend(admitted.credentials(), now)?;
//! let proof = admitted.information(b"<simservs/>").to_string(); // Authentication-Info: ...
//! # assert!(proof.starts_with("qop=auth-int"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod nonces;

use alloc::format;

pub use nonces::{NonceError, Nonces, Reuse};

use crate::{
    http_digest::{
        Algorithm, AuthenticationInfo, Challenge, Credentials, InvalidField, InvalidQuoted,
        Password, Qop, Quoted, Sent, Target,
    },
    kdf::gba::{KsNaf, NafKey},
};

/// What the realm of a NAF begins with (§5.2.4).
const REALM: &str = "3GPP-bootstrapping@";
/// The same where the key must be one that stays on the card.
const CARD_REALM: &str = "3GPP-bootstrapping-uicc@";

/// What a terminal or a NAF puts into `User-Agent` or `Server` to say that it knows GBA.
pub const PRODUCT: &str = "3gpp-gba";

/// Which key a challenge wants, and the name of the NAF that wants it; `None` where it is not about
/// GBA.
///
/// A terminal compares the name with that of the server it talks to before it answers.
///
/// ```
/// use aka::{gba::naf, kdf::gba::NafKey};
///
/// let challenge = "Digest realm=\"3GPP-bootstrapping@naf.home1.net\", nonce=\"AQID\", qop=\"auth-int\"";
/// assert_eq!(naf::wanted(&challenge.parse()?), Some((NafKey::Me, "naf.home1.net")));
/// # Ok::<(), aka::http_digest::InvalidField>(())
/// ```
pub fn wanted(challenge: &Challenge) -> Option<(NafKey, &str)> {
    let realm = challenge.realm.as_str();
    if challenge.algorithm != Algorithm::Md5 {
        return None;
    }
    let of_terminal = realm.strip_prefix(REALM).map(|fqdn| (NafKey::Me, fqdn));
    let of_card = realm.strip_prefix(CARD_REALM);
    of_terminal.or(of_card.map(|fqdn| (NafKey::Internal, fqdn)))
}

/// Why a NAF does not let a terminal in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// The field is not what it should be.
    #[error(transparent)]
    Field(#[from] InvalidField),
    /// The credentials are for another server, or of another kind.
    #[error("the credentials are not for this server")]
    Foreign,
    /// The credentials are for something else than what was asked.
    #[error("the credentials are for another target")]
    Target,
    /// The digest is wrong.
    #[error("the digest is wrong")]
    Digest,
}

/// A server that authenticates terminals by GBA.
#[derive(Clone, Debug)]
pub struct Naf {
    realm: Quoted,
    key: NafKey,
}

impl Naf {
    /// The NAF of this domain name; Ks_NAF or Ks_ext_NAF is its key.
    ///
    /// # Errors
    /// [`InvalidQuoted`] for text that does not fit between quotes.
    pub fn new(fqdn: &str) -> Result<Self, InvalidQuoted> {
        Ok(Self {
            realm: format!("{REALM}{fqdn}").parse()?,
            key: NafKey::Me,
        })
    }

    /// The same for clients on the card: Ks_int_NAF is its key.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn of_card_clients(fqdn: &str) -> Result<Self, InvalidQuoted> {
        Ok(Self {
            realm: format!("{CARD_REALM}{fqdn}").parse()?,
            key: NafKey::Internal,
        })
    }

    /// Which key it takes.
    pub const fn key(&self) -> NafKey {
        self.key
    }

    /// `WWW-Authenticate` of an answer 401.
    pub fn challenge(&self, nonce: Quoted) -> Challenge {
        Challenge::new(self.realm.clone(), nonce, Algorithm::Md5, Qop::AuthInt)
    }

    /// Takes `Authorization` of a request.
    ///
    /// # Errors
    /// [`ClaimError::Field`], [`ClaimError::Foreign`].
    pub fn claim(&self, authorization: &str) -> Result<Claim, ClaimError> {
        let credentials: Credentials = authorization.parse()?;
        let md5 = credentials.algorithm.unwrap_or(Algorithm::Md5) == Algorithm::Md5;
        let over_body = credentials
            .protection
            .as_ref()
            .is_some_and(|protection| protection.qop() == Qop::AuthInt);
        if credentials.realm != self.realm || !md5 || !over_body {
            return Err(ClaimError::Foreign);
        }
        Ok(Claim(credentials))
    }
}

/// Who somebody says to be: a B-TID, of which the BSF knows the key.
#[derive(Clone, Debug)]
pub struct Claim(Credentials);

impl Claim {
    /// The B-TID.
    pub fn btid(&self) -> &str {
        self.0.username.as_str()
    }

    /// The nonce, to be spent once the digest is right.
    pub const fn credentials(&self) -> &Credentials {
        &self.0
    }

    /// Checks the digest, over the method and the body of the request.
    ///
    /// # Errors
    /// [`ClaimError::Target`], [`ClaimError::Digest`].
    pub fn verify(
        self,
        key: &KsNaf,
        sent: Sent<'_>,
        target: Target<'_>,
    ) -> Result<Admitted, ClaimError> {
        let password = Password::of_ks_naf(key);
        if !self.0.verify(&password, sent) {
            return Err(ClaimError::Digest);
        }
        if !target.is_named_by(&self.0) {
            return Err(ClaimError::Target);
        }
        Ok(Admitted {
            credentials: self.0,
            password,
        })
    }
}

/// A terminal that has proved itself.
#[derive(Clone, Debug)]
pub struct Admitted {
    credentials: Credentials,
    password: Password,
}

impl Admitted {
    /// What it proved itself with.
    pub const fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Proves the NAF to it: `Authentication-Info` of an answer with this body.
    pub fn information(&self, body: &[u8]) -> AuthenticationInfo {
        let information = self.credentials.information(&self.password, body);
        information.expect("there is a digest, checked above")
    }
}
