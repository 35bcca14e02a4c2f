//! What all routes share.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use openidconnect::{ClientId, ClientSecret, IssuerUrl, RedirectUrl};
use passkey_idp::Instant;
use passkey_idp::id::OrderId;
use server_kit::page::{Headers, Origin};

use crate::document::{Document, Standing};
use crate::oidc::{Oidc, SignInError};
use crate::orders::{Collected, OrderError, Orders};
use crate::session::Sessions;
use crate::share::Room;
use crate::web::Web;

/// Who this service is, and whom it trusts.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "put together by the binary and by tests"
)]
pub struct Settings {
    /// The identity provider.
    pub issuer: String,
    /// The name by which the provider knows this service.
    pub client_id: String,
    /// What it proves that with.
    pub client_secret: ClientSecret,
    /// This service's origin, as browsers know it, without a slash.
    pub origin: String,
    /// The certificates, in PEM, that the provider may have; those of public authorities if there are
    /// none.
    pub certificates: Option<String>,
}

/// What makes up the service, beside its sockets.
#[derive(Debug)]
pub struct App {
    pub(crate) origin: String,
    pub(crate) oidc: Oidc,
    pub(crate) orders: Orders,
    pub(crate) sessions: Sessions,
    kept: Mutex<VecDeque<Kept>>,
}

/// A document, and whose it is.
#[derive(Clone, Debug)]
struct Kept {
    id: OrderId,
    subject: String,
    document: Shared,
}

/// A document that one request at a time looks after.
pub(crate) type Shared = Arc<tokio::sync::Mutex<Document>>;

/// Why nobody knows how a document stands.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfollowed {
    #[error(transparent)]
    Order(#[from] OrderError),
    #[error("the keys of the identity provider could not be fetched")]
    Keys(#[from] SignInError),
}

impl App {
    /// The service as the settings say.
    ///
    /// # Errors
    /// An address is none, or there is no certificate where one should be.
    pub fn new(settings: Settings) -> Result<Self> {
        let web = Web::new(settings.certificates.as_deref())?;
        let issuer = IssuerUrl::new(settings.issuer).context("--issuer is no address")?;
        let client = (ClientId::new(settings.client_id), settings.client_secret);
        let back = format!("{}/callback", settings.origin);
        let back = RedirectUrl::new(back).context("--origin is no address")?;
        let oidc = Oidc::new(issuer, client, back, web.clone());
        Ok(Self {
            origin: settings.origin,
            orders: Orders::new(oidc.clone(), web),
            oidc,
            sessions: Sessions::default(),
            kept: Mutex::default(),
        })
    }

    /// The header fields of a page; its forms may lead on to the provider.
    pub(crate) fn headers(&self) -> Headers {
        let headers = if self.is_https() {
            Headers::over_tls()
        } else {
            Headers::default()
        };
        let headers = headers.forms_by_origin();
        match Origin::new(&self.provider_origin()) {
            Ok(provider) => headers.form_to(provider),
            Err(_) => headers,
        }
    }

    fn provider_origin(&self) -> String {
        let parts: Vec<_> = self.oidc.issuer().splitn(4, '/').take(3).collect();
        parts.join("/")
    }

    /// Whether browsers reach the service over TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.origin.starts_with("https:")
    }

    /// Keeps a document; an older one of the same person's is forgotten where they have many.
    pub(crate) fn keep(&self, document: Document) -> OrderId {
        let id = document.placed.id;
        let subject = document.asked.subject.clone();
        let mut kept = self.kept();
        let owners: Vec<_> = kept.iter().map(|kept| &kept.subject).collect();
        if let Some(gone) = ROOM.gives_way(&owners, &&subject) {
            kept.remove(gone);
        }
        let document = Arc::new(tokio::sync::Mutex::new(document));
        kept.push_back(Kept {
            id,
            subject,
            document,
        });
        id
    }

    /// A document of `subject`; those of others are not there.
    pub(crate) fn document(&self, id: &OrderId, subject: &str) -> Option<Shared> {
        let kept = self.kept();
        let found = kept
            .iter()
            .find(|kept| kept.id == *id && kept.subject == subject);
        Some(Arc::clone(&found?.document))
    }

    /// All documents of `subject`, the latest first.
    pub(crate) fn documents(&self, subject: &str) -> Vec<Shared> {
        let kept = self.kept();
        let theirs = kept.iter().rev().filter(|kept| kept.subject == subject);
        theirs.map(|kept| Arc::clone(&kept.document)).collect()
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the provider how a document stands that is neither signed nor over, and verifies what was
    /// signed.
    pub(crate) async fn follow(&self, document: &mut Document) -> Result<(), Unfollowed> {
        if matches!(document.standing, Standing::Pending | Standing::Viewed) {
            let collected = self.orders.collect(&document.placed.id).await?;
            document.standing = match collected {
                Collected::Pending => Standing::Pending,
                Collected::Viewed => Standing::Viewed,
                Collected::Signed(package) => Standing::Collected(package),
                Collected::Rejected => Standing::Rejected,
                Collected::Expired | Collected::Over => Standing::Expired,
            };
        }
        if let Standing::Collected(package) = &document.standing {
            // what was collected is handed out once: it is kept until it can be verified
            let keys = self.oidc.keys().await?;
            let proven = document
                .asked
                .prove(&document.placed.id, package.clone(), &keys);
            document.standing = match proven {
                Ok(proof) => Standing::Signed(Box::new(proof)),
                Err(mismatch) => Standing::Unproven(mismatch),
            };
        }
        Ok(())
    }
}

/// The present time.
#[expect(
    clippy::disallowed_methods,
    reason = "the edge where the clock is read"
)]
pub fn now() -> Instant {
    SystemTime::now().into()
}

/// Each holds two megabytes at most.
const ROOM: Room = Room {
    share: 20,
    most: 200,
};
