//! Ub.

use std::sync::Arc;

use aka::gba::{BootstrappingInfo, Terminal};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, uri::Authority},
    middleware,
    response::{IntoResponse, Response},
};
use server_kit::{
    audit::Entry,
    limit::{HasPeerLimit, PeerLimit, limit_peers},
    observe::access_log,
    problem::Problem,
};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

use super::Clock;
use crate::{
    CentreError, Directory,
    bsf::{Answer, Bsf, Refusal, Request},
    http::App,
};

/// Ub as a router: any path, as terminals are told different ones. There are no callers: a
/// terminal proves itself by its SIM, and `peers` bounds how often one address may ask. Of `app`,
/// it uses the audit trail.
pub fn ub<D: Directory + 'static>(
    app: Arc<App<D>>,
    bsf: Arc<Bsf<D>>,
    clock: Clock,
    peers: PeerLimit,
) -> Router {
    let ub = Arc::new(Ub {
        app,
        bsf,
        clock,
        peers,
    });
    Router::new()
        .fallback(answer::<D>)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&ub),
            limit_peers::<Ub<D>>,
        ))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn(access_log))
                .layer(CatchPanicLayer::new()),
        )
        .with_state(ub)
}

struct Ub<D> {
    app: Arc<App<D>>,
    bsf: Arc<Bsf<D>>,
    clock: Clock,
    peers: PeerLimit,
}

impl<D> HasPeerLimit for Ub<D> {
    fn peer_limit(&self) -> &PeerLimit {
        &self.peers
    }
}

async fn answer<D: Directory + 'static>(
    State(ub): State<Arc<Ub<D>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (target, host) = asked_for(&uri, &headers);
    let request = Request {
        authorization: only(&headers, &header::AUTHORIZATION),
        user_agent: only(&headers, &header::USER_AGENT),
        method: method.as_str(),
        target,
        host,
        body: &body,
    };
    let answered = if method == Method::GET {
        ub.bsf.ub(request, (ub.clock)()).await
    } else {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    };
    let outcome = outcome(&answered);
    let entry = Entry::new("ub", "subscriber", "bootstrap", outcome);
    ub.app.audit.record(&entry);
    metrics::counter!("auc_bootstrapping_total", "outcome" => outcome).increment(1);
    let mut response = match answered {
        Ok(answer) => into_response(answer),
        Err(refusal) => refused(&refusal).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::SERVER, HeaderValue::from_static(SERVER));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Target and host. HTTP/2 tells both in the URI, as absolute targets of HTTP/1.1 do
/// (RFC 9113 §8.3.1, RFC 9112 §3.2.2).
fn asked_for<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> (&'a str, &'a str) {
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let host = uri.authority().map(Authority::as_str);
    let host = host.unwrap_or_else(|| only(headers, &header::HOST));
    (target, host)
}

/// A field that is there once, or nothing.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().unwrap_or_default(),
        _ => "",
    }
}

fn into_response(answer: Answer) -> Response {
    match answer {
        Answer::Challenge(challenge) => {
            let field = [(header::WWW_AUTHENTICATE, challenge.to_string())];
            (StatusCode::UNAUTHORIZED, field).into_response()
        }
        Answer::Bootstrapped { information, body } => {
            let media = BootstrappingInfo::MEDIA_TYPE.to_owned();
            let fields = [
                (AUTHENTICATION_INFO, information),
                (header::CONTENT_TYPE, media),
            ];
            (fields, body).into_response()
        }
    }
}

fn refused(refusal: &Refusal) -> Problem {
    let status = match refusal {
        Refusal::Field(_) | Refusal::Target => StatusCode::BAD_REQUEST,
        Refusal::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Randomness(_)
        | Refusal::Centre(CentreError::Directory(_) | CentreError::Contended) => {
            let error: &dyn std::error::Error = refusal;
            tracing::error!(error, "a bootstrapping failed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
        // who is unknown is told what a wrong SIM is told
        Refusal::UnknownIdentity
        | Refusal::Foreign
        | Refusal::Digest
        | Refusal::OutOfSync
        | Refusal::Centre(_) => {
            return Problem::new(
                StatusCode::FORBIDDEN,
                "refused",
                "not authenticated".to_owned(),
            );
        }
    };
    let problem = Problem::new(status, code(refusal), refusal.to_string());
    if matches!(refusal, Refusal::TooMany) {
        return problem.retry_after(RETRY_AFTER);
    }
    problem
}

fn outcome(answered: &Result<Answer, Refusal>) -> &'static str {
    match answered {
        Ok(Answer::Challenge(_)) => "challenge",
        Ok(Answer::Bootstrapped { .. }) => "success",
        Err(refusal) => code(refusal),
    }
}

const fn code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Field(_) => "bad_request",
        Refusal::Foreign => "foreign",
        Refusal::Target => "target",
        Refusal::UnknownIdentity | Refusal::Centre(CentreError::UnknownSubscriber) => {
            "unknown_subscriber"
        }
        Refusal::TooMany => "too_many_challenges",
        Refusal::Digest => "wrong_digest",
        Refusal::OutOfSync => "out_of_sync",
        Refusal::Centre(CentreError::MacFailure) => "mac_failure",
        Refusal::Randomness(_) | Refusal::Centre(_) => "internal",
    }
}

const AUTHENTICATION_INFO: HeaderName = HeaderName::from_static("authentication-info");
/// That this BSF knows TMPI (TS 24.109 §4.2).
const SERVER: &str = Terminal::SUPPORTS_TMPI;
const RETRY_AFTER: u64 = 10;
const LONGEST_BODY: usize = 4096;
