//! A card's handle, with or without a transaction.

use std::{ffi::CStr, fmt, mem};

use pcsc::{Card, Context, Disposition, Protocols, ShareMode};
use self_cell::{MutBorrow, self_cell};

use crate::transport::{TransportError, TransportErrorKind};

type Transaction<'a> = pcsc::Transaction<'a>;

self_cell!(
    /// A card with a transaction that has begun; taken apart, it ends.
    struct Locked {
        owner: MutBorrow<Card>,

        #[covariant]
        dependent: Transaction,
    }
);

enum Held {
    Free(Card),
    Locked(Locked),
    /// Only while one of the others is being made, or after that failed.
    Gone,
}

/// A connection with a card, which it leaves as it is when dropped.
pub(super) struct Connection(Held);

impl Connection {
    pub(super) fn open(context: &Context, reader: &CStr) -> Result<Self, TransportError> {
        let card = context.connect(reader, ShareMode::Shared, Protocols::ANY)?;
        Ok(Self(Held::Free(card)))
    }

    /// The card, to ask it.
    pub(super) fn card(&self) -> Result<&Card, TransportError> {
        match &self.0 {
            Held::Free(card) => Ok(card),
            Held::Locked(locked) => Ok(locked.borrow_dependent()),
            Held::Gone => Err(TransportErrorKind::Unavailable.into()),
        }
    }

    pub(super) fn transmit(
        &self,
        command: &[u8],
        response: &mut [u8],
    ) -> Result<usize, TransportError> {
        match self.card()?.transmit(command, response)? {
            // What a card that vanishes during the command leaves behind.
            [] | [_] => Err(TransportErrorKind::ShortAnswer.into()),
            answer => Ok(answer.len()),
        }
    }

    pub(super) fn check(&self) -> Result<(), TransportError> {
        self.card()?.status2_owned()?;
        Ok(())
    }

    pub(super) fn begin(&mut self) -> Result<(), TransportError> {
        let card = match mem::replace(&mut self.0, Held::Gone) {
            Held::Free(card) => MutBorrow::new(card),
            Held::Locked(locked) => {
                self.0 = Held::Locked(locked);
                return Ok(());
            }
            Held::Gone => return Err(TransportErrorKind::Unavailable.into()),
        };
        let begun = Locked::try_new_or_recover(card, |card| card.borrow_mut().transaction());
        let (held, outcome) = match begun {
            Ok(locked) => (Held::Locked(locked), Ok(())),
            Err((card, error)) => (Held::Free(card.into_inner()), Err(error.into())),
        };
        self.0 = held;
        outcome
    }

    pub(super) fn end(&mut self) {
        self.0 = match mem::replace(&mut self.0, Held::Gone) {
            Held::Locked(locked) => Held::Free(locked.into_owner().into_inner()),
            held @ (Held::Free(_) | Held::Gone) => held,
        };
    }

    /// Takes the card up again after someone else's reset.
    pub(super) fn reconnect(&mut self) -> Result<(), TransportError> {
        self.reconnect_with(Disposition::LeaveCard)
    }

    pub(super) fn reset(&mut self) -> Result<(), TransportError> {
        self.reconnect_with(Disposition::ResetCard)
    }

    fn reconnect_with(&mut self, disposition: Disposition) -> Result<(), TransportError> {
        self.end();
        match &mut self.0 {
            Held::Free(card) => {
                card.reconnect(ShareMode::Shared, Protocols::ANY, disposition)?;
                Ok(())
            }
            Held::Locked(_) | Held::Gone => Err(TransportErrorKind::Unavailable.into()),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.end();
        if let Held::Free(card) = mem::replace(&mut self.0, Held::Gone) {
            // Fails only when there is nothing left to disconnect from.
            drop(card.disconnect(Disposition::LeaveCard));
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Held::Free(_) => "Connection",
            Held::Locked(_) => "Connection(in a transaction)",
            Held::Gone => "Connection(gone)",
        })
    }
}
