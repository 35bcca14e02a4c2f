//! `/`, as SORACOM Endorse has it: a token in its format, in JSON or by way of a browser. The SIM is
//! proven by a native token for the server itself, which is taken once.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use endorse::{Presented, Refusal, RequestParameters, headers};
use serde_json::json;
use server_kit::body::has_content_type;
use server_kit::browser::Hosts;
use server_kit::form::Form;
use server_kit::listen::Peer;
use server_kit::problem::Problem;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page;
use crate::app::{App, now};
use crate::{Proven, ServerError};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(get, post))
        .route("/", axum::routing::options(preflight).head(head))
}

/// What a query or a form says.
#[derive(Default)]
struct Wish {
    /// Where the browser is to be sent: one of the operator's URLs.
    redirect: Option<String>,
    /// The native token, in a form that a person has filled in.
    native: String,
    /// What the token is to repeat.
    rest: Vec<(String, String)>,
}

/// A token in SORACOM's format. Every other parameter of the query stands in it.
#[utoipa::path(get, path = "/", security(("native-token" = [])),
    params(("redirect_url" = Option<String>, Query, description = "one of the operator's URLs, to which a browser carries the token")),
    responses(
    (status = 200, body = Object, description = "the token; for browsers, the page for people"),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn get(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wish = Wish::read(&app, query.unwrap_or_default().as_bytes())?;
    if is_browsers(&headers) {
        return Ok(match &wish.redirect {
            Some(url) => page::login(&app, url, &wish.rest, None),
            None => page::home(&app),
        });
    }
    let issued = issue(&app, "GET", &headers, wish.parameters()?).await;
    let told = match (issued, &wish.redirect) {
        (Ok(proven), Some(url)) => page::carry(url, &proven.issued.token),
        (Ok(proven), None) => Json(json!({"token": proven.issued.token})).into_response(),
        (Err(error), _) => error.into_response(),
    };
    Ok(shared(&app, told))
}

/// Whoever looks at the head alone gets no token, and uses none up.
async fn head(State(app): State<Arc<App>>) -> Response {
    page::home(&app)
}

/// The same with parameters in a JSON object, or with a form that a person has filled in.
#[utoipa::path(post, path = "/", security(("native-token" = [])), request_body = Object, responses(
    (status = 200, body = Object),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn post(
    State(app): State<Arc<App>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    if has_content_type(&headers, "application/x-www-form-urlencoded") {
        must_be_our_page(peer, &headers)?;
        return log_in(&app, Wish::read(&app, &body)?).await;
    }
    if !has_content_type(&headers, "application/json") {
        return Err(bad("the body is neither JSON nor a form"));
    }
    let parameters = RequestParameters::from_json(&body);
    let parameters = parameters.map_err(|invalid| bad(invalid.to_string()))?;
    let told = match issue(&app, "POST", &headers, parameters).await {
        Ok(proven) => Json(json!({"token": proven.issued.token})).into_response(),
        Err(error) => error.into_response(),
    };
    Ok(shared(&app, told))
}

/// What a page of the operator's origin asks before it asks (Fetch, "CORS-preflight request").
async fn preflight(State(app): State<Arc<App>>) -> Response {
    let allowed = [
        ("access-control-allow-methods", "GET, POST"),
        (
            "access-control-allow-headers",
            "authorization, content-type, dpop",
        ),
        ("access-control-max-age", "600"),
    ];
    shared(&app, (StatusCode::NO_CONTENT, allowed).into_response())
}

/// A page elsewhere must not log anybody in.
fn must_be_our_page(peer: Option<Extension<Peer>>, headers: &HeaderMap) -> Result<(), Problem> {
    let somebody = || Peer::tcp(([127, 0, 0, 1], 0).into());
    let peer = peer.map_or_else(somebody, |Extension(peer)| peer);
    Ok(Hosts::any().check(&Uri::from_static("/"), headers, &peer)?)
}

async fn log_in(app: &App, wish: Wish) -> Result<Response, Problem> {
    let url = wish.redirect.as_deref();
    let url = url.ok_or_else(|| bad("redirect_url is missing"))?;
    let presented = Presented::new(&wish.native);
    let issued = app
        .server
        .redeem(presented, wish.parameters()?, now())
        .await;
    app.trace("login", &issued);
    Ok(match issued {
        Ok(proven) => page::carry(url, &proven.issued.token),
        Err(ServerError::Token(refusal)) => {
            tracing::debug!(%refusal, "a login is refused");
            page::login(app, url, &wish.rest, Some(refusal))
        }
        Err(error) => error.into_response(),
    })
}

async fn issue(
    app: &App,
    method: &str,
    headers: &HeaderMap,
    parameters: RequestParameters,
) -> Result<Proven, ServerError> {
    let uri = format!("{}/", app.server.settings().origin);
    let token = headers::token(headers).map_err(ServerError::Token)?;
    let presented = match headers::proof(headers, method, &uri) {
        Some(proof) => Presented::new(token).with_proof(proof),
        None => Presented::new(token),
    };
    let issued = app.server.redeem(presented, parameters, now()).await;
    app.trace("soracom token", &issued);
    issued
}

impl Wish {
    fn read(app: &App, octets: &[u8]) -> Result<Self, Problem> {
        let form = Form::parse(octets)?;
        let redirect = form.one("redirect_url")?.map(str::to_owned);
        let native = form
            .one("endorse_token")?
            .unwrap_or_default()
            .trim()
            .to_owned();
        let soracom = &app.server.settings().dialects.soracom;
        if redirect
            .as_ref()
            .is_some_and(|url| !soracom.may_redirect(url))
        {
            return Err(bad("redirect_url is none of the operator's"));
        }
        let mut rest = form.into_pairs();
        rest.retain(|(name, _)| name != "redirect_url" && name != "endorse_token");
        Ok(Self {
            redirect,
            native,
            rest,
        })
    }

    fn parameters(&self) -> Result<RequestParameters, Problem> {
        let parameters = RequestParameters::collect(self.rest.iter().cloned());
        parameters.map_err(|too_many| bad(too_many.to_string()))
    }
}

/// Whether a person looks at it.
fn is_browsers(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    let accept = accept
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    accept.contains("text/html") && matches!(headers::token(headers), Err(Refusal::NoToken))
}

/// The answer, for pages of the operator's origin too.
fn shared(app: &App, mut response: Response) -> Response {
    let soracom = &app.server.settings().dialects.soracom;
    let origin = soracom.allow_origin.as_deref().filter(|_| soracom.enabled);
    let origin = origin.and_then(|origin| HeaderValue::from_str(origin).ok());
    if let Some(origin) = origin {
        let name = HeaderName::from_static("access-control-allow-origin");
        response.headers_mut().insert(name, origin);
    }
    response
}

fn bad(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_request", detail)
}
