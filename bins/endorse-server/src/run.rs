//! From settings to a running server.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use server_kit::config::Settings as _;
use server_kit::gate::Gate;
use server_kit::limit::{PeerLimit, RateLimit};
use server_kit::listen::{self, Advice, Authentication, Bind};
use server_kit::observe::{Metrics, ReadyFlag};

use crate::app::{App, now, scope};
use crate::config::Options;
use crate::keys::KeyUse;
use crate::routes;

mod build;

/// Serves until the process is told to end.
///
/// # Errors
/// A setting is wrong, a socket cannot be opened, or there is no store.
pub async fn run(options: Options) -> Result<()> {
    let ended = listen::terminated()?;
    let is_local = options.listen.listen.iter().all(Bind::is_local);
    let open = if is_local { scope::ALL } else { &[] };
    let (guard, authentication) = options.callers.guard(scope::ALL, open)?;
    let advice = Advice {
        program: Options::PROGRAM,
        scope: scope::METRICS,
    };
    // whoever asks for a token proves a SIM, and for the rest beyond this machine one must be a caller
    let listeners = options
        .listen
        .open(Authentication::Required, advice)
        .await?;
    let metrics = Metrics::collect()?;
    let rules = &options.rules;
    let per_caller = RateLimit::per_second(rules.rate_per_caller.unwrap_or_default());
    let app = Arc::new(App {
        server: build::server(&options).await?,
        gate: Gate::new(guard, options.listen.hosts(authentication), per_caller),
        peers: PeerLimit::per_second(rules.rate_per_peer.unwrap_or_default()),
        audit: options.audit.open()?,
        metrics: metrics.clone(),
        ready: ReadyFlag::new("the store does not answer"),
    });
    if options.dialects.dialects().soracom.enabled
        && app.server.keys().now().signer(KeyUse::Soracom).is_none()
    {
        tracing::warn!(
            "the SORACOM dialect has no key, and answers 500 until there is one: \
             endorse-server key new --for soracom"
        );
    }
    for listener in &listeners {
        tracing::info!(url = listener.url(), "listening");
    }
    let upkeep = [
        tokio::spawn(metrics.upkeep()),
        tokio::spawn(follow_keys(Arc::clone(&app))),
        tokio::spawn(sweep(Arc::clone(&app))),
    ];
    listen::serve(listeners, routes::app(app), options.listen.limits(), ended).await;
    for task in upkeep {
        task.abort();
    }
    Ok(())
}

/// Sees what other instances and `key rotate` have done.
async fn follow_keys(app: Arc<App>) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let refreshed = app.server.refresh_keys(now()).await;
        if let Err(error) = &refreshed {
            let error: &dyn std::error::Error = error;
            tracing::error!(error, "the keys could not be read");
        }
        app.ready.set(&refreshed);
    }
}

async fn sweep(app: Arc<App>) {
    loop {
        tokio::time::sleep(Duration::from_secs(20)).await;
        if let Err(error) = app.server.store().sweep(now()).await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "what is over could not be forgotten");
        }
    }
}
