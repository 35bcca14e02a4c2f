//! PC/SC readers: those that are named, and with `--all-readers` every one that comes.

use std::{
    collections::HashSet,
    io,
    sync::{Arc, Weak},
    thread,
    time::Duration,
};

use tokio::runtime::Handle;
use usim::transport::{
    Transport, TransportKind,
    pcsc::{Event, PcscTransport, ReaderSelector, Watcher, readers},
};

use super::{SourceError, Starter};
use crate::sims::Sims;

impl Starter {
    pub(super) fn start_readers(&self, sims: &Arc<Sims>) -> Result<(), SourceError> {
        for reader in &self.options.reader {
            let (name, selector) = named(reader);
            self.push_reader(sims, name, selector)?;
        }
        if self.options.all_readers == Some(true) {
            let watched = self.watch(sims).map_err(|source| SourceError::Thread {
                name: "readers".into(),
                source,
            });
            watched?;
        }
        Ok(())
    }

    fn push_reader(
        &self,
        sims: &Sims,
        name: String,
        selector: ReaderSelector,
    ) -> Result<(), SourceError> {
        self.push(sims, (name, None, TransportKind::Pcsc), move || {
            let transport: Box<dyn Transport> = Box::new(PcscTransport::connect(selector.clone())?);
            Ok(transport)
        })
    }

    /// Follows the readers on a thread of its own, as long as somebody has the SIMs.
    fn watch(&self, sims: &Arc<Sims>) -> io::Result<()> {
        let (starter, sims, runtime) = (self.clone(), Arc::downgrade(sims), Handle::current());
        thread::Builder::new()
            .name("readers".into())
            .spawn(move || {
                let _inside = runtime.enter();
                starter.follow(&sims);
            })?;
        Ok(())
    }

    fn follow(&self, sims: &Weak<Sims>) {
        let mut watcher = Watcher::new();
        let mut known = HashSet::new();
        loop {
            let event = watcher.next(LOOK);
            let Some(sims) = sims.upgrade() else {
                return;
            };
            match event {
                Ok(Some(Event::Added(reader))) => self.add(&sims, &mut known, reader.name),
                // a worker sees by itself what happens to its reader
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(%error, "the readers cannot be watched");
                    pause();
                }
            }
        }
    }

    fn add(&self, sims: &Sims, known: &mut HashSet<String>, name: String) {
        let shared = sims.all().iter().any(|(_, sim)| sim.name() == name);
        if shared || !known.insert(name.clone()) {
            return;
        }
        let selector = ReaderSelector::Name(name.clone());
        if let Err(error) = self.push_reader(sims, name, selector) {
            tracing::error!(%error, "a reader cannot be shared");
        }
    }
}

/// How often the thread looks whether anybody still wants the readers.
const LOOK: Duration = Duration::from_secs(2);

/// Until the daemon is asked again after it was not there.
fn pause() {
    #[expect(
        clippy::disallowed_methods,
        reason = "there is no event to wait for while the daemon is away"
    )]
    thread::sleep(LOOK);
}

/// The name under which a reader is shared: an index becomes the name that it stands for now.
fn named(reader: &str) -> (String, ReaderSelector) {
    let Ok(index) = reader.parse::<usize>() else {
        return (reader.to_owned(), reader.into());
    };
    let listed = readers().unwrap_or_default();
    match listed.into_iter().nth(index) {
        Some(found) => (found.name.clone(), ReaderSelector::Name(found.name)),
        None => (format!("reader {index}"), index.into()),
    }
}
