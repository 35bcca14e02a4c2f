//! The attributes of a packet together: none twice, none that is unknown and must be known.

use core::fmt;

use super::{Attribute, Malformed, attribute};
use crate::{Autn, Auts, Res};

/// Well-formed attributes in their order (RFC 4187 §8.1); AT_KDF alone may stand repeatedly.
#[derive(Clone, Copy)]
pub struct Attributes<'a>(&'a [u8]);

impl<'a> Attributes<'a> {
    /// Reads attributes one after another: a packet's, or those of decrypted AT_ENCR_DATA.
    ///
    /// # Errors
    /// [`Malformed`] of the first attribute that is cut short, impossible, repeated, or unknown and
    /// not skippable.
    pub fn parse(octets: &'a [u8]) -> Result<Self, Malformed> {
        let mut seen = Seen::default();
        let mut rest = octets;
        while !rest.is_empty() {
            let (kind, value, after) = attribute::split(rest)?;
            Attribute::decode(kind, value)?;
            if attribute::stands_once(kind) && !seen.is_first(kind) {
                return Err(Malformed::Repeated(kind));
            }
            rest = after;
        }
        Ok(Self(octets))
    }

    /// All of them, in order; skippable ones that are not known come as [`Attribute::Skippable`].
    pub fn iter(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let mut rest = self.0;
        core::iter::from_fn(move || {
            let (kind, value, after) = attribute::split(rest).ok()?;
            rest = after;
            Attribute::decode(kind, value).ok()
        })
    }

    /// Where the value of AT_MAC begins.
    pub(super) fn mac_offset(&self) -> Option<usize> {
        let mut rest = self.0;
        while let Ok((kind, value, after)) = attribute::split(rest) {
            if kind == attribute::AT_MAC {
                // two octets of the value are reserved
                return Some(self.0.len() - after.len() - value.len() + 2);
            }
            rest = after;
        }
        None
    }
}

/// What stands with a value.
macro_rules! values {
    ($($(#[$doc:meta])* $name:ident: $variant:ident($value:ty);)+) => {
        impl<'a> Attributes<'a> {
            $($(#[$doc])*
            pub fn $name(&self) -> Option<$value> {
                self.iter().find_map(|attribute| {
                    if let Attribute::$variant(value) = attribute { Some(value) } else { None }
                })
            })+
        }
    };
}

/// What only stands there or not.
macro_rules! marks {
    ($($(#[$doc:meta])* $name:ident: $variant:ident;)+) => {
        impl Attributes<'_> {
            $($(#[$doc])*
            pub fn $name(&self) -> bool {
                self.iter().any(|attribute| matches!(attribute, Attribute::$variant))
            })+
        }
    };
}

values! {
    /// AT_RAND.
    rands: Rand(&'a [[u8; 16]]);
    /// AT_AUTN.
    autn: Autn(Autn);
    /// AT_RES.
    res: Res(Res);
    /// AT_AUTS.
    auts: Auts(Auts);
    /// AT_MAC.
    mac: Mac(&'a [u8; 16]);
    /// AT_NOTIFICATION.
    notification: Notification(u16);
    /// AT_IDENTITY.
    identity: Identity(&'a [u8]);
    /// AT_CLIENT_ERROR_CODE.
    client_error_code: ClientErrorCode(u16);
    /// AT_KDF_INPUT.
    kdf_input: KdfInput(&'a [u8]);
    /// AT_COUNTER.
    counter: Counter(u16);
    /// AT_NONCE_S.
    nonce_s: NonceS(&'a [u8; 16]);
    /// AT_NONCE_MT.
    nonce_mt: NonceMt(&'a [u8; 16]);
    /// AT_VERSION_LIST.
    version_list: VersionList(&'a [[u8; 2]]);
    /// AT_SELECTED_VERSION.
    selected_version: SelectedVersion(u16);
    /// AT_IV.
    iv: Iv(&'a [u8; 16]);
    /// AT_ENCR_DATA.
    encr_data: EncrData(&'a [u8]);
    /// AT_NEXT_PSEUDONYM.
    next_pseudonym: NextPseudonym(&'a [u8]);
    /// AT_NEXT_REAUTH_ID.
    next_reauth_id: NextReauthId(&'a [u8]);
    /// AT_CHECKCODE.
    checkcode: Checkcode(&'a [u8]);
    /// AT_BIDDING.
    bidding: Bidding(u16);
}

marks! {
    /// AT_PERMANENT_ID_REQ.
    permanent_id_req: PermanentIdReq;
    /// AT_ANY_ID_REQ.
    any_id_req: AnyIdReq;
    /// AT_FULLAUTH_ID_REQ.
    fullauth_id_req: FullauthIdReq;
    /// AT_COUNTER_TOO_SMALL.
    counter_too_small: CounterTooSmall;
    /// AT_RESULT_IND.
    result_ind: ResultInd;
}

impl<'a> Attributes<'a> {
    /// Every AT_KDF in order.
    pub fn kdfs(&self) -> impl Iterator<Item = u16> + use<'a> {
        self.iter().filter_map(|attribute| {
            if let Attribute::Kdf(number) = attribute {
                Some(number)
            } else {
                None
            }
        })
    }
}

impl fmt::Debug for Attributes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// A set of attribute numbers.
#[derive(Default)]
struct Seen([u128; 2]);

impl Seen {
    fn is_first(&mut self, kind: u8) -> bool {
        let [low, high] = &mut self.0;
        let half = if kind < 128 { low } else { high };
        let bit = 1 << (kind % 128);
        let first = *half & bit == 0;
        *half |= bit;
        first
    }
}
