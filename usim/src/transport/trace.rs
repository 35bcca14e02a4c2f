//! Writing down what passes between program and card, for people and for Wireshark, without
//! secrets.

mod pcap;
mod redact;
mod text;

use std::io;

use zeroize::Zeroizing;

use crate::transport::{Transport, TransportError, TransportErrorKind, delegate};

use redact::Redactor;

pub use pcap::Pcap;
pub use text::Text;

/// Where a trace goes.
pub trait Sink: Send {
    /// The card's answer to reset.
    ///
    /// # Errors
    /// What writing meets; nothing more is traced then.
    fn atr(&mut self, atr: &[u8]) -> io::Result<()>;

    /// A command, and the answer with its status word or the error that it met.
    ///
    /// # Errors
    /// As [`atr`](Sink::atr).
    fn exchange(
        &mut self,
        command: &[u8],
        answer: Result<&[u8], TransportErrorKind>,
    ) -> io::Result<()>;
}

/// A decorator that traces every exchange with the card.
///
/// Only what is known to be harmless is written: SELECT, STATUS and MANAGE CHANNEL, the contents
/// of files that tell nothing of the subscriber, headers, sizes and status words. The rest, such as
/// challenges, keys, PINs, IMSI and ICCID, is written as zeros. [`danger_full`](Trace::danger_full)
/// writes it all.
///
/// ```
/// use usim::transport::{Transport, replay::Replay, trace::{Text, Trace}};
///
/// let card = Replay::from_text("> 0020000104 31323334\n< 63C2")?;
/// let mut written = Vec::new();
/// Trace::new(card, Text::new(&mut written))
///     .transmit(&[0x00, 0x20, 0x00, 0x01, 0x04, 0x31, 0x32, 0x33, 0x34], &mut [0; 2])?;
/// assert_eq!(written, b"> 002000010400000000\n< 63C2\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Trace<T, S> {
    inner: T,
    sink: Option<S>,
    redactor: Option<Redactor>,
}

impl<T: Transport, S: Sink> Trace<T, S> {
    /// Traces to `sink`, without secrets.
    pub fn new(inner: T, sink: S) -> Self {
        Self::start(inner, sink, Some(Redactor::default()))
    }

    /// Traces everything to `sink`: who reads it has the session's keys and the card's PINs.
    pub fn danger_full(inner: T, sink: S) -> Self {
        Self::start(inner, sink, None)
    }

    fn start(inner: T, sink: S, redactor: Option<Redactor>) -> Self {
        let mut trace = Self {
            inner,
            sink: Some(sink),
            redactor,
        };
        trace.write_atr();
        trace
    }

    /// Whether the trace is still written; it ends with the first error of its sink, so that a full
    /// disk costs the trace and nothing else.
    pub fn is_tracing(&self) -> bool {
        self.sink.is_some()
    }

    fn write_atr(&mut self) {
        if let Some(atr) = self.inner.info().atr {
            self.write(|sink| sink.atr(&atr));
        }
    }

    fn write_exchange(&mut self, command: &[u8], answer: Result<&[u8], TransportErrorKind>) {
        let Some(redactor) = &mut self.redactor else {
            return self.write(|sink| sink.exchange(command, answer));
        };
        let redacted = redactor.redact(command, answer.unwrap_or_default());
        let answer = answer.map(|_full| redacted.answer.as_slice());
        self.write(|sink| sink.exchange(&redacted.command, answer));
    }

    fn write(&mut self, write: impl FnOnce(&mut S) -> io::Result<()>) {
        let written = self.sink.as_mut().map(write);
        if let Some(Err(_ends_the_trace)) = written {
            self.sink = None;
        }
    }
}

impl<T: Transport, S: Sink> Transport for Trace<T, S> {
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, TransportError> {
        let outcome = self.inner.transmit(command, response);
        if self.is_tracing() {
            let answer = match &outcome {
                Ok(size) => Ok(Zeroizing::new(
                    response.get(..*size).unwrap_or_default().to_vec(),
                )),
                Err(error) => Err(error.kind()),
            };
            self.write_exchange(
                command,
                answer
                    .as_ref()
                    .map(|octets| octets.as_slice())
                    .map_err(|kind| *kind),
            );
        }
        outcome
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.inner.reset()?;
        if let Some(redactor) = &mut self.redactor {
            *redactor = Redactor::default();
        }
        self.write_atr();
        Ok(())
    }

    delegate!(inner: begin, end, check, info, imei, protocol, open_channel, close_channel);
}

#[cfg(test)]
mod tests;
