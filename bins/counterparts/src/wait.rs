//! Bounded waiting for what other programs do.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::Draw;

/// After this a machine is not slow, something is broken.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Looks until there is something, for [`DEADLINE`] at most.
///
/// # Errors
/// When the deadline passes, naming `what` never came.
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> Result<T> {
    within(DEADLINE, what, look)
}

/// Looks until there is something, for `limit` at most.
///
/// # Errors
/// When the limit passes, naming `what` never came.
pub fn within<T>(limit: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> Result<T> {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        if begun.elapsed() > limit {
            bail!("{what} did not come within {} s", limit.as_secs());
        }
        pause();
    }
}

/// Lets a drawn time pass, below `limit`, so that what happens next happens at any moment.
#[expect(
    clippy::disallowed_methods,
    reason = "a crash at a moment that nobody chose"
)]
pub fn a_moment(draw: &mut Draw, limit: Duration) {
    let limit = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX);
    thread::sleep(Duration::from_micros(draw.below(limit)));
}

#[expect(
    clippy::disallowed_methods,
    reason = "other programs send no event when they are ready"
)]
fn pause() {
    thread::sleep(Duration::from_millis(10));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_ends_with_the_first_find() {
        let mut looks = 0..;
        let found = until("the third look", || looks.next().filter(|look| *look == 2)).unwrap();
        assert_eq!(found, 2);
        assert_eq!(looks.start, 3);
    }
}
