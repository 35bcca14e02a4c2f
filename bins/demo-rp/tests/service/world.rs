//! The identity provider with its store in SQLite, and the service on an origin of its own.

use std::sync::Arc;

use demo::browser::{Browser, Page};
use demo_rp::state::{App, Settings};
use openidconnect::ClientSecret;
use passkey_idp::Duration;
use passkey_idp::application::{Application, ApplicationId};
use passkey_idp::id;
use passkey_idp::oauth::Flow;
use passkey_idp::order::Placement;
use passkey_idp::store::StoreExt as _;
use passkey_idp::webauthn::TestAuthenticator;
use passkey_server::config::Options;
use passkey_server::state::{App as Provider, OWN, now};
use server_kit::config::Settings as _;
use server_kit::listen::{self, Limits, Listener};
use strict_jws::SystemRandom;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Both, until it is dropped.
pub(crate) struct World {
    pub(crate) runtime: Runtime,
    pub(crate) provider: Arc<Provider>,
    pub(crate) origin: String,
    _folder: TempDir,
}

/// What the service is called at the provider.
pub(crate) const CLIENT: &str = "demo";

impl World {
    pub(crate) fn new() -> Self {
        let runtime = Runtime::new().expect("threads");
        let folder = tempfile::tempdir().expect("a folder");
        let (listener, port) = runtime.block_on(open());
        let issuer = format!("http://localhost:{port}");
        let provider = runtime.block_on(provider(&issuer, &folder));
        serve(
            &runtime,
            listener,
            passkey_server::app(Arc::clone(&provider)),
        );
        let (listener, port) = runtime.block_on(open());
        let origin = format!("http://127.0.0.1:{port}");
        let client_secret = runtime.block_on(register(&provider, &origin));
        let service = App::new(Settings {
            issuer,
            client_id: CLIENT.to_owned(),
            client_secret,
            origin: origin.clone(),
            certificates: None,
        });
        let service = service.expect("a service");
        serve(&runtime, listener, demo_rp::app(Arc::new(service)));
        Self {
            runtime,
            provider,
            origin,
            _folder: folder,
        }
    }

    /// The address of a page of the service.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// A browser with somebody in front of it, who has a passkey.
    pub(crate) fn person(&self, name: &str) -> (Browser, TestAuthenticator) {
        let mut browser = Browser::new();
        let invitation = self.runtime.block_on(invitation(&self.provider, name));
        let page = browser.open(&invitation).expect("an invitation");
        let (passkey, page) = browser.register(&page).expect("a passkey");
        assert_eq!(page.status, 200, "{}", page.html);
        (browser, passkey)
    }

    /// Somebody who has signed in, and the first page that they see.
    pub(crate) fn signed_in(&self, name: &str) -> (Browser, TestAuthenticator, Page) {
        let (mut browser, mut passkey) = self.person(name);
        let page = self.sign_in(&mut browser, &mut passkey);
        (browser, passkey, page)
    }

    /// Signs in, and consents where that is asked.
    pub(crate) fn sign_in(&self, browser: &mut Browser, passkey: &mut TestAuthenticator) -> Page {
        let page = browser.open(&self.at("/sign-in")).expect("a page");
        let page = if page.html.contains("data-passkey=\"get\"") {
            browser.approve(&page, passkey).expect("a page")
        } else {
            page
        };
        consent(browser, page)
    }

    /// Fills in the form for a document.
    pub(crate) fn ask(&self, browser: &mut Browser, fields: &[(&str, &str)]) -> Page {
        let form = browser.open(&self.at("/documents")).expect("a form");
        browser.send(&form, "/documents", fields).expect("a page")
    }
}

/// Says yes to what the service may know.
pub(crate) fn consent(browser: &mut Browser, page: Page) -> Page {
    if !page.html.contains("value=\"allow\"") {
        return page;
    }
    let action = page
        .after("<form method=\"post\" action=\"")
        .expect("a form");
    let allowed = browser.send(&page, &action, &[("decision", "allow")]);
    allowed.expect("a page")
}

pub(crate) async fn open() -> (Listener, u16) {
    let any = "127.0.0.1:0".parse().expect("an address");
    let listener = Listener::plain(&any).await.expect("a socket");
    let url = listener.url();
    let port = url.trim_end_matches('/').rsplit(':').next();
    let port = port.and_then(|port| port.parse().ok());
    (listener, port.expect("a port"))
}

pub(crate) fn serve(runtime: &Runtime, listener: Listener, router: axum::Router) {
    let endless = std::future::pending();
    runtime.spawn(listen::serve(
        vec![listener],
        router,
        Limits::default(),
        endless,
    ));
}

async fn provider(issuer: &str, folder: &TempDir) -> Arc<Provider> {
    let mut options = Options::defaults();
    options.party.origin = Some(issuer.to_owned());
    let file = folder.path().join("passkey.db");
    options.database.database = Some(format!("sqlite:{}", file.display()));
    options.listen.state_dir = Some(folder.path().to_owned());
    options.audit.audit = Some("off".into());
    let built = passkey_server::build(&options).await;
    Arc::new(built.expect("a provider"))
}

/// What `passkey-server app add` does.
async fn register(provider: &Provider, origin: &str) -> ClientSecret {
    let mut service = Application::new(CLIENT.parse().expect("a name"), "Demo service");
    for path in ["/callback", "/documents/back"] {
        let redirect = format!("{origin}{path}").parse();
        service.redirects.push(redirect.expect("an address"));
    }
    service.client.redirect_uris.clone_from(&service.redirects);
    service.client.scope = "openid profile".parse().expect("scopes");
    service.client.flows = vec![Flow::AuthorizationCode];
    let secret = id::ClientSecret::generate(&SystemRandom::new()).expect("random numbers");
    service.rotate(&secret, now(), Duration::default());
    let inserted = provider.store.apply::<Application>(service.insert(), now());
    inserted.await.expect("a store").expect("a new name");
    ClientSecret::new(secret.expose().to_string())
}

/// What `passkey-server user add` does.
async fn invitation(provider: &Provider, name: &str) -> String {
    let own: ApplicationId = OWN.parse().expect("a name");
    let random = SystemRandom::new();
    let placement = Placement::registering(own, None, name.to_owned(), &random);
    let placement = placement.expect("random numbers");
    let placed = placement
        .place(&provider.sealer, &random, now())
        .expect("an order");
    let committed = provider.store.commit(vec![placed.change], now());
    committed.await.expect("a store");
    format!("{}/o/{}", provider.settings.origin, placed.id)
}
