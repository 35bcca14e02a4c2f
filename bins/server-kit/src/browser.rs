//! Requests that a web page makes a visitor's browser send.
//!
//! A server on loopback is reachable from every page that the user opens. What gives such a
//! request away: a foreign `Origin`, a `Sec-Fetch-Site` other than the server's own, or, after DNS
//! rebinding, a `Host` that is not this machine's.

use axum::http::{HeaderMap, StatusCode, Uri, header, uri::Authority};

use crate::{listen::Peer, problem::Problem};

/// Why a request looks like a foreign web page's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Foreign {
    /// `Origin` names another site, or none at all (`null`).
    #[error("the request comes from a page of another origin")]
    Origin,
    /// `Sec-Fetch-Site` says `cross-site` or `same-site`.
    #[error("the request comes from a page of another site")]
    Site,
    /// `Host` does not name this machine, though the connection came over loopback.
    #[error("the request names a host that this server is not")]
    Host,
}

impl From<Foreign> for Problem {
    fn from(foreign: Foreign) -> Self {
        let (status, code) = match foreign {
            Foreign::Origin | Foreign::Site => (StatusCode::FORBIDDEN, "foreign_origin"),
            Foreign::Host => (StatusCode::MISDIRECTED_REQUEST, "foreign_host"),
        };
        Self::new(status, code, foreign.to_string())
    }
}

/// The host names that this server answers to over loopback, beside `localhost` and addresses.
#[derive(Debug, Clone)]
pub struct Hosts {
    names: Option<Vec<String>>,
}

impl Hosts {
    /// These names, without ports: what a reverse proxy in front passes on.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self {
            names: Some(names.into_iter().map(Into::into).collect()),
        }
    }

    /// Any name at all: for a server that asks every caller for credentials, which a page that
    /// was rebound to it does not have.
    pub fn any() -> Self {
        Self { names: None }
    }

    /// Refuses what a foreign web page would send.
    ///
    /// # Errors
    /// The origin, the site or the host is foreign.
    pub fn check(&self, uri: &Uri, headers: &HeaderMap, peer: &Peer) -> Result<(), Foreign> {
        let host = host(uri, headers);
        if peer.is_loopback() && !host.as_ref().is_none_or(|host| self.is_ours(host)) {
            return Err(Foreign::Host);
        }
        same_origin(headers, host.as_ref())
    }

    fn is_ours(&self, host: &Authority) -> bool {
        let Some(names) = &self.names else {
            return true;
        };
        let name = host.host();
        let address = name.trim_start_matches('[').trim_end_matches(']');
        address.parse::<std::net::IpAddr>().is_ok()
            || name.eq_ignore_ascii_case("localhost")
            || names.iter().any(|ours| name.eq_ignore_ascii_case(ours))
    }
}

/// Refuses what a page of another origin, or site, would send to `host`, the one that a request is for.
///
/// # Errors
/// [`Foreign::Site`] and [`Foreign::Origin`].
pub fn same_origin(headers: &HeaderMap, host: Option<&Authority>) -> Result<(), Foreign> {
    for site in headers.get_all("sec-fetch-site") {
        if site != "same-origin" && site != "none" {
            return Err(Foreign::Site);
        }
    }
    for origin in headers.get_all(header::ORIGIN) {
        let origin: Option<Uri> = origin.to_str().ok().and_then(|text| text.parse().ok());
        let authority = origin.as_ref().and_then(Uri::authority);
        if authority.is_none() || authority != host {
            return Err(Foreign::Origin);
        }
    }
    Ok(())
}

/// The value of the cookie `name`, the first if several are sent.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let fields = headers.get_all(header::COOKIE).iter();
    let mut pairs = fields
        .filter_map(|field| field.to_str().ok())
        .flat_map(|field| field.split(';'));
    pairs.find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// The authority that the request is for: HTTP/2's `:authority`, else `Host`.
///
/// An HTTP/1.0 request may have none; a malformed one is as foreign as any.
pub fn host(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    if let Some(authority) = uri.authority() {
        return Some(authority.clone());
    }
    let value = headers.get(header::HOST)?;
    let parsed = value.to_str().ok().and_then(|text| text.parse().ok());
    Some(parsed.unwrap_or_else(|| Authority::from_static("malformed.invalid")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&str, &str)]) -> Result<(), Foreign> {
        let headers = pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let peer = Peer::tcp("127.0.0.1:9".parse().unwrap());
        Hosts::new(["sim.example"]).check(&Uri::from_static("/"), &headers, &peer)
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let fields = [(header::COOKIE, "ab=1; a=2=; a=3".parse().unwrap())];
        let headers: HeaderMap = fields.into_iter().collect();
        assert_eq!(cookie(&headers, "a"), Some("2="));
        assert_eq!(cookie(&headers, "b"), None);
    }

    #[test]
    fn a_program_passes() {
        assert_eq!(check(&[("host", "127.0.0.1:8443")]), Ok(()));
        assert_eq!(check(&[]), Ok(()));
    }

    #[test]
    fn the_servers_own_page_passes() {
        let own = [
            ("host", "localhost:8443"),
            ("origin", "https://localhost:8443"),
            ("sec-fetch-site", "same-origin"),
        ];
        assert_eq!(check(&own), Ok(()));
        assert_eq!(
            check(&[("host", "[::1]:8443"), ("sec-fetch-site", "none")]),
            Ok(())
        );
    }

    #[test]
    fn another_origin_is_refused() {
        for origin in [
            "https://evil.example",
            "http://localhost:3000",
            "null",
            "chrome-extension://x",
            "",
        ] {
            let sent = [("host", "localhost:8443"), ("origin", origin)];
            assert_eq!(check(&sent), Err(Foreign::Origin), "{origin}");
        }
    }

    #[test]
    fn another_site_is_refused() {
        for site in ["cross-site", "same-site", "unheard-of"] {
            let sent = [("host", "localhost:8443"), ("sec-fetch-site", site)];
            assert_eq!(check(&sent), Err(Foreign::Site), "{site}");
        }
    }

    #[test]
    fn a_rebound_name_is_refused_on_loopback() {
        for host in [
            "evil.example:8443",
            "localhost.evil.example",
            "a b",
            "127.0.0.1.nip.io",
        ] {
            assert_eq!(check(&[("host", host)]), Err(Foreign::Host), "{host}");
        }
    }

    #[test]
    fn a_configured_name_passes() {
        assert_eq!(check(&[("host", "SIM.example")]), Ok(()));
    }

    #[test]
    fn where_everybody_has_credentials_any_host_will_do() {
        let headers: HeaderMap = [(header::HOST, "sim.test".parse().unwrap())]
            .into_iter()
            .collect();
        let (uri, peer) = (
            Uri::from_static("/"),
            Peer::tcp("127.0.0.1:9".parse().unwrap()),
        );
        assert_eq!(Hosts::any().check(&uri, &headers, &peer), Ok(()));
    }

    #[test]
    fn beyond_loopback_and_on_a_unix_socket_any_host_will_do() {
        let headers: HeaderMap = [(header::HOST, "sim.test".parse().unwrap())]
            .into_iter()
            .collect();
        for peer in [Peer::unix(), Peer::tcp("192.0.2.1:9".parse().unwrap())] {
            let uri = Uri::from_static("/");
            assert_eq!(
                Hosts::new(["other.example"]).check(&uri, &headers, &peer),
                Ok(())
            );
        }
    }
}
