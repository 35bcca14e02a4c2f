//! One thread a card, behind a bounded queue, for async callers.
//!
//! PC/SC and serial ports block, and a card does one thing at a time. A worker therefore owns the
//! session on a thread of its own and works off what its [`Handle`]s ask for, in order. Callers
//! wait no longer than their deadline, whatever the card does.

mod deadline;
mod error;
mod handle;
mod session;
mod state;
mod thread;
mod ticket;

use std::{
    io,
    sync::{Arc, mpsc},
    thread::Builder,
    time::Duration,
};

use tokio::sync::{Semaphore, watch};

use crate::Error;

pub use deadline::Deadline;
pub use error::WorkerError;
pub use handle::Handle;
pub use session::Session;
pub use state::State;

/// Starts workers.
///
/// ```
/// # #[cfg(feature = "soft")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use usim::{Card, soft::{Profile, SoftCard}, worker::{Options, Worker}};
///
/// let opener = || Card::open(SoftCard::new(Profile::default()));
/// let handle = Worker::spawn("soft:0", opener, Options::default())?;
/// let deadline = Duration::from_secs(5);
/// let imsi = handle.run(deadline, |card: &mut Card| card.usim()?.imsi()).await?;
/// assert_eq!(imsi.as_str(), "001010000000001");
/// handle.shutdown(deadline).await?;
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "soft"))]
/// # fn main() {}
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Worker;

impl Worker {
    /// Starts a thread called `name`, which opens the session at once, and again whenever it got
    /// lost: when something is asked for, and every [`Options::poll`] in between.
    ///
    /// The thread ends with [`Handle::shutdown`], or when the last handle is dropped.
    ///
    /// # Errors
    /// What the operating system says when it has no thread to give.
    pub fn spawn<S, E, O>(name: &str, mut opener: O, options: Options) -> io::Result<Handle<S>>
    where
        S: Session,
        E: Into<Error>,
        O: FnMut() -> Result<S, E> + Send + 'static,
    {
        let (messages, inbox) = mpsc::channel();
        let (publish, state) = watch::channel(State::Opening);
        let opener = Box::new(move || opener().map_err(Into::into));
        let thread = Builder::new().name(name.to_owned());
        thread.spawn(move || thread::Thread::new(opener, inbox, publish, options.poll).run())?;
        Ok(Handle {
            messages,
            places: Arc::new(Semaphore::new(options.queue)),
            state,
        })
    }
}

/// How a worker works.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Options {
    /// How many callers' wishes may wait in the queue; more wait for a place in it.
    pub queue: usize,
    /// How often an idle worker looks whether the card is still there, or is there again.
    pub poll: Duration,
}

impl Default for Options {
    /// A queue of 64, and a look twice a second.
    fn default() -> Self {
        Self {
            queue: 64,
            poll: Duration::from_millis(500),
        }
    }
}

impl Options {
    /// With another length of the queue.
    #[must_use]
    pub fn with_queue(mut self, queue: usize) -> Self {
        self.queue = queue;
        self
    }

    /// With another time between two looks.
    #[must_use]
    pub fn with_poll(mut self, poll: Duration) -> Self {
        self.poll = poll;
        self
    }
}

#[cfg(test)]
mod tests;
