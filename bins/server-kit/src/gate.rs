//! The way into every server: no foreign web page, a known caller, not too often.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{extract::FromRequestParts, http::request::Parts};

use crate::{
    browser::{Foreign, Hosts},
    caller::{Caller, Denied, Guard, Shown},
    limit::{RateLimit, TooMany},
    listen::Peer,
    observe::CallerSlot,
    problem::Problem,
};

/// What a request passes before a handler sees it.
#[derive(Debug)]
pub struct Gate {
    guard: Guard,
    hosts: Hosts,
    per_caller: RateLimit,
}

/// Why a request does not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// A foreign web page sent it.
    #[error(transparent)]
    Foreign(#[from] Foreign),
    /// The caller is unknown, or may not do this.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The caller asks too often.
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

impl Gate {
    /// A gate that knows callers by `guard`, this server by `hosts`, and patience by `per_caller`.
    pub const fn new(guard: Guard, hosts: Hosts, per_caller: RateLimit) -> Self {
        Self {
            guard,
            hosts,
            per_caller,
        }
    }

    /// Whether requests without credentials pass.
    pub fn is_open(&self) -> bool {
        self.guard.is_open()
    }

    /// Who sent a request, unless a foreign web page did or the caller asks too often.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn admit(&self, request: &Parts) -> Result<Caller, Refused> {
        let peer = request.extensions.get::<Peer>().cloned();
        let peer = peer.unwrap_or_else(|| Peer::tcp(STRICTEST));
        self.hosts.check(&request.uri, &request.headers, &peer)?;
        let caller = self.guard.identify(&Shown::by(request, &peer))?;
        if let Some(slot) = request.extensions.get::<CallerSlot>() {
            slot.fill(caller.name());
        }
        self.per_caller.check(caller.name())?;
        Ok(caller)
    }

    /// The same, with the keys fetched first without which a token cannot be verified.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn admit_fetching(&self, request: &Parts) -> Result<Caller, Refused> {
        self.guard.fetch_keys(&request.headers).await;
        self.admit(request)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Foreign(foreign) => foreign.into(),
            Refused::Denied(denied) => denied.into(),
            Refused::TooMany(too_many) => too_many.into(),
        }
    }
}

/// What has a gate.
pub trait HasGate: Send + Sync {
    /// The gate.
    fn gate(&self) -> &Gate;
}

/// A caller that the gate has let in: an extractor for handlers.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "taken apart by handlers")]
pub struct Access(pub Caller);

impl<S: HasGate> FromRequestParts<Arc<S>> for Access {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<S>) -> Result<Self, Problem> {
        Ok(Self(app.gate().admit_fetching(parts).await?))
    }
}

/// Who is taken to call where nothing is known of the connection: the one held to most rules.
const STRICTEST: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

#[cfg(test)]
mod tests {
    use axum::http::{Request, StatusCode};

    use super::*;
    use crate::caller::{Certificates, Token, Tokens};

    fn gate(rate: u32) -> (Gate, Token) {
        let token = Token::generate("t").unwrap();
        let mut tokens = Tokens::default();
        tokens.insert(token.digest(), Caller::new("lab", ["a"]));
        let guard = Guard::new(tokens, Certificates::default());
        let hosts = Hosts::new(["sim.example"]);
        (Gate::new(guard, hosts, RateLimit::per_second(rate)), token)
    }

    fn admit(gate: &Gate, headers: &[(&str, &str)]) -> Result<Caller, Refused> {
        let mut request = Request::builder().uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        gate.admit(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn a_known_caller_passes_until_it_asks_too_often() {
        let (gate, token) = gate(1);
        let bearer = format!("Bearer {}", token.expose());
        let headers = [("authorization", bearer.as_str())];
        assert_eq!(admit(&gate, &headers).unwrap().name(), "lab");
        admit(&gate, &headers).unwrap();
        let refused = admit(&gate, &headers).unwrap_err();
        assert_eq!(
            Problem::from(refused).status(),
            StatusCode::TOO_MANY_REQUESTS
        );
    }

    #[test]
    fn a_foreign_page_is_refused_before_anything_is_asked() {
        let (gate, _) = gate(0);
        let headers = [("host", "localhost:1"), ("origin", "https://evil.example")];
        let refused = admit(&gate, &headers).unwrap_err();
        assert_eq!(refused, Refused::Foreign(Foreign::Origin));
        assert_eq!(Problem::from(refused).status(), StatusCode::FORBIDDEN);
    }

    #[test]
    fn a_stranger_is_asked_who_it_is() {
        let (gate, _) = gate(0);
        let refused = admit(&gate, &[("host", "localhost:1")]).unwrap_err();
        assert_eq!(refused, Refused::Denied(Denied::Missing));
        assert_eq!(Problem::from(refused).status(), StatusCode::UNAUTHORIZED);
    }
}
