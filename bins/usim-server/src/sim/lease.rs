//! Leases: a logical channel, or the whole SIM, for one caller and a while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;
use usim::apdu::{Channel, Command};

use crate::error::ApiError;

/// The leases of one SIM; clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leases {
    table: Arc<Mutex<HashMap<String, Lease>>>,
}

/// What is leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One logical channel.
    Channel,
    /// Everything: nobody else's request comes between.
    Exclusive,
}

/// A channel, or the SIM, in somebody's hand.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    pub(crate) kind: Kind,
    pub(crate) channel: Channel,
    pub(crate) owner: String,
    /// The worker's session in which it was given; it ends with it.
    pub(crate) session: u64,
    pub(crate) ends: Instant,
}

/// What a request shows: who sends it, and a lease if it has one.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    pub(crate) caller: String,
    pub(crate) lease: Option<String>,
    /// The logical channels, beside the basic one, that it would use or close.
    pub(crate) touched: Vec<Channel>,
}

/// The logical channels, beside the basic one, that a command would use, or close as MANAGE
/// CHANNEL.
pub(crate) fn touched(command: &Command<'_>) -> Vec<Channel> {
    let closes = command.ins() == MANAGE_CHANNEL && command.p1() == CLOSE;
    let closed = Channel::new(command.p2()).ok().filter(|_| closes);
    let used = Channel::of_class(command.cla());
    let both = used.into_iter().chain(closed);
    both.filter(|channel| *channel != Channel::BASIC).collect()
}

impl Leases {
    /// Remembers a lease under its name.
    pub(crate) fn insert(&self, name: String, lease: Lease) {
        self.table().insert(name, lease);
    }

    /// Takes a lease back if it is `owner`'s.
    pub(crate) fn remove(&self, name: &str, owner: &str) -> Result<Lease, ApiError> {
        let mut table = self.table();
        if table.get(name).is_none_or(|lease| lease.owner != owner) {
            return Err(ApiError::LeaseGone);
        }
        table.remove(name).ok_or(ApiError::LeaseGone)
    }

    /// Whether a request may go to the card in this `session`, and on which leased channel.
    ///
    /// Leases of former sessions are forgotten: the card they were of is gone, or was reset.
    pub(crate) fn admit(&self, pass: &Pass, session: u64) -> Result<Option<Channel>, ApiError> {
        let mut table = self.table();
        table.retain(|_, lease| lease.session == session);
        let own = pass.lease.as_ref().map(|name| table.get_key_value(name));
        let own = match own {
            None => None,
            Some(Some((name, lease))) if lease.owner == pass.caller => Some((name, lease)),
            Some(_) => return Err(ApiError::LeaseGone),
        };
        let in_the_way =
            |lease: &Lease| lease.kind == Kind::Exclusive || pass.touched.contains(&lease.channel);
        let mut others = table
            .iter()
            .filter(|(name, _)| own.is_none_or(|(own, _)| own != *name));
        match others.find(|(_, lease)| in_the_way(lease)) {
            Some((_, lease)) => Err(leased(lease)),
            None => Ok(own.map(|(_, lease)| lease.channel)),
        }
    }

    fn table(&self) -> MutexGuard<'_, HashMap<String, Lease>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const MANAGE_CHANNEL: u8 = 0x70;
const CLOSE: u8 = 0x80;

fn leased(lease: &Lease) -> ApiError {
    let left = lease.ends.saturating_duration_since(Instant::now());
    ApiError::Leased {
        retry_after: left.as_secs().saturating_add(1),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn with(kind: Kind, channel: u8) -> Leases {
        let leases = Leases::default();
        let lease = Lease {
            kind,
            channel: Channel::new(channel).unwrap(),
            owner: "lab".into(),
            session: 1,
            ends: Instant::now() + Duration::from_secs(30),
        };
        leases.insert("name".into(), lease);
        leases
    }

    fn pass(caller: &str, lease: Option<&str>) -> Pass {
        Pass {
            caller: caller.into(),
            lease: lease.map(str::to_owned),
            touched: Vec::new(),
        }
    }

    #[test]
    fn a_leased_channel_is_its_owners_only() {
        let leases = with(Kind::Channel, 1);
        let own = leases.admit(&pass("lab", Some("name")), 1).unwrap();
        assert_eq!(own, Channel::new(1).ok());
        let other = leases.admit(&pass("eve", Some("name")), 1);
        assert!(matches!(other, Err(ApiError::LeaseGone)));
        assert_eq!(leases.admit(&pass("eve", None), 1).unwrap(), None);
    }

    #[test]
    fn an_exclusive_lease_keeps_out_whoever_does_not_show_it() {
        let leases = with(Kind::Exclusive, 0);
        let inside = leases.admit(&pass("lab", Some("name")), 1).unwrap();
        assert_eq!(inside, Some(Channel::BASIC));
        for caller in ["lab", "eve"] {
            let outside = leases.admit(&pass(caller, None), 1);
            assert!(matches!(outside, Err(ApiError::Leased { retry_after: 30 })));
        }
    }

    #[test]
    fn a_lease_ends_with_its_session() {
        let leases = with(Kind::Exclusive, 0);
        assert_eq!(leases.admit(&pass("eve", None), 2).unwrap(), None);
        let gone = leases.admit(&pass("lab", Some("name")), 2);
        assert!(matches!(gone, Err(ApiError::LeaseGone)));
    }

    #[test]
    fn a_lease_is_given_back_by_its_owner_only_and_once() {
        let leases = with(Kind::Channel, 2);
        let foreign = leases.remove("name", "eve");
        assert!(matches!(foreign, Err(ApiError::LeaseGone)));
        assert_eq!(leases.remove("name", "lab").unwrap().channel.number(), 2);
        let twice = leases.remove("name", "lab");
        assert!(matches!(twice, Err(ApiError::LeaseGone)));
    }

    #[test]
    fn a_command_without_the_lease_is_kept_off_the_leased_channel() {
        let leases = with(Kind::Channel, 1);
        let admitted = |octets: &[u8]| {
            let touched = touched(&Command::parse(octets).unwrap());
            let pass = Pass {
                touched,
                ..pass("eve", None)
            };
            leases.admit(&pass, 1).is_ok()
        };
        assert!(admitted(&[0x00, 0xb0, 0, 0, 9]));
        assert!(admitted(&[0x02, 0xb0, 0, 0, 9]));
        assert!(!admitted(&[0x01, 0xb0, 0, 0, 9]));
        assert!(!admitted(&[0x00, 0x70, 0x80, 0x01]));
        assert!(admitted(&[0x00, 0x70, 0x80, 0x02]));
    }
}
