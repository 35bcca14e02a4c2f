//! The caller's end of the queue.

use std::{
    fmt,
    sync::{Arc, mpsc},
};

use tokio::{
    sync::{Semaphore, oneshot, watch},
    time::timeout_at,
};

use crate::{
    Card, Error,
    transport::TransportErrorKind,
    worker::{
        Deadline, State, WorkerError,
        thread::{Job, Message},
        ticket::{Ticket, WithdrawOnDrop},
    },
};

/// The caller's end of a worker's queue; clone it for every caller.
pub struct Handle<S = Card> {
    pub(super) messages: mpsc::Sender<Message<S>>,
    pub(super) places: Arc<Semaphore>,
    pub(super) state: watch::Receiver<State>,
}

impl<S: 'static> Handle<S> {
    /// Has `work` done on the session, after everything that was asked for before.
    ///
    /// The work is never repeated. Drop the future to withdraw work that has not begun.
    ///
    /// # Errors
    /// [`WorkerError`]: of [`Expired`](WorkerError::Expired) and
    /// [`Stopped`](WorkerError::Stopped) it is certain that the work did not begin.
    pub async fn run<T, W>(&self, deadline: impl Into<Deadline>, work: W) -> Result<T, WorkerError>
    where
        T: Send + 'static,
        W: FnOnce(&mut S) -> Result<T, Error> + Send + 'static,
    {
        let deadline = deadline.into().instant();
        let place = timeout_at(deadline, Arc::clone(&self.places).acquire_owned()).await;
        let place = place
            .map_err(|_elapsed| WorkerError::Expired)?
            .map_err(|_closed| WorkerError::Stopped)?;
        let (reply, answer) = oneshot::channel();
        let ticket = Ticket::default();
        let job = Job {
            ticket: ticket.clone(),
            place,
            work: Box::new(move |session| perform(session, work, reply)),
        };
        let sent = self.messages.send(Message::Job(job));
        sent.map_err(|_closed| WorkerError::Stopped)?;
        let withdraw = WithdrawOnDrop(ticket);
        match timeout_at(deadline, answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_dropped)) if withdraw.0.has_begun() => Err(WorkerError::Panicked),
            Ok(Err(_dropped)) => Err(WorkerError::Stopped),
            Err(_elapsed) if withdraw.0.withdraw() => Err(WorkerError::Expired),
            Err(_elapsed) => Err(WorkerError::Timeout),
        }
    }

    /// Ends the worker: nothing more is accepted, what is in the queue is still done.
    ///
    /// # Errors
    /// [`WorkerError::Timeout`] when the thread was not done at the deadline; it ends by itself
    /// as soon as the card lets go of it.
    pub async fn shutdown(&self, deadline: impl Into<Deadline>) -> Result<(), WorkerError> {
        self.places.close();
        // Nobody is there to receive it when the thread has ended already.
        drop(self.messages.send(Message::Stop));
        let mut state = self.state.clone();
        let stopped = state.wait_for(|state| matches!(state, State::Stopped));
        match timeout_at(deadline.into().instant(), stopped).await {
            Ok(_stopped) => Ok(()),
            Err(_elapsed) => Err(WorkerError::Timeout),
        }
    }

    /// How the worker and its card are; changes when the card comes and goes.
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }
}

/// Does the work and hands over its outcome; returns the error that makes the session useless.
fn perform<S, T>(
    session: Result<&mut S, Arc<Error>>,
    work: impl FnOnce(&mut S) -> Result<T, Error>,
    reply: oneshot::Sender<Result<T, WorkerError>>,
) -> Option<TransportErrorKind> {
    let outcome = match session {
        Ok(session) => work(session).map_err(WorkerError::Operation),
        Err(error) => Err(WorkerError::Open(error)),
    };
    let lost = outcome.as_ref().err().and_then(lost_session);
    // A caller who no longer waits has had an error already.
    drop(reply.send(outcome));
    lost
}

/// The kind of an error after which the session cannot go on.
fn lost_session(error: &WorkerError) -> Option<TransportErrorKind> {
    let error = error.error()?.transport()?;
    let lost = error.is_fatal() || error.kind() == TransportErrorKind::CardReset;
    lost.then(|| error.kind())
}

impl<S> Clone for Handle<S> {
    fn clone(&self) -> Self {
        Self {
            messages: self.messages.clone(),
            places: Arc::clone(&self.places),
            state: self.state.clone(),
        }
    }
}

impl<S> fmt::Debug for Handle<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("state", &*self.state.borrow())
            .finish_non_exhaustive()
    }
}
