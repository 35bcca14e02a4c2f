//! Applications, as they are kept.

use serde::{Deserialize, Serialize};

use super::{ApplicationId, Dialect, RedirectUri};
use crate::id::ClientSecret;
use crate::oauth::Client;
use crate::random::Digest;
use crate::store::{Change, Kind, New, Record, RowId, Set, Slot, State, Stored, Where};
use crate::{Duration, Instant};

/// An application, as it is kept: what it is called, what it authenticates with, what it may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Application {
    /// Its name (`client_id`).
    pub id: ApplicationId,
    /// What users are told that it is called.
    pub title: String,
    /// What users are told that it does.
    pub description: String,
    /// What it may do besides placing orders.
    pub rights: Rights,
    /// What it may place orders with, besides OAuth and CIBA.
    #[serde(default = "Dialect::all")]
    pub dialects: Vec<Dialect>,
    /// Where browsers may be sent back to when an order is done.
    pub redirects: Vec<RedirectUri>,
    /// What it is to OAuth.
    pub client: Client,
    /// What it authenticates with, the newest first; two at most.
    pub secrets: Vec<KeptSecret>,
    /// The SHA-256 digests of the TLS certificates that it authenticates with (RFC 8705 §2.2).
    #[serde(default)]
    pub certificates: Vec<Digest>,
}

/// What an application may do besides placing orders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rights {
    /// Nothing.
    #[default]
    None,
    /// Everything that concerns users and their passkeys (`admin`).
    Admin,
}

/// A secret's digest, and until when it is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct KeptSecret {
    digest: Digest,
    expires_at: Instant,
}

/// Whether an application may ask for anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApplicationState {
    /// It may.
    Active,
    /// Someone has locked it out.
    Blocked,
    /// It is being removed, with what was granted to it.
    Removed,
}

impl State for ApplicationState {
    const ALL: &'static [Self] = &[Self::Active, Self::Blocked, Self::Removed];

    fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Blocked => "blocked",
            Self::Removed => "removed",
        }
    }
}

impl Record for Application {
    const KIND: Kind = Kind::Application;
    type State = ApplicationState;
}

impl Application {
    /// An application that has no secret, no address and no rights, and may use every dialect.
    pub fn new(id: ApplicationId, title: impl Into<String>) -> Self {
        Self {
            id,
            title: title.into(),
            description: String::new(),
            rights: Rights::default(),
            dialects: Dialect::all(),
            redirects: Vec::new(),
            client: Client::default(),
            secrets: Vec::new(),
            certificates: Vec::new(),
        }
    }

    /// Refuses everything unless the application is there, and nobody has locked it out.
    pub fn require_active(id: &ApplicationId) -> Change {
        let which = Where::<Self>::id(id.row_id());
        Change::require(which.state_in(&[ApplicationState::Active]))
    }

    /// The slot that leads from a certificate's digest to its application.
    pub fn certificate_row(certificate: &Digest) -> RowId {
        Slot::row_id("client certificate", &[certificate.as_bytes()])
    }

    /// Accepts `secret` from now on, and what it accepted last for another `overlap`. Earlier ones are
    /// forgotten: two are accepted at a time.
    pub fn rotate(&mut self, secret: &ClientSecret, now: Instant, overlap: Duration) {
        let until = now.plus(overlap);
        let last = self.secrets.first().map(|last| KeptSecret {
            expires_at: last.expires_at.min(until),
            ..*last
        });
        let new = KeptSecret {
            digest: secret.digest(),
            expires_at: Instant::NEVER,
        };
        self.secrets = std::iter::once(new).chain(last).collect();
    }

    /// Whether it authenticates with `secret`. Digests are compared in the same time whatever differs.
    pub fn accepts(&self, secret: &ClientSecret, now: Instant) -> bool {
        let digest = secret.digest();
        let mut found = self.secrets.iter().filter(|kept| kept.digest == digest);
        found.any(|kept| now < kept.expires_at)
    }

    /// The digests of the secrets that it may authenticate with at `now`.
    pub fn accepted(&self, now: Instant) -> Vec<Digest> {
        let secrets = self.secrets.iter().filter(|kept| now < kept.expires_at);
        secrets.map(|kept| kept.digest).collect()
    }

    /// Whether it may place orders with that API.
    pub fn speaks(&self, dialect: Dialect) -> bool {
        self.dialects.contains(&dialect)
    }

    /// Whether a browser may be sent back to `redirect`, octet by octet.
    pub fn may_redirect(&self, redirect: &RedirectUri) -> bool {
        self.redirects.contains(redirect)
    }

