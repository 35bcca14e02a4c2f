//! `auc serve --bsf`: the home's side of GBA.

use std::sync::Arc;

use aka::http_digest::UriCheck;
use anyhow::Context as _;
use auc::{
    Directory,
    bsf::{
        Bsf, KsOnCard, Settings,
        http::{self, scope},
    },
    http::App,
};
use axum::Router;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use server_kit::limit::PeerLimit;
use server_kit::listen::{Advice, Authentication, Bind, ListenError, ListenOptions, Listener};

/// The bootstrapping server function.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct BsfOptions {
    /// Bootstrap terminals (Ub) at ADDRESS:PORT or unix:PATH, over TLS as --listen; may be given
    /// again. NAFs get their keys at --listen
    #[arg(long, value_name = "ADDR", help_heading = "GBA")]
    bsf: Vec<Bind>,
    /// The BSF's domain name, as terminals know it: bsf.mncNNN.mccNNN.pub.3gppnetwork.org
    #[arg(long, value_name = "NAME", help_heading = "GBA")]
    bsf_name: Option<String>,
    /// For how many seconds keys of a bootstrapping are good [default: 86400]
    #[arg(long, value_name = "SECONDS", help_heading = "GBA")]
    bsf_lifetime: Option<u64>,
    /// Which cards keep Ks for themselves (GBA_U) [default: asked]
    #[arg(long, help_heading = "GBA")]
    bsf_ks_on_card: Option<OnCard>,
    /// Requests a second that one address may make, with bursts of twice that; 0 for no limit
    /// [default: 20]
    #[arg(long, value_name = "N", help_heading = "GBA")]
    bsf_rate_per_peer: Option<u32>,
    /// Whether credentials must name the target of their request [default: strict]
    #[arg(long, help_heading = "GBA")]
    bsf_uri: Option<Uri>,
}

#[derive(Clone, Copy, Debug, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OnCard {
    /// None
    Never,
    /// Those whose terminal says 3gpp-gba-uicc
    Asked,
    /// All
    Always,
}

#[derive(Clone, Copy, Debug, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Uri {
    /// They must
    Strict,
    /// They need not: for terminals behind proxies that rewrite targets
    Lenient,
}

impl BsfOptions {
    pub(super) fn is_given(&self) -> bool {
        !self.bsf.is_empty()
    }

    /// `None` where there is to be no BSF.
    pub(super) fn settings(&self) -> anyhow::Result<Option<Settings>> {
        if !self.is_given() {
            return Ok(None);
        }
        let name = self.bsf_name.as_deref();
        let name = name.context("--bsf needs --bsf-name, which goes into realms and keys")?;
        let mut settings = Settings::new(name).context("--bsf-name is no domain name")?;
        settings.lifetime = self.bsf_lifetime.unwrap_or(settings.lifetime);
        settings.ks_on_card = match self.bsf_ks_on_card {
            Some(OnCard::Never) => KsOnCard::Never,
            Some(OnCard::Always) => KsOnCard::Always,
            Some(OnCard::Asked) | None => KsOnCard::Asked,
        };
        settings.uri = match self.bsf_uri {
            Some(Uri::Lenient) => UriCheck::Lenient,
            Some(Uri::Strict) | None => UriCheck::Strict,
        };
        Ok(Some(settings))
    }

    pub(super) fn peers(&self) -> PeerLimit {
        PeerLimit::per_second(self.bsf_rate_per_peer.unwrap_or(RATE_PER_PEER))
    }

    /// Opens the sockets, with the certificate and the rules of the others. A terminal proves
    /// itself by its SIM.
    pub(super) async fn open(
        &self,
        like: &ListenOptions,
        program: &'static str,
    ) -> Result<Vec<Listener>, ListenError> {
        let mut listen = like.clone();
        listen.listen.clone_from(&self.bsf);
        listen.client_ca = None;
        let scope = scope::NAF_KEYS;
        let advice = Advice { program, scope };
        listen.open(Authentication::Required, advice).await
    }
}

const RATE_PER_PEER: u32 = 20;

/// The interface of the centre with that for NAFs, and Ub.
pub(super) fn routers<D: Directory + 'static>(
    app: &Arc<App<D>>,
    (settings, peers): (Option<Settings>, PeerLimit),
) -> [Router; 2] {
    let interface = auc::http::app(Arc::clone(app));
    let Some(settings) = settings else {
        return [interface, Router::new()];
    };
    let bsf = Arc::new(Bsf::new(Arc::clone(&app.centre), settings));
    let zn = http::zn(Arc::clone(app), Arc::clone(&bsf), http::system_clock());
    let ub = http::ub(Arc::clone(app), bsf, http::system_clock(), peers);
    [interface.merge(zn), ub]
}
