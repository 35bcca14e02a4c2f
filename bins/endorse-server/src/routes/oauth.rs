//! OAuth's ways with tokens: exchange (RFC 8693), introspection (RFC 7662), revocation (RFC 7009),
//! and the status lists.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use endorse::{Presented, headers};
use serde::Serialize;
use serde_json::{Map, Value, json};
use server_kit::form::{Form, InvalidForm};
use server_kit::gate::Access;
use server_kit::problem::Problem;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{App, now, scope};
use crate::{Known, ServerError};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(exchange))
        .routes(routes!(introspect))
        .routes(routes!(revoke))
        .routes(routes!(status_list))
}

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// An error as OAuth has it (RFC 6749 §5.2).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OAuthError)]
pub(super) struct Refused {
    #[serde(skip)]
    status: StatusCode,
    /// A word for programs.
    error: &'static str,
    /// A sentence for people.
    error_description: String,
}

/// What is to be exchanged.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct ExchangeForm {
    /// `urn:ietf:params:oauth:grant-type:token-exchange`.
    grant_type: String,
    /// A token for the server itself.
    subject_token: String,
    /// `urn:ietf:params:oauth:token-type:jwt`, or `...:access_token`.
    subject_token_type: String,
    /// For whom the new token is to be.
    audience: String,
    /// As `subject_token_type`.
    requested_token_type: Option<String>,
}

/// A token for the audience.
#[derive(Serialize, ToSchema)]
struct Exchanged {
    /// The token.
    access_token: String,
    /// `urn:ietf:params:oauth:token-type:jwt`.
    issued_token_type: &'static str,
    /// `DPoP` for a token that is bound to a key, and else `Bearer`.
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
}

/// A token.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct TokenForm {
    /// The token.
    token: String,
    /// What kind it might be; nobody here needs it.
    token_type_hint: Option<String>,
}

/// Exchanges a token for the server itself for one for another audience. A token that is bound to a
/// key needs a proof of it in the field `DPoP`.
#[utoipa::path(post, path = "/oauth/token",
    request_body(content = ExchangeForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, body = Exchanged),
    (status = "default", body = Refused),
))]
async fn exchange(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    form: Result<Form, Problem>,
) -> Result<Json<Exchanged>, Refused> {
    let form = form?;
    let subject_token = wanted(&form)?;
    let audience = form.one("audience")?.or(form.one("resource")?);
    let audience = audience.ok_or_else(|| Refused::request("audience is missing"))?;
    let audience = audience
        .parse()
        .or(Err(Refused::from(ServerError::Audience)))?;
    let uri = format!("{}/oauth/token", app.server.settings().origin);
    let mut presented = Presented::new(subject_token);
    if let Some(proof) = headers::proof(&headers, "POST", &uri) {
        presented = presented.with_proof(proof);
    }
    let exchanged = app.server.exchange(presented, audience, now()).await;
    app.trace("exchange", &exchanged);
    let exchanged = exchanged?;
    Ok(Json(Exchanged {
        issued_token_type: JWT,
        token_type: if exchanged.is_bound { "DPoP" } else { "Bearer" },
        expires_in: exchanged.proven.lifetime,
        access_token: exchanged.proven.issued.token,
    }))
}

/// The token to be exchanged, where everything else about the request is in order.
fn wanted(form: &Form) -> Result<&str, Refused> {
    let grant = form.one("grant_type")?;
    if grant.is_none() {
        return Err(Refused::request("grant_type is missing"));
    }
    if grant != Some(GRANT) {
        let description = "only tokens are exchanged here";
        return Err(Refused::new("unsupported_grant_type", description));
    }
    if form.one("actor_token")?.is_some() || form.one("scope")?.is_some() {
        return Err(Refused::request("actors and scopes are not known here"));
    }
    let known = [JWT, ACCESS_TOKEN];
    let subject = form.one("subject_token_type")?;
    let requested = form.one("requested_token_type")?.unwrap_or(JWT);
    if !subject.is_some_and(|kind| known.contains(&kind)) || !known.contains(&requested) {
        return Err(Refused::request(
            "the types of tokens are jwt and access_token",
        ));
    }
    let token = form.one("subject_token")?;
    token.ok_or_else(|| Refused::request("subject_token is missing"))
}