    /// What inserts it; refused if its name is taken.
    pub fn insert(&self) -> Change {
        Change::insert(New::record(
            self.id.row_id(),
            ApplicationState::Active,
            self,
        ))
    }

    /// What makes it known by its certificates; refused if one is another application's.
    pub fn claim_certificates(&self) -> Vec<Change> {
        let rows = self.certificates.iter().map(Self::certificate_row);
        rows.map(|row| Slot::claim(row, self.id.row_id())).collect()
    }

    /// What forgets its certificates, when it is removed.
    pub fn free_certificates(&self) -> Vec<Change> {
        let rows = self.certificates.iter().map(Self::certificate_row);
        rows.map(|row| Change::delete(Where::<Slot>::id(row)))
            .collect()
    }
}

impl Stored<Application> {
    /// What puts `changed` in its place; refused if someone has changed it since it was read.
    pub fn replace(&self, changed: &Application) -> Change {
        let which = Where::<Application>::id(self.id.clone()).version(self.version);
        Change::update(which, Set::body_only(changed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);
    const HOUR: Duration = Duration::from_seconds(3600);

    fn application() -> Application {
        Application::new("demo".parse().unwrap(), "Demo")
    }

    fn secret(seed: u8) -> ClientSecret {
        ClientSecret::from([seed; 32])
    }

    #[test]
    fn without_a_secret_nobody_authenticates() {
        assert!(!application().accepts(&secret(0), NOW));
    }

    #[test]
    fn the_last_secret_is_accepted_for_a_while() {
        let mut application = application();
        application.rotate(&secret(1), NOW, HOUR);
        application.rotate(&secret(2), NOW, HOUR);
        let over = NOW.plus(HOUR);
        let last = over.minus(Duration::from_millis(1));
        assert!(application.accepts(&secret(2), over));
        assert!(application.accepts(&secret(1), last));
        assert!(!application.accepts(&secret(1), over));
    }

    #[test]
    fn two_secrets_are_accepted_at_a_time() {
        let mut application = application();
        for seed in 1..=3 {
            application.rotate(&secret(seed), NOW, HOUR);
        }
        let accepted = [1, 2, 3].map(|seed| application.accepts(&secret(seed), NOW));
        assert_eq!(accepted, [false, true, true]);
    }

    #[test]
    fn a_secret_that_was_to_end_ends_no_later() {
        let mut application = application();
        application.rotate(&secret(1), NOW, HOUR);
        application.rotate(&secret(2), NOW, Duration::from_seconds(0));
        assert!(!application.accepts(&secret(1), NOW));
    }

    #[test]
    fn what_is_kept_holds_no_secret() {
        let mut application = application();
        application.rotate(&secret(1), NOW, HOUR);
        let text = serde_json::to_string(&application).unwrap();
        assert!(!text.contains(secret(1).expose().as_str()));
        let found: Application = serde_json::from_str(&text).unwrap();
        assert!(found.accepts(&secret(1), NOW));
    }

    #[test]
    fn what_was_kept_before_there_were_dialects_speaks_all_and_a_choice_is_kept() {
        let mut application = application();
        let mut kept = serde_json::to_value(&application).unwrap();
        assert_eq!(kept["dialects"], serde_json::json!(["uyulala", "bankid"]));
        kept.as_object_mut().unwrap().remove("dialects");
        let found: Application = serde_json::from_value(kept).unwrap();
        assert_eq!(found, application);
        application.dialects = vec![Dialect::BankId];
        let kept = serde_json::to_string(&application).unwrap();
        let found: Application = serde_json::from_str(&kept).unwrap();
        let speaks = Dialect::ALL.map(|dialect| found.speaks(dialect));
        assert_eq!(speaks, [false, true]);
    }

    #[test]
    fn addresses_are_compared_octet_by_octet() {
        let mut application = application();
        application
            .redirects
            .push("https://rp.example/cb?a=b".parse().unwrap());
        assert!(application.may_redirect(&"https://rp.example/cb?a=b".parse().unwrap()));
        for other in [
            "https://rp.example/cb",
            "https://rp.example/cb?a=b&c=d",
            "https://rp.example/cb?a=c",
            "https://rp.example/CB?a=b",
            "https://rp.example:443/cb?a=b",
            "https://rp.example/cb/../cb?a=b",
        ] {
            assert!(
                !application.may_redirect(&other.parse().unwrap()),
                "{other}"
            );
        }
    }
}
