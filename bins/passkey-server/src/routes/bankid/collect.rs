//! `POST /rp/v6.0/collect`: how an order stands, and once what was signed.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use passkey_idp::bankid::{self, Collected, Hint, OrderRef};
use passkey_idp::order::Order;
use passkey_idp::store::{Commit, StoreExt as _, Stored};
use passkey_idp::user::User;
use serde_json::{Value, json};
use strict_jws::base64;

use super::super::proof;
use super::error::{NO_SUCH_ORDER, Refused};
use super::{named, read};
use crate::state::{App, now};

pub(super) async fn collect(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Json<Value>, Refused> {
    let (party, body) = read(&app, request).await?;
    let order_ref = named(&body)?;
    for _ in 0..TRIES {
        let row = Order::row_id(order_ref.order());
        let order = app.store.find::<Order>(&row).await?.ok_or(NO_SUCH_ORDER)?;
        match bankid::collect(&order, &party.body.id, now())? {
            Collected::Pending(hint) => return Ok(waiting(&order_ref, "pending", hint)),
            Collected::Failed(hint) => return Ok(waiting(&order_ref, "failed", hint)),
            Collected::Complete(changes) => {
                let data = completion(&app, &order).await?;
                if let Commit::Done(_) = app.store.commit(changes, now()).await? {
                    app.trace(party.body.id.as_str(), "order", "collect", "success");
                    let order_ref = order_ref.to_string();
                    return Ok(Json(json!({
                        "orderRef": order_ref, "status": "complete", "completionData": data,
                    })));
                }
            }
        }
    }
    Err(NO_SUCH_ORDER.into())
}

fn waiting(order_ref: &OrderRef, status: &str, hint: Hint) -> Json<Value> {
    let order_ref = order_ref.to_string();
    Json(json!({ "orderRef": order_ref, "status": status, "hintCode": hint.code() }))
}

/// Who has signed, and the proof: a package of evidence where BankID has a signature in XML.
async fn completion(app: &App, order: &Stored<Order>) -> Result<Value, Refused> {
    let outcome = order.body.outcome.ok_or(NO_SUCH_ORDER)?;
    let package = proof::package(app, order).await?;
    let package = package.ok_or(NO_SUCH_ORDER)?;
    let user = app.store.find::<User>(&User::row_id(&outcome.user)).await?;
    let name = user.map_or_else(String::new, |user| user.body.name);
    Ok(json!({
        "user": {
            "personalNumber": outcome.user,
            "name": name,
            "givenName": name,
            "surname": "",
        },
        "device": {},
        "signature": base64::encode_padded(package.as_bytes()),
        "ocspResponse": "",
    }))
}

const TRIES: usize = 3;
