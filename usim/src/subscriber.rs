//! What an embedding eNB, ePDG, GBA or IMS tool codes against: who am I, and answer this challenge.

use aka::{Autn, Auts, Ck, Ik, Imsi, Kc, MncLength, Rand, Res, Sres};

use crate::Error;

/// A subscriber that can say who it is and answer a challenge, wherever its card sits: a card
/// session, a remote server in any of three dialects, or the software card.
///
/// No method ever repeats an AUTHENTICATE by itself.
pub trait Subscriber {
    /// Who the subscriber is.
    ///
    /// # Errors
    /// [`Error`]: its [`fault`](Error::fault) says who is to blame.
    fn identity(&mut self) -> Result<Identity, Error>;

    /// Answers a UMTS challenge with the keys of an application (TS 31.102 §7.1.2.1).
    ///
    /// # Errors
    /// [`Error`]; an AUTN with a wrong MAC is [`CardError::MacFailure`](crate::CardError::MacFailure).
    fn authenticate(
        &mut self,
        application: ApplicationKind,
        rand: &Rand,
        autn: &Autn,
    ) -> Result<Authentication, Error>;

    /// Answers a GSM challenge (TS 31.102 §7.1.2.2, TS 51.011 §8.16).
    ///
    /// # Errors
    /// As [`authenticate`](Subscriber::authenticate).
    fn authenticate_gsm(&mut self, rand: &Rand) -> Result<GsmAuthentication, Error>;

    /// The IMS identities: of the ISIM, or derived from the IMSI (TS 23.003 §13).
    ///
    /// # Errors
    /// As [`identity`](Subscriber::identity).
    fn ims_identity(&mut self) -> Result<ImsIdentity, Error>;

    /// Bootstraps GBA on the card (TS 31.102 §7.1.2.3): Ks stays there, only RES comes back.
    ///
    /// # Errors
    /// As [`authenticate`](Subscriber::authenticate).
    fn gba_bootstrap(&mut self, rand: &Rand, autn: &Autn) -> Result<GbaBootstrapping, Error>;

    /// Derives Ks_ext_NAF on the card from the bootstrapped Ks (TS 31.102 §7.1.2.4).
    ///
    /// # Errors
    /// As [`authenticate`](Subscriber::authenticate).
    fn gba_naf(&mut self, naf_id: &[u8], impi: &str) -> Result<KsExtNaf, Error>;
}

/// Which application of the card answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApplicationKind {
    /// The USIM, for mobile networks and EAP-AKA.
    #[default]
    Usim,
    /// The ISIM, for IMS; a card without one answers with its USIM (TS 33.203 §8.1).
    Isim,
}

/// Who the subscriber is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The international mobile subscriber identity.
    pub imsi: Imsi,
    /// How long the MNC is, where the card or server says so.
    pub mnc_length: Option<MncLength>,
}

impl Identity {
    /// Puts both together.
    pub const fn new(imsi: Imsi, mnc_length: Option<MncLength>) -> Self {
        Self { imsi, mnc_length }
    }
}

/// The IMS identities of a subscriber (TS 31.103 §4.2, TS 23.003 §13).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImsIdentity {
    /// The private user identity.
    pub impi: String,
    /// The home network domain.
    pub domain: String,
    /// The public user identities.
    pub impu: Vec<String>,
}

impl ImsIdentity {
    /// Puts the identities together.
    pub const fn new(impi: String, domain: String, impu: Vec<String>) -> Self {
        Self { impi, domain, impu }
    }
}

impl std::fmt::Debug for ImsIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImsIdentity").finish_non_exhaustive()
    }
}

/// What came of a UMTS challenge with a right MAC.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "TS 33.102 §6.3.3 closes the set")]
pub enum Authentication {
    /// The challenge is fresh.
    Success(Keys),
    /// The challenge is stale: send this back to the home and ask for another one.
    SyncFailure(Auts),
}

/// The answer and the session keys of a successful authentication.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Keys {
    /// The response.
    pub res: Res,
    /// The cipher key.
    pub ck: Ck,
    /// The integrity key.
    pub ik: Ik,
    /// The GSM cipher key, where the card gives it.
    pub kc: Option<Kc>,
}

impl Keys {
    /// Puts the answer together.
    pub const fn new(res: Res, ck: Ck, ik: Ik, kc: Option<Kc>) -> Self {
        Self { res, ck, ik, kc }
    }
}

/// The answer to a GSM challenge.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GsmAuthentication {
    /// The response.
    pub sres: Sres,
    /// The cipher key.
    pub kc: Kc,
}

impl GsmAuthentication {
    /// Puts the answer together.
    pub const fn new(sres: Sres, kc: Kc) -> Self {
        Self { sres, kc }
    }
}

/// What came of bootstrapping GBA on the card.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "TS 31.102 §7.1.2.3 closes the set")]
pub enum GbaBootstrapping {
    /// Done; CK and IK stay on the card as Ks.
    Success(Res),
    /// The challenge is stale.
    SyncFailure(Auts),
}

/// The key Ks_ext_NAF, 32 octets (TS 33.220 §5.3.2): wiped on drop, never shown by `Debug`.
#[derive(Clone, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
pub struct KsExtNaf([u8; 32]);

impl KsExtNaf {
    /// Takes the octets.
    pub const fn new(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    /// The octets.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for KsExtNaf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KsExtNaf([redacted])")
    }
}
