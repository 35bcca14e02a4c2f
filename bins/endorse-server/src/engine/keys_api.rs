//! SORACOM's Keys API: a key for whoever answers with RES, and calls that CK signs.

use aka::{Autn, Auts, Ck, Imsi, Rand};
use endorse::confirm::Transaction;
use endorse::keys_api::{KeyAnswer, ProvisioningCall, Signed};
use endorse::{Method, UnixTime};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{Proof, Server, ServerError, random};
use crate::store::Secret;
use crate::{Posed, Purpose, PurposeKeys};

/// A key that waits for RES.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OfferedKey {
    /// Its name.
    pub key_id: Transaction,
    /// RAND.
    pub rand: Rand,
    /// AUTN.
    pub autn: Autn,
}

/// A call that CK has signed.
#[derive(Debug)]
#[non_exhaustive]
pub struct ProvenCall {
    /// By whom.
    pub proof: Proof,
    /// The key that signed it.
    pub ck: Ck,
}

/// For how many seconds a call may be on its way, or clocks differ.
const WINDOW: u64 = 300;

impl Server {
    /// Asks a SIM for a key.
    ///
    /// # Errors
    /// [`ServerError`]
    pub async fn offer_key(&self, imsi: Imsi, now: UnixTime) -> Result<OfferedKey, ServerError> {
        let posed = self.pose(&imsi, Purpose::KeysApi, now).await?;
        let key_id = Transaction::new(random()?);
        let until = now.plus(Self::LIFE);
        let octets = with_imsi(&imsi, &posed.to_octets());
        self.store()
            .keep(&offered(&key_id.to_string()), octets, until)
            .await?;
        // So that an AUTS is taken for our own challenges only.
        let asked = asked(&imsi, &posed.rand);
        self.store().keep(&asked, Secret::default(), until).await?;
        let Posed { rand, autn, .. } = posed;
        Ok(OfferedKey { key_id, rand, autn })
    }

    /// Follows the SIM's sequence number, and asks it again.
    ///
    /// # Errors
    /// [`ServerError::NotProven`] for an AUTS that is not the SIM's on a challenge of ours.
    pub async fn offer_key_again(
        &self,
        imsi: Imsi,
        (rand, auts): (&Rand, &Auts),
        now: UnixTime,
    ) -> Result<OfferedKey, ServerError> {
        let asked = asked(&imsi, rand);
        let is_ours = self.store().take(&asked, now).await?.is_some();
        is_ours.then_some(()).ok_or(ServerError::NotProven)?;
        self.follow(&imsi, Purpose::KeysApi, rand, auts).await?;
        self.offer_key(imsi, now).await
    }

    /// Takes RES for a key. There is one try for a challenge, whatever keys it was told for.
    ///
    /// # Errors
    /// [`ServerError::NotProven`], and the key is no more.
    pub async fn accept_key(
        &self,
        key_id: &str,
        answer: &KeyAnswer,
        now: UnixTime,
    ) -> Result<(), ServerError> {
        let key_id = &name(key_id)?.to_string();
        let taken = self.store().take(&offered(key_id), now).await?;
        let (imsi, octets) = split_imsi(&taken.ok_or(ServerError::NotProven)?)?;
        let posed = Purpose::KeysApi.read(&octets).ok_or(ServerError::Damaged)?;
        let PurposeKeys::KeysApi { xres, ck } = posed.keys else {
            return Err(ServerError::Damaged);
        };
        self.hear(&imsi, Purpose::KeysApi, &posed.rand, now).await?;
        if !bool::from(xres.expose().ct_eq(answer.res())) {
            return Err(ServerError::NotProven);
        }
        let key = Key {
            imsi,
            ck,
            proven: now,
            last_call: 0,
        };
        let until = now.plus(self.settings().dialects.keys_api.key_lifetime);
        Ok(self
            .store()
            .keep(&proven(key_id), key.to_octets(until), until)
            .await?)
    }

