//! Giving leases out and taking them back.

use std::{sync::Arc, time::Duration};

use tokio::{
    runtime::Handle,
    time::{Instant, sleep_until, timeout},
};
use usim::{Error, apdu::Channel, worker::WorkerError};

use super::{
    Session, Sim,
    lease::{Kind, Lease, Pass, Reach},
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
        let (sim, runtime, key) = (Arc::clone(self), Handle::current(), name.clone());
        let given = self.worker.run(self.deadline, move |session| {
            let _clock = runtime.enter();
            let lease = match sim.give(session, &request) {
                Ok(lease) => lease?,
                Err(refused) => return Ok(Err(refused)),
            };
            let channel = lease.channel;
            sim.leases.insert(key.clone(), lease.clone());
            // whoever asked may be gone by now; the lease ends all the same
            runtime.spawn(sim.expire(key, lease));
            Ok(Ok(channel))
        });
        let channel = given.await??;
        Ok(Leased { name, channel })
    }

    /// On the card's thread: opens what is asked for. Its time begins when the card has given it.
    fn give(
        &self,
        session: &mut Session,
        request: &Request,
    ) -> Result<Result<Lease, Error>, ApiError> {
        let pass = Pass {
            caller: request.caller.clone(),
            lease: None,
            reach: Reach::default(),
        };
        self.leases.admit(&pass, session.serial())?;
        let aid = request.aid.as_deref();
        let channel = match request.kind {
            Kind::Channel => session.open_channel(aid),
            Kind::Exclusive => session.hold(aid),
        };
        Ok(channel.map(|channel| Lease {
            kind: request.kind,
            channel,
            owner: request.caller.clone(),
            session: session.serial(),
            ends: Instant::now() + request.time,
        }))
    }

    /// Takes a lease back: nothing more is sent under it, and its channel is closed.
    pub(crate) async fn release(self: &Arc<Self>, name: &str, owner: &str) -> Result<(), ApiError> {
        self.leases.check(name, owner)?;
        // whoever gives it back may be gone before the card lets go of it
        let closing = tokio::spawn(Arc::clone(self).close(name.to_owned(), owner.to_owned()));
        match timeout(self.deadline, closing).await {
            Ok(Ok(closed)) => closed,
            Ok(Err(_panicked)) => Err(WorkerError::Panicked.into()),
            Err(_elapsed) => Err(WorkerError::Timeout.into()),
        }
    }

    /// Takes a lease back when its turn on the card comes, however long the queue is.
    async fn close(self: Arc<Self>, name: String, owner: String) -> Result<(), ApiError> {
        let leases = self.leases.clone();
        let closing = self.worker.run(PATIENCE, move |session| {
            let lease = match leases.remove(&name, &owner) {
                Ok(lease) => lease,
                Err(gone) => return Ok(Err(gone)),
            };
            let closed = match (session.serial() == lease.session, lease.kind) {
                (false, _) => Ok(()),
                (true, Kind::Channel) => session.close_channel(lease.channel),
                (true, Kind::Exclusive) => session.let_go(),
            };
            closed.map(Ok)
        });
        closing.await?
    }

    async fn expire(self: Arc<Self>, name: String, lease: Lease) {
        sleep_until(lease.ends).await;
        match Arc::clone(&self).close(name, lease.owner).await {
            Ok(()) => tracing::info!(sim = self.name(), "a lease has run out"),
            // given back before its time
            Err(ApiError::LeaseGone) => {}
            Err(error) => tracing::warn!(sim = self.name(), %error, "a lease was not closed"),
        }
    }
}

/// Longer than a queue takes on any card that still answers.
const PATIENCE: Duration = Duration::from_secs(3600);

fn unguessable() -> Result<String, ApiError> {
    let mut octets = [0; 16];
    getrandom::fill(&mut octets).map_err(ApiError::Randomness)?;
    Ok(hex::encode(octets))
}
