//! The hand on the switch: which faults are to come, and whether the card is in the reader.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use crate::transport::{TransportError, TransportErrorKind, fault::Fault};

/// Steers the faults of a [`FaultInjector`](crate::transport::fault::FaultInjector) from outside.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    commands: u64,
    planned: BTreeMap<u64, Fault>,
    card: Card,
    hanging: bool,
    released: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Card {
    #[default]
    Connected,
    Pulled,
    /// Back in the reader, and not connected to yet.
    Inserted,
}

impl Card {
    fn presence(self) -> Result<(), TransportError> {
        match self {
            Self::Connected => Ok(()),
            Self::Pulled | Self::Inserted => Err(TransportErrorKind::CardRemoved.into()),
        }
    }
}

impl Faults {
    /// Plans a fault for the `command`-th command of the transport's life, counted from 1.
    pub fn inject(&self, command: u64, fault: Fault) {
        self.state().planned.insert(command, fault);
    }

    /// Plans a fault for the next command.
    pub fn inject_next(&self, fault: Fault) {
        let mut state = self.state();
        let next = state.commands.saturating_add(1);
        state.planned.insert(next, fault);
    }

    /// Takes the card out of the reader.
    pub fn pull(&self) {
        self.state().card = Card::Pulled;
    }

    /// Puts the card back; the transport has to be reset before it answers again.
    pub fn insert(&self) {
        let mut state = self.state();
        if state.card == Card::Pulled {
            state.card = Card::Inserted;
        }
    }

    /// Lets a command that hangs end, now or when it comes.
    pub fn release(&self) {
        self.state().released = true;
        self.0.changed.notify_all();
    }

    /// Waits until a command hangs.
    pub fn wait_until_hanging(&self) {
        drop(self.wait_while(|state| !state.hanging));
    }

    /// How many commands have been sent.
    pub fn commands(&self) -> u64 {
        self.state().commands
    }

    /// Counts a command; the fault that it meets, if any.
    pub(super) fn next_command(&self) -> Result<Option<Fault>, TransportError> {
        let mut state = self.state();
        state.commands = state.commands.saturating_add(1);
        state.card.presence()?;
        let command = state.commands;
        Ok(state.planned.remove(&command))
    }

    pub(super) fn presence(&self) -> Result<(), TransportError> {
        self.state().card.presence()
    }

    pub(super) fn reconnect(&self) -> Result<(), TransportError> {
        let mut state = self.state();
        if state.card == Card::Pulled {
            return Err(TransportErrorKind::NoCard.into());
        }
        state.card = Card::Connected;
        Ok(())
    }

    pub(super) fn hang(&self) {
        self.state().hanging = true;
        self.0.changed.notify_all();
        let mut state = self.wait_while(|state| !state.released);
        state.hanging = false;
        state.released = false;
    }

    fn wait_while(&self, condition: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let state = self.state();
        let waited = self.0.changed.wait_while(state, |state| condition(state));
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
