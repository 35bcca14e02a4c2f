//! Leases of a server: the whole SIM, and channels.

use crate::{
    apdu::Channel,
    transport::{
        TransportError, TransportErrorKind,
        remote::{client::Client, dialect::typed, transport::transport_error},
    },
};

/// What is leased, and what shall be.
#[derive(Debug, Default)]
pub(super) struct Leases {
    exclusive: Exclusive,
    channels: Vec<(Channel, String)>,
}

#[derive(Debug, Default)]
enum Exclusive {
    #[default]
    NotWanted,
    /// A transaction has begun, and its lease is still to be had, or was lost.
    Wanted,
    Held(String),
}

impl Leases {
    pub(super) fn begin(&mut self, client: &Client) -> Result<(), TransportError> {
        if matches!(self.exclusive, Exclusive::NotWanted) {
            self.exclusive = Exclusive::Wanted;
        }
        self.hold(client)
    }

    /// Sees to it that a transaction has its lease.
    pub(super) fn hold(&mut self, client: &Client) -> Result<(), TransportError> {
        if matches!(self.exclusive, Exclusive::Wanted) {
            let leased = typed::lease(client, None).map_err(transport_error)?;
            self.exclusive = Exclusive::Held(leased.lease);
        }
        Ok(())
    }

    pub(super) fn end(&mut self, client: &Client) -> Result<(), TransportError> {
        match std::mem::take(&mut self.exclusive) {
            Exclusive::Held(lease) => release(client, &lease),
            Exclusive::NotWanted | Exclusive::Wanted => Ok(()),
        }
    }

    pub(super) fn open(&mut self, client: &Client, aid: &[u8]) -> Result<Channel, TransportError> {
        let leased = typed::lease(client, Some(aid)).map_err(transport_error)?;
        let channel = Channel::new(leased.channel).ok();
        let channel = channel.filter(|channel| *channel != Channel::BASIC);
        let channel = channel.ok_or(TransportErrorKind::Protocol)?;
        self.channels.push((channel, leased.lease));
        Ok(channel)
    }

    pub(super) fn close(
        &mut self,
        client: &Client,
        channel: Channel,
    ) -> Result<(), TransportError> {
        let place = self.channels.iter().position(|(open, _)| *open == channel);
        match place.map(|place| self.channels.swap_remove(place)) {
            Some((_, lease)) => release(client, &lease),
            None => Ok(()),
        }
    }

    /// The lease under which a command on this channel is sent.
    pub(super) fn of(&self, channel: Channel) -> Option<&str> {
        let mut channels = self.channels.iter();
        if let Some((_, lease)) = channels.find(|(open, _)| *open == channel) {
            return Some(lease);
        }
        match &self.exclusive {
            Exclusive::Held(lease) => Some(lease),
            Exclusive::NotWanted | Exclusive::Wanted => None,
        }
    }

    /// The server has forgotten a lease: all are taken for lost, and a transaction's is to be had
    /// anew.
    pub(super) fn lost(&mut self) {
        self.channels.clear();
        if matches!(self.exclusive, Exclusive::Held(_)) {
            self.exclusive = Exclusive::Wanted;
        }
    }

    /// Gives everything back, as far as that is possible.
    pub(super) fn release_all(&mut self, client: &Client) {
        let all = std::mem::take(self);
        let exclusive = match all.exclusive {
            Exclusive::Held(lease) => Some(lease),
            Exclusive::NotWanted | Exclusive::Wanted => None,
        };
        let channels = all.channels.into_iter().map(|(_, lease)| lease);
        for lease in channels.chain(exclusive) {
            // A server that does not answer gives up the others by itself.
            if release(client, &lease).is_err() {
                return;
            }
        }
    }
}

/// A lease that the server has forgotten already is given back.
fn release(client: &Client, lease: &str) -> Result<(), TransportError> {
    match typed::release(client, lease).map_err(transport_error) {
        Err(error) if error.kind() == TransportErrorKind::CardReset => Ok(()),
        released => released,
    }
}
