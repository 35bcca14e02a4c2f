//! The typed dialect, `/v1`: every SIM by name, every outcome by its word, problems as RFC 9457.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use server_kit::body::Body;
use usim::{Card, Error, Subscriber as _};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{access::Access, command};
use crate::{
    error::ApiError,
    sim::{LeaseKind, LeaseRequest},
    state::{App, Wish, action, scope},
};
use body::{
    ApduAnswer, ApduRequest, AuthenticateAnswer, AuthenticateRequest, Challenge, ChannelAnswer,
    ChannelKind, ChannelRequest, NafAnswer, NafRequest, SimBody, SimList,
};

pub(super) mod body;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(authenticate))
        .routes(routes!(apdu))
        .routes(routes!(lease))
        .routes(routes!(release))
        .routes(routes!(gba_naf))
}

/// The SIMs that the caller may use.
#[utoipa::path(get, path = "/v1/sims", tag = "sims", responses(
    (status = 200, body = SimList),
    (status = "default", body = server_kit::problem::Problem, content_type = "application/problem+json"),
))]
async fn list(
    State(app): State<Arc<App>>,
    Access(caller): Access,
) -> Result<Json<SimList>, ApiError> {
    caller.may(scope::READ)?;
    let sims = app.sims.of(&caller);
    let sims = sims.iter().map(|(index, sim)| SimBody::new(*index, sim));
    Ok(Json(SimList {
        sims: sims.collect(),
    }))
}

/// One SIM, by ICCID, reader name, alias or index.
#[utoipa::path(get, path = "/v1/sims/{id}", tag = "sims",
    params(("id" = String, Path, description = "ICCID, reader name, alias or index")), responses(
    (status = 200, body = SimBody),
    (status = "default", body = server_kit::problem::Problem, content_type = "application/problem+json"),
))]
async fn show(
    State(app): State<Arc<App>>,
    Access(caller): Access,
    Path(id): Path<String>,
) -> Result<Json<SimBody>, ApiError> {
    let wish = Wish::new(scope::READ, action::READ, Some(&id));
    let (index, sim) = app.find(&caller, &wish)?;
    Ok(Json(SimBody::new(index, &sim)))
}

/// Answers a challenge; a stale one is an outcome, one with a wrong MAC the problem `mac_failure`.
#[utoipa::path(post, path = "/v1/sims/{id}/authenticate", tag = "authentication",
    params(("id" = String, Path, description = "ICCID, reader name, alias or index")),
    request_body = AuthenticateRequest, responses(
    (status = 200, body = AuthenticateAnswer),
    (status = "default", body = server_kit::problem::Problem, content_type = "application/problem+json"),
))]
async fn authenticate(
    State(app): State<Arc<App>>,
    Access(caller): Access,
    Path(id): Path<String>,
    Body(request): Body<AuthenticateRequest>,
) -> Result<Json<AuthenticateAnswer>, ApiError> {
    let challenge = request.challenge()?;
    let wish = Wish::new(scope::AUTHENTICATE, action::AUTHENTICATE, Some(&id));
    let wish = wish.under(request.lease);
    let granted = app.grant(&caller, wish, move |session, _| {
        answer(session.card(), &challenge)
    });
    Ok(Json(granted.await?.value))
}

fn answer(card: &mut Card, challenge: &Challenge) -> Result<AuthenticateAnswer, Error> {
    match challenge {
        Challenge::Umts(application, rand, autn) => {
            card.authenticate(*application, rand, autn).map(Into::into)
        }
        Challenge::Gsm(rand) => card.authenticate_gsm(rand).map(Into::into),
        Challenge::Gba(rand, autn) => card.gba_bootstrap(rand, autn).map(Into::into),
    }
}

