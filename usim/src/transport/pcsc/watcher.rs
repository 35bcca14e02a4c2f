//! Readers and cards that come and go.

use std::{
    collections::VecDeque,
    ffi::CString,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use pcsc::{Context, ReaderState, State};

use crate::transport::{
    TransportError,
    pcsc::{
        Reader,
        reader::{context, is_plug_and_play, names},
    },
};

/// Something happened to a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A reader is there, and was not before; so it begins for each.
    Added(Reader),
    /// What is in a reader has changed.
    Changed(Reader),
    /// A reader has gone.
    Removed(Reader),
}

/// Watches all readers.
///
/// When the PC/SC daemon dies, every reader is reported as removed; the next call looks for a
/// daemon again.
///
/// ```no_run
/// use std::time::Duration;
/// use usim::transport::pcsc::Watcher;
///
/// let mut watcher = Watcher::new();
/// while let Some(event) = watcher.next(Duration::from_secs(60))? {
///     println!("{event:?}");
/// }
/// # Ok::<(), usim::transport::TransportError>(())
/// ```
#[derive(Default)]
pub struct Watcher {
    context: Option<Context>,
    states: Vec<ReaderState>,
    known: Vec<Known>,
    pending: VecDeque<Event>,
    canceller: Canceller,
}

impl Watcher {
    /// Starts to watch; the first events tell what is there.
    pub fn new() -> Self {
        Self::default()
    }

    /// A switch that ends a waiting [`next`](Watcher::next) from another thread.
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }

    /// Waits for the next event; `None` when there was none in time, or when it was cancelled.
    ///
    /// # Errors
    /// [`Unavailable`](crate::transport::TransportErrorKind::Unavailable) without the PC/SC daemon: try again
    /// after a while.
    pub fn next(&mut self, timeout: Duration) -> Result<Option<Event>, TransportError> {
        let start = Instant::now();
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Ok(Some(event));
            }
            let left = timeout.saturating_sub(start.elapsed());
            if self.canceller.is_cancelled() || left.is_zero() {
                return Ok(None);
            }
            let looked = self.look(left.min(SLICE));
            if let Err(error) = looked.inspect_err(|_error| self.lose())
                && self.pending.is_empty()
                // Cancelling just as the time is up invalidates the handle on some daemons.
                && !self.canceller.is_cancelled()
            {
                return Err(error);
            }
        }
    }

    /// Waits a while for a change, and notes what has changed.
    fn look(&mut self, timeout: Duration) -> Result<(), TransportError> {
        let context = match self.context.take() {
            Some(context) => context,
            None => self.establish()?,
        };
        wait(&context, timeout, &mut self.states)?;
        self.list(&context)?;
        self.compare();
        self.context = Some(context);
        Ok(())
    }

    fn establish(&mut self) -> Result<Context, TransportError> {
        let context = context()?;
        self.states = vec![ReaderState::new(pcsc::PNP_NOTIFICATION(), State::UNAWARE)];
        self.list(&context)?;
        self.canceller.watch(Some(context.clone()));
        Ok(context)
    }

    /// Watches exactly the readers that are there, and asks for the state of the new ones.
    fn list(&mut self, context: &Context) -> Result<(), TransportError> {
        let mut names = names(context)?;
        self.states
            .retain(|state| is_plug_and_play(state.name()) || is_among(&names, state));
        names.retain(|name| !self.states.iter().any(|state| state.name() == &**name));
        if names.is_empty() {
            return Ok(());
        }
        let new = names.into_iter();
        self.states
            .extend(new.map(|name| ReaderState::new(name, State::UNAWARE)));
        wait(context, Duration::ZERO, &mut self.states)
    }

    /// Turns the difference between what was and what is into events.
    fn compare(&mut self) {
        let readers = self.states.iter();
        let readers = readers.filter(|state| !is_plug_and_play(state.name()));
        let now: Vec<_> = readers.map(Known::of).collect();
        self.pending.extend(difference(&self.known, &now));
        self.known = now;
    }

    /// The daemon has gone, and all readers with it.
    fn lose(&mut self) {
        self.context = None;
        self.canceller.watch(None);
        self.states.clear();
        self.compare();
    }
}

