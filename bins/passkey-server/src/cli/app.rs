//! `passkey-server app`: the applications that ask.

use std::fmt::Write as _;
use std::io::{Write as _, stderr};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use clap::{Args, Subcommand};
use passkey_idp::Duration;
use passkey_idp::application::{
    self, Application, ApplicationId, ApplicationState, RedirectUri, Rights,
};
use passkey_idp::id::ClientSecret;
use passkey_idp::oauth::TokenEndpointAuth;
use passkey_idp::random::Digest;
use passkey_idp::store::{Commit, List, PageSize, Store, StoreExt as _, Stored};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use server_kit::caller::PeerCertificate;
use server_kit::config::Place;
use strict_jws::SystemRandom;
use x509_parser::prelude::{FromDer as _, X509Certificate, X509Version};

use super::key::time;
use crate::config::beside;
use crate::keys::{self, KeyState};
use crate::state::{now, require_foreign};

mod backchannel;
mod dialect;
mod oauth;

use backchannel::Backchannel;
use dialect::Spoken;
use oauth::OAuth;

/// What to do with applications.
#[derive(Args, Debug)]
#[non_exhaustive]
pub struct AppCommand {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add one, and tell its secret, which is told once
    Add(Box<Add>),
    /// List them
    List,
    /// Give another secret; the last one stays good for a while
    RotateSecret {
        /// Its name
        id: ApplicationId,
        /// Seconds for which the last secret stays good
        #[arg(long, value_name = "S", default_value_t = 24 * 60 * 60)]
        overlap: u64,
    },
    /// Choose the APIs that it may place orders with besides OAuth and CIBA
    Dialects {
        /// Its name
        id: ApplicationId,
        /// Those that it may use, and no other
        #[arg(required = true)]
        dialects: Vec<Spoken>,
    },
    /// Remove one
    Remove {
        /// Its name
        id: ApplicationId,
    },
}

#[derive(Args, Debug)]
struct Add {
    /// Its name, which is its client identifier
    id: ApplicationId,
    /// The name that people see [default: its name]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Where users may be sent back to, exactly; may be given again
    #[arg(long, value_name = "URL")]
    redirect: Vec<RedirectUri>,
    /// It has no secret: it runs in browsers or on people's devices
    #[arg(long, conflicts_with = "admin")]
    public: bool,
    /// It may see, invite and remove users
    #[arg(long)]
    admin: bool,
    /// An API that it may place orders with besides OAuth and CIBA; may be given again [default: each]
    #[arg(long, value_name = "NAME")]
    dialect: Vec<Spoken>,
    /// A certificate in PEM that it may open connections with instead of showing its secret, in the
    /// BankID dialect; may be given again
    #[arg(long, value_name = "FILE", conflicts_with = "public")]
    certificate: Vec<PathBuf>,
    #[command(flatten)]
    oauth: OAuth,
    #[command(flatten)]
    backchannel: Backchannel,
}

impl AppCommand {
    /// Does it, and tells how it went.
    ///
    /// # Errors
    /// What went wrong, for a person.
    pub(super) async fn run(self) -> Result<String> {
        let kept = beside(&self.place).await?;
        let store = &*kept.store;
        match self.action {
            Action::Add(add) => add.run(store).await,
            Action::List => list(store).await,
            Action::RotateSecret { id, overlap } => rotate(store, &id, overlap).await,
            Action::Dialects { id, dialects } => dialect::choose(store, &id, &dialects).await,
            Action::Remove { id } => {
                application::remove(store, &id, now()).await?;
                Ok(format!("{id} is removed\n"))
            }
        }
    }
}

impl Add {
    async fn run(self, store: &dyn Store) -> Result<String> {
        require_foreign(&self.id)?;
        let title = self.title.unwrap_or_else(|| self.id.to_string());
        let mut application = Application::new(self.id, title);
        application.client.redirect_uris.clone_from(&self.redirect);
        application.redirects = self.redirect;
        self.oauth.register(self.public, &mut application.client)?;
        if let Some(name) = &application.client.id_token_alg {
            can_sign(store, name).await?;
        }
        if self.admin {
            application.rights = Rights::Admin;
        }
        if !self.dialect.is_empty() {
            dialect::restrict(&mut application, &self.dialect)?;
        }
        let secret = ClientSecret::generate(&SystemRandom::new())?;
        let keys = TokenEndpointAuth::PrivateKeyJwt;
        let has_secret = ![TokenEndpointAuth::None, keys].contains(&application.client.auth);
        if has_secret {
            application.rotate(&secret, now(), Duration::default());
        }
        self.backchannel.register(&mut application.client);
        for path in &self.certificate {
            application.certificates.push(fingerprint(path)?);
        }
        let mut changes = vec![application.insert()];
        changes.extend(application.claim_certificates());
        match store.commit(changes, now()).await? {
            Commit::Done(_) => {}
            Commit::Refused { at: 0 } => bail!(
                "an application of this name is there already; `passkey-server app rotate-secret {id}` \
                 gives it another secret, `passkey-server app remove {id}` removes it",
                id = application.id
            ),
            Commit::Refused { .. } => bail!("another application has that certificate"),
        }
        let mut text = format!("client_id      {}\n", application.id);
        if has_secret {
            writeln!(text, "client_secret  {}", *secret.expose())?;
        }
        Ok(text)
    }
}

