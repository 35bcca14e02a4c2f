//! What fast re-authentication goes on from (RFC 4187 §5, RFC 4186 §5, RFC 9048 §3.3).

use core::fmt;

use super::{Method, SessionKeys};

/// The keys of a full authentication, and how often they were used since.
///
/// Keep it beside the re-authentication identity that went with it; each use replaces both.
#[derive(Clone)]
pub struct Resumption {
    keys: SessionKeys,
    counter: u16,
}

impl Resumption {
    /// After a full authentication the counter is 1 (RFC 4187 §5.3).
    pub(super) fn new(keys: &SessionKeys) -> Self {
        Self {
            keys: keys.without_link_keys(),
            counter: 1,
        }
    }

    /// After a re-authentication with `used`; `None` when the counter is exhausted.
    pub(super) fn after(keys: &SessionKeys, used: u16) -> Option<Self> {
        let counter = used.checked_add(1)?;
        let keys = keys.without_link_keys();
        Some(Self { keys, counter })
    }

    pub(super) const fn keys(&self) -> &SessionKeys {
        &self.keys
    }

    /// The lowest counter that is still fresh.
    pub const fn counter(&self) -> u16 {
        self.counter
    }

    /// The method of the full authentication.
    pub const fn method(&self) -> Method {
        self.keys.method()
    }
}

impl fmt::Debug for Resumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resumption([redacted])")
    }
}
