//! A store where something happens at the worst moment.

use std::fmt;
use std::sync::{Arc, Mutex};

use passkey_idp::Instant;
use passkey_idp::store::{Answer, Change, Commit, Kind, List, Row, RowId, Store, Watch};

use crate::world::World;

/// What happens, and before which commit.
pub(crate) struct Trap {
    pub(crate) before: fn(&Change) -> bool,
    pub(crate) happens: Vec<Change>,
}

/// A store that makes a trap's changes right before the commit that it waits for, once.
struct Meddler {
    inner: Arc<dyn Store>,
    trap: Mutex<Option<Trap>>,
}

/// An instance over the store of `world`, with a trap in it.
pub(crate) async fn meddled(world: &World, trap: Trap) -> World {
    let meddler = Meddler {
        inner: Arc::clone(&world.app.store),
        trap: Mutex::new(Some(trap)),
    };
    let clients = [world.admin.clone(), world.other.clone()];
    World::over(Arc::new(meddler), clients, |_| {}).await
}

impl Meddler {
    fn sprung(&self, changes: &[Change]) -> Vec<Change> {
        let mut trap = self.trap.lock().expect("nobody panics here");
        let waits = |trap: &mut Trap| changes.iter().any(|change| (trap.before)(change));
        let sprung = trap.take_if(waits);
        sprung.map(|trap| trap.happens).unwrap_or_default()
    }
}

impl Store for Meddler {
    fn commit(&self, changes: Vec<Change>, now: Instant) -> Answer<'_, Commit> {
        Box::pin(async move {
            let happens = self.sprung(&changes);
            let happened = self.inner.commit(happens, now).await?;
            assert!(matches!(happened, Commit::Done(_)), "{happened:?}");
            assert!(
                changes.len() <= LONGEST,
                "others wait for {}",
                changes.len()
            );
            self.inner.commit(changes, now).await
        })
    }

    fn get<'a>(&'a self, kind: Kind, id: &'a RowId) -> Answer<'a, Option<Row>> {
        self.inner.get(kind, id)
    }

    fn list<'a>(&'a self, list: List<'a>) -> Answer<'a, Vec<Row>> {
        self.inner.list(list)
    }

    fn sweep(&self, now: Instant, limit: usize) -> Answer<'_, usize> {
        self.inner.sweep(now, limit)
    }

    fn watch(&self, kind: Kind, id: &RowId) -> Watch {
        self.inner.watch(kind, id)
    }
}

/// So many changes keep nobody waiting.
const LONGEST: usize = 128;

impl fmt::Debug for Meddler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meddler")
    }
}