/// Derives Ks_ext_NAF from what `authenticate` with context `gba` has left on the card.
#[utoipa::path(post, path = "/v1/sims/{id}/gba-naf", tag = "authentication",
    params(("id" = String, Path, description = "ICCID, reader name, alias or index")),
    request_body = NafRequest, responses(
    (status = 200, body = NafAnswer),
    (status = "default", body = server_kit::problem::Problem, content_type = "application/problem+json"),
))]
async fn gba_naf(
    State(app): State<Arc<App>>,
    Access(caller): Access,
    Path(id): Path<String>,
    Body(request): Body<NafRequest>,
) -> Result<Json<NafAnswer>, ApiError> {
    let naf_id = request.naf_id()?;
    let wish = Wish::new(scope::AUTHENTICATE, action::AUTHENTICATE, Some(&id));
    let granted = app.grant(&caller, wish, move |session, _| {
        let key = session.card().gba_naf(&naf_id, &request.impi)?;
        Ok(NafAnswer::from(key))
    });
    Ok(Json(granted.await?.value))
}

/// Sends one command as it is; `61xx` and `6Cxx` are the caller's to follow.
#[utoipa::path(post, path = "/v1/sims/{id}/apdu", tag = "commands",
    params(("id" = String, Path, description = "ICCID, reader name, alias or index")),
    request_body = ApduRequest, responses(
    (status = 200, body = ApduAnswer),
    (status = "default", body = server_kit::problem::Problem, content_type = "application/problem+json"),
))]
async fn apdu(
    State(app): State<Arc<App>>,
    Access(caller): Access,
    Path(id): Path<String>,
    Body(request): Body<ApduRequest>,
) -> Result<Json<ApduAnswer>, ApiError> {
    let wish = Wish::new(scope::APDU, action::APDU, Some(&id)).under(request.lease);
    let granted = command::send(&app, &caller, wish, &request.apdu).await?;
    Ok(Json(ApduAnswer::new(&granted.value.0)))
}

/// Leases a logical channel, or the whole SIM, for work of several commands.
#[utoipa::path(post, path = "/v1/sims/{id}/channel", tag = "commands",
    params(("id" = String, Path, description = "ICCID, reader name, alias or index")),
    request_body = ChannelRequest, responses(
    (status = 201, body = ChannelAnswer),
    (status = "default", body = server_kit::problem::Problem, content_type = "application/problem+json"),
))]
async fn lease(
    State(app): State<Arc<App>>,
    Access(caller): Access,
    Path(id): Path<String>,
    Body(request): Body<ChannelRequest>,
) -> Result<(StatusCode, Json<ChannelAnswer>), ApiError> {
    let wish = Wish::new(scope::APDU, action::LEASE, Some(&id));
    let time = Duration::from_secs(request.seconds);
    if time.is_zero() || time > app.longest_lease {
        return Err(ApiError::BadRequest(
            "seconds is 0, or longer than a lease may be",
        ));
    }
    let kind = match request.kind {
        ChannelKind::Channel => LeaseKind::Channel,
        ChannelKind::Exclusive => LeaseKind::Exclusive,
    };
    let lease = LeaseRequest {
        caller: caller.name().to_owned(),
        kind,
        aid: request.aid()?,
        time,
    };
    let (_, sim) = app
        .find(&caller, &wish)
        .inspect_err(|error| app.refused(&caller, &wish, error))?;
    let given = sim.lease(lease).await;
    let class = given.as_ref().map_or_else(ApiError::code, |_| "success");
    app.trace(&caller, sim.name(), wish.action, class);
    let answer = ChannelAnswer::new(given?, request.seconds);
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Gives a lease back.
#[utoipa::path(delete, path = "/v1/sims/{id}/channel/{lease}", tag = "commands",
    params(("id" = String, Path, description = "ICCID, reader name, alias or index"),
        ("lease" = String, Path, description = "the lease's name")), responses(
    (status = 204),
    (status = "default", body = server_kit::problem::Problem, content_type = "application/problem+json"),
))]
async fn release(
    State(app): State<Arc<App>>,
    Access(caller): Access,
    Path((id, lease)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let wish = Wish::new(scope::APDU, action::LEASE, Some(&id));
    let (_, sim) = app.find(&caller, &wish)?;
    sim.release(&lease, caller.name()).await?;
    Ok(StatusCode::NO_CONTENT)
}
