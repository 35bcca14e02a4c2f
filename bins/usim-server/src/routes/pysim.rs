//! The dialect of pySim's SIM REST server: `/sim-auth-api` and `/sim-info-api`.

use std::sync::Arc;

use aka::{Autn, Rand};
use axum::{
    Json, Router,
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use server_kit::body;
use usim::{ApplicationKind, Authentication, Subscriber as _};

use super::access::Access;
use crate::{
    error::ApiError,
    state::{App, Wish, action, scope},
};

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/sim-auth-api/v1/slot/{slot}", post(authenticate))
        .route("/sim-info-api/v1/slot/{slot}", get(info))
}

#[derive(Deserialize)]
struct Challenge {
    rand: String,
    autn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    #[serde(rename = "successful_3g_authentication")]
    Success {
        res: String,
        ck: String,
        ik: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        kc: Option<String>,
    },
    SynchronisationFailure {
        auts: String,
    },
}

#[derive(Serialize)]
struct Info {
    imsi: String,
    iccid: String,
}

async fn authenticate(
    State(app): State<Arc<App>>,
    Path(slot): Path<String>,
    access: Result<Access, ApiError>,
    request: Request,
) -> Result<Json<Answer>, Failure> {
    let Access(caller) = access?;
    let Challenge { rand, autn } = body::read(request, &app).await.map_err(ApiError::from)?;
    let wrong = |_error| ApiError::BadRequest("rand and autn are 32 hex digits each");
    let rand: Rand = rand.parse().map_err(wrong)?;
    let autn: Autn = autn.parse().map_err(wrong)?;
    let wish = wish(&slot, scope::AUTHENTICATE, action::AUTHENTICATE)?;
    let granted = app.grant(&caller, wish, move |session, _| {
        session
            .card()
            .authenticate(ApplicationKind::Usim, &rand, &autn)
    });
    Ok(Json(granted.await?.value.into()))
}

async fn info(
    State(app): State<Arc<App>>,
    Path(slot): Path<String>,
    access: Result<Access, ApiError>,
) -> Result<Json<Info>, Failure> {
    let Access(caller) = access?;
    let wish = wish(&slot, scope::READ, action::READ)?;
    let granted = app.grant(&caller, wish, |session, _| {
        Ok((session.card().identity()?, session.iccid()?))
    });
    let (identity, iccid) = granted.await?.value;
    Ok(Json(Info {
        imsi: identity.imsi.as_str().to_owned(),
        iccid: iccid.as_str().to_owned(),
    }))
}

/// A slot is an index and nothing else.
fn wish<'a>(
    slot: &'a str,
    scope: &'static str,
    action: &'static str,
) -> Result<Wish<'a>, ApiError> {
    if slot.parse::<u16>().is_err() {
        return Err(ApiError::NoSuchSim);
    }
    Ok(Wish::new(scope, action, Some(slot)))
}

impl From<Authentication> for Answer {
    fn from(outcome: Authentication) -> Self {
        match outcome {
            Authentication::Success(keys) => Self::Success {
                res: format!("{:x}", keys.res.expose_hex()),
                ck: format!("{:x}", keys.ck.expose_hex()),
                ik: format!("{:x}", keys.ik.expose_hex()),
                kc: keys.kc.map(|kc| format!("{:x}", kc.expose_hex())),
            },
            Authentication::SyncFailure(auts) => Self::SynchronisationFailure {
                auts: format!("{:x}", auts.hex()),
            },
        }
    }
}

/// A failure as this dialect writes it: 410 for a missing card, 500 for what the card says.
struct Failure(ApiError);

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

#[derive(Serialize)]
struct Detail {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_word: Option<String>,
}

#[derive(Serialize)]
struct FailureBody {
    error: Detail,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let problem = self.0.problem();
        let status = match (problem.status(), problem.code()) {
            (_, "no_card" | "card_removed" | "no_reader") => StatusCode::GONE,
            (StatusCode::BAD_GATEWAY | StatusCode::CONFLICT, _) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            (other, _) => other,
        };
        let word = self.0.status_word();
        let error = Detail {
            message: problem.detail().to_owned(),
            status_word: word.map(|word| format!("{:04x}", word.get())),
        };
        let mut response = (status, Json(FailureBody { error })).into_response();
        response.headers_mut().extend(problem.headers());
        response
    }
}
