//! One SIM of the server: its worker, its leases, and what is known of it.

use std::{
    io,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use tokio::sync::broadcast;
use usim::{
    Error,
    apdu::Channel,
    transport::{Transport, TransportKind},
    worker::{Handle, Options, State, Worker, WorkerError},
};

use crate::error::ApiError;

pub(crate) use lease::{Kind as LeaseKind, Pass, Reach};
pub(crate) use leasing::{Leased, Request as LeaseRequest};
pub use profile::{Application, Pin, Profile, Status};
pub use session::Session;

mod keeper;
mod lease;
mod leasing;
mod profile;
mod session;
mod unlock;

/// One SIM: a name, a worker with a thread of its own, and what is known of the card.
///
/// However slow or dead its card is, no other SIM's requests wait for it.
#[derive(Debug)]
pub struct Sim {
    label: Label,
    worker: Handle<Session>,
    deadline: Duration,
    leases: lease::Leases,
    profile: RwLock<Arc<Profile>>,
}

/// What a SIM goes by, whatever card is in it.
#[derive(Clone, Debug)]
pub struct Label {
    name: String,
    alias: Option<String>,
    kind: TransportKind,
    pin: Option<usim::Pin>,
}

impl Label {
    /// The reader's or port's name, and the kind of way to the card.
    pub fn new(name: impl Into<String>, kind: TransportKind) -> Self {
        Self {
            name: name.into(),
            alias: None,
            kind,
            pin: None,
        }
    }

    /// With the PIN that its card is given if it asks for it: once, and never with the last try.
    #[must_use]
    pub fn with_pin(self, pin: Option<usim::Pin>) -> Self {
        Self { pin, ..self }
    }

    /// With a name of the user's own.
    #[must_use]
    pub fn with_alias(self, alias: Option<String>) -> Self {
        Self { alias, ..self }
    }
}

/// Where the names of SIMs go whose card came, went or is another.
pub type Changes = broadcast::Sender<String>;

impl Sim {
    /// Starts a SIM's thread; `open` is called whenever there is no session.
    ///
    /// Every request ends within `deadline`. `changes` hears of the card's coming and going.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn start<O>(
        mut label: Label,
        deadline: Duration,
        changes: Changes,
        mut open: O,
    ) -> io::Result<Arc<Self>>
    where
        O: FnMut() -> Result<Box<dyn Transport>, Error> + Send + 'static,
    {
        let mut serial = 0_u64;
        let pin = label.pin.take();
        let mut unlock = pin.map(|pin| unlock::Unlock::new(&label.name, pin));
        let open = move || {
            serial = serial.saturating_add(1);
            let mut session = Session::open(open()?, serial)?;
            if let Some(unlock) = &mut unlock {
                unlock.apply(&mut session)?;
            }
            Ok::<_, Error>(session)
        };
        let sim = Arc::new(Self {
            worker: Worker::spawn(&label.name, open, Options::default())?,
            label,
            deadline,
            leases: lease::Leases::default(),
            profile: RwLock::default(),
        });
        tokio::spawn(keeper::keep(Arc::clone(&sim), changes));
        Ok(sim)
    }

    /// The name that the reader or port has.
    pub fn name(&self) -> &str {
        &self.label.name
    }

    /// The name that the user gave.
    pub fn alias(&self) -> Option<&str> {
        self.label.alias.as_deref()
    }

    /// What kind of way leads to the card.
    pub fn kind(&self) -> TransportKind {
        self.label.kind
    }

    /// The card's own number, once it is known.
    pub fn iccid(&self) -> Option<String> {
        self.profile().iccid.clone()
    }

    /// Whether the SIM goes by `id`: its alias, its name, or its card's ICCID.
    pub fn goes_by(&self, id: &str) -> bool {
        self.alias() == Some(id) || self.name() == id || self.iccid().as_deref() == Some(id)
    }

    /// What is known of the card.
    pub fn profile(&self) -> Arc<Profile> {
        let profile = self.profile.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&profile)
    }

    /// Whether the card answers, as far as is known.
    pub fn status(&self) -> Status {
        match &*self.worker.state().borrow() {
            State::Ready { .. } => self.profile().status,
            State::Absent | State::Opening => Status::Absent,
            State::Failed(_) | State::Stopped | _ => Status::Failed,
        }
    }

    /// Does `work` on the card, on the leased channel if there is a lease, within the deadline.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        pass: Pass,
        action: &'static str,
        work: impl FnOnce(&mut Session, Option<Channel>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, ApiError> {
        let leases = self.leases.clone();
        let _in_queue = InQueue::enter(&self.label.name);
        let admitted = self.worker.run(self.deadline, move |session| {
            let channel = match leases.admit(&pass, session.serial()) {
                Ok(channel) => channel,
                Err(refused) => return Ok(Err(refused)),
            };
            let began = Instant::now();
            let outcome = work(session, channel);
            metrics::histogram!("usim_card_seconds", "action" => action).record(began.elapsed());
            outcome.map(Ok)
        });
        admitted.await?
    }

    /// Ends the SIM's thread after what it has to do.
    ///
    /// # Errors
    /// The card did not let go of it within the deadline.
    pub async fn stop(&self) -> Result<(), WorkerError> {
        self.worker.shutdown(self.deadline).await
    }
}

/// Counts a request as long as it waits for its card or has it.
struct InQueue(metrics::Gauge);

impl InQueue {
    fn enter(sim: &str) -> Self {
        let gauge = metrics::gauge!("usim_queue_depth", "sim" => sim.to_owned());
        gauge.increment(1);
        Self(gauge)
    }
}

impl Drop for InQueue {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}
