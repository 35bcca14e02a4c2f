//! The compatible dialect: `GET /?type=...` on any path, as its clients know it.

use std::sync::Arc;

use aka::{Autn, Rand};
use axum::{
    extract::{Request, State},
    http::{Method, request::Parts},
    response::Response,
};
use server_kit::caller::Caller;
use usim::{ApplicationKind, Subscriber as _, apdu::Response as CardResponse};

use crate::{
    error::ApiError,
    state::{App, Granted, Wish, action, scope},
};

use super::{command, page};
use body::Answer;
pub(crate) use query::Query;

mod body;
mod query;

/// Answers what no other route does.
pub(super) async fn answer(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, _body) = request.into_parts();
    let query = Query::parse(parts.uri.query().unwrap_or_default());
    if page::is_meant(&parts, &query) {
        return page::show(&app, &parts).await;
    }
    match serve(&app, &parts, &query).await {
        Ok(answer) => answer.into_response(),
        Err(error) => body::failure(&error.problem(), app.errors),
    }
}

async fn serve(app: &App, parts: &Parts, query: &Query) -> Result<Answer, ApiError> {
    if parts.method != Method::GET {
        return Err(ApiError::Method("GET"));
    }
    let asked = Asked {
        app,
        caller: app.admit(parts).await?,
        query,
    };
    match query.first("type") {
        Some("imsi") => asked.imsi().await,
        Some("rand-autn") => asked.authentication().await,
        Some("apdu") => asked.apdu().await,
        Some("imei") => asked.imei().await,
        Some("msisdn") => asked.msisdn().await,
        Some("isim") => asked.isim().await,
        Some(_) => Err(ApiError::BadRequest(
            "type is none of imsi, rand-autn, apdu, imei, msisdn, isim",
        )),
        None => Err(ApiError::BadRequest("type is missing")),
    }
}

struct Asked<'a> {
    app: &'a App,
    caller: Caller,
    query: &'a Query,
}

impl Asked<'_> {
    fn wish(&self, scope: &'static str, action: &'static str) -> Wish<'_> {
        Wish::new(scope, action, self.query.first("sim"))
    }

    fn reading(&self) -> Wish<'_> {
        self.wish(scope::READ, action::READ)
    }

    async fn imsi(&self) -> Result<Answer, ApiError> {
        let wish = self.reading();
        let granted = self
            .app
            .grant(&self.caller, wish, |session, _| session.card().identity());
        Ok(Answer::imsi(&granted.await?.value.imsi))
    }

    async fn authentication(&self) -> Result<Answer, ApiError> {
        let application = self.application()?;
        let rand: Rand = self.digits("rand", "rand is not 32 hex digits")?;
        let autn: Autn = self.digits("autn", "autn is not 32 hex digits")?;
        let wish = self.wish(scope::AUTHENTICATE, action::AUTHENTICATE);
        let granted = self.app.grant(&self.caller, wish, move |session, _| {
            session.card().authenticate(application, &rand, &autn)
        });
        Ok(Answer::authentication(&granted.await?.value))
    }

    async fn apdu(&self) -> Result<Answer, ApiError> {
        let hex = self.query.first("hex").unwrap_or_default();
        let wish = self.wish(scope::APDU, action::APDU);
        let Granted { sim, value, .. } = command::send(self.app, &self.caller, wish, hex).await?;
        let answer = CardResponse::parse(&value.0).ok_or(ApiError::NoSim)?;
        let status = answer.status();
        let status = [status.sw1(), status.sw2()];
        Ok(Answer::apdu(answer.data(), status, sim.kind()))
    }

    async fn imei(&self) -> Result<Answer, ApiError> {
        let wish = self.reading();
        let granted = self
            .app
            .grant(&self.caller, wish, |session, _| session.imei());
        Ok(Answer::Imei {
            imei: granted.await?.value,
        })
    }

    async fn msisdn(&self) -> Result<Answer, ApiError> {
        let wish = self.reading();
        let granted = self
            .app
            .grant(&self.caller, wish, |session, _| session.msisdn());
        Ok(Answer::Msisdn {
            msisdn: granted.await?.value,
        })
    }

    async fn isim(&self) -> Result<Answer, ApiError> {
        let wish = self.reading();
        let granted = self.app.grant(&self.caller, wish, |session, _| {
            session.card().ims_identity()
        });
        Ok(Answer::isim(granted.await?.value))
    }

    fn application(&self) -> Result<ApplicationKind, ApiError> {
        match self.query.first("app") {
            None | Some("usim") => Ok(ApplicationKind::Usim),
            Some("isim") => Ok(ApplicationKind::Isim),
            Some(_) => Err(ApiError::BadRequest("app is neither usim nor isim")),
        }
    }

    fn digits<T: std::str::FromStr>(&self, key: &str, wrong: &'static str) -> Result<T, ApiError> {
        let text = self.query.first(key).unwrap_or_default();
        text.parse().map_err(|_error| ApiError::BadRequest(wrong))
    }
}
