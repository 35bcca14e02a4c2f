//! Faults on purpose: what readers, cards and modems do wrong in practice, at the command of
//! one's choice.

mod control;

use crate::transport::{Transport, TransportError, TransportErrorKind, answer, delegate};

pub use control::Faults;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The transport itself claims success with this many octets (0 or 1), as PC/SC does when a
    /// card vanishes during a command. The card has seen the command and is gone afterwards.
    Vanished(usize),
    /// The card is pulled before the command reaches it.
    PulledBefore,
    /// The card is pulled after it has worked on the command; the answer is lost.
    PulledDuring,
    /// The card answers, and is pulled then: the next command finds it gone.
    PulledAfter,
    /// Somebody else has reset the card: the command does not reach it, its selections are lost.
    ResetByOther,
    /// Somebody else holds the card: the command does not reach it.
    SharingViolation,
    /// No answer in time: the command never reached the card.
    Timeout,
    /// No answer in time, though the card has worked on the command.
    AnswerLost,
    /// These octets come instead of the answer.
    Garbage(Vec<u8>),
    /// Only so many octets of the answer come.
    Truncated(usize),
    /// The call blocks until [`Faults::release`], then ends as a timeout; the command never
    /// reached the card.
    Hang,
    /// This error, without the command reaching the card.
    Error(TransportErrorKind),
}

impl Fault {
    fn pulls(&self) -> bool {
        matches!(
            self,
            Self::Vanished(_) | Self::PulledBefore | Self::PulledDuring | Self::PulledAfter
        )
    }
}

/// A decorator that lets faults happen at the n-th command.
///
/// ```
/// use usim::transport::{
///     Transport, TransportErrorKind,
///     fault::{Fault, FaultInjector},
///     replay::Replay,
/// };
///
/// let card = Replay::from_text("> 00A40000023F00\n< 9000")?;
/// let mut card = FaultInjector::new(card).at(2, Fault::PulledBefore);
/// let select = [0x00, 0xa4, 0x00, 0x00, 0x02, 0x3f, 0x00];
/// assert_eq!(card.transmit(&select, &mut [0; 2])?, 2);
/// let error = card.transmit(&select, &mut [0; 2]).unwrap_err();
/// assert_eq!(error.kind(), TransportErrorKind::CardRemoved);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FaultInjector<T> {
    inner: T,
    faults: Faults,
}

impl<T: Transport> FaultInjector<T> {
    /// Without any fault yet.
    pub fn new(inner: T) -> Self {
        Self {
            inner,
            faults: Faults::default(),
        }
    }

    /// With a fault at the `command`-th command, counted from 1.
    #[must_use]
    pub fn at(self, command: u64, fault: Fault) -> Self {
        self.faults.inject(command, fault);
        self
    }

    /// Steers the faults from outside, also when a session owns the transport.
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }

    fn fail(
        &mut self,
        fault: Fault,
        command: &[u8],
        response: &mut [u8],
    ) -> Result<usize, TransportError> {
        let size = self.reach(&fault, command, response)?;
        if fault.pulls() {
            self.faults.pull();
        }
        let kind = match fault {
            Fault::Vanished(octets) => return Ok(octets),
            Fault::PulledAfter => return Ok(size),
            Fault::Garbage(octets) => return answer(&octets, response),
            Fault::Truncated(octets) => return Ok(octets.min(size)),
            Fault::PulledBefore | Fault::PulledDuring => TransportErrorKind::CardRemoved,
            Fault::ResetByOther => TransportErrorKind::CardReset,
            Fault::SharingViolation => TransportErrorKind::Busy,
            Fault::Timeout | Fault::AnswerLost | Fault::Hang => TransportErrorKind::Timeout,
            Fault::Error(kind) => kind,
        };
        Err(kind.into())
    }

    /// What the card gets to see in spite of the fault; how much it answers.
    fn reach(
        &mut self,
        fault: &Fault,
        command: &[u8],
        response: &mut [u8],
    ) -> Result<usize, TransportError> {
        match fault {
            Fault::Vanished(_)
            | Fault::PulledDuring
            | Fault::PulledAfter
            | Fault::AnswerLost
            | Fault::Garbage(_)
            | Fault::Truncated(_) => return self.inner.transmit(command, response),
            Fault::ResetByOther => self.inner.reset()?,
            Fault::Hang => self.faults.hang(),
            Fault::PulledBefore | Fault::SharingViolation | Fault::Timeout | Fault::Error(_) => {}
        }
        Ok(0)
    }
}

impl<T: Transport> Transport for FaultInjector<T> {
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, TransportError> {
        match self.faults.next_command()? {
            Some(fault) => self.fail(fault, command, response),
            None => self.inner.transmit(command, response),
        }
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.faults.reconnect()?;
        self.inner.reset()
    }

    fn check(&mut self) -> Result<(), TransportError> {
        self.faults.presence()?;
        self.inner.check()
    }

    delegate!(inner: begin, end, info, imei, protocol, open_channel, close_channel);
}

#[cfg(test)]
mod tests;
