//! The way to a card: a trait with several implementations, and decorators around them.

mod delegate;
mod error;
pub mod fault;
#[cfg(feature = "pcsc")]
pub mod pcsc;
#[cfg(feature = "remote")]
pub mod remote;
pub mod replay;
#[cfg(feature = "serial")]
pub mod serial;
pub mod trace;

use crate::{Imei, apdu::Channel};

use delegate::delegate;
pub use error::{TransportError, TransportErrorKind};

/// A way to one card: a PC/SC reader, a modem, a remote server or the software card.
///
/// It carries commands and answers as they are; `61xx`, `6Cxx` and the like are the business of
/// `exchange`. Every call blocks at most as long as the transport's own time
/// limit and never repeats a command by itself.
pub trait Transport: Send {
    /// Sends one command and writes the answer, data and status word, to the front of `response`;
    /// returns how many octets it has: at least 2.
    ///
    /// # Errors
    /// [`TransportError`]: the kind says whether a card, a reader or the way to it is at fault.
    /// An answer under 2 octets is [`TransportErrorKind::ShortAnswer`].
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, TransportError>;

    /// Begins a transaction: until [`end`](Transport::end) nobody else's command comes between.
    ///
    /// # Errors
    /// [`TransportErrorKind::Busy`] when somebody else holds the card.
    fn begin(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    /// Ends the transaction and leaves the card as it is.
    ///
    /// # Errors
    /// As [`transmit`](Transport::transmit).
    fn end(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    /// Resets the card, or reconnects to it: selections, verified PINs and channels are lost.
    ///
    /// # Errors
    /// As [`transmit`](Transport::transmit).
    fn reset(&mut self) -> Result<(), TransportError>;

    /// Whether the same card is still there, where that can be told without a command to it.
    ///
    /// # Errors
    /// As [`transmit`](Transport::transmit).
    fn check(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    /// What is known of the way and the card.
    fn info(&self) -> TransportInfo;

    /// The transmission protocol, as in [`info`](Transport::info) and without its cost.
    fn protocol(&self) -> Option<Protocol> {
        self.info().protocol
    }

    /// The number of the device that the card is in: a modem knows it, a reader has none.
    ///
    /// # Errors
    /// [`TransportErrorKind::Unsupported`] where there is none; otherwise as
    /// [`transmit`](Transport::transmit).
    fn imei(&mut self) -> Result<Imei, TransportError> {
        Err(TransportErrorKind::Unsupported.into())
    }

    /// Opens a logical channel with the application `aid` selected on it, where the transport has
    /// a way of its own (AT+CCHO); `None` where MANAGE CHANNEL does it.
    ///
    /// # Errors
    /// As [`transmit`](Transport::transmit).
    fn open_channel(&mut self, aid: &[u8]) -> Result<Option<Channel>, TransportError> {
        let _ = aid;
        Ok(None)
    }

    /// Closes a channel that [`open_channel`](Transport::open_channel) gave.
    ///
    /// # Errors
    /// As [`transmit`](Transport::transmit).
    fn close_channel(&mut self, channel: Channel) -> Result<(), TransportError> {
        let _ = channel;
        Ok(())
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, TransportError> {
        (**self).transmit(command, response)
    }

    fn begin(&mut self) -> Result<(), TransportError> {
        (**self).begin()
    }

    fn end(&mut self) -> Result<(), TransportError> {
        (**self).end()
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        (**self).reset()
    }

    fn check(&mut self) -> Result<(), TransportError> {
        (**self).check()
    }

    fn info(&self) -> TransportInfo {
        (**self).info()
    }

    fn protocol(&self) -> Option<Protocol> {
        (**self).protocol()
    }

    fn imei(&mut self) -> Result<Imei, TransportError> {
        (**self).imei()
    }

    fn open_channel(&mut self, aid: &[u8]) -> Result<Option<Channel>, TransportError> {
        (**self).open_channel(aid)
    }

    fn close_channel(&mut self, channel: Channel) -> Result<(), TransportError> {
        (**self).close_channel(channel)
    }
}

/// Hands an answer of at least 2 octets to the caller's buffer.
fn answer(octets: &[u8], response: &mut [u8]) -> Result<usize, TransportError> {
    if octets.len() < 2 {
        return Err(TransportErrorKind::ShortAnswer.into());
    }
    let buffer = response.get_mut(..octets.len());
    buffer
        .ok_or(TransportErrorKind::BufferTooSmall)?
        .copy_from_slice(octets);
    Ok(octets.len())
}

/// What is known of a transport and the card behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransportInfo {
    /// What kind of way it is.
    pub kind: TransportKind,
    /// The reader's or port's name, or the server's address.
    pub name: String,
    /// The answer to reset, where the transport shows it.
    pub atr: Option<Vec<u8>>,
    /// The transmission protocol, where the transport shows it.
    pub protocol: Option<Protocol>,
}

impl TransportInfo {
    /// Nothing known but the kind and the name.
    pub fn new(kind: TransportKind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            atr: None,
            protocol: None,
        }
    }

    /// With the answer to reset.
    #[must_use]
    pub fn with_atr(mut self, atr: impl Into<Vec<u8>>) -> Self {
        self.atr = Some(atr.into());
        self
    }

    /// With the transmission protocol.
    #[must_use]
    pub fn with_protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }
}

/// The kinds of transports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportKind {
    /// A PC/SC reader.
    Pcsc,
    /// A modem on a serial port.
    Serial,
    /// A server that shares a SIM.
    Remote,
    /// The software card.
    Soft,
    /// A recording played back.
    Replay,
}

/// The transmission protocols of ISO/IEC 7816-3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// Octet by octet: data of a case 4 command is fetched with GET RESPONSE.
    T0,
    /// Block by block: data comes at once.
    T1,
}
