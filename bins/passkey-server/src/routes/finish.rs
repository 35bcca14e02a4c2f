//! Where a browser goes once an order is answered.

use passkey_idp::id::OrderId;
use passkey_idp::order::{Cause, Order, Status, What};
use passkey_idp::store::Stored;

use super::oauth::settled;
use crate::state::App;

/// The address that the application gave, with the answer in its query.
///
/// What an authorization request was placed for goes on at the request's own page, in the browser
/// that brought it.
pub(super) fn onward(id: &OrderId, order: &Stored<Order>, status: Status) -> Option<String> {
    if let Some(Cause::Authorization(request)) = &order.body.cause {
        return Some(format!("/authorize/{request}"));
    }
    let redirect = order.body.redirect.as_ref()?;
    let id = id.to_string();
    let outcome = order.body.outcome.as_ref();
    let user = outcome.map(|outcome| outcome.user.to_string());
    let mut pairs = vec![("challengeId", id.as_str())];
    match status {
        Status::Signed | Status::Collected => {
            if let (What::Register { .. }, Some(user)) = (&order.body.what, &user) {
                pairs.extend([("userId", user.as_str()), ("action", "created")]);
            }
        }
        Status::Rejected => pairs.push(("error", "access_denied")),
        Status::Pending | Status::Viewed | Status::Cancelled | Status::Expired => return None,
    }
    Some(redirect.with_query(pairs))
}

/// The same for a page that is not ours: there the answer to an authorization request that came over
/// the API is ready.
pub(super) async fn told(app: &App, id: &OrderId, order: &Stored<Order>, status: Status) -> String {
    let address = match &order.body.cause {
        Some(Cause::Authorization(request)) => settled(app, request).await,
        _ => onward(id, order, status),
    };
    address.unwrap_or_default()
}
