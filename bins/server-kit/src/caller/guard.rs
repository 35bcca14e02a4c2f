//! The gate: from a request's credentials to its caller.

use std::{fmt, sync::Arc};

use axum::http::{HeaderMap, Method, Uri, header, request::Parts};

use super::{Caller, Certificates, Denied, PeerCertificate, Tokens};
use crate::{browser, listen::Peer};

/// What a request shows to prove who sent it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Credential<'a> {
    /// The token of an `Authorization: Bearer` header.
    Bearer(&'a str),
    /// The token of an `Authorization: DPoP` header, and what proves its key.
    Bound(BoundToken<'a>),
    /// The client certificate that TLS has verified.
    Certificate(&'a PeerCertificate),
}

/// A token that is bound to a key, and the proof of it that came with a request (RFC 9449 §7.1).
#[derive(Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "RFC 9449 has closed the set")]
pub struct BoundToken<'a> {
    /// The token.
    pub token: &'a str,
    /// The header `DPoP`.
    pub proof: &'a str,
    /// The request's method.
    pub method: &'a str,
    /// The request's URL, as its sender wrote it.
    pub url: &'a str,
}

impl fmt::Debug for BoundToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BoundToken([redacted])")
    }
}

/// What a request shows of its sender.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "HTTP has closed the set")]
pub struct Shown<'r> {
    /// The method.
    pub method: &'r Method,
    /// The target.
    pub uri: &'r Uri,
    /// The header fields.
    pub headers: &'r HeaderMap,
    /// The other end of the connection.
    pub peer: &'r Peer,
}

impl<'r> Shown<'r> {
    /// What a request shows that came from `peer`.
    pub const fn by(request: &'r Parts, peer: &'r Peer) -> Self {
        Self {
            method: &request.method,
            uri: &request.uri,
            headers: &request.headers,
            peer,
        }
    }

    /// The URL without its query, under `origin` or the host that was asked for.
    fn url(&self, origin: Option<&str>) -> String {
        let path = self.uri.path();
        if let Some(origin) = origin {
            return format!("{origin}{path}");
        }
        let scheme = if self.peer.is_tls() { "https" } else { "http" };
        let host = browser::host(self.uri, self.headers);
        let host = host.as_ref().map_or("", |host| host.as_str());
        format!("{scheme}://{host}{path}")
    }
}

/// One way of knowing callers.
pub trait Authenticator: fmt::Debug + Send + Sync {
    /// Whose credential it is, if this way knows it.
    fn identify(&self, credential: &Credential<'_>) -> Option<Caller>;

    /// Whether it might know a token if it fetched keys first.
    fn lacks_keys(&self, _token: &str) -> bool {
        false
    }

    /// Whether it should fetch keys, beside whatever it does meanwhile.
    fn has_old_keys(&self) -> bool {
        false
    }

    /// Fetches keys, above all the one that this token names. It may block.
    fn fetch_keys(&self, _token: &str) {}
}

/// All ways of knowing callers, and who a caller without credentials is.
#[derive(Debug, Clone)]
pub struct Guard {
    ways: Arc<[Arc<dyn Authenticator>]>,
    anonymous: Option<Caller>,
    origin: Option<Arc<str>>,
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
            origin: None,
        }
    }

    /// Takes proofs of keys for URLs under `origin`, such as `https://sim.example`, whatever host was
    /// asked for: behind a proxy it may be another one.
    #[must_use]
    pub fn called(self, origin: Option<String>) -> Self {
        let origin = origin.map(|origin| origin.trim_end_matches('/').into());
        Self { origin, ..self }
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

    /// Who sent a request.
    ///
    /// Shown credentials must be known, even where none are needed: a caller with a mistyped
    /// token should learn of it. A certificate that nobody knows counts as none at all, and so do all
    /// credentials at a gate without any way of knowing callers.
    ///
    /// # Errors
    /// There are no credentials where some are needed, or they are nobody's.
    pub fn identify(&self, request: &Shown<'_>) -> Result<Caller, Denied> {
        if let Some(anonymous) = self.anonymous.as_ref().filter(|_| self.ways.is_empty()) {
            return Ok(anonymous.clone());
        }
        match authorization(request.headers)? {
            Some(Authorization::Bearer(token)) => {
                return self.ask(&Credential::Bearer(token)).ok_or(Denied::Unknown);
            }
            Some(Authorization::Dpop(token)) => return self.bound(token, request),
            None => {}
        }
        let certificate = request.peer.certificate();
        let known =
            certificate.and_then(|certificate| self.ask(&Credential::Certificate(certificate)));
        match (known, &self.anonymous, certificate) {
            (Some(caller), ..) => Ok(caller),
            (None, Some(anonymous), _) => Ok(anonymous.clone()),
            (None, None, Some(_)) => Err(Denied::Unknown),
            (None, None, None) => Err(Denied::Missing),
        }
    }

    /// Fetches the keys without which a request's token cannot be verified, beside the runtime. Those
    /// that are only old are fetched too, and not waited for.
    pub async fn fetch_keys(&self, headers: &HeaderMap) {
        let Ok(Some(Authorization::Bearer(token) | Authorization::Dpop(token))) =
            authorization(headers)
        else {
            return;
        };
        for way in self.ways.iter() {
            let is_needed = way.lacks_keys(token);
            if !is_needed && !way.has_old_keys() {
                continue;
            }
            let (way, token) = (Arc::clone(way), token.to_owned());
            let fetched = tokio::task::spawn_blocking(move || way.fetch_keys(&token));
            if is_needed {
                // whatever comes of it: the keys that are there decide
                drop(fetched.await);
            }
        }
    }

    fn bound(&self, token: &str, request: &Shown<'_>) -> Result<Caller, Denied> {
        let proof = only(request.headers, "dpop").ok_or(Denied::Unproven)?;
        let url = request.url(self.origin.as_deref());
        let credential = Credential::Bound(BoundToken {
            token,
            proof,
            method: request.method.as_str(),
            url: &url,
        });
        self.ask(&credential).ok_or(Denied::Unproven)
    }

    fn ask(&self, credential: &Credential<'_>) -> Option<Caller> {
        self.ways.iter().find_map(|way| way.identify(credential))
    }
}

