//! From settings to a running server.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aka::Ind;
use anyhow::{Context as _, Result, ensure};
use auc::{Centre, Journal, Kept, Subscribers};
use endorse::PairwiseSubjects;
use server_kit::config::Settings as _;
use server_kit::gate::Gate;
use server_kit::limit::RateLimit;
use server_kit::listen::{self, Advice, Authentication, Bind};
use server_kit::observe::Metrics;
use zeroize::Zeroizing;

use crate::app::{App, now, scope};
use crate::config::Options;
use crate::keys::{KeyUse, Keys, StoredKey};
use crate::source::VectorSource;
use crate::store::{MemoryStore, SigningKeys as _, Store};
use crate::{Server, Settings, routes};

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
        server: server(&options).await?,
        gate: Gate::new(guard, options.listen.hosts(authentication), per_caller),
        peers: RateLimit::per_second(rules.rate_per_peer.unwrap_or_default()),
        audit: options.open_audit()?,
        metrics: metrics.clone(),
        ready: Arc::new(AtomicBool::new(true)),
    });
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
        app.ready.store(refreshed.is_ok(), Ordering::Relaxed);
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

async fn server(options: &Options) -> Result<Server> {
    let store = MemoryStore::default();
    let pem = options
        .tokens
        .key
        .as_deref()
        .context("--key FILE is needed")?;
    let pem = Zeroizing::new(read(pem)?);
    let key = StoredKey::announced(pem, KeyUse::Native, now())?.signing_from(now());
    store.add_key(key).await?;
    let store: Arc<dyn Store> = Arc::new(store);
    let keys = Keys::load(&*store, now()).await?;
    Ok(Server::new(
        settings(options)?,
        source(options)?,
        store,
        keys,
    )?)
}

fn settings(options: &Options) -> Result<Settings> {
    let tokens = &options.tokens;
    let secret = tokens.subject_secret.as_deref();
    let secret = fs::read(secret.context("--subject-secret FILE is needed")?)
        .context("no secret for subjects")?;
    let secret: [u8; 32] = secret
        .try_into()
        .ok()
        .context("the secret has not 32 octets")?;
    ensure!(!tokens.audience.is_empty(), "--audience AUD is needed");
    let audiences = tokens.audience.iter().map(|audience| audience.parse());
    Ok(Settings {
        origin: tokens.origin.clone().context("--origin URL is needed")?,
        audiences: audiences.collect::<Result<_, _>>()?,
        subjects: PairwiseSubjects::new(&secret),
        tells_imsi: tokens.tell_imsi == Some(true),
        lifetime: tokens.lifetime.unwrap_or(300),
        budget: options.rules.budget(),
        dialects: options.dialects.dialects(),
    })
}

fn source(options: &Options) -> Result<Arc<dyn VectorSource>> {
    let options = &options.subscribers;
    let path = options.subscribers.as_deref();
    let path = path.context("--subscribers FILE is needed")?;
    let subscribers = Subscribers::parse(&Zeroizing::new(read(path)?))?;
    let state = options.state.as_deref().context("--state FILE is needed")?;
    let journal = Journal::open(state, subscribers.numbers())?;
    let ind = Ind::new(options.ind.unwrap_or_default());
    let ind = ind.context("--ind is a number from 0 to 31")?;
    let centre = Centre::new(Kept::new(subscribers, journal)).with_ind(ind);
    Ok(Arc::new(centre))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
