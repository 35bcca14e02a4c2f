//! Waiting for a row to change.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::{Kind, RowId};

type Key = (Kind, RowId);

/// Who waits for which row: what a store tells of its changes.
#[derive(Clone, Default)]
pub struct Watches {
    waiting: Arc<Mutex<HashMap<Key, Vec<Arc<Bell>>>>>,
}

impl Watches {
    /// Nobody waits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits for the row to change, from now on.
    pub fn watch(&self, kind: Kind, id: &RowId) -> Watch {
        let bell = Arc::new(Bell::default());
        let key = (kind, id.clone());
        let mut waiting = lock(&self.waiting);
        waiting
            .entry(key.clone())
            .or_default()
            .push(Arc::clone(&bell));
        drop(waiting);
        Watch {
            watches: self.clone(),
            key,
            bell,
        }
    }

    /// The row has changed.
    pub fn tell(&self, kind: Kind, id: &RowId) {
        let mut waiting = lock(&self.waiting);
        if waiting.is_empty() {
            return;
        }
        let bells = waiting.remove(&(kind, id.clone()));
        drop(waiting);
        bells.into_iter().flatten().for_each(|bell| bell.ring());
    }

    /// Any row may have changed.
    pub fn tell_all(&self) {
        let waiting = std::mem::take(&mut *lock(&self.waiting));
        waiting.into_values().flatten().for_each(|bell| bell.ring());
    }
}

impl fmt::Debug for Watches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watches").finish_non_exhaustive()
    }
}

/// Is done when a row has changed since the watch began, and perhaps without a reason: whoever
/// waits reads again. It never ends by itself if nothing happens.
///
/// ```
/// use std::pin::pin;
/// use std::task::{Context, Poll, Waker};
///
/// use passkey_idp::store::{Kind, Watches};
///
/// let watches = Watches::new();
/// let id = "a".parse()?;
/// let mut watch = pin!(watches.watch(Kind::Order, &id));
/// let mut context = Context::from_waker(Waker::noop());
/// assert_eq!(watch.as_mut().poll(&mut context), Poll::Pending);
/// watches.tell(Kind::Order, &id);
/// assert_eq!(watch.as_mut().poll(&mut context), Poll::Ready(()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a watch waits when it is awaited"]
pub struct Watch {
    watches: Watches,
    key: Key,
    bell: Arc<Bell>,
}

impl Future for Watch {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut bell = lock(&self.bell.0);
        if bell.rung {
            return Poll::Ready(());
        }
        bell.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut waiting = lock(&self.watches.waiting);
        if let Some(bells) = waiting.get_mut(&self.key) {
            bells.retain(|bell| !Arc::ptr_eq(bell, &self.bell));
            if bells.is_empty() {
                waiting.remove(&self.key);
            }
        }
    }
}

#[derive(Debug, Default)]
struct Bell(Mutex<Rung>);

#[derive(Debug, Default)]
struct Rung {
    rung: bool,
    waker: Option<Waker>,
}

impl Bell {
    fn ring(&self) {
        let mut bell = lock(&self.0);
        bell.rung = true;
        let waker = bell.waker.take();
        drop(bell);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;

    fn is_done(watch: Pin<&mut Watch>) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        watch.poll(&mut context).is_ready()
    }

    fn id(text: &str) -> RowId {
        text.parse().expect("it is a name")
    }

    #[test]
    fn each_who_waits_for_the_row_is_told_and_nobody_else() {
        let watches = Watches::new();
        let mut first = pin!(watches.watch(Kind::Order, &id("a")));
        let mut second = pin!(watches.watch(Kind::Order, &id("a")));
        let mut other_id = pin!(watches.watch(Kind::Order, &id("b")));
        let mut other_kind = pin!(watches.watch(Kind::User, &id("a")));
        watches.tell(Kind::Order, &id("a"));
        assert!(is_done(first.as_mut()) && is_done(second.as_mut()));
        assert!(!is_done(other_id.as_mut()) && !is_done(other_kind.as_mut()));
        watches.tell_all();
        assert!(is_done(other_id.as_mut()) && is_done(other_kind.as_mut()));
    }

    #[test]
    fn what_happened_before_the_watch_is_not_told() {
        let watches = Watches::new();
        watches.tell(Kind::Order, &id("a"));
        let mut watch = pin!(watches.watch(Kind::Order, &id("a")));
        assert!(!is_done(watch.as_mut()));
    }

    #[test]
    fn who_has_gone_leaves_nothing_behind() {
        let watches = Watches::new();
        let stays = watches.watch(Kind::Order, &id("a"));
        drop(watches.watch(Kind::Order, &id("a")));
        assert_eq!(lock(&watches.waiting).len(), 1);
        drop(stays);
        assert!(lock(&watches.waiting).is_empty());
    }
}
