//! Giving leases out and taking them back.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until};
use usim::apdu::Channel;

use super::{
    Sim,
    lease::{Kind, Lease, Pass},
};
use crate::error::ApiError;

/// A lease that was given.
#[derive(Debug)]
pub(crate) struct Leased {
    pub(crate) name: String,
    pub(crate) channel: Channel,
}

/// What a caller would like to lease.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) caller: String,
    pub(crate) kind: Kind,
    /// The application to select on the channel.
    pub(crate) aid: Option<Vec<u8>>,
    pub(crate) time: Duration,
}

impl Sim {
    /// Leases a channel, or the whole SIM; after its time it is taken back.
    pub(crate) async fn lease(self: &Arc<Self>, request: Request) -> Result<Leased, ApiError> {
        let name = unguessable()?;
        let ends = Instant::now() + request.time;
        let (leases, key) = (self.leases.clone(), name.clone());
        let Request {
            caller, kind, aid, ..
        } = request;
        let pass = Pass {
            caller: caller.clone(),
            lease: None,
            touched: Vec::new(),
        };
        let owner = caller.clone();
        let given = self.worker.run(self.deadline, move |session| {
            if let Err(refused) = leases.admit(&pass, session.serial()) {
                return Ok(Err(refused));
            }
            let channel = match kind {
                Kind::Channel => session.open_channel(aid.as_deref())?,
                Kind::Exclusive => session.hold(aid.as_deref())?,
            };
            let lease = Lease {
                kind,
                channel,
                owner,
                session: session.serial(),
                ends,
            };
            leases.insert(key, lease);
            Ok(Ok(channel))
        });
        // whoever asks may be gone when the card has answered; the lease ends all the same
        tokio::spawn(Arc::clone(self).expire(name.clone(), caller, ends));
        let channel = given.await??;
        Ok(Leased { name, channel })
    }

    /// Takes a lease back: nothing more is sent under it, and its channel is closed.
    pub(crate) async fn release(&self, name: &str, owner: &str) -> Result<(), ApiError> {
        let lease = self.leases.remove(name, owner)?;
        let closing = self.worker.run(self.deadline, move |session| {
            match (session.serial() == lease.session, lease.kind) {
                (false, _) => Ok(()),
                (true, Kind::Channel) => session.close_channel(lease.channel),
                (true, Kind::Exclusive) => session.let_go(),
            }
        });
        Ok(closing.await?)
    }

    async fn expire(self: Arc<Self>, name: String, owner: String, ends: Instant) {
        sleep_until(ends).await;
        match self.release(&name, &owner).await {
            Ok(()) => tracing::info!(sim = self.name(), "a lease has run out"),
            // given back before its time
            Err(ApiError::LeaseGone) => {}
            Err(error) => tracing::warn!(sim = self.name(), %error, "a lease was not closed"),
        }
    }
}

fn unguessable() -> Result<String, ApiError> {
    let mut octets = [0; 16];
    getrandom::fill(&mut octets).map_err(ApiError::Randomness)?;
    Ok(hex::encode(octets))
}
