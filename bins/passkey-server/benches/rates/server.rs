//! Servers with a client that they know, each on the first processor.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use passkey_idp::Duration;
use passkey_idp::application::{Application, Rights};
use passkey_idp::binding::Scheme;
use passkey_idp::id::ClientSecret;
use passkey_idp::oauth::{ConsentRule, Flow};
use passkey_idp::seal::{Sealer, SealingKey};
use passkey_idp::store::{MemoryStore, SqlStore, Store, StoreExt as _};
use passkey_idp::webauthn::{Policy, Quirks, RelyingParty};
use passkey_server::keys::{self, Current, Keys};
use passkey_server::mds::Metadata;
use passkey_server::state::{App, Proofs, Settings, now, scope};
use serde::{Deserialize, Serialize};
use serde_json::json;
use server_kit::audit::Audit;
use server_kit::browser::Hosts;
use server_kit::caller::{Caller, Certificates, Guard, Tokens};
use server_kit::gate::Gate;
use server_kit::limit::{Failures, PeerLimit, RateLimit};
use server_kit::listen::{self, Limits, Listener};
use server_kit::observe::{Metrics, ReadyFlag};
use strict_jws::{SystemRandom, base64};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::SERVER;
use crate::client::{Client, Request, text};
use crate::load::{CLIENTS, answered, options, register, viewed};
use crate::program::{megabytes, pinned};

pub(crate) const ORIGIN: &str = "http://localhost:8445";
const BARE: &str = "bare";
const BARE_ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
const REDIRECT: &str = "https://rp.example/cb";
const CLIENT: &str = "bench";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A server that runs. Dropping it ends it.
pub(crate) struct Served {
    child: Child,
    pub(crate) told: Told,
}

/// What it says once it listens.
#[derive(Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) address: String,
    /// How its client authenticates.
    pub(crate) basic: String,
    /// Refresh tokens that it has given already.
    tokens: Vec<String>,
}

impl Served {
    /// Ours, over memory or a database.
    pub(crate) fn start(url: &str) -> Result<Self> {
        let mut command = pinned(env::current_exe()?);
        command.args([SERVER, url]);
        Self::of(command)
    }

    /// One that answers whatever it reads with the same octets: what is left to win.
    pub(crate) fn bare() -> Result<Self> {
        let mut command = pinned(env::current_exe()?);
        command.args([SERVER, BARE]);
        Self::of(command)
    }

    /// npm's oidc-provider, if it is installed, with access tokens that are random or signed.
    pub(crate) fn peer(access_tokens: &str) -> Result<Option<Self>> {
        let modules = modules()?;
        if !modules.join("oidc-provider").is_dir() {
            return Ok(None);
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/rates/provider.mjs");
        let folder = tempfile::tempdir()?;
        let copy = folder.path().join("provider.mjs");
        std::fs::copy(script, &copy)?;
        std::os::unix::fs::symlink(modules, folder.path().join("node_modules"))?;
        let mut command = pinned("node");
        command.arg(copy).arg(access_tokens);
        command.env("NODE_ENV", "production");
        Self::of(command).map(Some)
    }

    pub(crate) fn megabytes(&self) -> Result<f64> {
        megabytes(&self.child)
    }

    fn of(mut command: std::process::Command) -> Result<Self> {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = child.stdout.take().context("piped")?;
        let mut said = BufReader::new(output).lines();
        // oidc-provider says other things first
        let told = said.by_ref().find(|line| match line {
            Ok(line) => line.starts_with('{'),
            Err(_) => true,
        });
        let told = serde_json::from_str(&told.context("it does not start")??)?;
        // it may have more to say, and must not die of it
        std::thread::spawn(move || said.for_each(drop));
        Ok(Self { child, told })
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Told {
    /// What is known to whoever knows the address.
    pub(crate) const fn anybody(address: String) -> Self {
        Self {
            address,
            basic: String::new(),
            tokens: Vec::new(),
        }
    }

    /// A refresh token for each client.
    pub(crate) fn tokens(&self) -> Result<Vec<String>> {
        if !self.tokens.is_empty() {
            return Ok(self.tokens.clone());
        }
        let mut client = Client::connect(&self.address)?;
        let mut tokens = Vec::new();
        for _ in 0..CLIENTS {
            tokens.push(self.signed_in(&mut client)?);
        }
        Ok(tokens)
    }

    fn signed_in(&self, client: &mut Client) -> Result<String> {
        let mut user = register(client, self)?;
        let form = format!(
            "response_type=code&client_id={CLIENT}&redirect_uri={REDIRECT}&state=xyz\
             &scope=openid+offline_access&code_challenge={CHALLENGE}&code_challenge_method=S256"
        );
        let placed = client.told(&Request::form("/api/v1/oauth2", "", &form))?;
        let order = text(&placed, "challengeId")?;
        let ask = options(&client.told(&viewed(&order))?)?;
        let answer = json!(user.sign(&ask, &Quirks::default()));
        let address = text(&client.told(&answered(&order, &answer))?, "redirect")?;
        let (_, query) = address.split_once('?').context("an answer")?;
        let code = query.split('&').find_map(|pair| pair.strip_prefix("code="));
        let form = format!(
            "grant_type=authorization_code&code={}&code_verifier={VERIFIER}&redirect_uri={REDIRECT}",
            code.context("a code")?
        );
        let tokens = client.told(&Request::form("/token", &self.basic, &form))?;
        text(&tokens, "refresh_token")
    }
}

/// This process, until it is killed.
pub(crate) fn serve(url: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        if url == BARE {
            return answer_blindly().await;
        }
        let store: Arc<dyn Store> = match url {
            "memory" => Arc::new(MemoryStore::new()),
            url => Arc::new(SqlStore::open(url).await?),
        };
        let basic = client(&*store).await?;
        let router = passkey_server::app(Arc::new(app(store).await?));
        let listener = Listener::plain(&"127.0.0.1:0".parse()?).await?;
        let address = listener.address().to_string();
        let told = Told {
            address,
            basic,
            tokens: Vec::new(),
        };
        println!("{}", serde_json::to_string(&told)?);
        let end = std::future::pending();
        listen::serve(vec![listener], router, Limits::default(), end).await;
        Ok(())
    })
}

async fn answer_blindly() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let told = Told::anybody(listener.local_addr()?.to_string());
    println!("{}", serde_json::to_string(&told)?);
    loop {
        let (mut stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let mut request = [0; 1024];
            while let Ok(1..) = stream.read(&mut request).await {
                stream.write_all(BARE_ANSWER).await?;
            }
            Ok::<_, std::io::Error>(())
        });
    }
}

