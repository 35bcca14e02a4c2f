//! Keys for NAFs, with callers that prove who they are.

use std::sync::Arc;

use aka::kdf::gba::{NafId, NafKey, UaProtocol};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use server_kit::{
    audit::Entry,
    body::Body,
    caller::{Caller, Denied},
    gate::{Access, Gate, HasGate},
    problem::Problem,
};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use zeroize::ZeroizeOnDrop;

use super::{Clock, scope};
use crate::{
    Directory, Journal, Kept,
    bsf::{Bsf, GrantedKey, NafKeyError},
    http::App,
};

/// `POST /v1/naf-keys` as a router, behind the gate of the centre's own interface.
pub fn zn<D: Directory + 'static>(app: Arc<App<D>>, bsf: Arc<Bsf<D>>, clock: Clock) -> Router {
    let no_store = HeaderValue::from_static("no-store");
    let (routes, _description) = typed::<D>().split_for_parts();
    routes
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            no_store,
        ))
        .layer(CatchPanicLayer::new())
        .with_state(Arc::new(Zn { app, bsf, clock }))
}

/// The description in OpenAPI 3.1, to go with that of the centre's own interface.
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    typed::<Kept<Journal>>().into_openapi()
}

fn typed<D: Directory + 'static>() -> OpenApiRouter<Arc<Zn<D>>> {
    OpenApiRouter::new().routes(routes!(naf_keys))
}

struct Zn<D> {
    app: Arc<App<D>>,
    bsf: Arc<Bsf<D>>,
    clock: Clock,
}

impl<D: Directory> HasGate for Zn<D> {
    fn gate(&self) -> &Gate {
        &self.app.gate
    }
}

/// Whose key, for which NAF.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NafKeyRequest {
    /// The B-TID that the terminal gave.
    btid: String,
    /// The NAF's domain name, as the terminal knows it.
    naf: String,
    /// The Ua security protocol identifier: 10 hexadecimal digits; HTTP digest if it is left out.
    ua_protocol: Option<String>,
    /// `me` for the terminal's key, which it is if it is left out; `uicc` for the card's.
    key: Option<Which>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Which {
    Me,
    Uicc,
}

#[derive(Serialize, ToSchema, ZeroizeOnDrop)]
struct NafKeyAnswer {
    /// 64 hexadecimal digits.
    key: String,
    /// `ks_naf`, `ks_ext_naf` or `ks_int_naf`.
    #[zeroize(skip)]
    kind: &'static str,
    /// When the bootstrapping was: UTC, as TS 24.109 writes it.
    #[zeroize(skip)]
    bootstrapped: String,
    /// When the key ends.
    #[zeroize(skip)]
    lifetime: String,
    /// The private identity, for callers that may know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    impi: Option<String>,
}

/// Why a NAF gets nothing.
#[derive(Debug, thiserror::Error)]
enum ZnError {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("{member}: expected {form}")]
    Member {
        member: &'static str,
        form: &'static str,
    },
    #[error(transparent)]
    Key(#[from] NafKeyError),
}

impl ZnError {
    fn problem(&self) -> Problem {
        let (status, code) = match self {
            Self::Denied(denied) => return (*denied).into(),
            Self::Member { .. } => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::Key(NafKeyError::UnknownBtid) => (StatusCode::NOT_FOUND, "unknown_btid"),
            Self::Key(NafKeyError::NotOnCard) => (StatusCode::CONFLICT, "not_on_card"),
        };
        Problem::new(status, code, self.to_string())
    }
}

impl IntoResponse for ZnError {
    fn into_response(self) -> Response {
        self.problem().into_response()
    }
}

/// The key of a bootstrapping for a NAF, where `auc serve --bsf` bootstraps (TS 33.220 §4.5.3).
#[utoipa::path(post, path = "/v1/naf-keys", request_body = NafKeyRequest, responses(
    (status = 200, body = NafKeyAnswer),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn naf_keys<D: Directory + 'static>(
    State(zn): State<Arc<Zn<D>>>,
    Access(caller): Access,
    Body(request): Body<NafKeyRequest>,
) -> Result<Json<NafKeyAnswer>, ZnError> {
    let granted = zn.grant(&caller, &request);
    let outcome = match &granted {
        Ok(_) => "success",
        Err(error) => error.problem().code(),
    };
    let entry = Entry::new(caller.name(), &request.naf, "naf_key", outcome);
    zn.app.audit.record(&entry);
    metrics::counter!("auc_requests_total", "edge" => "http", "action" => "naf_key", "outcome" => outcome)
        .increment(1);
    granted.map(Json)
}

impl<D> Zn<D> {
    fn grant(&self, caller: &Caller, request: &NafKeyRequest) -> Result<NafKeyAnswer, ZnError> {
        caller.may(scope::NAF_KEYS)?;
        caller.reaches([request.naf.as_str()])?;
        let ua = match &request.ua_protocol {
            Some(text) => text.parse().ok().ok_or(ZnError::Member {
                member: "ua_protocol",
                form: "10 hexadecimal digits",
            })?,
            None => UaProtocol::HTTP_DIGEST,
        };
        let fqdn = domain_name(&request.naf)?;
        let which = match request.key {
            Some(Which::Uicc) => NafKey::Internal,
            Some(Which::Me) | None => NafKey::Me,
        };
        let naf = NafId { fqdn, ua };
        let granted = self
            .bsf
            .naf_key(&request.btid, naf, which, (self.clock)())?;
        let identity = caller.may(scope::NAF_IDENTITIES).is_ok();
        Ok(answer(granted, identity.then_some(())))
    }
}

/// A name that goes into keys as it is.
fn domain_name(text: &str) -> Result<&str, ZnError> {
    let is_name = |octet: u8| octet.is_ascii_alphanumeric() || b".-_".contains(&octet);
    if (1..=253).contains(&text.len()) && text.bytes().all(is_name) {
        return Ok(text);
    }
    Err(ZnError::Member {
        member: "naf",
        form: "a domain name",
    })
}

fn answer(granted: GrantedKey, with_identity: Option<()>) -> NafKeyAnswer {
    NafKeyAnswer {
        key: format!("{:x}", granted.key.expose_hex()),
        kind: granted.kind.as_str(),
        bootstrapped: granted.bootstrapped.to_string(),
        lifetime: granted.until.to_string(),
        impi: with_identity.map(|()| granted.impi),
    }
}

const LONGEST_BODY: usize = 4096;
