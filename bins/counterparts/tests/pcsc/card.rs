//! A card in the virtual reader, with whatever manners a test wants.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    thread::{self, JoinHandle},
};

use anyhow::{Context as _, Result};
use counterparts::{pcscd::VPCD, wait};
use usim::transport::pcsc::{Presence, readers};

/// A direct-convention card that speaks T=1.
pub(crate) const ATR: [u8; 5] = [0x3b, 0x80, 0x80, 0x01, 0x01];

/// A card that is in the reader until it is dropped.
pub(crate) struct VirtualCard {
    stream: TcpStream,
    thread: Option<JoinHandle<()>>,
}

impl VirtualCard {
    /// Puts a card into the reader and waits until the daemon has seen it. It answers what
    /// `answer` says, and vanishes when that is nothing.
    pub(crate) fn insert(
        mut answer: impl FnMut(&[u8]) -> Option<Vec<u8>> + Send + 'static,
    ) -> Result<Self> {
        let stream = wait::until("the virtual reader", || TcpStream::connect(VPCD).ok())?;
        let mut reader = stream.try_clone()?;
        let thread = thread::spawn(move || {
            while serve(&mut reader, &mut answer).is_some() {}
            // The other side may have gone first.
            drop(reader.shutdown(Shutdown::Both));
        });
        let card = Self {
            stream,
            thread: Some(thread),
        };
        wait_for(&Presence::Card { atr: ATR.to_vec() })?;
        Ok(card)
    }

    /// Takes the card out and waits until the daemon has seen that.
    pub(crate) fn pull(self) -> Result<()> {
        drop(self);
        wait_for(&Presence::Empty)
    }
}

impl Drop for VirtualCard {
    fn drop(&mut self) {
        // It may have vanished by itself.
        drop(self.stream.shutdown(Shutdown::Both));
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the card's thread does not panic");
        }
    }
}

fn wait_for(presence: &Presence) -> Result<()> {
    wait::until("the card's coming or going", || {
        let readers = readers().ok()?;
        (&readers.first()?.presence == presence).then_some(())
    })
    .context("at the first reader")
}

/// Serves one frame; nothing when the connection has ended, or shall end.
fn serve(stream: &mut TcpStream, answer: &mut impl FnMut(&[u8]) -> Option<Vec<u8>>) -> Option<()> {
    let mut size = [0; 2];
    stream.read_exact(&mut size).ok()?;
    let mut frame = vec![0; usize::from(u16::from_be_bytes(size))];
    stream.read_exact(&mut frame).ok()?;
    let reply = match *frame {
        [0x00..=0x02] => return Some(()),
        [0x04] => ATR.to_vec(),
        ref command => answer(command)?,
    };
    let mut out = u16::try_from(reply.len()).ok()?.to_be_bytes().to_vec();
    out.extend(reply);
    stream.write_all(&out).ok()
}
