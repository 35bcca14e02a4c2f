//! Having something signed: the order is placed, and collected, from the service's own server.

use axum::http::{Request, Response, StatusCode, header};
use passkey_idp::Instant;
use passkey_idp::id::{OrderId, OrderSecret};
use passkey_idp::order::Entrance;
use passkey_idp::qr::uyulala;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::oidc::Oidc;
use crate::web::{Web, WebError};

/// The way to the provider's orders.
#[derive(Clone, Debug)]
pub struct Orders {
    oidc: Oidc,
    web: Web,
}

/// What somebody is to sign.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_structs, reason = "the members of the request")]
pub struct Wanted {
    /// Who is to sign it.
    pub user_id: String,
    /// The text that is shown.
    pub text: String,
    /// `text/plain` or `text/markdown`.
    pub media_type: &'static str,
    /// Data beside the text, in base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// For how many seconds.
    pub timeout: u64,
    /// What opens it.
    pub entrance: Entrance,
    /// Where the browser comes back to.
    pub redirect: String,
}

/// An order that waits to be signed.
#[derive(Clone)]
#[non_exhaustive]
pub struct Placed {
    /// The order.
    pub id: OrderId,
    /// Where it is signed.
    pub url: String,
    /// What the codes for another device are made with.
    pub secret: OrderSecret,
    /// When it was placed.
    pub at: Instant,
}

/// How an order stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Collected {
    /// Nobody has looked at it.
    Pending,
    /// It is open in a browser.
    Viewed,
    /// It was signed: the package of evidence.
    Signed(String),
    /// The person said no.
    Rejected,
    /// Its time is over.
    Expired,
    /// It was cancelled, or collected before.
    Over,
}

/// Why an order was not placed or collected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OrderError {
    /// The provider does not answer.
    #[error(transparent)]
    Web(#[from] WebError),
    /// The address of the provider is none.
    #[error("the issuer is no address")]
    Address(#[from] axum::http::Error),
    /// The provider does not know the client, or its secret.
    #[error("the identity provider does not take --client-id and the secret")]
    Client,
    /// The provider does not take the order; it says why.
    #[error("{0}")]
    Refused(String),
    /// The provider's answer is not understood.
    #[error("the identity provider's answer is not understood (status {0})")]
    Answer(StatusCode),
}

#[derive(Deserialize)]
struct Order {
    #[serde(rename = "challengeId")]
    id: OrderId,
    secret: String,
    url: String,
}

#[derive(Deserialize)]
struct State {
    status: String,
    evidence: Option<String>,
}

#[derive(Deserialize)]
struct Problem {
    error_description: String,
}

impl Orders {
    /// Those at the provider of `oidc`.
    pub const fn new(oidc: Oidc, web: Web) -> Self {
        Self { oidc, web }
    }

    /// Places an order.
    ///
    /// # Errors
    /// [`OrderError`]
    pub async fn place(&self, wanted: &Wanted, now: Instant) -> Result<Placed, OrderError> {
        let answer = self.post("sign", wanted).await?;
        if answer.status() != StatusCode::OK {
            let problem: Problem = read(&answer)?;
            return Err(OrderError::Refused(problem.error_description));
        }
        let order: Order = read(&answer)?;
        let secret = order.secret.parse();
        Ok(Placed {
            id: order.id,
            url: order.url,
            secret: secret.or(Err(OrderError::Answer(answer.status())))?,
            at: now,
        })
    }

    /// Asks how an order stands; what was signed is handed out once.
    ///
    /// # Errors
    /// [`OrderError`]
    pub async fn collect(&self, id: &OrderId) -> Result<Collected, OrderError> {
        let wanted = serde_json::json!({ "challengeId": id });
        let answer = self.post("collect", &wanted).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(Collected::Over);
        }
        let state: State = read(&answer)?;
        Ok(match (state.status.as_str(), state.evidence) {
            ("signed", Some(evidence)) => Collected::Signed(evidence),
            ("pending", _) => Collected::Pending,
            ("viewed", _) => Collected::Viewed,
            ("rejected", _) => Collected::Rejected,
            ("expired", _) => Collected::Expired,
            ("collected" | "cancelled", _) => Collected::Over,
            _ => return Err(OrderError::Answer(answer.status())),
        })
    }

    /// Where an order that is opened with codes is signed on this device after all.
    pub fn here(&self, placed: &Placed) -> String {
        let token = uyulala::persistent(&placed.id, &placed.secret);
        format!("{}/q/{token}", self.base())
    }

    /// What the code shows at `now`, for another device: each second something else.
    pub fn code(&self, placed: &Placed, now: Instant) -> String {
        let frame = uyulala::frame(&placed.id, &placed.secret, now.since(placed.at));
        format!("{}/q/{frame}", self.base())
    }

    async fn post(
        &self,
        call: &str,
        body: &impl Serialize,
    ) -> Result<Response<Vec<u8>>, OrderError> {
        let body = serde_json::to_vec(body).or(Err(OrderError::Answer(StatusCode::OK)))?;
        let request = Request::post(format!("{}/api/v1/{call}", self.base()))
            .header(header::AUTHORIZATION, self.oidc.basic())
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)?;
        let answer = self.web.send(request).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            return Err(OrderError::Client);
        }
        Ok(answer)
    }

    fn base(&self) -> &str {
        self.oidc.issuer().trim_end_matches('/')
    }
}

impl OrderError {
    /// What whoever operates this service, or signs, can do.
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Web(_) | Self::Address(_) => "Is the identity provider running at --issuer?",
            Self::Client => "`passkey-server app rotate-secret` gives another secret.",
            Self::Refused(_) => "Change what the identity provider complains about, and try again.",
            Self::Answer(_) => "Look at the log of the identity provider.",
        }
    }
}

impl std::fmt::Debug for Placed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Placed")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

fn read<T: DeserializeOwned>(answer: &Response<Vec<u8>>) -> Result<T, OrderError> {
    serde_json::from_slice(answer.body()).or(Err(OrderError::Answer(answer.status())))
}
