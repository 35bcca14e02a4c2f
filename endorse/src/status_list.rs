//! Token status lists (draft-ietf-oauth-status-list): one signed, compressed list tells of thousands
//! of tokens whether they have been revoked.

use std::collections::HashMap;
use std::fmt;
use std::sync::{PoisonError, RwLock};

use strict_jws::json::{Bounds, Document, ObjectWriter, Value};
use strict_jws::{SecureRandom, Signer, SigningFailed, UnixTime, Unverified, base64};

use crate::claims::read::string;
use crate::keys::KeySource;
use crate::{Endorsement, Policy, Refusal};

/// The `typ` of a list's token.
const TYP: &str = "statuslist+jwt";

/// How many octets a list may have, which is 8 million tokens.
const MAX_LEN: usize = 1 << 20;

/// How long a list's token may be.
const MAX_TOKEN: usize = 2 * MAX_LEN;

/// A list with one bit for each token.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusList {
    /// How many bits a token has: 1, 2, 4 or 8.
    bits: u8,
    octets: Vec<u8>,
}

impl StatusList {
    /// A list for as many tokens, none of which has been revoked; 8 million at the most.
    pub fn new(tokens: usize) -> Self {
        Self {
            bits: 1,
            octets: vec![0; tokens.div_ceil(8).min(MAX_LEN)],
        }
    }

    /// Revokes the token at `index`; whether there is such a place.
    pub fn revoke(&mut self, index: u64) -> bool {
        let octet = usize::try_from(index / 8)
            .ok()
            .and_then(|at| self.octets.get_mut(at));
        octet.map(|octet| *octet |= 1 << (index % 8)).is_some()
    }

    /// The status of the token at `index`: 0 is valid. `None` where the list has no such place.
    pub fn status(&self, index: u64) -> Option<u8> {
        let bit = index.checked_mul(u64::from(self.bits))?;
        let octet = *self.octets.get(usize::try_from(bit / 8).ok()?)?;
        let mask = u8::MAX >> (8 - self.bits);
        Some((octet >> (bit % 8)) & mask)
    }

    /// The list as a token of the issuer at `uri`, which is to be fetched anew after `lifetime` seconds.
    ///
    /// # Errors
    /// [`SigningFailed`]
    pub fn to_token(
        &self,
        uri: &str,
        signer: &Signer,
        (now, lifetime): (UnixTime, u64),
        random: &dyn SecureRandom,
    ) -> Result<String, SigningFailed> {
        let compressed = miniz_oxide::deflate::compress_to_vec_zlib(&self.octets, 9);
        let mut payload = ObjectWriter::new();
        payload
            .string("sub", uri)
            .integer("iat", now.seconds())
            .integer("exp", now.plus(lifetime).seconds())
            .integer("ttl", lifetime)
            .object("status_list", |list| {
                list.integer("bits", u64::from(self.bits));
                list.string("lst", &base64::encode(&compressed));
            });
        signer.sign(Some(TYP), payload.finish().as_bytes(), random)
    }
}

impl fmt::Debug for StatusList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatusList({} octets)", self.octets.len())
    }
}

/// Refuses tokens that have been revoked, and those of whose status nothing is known.
///
/// Whoever runs the service fetches the lists that it needs, and hands them over.
#[derive(Debug, Default)]
pub struct StatusLists {
    lists: RwLock<HashMap<String, (StatusList, UnixTime)>>,
}

impl StatusLists {
    /// Knows no list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a new list that was fetched from `uri`, signed by one of the issuer's `keys`.
    ///
    /// # Errors
    /// [`Refusal`]; the list that was there stays.
    pub fn update(
        &self,
        uri: &str,
        token: &[u8],
        keys: &dyn KeySource,
        now: UnixTime,
    ) -> Result<(), Refusal> {
        let policy = strict_jws::Policy::typed(TYP).with_max_len(MAX_TOKEN);
        let unverified = Unverified::parse(token, &policy)?;
        let key = keys.find(unverified.header().key_id());
        let key = key.ok_or(strict_jws::Refusal::UnknownKey)?;
        let verified = unverified.verify(&key)?;
        let document =
            Document::parse(verified.payload(), Bounds::PAYLOAD).map_err(Refusal::PayloadJson)?;
        let read = read(document.root(), uri, now)?;
        let mut lists = self.lists.write().unwrap_or_else(PoisonError::into_inner);
        lists.insert(uri.to_owned(), read);
        Ok(())
    }
}

impl Policy for std::sync::Arc<StatusLists> {
    fn check(&self, endorsement: &Endorsement, now: UnixTime) -> Result<(), Refusal> {
        let Some(reference) = &endorsement.claims.status else {
            return Err(Refusal::StatusUnknown);
        };
        let lists = self.lists.read().unwrap_or_else(PoisonError::into_inner);
        let (list, expires) = lists.get(&reference.uri).ok_or(Refusal::StatusUnknown)?;
        if now >= *expires {
            return Err(Refusal::StatusUnknown);
        }
        match list.status(reference.index) {
            Some(0) => Ok(()),
            Some(_) => Err(Refusal::Revoked),
            None => Err(Refusal::StatusUnknown),
        }
    }
}

fn read(payload: Value<'_>, uri: &str, now: UnixTime) -> Result<(StatusList, UnixTime), Refusal> {
    if string(payload, "sub")? != uri {
        return Err(Refusal::WrongSubject);
    }
    let time = |name: &'static str| {
        let value = payload.member(name).ok_or(Refusal::MissingClaim(name))?;
        value
            .integer()
            .map(UnixTime::from_seconds)
            .ok_or(Refusal::WrongType(name))
    };
    let (issued, expires) = (time("iat")?, time("exp")?);
    if issued > now.plus(60) {
        return Err(Refusal::IssuedInFuture);
    }
    if expires <= now {
        return Err(Refusal::Expired);
    }
    let list = payload
        .member("status_list")
        .ok_or(Refusal::MissingClaim("status_list"))?;
    Ok((read_list(list)?, expires))
}

fn read_list(list: Value<'_>) -> Result<StatusList, Refusal> {
    let bits = list.member("bits").and_then(|bits| bits.integer());
    let bits = bits
        .and_then(|bits| u8::try_from(bits).ok())
        .filter(|bits| [1, 2, 4, 8].contains(bits));
    let compressed = base64::decode(string(list, "lst")?.as_bytes());
    let compressed = compressed.or(Err(Refusal::InvalidClaim("lst")))?;
    let octets = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&compressed, MAX_LEN);
    Ok(StatusList {
        bits: bits.ok_or(Refusal::InvalidClaim("bits"))?,
        octets: octets.or(Err(Refusal::InvalidClaim("lst")))?,
    })
}
