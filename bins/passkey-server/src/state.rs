//! What all routes share.

use std::sync::Arc;
use std::time::SystemTime;

use passkey_idp::Instant;
use passkey_idp::application::ApplicationId;
use passkey_idp::approval::Approver;
use passkey_idp::binding::Scheme;
use passkey_idp::oauth::dpop::Nonces;
use passkey_idp::seal::Sealer;
use passkey_idp::store::Store;
use passkey_idp::webauthn::{Policy, RelyingParty};
use server_kit::audit::{Audit, Entry};
use server_kit::gate::{Gate, HasGate};
use server_kit::limit::{Failures, HasPeerLimit, PeerLimit, RateLimit, TooMany};
use server_kit::listen::Peer;
use server_kit::observe::{Metrics, ReadyFlag};
use strict_jws::{Signer, SystemRandom};

use crate::keys::Keys;
use crate::mds::Metadata;

/// The scopes that a caller may have. Clients are no callers, and users only by an issuer's word.
pub mod scope {
    /// Metrics.
    pub const METRICS: &str = "passkey:metrics";
    /// The keys of the user whom the caller's token is about.
    pub const KEYS: &str = "passkey:keys";
    /// All of them.
    pub const ALL: &[&str] = &[METRICS, KEYS];
}

/// The application by whose name the server itself asks, such as for a user's first passkey.
pub const OWN: &str = "passkey-server";

/// An application is to have the name by which the server itself asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name {OWN} is the server's own: an application needs another one")]
#[non_exhaustive]
pub struct OwnName;

/// Refuses the server's own name for an application: its orders would pass for the server's.
///
/// # Errors
/// [`OwnName`]
pub fn require_foreign(id: &ApplicationId) -> Result<(), OwnName> {
    if id.as_str() == OWN {
        Err(OwnName)
    } else {
        Ok(())
    }
}

/// What an operator decides.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "put together by the binary and by tests"
)]
pub struct Settings {
    /// The server's origin, as browsers know it: `https://HOST[:PORT]`, without a slash.
    pub origin: String,
    /// How orders of the Uyulala dialect are bound to what is signed.
    pub scheme: Scheme,
    /// What clients' proofs of their keys have to hold.
    pub proofs: Proofs,
}

/// What clients' proofs of their keys have to hold (RFC 9449).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the standard has these two")]
pub enum Proofs {
    /// When they were made.
    #[default]
    Dated,
    /// A nonce of ours besides (§8).
    WithNonce,
}

/// What makes up a server, beside its sockets.
#[derive(Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "put together by the binary and by tests"
)]
pub struct App {
    /// What is kept.
    pub store: Arc<dyn Store>,
    /// What wraps secrets that are kept.
    pub sealer: Sealer,
    /// The keys that sign.
    pub keys: Keys,
    /// The relying party of the passkeys.
    pub party: RelyingParty,
    /// Which passkeys are taken.
    pub policy: Policy,
    /// What is known of authenticators.
    pub metadata: Metadata,
    /// The system's random numbers.
    pub random: SystemRandom,
    /// What an operator decides.
    pub settings: Settings,
    /// Who may ask for metrics.
    pub gate: Gate,
    /// How often one network peer may ask.
    pub peers: PeerLimit,
    /// How often one client may ask that has authenticated.
    pub clients: RateLimit,
    /// How often one network peer may say that it is a client and fail to show it.
    pub strangers: Failures,
    /// How often one network peer may guess what it cannot know, such as the code of a device.
    pub guesses: PeerLimit,
    /// Where audit lines go.
    pub audit: Audit,
    /// What is counted.
    pub metrics: Metrics,
    /// Whether the store has answered lately.
    pub ready: ReadyFlag,
}

impl App {
    /// What approves orders, signing with `signer`, which is `self.keys.now().signer()`.
    pub const fn approver<'a>(&'a self, signer: &'a Signer) -> Approver<'a> {
        Approver::new(&self.party, &self.policy, signer, &self.random)
    }

    /// Whether browsers reach the server over TLS.
    pub fn is_https(&self) -> bool {
        self.settings.origin.starts_with("https:")
    }

    /// Takes one request from a peer's budget.
    ///
    /// # Errors
    /// The peer asks too often.
    pub fn admit(&self, peer: Option<&Peer>) -> Result<(), TooMany> {
        self.peers.admit(peer)
    }

    /// What proofs of clients' keys have to hold, if they have to.
    pub fn nonces(&self) -> Option<Nonces<'_>> {
        let wanted = self.settings.proofs == Proofs::WithNonce;
        wanted.then(|| Nonces::of(&self.sealer))
    }

    /// Leaves the traces of what `who` did to `what`: never a secret.
    pub fn trace(&self, who: &str, what: &str, action: &'static str, outcome: &str) {
        self.audit.record(&Entry::new(who, what, action, outcome));
        let labels = [
            ("action", action.to_owned()),
            ("outcome", outcome.to_owned()),
        ];
        metrics::counter!("passkey_actions_total", &labels).increment(1);
    }
}

impl HasGate for App {
    fn gate(&self) -> &Gate {
        &self.gate
    }
}

impl HasPeerLimit for App {
    fn peer_limit(&self) -> &PeerLimit {
        &self.peers
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
