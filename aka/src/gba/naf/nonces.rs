//! Which nonces are out, and how often each was used.

use alloc::collections::{BTreeMap, VecDeque};

use base64ct::{Base64, Encoding as _};

use crate::{
    gba::time::UnixTime,
    http_digest::{Credentials, Protection, Quoted},
};

/// How often a nonce may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 7616 §3.4 knows no third way")]
pub enum Reuse {
    /// Once.
    Never,
    /// Any number of times, each with a higher nonce count.
    Counted,
}

/// Why a nonce does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NonceError {
    /// It was never given out, or long ago: ask again, with `stale=true`.
    #[error("the nonce is stale")]
    Stale,
    /// It was used with this count, or a higher one, before.
    #[error("the nonce was used before")]
    Replayed,
}

/// The nonces of a NAF, at most [`CAPACITY`](Self::CAPACITY) at a time, each for
/// [`LIFETIME`](Self::LIFETIME) seconds. The oldest go first.
#[derive(Debug)]
pub struct Nonces {
    reuse: Reuse,
    open: BTreeMap<Quoted, Open>,
    order: VecDeque<Quoted>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    until: UnixTime,
    count: u32,
}

impl Nonces {
    /// How many may be out at once.
    pub const CAPACITY: usize = 16 * 1024;
    /// For how many seconds each is good.
    pub const LIFETIME: u64 = 300;

    /// None is out yet.
    pub const fn new(reuse: Reuse) -> Self {
        Self {
            reuse,
            open: BTreeMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Gives one out; `random` comes from a cryptographically secure generator.
    pub fn issue(&mut self, random: [u8; 16], now: UnixTime) -> Quoted {
        let nonce = Quoted::of_ascii(Base64::encode_string(&random));
        let until = now.after(Self::LIFETIME);
        while self.order.len() >= Self::CAPACITY {
            let oldest = self.order.pop_front();
            oldest.and_then(|oldest| self.open.remove(&oldest));
        }
        self.open.insert(nonce.clone(), Open { until, count: 0 });
        self.order.push_back(nonce.clone());
        nonce
    }

    /// Counts the use of one, after the digest was found right.
    ///
    /// # Errors
    /// [`NonceError`].
    pub fn spend(&mut self, credentials: &Credentials, now: UnixTime) -> Result<(), NonceError> {
        let open = self.open.get_mut(&credentials.nonce);
        let open = open.filter(|open| now < open.until);
        let open = open.ok_or(NonceError::Stale)?;
        let protection = credentials.protection.as_ref();
        let count = protection.map_or(0, Protection::count);
        let used = open.count > 0 && self.reuse == Reuse::Never;
        if used || count <= open.count {
            return Err(NonceError::Replayed);
        }
        open.count = count;
        Ok(())
    }
}
