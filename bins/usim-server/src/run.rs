//! From settings to a running server.

use std::{sync::Arc, time::Duration};

use server_kit::{
    config::Settings as _,
    gate::Gate,
    limit::RateLimit,
    listen::{self, Advice},
    observe::Metrics,
};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::{
    activity::Activity,
    config::Options,
    routes::app,
    sources::Starter,
    state::{App, scope},
};

/// Serves until the process is told to end.
///
/// # Errors
/// A setting is wrong, a socket cannot be opened, or there is no SIM.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let ended = listen::terminated()?;
    let open = [scope::READ, scope::AUTHENTICATE];
    let (guard, authentication) = options.callers.guard(scope::ALL, &open)?;
    let advice = Advice {
        program: Options::PROGRAM,
        scope: scope::READ,
    };
    let listeners = options.listen.open(authentication, advice).await?;
    let rules = &options.rules;
    let (changes, _) = broadcast::channel(CHANGES);
    let sims = Starter::new(options.sims.clone(), rules.deadline(), changes.clone()).start()?;
    let metrics = Metrics::collect()?;
    let ending = CancellationToken::new();
    let state = Arc::new(App {
        sims: Arc::clone(&sims),
        gate: Gate::new(
            guard,
            options.listen.hosts(authentication),
            RateLimit::per_second(rules.rate_per_caller.unwrap_or_default()),
        ),
        per_sim: RateLimit::per_second(rules.rate_per_sim.unwrap_or_default()),
        allow: rules.allow_list(),
        audit: rules.audit.open()?,
        errors: rules.errors(),
        scheme: if options.listen.is_https() {
            "https"
        } else {
            "http"
        },
        slowest_request: rules.deadline().saturating_add(SLACK),
        longest_lease: Duration::from_secs(rules.longest_lease.unwrap_or_default()),
        metrics: metrics.clone(),
        ending: ending.clone(),
        changes,
        activity: Activity::default(),
    });
    for listener in &listeners {
        tracing::info!(url = listener.url(), "listening");
    }
    let upkeep = tokio::spawn(metrics.upkeep());
    let end = async move {
        ended.await;
        ending.cancel();
    };
    listen::serve(listeners, app(state), options.listen.limits(), end).await;
    upkeep.abort();
    for (_, sim) in sims.all() {
        if let Err(error) = sim.stop().await {
            tracing::warn!(sim = sim.name(), %error, "a card did not let go");
        }
    }
    Ok(())
}

/// How many changes of SIMs a slow follower may miss before it is told everything anew.
const CHANGES: usize = 64;

/// Beyond a card's deadline, for a body to arrive and an answer to be written.
const SLACK: Duration = Duration::from_secs(5);
