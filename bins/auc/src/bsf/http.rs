//! The BSF over HTTP: Ub for terminals, `POST /v1/naf-keys` for NAFs.

mod ub;
mod zn;

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use aka::gba::UnixTime;

pub use ub::ub;
pub(crate) use zn::description;
pub use zn::zn;

/// The scopes of NAFs, beside those of [`crate::http::scope`].
pub mod scope {
    /// Keys for a NAF; a caller's `only` names the NAFs it is.
    pub const NAF_KEYS: &str = "auc:naf-keys";
    /// The private identities behind keys.
    pub const NAF_IDENTITIES: &str = "auc:naf-identities";
    /// Both.
    pub const ALL: &[&str] = &[NAF_KEYS, NAF_IDENTITIES];
}

/// Whoever asks, it is the system's time.
pub type Clock = Arc<dyn Fn() -> UnixTime + Send + Sync>;

/// The system's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| {
        #[expect(clippy::disallowed_methods, reason = "the edge of the server")]
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        UnixTime::new(since.map_or(0, |since| since.as_secs()))
    })
}
