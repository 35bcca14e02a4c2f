//! How a front end is told to end.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

/// Tells a front end to end, from another thread; clones tell the same one.
///
/// ```
/// use usim::soft::Stop;
///
/// let stop = Stop::new();
/// let other = stop.clone();
/// std::thread::spawn(move || other.stop());
/// assert!(stop.wait(std::time::Duration::from_secs(60)));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// Nobody has stopped it yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the front end at the next opportunity, within a fraction of a second.
    pub fn stop(&self) {
        let (stopped, changed) = &*self.0;
        *stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_all();
    }

    /// Whether somebody has.
    pub fn is_stopped(&self) -> bool {
        let (stopped, _) = &*self.0;
        *stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for that, at most for `limit`; returns whether somebody has.
    pub fn wait(&self, limit: Duration) -> bool {
        let (stopped, changed) = &*self.0;
        let stopped = stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(stopped, limit, |stopped| !*stopped);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}