/// Whether a token is good, and what it says; for callers with the scope `endorse:introspect`, each
/// for its own audiences.
#[utoipa::path(post, path = "/oauth/introspect", security(("bearer" = [])),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, body = Object),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn introspect(
    State(app): State<Arc<App>>,
    Access(caller): Access,
    form: Form,
) -> Result<Json<Value>, Response> {
    let refused = IntoResponse::into_response;
    caller
        .may(scope::INTROSPECT)
        .map_err(|denied| refused(Problem::from(denied)))?;
    let token = form
        .one("token")
        .map_err(|invalid| refused(invalid.into()))?;
    let token = token.ok_or_else(|| refused(InvalidForm::Encoding.into()))?;
    let known = app.server.inspect(token, now()).await;
    app.trace("introspect", &known);
    let known = known.map_err(IntoResponse::into_response)?;
    let reached = known.filter(|known| {
        let audience = known.endorsement.claims.audience.as_str();
        caller.reaches([audience]).is_ok()
    });
    Ok(Json(introspection(reached)))
}

fn introspection(known: Option<Known>) -> Value {
    let Some(known) = known else {
        return json!({"active": false});
    };
    let bound = known.endorsement.claims.key.is_some();
    let mut answer = Map::new();
    answer.insert("active".to_owned(), true.into());
    let kind = if bound { "DPoP" } else { "Bearer" };
    answer.insert("token_type".to_owned(), kind.into());
    let claims = serde_json::from_slice(&known.payload);
    answer.extend(claims.unwrap_or_else(|_| Map::new()));
    answer.into()
}

/// Revokes a token. Whoever holds it may; what is no token of ours is no error.
#[utoipa::path(post, path = "/oauth/revoke",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, description = "the token is not good, or no longer"),
    (status = "default", body = Refused),
))]
async fn revoke(State(app): State<Arc<App>>, form: Result<Form, Problem>) -> Result<(), Refused> {
    let form = form?;
    let token = form.one("token")?;
    let token = token.ok_or_else(|| Refused::request("token is missing"))?;
    let revoked = app.server.revoke(token, now()).await;
    app.trace("revoke", &revoked);
    Ok(revoked?)
}

/// A list that tells of each token with a place in it whether it has been revoked, signed.
#[utoipa::path(get, path = "/status-lists/{number}", params(("number" = u64, Path)), responses(
    (status = 200, body = String, content_type = "application/statuslist+jwt"),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn status_list(
    State(app): State<Arc<App>>,
    Path(number): Path<String>,
) -> Result<Response, Response> {
    let none = || {
        Problem::new(
            StatusCode::NOT_FOUND,
            "no_such_list",
            "there is no such list",
        )
    };
    let number = number.parse().or(Err(none().into_response()))?;
    let now = now();
    let list = app.server.signed_status_list(number, now).await;
    let list = list.map_err(IntoResponse::into_response)?;
    let list = list.ok_or_else(|| none().into_response())?;
    let left = list.expires.seconds().saturating_sub(now.seconds());
    let content = [
        (
            header::CONTENT_TYPE,
            "application/statuslist+jwt".to_owned(),
        ),
        (header::CACHE_CONTROL, format!("public, max-age={left}")),
    ];
    Ok((content, list.token.to_string()).into_response())
}

impl Refused {
    fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
            error_description: description.into(),
        }
    }

    fn request(description: impl Into<String>) -> Self {
        Self::new("invalid_request", description)
    }
}

impl From<InvalidForm> for Refused {
    fn from(invalid: InvalidForm) -> Self {
        Self::request(invalid.to_string())
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::request(problem.detail())
    }
}

impl From<ServerError> for Refused {
    fn from(error: ServerError) -> Self {
        error.log();
        let problem = error.problem();
        if let ServerError::Token(refusal) = error {
            let is_proof = refusal.is_about_proof();
            let word = if is_proof {
                "invalid_dpop_proof"
            } else {
                "invalid_request"
            };
            return Self::new(word, problem.detail());
        }
        let is_ours = problem.status().is_server_error();
        let word = if is_ours {
            "server_error"
        } else {
            problem.code()
        };
        Self {
            status: problem.status(),
            ..Self::new(word, problem.detail())
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}
