//! From settings to a running server.

use std::fs::File;
use std::io::ErrorKind;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use passkey_idp::store::List;
use passkey_idp::webauthn::Policy;
use passkey_idp::{application::Application, store::StoreExt as _};
use server_kit::config::Settings as _;
use server_kit::gate::Gate;
use server_kit::limit::{Failures, PeerLimit, RateLimit};
use server_kit::listen::{self, Advice, Authentication};
use server_kit::observe::{Metrics, ReadyFlag};
use strict_jws::SystemRandom;

use crate::config::{Options, hold, locate, open};
use crate::keys::{self, Current, Keys};
use crate::notify::Worker;
use crate::state::{App, Settings, now, scope};
use crate::upkeep::{follow_keys, sweep, warn_of_early};
use crate::{mds, routes};

/// Serves until the process is told to end.
///
/// # Errors
/// A setting is wrong, a socket cannot be opened, or there is no store.
pub async fn run(mut options: Options) -> Result<()> {
    let ended = listen::terminated()?;
    options.settle()?;
    let app = Arc::new(build(&options).await?);
    let _held = held(&options)?;
    let outbound = options.notify.outbound()?;
    let advice = Advice {
        program: Options::PROGRAM,
        scope: scope::METRICS,
    };
    // clients have secrets, users have passkeys, and for metrics beyond this machine one must be a caller
    let opened = options.listen.open(Authentication::Required, advice);
    let listeners = opened.await?;
    for listener in &listeners {
        tracing::info!(
            url = listener.url(),
            origin = app.settings.origin,
            "listening"
        );
    }
    greet(&app).await?;
    let upkeep = [
        tokio::spawn(app.metrics.clone().upkeep()),
        tokio::spawn(follow_keys(Arc::clone(&app))),
        tokio::spawn(sweep(Arc::clone(&app))),
        tokio::spawn(mds::watch(Arc::clone(&app))),
        tokio::spawn(Worker::new(Arc::clone(&app), outbound).run()),
    ];
    listen::serve(listeners, routes::app(app), options.listen.limits(), ended).await;
    for task in upkeep {
        task.abort();
    }
    Ok(())
}

/// Holds the database until the server ends. Another server on the same SQLite file is told of, not
/// refused: both are right, but neither hears at once what the other has done.
fn held(options: &Options) -> Result<Option<File>> {
    match hold(&locate(options)?) {
        Ok(held) => return Ok(held),
        Err(error) if error.kind() == ErrorKind::WouldBlock => tracing::warn!(
            "another server has this SQLite database open; several servers need PostgreSQL to hear of \
             each other"
        ),
        Err(error) => tracing::warn!(%error, "the database's lock file cannot be made"),
    }
    Ok(None)
}

/// The server as the settings say, without its sockets.
///
/// # Errors
/// A setting is wrong, or there is no store.
pub async fn build(options: &Options) -> Result<App> {
    let anyone = if options.listen.is_local() {
        scope::ALL
    } else {
        &[]
    };
    let (guard, authentication) = options.callers.guard(scope::ALL, anyone)?;
    let per_peer = PeerLimit::per_second(options.rules.rate_per_peer.unwrap_or_default());
    let metadata = options.party.metadata()?;
    let kept = open(locate(options)?).await?;
    for made in &kept.made {
        tracing::warn!("{made}");
    }
    for exposed in &kept.exposed {
        tracing::warn!(mend = exposed.mend(), "{exposed}");
    }
    if let Some(issue) = metadata.issue() {
        let remembered = issue.remember(&*kept.store, now()).await;
        remembered.context("--mds")?;
    }
    let random = SystemRandom::new();
    keys::prepare(&*kept.store, &kept.sealer, &random, now()).await?;
    let current = Current::load(&*kept.store, &kept.sealer, &random, now()).await?;
    warn_of_early(&current);
    let settings = Settings {
        origin: options.origin()?.to_string(),
        scheme: options.scheme(),
        proofs: options.rules.proofs(),
    };
    Ok(App {
        store: kept.store,
        sealer: kept.sealer,
        keys: Keys::new(current),
        party: options.relying_party()?,
        policy: Policy::default(),
        metadata,
        random,
        settings,
        gate: Gate::new(
            guard,
            options.listen.hosts(authentication),
            RateLimit::per_second(0),
        ),
        peers: per_peer,
        clients: RateLimit::per_second(options.rules.rate_per_client.unwrap_or_default()),
        strangers: Failures::burst(20),
        guesses: PeerLimit::per_second(1),
        audit: options.audit.open()?,
        metrics: Metrics::collect()?,
        ready: ReadyFlag::new("the store does not answer"),
    })
}

/// Says how to go on where no application is known yet.
async fn greet(app: &App) -> Result<()> {
    let applications = app.store.page::<Application>(List::of::<Application>());
    if applications.await?.items.is_empty() {
        tracing::info!(
            "no application is known yet; `passkey-server app add demo` adds one, \
             and `passkey-server user add NAME` invites a user"
        );
    }
    Ok(())
}