async fn list(store: &dyn Store) -> Result<String> {
    let (mut text, mut after) = (String::new(), None);
    loop {
        let list = List::of::<Application>().after(after.as_ref());
        let page = store.page::<Application>(list.limit(PageSize::MAX)).await?;
        for stored in &page.items {
            let application = &stored.body;
            if stored.state == ApplicationState::Removed {
                let id = &application.id;
                writeln!(
                    text,
                    "{id}  removed in part: `passkey-server app remove {id}` again"
                )?;
                continue;
            }
            let rights = match application.rights {
                Rights::Admin => "admin",
                Rights::None | _ => "-",
            };
            let kind = if application.client.is_public() {
                "public"
            } else {
                "secret"
            };
            let redirects: Vec<_> = application
                .redirects
                .iter()
                .map(RedirectUri::as_str)
                .collect();
            writeln!(
                text,
                "{}  {kind}  {rights}  {}  {:?}  {}",
                application.id,
                dialect::listed(application),
                application.title,
                redirects.join(" ")
            )?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(text);
        }
    }
}

/// The application of this name, unless it is being removed.
async fn known(store: &dyn Store, id: &ApplicationId) -> Result<Stored<Application>> {
    let stored = store.find::<Application>(&id.row_id()).await?;
    let there = stored.filter(|stored| stored.state != ApplicationState::Removed);
    there.context("no application has this name")
}

async fn rotate(store: &dyn Store, id: &ApplicationId, overlap: u64) -> Result<String> {
    let stored = known(store, id).await?;
    if !stored.body.client.has_secret() {
        bail!("the application authenticates without a secret");
    }
    let secret = ClientSecret::generate(&SystemRandom::new())?;
    let mut changed = stored.body.clone();
    changed.rotate(&secret, now(), Duration::from_seconds(overlap));
    let replaced = store.apply::<Application>(stored.replace(&changed), now());
    replaced
        .await?
        .context("somebody else has changed it just now")?;
    Ok(format!("client_secret  {}\n", *secret.expose()))
}

/// Whether the server has a key for what a client's tokens are to be signed with.
async fn can_sign(store: &dyn Store, algorithm: &str) -> Result<()> {
    let keys = keys::list(store).await?;
    let published = keys.iter().filter(|key| key.state == KeyState::Published);
    let mend = match algorithm {
        // the first start makes it
        "ES256" if keys.is_empty() => return Ok(()),
        "RS256" => {
            "`passkey-server key import FILE`, with a key of `openssl genpkey -algorithm RSA \
             -pkeyopt rsa_keygen_bits:3072`, brings one"
        }
        "EdDSA" => "`passkey-server key new --algorithm eddsa` makes one",
        _ => "`passkey-server key new` makes one",
    };
    let of_it = published.filter(|key| key.body.algorithm == algorithm);
    let first = of_it.map(|key| key.body.signs_from).min();
    let first =
        first.with_context(|| format!("no key of the server signs with {algorithm}; {mend}"))?;
    if first > now() {
        let until = time(first);
        writeln!(
            stderr(),
            "until {until} its tokens are signed as everybody's: no key signs with {algorithm} before"
        )?;
    }
    Ok(())
}

/// The SHA-256 digest of a certificate.
fn fingerprint(path: &Path) -> Result<Digest> {
    let certificate = CertificateDer::from_pem_file(path);
    let certificate = certificate.with_context(|| format!("{} in PEM", path.display()))?;
    let (_, parsed) = X509Certificate::from_der(&certificate)
        .with_context(|| format!("{} is no certificate", path.display()))?;
    ensure!(
        parsed.version() == X509Version::V3,
        "{} is a certificate of version 1, with which nobody can open a connection: TLS wants \
         version 3, such as of `openssl x509 -req -extfile FILE` with a line of basicConstraints",
        path.display()
    );
    Ok(PeerCertificate::from_der(&certificate).fingerprint().into())
}
