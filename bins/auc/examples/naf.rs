//! A server that lets SIMs in: a NAF, on top of `auc serve --bsf`.
//!
//! ```sh
//! cargo run -p auc --example naf -- 127.0.0.1:8448 naf.example http://127.0.0.1:8446 TOKEN
//! ```
//!
//! listens there for terminals that call it `naf.example`, and asks that `auc` for their keys, with a
//! token of the scopes `auc:naf-keys` and `auc:naf-identities`.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use aka::{
    gba::{
        UnixTime,
        naf::{Naf, Nonces, Reuse},
    },
    http_digest::{Sent, UriCheck},
    kdf::gba::KsNaf,
};
use anyhow::{Context, Result, bail};
use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

struct Server {
    naf: Naf,
    fqdn: String,
    nonces: Mutex<Nonces>,
    bsf: String,
    token: String,
}

/// What the BSF says about a B-TID.
#[derive(Deserialize)]
struct Granted {
    key: String,
    impi: Option<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [listen, fqdn, bsf, token] = arguments.as_slice() else {
        bail!("usage: naf ADDRESS:PORT NAME URL-OF-AUC TOKEN");
    };
    let server = Server {
        naf: Naf::new(fqdn)?,
        fqdn: fqdn.clone(),
        nonces: Mutex::new(Nonces::new(Reuse::Counted)),
        bsf: format!("{bsf}/v1/naf-keys"),
        token: token.clone(),
    };
    let listener = tokio::net::TcpListener::bind(listen).await?;
    eprintln!("naf: {fqdn} listens on {}", listener.local_addr()?);
    let app = Router::new().fallback(answer).with_state(Arc::new(server));
    Ok(axum::serve(listener, app).await?)
}

async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response {
    let letting_in = tokio::task::spawn_blocking(move || server.let_in(&request));
    match letting_in.await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => {
            eprintln!("naf: {error:#}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(_panicked) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Server {
    fn let_in(&self, request: &Request) -> Result<Response> {
        let field = request.headers().get(header::AUTHORIZATION);
        let field = field.and_then(|field| field.to_str().ok());
        let Some(claim) = field.and_then(|field| self.naf.claim(field).ok()) else {
            return self.challenge();
        };
        let Some(granted) = self.key(claim.btid())? else {
            // the terminal bootstraps again
            return self.challenge();
        };
        let key: KsNaf = granted.key.parse()?;
        let (uri, method) = (request.uri().to_string(), request.method());
        let sent = Sent {
            method: method.as_str(),
            body: b"",
        };
        let target = UriCheck::Strict.of(&uri, &self.fqdn);
        let Ok(admitted) = claim.verify(&key, sent, target) else {
            return self.challenge();
        };
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        if nonces.spend(admitted.credentials(), now()).is_err() {
            drop(nonces);
            return self.stale();
        }
        let who = granted.impi.as_deref().unwrap_or("somebody");
        let body = format!("Welcome, {who}.\n");
        let proof = admitted.information(body.as_bytes()).to_string();
        Ok(([("authentication-info", proof)], body).into_response())
    }

    /// `None` where the BSF knows of no such bootstrapping.
    fn key(&self, btid: &str) -> Result<Option<Granted>> {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = ureq::Agent::from(config.build());
        let bearer = format!("Bearer {}", self.token);
        let request = serde_json::json!({"btid": btid, "naf": self.fqdn}).to_string();
        let post = agent.post(&self.bsf).header("authorization", bearer);
        let post = post.header("content-type", "application/json");
        let mut answer = post.send(request).context("the BSF does not answer")?;
        match answer.status().as_u16() {
            200 => Ok(Some(serde_json::from_str(
                &answer.body_mut().read_to_string()?,
            )?)),
            404 => Ok(None),
            status => bail!("the BSF says {status}"),
        }
    }

    fn challenge(&self) -> Result<Response> {
        self.ask(false)
    }

    fn stale(&self) -> Result<Response> {
        self.ask(true)
    }

    fn ask(&self, stale: bool) -> Result<Response> {
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        let mut challenge = self.naf.challenge(nonces.issue(random, now()));
        challenge.stale = stale;
        let field = [(header::WWW_AUTHENTICATE, challenge.to_string())];
        Ok((StatusCode::UNAUTHORIZED, field).into_response())
    }
}

fn now() -> UnixTime {
    #[expect(clippy::disallowed_methods, reason = "a program, which has a clock")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    UnixTime::new(since.map_or(0, |since| since.as_secs()))
}
