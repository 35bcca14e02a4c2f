//! Whether credentials are for what was asked.

use super::Credentials;

/// How closely the `uri` of credentials must be what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UriCheck {
    /// It is the target of the request, or an absolute URI with this target at this host. What else
    /// it were, somebody could have taken credentials for one thing to another.
    Strict,
    /// It may be anything: for clients behind proxies that rewrite targets, and those that always
    /// say `/`.
    Lenient,
}

impl UriCheck {
    /// The check of requests for `target`, as the request line has it, at `host`, as the field
    /// `Host` has it.
    pub const fn of<'a>(self, target: &'a str, host: &'a str) -> Target<'a> {
        Target {
            check: self,
            path: target,
            host,
        }
    }
}

/// What was asked for, and how closely credentials must name it.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    check: UriCheck,
    path: &'a str,
    host: &'a str,
}

impl Target<'_> {
    /// Whether credentials are for it.
    pub fn is_named_by(&self, credentials: &Credentials) -> bool {
        let uri = credentials.uri.as_str();
        let absolute = uri.split_once("://").map(|(_, rest)| rest);
        let at_host = absolute.and_then(|rest| rest.strip_prefix(self.host));
        match self.check {
            UriCheck::Strict => uri == self.path || at_host == Some(self.path),
            UriCheck::Lenient => true,
        }
    }
}
