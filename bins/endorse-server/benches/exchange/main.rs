//! Whole exchanges, from the challenge to the token. Through the routes and without a network: how
//! many a second one core does, how long each takes, and whether that tells known SIMs from unknown
//! ones. Then the program itself, over TLS: how soon it answers, and what memory it takes.
//!
//! `cargo bench -p endorse-server --bench exchange`; `-- postgres://USER@HOST/NAME` adds a database.
#![expect(clippy::print_stdout, reason = "a benchmark shows its result")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use aka::Milenage;
use anyhow::{Context as _, Result, ensure};
use auc::{Centre, OnConflict, SqlDirectory};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use endorse::PairwiseSubjects;
use endorse_server::app::{App, now, scope};
use endorse_server::keys::{Keys, rotation};
use endorse_server::source::{Embedded, VectorSource, decoys};
use endorse_server::store::{Budget, MemoryStore, SqlStore, Store};
use endorse_server::{Pseudonyms, Server, Settings, app};
use http_body_util::BodyExt as _;
use serde_json::Value;
use server_kit::audit::Audit;
use server_kit::browser::Hosts;
use server_kit::caller::{Caller, Certificates, Guard, Tokens};
use server_kit::gate::Gate;
use server_kit::limit::{PeerLimit, RateLimit};
use server_kit::observe::{Metrics, ReadyFlag};
use server_kit::seal::{Sealer, SealingKey};
use strict_jws::Algorithm;
use tower::ServiceExt as _;

mod device;
mod oracle;
mod process;

use device::{AUDIENCE, DEVICES, ORIGIN, subscribers};

/// How many known SIMs are asked whether they are told from others.
const IN_MEMORY: usize = 20_000;
const IN_DATABASE: usize = 1_500;

const SECONDS: Duration = Duration::from_secs(3);

fn main() -> Result<()> {
    process::measure()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut known = subscribers()?;
        for sim in oracle::subscribers(IN_MEMORY)?.iter() {
            ensure!(known.insert(sim.clone()), "it is there twice");
        }
        let memory = Embedded::in_memory(known)?;
        let router = router(Arc::new(memory), Arc::new(MemoryStore::default())).await?;
        measure("memory", &router).await?;
        oracle::measure("memory", &router, IN_MEMORY).await?;
        let folder = tempfile::tempdir()?;
        let sqlite = format!("sqlite:{}", folder.path().join("bench.db").display());
        in_database("SQLite", &sqlite).await?;
        let given = std::env::args().skip(1);
        for url in given.filter(|argument| argument.starts_with("postgres")) {
            in_database("PostgreSQL", &url).await?;
        }
        Ok(())
    })
}

async fn in_database(name: &str, url: &str) -> Result<()> {
    let sealer = || Sealer::new(&SealingKey::new([1; 32]));
    let directory = SqlDirectory::open(&url.parse()?, sealer()).await?;
    for subscribers in [subscribers()?, oracle::subscribers(IN_DATABASE)?, decoys()?] {
        directory.add(subscribers.iter(), OnConflict::Keep).await?;
    }
    let store = SqlStore::open(&url.parse()?, sealer()).await?;
    let source = Embedded::new(Centre::new(directory));
    let router = router(Arc::new(source), Arc::new(store)).await?;
    measure(name, &router).await?;
    oracle::measure(name, &router, IN_DATABASE).await
}

async fn router(source: Arc<dyn VectorSource>, store: Arc<dyn Store>) -> Result<Router> {
    rotation::prepare(&*store, Algorithm::Es256, now()).await?;
    let keys = Keys::load(&*store, now()).await?;
    let budget = Budget {
        vectors: u32::MAX,
        challenges: u32::MAX,
    };
    let settings = Settings {
        origin: ORIGIN.to_owned(),
        audiences: vec![AUDIENCE.parse()?],
        subjects: PairwiseSubjects::new(&[7; 32]),
        pseudonyms: Pseudonyms::new([8; 32]),
        tells_imsi: true,
        lifetime: 300,
        budget,
        dialects: endorse_server::dialects::Dialects::default(),
    };
    let guard = Guard::new(Tokens::default(), Certificates::default());
    let nobody = Caller::new("nobody", scope::ALL.iter().copied());
    let gate = Gate::new(
        guard.open_to(nobody),
        Hosts::any(),
        RateLimit::per_second(0),
    );
    Ok(app(Arc::new(App {
        server: Server::new(settings, source, store, keys)?,
        gate,
        peers: PeerLimit::none(),
        audit: Audit::off(),
        metrics: Metrics::collect()?,
        ready: ReadyFlag::new("the store does not answer"),
    })))
}

async fn measure(name: &str, router: &Router) -> Result<()> {
    let milenage = device::milenage()?;
    let (begun, mut took) = (Instant::now(), Vec::new());
    for index in (0..DEVICES).cycle() {
        if begun.elapsed() > SECONDS {
            break;
        }
        let one = Instant::now();
        exchange(router, &milenage, index).await?;
        took.push(one.elapsed());
    }
    took.sort_unstable();
    let total: Duration = took.iter().sum();
    let rate = f64::from(u32::try_from(took.len())?) / total.as_secs_f64();
    let at = |percent: usize| -> Result<f64> {
        let found = took.get(took.len() * percent / 100).context("too few")?;
        Ok(found.as_secs_f64() * 1e6)
    };
    let (middle, high, highest) = (at(50)?, at(95)?, at(99)?);
    println!(
        "{name}: {rate:.0} exchanges/s, p50 {middle:.0} us, p95 {high:.0} us, p99 {highest:.0} us"
    );
    Ok(())
}

async fn exchange(router: &Router, milenage: &Milenage, index: usize) -> Result<()> {
    let challenge = post(router, device::CHALLENGE, &device::question(index)).await?;
    let answer = device::answer(milenage, &challenge)?;
    let answer = post(router, device::TOKEN, &answer).await?;
    ensure!(answer.get("token").is_some(), "no token: {answer}");
    Ok(())
}

async fn post(router: &Router, path: &str, body: &Value) -> Result<Value> {
    let request = Request::post(path).header("content-type", "application/json");
    let request = request.body(Body::from(body.to_string()))?;
    let response = router.clone().oneshot(request).await?;
    let octets = response.into_body().collect().await?.to_bytes();
    Ok(serde_json::from_slice(&octets)?)
}
