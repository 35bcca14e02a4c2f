//! One attribute: type, length in words of four octets, value (RFC 4187 §8.1, §10; RFC 4186 §10;
//! RFC 9048 §3, §4).

use core::fmt;

use super::Malformed;
use crate::{Autn, Auts, Res};

/// An attribute with its value, decoded; `Debug` prints its number only.
#[derive(Clone)]
#[non_exhaustive]
pub enum Attribute<'a> {
    /// AT_RAND: one challenge (AKA), two or three (SIM).
    Rand(&'a [[u8; 16]]),
    /// AT_AUTN.
    Autn(Autn),
    /// AT_RES; its length goes in bits.
    Res(Res),
    /// AT_AUTS.
    Auts(Auts),
    /// AT_PADDING: 2, 6 or 10 octets of zero, in encrypted data only.
    Padding(&'a [u8]),
    /// AT_NONCE_MT.
    NonceMt(&'a [u8; 16]),
    /// AT_PERMANENT_ID_REQ.
    PermanentIdReq,
    /// AT_MAC.
    Mac(&'a [u8; 16]),
    /// AT_NOTIFICATION.
    Notification(u16),
    /// AT_ANY_ID_REQ.
    AnyIdReq,
    /// AT_IDENTITY.
    Identity(&'a [u8]),
    /// AT_VERSION_LIST.
    VersionList(&'a [[u8; 2]]),
    /// AT_SELECTED_VERSION.
    SelectedVersion(u16),
    /// AT_FULLAUTH_ID_REQ.
    FullauthIdReq,
    /// AT_COUNTER.
    Counter(u16),
    /// AT_COUNTER_TOO_SMALL.
    CounterTooSmall,
    /// AT_NONCE_S.
    NonceS(&'a [u8; 16]),
    /// AT_CLIENT_ERROR_CODE.
    ClientErrorCode(u16),
    /// AT_KDF_INPUT: the access network's name.
    KdfInput(&'a [u8]),
    /// AT_KDF.
    Kdf(u16),
    /// AT_IV.
    Iv(&'a [u8; 16]),
    /// AT_ENCR_DATA: whole blocks of 16 octets.
    EncrData(&'a [u8]),
    /// AT_NEXT_PSEUDONYM.
    NextPseudonym(&'a [u8]),
    /// AT_NEXT_REAUTH_ID.
    NextReauthId(&'a [u8]),
    /// AT_CHECKCODE: nothing, 20 octets (AKA) or 32 (AKA').
    Checkcode(&'a [u8]),
    /// AT_RESULT_IND.
    ResultInd,
    /// AT_BIDDING; bit 0x8000 says that the server would take EAP-AKA'.
    Bidding(u16),
    /// An attribute from 128 on that is not known.
    Skippable {
        /// Its number, from 128.
        kind: u8,
        /// All after type and length.
        value: &'a [u8],
    },
}

impl<'a> Attribute<'a> {
    /// The number in the Type field.
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Rand(_) => 1,
            Self::Autn(_) => 2,
            Self::Res(_) => 3,
            Self::Auts(_) => 4,
            Self::Padding(_) => 6,
            Self::NonceMt(_) => 7,
            Self::PermanentIdReq => 10,
            Self::Mac(_) => AT_MAC,
            Self::Notification(_) => 12,
            Self::AnyIdReq => 13,
            Self::Identity(_) => 14,
            Self::VersionList(_) => 15,
            Self::SelectedVersion(_) => 16,
            Self::FullauthIdReq => 17,
            Self::Counter(_) => 19,
            Self::CounterTooSmall => 20,
            Self::NonceS(_) => 21,
            Self::ClientErrorCode(_) => 22,
            Self::KdfInput(_) => 23,
            Self::Kdf(_) => AT_KDF,
            Self::Iv(_) => 129,
            Self::EncrData(_) => 130,
            Self::NextPseudonym(_) => 132,
            Self::NextReauthId(_) => 133,
            Self::Checkcode(_) => 134,
            Self::ResultInd => 135,
            Self::Bidding(_) => 136,
            Self::Skippable { kind, .. } => *kind,
        }
    }

    /// `value` is all after type and length.
    pub(super) fn decode(kind: u8, value: &'a [u8]) -> Result<Self, Malformed> {
        let decoded = match kind {
            1..=4 | 6 | 7 | 10 => Self::decode_challenge(kind, value),
            AT_MAC => fixed(value).map(Self::Mac),
            12 => number(value).map(Self::Notification),
            13 => reserved(value).map(|()| Self::AnyIdReq),
            14 => counted(value).map(Self::Identity),
            15 => versions(value).map(Self::VersionList),
            16 => number(value).map(Self::SelectedVersion),
            17 => reserved(value).map(|()| Self::FullauthIdReq),
            19 => number(value).map(Self::Counter),
            20 => reserved(value).map(|()| Self::CounterTooSmall),
            21 => fixed(value).map(Self::NonceS),
            22 => number(value).map(Self::ClientErrorCode),
            23 => counted(value).map(Self::KdfInput),
            AT_KDF => number(value).map(Self::Kdf),
            0..128 => return Err(Malformed::Unknown(kind)),
            128.. => Self::decode_skippable(kind, value),
        };
        decoded.ok_or(Malformed::Attribute(kind))
    }

    fn decode_challenge(kind: u8, value: &'a [u8]) -> Option<Self> {
        match kind {
            1 => rands(value).map(Self::Rand),
            2 => fixed(value).map(|octets| Self::Autn(Autn::new(*octets))),
            3 => res(value).map(Self::Res),
            4 => Auts::from_slice(value).ok().map(Self::Auts),
            6 => padding(value).map(Self::Padding),
            7 => fixed(value).map(Self::NonceMt),
            10 => reserved(value).map(|()| Self::PermanentIdReq),
            _ => None,
        }
    }

    fn decode_skippable(kind: u8, value: &'a [u8]) -> Option<Self> {
        match kind {
            129 => fixed(value).map(Self::Iv),
            130 => blocks(value).map(Self::EncrData),
            132 => counted(value).map(Self::NextPseudonym),
            133 => counted(value).map(Self::NextReauthId),
            134 => checkcode(value).map(Self::Checkcode),
            135 => reserved(value).map(|()| Self::ResultInd),
            136 => number(value).map(Self::Bidding),
            _ => Some(Self::Skippable { kind, value }),
        }
    }

    /// The two octets after type and length, and what follows them.
    pub(super) fn parts(&self) -> ([u8; 2], &[u8]) {
        match self {
            Self::Rand(rands) => ([0, 0], rands.as_flattened()),
            Self::Autn(autn) => ([0, 0], autn.as_bytes()),
            Self::Res(res) => (size(res.expose().len() * 8), res.expose()),
            Self::Auts(auts) => headed(auts.as_bytes()),
            Self::Padding(octets) => headed(octets),
            Self::Skippable { value, .. } => headed(value),
            Self::NonceMt(octets) | Self::Mac(octets) | Self::NonceS(octets) | Self::Iv(octets) => {
                ([0, 0], *octets)
            }
            Self::EncrData(octets) | Self::Checkcode(octets) => ([0, 0], octets),
            Self::Identity(octets)
            | Self::KdfInput(octets)
            | Self::NextPseudonym(octets)
            | Self::NextReauthId(octets) => (size(octets.len()), octets),
            Self::VersionList(list) => (size(list.len() * 2), list.as_flattened()),
            Self::Notification(number)
            | Self::SelectedVersion(number)
            | Self::Counter(number)
            | Self::ClientErrorCode(number)
            | Self::Kdf(number)
            | Self::Bidding(number) => (number.to_be_bytes(), &[]),
            Self::PermanentIdReq
            | Self::AnyIdReq
            | Self::FullauthIdReq
            | Self::CounterTooSmall
            | Self::ResultInd => ([0, 0], &[]),
        }
    }
}

impl fmt::Debug for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attribute({})", self.kind())
    }
}

pub(super) const AT_MAC: u8 = 11;
const AT_KDF: u8 = 24;

/// AT_KDF is a list; what is not known has rules that are not known either.
pub(super) const fn stands_once(kind: u8) -> bool {
    matches!(kind, 1..AT_KDF | 129..=136)
}

/// Type, value and what follows the first attribute.
pub(super) fn split(octets: &[u8]) -> Result<(u8, &[u8], &[u8]), Malformed> {
    let (kind, rest) = octets.split_first().ok_or(Malformed::Short)?;
    let (words, rest) = rest.split_first().ok_or(Malformed::Truncated(*kind))?;
    let size = (usize::from(*words) * 4).checked_sub(2);
    let parts = size.and_then(|size| rest.split_at_checked(size));
    let (value, after) = parts.ok_or(Malformed::Truncated(*kind))?;
    Ok((*kind, value, after))
}

fn reserved(value: &[u8]) -> Option<()> {
    (value.len() == 2).then_some(())
}

fn number(value: &[u8]) -> Option<u16> {
    value.try_into().ok().map(u16::from_be_bytes)
}

/// Two reserved octets and 16 more.
fn fixed(value: &[u8]) -> Option<&[u8; 16]> {
    value.get(2..)?.try_into().ok()
}

/// The size in octets, so many octets, and up to three of padding.
fn counted(value: &[u8]) -> Option<&[u8]> {
    let (size, rest) = value.split_first_chunk()?;
    let size = usize::from(u16::from_be_bytes(*size));
    (rest.len() == size.next_multiple_of(4)).then(|| rest.get(..size))?
}

fn rands(value: &[u8]) -> Option<&[[u8; 16]]> {
    let (rands, rest) = value.get(2..)?.as_chunks();
    (rest.is_empty() && (1..=3).contains(&rands.len())).then_some(rands)
}

/// The size is in bits, and RES is of whole octets (TS 33.102 §6.3.7).
fn res(value: &[u8]) -> Option<Res> {
    let (bits, rest) = value.split_first_chunk()?;
    let bits = usize::from(u16::from_be_bytes(*bits));
    let size = bits / 8;
    if bits % 8 != 0 || rest.len() != size.next_multiple_of(4) {
        return None;
    }
    Res::from_slice(rest.get(..size)?).ok()
}

fn versions(value: &[u8]) -> Option<&[[u8; 2]]> {
    let (versions, rest) = counted(value)?.as_chunks();
    rest.is_empty().then_some(versions)
}

fn padding(value: &[u8]) -> Option<&[u8]> {
    let zeros = value.iter().all(|octet| *octet == 0);
    (zeros && value.len() <= 10).then_some(value)
}

fn blocks(value: &[u8]) -> Option<&[u8]> {
    let data = value.get(2..)?;
    (!data.is_empty() && data.len().is_multiple_of(16)).then_some(data)
}

fn checkcode(value: &[u8]) -> Option<&[u8]> {
    let code = value.get(2..)?;
    matches!(code.len(), 0 | 20 | 32).then_some(code)
}

/// A size field; what is longer than it can say has no room in an attribute either.
fn size(octets: usize) -> [u8; 2] {
    u16::try_from(octets).unwrap_or(u16::MAX).to_be_bytes()
}

/// A value without a head of its own.
fn headed(value: &[u8]) -> ([u8; 2], &[u8]) {
    value
        .split_first_chunk()
        .map_or(([0, 0], &[]), |(head, rest)| (*head, rest))
}