/// A reader as it was last seen; PC/SC counts the cards that came and went.
#[derive(Clone, PartialEq, Eq)]
struct Known {
    reader: Reader,
    count: u32,
}

impl Known {
    fn of(state: &ReaderState) -> Self {
        Self {
            reader: Reader::of(state),
            count: state.event_count(),
        }
    }
}

fn difference(before: &[Known], now: &[Known]) -> Vec<Event> {
    let find = |all: &[Known], one: &Known| {
        let mut all = all.iter();
        all.find(|other| other.reader.name == one.reader.name)
            .cloned()
    };
    let gone = before.iter().filter(|one| find(now, one).is_none());
    let gone = gone.map(|one| Event::Removed(one.reader.clone()));
    let changed = now.iter().filter_map(|one| match find(before, one) {
        None => Some(Event::Added(one.reader.clone())),
        Some(other) if other != *one => Some(Event::Changed(one.reader.clone())),
        Some(_same) => None,
    });
    gone.chain(changed).collect()
}

fn wait(
    context: &Context,
    timeout: Duration,
    states: &mut [ReaderState],
) -> Result<(), TransportError> {
    match context.get_status_change(timeout, states) {
        Ok(()) => {}
        Err(pcsc::Error::Timeout | pcsc::Error::Cancelled) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    states.iter_mut().for_each(ReaderState::sync_current_state);
    Ok(())
}

fn is_among(names: &[CString], state: &ReaderState) -> bool {
    names.iter().any(|name| **name == *state.name())
}

/// A call to cancel that comes just before the waiting begins is noticed after this time.
const SLICE: Duration = Duration::from_secs(1);

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.known.iter().map(|known| &known.reader.name);
        f.debug_list().entries(names).finish()
    }
}

/// Cancels the waiting of a [`Watcher`] from another thread.
#[derive(Clone, Default)]
pub struct Canceller(Arc<Cancel>);

#[derive(Default)]
struct Cancel {
    cancelled: AtomicBool,
    context: Mutex<Option<Context>>,
}

impl Canceller {
    /// Ends the waiting now, and every later one at once.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Release);
        let context = self
            .0
            .context
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(context) = &*context {
            // Fails when the daemon has gone; then nobody waits for it either.
            context.cancel().unwrap_or_default();
        }
    }

    fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Acquire)
    }

    fn watch(&self, context: Option<Context>) {
        *self
            .0
            .context
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = context;
    }
}

impl fmt::Debug for Canceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Canceller")
            .field(&self.is_cancelled())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::pcsc::Presence;

    fn known(name: &str, presence: Presence, count: u32) -> Known {
        let name = name.to_owned();
        Known {
            reader: Reader { name, presence },
            count,
        }
    }

    fn card(atr: u8) -> Presence {
        Presence::Card { atr: vec![atr] }
    }

    #[test]
    fn readers_and_cards_that_came_and_went_are_told() {
        let before = [
            known("gone", Presence::Empty, 0),
            known("same", card(1), 1),
            known("filled", Presence::Empty, 0),
            known("swapped", card(1), 1),
        ];
        let now = [
            known("same", card(1), 1),
            known("filled", card(2), 1),
            known("swapped", card(1), 3),
            known("new", Presence::Mute, 0),
        ];
        assert_eq!(
            difference(&before, &now),
            [
                Event::Removed(before[0].reader.clone()),
                Event::Changed(now[1].reader.clone()),
                Event::Changed(now[2].reader.clone()),
                Event::Added(now[3].reader.clone()),
            ]
        );
    }

    #[test]
    fn a_cancelled_watcher_waits_no_more() {
        let mut watcher = Watcher::new();
        watcher.canceller().cancel();
        assert_eq!(watcher.next(Duration::MAX).unwrap(), None);
    }
}
