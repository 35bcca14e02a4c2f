//! A SIM in a modem, by AT commands over a serial port.
//!
//! The calls block: keep each transport on a thread of its own, as [`worker`](crate::worker) does.

mod line;
mod options;
mod sessions;

use crate::{
    Imei, InvalidNumber,
    apdu::{Channel, Command, StatusWord},
    at::{Plan, Reply, Request, RestrictedAccess},
    transport::{
        Transport, TransportError, TransportErrorKind, TransportInfo, TransportKind, answer,
    },
};

use line::Line;
use sessions::Sessions;

pub use options::{Access, Options};
pub use sessions::ClassOctet;

/// The SIM of a modem.
///
/// Commands on the basic channel go through +CSIM; where the modem refuses that, files can still
/// be read through +CRSM. Logical channels are opened by +CCHO and used by +CGLA where the modem
/// has them, otherwise by MANAGE CHANNEL through +CSIM. [`Options::access`] decides otherwise.
///
/// Nothing but hexadecimal digits of octets, and numbers, is ever written to the modem. When it
/// does not answer in time, what it writes later is not taken for the answer to the next command.
/// When it has gone, every command fails until [`reset`](Transport::reset) finds it again.
///
/// ```no_run
/// use usim::{Card, transport::serial::{Options, SerialTransport}};
///
/// let modem = SerialTransport::open("/dev/ttyUSB2", Options::default())?;
/// println!("{}", Card::open(modem)?.usim()?.imsi()?.as_str());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SerialTransport {
    port: String,
    options: Options,
    line: Result<Line, TransportErrorKind>,
    sessions: Sessions,
    restricted: RestrictedAccess,
    basic: Basic,
    channels: Channels,
}

/// How the basic channel is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Basic {
    /// By +CSIM, if that works.
    Untried,
    Generic,
    Restricted,
}

/// Whether +CCHO and +CGLA work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Channels {
    Untried,
    Working,
    Missing,
}

impl SerialTransport {
    /// Opens a port, and finds out that a modem answers at it.
    ///
    /// # Errors
    /// [`Unavailable`](TransportErrorKind::Unavailable) when the port is not there, or is in use;
    /// [`Timeout`](TransportErrorKind::Timeout) when no modem answers.
    pub fn open(port: impl Into<String>, options: Options) -> Result<Self, TransportError> {
        let port = port.into();
        let (basic, channels) = match options.access {
            Access::Auto => (Basic::Untried, Channels::Untried),
            Access::Channels => (Basic::Generic, Channels::Untried),
            Access::Generic | Access::BasicChannel => (Basic::Generic, Channels::Missing),
            Access::Restricted => (Basic::Restricted, Channels::Missing),
        };
        Ok(Self {
            line: Ok(Line::open(&port, &options)?),
            port,
            options,
            sessions: Sessions::default(),
            restricted: RestrictedAccess::new(),
            basic,
            channels,
        })
    }

    fn ask(&mut self, request: &Request) -> Result<Reply, TransportError> {
        let line = self.line.as_mut();
        let line = line.map_err(|kind| TransportError::from(*kind))?;
        let asked = line.ask(request);
        if let Err(error) = &asked
            && error.kind() == TransportErrorKind::Unavailable
        {
            self.line = Err(TransportErrorKind::Unavailable);
        }
        asked
    }

    fn transmit_basic(
        &mut self,
        command: &[u8],
        response: &mut [u8],
    ) -> Result<usize, TransportError> {
        if self.basic == Basic::Restricted {
            return self.transmit_restricted(command, response);
        }
        if self.options.access == Access::BasicChannel && is_manage_channel(command) {
            return answer(&NO_CHANNELS.get().to_be_bytes(), response);
        }
        match self.ask(&Request::csim(command)) {
            Ok(reply) => {
                self.basic = Basic::Generic;
                Ok(reply.apdu(response)?)
            }
            // A modem that keeps the channels to itself says so as a card without any does.
            Err(error) if is_manage_channel(command) && is_refused(&error) => {
                answer(&NO_CHANNELS.get().to_be_bytes(), response)
            }
            Err(error) if self.basic == Basic::Untried && is_refused(&error) => {
                let size = self.transmit_restricted(command, response)?;
                self.basic = Basic::Restricted;
                Ok(size)
            }
            Err(error) => Err(error),
        }
    }

