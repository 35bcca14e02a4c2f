//! Who the user might be, as the client says.

use passkey_idp::application::ApplicationId;
use passkey_idp::id::UserId;
use passkey_idp::oauth::authorize::AuthorizationRequest;
use passkey_idp::oauth::{ErrorCode, OAuthError};
use passkey_idp::order::Offer;
use passkey_idp::store::{StoreError, StoreExt as _};
use passkey_idp::user::User;
use strict_jws::Policy;
use strict_jws::json::{Bounds, Document};

use crate::state::App;

/// The subject of an ID token that was issued here for `client`, expired or not (OpenID Connect Core
/// §3.1.2.1).
pub(in super::super) fn subject(
    app: &App,
    token: &str,
    client: &ApplicationId,
) -> Result<UserId, OAuthError> {
    let refused =
        ErrorCode::InvalidRequest.because("id_token_hint is none of ours for this client");
    let keys = app.keys.now();
    let verified = keys.published().verify(token, &Policy::untyped_or_jwt());
    let verified = verified.or(Err(refused))?;
    let claims = Document::parse(verified.payload(), Bounds::PAYLOAD).or(Err(refused))?;
    let claims = claims.root();
    let text = |name| claims.member(name).and_then(|value| value.string());
    let is = |name, wanted: &str| text(name).is_some_and(|value| value == wanted);
    let subject = text("sub").and_then(|subject| subject.parse().ok());
    let ours = is("iss", &app.settings.origin) && is("aud", client.as_str());
    subject.filter(|_| ours).ok_or(refused)
}

/// Whose passkeys the browser is asked for: the user who is expected, by an ID token or the claim `sub`, or
/// the one that `login_hint` names by their identifier. Any other hint is ignored, so that nobody learns who has an account.
///
/// Which passkeys these are is told where an ID token of ours names the user, or the browser's own session: `sub` and
/// `login_hint` can be written by anybody who knows the identifier, which every client of the user does.
pub(super) async fn requested(
    app: &App,
    request: &AuthorizationRequest,
    signed_in: Option<UserId>,
) -> Result<Option<(UserId, Offer)>, StoreError> {
    let hint = request
        .login_hint
        .as_deref()
        .and_then(|hint| hint.parse().ok());
    let expected = request.progress.user.or_else(|| request.wanted_user());
    let Some(user) = expected.or(hint) else {
        return Ok(None);
    };
    let found = app.store.find::<User>(&User::row_id(&user)).await?;
    let is_known = [request.progress.user, signed_in].contains(&Some(user));
    let offer = if is_known {
        Offer::Listed
    } else {
        Offer::Discoverable
    };
    Ok(found.map(|_| (user, offer)))
}
