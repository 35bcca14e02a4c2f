//! A card that plays a script: it answers what was written down and notices every other command.

mod record;
mod step;
mod text;

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::transport::{
    Protocol, Transport, TransportError, TransportErrorKind, TransportInfo, TransportKind, answer,
};

pub use record::{Record, Recording};
pub use step::{Mismatch, Step};
pub use text::InvalidRecording;

/// A transport that expects exactly the commands of a script, in their order, and answers them.
///
/// Anything else is a [`TransportErrorKind::Protocol`] whose source is a [`Mismatch`]. Keep a
/// [`Progress`] to see afterwards that nothing of the script was left out.
///
/// ```
/// use usim::transport::{Transport, replay::Replay};
///
/// let mut card = Replay::from_text("
///     > 00 A4 00 0C 02 3F 00   # select the master file
///     < 90 00
/// ")?;
/// let progress = card.progress();
/// let mut answer = [0; 2];
/// assert_eq!(card.transmit(&[0x00, 0xa4, 0x00, 0x0c, 0x02, 0x3f, 0x00], &mut answer)?, 2);
/// assert_eq!((answer, progress.remaining()), ([0x90, 0x00], 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Replay {
    steps: VecDeque<Step>,
    done: usize,
    progress: Progress,
    info: TransportInfo,
}

impl Replay {
    /// Plays these steps.
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let steps: VecDeque<_> = steps.into_iter().collect();
        Self {
            done: 0,
            progress: Progress(Arc::new(AtomicUsize::new(steps.len()))),
            steps,
            info: TransportInfo::new(TransportKind::Replay, "replay"),
        }
    }

    /// Plays a recording. Each line is one of: `> COMMAND`, `< ANSWER` to the command before it,
    /// `! KIND` for the error that the command before it meets (a name of
    /// [`TransportErrorKind`]), `reset`, or nothing; `#` begins a comment, blanks within the
    /// hexadecimal digits are ignored.
    ///
    /// # Errors
    /// [`InvalidRecording`] with the number of the line that cannot be read.
    pub fn from_text(recording: &str) -> Result<Self, InvalidRecording> {
        text::parse(recording).map(Self::new)
    }

    /// The same script under what another transport would say of itself.
    #[must_use]
    pub fn with_info(mut self, info: TransportInfo) -> Self {
        self.info = info;
        self
    }

    /// Watches the script from outside, also when a session owns the transport.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    fn next(&mut self) -> Result<Step, TransportError> {
        let step = self.steps.front().cloned();
        step.ok_or_else(|| Mismatch::at_end(self.done).into())
    }

    fn advance(&mut self) {
        self.steps.pop_front();
        self.done = self.done.saturating_add(1);
        self.progress.0.store(self.steps.len(), Ordering::Release);
    }
}

impl Transport for Replay {
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, TransportError> {
        match self.next()? {
            Step::Exchange(expected, outcome) if expected == command => {
                self.advance();
                answer(&outcome?, response)
            }
            step @ (Step::Exchange(..) | Step::Reset(_)) => {
                Err(Mismatch::command(self.done, &step, command).into())
            }
        }
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        match self.next()? {
            Step::Reset(outcome) => {
                self.advance();
                outcome.map_err(TransportError::from)
            }
            step @ Step::Exchange(..) => Err(Mismatch::reset(self.done, &step).into()),
        }
    }

    fn protocol(&self) -> Option<Protocol> {
        self.info.protocol
    }

    fn info(&self) -> TransportInfo {
        self.info.clone()
    }
}

/// How much of a script is still to come.
#[derive(Clone, Debug)]
pub struct Progress(Arc<AtomicUsize>);

impl Progress {
    /// How many steps have not been asked for yet.
    pub fn remaining(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }
}

impl From<Mismatch> for TransportError {
    fn from(mismatch: Mismatch) -> Self {
        Self::new(TransportErrorKind::Protocol, mismatch)
    }
}

#[cfg(test)]
mod tests;
