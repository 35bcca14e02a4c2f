//! A card in a PC/SC reader.
//!
//! The calls block: keep each transport on a thread of its own, as
//! [`worker`](crate::worker) does. PC/SC itself sets no time limit when another program holds a
//! transaction with the card.

mod connection;
mod error;
mod reader;
mod watcher;

use std::ffi::CString;

use crate::transport::{
    Protocol, Transport, TransportError, TransportErrorKind, TransportInfo, TransportKind,
};

use connection::Connection;

pub use reader::{Presence, Reader, ReaderSelector, readers};
pub use watcher::{Canceller, Event, Watcher};

/// A shared connection with the card in a PC/SC reader.
///
/// Closing it leaves the card as it is. When somebody else resets the card, the next command
/// does not reach it: the transport connects anew and reports
/// [`CardReset`](TransportErrorKind::CardReset), once. When the card, the reader or the daemon
/// has gone, every command fails until [`reset`](Transport::reset) finds it again.
///
/// ```no_run
/// use usim::transport::{Transport, pcsc::PcscTransport};
///
/// let mut card = PcscTransport::connect(0)?;
/// let mut answer = [0; 258];
/// let size = card.transmit(&[0x00, 0xa4, 0x00, 0x04, 0x02, 0x3f, 0x00], &mut answer)?;
/// println!("{}: {} octets", card.info().name, size);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PcscTransport {
    reader: CString,
    connection: Result<Connection, TransportErrorKind>,
    atr: Vec<u8>,
    protocol: Option<Protocol>,
}

impl PcscTransport {
    /// Connects to the card in a reader, named by its name, a part that no other reader's name
    /// has, or its place in the list of [`readers`], counted from 0.
    ///
    /// # Errors
    /// [`Unavailable`](TransportErrorKind::Unavailable) without the daemon or the reader,
    /// [`NoCard`](TransportErrorKind::NoCard) when it is empty, and
    /// [`Busy`](TransportErrorKind::Busy) while another program has the card for itself.
    pub fn connect(reader: impl Into<ReaderSelector>) -> Result<Self, TransportError> {
        let context = reader::context()?;
        let reader = reader.into().find(&context)?;
        let mut transport = Self {
            connection: Ok(Connection::open(&context, &reader)?),
            reader,
            atr: Vec::new(),
            protocol: None,
        };
        transport.ask_status()?;
        Ok(transport)
    }

    fn connection(&mut self) -> Result<&mut Connection, TransportError> {
        self.connection.as_mut().map_err(|kind| (*kind).into())
    }

    fn ask_status(&mut self) -> Result<(), TransportError> {
        let status = self.connection()?.card()?.status2_owned()?;
        status.atr().clone_into(&mut self.atr);
        self.protocol = match status.protocol2() {
            Some(pcsc::Protocol::T0) => Some(Protocol::T0),
            Some(pcsc::Protocol::T1) => Some(Protocol::T1),
            Some(pcsc::Protocol::RAW) | None => None,
        };
        Ok(())
    }

    /// Takes note of an error: gets over someone else's reset, lets go of what has gone.
    fn failed(&mut self, error: TransportError) -> TransportError {
        if error.kind() == TransportErrorKind::CardReset {
            let reconnected = self.connection().and_then(Connection::reconnect);
            if let Err(gone) = reconnected.and_then(|()| self.ask_status()) {
                return self.lose(gone);
            }
            return error;
        }
        if error.is_fatal() {
            return self.lose(error);
        }
        error
    }

    fn lose(&mut self, error: TransportError) -> TransportError {
        self.connection = Err(error.kind());
        error
    }

    fn attempt<T>(
        &mut self,
        call: impl FnOnce(&mut Connection) -> Result<T, TransportError>,
    ) -> Result<T, TransportError> {
        let done = self.connection().and_then(call);
        done.map_err(|error| self.failed(error))
    }
}

impl Transport for PcscTransport {
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, TransportError> {
        self.attempt(|connection| connection.transmit(command, response))
    }

    fn begin(&mut self) -> Result<(), TransportError> {
        self.attempt(Connection::begin)
    }

    fn end(&mut self) -> Result<(), TransportError> {
        self.attempt(|connection| {
            connection.end();
            Ok(())
        })
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        if let Ok(connection) = &mut self.connection
            && connection.reset().is_ok()
        {
            return self.ask_status();
        }
        self.lose(TransportErrorKind::Unavailable.into());
        let context = reader::context()?;
        let opened = Connection::open(&context, &self.reader);
        self.connection = Ok(opened.map_err(|error| self.lose(error))?);
        self.ask_status()
    }

    fn check(&mut self) -> Result<(), TransportError> {
        self.attempt(|connection| connection.check())
    }

    fn protocol(&self) -> Option<Protocol> {
        self.protocol
    }

    fn info(&self) -> TransportInfo {
        let name = self.reader.to_string_lossy();
        let mut info = TransportInfo::new(TransportKind::Pcsc, name);
        info.protocol = self.protocol;
        info.with_atr(self.atr.as_slice())
    }
}
