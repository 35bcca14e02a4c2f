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
    table: Arc<Mutex<Table>>,
}

#[derive(Debug, Default)]
struct Table {
    leases: HashMap<String, Lease>,
    /// Whose request was the last one: what waits for GET RESPONSE is theirs.
    last: Option<String>,
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
    pub(crate) reach: Reach,
}

/// What a command that a caller sends as it is would lay hands on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reach {
    /// The logical channel that it uses.
    used: Channel,
    /// The logical channel that it closes, or puts back, as MANAGE CHANNEL.
    closed: Option<Channel>,
    /// It asks for what a former command has left: GET RESPONSE.
    fetches: bool,
}

impl Reach {
    pub(crate) fn of(command: &Command<'_>) -> Self {
        let used = Channel::of_class(command.cla()).unwrap_or_default();
        let closes = command.ins() == MANAGE_CHANNEL && command.p1() != OPEN;
        // without a number it is the channel that carries the command (ISO/IEC 7816-4)
        let named = Channel::new(command.p2()).unwrap_or_default();
        let closed = if named == Channel::BASIC { used } else { named };
        Self {
            used,
            closed: closes.then_some(closed),
            fetches: command.ins() == GET_RESPONSE,
        }
    }

    fn touches(&self, channel: Channel) -> bool {
        channel != Channel::BASIC && (self.used == channel || self.closed == Some(channel))
    }
}

impl Leases {
    /// Remembers a lease under its name. Whoever held its channel before holds it no longer.
    pub(crate) fn insert(&self, name: String, lease: Lease) {
        let leases = &mut self.table().leases;
        leases.retain(|_, former| former.channel != lease.channel);
        leases.insert(name, lease);
    }

    /// Whether a lease is `owner`'s.
    pub(crate) fn check(&self, name: &str, owner: &str) -> Result<(), ApiError> {
        let table = self.table();
        let lease = table.leases.get(name);
        let owned = lease.filter(|lease| lease.owner == owner);
        owned.map(drop).ok_or(ApiError::LeaseGone)
    }

    /// Takes a lease back if it is `owner`'s.
    pub(crate) fn remove(&self, name: &str, owner: &str) -> Result<Lease, ApiError> {
        self.check(name, owner)?;
        let lease = self.table().leases.remove(name);
        lease.ok_or(ApiError::LeaseGone)
    }

    /// Whether a request may go to the card in this `session`, and on which leased channel.
    ///
    /// Leases of former sessions are forgotten: the card they were of is gone, or was reset.
    pub(crate) fn admit(&self, pass: &Pass, session: u64) -> Result<Option<Channel>, ApiError> {
        let mut table = self.table();
        let Table { leases, last } = &mut *table;
        leases.retain(|_, lease| lease.session == session);
        let own = pass.lease.as_ref().map(|name| leases.get_key_value(name));
        let own = match own {
            None => None,
            Some(Some((name, lease))) if lease.owner == pass.caller => Some((name, lease)),
            Some(_) => return Err(ApiError::LeaseGone),
        };
        let channel = own.map(|(_, lease)| lease.channel);
        let mut others = leases
            .iter()
            .filter(|(name, _)| own.is_none_or(|(own, _)| own != *name));
        if let Some((_, lease)) = others.find(|(_, lease)| lease.is_in_the_way(&pass.reach)) {
            return Err(leased(lease));
        }
        let stolen = pass.reach.fetches && last.as_ref() != Some(&pass.caller);
        if stolen || ends_lease(channel, &pass.reach) {
            return Err(ApiError::NotAllowed);
        }
        *last = Some(pass.caller.clone());
        Ok(channel)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    fn is_in_the_way(&self, reach: &Reach) -> bool {
        self.kind == Kind::Exclusive || reach.touches(self.channel)
    }
}

const MANAGE_CHANNEL: u8 = 0x70;
const GET_RESPONSE: u8 = 0xc0;
const OPEN: u8 = 0x00;

/// Whether a command under a channel's lease closes this channel, so that the card would give to
/// others what the lease still names. Giving the lease back closes it.
fn ends_lease(leased: Option<Channel>, reach: &Reach) -> bool {
    let Some(leased) = leased.filter(|channel| *channel != Channel::BASIC) else {
        return false;
    };
    // the class, and the channel in it, are the lease's
    let closes_own = |channel| channel == leased || channel == reach.used;
    reach.closed.is_some_and(closes_own)
}

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
            reach: Reach::default(),
        }
    }

    fn sending(octets: &[u8], pass: Pass) -> Pass {
        let reach = Reach::of(&Command::parse(octets).unwrap());
        Pass { reach, ..pass }
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
            let pass = sending(octets, pass("eve", None));
            leases.admit(&pass, 1).is_ok()
        };
        assert!(admitted(&[0x00, 0xb0, 0, 0, 9]));
        assert!(admitted(&[0x02, 0xb0, 0, 0, 9]));
        assert!(!admitted(&[0x01, 0xb0, 0, 0, 9]));
        assert!(!admitted(&[0x00, 0x70, 0x80, 0x01]));
        assert!(!admitted(&[0x00, 0x70, 0x81, 0x01]));
        assert!(!admitted(&[0x00, 0x70, 0x40, 0x01]));
        assert!(admitted(&[0x00, 0x70, 0x80, 0x02]));
    }

    #[test]
    fn a_command_under_a_channels_lease_does_not_close_the_channel() {
        let leases = with(Kind::Channel, 1);
        for octets in [
            [0x00, 0x70, 0x80, 0x01],
            [0x01, 0x70, 0x80, 0x01],
            [0x02, 0x70, 0x80, 0x00],
            [0x00, 0x70, 0x80, 0x00],
        ] {
            let pass = sending(&octets, pass("lab", Some("name")));
            let refused = leases.admit(&pass, 1);
            assert!(
                matches!(refused, Err(ApiError::NotAllowed)),
                "{octets:02x?}"
            );
        }
        let other = sending(&[0x00, 0x70, 0x80, 0x02], pass("lab", Some("name")));
        assert!(leases.admit(&other, 1).is_ok());
    }

    #[test]
    fn whose_channel_the_card_gave_to_another_has_lost_the_lease() {
        let leases = with(Kind::Channel, 1);
        let mut newer = leases.table().leases["name"].clone();
        newer.owner = "eve".into();
        leases.insert("newer".into(), newer);
        let former = leases.admit(&pass("lab", Some("name")), 1);
        assert!(matches!(former, Err(ApiError::LeaseGone)));
        assert!(leases.admit(&pass("eve", Some("newer")), 1).is_ok());
    }

    #[test]
    fn what_waits_for_one_caller_is_not_fetched_by_another() {
        let leases = Leases::default();
        let fetch = |caller| leases.admit(&sending(&[0, 0xc0, 0, 0, 0x35], pass(caller, None)), 1);
        leases.admit(&pass("lab", None), 1).unwrap();
        assert!(matches!(fetch("eve"), Err(ApiError::NotAllowed)));
        assert!(fetch("lab").is_ok());
        leases.admit(&pass("eve", None), 1).unwrap();
        assert!(fetch("eve").is_ok());
    }
}
