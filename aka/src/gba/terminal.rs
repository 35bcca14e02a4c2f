//! The terminal's side of Ub (TS 24.109 §4).

use alloc::string::String;

use super::information::{BootstrappingInfo, InvalidInfo};
use super::time::UnixTime;
use crate::{
    Autn, Auts, Rand, Res,
    http_digest::{
        AkaNonce, Algorithm, AuthenticationInfo, Challenge, Cnonce, Credentials, InvalidField,
        InvalidNonce, InvalidQuoted, Password, Qop, Sent, Unsuited,
    },
};

/// Why a bootstrapping came to nothing, always by the BSF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UbError {
    /// A field is not what it should be.
    #[error(transparent)]
    Field(#[from] InvalidField),
    /// The nonce holds no RAND and AUTN.
    #[error("the nonce holds no challenge of AKA")]
    Nonce(#[from] InvalidNonce),
    /// The challenge is another BSF's.
    #[error("the realm is not the name of this BSF")]
    Realm,
    /// The challenge is not for AKAv1-MD5.
    #[error("the algorithm is not AKAv1-MD5")]
    Algorithm,
    /// The challenge does not protect bodies.
    #[error("the BSF does not offer qop=auth-int")]
    Unprotected(#[from] Unsuited),
    /// The card found a challenge stale again, after a resynchronisation.
    #[error("the BSF's sequence numbers do not follow the card")]
    OutOfSync,
    /// The answer does not say who it comes from.
    #[error("the BSF did not prove itself")]
    Unproven,
    /// The answer comes from somebody else, or was changed.
    #[error("the BSF's proof is wrong")]
    Forged,
    /// The body is not what it should be.
    #[error(transparent)]
    Info(#[from] InvalidInfo),
}

/// A terminal about to ask its BSF.
#[derive(Clone, Debug)]
pub struct Terminal(Credentials);

impl Terminal {
    /// What goes into `User-Agent` of a terminal that understands TMPI (§4.2).
    pub const SUPPORTS_TMPI: &str = "3gpp-gba-tmpi";
    /// What terminals put into `User-Agent` whose card keeps Ks.
    pub const CARD_KEEPS_KS: &str = "3gpp-gba-uicc";

    /// A terminal with this private identity, or the temporary one of the last bootstrapping, that
    /// asks the BSF of this name for `uri`, which is `/` unless the BSF wants another.
    ///
    /// # Errors
    /// [`InvalidQuoted`] for text that does not fit between quotes.
    pub fn new(username: &str, bsf: &str, uri: &str) -> Result<Self, InvalidQuoted> {
        let (username, realm, uri) = (username.parse()?, bsf.parse()?, uri.parse()?);
        Ok(Self(Credentials::before_challenge(username, realm, uri)))
    }

    /// `Authorization` of the first request.
    pub const fn credentials(&self) -> &Credentials {
        &self.0
    }

    /// Takes `WWW-Authenticate` of the answer 401.
    ///
    /// # Errors
    /// [`UbError`].
    pub fn challenged(self, www_authenticate: &str) -> Result<Challenged, UbError> {
        Challenged::new(self, www_authenticate, Resync::Possible)
    }
}

/// Whether the card may still say that it is ahead: once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resync {
    Possible,
    Done,
}

/// A terminal with a challenge, for the SIM to answer.
#[derive(Clone, Debug)]
pub struct Challenged {
    terminal: Terminal,
    challenge: Challenge,
    nonce: AkaNonce,
    resync: Resync,
}

impl Challenged {
    fn new(terminal: Terminal, field: &str, resync: Resync) -> Result<Self, UbError> {
        let challenge: Challenge = field.parse()?;
        if challenge.realm != terminal.0.realm {
            return Err(UbError::Realm);
        }
        if challenge.algorithm != Algorithm::AkaV1Md5 {
            return Err(UbError::Algorithm);
        }
        if !challenge.qop.contains(&Qop::AuthInt) {
            return Err(UbError::Unprotected(Unsuited));
        }
        Ok(Self {
            nonce: AkaNonce::of(&challenge.nonce)?,
            terminal,
            challenge,
            resync,
        })
    }

    /// RAND, for the SIM.
    pub const fn rand(&self) -> &Rand {
        &self.nonce.rand
    }

    /// AUTN, for the SIM: AUTN\* where the BSF knows of a card that keeps Ks.
    pub const fn autn(&self) -> &Autn {
        &self.nonce.autn
    }

    /// Answers with RES.
    pub fn answer(self, res: &Res, cnonce: Cnonce) -> Answered {
        let password = Password::of_res(res);
        let (credentials, challenge) = (self.terminal.0, &self.challenge);
        let credentials = credentials.answering(challenge, &password, Sent::GET, cnonce);
        Answered {
            credentials: credentials.expect("a challenge offers a qop, checked above"),
            password,
            rand: self.nonce.rand,
        }
    }

    /// Answers with AUTS (§4.5).
    ///
    /// # Errors
    /// [`UbError::OutOfSync`] the second time.
    pub fn resynchronise(self, auts: Auts, cnonce: Cnonce) -> Result<Resynchronising, UbError> {
        if self.resync == Resync::Done {
            return Err(UbError::OutOfSync);
        }
        let credentials = self.terminal.0.clone();
        Ok(Resynchronising {
            credentials: credentials.resynchronising(&self.challenge, auts, cnonce)?,
            terminal: self.terminal,
        })
    }
}

/// A terminal whose card is ahead of the BSF.
#[derive(Clone, Debug)]
pub struct Resynchronising {
    terminal: Terminal,
    credentials: Credentials,
}

impl Resynchronising {
    /// `Authorization` of the next request.
    pub const fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Takes `WWW-Authenticate` of the answer 401.
    ///
    /// # Errors
    /// As [`Terminal::challenged`].
    pub fn challenged(self, www_authenticate: &str) -> Result<Challenged, UbError> {
        Challenged::new(self.terminal, www_authenticate, Resync::Done)
    }
}

/// A terminal that has answered.
#[derive(Clone, Debug)]
pub struct Answered {
    credentials: Credentials,
    password: Password,
    rand: Rand,
}

impl Answered {
    /// `Authorization` of the next request.
    pub const fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Takes `Authentication-Info` and the body of the answer 200.
    ///
    /// # Errors
    /// [`UbError`]; above all [`Unproven`](UbError::Unproven) and [`Forged`](UbError::Forged).
    pub fn finish(self, information: Option<&str>, body: &[u8]) -> Result<Session, UbError> {
        let information = information.ok_or(UbError::Unproven)?;
        let information: AuthenticationInfo = information.parse()?;
        if !information.verify(&self.credentials, &self.password, body) {
            return Err(UbError::Forged);
        }
        let text = core::str::from_utf8(body).ok().ok_or(InvalidInfo)?;
        let info: BootstrappingInfo = text.parse()?;
        Ok(Session {
            btid: info.btid().into(),
            lifetime: info.lifetime(),
            rand: self.rand,
        })
    }
}

/// A bootstrapping that both sides know of. Ks is with whoever has CK and IK: the terminal, or the
/// card.
#[derive(Clone)]
#[non_exhaustive]
pub struct Session {
    /// Its name, which goes to NAFs.
    pub btid: String,
    /// When its keys end.
    pub lifetime: UnixTime,
    /// Its RAND, which goes into keys.
    pub rand: Rand,
}

/// Does not show the B-TID, by which a terminal can be followed.
impl core::fmt::Debug for Session {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut session = f.debug_struct("Session");
        session
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}
