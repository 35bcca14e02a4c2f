//! Where a browser goes once an order is answered.

use passkey_idp::id::OrderId;
use passkey_idp::order::{Order, Status, What};
use passkey_idp::store::Stored;

/// The address that the application gave, with the answer in its query.
///
/// An authorization's answer is made by its own routes, from `order.body.cause`.
pub(super) fn onward(id: &OrderId, order: &Stored<Order>, status: Status) -> Option<String> {
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
