//! A modem on a pseudo terminal, with a card in it, for whatever speaks AT commands (TS 27.007).
//!
//! [`Modem`] is the modem itself, without input or output; [`run`] puts it on a terminal.

mod answer;
mod apdu;
mod call;
mod card;
mod interpreter;
mod port;
mod render;

use std::{io, path::Path, time::Duration};

pub use interpreter::{Line, Modem};

use super::{Quirk, Quirks, Stop};
use crate::transport::Transport;
use port::Port;

/// What happens to the modem's port.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The port is there, under the link's name.
    Ready,
    /// The modem hung up; its port comes back under the same name.
    HungUp,
}

/// Keeps a modem with `card` in it on a pseudo terminal, which `link` points to, until `stop`;
/// the link is gone afterwards.
///
/// ```no_run
/// use usim::soft::{Profile, Quirks, SoftCard, Stop, modem};
///
/// let mut card = SoftCard::new(Profile::default());
/// let quirks = Quirks::default();
/// modem::run(&mut card, "/tmp/ttySIM".as_ref(), &quirks, &Stop::new(), |_| ())?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// What the system says when there is no terminal to be had, or `link` cannot be made.
pub fn run(
    card: &mut dyn Transport,
    link: &Path,
    quirks: &Quirks,
    stop: &Stop,
    mut observe: impl FnMut(Event),
) -> io::Result<()> {
    let mut quirks = quirks.clone();
    while !stop.is_stopped() {
        let mut port = Port::open(link)?;
        observe(Event::Ready);
        let mut modem = Modem::new(card, quirks.clone());
        serve(&mut modem, &mut port, quirks.has(Quirk::ModemChunks), stop)?;
        drop(port);
        if !stop.is_stopped() {
            observe(Event::HungUp);
            quirks = quirks.without(Quirk::ModemHangUp);
            stop.wait(AWAY);
        }
    }
    Ok(())
}

/// How long a port is gone after the modem hung up.
const AWAY: Duration = Duration::from_millis(100);

/// Answers until the modem hangs up or `stop`.
fn serve(modem: &mut Modem<'_>, port: &mut Port, chunks: bool, stop: &Stop) -> io::Result<()> {
    let mut octets = [0; 512];
    let mut answer = Vec::new();
    while !stop.is_stopped() {
        let received = port.read(&mut octets)?;
        answer.clear();
        let line = modem.feed(octets.get(..received).unwrap_or_default(), &mut answer);
        let size = if chunks { 5 } else { answer.len().max(1) };
        for chunk in answer.chunks(size) {
            port.write(chunk)?;
        }
        if line == Line::HungUp {
            return Ok(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
