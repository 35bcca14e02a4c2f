//! The gate: from a request's credentials to its caller.

use std::{fmt, sync::Arc};

use axum::http::{HeaderMap, header};

use super::{Caller, Certificates, Denied, PeerCertificate, Tokens};
use crate::listen::Peer;

/// What a request shows to prove who sent it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Credential<'a> {
    /// The token of an `Authorization: Bearer` header.
    Bearer(&'a str),
    /// The client certificate that TLS has verified.
    Certificate(&'a PeerCertificate),
}

/// One way of knowing callers.
pub trait Authenticator: fmt::Debug + Send + Sync {
    /// Whose credential it is, if this way knows it.
    fn identify(&self, credential: &Credential<'_>) -> Option<Caller>;
}

/// All ways of knowing callers, and who a caller without credentials is.
#[derive(Debug, Clone)]
pub struct Guard {
    ways: Arc<[Arc<dyn Authenticator>]>,
    anonymous: Option<Caller>,
}

impl Guard {
    /// A gate that knows callers by these tokens and certificates, and nobody else.
    pub fn new(tokens: Tokens, certificates: Certificates) -> Self {
        let ways: [Arc<dyn Authenticator>; 2] = [Arc::new(tokens), Arc::new(certificates)];
        Self::of(ways)
    }

    /// A gate with these ways of knowing callers, asked in order.
    pub fn of(ways: impl IntoIterator<Item = Arc<dyn Authenticator>>) -> Self {
        Self {
            ways: ways.into_iter().collect(),
            anonymous: None,
        }
    }

    /// Lets requests without credentials in as `anonymous`: for loopback and unix sockets.
    #[must_use]
    pub fn open_to(self, anonymous: Caller) -> Self {
        Self {
            anonymous: Some(anonymous),
            ..self
        }
    }

    /// Whether requests without credentials are let in.
    pub fn is_open(&self) -> bool {
        self.anonymous.is_some()
    }

    /// Who sent a request with these headers over this connection.
    ///
    /// Shown credentials must be known, even where none are needed: a caller with a mistyped
    /// token should learn of it. A certificate that nobody knows counts as none at all.
    ///
    /// # Errors
    /// There are no credentials where some are needed, or they are nobody's.
    pub fn identify(&self, headers: &HeaderMap, peer: &Peer) -> Result<Caller, Denied> {
        if let Some(token) = bearer(headers)? {
            return self.ask(&Credential::Bearer(token)).ok_or(Denied::Unknown);
        }
        let known = peer
            .certificate()
            .and_then(|certificate| self.ask(&Credential::Certificate(certificate)));
        match (known, &self.anonymous, peer.certificate()) {
            (Some(caller), ..) => Ok(caller),
            (None, Some(anonymous), _) => Ok(anonymous.clone()),
            (None, None, Some(_)) => Err(Denied::Unknown),
            (None, None, None) => Err(Denied::Missing),
        }
    }

    fn ask(&self, credential: &Credential<'_>) -> Option<Caller> {
        self.ways.iter().find_map(|way| way.identify(credential))
    }
}

/// The token of the one `Authorization` header; another scheme or a second header is nobody's.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Denied> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    let token = text
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim_start());
    match (token, values.next()) {
        (Some(token), None) => Ok(Some(token)),
        _ => Err(Denied::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::Token;

    fn guard() -> (Guard, Token, PeerCertificate) {
        let token = Token::generate("t").unwrap();
        let certificate = PeerCertificate::from_der(b"der");
        let (mut tokens, mut certificates) = (Tokens::default(), Certificates::default());
        tokens.insert(token.digest(), Caller::new("by-token", ["a"]));
        certificates.insert_fingerprint(certificate.fingerprint(), Caller::new("by-tls", ["a"]));
        (Guard::new(tokens, certificates), token, certificate)
    }

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        headers
    }

    fn name(guard: &Guard, values: &[&str], peer: &Peer) -> Result<String, Denied> {
        let caller = guard.identify(&headers(values), peer)?;
        Ok(caller.name().to_owned())
    }

    #[test]
    fn a_known_token_names_its_caller_whatever_the_case_of_the_scheme() {
        let (guard, token, _) = guard();
        for scheme in ["Bearer", "bearer"] {
            let value = format!("{scheme} {}", token.expose());
            assert_eq!(
                name(&guard, &[&value], &Peer::unix()).as_deref(),
                Ok("by-token")
            );
        }
    }

    #[test]
    fn a_known_certificate_names_its_caller() {
        let (guard, _, certificate) = guard();
        let peer = Peer::unix().with_certificate(certificate);
        assert_eq!(name(&guard, &[], &peer).as_deref(), Ok("by-tls"));
    }

    #[test]
    fn no_credentials_and_unknown_credentials_are_told_apart() {
        let (guard, ..) = guard();
        let stranger = Peer::unix().with_certificate(PeerCertificate::from_der(b"other"));
        assert_eq!(name(&guard, &[], &Peer::unix()), Err(Denied::Missing));
        assert_eq!(name(&guard, &[], &stranger), Err(Denied::Unknown));
        assert_eq!(
            name(&guard, &["Bearer t_0"], &Peer::unix()),
            Err(Denied::Unknown)
        );
        assert_eq!(
            name(&guard, &["Basic eDp5"], &Peer::unix()),
            Err(Denied::Unknown)
        );
    }

    #[test]
    fn an_open_gate_still_refuses_an_unknown_token() {
        let (guard, ..) = guard();
        let open = guard.open_to(Caller::new("anonymous", ["a"]));
        assert_eq!(name(&open, &[], &Peer::unix()).as_deref(), Ok("anonymous"));
        assert_eq!(
            name(&open, &["Bearer t_0"], &Peer::unix()),
            Err(Denied::Unknown)
        );
    }

    #[test]
    fn two_authorization_headers_are_nobodys() {
        let (guard, token, _) = guard();
        let value = format!("Bearer {}", token.expose());
        assert_eq!(
            name(&guard, &[&value, "Bearer t_0"], &Peer::unix()),
            Err(Denied::Unknown)
        );
    }
}
