//! Reading backchannel authentication requests (CIBA §7.1).

use super::{Hint, Mode, NotificationToken, message};
use crate::Duration;
use crate::application::ApplicationId;
use crate::oauth::{Client, ErrorCode, Flow, OAuthError, Parameters, Scope};
use crate::order::{Document, Entrance};

/// A request that may be placed, once it is known which user it is about.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BackchannelRequest {
    /// Who asks.
    pub client: ApplicationId,
    /// What is asked for (`scope`).
    pub scope: Scope,
    /// Who the user is; nobody in particular, where a dialect allows that.
    pub hint: Option<Hint>,
    /// What the user compares and signs (`binding_message`).
    pub message: Option<Document>,
    /// Levels of authentication in order of preference (`acr_values`).
    pub acr_values: Vec<String>,
    /// How long the user may take.
    pub lifetime: Duration,
    /// What the client knows us by when it is told something (`client_notification_token`).
    pub notification_token: Option<NotificationToken>,
    /// How the order is opened: by a code that is good for seconds; by its identifier too for
    /// Uyulala's clients, whose pages know nothing else.
    pub entrance: Entrance,
}

/// How many hints a request has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the standard and its extension")]
pub enum Hints {
    /// Exactly one (CIBA §7.1).
    One,
    /// One, or none for whoever scans the request's QR code: Uyulala's extension.
    AtMostOne,
}

/// Reads the request of `client`, which has authenticated, and whose metadata are `registered`.
///
/// # Errors
/// What the client is told.
pub fn read(
    client: &ApplicationId,
    registered: &Client,
    parameters: &Parameters,
    hints: Hints,
) -> Result<BackchannelRequest, OAuthError> {
    check_client(registered)?;
    if parameters.get("request").is_some() {
        return Err(ErrorCode::InvalidRequest.because("a signed request is opened first"));
    }
    if parameters.get("user_code").is_some() {
        return Err(ErrorCode::InvalidUserCode.because("users have no codes here"));
    }
    Ok(BackchannelRequest {
        client: client.clone(),
        scope: scope(registered, parameters)?,
        hint: hint(parameters, hints)?,
        message: parameters
            .get("binding_message")
            .map(message::document)
            .transpose()?,
        acr_values: acr_values(parameters),
        lifetime: lifetime(parameters)?,
        notification_token: notification_token(registered.notification.mode(), parameters)?,
        entrance: match hints {
            Hints::One => Entrance::Code,
            Hints::AtMostOne => Entrance::Address,
        },
    })
}

fn check_client(registered: &Client) -> Result<(), OAuthError> {
    if registered.is_public() || !registered.may(Flow::Ciba) {
        return Err(ErrorCode::UnauthorizedClient.because("the client may not ask users directly"));
    }
    if registered.proves_key && registered.notification.mode() == Mode::Push {
        return Err(ErrorCode::UnauthorizedClient.because("tokens bound to a key are not pushed"));
    }
    Ok(())
}

fn scope(registered: &Client, parameters: &Parameters) -> Result<Scope, OAuthError> {
    let scope = parameters.get("scope");
    let scope = scope.ok_or(ErrorCode::InvalidRequest.because("scope is missing"))?;
    let scope = registered.granted(Some(scope))?;
    if !scope.contains("openid") {
        return Err(ErrorCode::InvalidScope.because("scope lacks openid"));
    }
    Ok(scope)
}

fn hint(parameters: &Parameters, hints: Hints) -> Result<Option<Hint>, OAuthError> {
    let of = |name| parameters.get(name).map(ToOwned::to_owned);
    let given = [
        of("login_hint").map(Hint::Login),
        of("login_hint_token").map(Hint::LoginToken),
        of("id_token_hint").map(Hint::IdToken),
    ];
    let mut given = given.into_iter().flatten();
    let hint = given.next();
    if given.next().is_some() {
        return Err(ErrorCode::InvalidRequest.because("there are several hints"));
    }
    if hint.is_none() && hints == Hints::One {
        return Err(ErrorCode::InvalidRequest.because("there is no hint"));
    }
    Ok(hint)
}

fn acr_values(parameters: &Parameters) -> Vec<String> {
    let words = parameters.get("acr_values").unwrap_or_default().split(' ');
    let words = words.filter(|word| !word.is_empty()).take(MOST_LEVELS);
    words.map(ToOwned::to_owned).collect()
}

/// What is asked for, as far as it may be granted: a request that stays open for long is one that a
/// tired user approves at some time.
fn lifetime(parameters: &Parameters) -> Result<Duration, OAuthError> {
    let Some(wanted) = parameters.get("requested_expiry") else {
        return Ok(USUAL);
    };
    let digits = wanted.bytes().all(|octet| octet.is_ascii_digit());
    let positive = wanted.bytes().any(|octet| octet != b'0');
    if !digits || !positive {
        return Err(ErrorCode::InvalidRequest.because("requested_expiry is a positive integer"));
    }
    let seconds = wanted.parse().unwrap_or(u64::MAX);
    Ok(Duration::from_seconds(seconds).clamp(SHORTEST, LONGEST))
}

fn notification_token(
    mode: Mode,
    parameters: &Parameters,
) -> Result<Option<NotificationToken>, OAuthError> {
    if mode == Mode::Poll {
        return Ok(None);
    }
    let missing = ErrorCode::InvalidRequest.because("client_notification_token is missing");
    let token = parameters.get("client_notification_token").ok_or(missing)?;
    let malformed = ErrorCode::InvalidRequest.because("client_notification_token is malformed");
    token.parse().map(Some).or(Err(malformed))
}

const USUAL: Duration = Duration::from_seconds(300);
const SHORTEST: Duration = Duration::from_seconds(10);
const LONGEST: Duration = Duration::from_seconds(600);
const MOST_LEVELS: usize = 16;