/// Adds the client, and tells how it authenticates.
async fn client(store: &dyn Store) -> Result<String> {
    let mut application = Application::new(CLIENT.parse()?, "Bench");
    application.rights = Rights::Admin;
    application.client.redirect_uris = vec![REDIRECT.parse()?];
    application.client.flows = vec![Flow::AuthorizationCode, Flow::RefreshToken];
    application.client.scope = "openid offline_access".parse()?;
    application.client.consent = ConsentRule::Implied;
    let secret = ClientSecret::generate(&SystemRandom::new())?;
    application.rotate(&secret, now(), Duration::default());
    let added = store.apply::<Application>(application.insert(), now());
    added.await?.context("the database is not empty")?;
    let pair = format!("{CLIENT}:{}", *secret.expose());
    Ok(format!("Basic {}", base64::encode_padded(pair.as_bytes())))
}

async fn app(store: Arc<dyn Store>) -> Result<App> {
    let (random, sealer) = (SystemRandom::new(), Sealer::new(&SealingKey::new([7; 32])));
    keys::prepare(&*store, &sealer, &random, now()).await?;
    let current = Current::load(&*store, &sealer, &random, now()).await?;
    let guard = Guard::new(Tokens::default(), Certificates::default());
    let anonymous = Caller::new("anonymous", scope::ALL.iter().copied());
    let unlimited = || RateLimit::per_second(0);
    Ok(App {
        store,
        sealer,
        keys: Keys::new(current),
        party: RelyingParty::new("localhost", "Bench", vec![ORIGIN.parse()?])?,
        policy: Policy::default(),
        metadata: Metadata::default(),
        random,
        settings: Settings {
            origin: ORIGIN.to_owned(),
            scheme: Scheme::V1,
            proofs: Proofs::Dated,
        },
        gate: Gate::new(guard.open_to(anonymous), Hosts::any(), unlimited()),
        peers: PeerLimit::none(),
        clients: unlimited(),
        strangers: Failures::unlimited(),
        guesses: PeerLimit::none(),
        audit: Audit::off(),
        metrics: Metrics::collect()?,
        ready: ReadyFlag::new("the store does not answer"),
    })
}

/// Where `cargo xtask setup` keeps what comes from npm: below the build folder.
fn modules() -> Result<PathBuf> {
    let exe = env::current_exe()?;
    let target = exe.ancestors().nth(3).context("no build folder")?;
    Ok(target.join("tools/npm/node_modules"))
}
