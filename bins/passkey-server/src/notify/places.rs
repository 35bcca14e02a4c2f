//! How many messages are under way at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use passkey_idp::application::ApplicationId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places for messages that are under way: few for each application, so that one whose endpoint is slow
/// holds up nobody else's; many for all of them together.
#[derive(Debug)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    each: Mutex<HashMap<ApplicationId, Arc<Semaphore>>>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _own: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Places {
    pub(super) fn new() -> Self {
        Self {
            all: Arc::new(Semaphore::new(MOST)),
            each: Mutex::default(),
        }
    }

    /// Waits for a place for a message to `application`.
    pub(super) async fn take(&self, application: &ApplicationId) -> Place {
        let own = self.of(application).acquire_owned().await;
        let of_all = Arc::clone(&self.all).acquire_owned().await;
        Place {
            _own: own.expect("nobody closes it"),
            _of_all: of_all.expect("nobody closes it"),
        }
    }

    fn of(&self, application: &ApplicationId) -> Arc<Semaphore> {
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        each.retain(|_, places| Arc::strong_count(places) > 1);
        let places = each.entry(application.clone());
        let places = places.or_insert_with(|| Arc::new(Semaphore::new(MOST_EACH)));
        Arc::clone(places)
    }
}

/// At once to all applications.
const MOST: usize = 256;
/// At once to one application.
const MOST_EACH: usize = 8;

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[tokio::test]
    async fn an_application_that_is_slow_holds_up_itself_only() {
        let places = Places::new();
        let (slow, other) = ("slow".parse().unwrap(), "other".parse().unwrap());
        let mut taken = Vec::new();
        for _ in 0..MOST_EACH {
            taken.push(places.take(&slow).await);
        }
        let mut waits = pin!(places.take(&slow));
        let mut context = Context::from_waker(Waker::noop());
        assert!(waits.as_mut().poll(&mut context).is_pending());
        drop(places.take(&other).await);
        taken.pop();
        drop(waits.await);
        taken.clear();
        drop(places.take(&other).await);
        assert!(places.each.lock().unwrap().len() <= 2, "they are forgotten");
    }
}