/// What an `Authorization` header holds.
enum Authorization<'r> {
    Bearer(&'r str),
    Dpop(&'r str),
}

/// The one `Authorization` header; another scheme or a second header is nobody's.
fn authorization(headers: &HeaderMap) -> Result<Option<Authorization<'_>>, Denied> {
    if !headers.contains_key(header::AUTHORIZATION) {
        return Ok(None);
    }
    let text = only(headers, "authorization").ok_or(Denied::Unknown)?;
    let (scheme, token) = text.split_once(' ').ok_or(Denied::Unknown)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(Some(Authorization::Bearer(token)))
    } else if scheme.eq_ignore_ascii_case("dpop") {
        Ok(Some(Authorization::Dpop(token)))
    } else {
        Err(Denied::Unknown)
    }
}

/// The text of a header that comes once.
fn only<'r>(headers: &'r HeaderMap, name: &str) -> Option<&'r str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()
}

#[cfg(test)]
pub(super) mod tests {
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
        let caller = identify(guard, &headers(values), peer)?;
        Ok(caller.name().to_owned())
    }

    /// Who sends a request with these headers.
    pub(in crate::caller) fn identify(
        guard: &Guard,
        headers: &HeaderMap,
        peer: &Peer,
    ) -> Result<Caller, Denied> {
        guard.identify(&Shown {
            method: &Method::GET,
            uri: &Uri::from_static("/v1/sims?x=1"),
            headers,
            peer,
        })
    }

    /// Who sends a request without any header.
    pub(in crate::caller) fn from_nobody(guard: &Guard, peer: &Peer) -> Result<Caller, Denied> {
        identify(guard, &HeaderMap::new(), peer)
    }

    #[test]
    fn the_url_of_a_proof_is_what_the_sender_asked_for_or_what_the_settings_say() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "sim.example:8443".parse().unwrap());
        let plain = Peer::tcp("192.0.2.1:1".parse().unwrap());
        let url = |peer: &Peer, origin| {
            let shown = Shown {
                method: &Method::GET,
                uri: &Uri::from_static("/v1/sims?x=1"),
                headers: &headers,
                peer,
            };
            shown.url(origin)
        };
        assert_eq!(url(&plain, None), "http://sim.example:8443/v1/sims");
        let tls = plain.clone().over_tls();
        assert_eq!(url(&tls, None), "https://sim.example:8443/v1/sims");
        assert_eq!(
            url(&plain, Some("https://s.example")),
            "https://s.example/v1/sims"
        );
    }

    #[test]
    fn a_bound_token_without_its_proof_is_unproven() {
        let (guard, token, _) = guard();
        let value = format!("DPoP {}", token.expose());
        assert_eq!(
            name(&guard, &[&value], &Peer::unix()),
            Err(Denied::Unproven)
        );
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
