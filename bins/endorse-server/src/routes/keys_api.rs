//! SORACOM's Keys API, for the clients that know it: errors are `{"code", "message"}` here.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use endorse::keys_api::{KeyAnswer, KeyChallenge, KeyRequest, ProvisioningCall, Signed};
use endorse::{InvalidBody, RequestParameters, UnixTime};
use serde::Serialize;
use serde_json::{Value, json};
use server_kit::body::JsonText;
use server_kit::problem::Problem;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{App, now};
use crate::{OfferedKey, Proven, ProvenCall, ServerError, Wanted};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(offer))
        .routes(routes!(verify))
        .routes(routes!(metadata))
        .routes(routes!(bootstrap))
        .routes(routes!(open_id_token))
}

/// What went wrong, as the clients print it.
#[derive(Serialize, ToSchema)]
#[schema(as = KeysApiError)]
struct Failure {
    #[serde(skip)]
    status: StatusCode,
    /// A word for programs.
    code: &'static str,
    /// A sentence for people.
    message: String,
}

/// A SIM that wants a key, and what it had to say of the last challenge; octets in base64.
#[derive(ToSchema)]
#[schema(as = KeyRequest)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct KeyRequestBody {
    /// 6 to 15 decimal digits.
    #[schema(pattern = "^[0-9]{6,15}$")]
    imsi: String,
    /// The RAND that the SIM refused, 16 octets.
    rand: Option<String>,
    /// What the SIM answered, 14 octets.
    auts: Option<String>,
}

/// A challenge; octets in base64.
#[derive(Serialize, ToSchema)]
#[schema(as = KeyChallenge)]
#[serde(rename_all = "camelCase")]
struct KeyChallengeBody {
    /// The key's name.
    key_id: String,
    /// RAND, 16 octets.
    rand: String,
    /// AUTN, 16 octets.
    autn: String,
}

/// RES, 4 to 16 octets in base64, under either name.
#[derive(ToSchema)]
#[schema(as = KeyAnswer)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct KeyAnswerBody {
    res: Option<String>,
    xres: Option<String>,
}

/// A call; its parameters stand beside `keyId`, or under `requestParameters`.
#[derive(ToSchema)]
#[schema(as = ProvisioningCall)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct CallBody {
    /// The key's name.
    #[schema(rename = "keyId")]
    key_id: String,
    /// Names and values.
    #[schema(rename = "requestParameters", value_type = Option<Object>)]
    request_parameters: Option<Value>,
}

/// A token, as Amazon Cognito's clients expect it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OpenIdToken {
    region: String,
    /// The token.
    token: String,
    /// About whom it is, for its audience.
    identity_id: String,
}

/// Asks a SIM for a key, or again after AUTS.
#[utoipa::path(post, path = "/v1/keys", request_body = KeyRequestBody, responses(
    (status = 200, body = KeyChallengeBody),
    (status = 401, description = "a challenge too, where the operator has chosen this status; or a refused AUTS",
        body = KeyChallengeBody),
    (status = "default", body = Failure),
))]
async fn offer(
    State(app): State<Arc<App>>,
    body: Result<JsonText, Problem>,
) -> Result<Response, Failure> {
    let JsonText(body) = body?;
    let request = KeyRequest::read(&body)?;
    let imsi = request.imsi.as_str().parse();
    let imsi = imsi.or(Err(InvalidBody::Invalid("imsi")))?;
    let (action, offered) = match request.resynchronisation {
        None => (
            "keys-api challenge",
            app.server.offer_key(imsi, now()).await,
        ),
        Some(said) => {
            let (rand, auts) = (said.rand.into(), said.auts.into());
            let again = app.server.offer_key_again(imsi, (&rand, &auts), now());
            ("keys-api resync", again.await)
        }
    };
    app.trace(action, &offered);
    let status = app.server.settings().dialects.keys_api.challenge_status;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok((status, json, challenge(&offered?)).into_response())
}

/// Takes RES. There is one try.
#[utoipa::path(post, path = "/v1/keys/{keyId}/verify", params(("keyId" = String, Path)),
    request_body = KeyAnswerBody, responses(
    (status = 200, body = Object),
    (status = "default", body = Failure),
))]
async fn verify(
    State(app): State<Arc<App>>,
    Path(key_id): Path<String>,
    body: Result<JsonText, Problem>,
) -> Result<Json<Value>, Failure> {
    let JsonText(body) = body?;
    let answer = KeyAnswer::read(&body)?;
    let accepted = app.server.accept_key(&key_id, &answer, now()).await;
    app.trace("keys-api verify", &accepted);
    accepted?;
    Ok(Json(json!({})))
}

/// What is known of the SIM whose key signs the call.
#[utoipa::path(post, path = "/v1/provisioning/soracom/air/subscriber_metadata",
    request_body = CallBody, params(SignatureFields), responses(
    (status = 200, body = Object),
    (status = "default", body = Failure),
))]
async fn metadata(accepted: Accepted) -> Json<Value> {
    Json(json!({"imsi": accepted.call.proof.imsi.as_str()}))
}

