//! The evidence of orders that were signed.

use passkey_idp::evidence::Evidence;
use passkey_idp::order::Order;
use passkey_idp::store::{StoreError, StoreExt as _, Stored};

use crate::state::App;

/// The package that proves what came of an order, if something did.
pub(super) async fn package(
    app: &App,
    order: &Stored<Order>,
) -> Result<Option<String>, StoreError> {
    let Some(outcome) = &order.body.outcome else {
        return Ok(None);
    };
    let signed_at = outcome.signed_at.max(order.created_at);
    let row = Evidence::row_id(&outcome.evidence, signed_at);
    let evidence = app.store.find::<Evidence>(&row).await?;
    Ok(evidence.map(|evidence| evidence.body.package))
}