    /// Takes a call that a proven key has signed. Each call counts once: the times of a key's calls
    /// must rise.
    ///
    /// # Errors
    /// [`ServerError::NotProven`], whatever is wrong.
    pub async fn accept_call(
        &self,
        call: &ProvisioningCall,
        signed: &Signed<'_>,
        now: UnixTime,
    ) -> Result<ProvenCall, ServerError> {
        let sent = signed.timestamp() / 1000;
        if sent.abs_diff(now.seconds()) > WINDOW || !call.is_of(signed.timestamp()) {
            return Err(ServerError::NotProven);
        }
        let name = proven(&name(call.key_id())?.to_string());
        // A wrong signature must not use the key up.
        let found = self.store().find(&name, now).await?;
        Key::read(found, signed)?;
        let taken = self.store().take(&name, now).await?;
        let (mut key, until) = Key::read(taken, signed)?;
        key.last_call = signed.timestamp();
        self.store()
            .keep(&name, key.to_octets(until), until)
            .await?;
        Ok(ProvenCall {
            proof: Proof {
                imsi: key.imsi,
                method: Method::Aka,
                at: key.proven,
                imei: None,
            },
            ck: key.ck,
        })
    }
}

/// A key that has been proven.
struct Key {
    imsi: Imsi,
    ck: Ck,
    proven: UnixTime,
    /// The time of the last call, in milliseconds.
    last_call: u64,
}

impl Key {
    fn to_octets(&self, until: UnixTime) -> Secret {
        let mut octets = Zeroizing::new(self.ck.expose().to_vec());
        for number in [self.proven.seconds(), self.last_call, until.seconds()] {
            octets.extend_from_slice(&number.to_be_bytes());
        }
        with_imsi(&self.imsi, &octets)
    }

    /// The key that made `signed`, later than its last call, and until when it is kept.
    fn read(octets: Option<Secret>, signed: &Signed<'_>) -> Result<(Self, UnixTime), ServerError> {
        let (imsi, octets) = split_imsi(&octets.ok_or(ServerError::NotProven)?)?;
        let (ck, rest) = octets.split_first_chunk().ok_or(ServerError::Damaged)?;
        let ([proven, last_call, until], []) = rest.as_chunks() else {
            return Err(ServerError::Damaged);
        };
        let key = Self {
            imsi,
            ck: Ck::new(*ck),
            proven: UnixTime::from_seconds(u64::from_be_bytes(*proven)),
            last_call: u64::from_be_bytes(*last_call),
        };
        if signed.is_by(key.ck.expose()) && signed.timestamp() > key.last_call {
            Ok((key, UnixTime::from_seconds(u64::from_be_bytes(*until))))
        } else {
            Err(ServerError::NotProven)
        }
    }
}

/// A key's name, which a stranger may write in ways that no database stores.
fn name(key_id: &str) -> Result<Transaction, ServerError> {
    key_id.parse().or(Err(ServerError::NotProven))
}

fn offered(key_id: &str) -> String {
    format!("key-offered/{key_id}")
}

fn proven(key_id: &str) -> String {
    format!("key-proven/{key_id}")
}

fn asked(imsi: &Imsi, rand: &Rand) -> String {
    format!("key-asked/{}/{:x}", imsi.as_str(), rand.hex())
}

/// The IMSI behind its length, and then the rest.
fn with_imsi(imsi: &Imsi, rest: &[u8]) -> Secret {
    let digits = imsi.as_str().as_bytes();
    let length = u8::try_from(digits.len()).expect("an IMSI has at most 15 digits");
    Zeroizing::new([&[length], digits, rest].concat())
}

fn split_imsi(octets: &[u8]) -> Result<(Imsi, Secret), ServerError> {
    let (length, rest) = octets.split_first().ok_or(ServerError::Damaged)?;
    let parts = rest.split_at_checked(usize::from(*length));
    let (digits, rest) = parts.ok_or(ServerError::Damaged)?;
    let imsi = std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| digits.parse().ok());
    Ok((
        imsi.ok_or(ServerError::Damaged)?,
        Zeroizing::new(rest.to_vec()),
    ))
}
