//! `auc serve`: the home behind hostapd, and behind whoever asks over HTTP.

mod bsf;
mod options;

use std::{
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
};

use aka::Rand;
use anyhow::{Context, anyhow};
use auc::{
    Centre, Directory, Event, Journal, Kept, Responder, Socket,
    bsf::http::scope as bsf_scope,
    http::{App, scope},
};
use axum::Router;
use server_kit::{
    config::{Layers, Settings as _},
    gate::Gate,
    limit::RateLimit,
    listen::{self, Advice, Limits, Listener},
    observe::Metrics,
};
use tokio::{runtime::Runtime, sync::oneshot};

use crate::cli::Failure;
use options::{Options, Source};

/// Serve vectors: to hostapd (in its configuration: eap_sim_db=unix:PATH), and over HTTP
#[derive(clap::Args)]
#[command(after_help = FILES)]
pub(crate) struct Serve {
    #[command(flatten)]
    layers: Layers<Options>,
}

const FILES: &str = "\
The subscribers' file is CSV with a header (imsi, k, opc or op, or for TUAK topc or top; optionally \
algorithm, amf, sqn, res_length, constants, iterations), or has lines \"IMSI Ki OPc AMF SQN \
[RES_len]\" as hostapd's hlr_auc_gw reads them; Open5GS's documents and TOML are read, too. Each sequence \
number is on the disk before its vector leaves; killing auc at any moment repeats none.";

impl Serve {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let settings = self.layers.settings();
        let Some(options) = settings.map_err(|error| Failure::Usage(error.into()))? else {
            return Ok(ExitCode::SUCCESS);
        };
        let source = options.source().map_err(Failure::Usage)?;
        let runtime = Runtime::new()
            .context("cannot start")
            .map_err(Failure::Failed)?;
        match source {
            Source::File { subscribers, state } => {
                let subscribers = options.database().read(subscribers)?;
                let known = format!("{} subscribers", subscribers.len());
                let journal = Journal::open(&state, subscribers.numbers())
                    .with_context(|| state.display().to_string())
                    .map_err(Failure::Failed)?;
                serve(&runtime, &options, Kept::new(subscribers, journal), &known)
            }
            Source::Database(database) => {
                let opened = runtime.block_on(database.open())?;
                serve(&runtime, &options, opened, "the subscribers of a database")
            }
        }
    }
}

fn serve<D: Directory + 'static>(
    runtime: &Runtime,
    options: &Options,
    directory: D,
    known: &str,
) -> Result<ExitCode, Failure> {
    let centre = Centre::new(directory)
        .with_ind(options.ind().map_err(Failure::Usage)?)
        .with_sres(options.sres());
    let centre = Arc::new(centre);
    if options.listens() {
        options
            .log
            .start()
            .map_err(|error| Failure::Usage(error.into()))?;
        // before hostapd may ask, so that its first request is counted
        Metrics::collect().map_err(|error| Failure::Failed(error.into()))?;
    }
    let answering = answer_hostapd(runtime, options, &centre, known)?;
    let served = runtime.block_on(async {
        match (answering, options.listens()) {
            (Some(answering), true) => tokio::select! {
                served = answer_http(options, centre) => served,
                error = failed(answering) => Err(error),
            },
            (Some(answering), false) => Err(failed(answering).await),
            (None, _) => answer_http(options, centre).await,
        }
    });
    served.map_err(Failure::Failed)?;
    Ok(ExitCode::SUCCESS)
}

/// What ended the thread that answers hostapd.
type Answering = oneshot::Receiver<anyhow::Error>;

async fn failed(answering: Answering) -> anyhow::Error {
    match answering.await {
        Ok(error) => error.context("the socket failed"),
        Err(_) => anyhow!("the socket's thread ended"),
    }
}

/// Binds hostapd's socket and answers on a thread of its own, if there is to be one.
fn answer_hostapd<D: Directory + 'static>(
    runtime: &Runtime,
    options: &Options,
    centre: &Arc<Centre<D>>,
    known: &str,
) -> Result<Option<Answering>, Failure> {
    let Some(path) = &options.hostapd_socket else {
        return Ok(None);
    };
    let mode = options.socket_mode().map_err(Failure::Usage)?;
    let socket = Socket::bind(path, mode).map_err(|error| Failure::Failed(error.into()))?;
    eprintln!("auc: {known}, answering at {}", path.display());
    let mut responder = Responder::new(Arc::clone(centre), || Rand::generate(getrandom::fill));
    let (handle, quiet) = (runtime.handle().clone(), options.is_quiet());
    let audit = options
        .audit
        .open()
        .context("cannot open the audit trail")
        .map_err(Failure::Failed)?;
    let (ended, answering) = oneshot::channel();
    std::thread::spawn(move || {
        let Err(error) = socket.serve(&handle, &mut responder, |event| {
            event.trace(&audit);
            if !quiet {
                log(event);
            }
        });
        // nobody waits for it any more when the program ends
        drop(ended.send(error.into()));
    });
    Ok(Some(answering))
}

fn log(event: &Event) {
    let logged = writeln!(io::stderr(), "auc: {event}");
    // the home goes on without a log
    drop(logged);
}

async fn answer_http<D: Directory + 'static>(
    options: &Options,
    centre: Arc<Centre<D>>,
) -> anyhow::Result<()> {
    let ended = [listen::terminated()?, listen::terminated()?];
    // vectors are keys: nobody gets them without saying who it is
    let scopes = [scope::ALL, bsf_scope::ALL].concat();
    let (guard, authentication) = options.callers.guard(&scopes, &[])?;
    let advice = Advice {
        program: Options::PROGRAM,
        scope: scope::VECTORS,
    };
    let listeners = [
        options.listen.open(authentication, advice).await?,
        options.bsf.open(&options.listen, Options::PROGRAM).await?,
    ];
    let metrics = Metrics::collect()?;
    let hosts = options.listen.hosts(authentication);
    let per_caller = RateLimit::per_second(options.rate_per_caller.unwrap_or_default());
    let app = Arc::new(App {
        centre,
        gate: Gate::new(guard, hosts, per_caller),
        audit: options.audit.open()?,
        metrics: metrics.clone(),
    });
    let routers = bsf::routers(&app, (options.bsf.settings()?, options.bsf.peers()));
    for listener in listeners.iter().flatten() {
        tracing::info!(url = listener.url(), "listening");
    }
    let upkeep = tokio::spawn(metrics.upkeep());
    serve_both(listeners, routers, options.listen.limits(), ended).await;
    upkeep.abort();
    Ok(())
}

async fn serve_both(
    listeners: [Vec<Listener>; 2],
    routers: [Router; 2],
    limits: Limits,
    ended: [impl Future<Output = ()>; 2],
) {
    let ([interface, ub], [routes, ub_routes], [end, ub_end]) = (listeners, routers, ended);
    let interface = listen::serve(interface, routes, limits, end);
    tokio::join!(interface, listen::serve(ub, ub_routes, limits, ub_end));
}
