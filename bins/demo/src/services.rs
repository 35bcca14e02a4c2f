//! Two services that trust the endorse server's word for a SIM: an upload, and a company's login.

use std::sync::Arc;
use std::thread;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::routing::{get, post};
use endorse::keys::{Cached, JwksUrl};
use endorse::layer::{EndorseLayer, Endorsed};
use endorse::{SimPairs, Verifier};
use tokio::net::TcpListener;

use crate::endorse_server::EndorseServer;

/// For whom tokens for uploads are.
pub(crate) const UPLOAD: &str = "https://upload.example";
/// For whom tokens for the login are.
pub(crate) const LOGIN: &str = "https://login.example";
/// The device that the company gave out with its SIM.
pub(crate) const STAFF_DEVICE: &str = "490154203237518";

/// Where the services listen.
#[derive(Debug)]
pub(crate) struct Services {
    /// The mobile network's side of the upload: whoever comes this way has been let in by its SIM.
    pub(crate) mobile: String,
    /// The other side, which anyone can reach.
    pub(crate) wifi: String,
    /// The login.
    pub(crate) login: String,
}

impl Services {
    /// Starts them, until the program ends.
    pub(crate) fn start(issuer: &EndorseServer) -> Result<Self> {
        let protected = uploads().layer(EndorseLayer::new(verifier(issuer, UPLOAD)?));
        let staff = SimPairs::new().allow("001010000000001".parse()?, STAFF_DEVICE.parse()?);
        let staff = verifier(issuer, LOGIN)?.with_policy(staff);
        let login = Router::new()
            .route("/login", get(login))
            .layer(EndorseLayer::new(staff));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .context("no runtime")?;
        let services = Self {
            mobile: runtime.block_on(serve(0, uploads()))?,
            wifi: runtime.block_on(serve(8088, protected))?,
            login: runtime.block_on(serve(8089, login))?,
        };
        thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
        Ok(services)
    }
}

fn uploads() -> Router {
    Router::new().route("/upload", post(upload))
}

async fn upload(data: String) -> String {
    format!("{} octets taken", data.len())
}

async fn login(Endorsed(endorsement): Endorsed) -> String {
    let imsi = endorsement.sim().imsi.as_ref();
    format!("welcome, {}", imsi.map_or("stranger", |imsi| imsi.as_str()))
}

/// The five lines that it takes.
fn verifier(issuer: &EndorseServer, audience: &str) -> Result<Verifier> {
    let keys = Cached::new(JwksUrl::new(issuer.keys(), issuer.https()?)?);
    let (origin, audience) = (issuer.origin().parse()?, audience.parse()?);
    Ok(Verifier::native(origin, audience, Arc::new(keys)))
}

async fn serve(port: u16, app: Router) -> Result<String> {
    let address = crate::program::address(port)?;
    let listener = TcpListener::bind(&address).await?;
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(format!("http://{address}"))
}