/// What the device and the inventory need for a key of their own: the first 16 octets of
/// SHA-256(nonce, timestamp in decimal digits, CK).
#[utoipa::path(post, path = "/v1/provisioning/soracom/inventory/bootstrap",
    request_body = CallBody, params(SignatureFields), responses(
    (status = 200, body = Object),
    (status = "default", body = Failure),
))]
async fn bootstrap(
    State(app): State<Arc<App>>,
    accepted: Accepted,
) -> Result<Json<Value>, Failure> {
    let keys_api = &app.server.settings().dialects.keys_api;
    let server = keys_api.inventory_server.as_deref();
    let server = server.ok_or(ServerError::NotOffered)?;
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).map_err(ServerError::Randomness)?;
    let audience = server.parse().or(Err(ServerError::NotOffered))?;
    Ok(Json(json!({
        "nonce": strict_jws::base64::encode_padded(&nonce),
        "timestamp": (accepted.at.seconds() * 1000).to_string(),
        "serverUri": server,
        "pskId": app.server.subject(&accepted.call.proof, &audience)?,
    })))
}

/// A token for the SIM whose key signs the call.
#[utoipa::path(post, path = "/v1/provisioning/aws/cognito/open_id_tokens",
    request_body = CallBody, params(SignatureFields), responses(
    (status = 200, body = OpenIdToken),
    (status = "default", body = Failure),
))]
async fn open_id_token(
    State(app): State<Arc<App>>,
    accepted: Accepted,
) -> Result<Json<OpenIdToken>, Failure> {
    let token = token(&app, accepted).await;
    app.trace("keys-api token", &token);
    let (proven, identity_id) = token?;
    Ok(Json(OpenIdToken {
        region: app.server.settings().dialects.keys_api.region.clone(),
        token: proven.issued.token,
        identity_id,
    }))
}

/// A token in SORACOM's format where there are such, and else a native one; and its subject.
async fn token(app: &App, accepted: Accepted) -> Result<(Proven, String), ServerError> {
    let Accepted {
        call: ProvenCall { proof, .. },
        parameters,
        at: now,
    } = accepted;
    let settings = app.server.settings();
    let named = settings.dialects.keys_api.audience.as_deref();
    let named = named.map(|audience| audience.parse().or(Err(ServerError::Audience)));
    let audience = match named {
        Some(audience) => audience?,
        None => settings
            .audiences
            .first()
            .cloned()
            .ok_or(ServerError::Audience)?,
    };
    let identity = app.server.subject(&proof, &audience)?;
    let proven = if settings.dialects.soracom.enabled {
        app.server.endorse_soracom(&proof, parameters, now)?
    } else {
        let wanted = Wanted {
            audience,
            nonce: None,
            key: None,
            request_parameters: parameters,
        };
        app.server.endorse(&proof, wanted, now).await?
    };
    Ok((proven, identity))
}

/// The header fields of a signed call.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct SignatureFields {
    /// When it was signed: milliseconds since 1970.
    #[param(rename = "x-soracom-timestamp")]
    timestamp: u64,
    /// SHA-256.
    #[param(rename = "x-soracom-digest-algorithm")]
    algorithm: Option<String>,
    /// SHA-256(body, timestamp in decimal digits, CK) in base64.
    #[param(rename = "x-soracom-signature")]
    signature: String,
}

/// A signed call that was taken.
struct Accepted {
    call: ProvenCall,
    parameters: RequestParameters,
    at: UnixTime,
}

impl FromRequest<Arc<App>> for Accepted {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let field = |name: &str| parts.headers.get(name)?.to_str().ok();
        let algorithm = field("x-soracom-digest-algorithm");
        let timestamp = field("x-soracom-timestamp").unwrap_or_default();
        let signature = field("x-soracom-signature").unwrap_or_default();
        let request = Request::from_parts(parts.clone(), body);
        let JsonText(body) = JsonText::from_request(request, app).await?;
        let call = ProvisioningCall::read(&body)?;
        let signed = Signed::new(&body, timestamp, algorithm, signature);
        let signed = signed.map_err(|invalid| Failure::bad(invalid.to_string()))?;
        let at = now();
        let accepted = app.server.accept_call(&call, &signed, at).await;
        app.trace("keys-api call", &accepted);
        Ok(Self {
            call: accepted?,
            parameters: call.into_parameters(),
            at,
        })
    }
}

fn challenge(offered: &OfferedKey) -> String {
    let challenge = KeyChallenge {
        key_id: &offered.key_id.to_string(),
        rand: offered.rand.as_bytes(),
        autn: offered.autn.as_bytes(),
    };
    challenge.to_json()
}

impl Failure {
    fn bad(message: String) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "bad_request",
            message,
        }
    }
}

impl From<InvalidBody> for Failure {
    fn from(invalid: InvalidBody) -> Self {
        Self::bad(invalid.to_string())
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self {
            status: problem.status(),
            code: problem.code(),
            message: problem.detail().to_owned(),
        }
    }
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        error.log();
        error.problem().into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}
