//! The status lists, signed when something has changed and not each time that somebody asks.

use std::collections::HashMap;
use std::sync::Arc;

use endorse::UnixTime;
use endorse::status_list::StatusList;
use strict_jws::{KeyId, Signer, SystemRandom};
use tokio::sync::Mutex;

use super::{LIST, Server, ServerError};
use crate::keys::KeyUse;

/// For how many seconds a verifier may keep a list.
const LIFE: u64 = 60;

/// For how many seconds the same list is handed out: a verifier has it for as long at least.
const HANDED_OUT: u64 = LIFE / 2;

/// For how many seconds nobody looks whether another instance has revoked something.
const UNSEEN: u64 = 2;

/// The lists that were signed lately.
#[derive(Debug, Default)]
pub(super) struct Lists {
    signed: Mutex<HashMap<u64, Signed>>,
}

/// A list that was signed.
#[derive(Debug)]
struct Signed {
    list: SignedList,
    revoked: Vec<u64>,
    key_id: KeyId,
    made: UnixTime,
    looked: UnixTime,
}

/// A status list as a token of ours, for anybody.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SignedList {
    /// The token.
    pub token: Arc<str>,
    /// The first second in which it is no longer valid.
    pub expires: UnixTime,
}

impl Lists {
    /// The list of this number, if it needs no second look.
    async fn fresh(&self, number: u64, now: UnixTime) -> Option<SignedList> {
        let mut signed = self.signed.lock().await;
        signed.retain(|_, signed| away(signed.made, now) < HANDED_OUT);
        let signed = signed.get(&number);
        let signed = signed.filter(|signed| away(signed.looked, now) < UNSEEN);
        signed.map(|signed| signed.list.clone())
    }

    /// Something was revoked here.
    pub(super) async fn forget(&self) {
        self.signed.lock().await.clear();
    }
}

impl Server {
    /// The status list of this number, signed; none where no token has a place in it.
    ///
    /// # Errors
    /// The store failed, or there is no key.
    pub async fn signed_status_list(
        &self,
        number: u64,
        now: UnixTime,
    ) -> Result<Option<SignedList>, ServerError> {
        if let Some(fresh) = self.lists.fresh(number, now).await {
            return Ok(Some(fresh));
        }
        let first = number.checked_mul(LIST);
        let given = self.store().reserve(0).await?;
        let Some(first) = first.filter(|first| *first < given) else {
            return Ok(None);
        };
        // whoever asks at the same time waits, and finds it signed
        let mut lists = self.lists.signed.lock().await;
        let revoked = self.revoked_from(first, now).await?;
        let keys = self.keys().now();
        let signer = keys.signer(KeyUse::Native).ok_or(ServerError::NoKey)?;
        if let Some(signed) = lists.get_mut(&number)
            && signed.revoked == revoked
            && signed.key_id == *signer.key_id()
        {
            signed.looked = now;
            return Ok(Some(signed.list.clone()));
        }
        let signed = self.sign_list(number, revoked, signer, now)?;
        let list = signed.list.clone();
        lists.insert(number, signed);
        Ok(Some(list))
    }

    /// What is revoked in the list whose first place this is, in order.
    async fn revoked_from(&self, first: u64, now: UnixTime) -> Result<Vec<u64>, ServerError> {
        let places = self.store().revoked(now).await?;
        let within = places.iter().filter_map(|place| place.checked_sub(first));
        let mut within: Vec<u64> = within.filter(|index| *index < LIST).collect();
        within.sort_unstable();
        Ok(within)
    }

    fn sign_list(
        &self,
        number: u64,
        revoked: Vec<u64>,
        signer: &Signer,
        now: UnixTime,
    ) -> Result<Signed, ServerError> {
        let mut list = StatusList::new(usize::try_from(LIST).unwrap_or(usize::MAX));
        for index in &revoked {
            list.revoke(*index);
        }
        let (uri, random) = (self.status_list(number), SystemRandom::new());
        let token = list.to_token(&uri, signer, (now, LIFE), &random);
        let token = token.or(Err(ServerError::Unsigned))?.into();
        let expires = now.plus(LIFE);
        Ok(Signed {
            list: SignedList { token, expires },
            revoked,
            key_id: signer.key_id().clone(),
            made: now,
            looked: now,
        })
    }
}

/// How many seconds lie between two points, whichever way a clock was set.
fn away(one: UnixTime, other: UnixTime) -> u64 {
    one.seconds().abs_diff(other.seconds())
}