    fn transmit_restricted(
        &mut self,
        command: &[u8],
        response: &mut [u8],
    ) -> Result<usize, TransportError> {
        let command = Command::parse(command);
        let command =
            command.map_err(|error| TransportError::new(TransportErrorKind::Unsupported, error))?;
        match self.restricted.plan(&command) {
            Plan::Ask(request) => Ok(self.ask(&request)?.restricted(response)?),
            Plan::Answer(status) => answer(&status.get().to_be_bytes(), response),
            Plan::Impossible => Err(TransportErrorKind::Unsupported.into()),
        }
    }

    fn transmit_on(
        &mut self,
        session: u32,
        command: &[u8],
        response: &mut [u8],
    ) -> Result<usize, TransportError> {
        let reply = self.ask(&Request::cgla(session, command))?;
        Ok(reply.apdu(response)?)
    }

    /// Whether +CGLA works on a fresh session: STATUS, without data, changes nothing.
    fn is_usable(&mut self, session: u32, channel: Channel) -> Result<bool, TransportError> {
        if self.channels == Channels::Working {
            return Ok(true);
        }
        let class = self.sessions.class(channel, 0x80);
        match self.transmit_on(session, &[class, 0xf2, 0x00, 0x0c], &mut [0; 258]) {
            Ok(_answered) => {
                self.channels = Channels::Working;
                Ok(true)
            }
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Closes what is open, as far as that is possible.
    fn close_sessions(&mut self) {
        for session in self.sessions.clear() {
            // A session that cannot be closed has gone with its modem.
            if self.ask(&Request::cchc(session)).is_err() {
                return;
            }
        }
    }
}

impl Transport for SerialTransport {
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, TransportError> {
        let class = command.first().copied().unwrap_or_default();
        let channel = Channel::of_class(class).unwrap_or_default();
        match self.sessions.find(channel) {
            None => self.transmit_basic(command, response),
            Some(session) => {
                let mut command = zeroize::Zeroizing::new(command.to_vec());
                if let Some(first) = command.first_mut() {
                    *first = self.sessions.class(channel, class);
                }
                self.transmit_on(session, &command, response)
            }
        }
    }

    /// Closes the port and opens it again; the card itself cannot be reset.
    fn reset(&mut self) -> Result<(), TransportError> {
        self.close_sessions();
        self.restricted = RestrictedAccess::new();
        // The port has to be closed before it can be opened.
        self.line = Err(TransportErrorKind::Unavailable);
        self.line = Ok(Line::open(&self.port, &self.options)?);
        Ok(())
    }

    fn check(&mut self) -> Result<(), TransportError> {
        match &self.line {
            Ok(line) => line.check(),
            Err(kind) => Err((*kind).into()),
        }
    }

    fn info(&self) -> TransportInfo {
        TransportInfo::new(TransportKind::Serial, self.port.as_str())
    }

    fn imei(&mut self) -> Result<Imei, TransportError> {
        let reply = self.ask(&Request::imei())?;
        let imei = reply.digits()?.parse();
        imei.map_err(|error: InvalidNumber| {
            TransportError::new(TransportErrorKind::Protocol, error)
        })
    }

    fn open_channel(&mut self, aid: &[u8]) -> Result<Option<Channel>, TransportError> {
        if self.channels == Channels::Missing {
            return Ok(None);
        }
        let session = match self.ask(&Request::ccho(aid)) {
            Ok(reply) => reply.session()?,
            Err(error) if is_refused(&error) && self.options.access == Access::Auto => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let Some(channel) = self.sessions.add(session, self.options.class) else {
            self.ask(&Request::cchc(session))?;
            return Err(TransportErrorKind::Unsupported.into());
        };
        if self.is_usable(session, channel)? {
            return Ok(Some(channel));
        }
        self.close_channel(channel)?;
        self.channels = Channels::Missing;
        Ok(None)
    }

    fn close_channel(&mut self, channel: Channel) -> Result<(), TransportError> {
        match self.sessions.remove(channel) {
            Some(session) => self.ask(&Request::cchc(session)).map(drop),
            None => Ok(()),
        }
    }
}

impl Drop for SerialTransport {
    fn drop(&mut self) {
        self.close_sessions();
    }
}

/// Whether the modem does not know the command, or does not do it: nothing has happened.
fn is_refused(error: &TransportError) -> bool {
    error.kind() == TransportErrorKind::Unsupported
}

fn is_manage_channel(command: &[u8]) -> bool {
    command.get(1) == Some(&0x70)
}

/// `6881`: logical channel not supported.
const NO_CHANNELS: StatusWord = StatusWord::new(0x6881);

#[cfg(test)]
mod tests;
