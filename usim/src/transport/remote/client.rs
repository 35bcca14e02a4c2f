//! Questions over HTTP, each passed on to a card once at most.

use std::{thread, time::Duration};

use serde::Serialize;
use ureq::{
    Agent, RequestBuilder,
    http::{Response, header::RETRY_AFTER},
};
use zeroize::Zeroizing;

use crate::transport::{
    TransportError, TransportErrorKind,
    remote::{Server, answer::Answer},
};

/// A server and the connections to it.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    server: Server,
}

/// A server that goes on saying 429 is believed after so many times.
const MAX_REFUSALS: u32 = 16;

/// More than the longest answer of a card in hexadecimal needs.
const MAX_BODY: u64 = 256 * 1024;

impl Client {
    pub(super) fn new(server: &Server) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(server.timeout))
            .tls_config(server.trust.config())
            .user_agent(concat!("usim/", env!("CARGO_PKG_VERSION")));
        Self {
            agent: config.build().new_agent(),
            server: server.clone(),
        }
    }

    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    /// Asks for what lies at `path`, which begins with a slash.
    pub(super) fn get(&self, path: &str) -> Result<Answer, TransportError> {
        let url = self.url(path);
        self.patiently(|| self.authorized(self.agent.get(&url), ("GET", &url)).call())
    }

    pub(super) fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer, TransportError> {
        let body = serde_json::to_vec(body).map(Zeroizing::new);
        let body = body.map_err(|_never| TransportErrorKind::Unsupported)?;
        let url = self.url(path);
        self.patiently(|| {
            let request = self.authorized(self.agent.post(&url), ("POST", &url));
            let request = request.content_type("application/json");
            request.send(body.as_slice())
        })
    }

    pub(super) fn delete(&self, path: &str) -> Result<Answer, TransportError> {
        let url = self.url(path);
        self.patiently(|| {
            let request = self.agent.delete(&url);
            self.authorized(request, ("DELETE", &url)).call()
        })
    }

    /// Waits where the server asks for it (429 with Retry-After, RFC 6585 §4), for the time limit
    /// of a request in all: what it refused so has not reached a card.
    fn patiently(
        &self,
        ask: impl Fn() -> Result<Response<ureq::Body>, ureq::Error>,
    ) -> Result<Answer, TransportError> {
        let mut patience = self.server.timeout;
        for _ in 0..MAX_REFUSALS {
            let response = ask().map_err(failed)?;
            let Some(left) = wait(&response).and_then(|wait| patience.checked_sub(wait)) else {
                return answer(response);
            };
            pause(patience.saturating_sub(left));
            patience = left;
        }
        answer(ask().map_err(failed)?)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.base)
    }

    /// With the token, and a proof of its key for this one request.
    fn authorized<B>(
        &self,
        request: RequestBuilder<B>,
        (method, url): (&str, &str),
    ) -> RequestBuilder<B> {
        let Some(token) = &self.server.token else {
            return request;
        };
        let request = request.header("Authorization", token.field.as_str());
        let proof = token.prove.as_ref().and_then(|prove| prove(method, url));
        match proof {
            Some(proof) => request.header("DPoP", proof),
            None => request,
        }
    }
}

/// Text as one segment of a path, or one value of a query (RFC 3986 §2.1).
pub(super) fn escaped(text: &str) -> String {
    let escape = |octet: u8| match octet {
        b'-' | b'.' | b'_' | b'~' => char::from(octet).to_string(),
        _ if octet.is_ascii_alphanumeric() => char::from(octet).to_string(),
        _ => format!("%{octet:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// How long a server that was asked too often wants to be left alone.
fn wait(response: &Response<ureq::Body>) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    let wait = Duration::from_secs(seconds.trim().parse().ok()?);
    (response.status().as_u16() == 429).then_some(wait)
}

#[expect(
    clippy::disallowed_methods,
    reason = "no event tells when the server is ready to be asked again"
)]
fn pause(wait: Duration) {
    thread::sleep(wait);
}

fn answer(mut response: Response<ureq::Body>) -> Result<Answer, TransportError> {
    let body = response.body_mut().with_config().limit(MAX_BODY);
    let body = Zeroizing::new(body.read_to_vec().map_err(failed)?);
    Ok(Answer::new(response.status().as_u16(), body))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever repeats the address is one of them"
)]
/// The way to the server failed. Errors that repeat the address, and with it a challenge, are kept
/// out.
fn failed(error: ureq::Error) -> TransportError {
    use TransportErrorKind as Kind;
    use ureq::Error;
    match error {
        Error::Timeout(_) => TransportError::new(Kind::Timeout, error),
        Error::Io(ref io) if io.kind() == std::io::ErrorKind::TimedOut => {
            TransportError::new(Kind::Timeout, error)
        }
        Error::Io(_)
        | Error::HostNotFound
        | Error::ConnectionFailed
        | Error::Tls(_)
        | Error::Rustls(_) => TransportError::new(Kind::Unavailable, error),
        Error::Protocol(_) | Error::BodyExceedsLimit(_) | Error::LargeResponseHeader(..) => {
            TransportError::new(Kind::Protocol, error)
        }
        _ => Kind::Unavailable.into(),
    }
}
