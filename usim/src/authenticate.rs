//! AUTHENTICATE and RUN GSM ALGORITHM: what is asked, and what the answers say (TS 31.102 §7.1.2,
//! TS 31.103 §7.1.2, TS 51.011 §9.2.16).
//!
//! Nothing here sends anything; a session's methods do, once for each challenge.

use aka::{Autn, Auts, Ck, Ik, Kc, Rand, Res, Sres};

use crate::{
    Authentication, CallerError, CardError, GbaBootstrapping, GsmAuthentication, Keys, KsExtNaf,
};

/// The data of a UMTS or IMS challenge: `10 RAND 10 AUTN`.
pub fn umts_challenge(rand: &Rand, autn: &Autn) -> [u8; 34] {
    let mut data = [0x10; 34];
    put(&mut data, 1, rand.as_bytes());
    put(&mut data, 18, autn.as_bytes());
    data
}

/// The data of a GSM challenge: `10 RAND`.
pub fn gsm_challenge(rand: &Rand) -> [u8; 17] {
    let mut data = [0x10; 17];
    put(&mut data, 1, rand.as_bytes());
    data
}

/// The data of a GBA bootstrapping: `DD 10 RAND 10 AUTN`.
pub fn gba_challenge(rand: &Rand, autn: &Autn) -> [u8; 35] {
    let mut data = [0xdd; 35];
    put(&mut data, 1, &umts_challenge(rand, autn));
    data
}

/// The data of a GBA NAF derivation: `DE`, then NAF_ID and IMPI, each behind its length.
///
/// # Errors
/// [`CallerError::DoesNotFit`] when they have more than 252 octets together.
pub fn naf_request(naf_id: &[u8], impi: &[u8]) -> Result<Vec<u8>, CallerError> {
    let what = "NAF_ID and IMPI";
    let too_long = CallerError::DoesNotFit { what };
    if naf_id.len() + impi.len() > 252 {
        return Err(too_long);
    }
    let mut data = vec![0xde];
    for field in [naf_id, impi] {
        data.extend(field.len().to_le_bytes().first());
        data.extend_from_slice(field);
    }
    Ok(data)
}

/// Reads the answer to a UMTS or IMS challenge: `DB`, then RES, CK, IK and perhaps Kc, each behind
/// its length; or `DC`, and AUTS behind its length. What follows is passed over.
///
/// # Errors
/// [`CardError::Malformed`] for another tag, lengths past the end, or a RES of other than 4 to 16
/// octets.
pub fn read_umts(answer: &[u8]) -> Result<Authentication, CardError> {
    let mut fields = Fields(answer);
    let read = match fields.tag() {
        Some(SUCCESS) => keys(&mut fields).map(Authentication::Success),
        Some(SYNC_FAILURE) => auts(&mut fields).map(Authentication::SyncFailure),
        _ => None,
    };
    read.ok_or(MALFORMED)
}

/// Reads the answer to a GSM challenge: `04 SRES 08 Kc`.
///
/// # Errors
/// [`CardError::Malformed`].
pub fn read_gsm(answer: &[u8]) -> Result<GsmAuthentication, CardError> {
    let mut fields = Fields(answer);
    let mut read = || {
        let sres = Sres::from_slice(fields.field()?).ok()?;
        let kc = Kc::from_slice(fields.field()?).ok()?;
        Some(GsmAuthentication::new(sres, kc))
    };
    read().ok_or(MALFORMED)
}

/// Reads the answer to RUN GSM ALGORITHM: SRES and Kc, 12 octets.
///
/// # Errors
/// [`CardError::Malformed`] for fewer octets.
pub fn read_run_gsm_algorithm(answer: &[u8]) -> Result<GsmAuthentication, CardError> {
    let read = answer.split_at_checked(Sres::SIZE).and_then(|(sres, kc)| {
        let kc = Kc::from_slice(kc.get(..Kc::SIZE)?).ok()?;
        Some(GsmAuthentication::new(Sres::from_slice(sres).ok()?, kc))
    });
    read.ok_or(CardError::Malformed {
        what: "answer to RUN GSM ALGORITHM",
    })
}

/// Reads the answer to a GBA bootstrapping: `DB` and RES, or `DC` and AUTS, behind their lengths.
///
/// # Errors
/// As [`read_umts`].
pub fn read_gba(answer: &[u8]) -> Result<GbaBootstrapping, CardError> {
    let mut fields = Fields(answer);
    let read = match fields.tag() {
        Some(SUCCESS) => res(&mut fields).map(GbaBootstrapping::Success),
        Some(SYNC_FAILURE) => auts(&mut fields).map(GbaBootstrapping::SyncFailure),
        _ => None,
    };
    read.ok_or(MALFORMED)
}

/// Reads the answer to a GBA NAF derivation: `DB 20 Ks_ext_NAF`.
///
/// # Errors
/// [`CardError::Malformed`].
pub fn read_naf(answer: &[u8]) -> Result<KsExtNaf, CardError> {
    let mut fields = Fields(answer);
    let mut read = || {
        if fields.tag()? != SUCCESS {
            return None;
        }
        fields.field()?.try_into().ok().map(KsExtNaf::new)
    };
    read().ok_or(MALFORMED)
}

fn keys(fields: &mut Fields<'_>) -> Option<Keys> {
    let res = res(fields)?;
    let ck = Ck::from_slice(fields.field()?).ok()?;
    let ik = Ik::from_slice(fields.field()?).ok()?;
    let kc = match fields.0 {
        [KC_LENGTH, ..] => Some(Kc::from_slice(fields.field()?).ok()?),
        _ => None,
    };
    Some(Keys::new(res, ck, ik, kc))
}

fn res(fields: &mut Fields<'_>) -> Option<Res> {
    Res::from_slice(fields.field()?).ok()
}

fn auts(fields: &mut Fields<'_>) -> Option<Auts> {
    Auts::from_slice(fields.field()?).ok()
}

fn put(data: &mut [u8], at: usize, octets: &[u8]) {
    for (to, from) in data.iter_mut().skip(at).zip(octets) {
        *to = *from;
    }
}

/// Fields behind lengths of one octet.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn tag(&mut self) -> Option<u8> {
        let (tag, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*tag)
    }

    fn field(&mut self) -> Option<&'a [u8]> {
        let length = self.tag()?;
        let (field, rest) = self.0.split_at_checked(usize::from(length))?;
        self.0 = rest;
        Some(field)
    }
}

const SUCCESS: u8 = 0xdb;
const SYNC_FAILURE: u8 = 0xdc;
const KC_LENGTH: u8 = 0x08;
const MALFORMED: CardError = CardError::Malformed {
    what: "answer to AUTHENTICATE",
};

#[cfg(test)]
mod tests;
