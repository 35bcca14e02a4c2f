//! `/ts43`: the way that Android phones know (GSMA TS.43 §2.8).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use endorse::confirm::Transaction;
use endorse::ts43::{Asked, CONTENT_TYPE, Granted, InvalidAsked, Temporary, packet, read_packet};
use jiff::Timestamp;
use server_kit::body::has_content_type;
use server_kit::form::Form;
use server_kit::problem::Problem;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{App, now};
use crate::{ServerError, Ts43Grant, Ts43Step};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(asked, answered))
        .route("/ts43", axum::routing::head(head))
}

/// Whoever looks at the head alone begins nothing.
async fn head() -> impl IntoResponse {
    (
        StatusCode::METHOD_NOT_ALLOWED,
        [(header::ALLOW, "GET, POST")],
    )
}

/// The parameters that are heeded; others are passed over.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct AskedFields {
    /// The SIM's root NAI: `0<IMSI>@nai.epc.mnc<MNC>.mcc<MCC>.3gppnetwork.org`.
    #[param(rename = "EAP_ID")]
    eap_id: Option<String>,
    /// The token of an earlier run.
    token: Option<String>,
    /// The phone's IMEI.
    terminal_id: Option<String>,
    /// The application: `ap` and 4 digits.
    app: Option<String>,
    /// `AcquireTemporaryToken`, or nothing.
    operation: Option<String>,
}

/// Begins: the answer is an EAP packet, or a document for a phone that has a token already.
#[utoipa::path(get, path = "/ts43", params(AskedFields), responses(
    (status = 200, body = Object, content_type = CONTENT_TYPE),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn asked(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let form = form.map_err(|invalid| Problem::from(invalid).into_response())?;
    begin(&app, Asked::collect(form.iter()), &headers).await
}

/// Begins with JSON, or takes the response to an EAP packet: which of them, the content type says.
#[utoipa::path(post, path = "/ts43", request_body(content = Object, content_type = CONTENT_TYPE), responses(
    (status = 200, body = Object, content_type = CONTENT_TYPE),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn answered(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    if has_content_type(&headers, "application/json") {
        return begin(&app, Asked::from_json(&body), &headers).await;
    }
    if !has_content_type(&headers, CONTENT_TYPE) {
        return Err(bad("the body is neither JSON nor an EAP packet in JSON").into_response());
    }
    let eap = read_packet(&body).map_err(|invalid| bad(&invalid.to_string()).into_response())?;
    let session = session(&headers).ok_or_else(|| refused(&ServerError::NotProven))?;
    let step = app.server.continue_ts43(session, &eap, now()).await;
    app.trace("ts43 response", &step);
    step.map(|step| answer(&app, step, &headers))
        .map_err(|error| refused(&error))
}

async fn begin(
    app: &App,
    asked: Result<Asked, InvalidAsked>,
    headers: &HeaderMap,
) -> Result<Response, Response> {
    let asked = asked.map_err(|invalid| bad(&invalid.to_string()).into_response())?;
    if asked.imsi().is_none() && asked.token().is_none() {
        return Err(bad("neither EAP_ID nor token").into_response());
    }
    let step = app.server.begin_ts43(&asked, now()).await;
    app.trace("ts43", &step);
    step.map(|step| answer(app, step, headers))
        .map_err(|error| refused(&error))
}

fn answer(app: &App, step: Ts43Step, headers: &HeaderMap) -> Response {
    match step {
        Ts43Step::Granted(grant) => document(&grant, headers),
        Ts43Step::Relay {
            session,
            packet: eap,
        } => {
            let is_https = app.server.settings().origin.starts_with("https://");
            let secure = if is_https { "; Secure" } else { "" };
            let cookie = format!(
                "{COOKIE}={session}; Path=/ts43; Max-Age=60; HttpOnly; SameSite=Strict{secure}"
            );
            let fields = [
                (header::CONTENT_TYPE, CONTENT_TYPE.to_owned()),
                (header::SET_COOKIE, cookie),
            ];
            (fields, packet(&eap)).into_response()
        }
    }
}

fn document(grant: &Ts43Grant, headers: &HeaderMap) -> Response {
    let temporary = grant.temporary.as_ref();
    let expiry = temporary.map(|(_, proven)| rfc3339(proven.issued.expires.seconds()));
    let temporary = temporary.zip(expiry.as_deref());
    let granted = Granted {
        token: &grant.token,
        validity: grant.validity,
        temporary: temporary.map(|((app, proven), expiry)| Temporary {
            app,
            token: &proven.issued.token,
            expiry,
        }),
    };
    let (kind, text) = if wants_xml(headers) {
        (XML, granted.to_xml())
    } else {
        ("application/json", granted.to_json())
    };
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

const XML: &str = "text/vnd.wap.connectivity-xml";

const COOKIE: &str = "endorse-ts43";

/// Whether a phone names XML, and JSON not before it.
fn wants_xml(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    let accept = accept
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kinds = accept
        .split(',')
        .map(|kind| kind.split(';').next().unwrap_or_default().trim());
    let first = kinds
        .into_iter()
        .find(|kind| [XML, "application/json"].contains(kind));
    first == Some(XML)
}

/// The conversation that the cookie names; of several cookies of this name, none.
fn session(headers: &HeaderMap) -> Option<Transaction> {
    let fields = headers.get_all(header::COOKIE).iter();
    let cookies = fields
        .filter_map(|field| field.to_str().ok())
        .flat_map(|field| field.split(';'));
    let mut ours =
        cookies.filter_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    let value = ours.next()?;
    ours.next().is_none().then(|| value.parse().ok()).flatten()
}

fn rfc3339(seconds: u64) -> String {
    let time = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.unwrap_or_default().to_string()
}

fn bad(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_request", detail)
}

/// TS.43 has statuses of its own: 511 for a token that is not good, 403 for a SIM that is not proven.
fn refused(error: &ServerError) -> Response {
    error.log();
    let problem = error.problem();
    let status = match error {
        ServerError::Token(_) => StatusCode::NETWORK_AUTHENTICATION_REQUIRED,
        ServerError::NotProven => StatusCode::FORBIDDEN,
        ServerError::Audience
        | ServerError::TooOften
        | ServerError::Full
        | ServerError::Unsigned
        | ServerError::NotOffered
        | ServerError::Source(_)
        | ServerError::Store(_)
        | ServerError::Damaged
        | ServerError::NoKey
        | ServerError::Issue(_)
        | ServerError::Randomness(_)
        | ServerError::Pseudonym(_) => return problem.into_response(),
    };
    Problem::new(status, problem.code(), problem.detail()).into_response()
}
