//! The page that asks for a passkey.

use axum::http::StatusCode;
use axum::response::Response;
use passkey_idp::application::RedirectUri;
use passkey_idp::order::{Document, MediaType, Order, What};
use passkey_idp::random::Digest;
use passkey_idp::store::Stored;

use super::super::page::answer;
use super::{Failure, Visit};
use crate::pages::{Ask, Attachment, Content, Register, Signed};

/// Asks for what the order wants: a new passkey, or a known one's signature.
pub(super) async fn page(visit: &Visit, order: &Stored<Order>) -> Result<Response, Failure> {
    let (app, keys) = (&*visit.app, visit.app.keys.now());
    let approver = app.approver(keys.signer());
    let options = approver.options(&*app.store, &visit.id, order, visit.now);
    let options = serde_json::to_string(&options.await?).map_err(|_no_json| Failure::Form)?;
    let (party, action, csrf) = (visit.party(order).await?, visit.action(), visit.token());
    let ends = order.body.sign_until;
    let (ends, seconds) = (ends.unix_millis(), ends.since(visit.now).as_seconds());
    let leads = order.body.redirect.as_ref().map(RedirectUri::as_str);
    let elsewhere = order.body.handover.is_none().then(|| visit.elsewhere());
    let content = match &order.body.what {
        What::Register { name, .. } => {
            let mut page = Register::new(&party, name, &action);
            (page.language, page.csrf, page.options) = (visit.language, &csrf, &options);
            (page.ends, page.seconds) = (ends, seconds);
            page.elsewhere = elsewhere.as_deref();
            return Ok(answer(app, StatusCode::OK, &page, leads));
        }
        What::Sign(document) => content(document),
        What::SignIn | _ => Content::sign_in(),
    };
    let mut page = Ask::new(&party, &content, &action);
    (page.language, page.csrf, page.options) = (visit.language, &csrf, &options);
    (page.ends, page.seconds) = (ends, seconds);
    page.elsewhere = elsewhere.as_deref();
    Ok(answer(app, StatusCode::OK, &page, leads))
}

fn content(document: &Document) -> Content {
    let text = match document.media_type() {
        MediaType::Markdown => Signed::markdown(document.text()),
        MediaType::Plain | _ => Signed::plain(document.text()),
    };
    let data = document.data().map(|data| {
        let digest = hex::encode(Digest::sha256(data).as_bytes());
        Attachment::new("application/octet-stream", data, digest)
    });
    Content::Sign(text, data)
}
