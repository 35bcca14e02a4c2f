//! A card in a virtual PC/SC reader: the client's side of vsmartcard's `vpcd`.
//!
//! The reader listens, the card connects: on port 35963 for the first reader, 35964 for the
//! second one. Whatever carries commands can sit in it: the software card, or a card elsewhere.

mod frame;

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

pub use frame::{Frames, Request};

use super::{Stop, atr};
use crate::transport::{Protocol, Transport, TransportError, TransportErrorKind};

/// The port of the first reader.
pub const PORT: u16 = 35_963;

/// What happens between the card and the reader.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The card is in the reader.
    Connected(SocketAddr),
    /// Nobody listens there; the next attempt follows after this time.
    Absent(io::Error, Duration),
    /// The reader went away; the card looks for it again.
    Disconnected(io::Error),
    /// The card behind `transmit` is gone: it leaves the reader and comes back when it can.
    CardGone(TransportError),
}

/// Keeps `card` in the reader at `address` until `stop`: connects, answers, and connects again
/// whenever the reader comes back, after 50 ms to 2 s.
///
/// ```no_run
/// use usim::soft::{Profile, SoftCard, Stop, vpcd};
///
/// let mut card = SoftCard::new(Profile::default());
/// let address = ([127, 0, 0, 1], vpcd::PORT).into();
/// vpcd::run(&mut card, address, &Stop::new(), |event| println!("{event:?}"));
/// ```
pub fn run(
    card: &mut dyn Transport,
    address: SocketAddr,
    stop: &Stop,
    mut observe: impl FnMut(Event),
) {
    let mut pause = FIRST_PAUSE;
    while !stop.is_stopped() {
        match TcpStream::connect_timeout(&address, CONNECT_LIMIT) {
            Ok(stream) => {
                observe(Event::Connected(address));
                match serve(card, &stream, stop) {
                    Ok(()) => return,
                    Err(Ended::Reader(error)) => observe(Event::Disconnected(error)),
                    Err(Ended::Card(error)) => observe(Event::CardGone(error)),
                }
                pause = FIRST_PAUSE;
            }
            Err(error) => {
                observe(Event::Absent(error, pause));
                pause = LONGEST_PAUSE.min(pause.saturating_mul(2));
            }
        }
        stop.wait(pause);
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// How long a read may hold up a stop.
const READ_LIMIT: Duration = Duration::from_millis(200);
/// Two octets of length, and the longest answer that they can tell.
const LONGEST_FRAME: usize = 2 + 65_535;

/// Why a card is no longer in its reader.
enum Ended {
    Reader(io::Error),
    Card(TransportError),
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        Self::Reader(error)
    }
}

/// Answers the reader until it or the card is gone, or until `stop`.
fn serve(card: &mut dyn Transport, mut stream: &TcpStream, stop: &Stop) -> Result<(), Ended> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(READ_LIMIT))?;
    let mut frames = Frames::new();
    let mut answer = vec![0; LONGEST_FRAME];
    while !stop.is_stopped() {
        match stream.read(frames.space()) {
            Ok(0) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            Ok(size) => {
                acknowledge(stream);
                frames.received(size);
            }
            Err(error) if is_timeout(&error) => continue,
            Err(error) => return Err(error.into()),
        }
        while let Some(request) = frames.next_request() {
            if let Some(size) = respond(card, request, &mut answer).map_err(Ended::Card)? {
                stream.write_all(answer.get(..size).unwrap_or_default())?;
            }
        }
    }
    Ok(())
}

/// Writes the frame that answers `request`, if one does; returns its size.
fn respond(
    card: &mut dyn Transport,
    request: Request<'_>,
    frame: &mut [u8],
) -> Result<Option<usize>, TransportError> {
    let Some((length, payload)) = frame.split_at_mut_checked(2) else {
        return Ok(None);
    };
    let size = match request {
        Request::PowerOff => return Ok(None),
        Request::PowerOn | Request::Reset => {
            card.reset()?;
            return Ok(None);
        }
        Request::Atr => put(payload, &atr_of(card)),
        Request::Command(command) => match card.transmit(command, payload) {
            Ok(size) => size,
            Err(error) if error.is_fatal() || is_reset(&error) => return Err(error),
            // no precise diagnosis: the reader's protocol has no errors
            Err(_) => put(payload, &[0x6f, 0x00]),
        },
    };
    let octets = u16::try_from(size).unwrap_or(u16::MAX).to_be_bytes();
    length.copy_from_slice(&octets);
    Ok(Some(size.saturating_add(2)))
}

/// The card's own answer to reset, or the software card's where the way to it shows none.
fn atr_of(card: &dyn Transport) -> Vec<u8> {
    let info = card.info();
    let protocol = info.protocol.unwrap_or(Protocol::T0);
    info.atr.unwrap_or_else(|| atr::of(protocol).to_vec())
}

fn put(payload: &mut [u8], octets: &[u8]) -> usize {
    for (to, from) in payload.iter_mut().zip(octets) {
        *to = *from;
    }
    octets.len()
}

/// Another one's reset loses selections: leaving and entering the reader tells its users so.
fn is_reset(error: &TransportError) -> bool {
    error.kind() == TransportErrorKind::CardReset
}

fn is_timeout(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::WouldBlock | Kind::TimedOut | Kind::Interrupted
    )
}

/// Acknowledges at once: the reader sends a length and a payload in two writes, and waits some
/// 40 ms for the acknowledgement of the first one otherwise.
fn acknowledge(stream: &TcpStream) {
    #[cfg(target_os = "linux")]
    rustix::net::sockopt::set_tcp_quickack(stream, true).unwrap_or_default();
    #[cfg(not(target_os = "linux"))]
    let _ = stream;
}

#[cfg(test)]
mod tests;
