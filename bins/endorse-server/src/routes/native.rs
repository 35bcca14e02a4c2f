//! `/endorse/v1`: a challenge, and a token for whoever confirms that it holds CK and IK.

use std::collections::BTreeMap;
use std::sync::Arc;

use aka::Imsi;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use endorse::RequestParameters;
use endorse::confirm::Transaction;
use serde::{Deserialize, Serialize};
use server_kit::body::Body;
use server_kit::problem::Problem;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{App, now};
use crate::{Challenge, Proven, Wanted};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(challenge))
        .routes(routes!(token))
}

/// Whose SIM is to be asked, and what the token is to say.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChallengeBody {
    /// 6 to 15 decimal digits.
    imsi: Option<String>,
    /// Instead of it: what came with an earlier token.
    pseudonym: Option<String>,
    /// For whom the token is to be.
    aud: String,
    /// What the audience gave the device: 256 octets at most.
    nonce: Option<String>,
    /// The thumbprint of the key that the token is to be bound to (RFC 7638), in base64url.
    jkt: Option<String>,
    /// Names and values, 4 KiB in all.
    #[serde(default, rename = "requestParameters")]
    request_parameters: BTreeMap<String, String>,
}

/// A challenge for the SIM, in hexadecimal digits.
#[derive(Serialize, ToSchema)]
struct ChallengeAnswer {
    /// The transaction's name.
    txn: String,
    /// RAND (TS 33.102 §6.3.2).
    rand: String,
    /// AUTN.
    autn: String,
}

/// The answer to a challenge: either `confirm` or `auts`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenBody {
    /// The transaction's name.
    txn: String,
    /// The confirmation that the device holds CK and IK, in base64url.
    confirm: Option<String>,
    /// AUTS, where the SIM says that its sequence number is ahead: 28 hexadecimal digits.
    auts: Option<String>,
}

/// A token, or after AUTS another challenge.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum TokenAnswer {
    Token {
        token: String,
        expires_in: u64,
        /// Instead of the IMSI for the next challenge.
        #[serde(skip_serializing_if = "Option::is_none")]
        pseudonym: Option<String>,
    },
    Challenge(ChallengeAnswer),
}

/// Asks a SIM.
#[utoipa::path(post, path = "/endorse/v1/challenge", request_body = ChallengeBody, responses(
    (status = 200, body = ChallengeAnswer),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn challenge(
    State(app): State<Arc<App>>,
    Body(body): Body<ChallengeBody>,
) -> Result<Json<ChallengeAnswer>, Response> {
    let (imsi, wanted) = body.read(&app).map_err(IntoResponse::into_response)?;
    let asked = app.server.challenge(imsi, wanted, now()).await;
    app.trace("challenge", &asked);
    asked
        .map(|challenge| Json(challenge.into()))
        .map_err(IntoResponse::into_response)
}

/// Takes the answer to a challenge.
#[utoipa::path(post, path = "/endorse/v1/token", request_body = TokenBody, responses(
    (status = 200, body = TokenAnswer),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn token(
    State(app): State<Arc<App>>,
    Body(body): Body<TokenBody>,
) -> Result<Json<TokenAnswer>, Response> {
    let wrong = |detail| bad(detail).into_response();
    let transaction: Transaction = body.txn.parse().or(Err(wrong("txn is none")))?;
    match (body.confirm, body.auts) {
        (Some(confirm), None) => {
            let confirm = strict_jws::base64::decode(confirm.as_bytes());
            let confirm = confirm.or(Err(wrong("confirm is not base64url")))?;
            let proven = app.server.token(&transaction, &confirm, now()).await;
            app.trace("token", &proven);
            let proven = proven.map_err(IntoResponse::into_response)?;
            Ok(Json(proven.into()))
        }
        (None, Some(auts)) => {
            let auts = auts.parse().or(Err(wrong("auts is no AUTS")))?;
            let again = app.server.resynchronise(&transaction, &auts, now()).await;
            app.trace("resync", &again);
            let again = again.map_err(IntoResponse::into_response)?;
            Ok(Json(TokenAnswer::Challenge(again.into())))
        }
        _ => Err(wrong("either confirm or auts")),
    }
}

impl ChallengeBody {
    fn read(self, app: &App) -> Result<(Imsi, Wanted), Problem> {
        let imsi = match (&self.imsi, &self.pseudonym) {
            (Some(imsi), None) => imsi.parse().or(Err(bad("imsi is no IMSI")))?,
            (None, Some(name)) => {
                let imsi = app.server.settings().pseudonyms.imsi(name);
                imsi.ok_or_else(|| bad("pseudonym is none of this server's"))?
            }
            _ => return Err(bad("either imsi or pseudonym")),
        };
        let jkt = self.jkt.map(|jkt| jkt.parse()).transpose();
        let parameters = RequestParameters::collect(self.request_parameters);
        if self.nonce.as_ref().is_some_and(|nonce| nonce.len() > 256) {
            return Err(bad("nonce is longer than 256 octets"));
        }
        let wanted = Wanted {
            audience: self.aud.parse().or(Err(bad("aud is no audience")))?,
            nonce: self.nonce,
            key: jkt.or(Err(bad("jkt is no thumbprint")))?,
            request_parameters: parameters.or(Err(bad("requestParameters are too many")))?,
        };
        Ok((imsi, wanted))
    }
}

impl From<Challenge> for ChallengeAnswer {
    fn from(challenge: Challenge) -> Self {
        Self {
            txn: challenge.transaction.to_string(),
            rand: format!("{:x}", challenge.rand.hex()),
            autn: format!("{:x}", challenge.autn.hex()),
        }
    }
}

impl From<Proven> for TokenAnswer {
    fn from(proven: Proven) -> Self {
        Self::Token {
            token: proven.issued.token,
            expires_in: proven.lifetime,
            pseudonym: proven.pseudonym,
        }
    }
}

fn bad(detail: &'static str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_request", detail)
}
