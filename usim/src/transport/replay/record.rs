//! Writing down what passes, to be played again.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::transport::{
    Transport, TransportError, delegate,
    replay::{Replay, Step, text},
};

/// A decorator that writes down every exchange with the card.
///
/// ```
/// use usim::transport::{Transport, replay::{Record, Replay}};
///
/// let card = Replay::from_text("> 00A40000023F00\n< 9000")?;
/// let mut card = Record::new(card);
/// let recording = card.recording();
/// card.transmit(&[0x00, 0xa4, 0x00, 0x00, 0x02, 0x3f, 0x00], &mut [0; 2])?;
/// assert_eq!(recording.danger_to_text(), "> 00A40000023F00\n< 9000\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Record<T> {
    inner: T,
    recording: Recording,
}

impl<T: Transport> Record<T> {
    /// Records what passes to `inner`.
    pub fn new(inner: T) -> Self {
        Self {
            inner,
            recording: Recording::default(),
        }
    }

    /// The recording, which grows as long as the transport is used.
    pub fn recording(&self) -> Recording {
        self.recording.clone()
    }
}

impl<T: Transport> Transport for Record<T> {
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, TransportError> {
        let outcome = self.inner.transmit(command, response);
        let noted = match &outcome {
            Ok(size) => Ok(response.get(..*size).unwrap_or_default().to_vec()),
            Err(error) => Err(error.kind()),
        };
        self.recording
            .steps()
            .push(Step::Exchange(command.to_vec(), noted));
        outcome
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        let outcome = self.inner.reset();
        let noted = outcome.as_ref().copied().map_err(TransportError::kind);
        self.recording.steps().push(Step::Reset(noted));
        outcome
    }

    delegate!(inner: begin, end, check, info, imei, protocol, open_channel, close_channel);
}

/// What was recorded: it holds keys and PINs in the clear, so nothing shows it but
/// [`danger_to_text`](Recording::danger_to_text).
#[derive(Clone, Default)]
pub struct Recording(Arc<Mutex<Vec<Step>>>);

impl Recording {
    /// Plays what has been recorded so far.
    pub fn replay(&self) -> Replay {
        Replay::new(self.steps().clone())
    }

    /// The text that [`Replay::from_text`] reads, with every secret in it.
    pub fn danger_to_text(&self) -> String {
        text::write(&self.steps())
    }

    fn steps(&self) -> MutexGuard<'_, Vec<Step>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recording").field(&*self.steps()).finish()
    }
}
