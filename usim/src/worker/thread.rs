//! The card's thread.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::{
    Error,
    transport::{TransportError, TransportErrorKind},
    worker::{Session, State, ticket::Ticket},
};

/// What a handle sends.
pub(super) enum Message<S> {
    Job(Job<S>),
    Stop,
}

/// A piece of work in the queue.
pub(super) struct Job<S> {
    pub(super) ticket: Ticket,
    pub(super) place: OwnedSemaphorePermit,
    pub(super) work: Box<Work<S>>,
}

/// Gets the session, or why there is none; tells when the session is of no use any more.
type Work<S> = dyn FnOnce(Result<&mut S, Arc<Error>>) -> Option<TransportErrorKind> + Send;

type Opener<S> = dyn FnMut() -> Result<S, Error> + Send;

/// The session is dropped first, and the end is published last.
pub(super) struct Thread<S> {
    session: Option<S>,
    opener: Box<Opener<S>>,
    opened: u64,
    inbox: Receiver<Message<S>>,
    poll: Duration,
    state: Publisher,
}

impl<S: Session> Thread<S> {
    pub(super) fn new(
        opener: Box<Opener<S>>,
        inbox: Receiver<Message<S>>,
        state: watch::Sender<State>,
        poll: Duration,
    ) -> Self {
        Self {
            session: None,
            opener,
            opened: 0,
            inbox,
            poll,
            state: Publisher(state),
        }
    }

    pub(super) fn run(mut self) {
        self.look();
        loop {
            match self.inbox.recv_timeout(self.poll) {
                Ok(Message::Job(job)) => self.work_off(job),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => self.look(),
            }
        }
    }

    fn work_off(&mut self, job: Job<S>) {
        drop(job.place);
        if !job.ticket.is_waiting() {
            return;
        }
        let opened = self.open();
        if !job.ticket.begin() {
            return;
        }
        let done = catch_unwind(AssertUnwindSafe(|| (job.work)(opened)));
        let lost = done.unwrap_or(Some(TransportErrorKind::Unavailable));
        if let Some(kind) = lost {
            self.lose(kind.into());
        }
    }

    /// Notices, without anybody asking, that the card went or came.
    fn look(&mut self) {
        let checked = self.session.as_mut().map(Session::check);
        if let Some(Err(error)) = checked
            && !is_passing(&error)
        {
            self.lose(error);
        }
        // The outcome is in the published state; there is no caller to tell.
        drop(self.open());
    }

    fn open(&mut self) -> Result<&mut S, Arc<Error>> {
        let session = match self.session.take() {
            Some(session) => session,
            None => (self.opener)()
                .inspect(|_opened| self.publish_ready())
                .map_err(|error| self.publish_failure(error))?,
        };
        Ok(self.session.insert(session))
    }

    fn lose(&mut self, error: TransportError) {
        if self.session.take().is_some() {
            self.publish_failure(error.into());
        }
    }

    fn publish_ready(&mut self) {
        self.opened = self.opened.saturating_add(1);
        self.state.publish(State::Ready {
            session: self.opened,
        });
    }

    fn publish_failure(&self, error: Error) -> Arc<Error> {
        let error = Arc::new(error);
        self.state.publish(State::of_error(Arc::clone(&error)));
        error
    }
}

/// Whether the session goes on after this error.
fn is_passing(error: &TransportError) -> bool {
    use TransportErrorKind as Kind;
    matches!(error.kind(), Kind::Busy | Kind::Timeout | Kind::Unsupported)
}

/// Publishes the state, and its end however the thread ends.
struct Publisher(watch::Sender<State>);

impl Publisher {
    fn publish(&self, state: State) {
        self.0.send_replace(state);
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.publish(State::Stopped);
    }
}
