//! The software card: a UICC with a USIM, an ISIM and a 2G SIM, in process, in a virtual PC/SC
//! reader, or behind a modem's AT commands.
//!
//! ```
//! use usim::{soft::{Profile, SoftCard}, transport::Transport};
//!
//! let mut card = SoftCard::new(Profile::default());
//! let mut answer = [0; 258];
//! // SELECT EF_ICCID, return nothing; READ BINARY, 10 octets
//! let size = card.transmit(&[0x00, 0xa4, 0x00, 0x0c, 0x02, 0x2f, 0xe2], &mut answer)?;
//! assert_eq!(answer[..size], [0x90, 0x00]);
//! let size = card.transmit(&[0x00, 0xb0, 0x00, 0x00, 0x0a], &mut answer)?;
//! assert_eq!(answer[..size], *b"\x98\x00\x01\x01\x00\x00\x00\x00\x10\xf9\x90\x00");
//! # Ok::<(), usim::transport::TransportError>(())
//! ```

mod atr;
mod authentication;
mod chip;
mod command;
mod fcp;
mod files;
pub mod modem;
mod pending;
mod pin;
mod profile;
mod quirks;
mod reply;
mod state;
mod status;
mod stop;
pub mod vpcd;

pub use profile::{
    Algorithm, Enabled, Isim, PinProfile, PinValues, Problem, Profile, ProfileError,
};
pub use quirks::{Quirk, Quirks, UnknownQuirk};
pub use state::{StateError, StateFile};
pub use stop::Stop;

use crate::{
    apdu::StatusWord,
    transport::{
        Protocol, Transport, TransportError, TransportErrorKind, TransportInfo, TransportKind,
    },
};
use chip::Chip;
use reply::Reply;

/// A card made of software: its commands are those of a UICC (TS 102 221), its applications a
/// USIM (TS 31.102), an ISIM (TS 31.103) and, by class A0, a SIM (TS 51.011).
///
/// `Debug` shows nothing secret.
#[derive(Debug)]
pub struct SoftCard {
    chip: Chip,
    state: Option<StateFile>,
}

impl SoftCard {
    /// A card that forgets everything when it is dropped.
    pub fn new(profile: Profile) -> Self {
        Self {
            chip: Chip::new(profile),
            state: None,
        }
    }

    /// A card that goes on where `state` was left, and keeps there what changes before it
    /// answers. An answer that could not be kept is `6581`, without data.
    ///
    /// # Errors
    /// [`StateError`] when the file cannot be read, is damaged, or belongs to another card.
    pub fn with_state(profile: Profile, mut state: StateFile) -> Result<Self, StateError> {
        let mut chip = Chip::new(profile);
        if let Some(memory) = state.load()? {
            if memory.imsi != chip.imsi {
                return Err(StateError::OtherCard);
            }
            chip.restore(&memory);
        }
        Ok(Self {
            chip,
            state: Some(state),
        })
    }

    /// The answer to reset.
    pub fn atr(&self) -> [u8; 20] {
        atr::of(self.chip.protocol)
    }

    /// The ways in which the card differs from the book; those of modems are for
    /// [`modem::run`].
    pub const fn quirks(&self) -> &Quirks {
        &self.chip.quirks
    }

    /// The transmission protocol.
    pub const fn protocol(&self) -> Protocol {
        self.chip.protocol
    }

    /// Keeps what changed; where that fails nothing leaves but `6581`.
    fn keep(&mut self, status: StatusWord, reply: &mut Reply<'_>) -> StatusWord {
        let Some(state) = self.state.as_mut().filter(|_| self.chip.changed) else {
            return status;
        };
        if state.save(&self.chip.memory()).is_err() {
            reply.truncate(0);
            self.chip.pending.clear();
            return status::MEMORY_PROBLEM;
        }
        self.chip.changed = false;
        status
    }
}

impl Transport for SoftCard {
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, TransportError> {
        let mut reply = Reply::new(response);
        let status = self.chip.process(command, &mut reply);
        let status = self.keep(status, &mut reply);
        let vanishes = self.chip.quirks.has(Quirk::VanishOnAuthenticate);
        if vanishes && command.get(1) == Some(&0x88) {
            return Err(TransportErrorKind::ShortAnswer.into());
        }
        reply
            .finish(status)
            .ok_or_else(|| TransportErrorKind::BufferTooSmall.into())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.chip.reset();
        Ok(())
    }

    fn protocol(&self) -> Option<Protocol> {
        Some(self.chip.protocol)
    }

    fn info(&self) -> TransportInfo {
        TransportInfo::new(TransportKind::Soft, "software card")
            .with_atr(self.atr())
            .with_protocol(self.protocol())
    }
}
