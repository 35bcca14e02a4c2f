//! Where everything is kept, for the server and for the commands beside it.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use passkey_idp::seal::{Sealer, SealingKey};
use passkey_idp::store::{MemoryStore, SqlStore, Store};
use server_kit::config::{DatabaseOptions, Settings as _};
use server_kit::seal;

use super::Options;

/// The database's name in the state folder.
pub(crate) const FILE: &str = "passkey.db";

/// What is kept, and what wraps the secrets in it.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) sealer: Sealer,
}

/// Opens the database, and brings its tables up to date.
pub(crate) async fn open(options: &DatabaseOptions, state_dir: Option<&Path>) -> Result<Kept> {
    let located = options.locate(Options::PROGRAM, state_dir, FILE)?;
    let key = |key: &seal::SealingKey| SealingKey::new(*key.octets());
    let sealer = Sealer::new(&key(&located.sealing_key));
    let earlier = located.earlier.iter();
    let sealer = earlier.fold(sealer, |sealer, earlier| sealer.with_earlier(&key(earlier)));
    let store: Arc<dyn Store> = match &located.url {
        Some(url) => Arc::new(SqlStore::open(url).await?),
        None => Arc::new(MemoryStore::new()),
    };
    Ok(Kept { store, sealer })
}
