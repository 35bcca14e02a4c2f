//! Authorization requests: what a client asks for, and what has to happen before it gets it.

mod level;
mod next;
mod progress;
mod prompt;
mod pushed;

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strict_jws::Thumbprint;

use super::claims::Asked;
use super::{Claims, Client, CodeChallenge, ErrorCode, Flow, OAuthError, Parameters, Scope};
use crate::application::{ApplicationId, RedirectUri};
use crate::id::UserId;
use crate::store::{Kind, Record, State};

pub use level::Level;
pub use next::{Next, Session};
pub use progress::Progress;
pub use prompt::{InvalidPrompt, Prompt};
pub use pushed::{Brought, PushRefusal, Pushed, RequestUri};

/// An authorization request that may be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuthorizationRequest {
    /// Who asks (`client_id`).
    pub client: ApplicationId,
    /// Where the answer goes (`redirect_uri`).
    pub redirect_uri: RedirectUri,
    /// How it gets there (`response_mode`).
    pub response_mode: ResponseMode,
    /// What the client wants to find in the answer (`state`).
    pub state: Option<String>,
    /// What is asked for (`scope`).
    pub scope: Scope,
    /// What the client wants to find in the ID token (`nonce`).
    pub nonce: Option<String>,
    /// What the code is bound to (`code_challenge`).
    pub code_challenge: CodeChallenge,
    /// What the user must, or must not, be asked (`prompt`).
    pub prompt: Prompt,
    /// How many seconds ago the user may have signed in (`max_age`).
    pub max_age: Option<u64>,
    /// Levels of authentication in order of preference (`acr_values`).
    pub acr_values: Vec<String>,
    /// Who the user might be (`login_hint`).
    pub login_hint: Option<String>,
    /// An ID token that says who the user is; it is yet to be verified (`id_token_hint`).
    pub id_token_hint: Option<String>,
    /// The languages of the pages, in order of preference (`ui_locales`).
    pub ui_locales: Option<String>,
    /// Single claims that are asked for, in JSON (`claims`).
    pub claims: Option<String>,
    /// The thumbprint of the key that the code is bound to (`dpop_jkt`, RFC 9449 §10).
    pub dpop_jkt: Option<String>,
    /// What has become of it since.
    #[serde(default)]
    pub progress: Progress,
}

/// How an answer reaches the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "each has its page or redirect")]
pub enum ResponseMode {
    /// In the query of the redirect.
    #[default]
    Query,
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Way {
    /// With the browser, which may have changed it.
    Browser,
    /// From the client itself, which has authenticated (RFC 9126).
    Pushed,
}

/// Why a request is refused, and who is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "there is nobody else to tell")]
pub enum Refusal {
    /// It is not known whether the redirect is the client's: only the user is told.
    #[error("{0}")]
    Show(OAuthError),
    /// The client is told.
    #[error("{error}")]
    Return {
        /// What it is told.
        error: OAuthError,
        /// Where.
        redirect_uri: RedirectUri,
        /// How.
        response_mode: ResponseMode,
        /// What it wants to find there.
        state: Option<String>,
    },
}

/// Reads the request of `client`, whose metadata are `registered` (OAuth 2.1 §4.1.1, OpenID Connect
/// Core §3.1.2.1).
///
/// ```
/// use passkey_idp::oauth::authorize::{self, Way};
/// use passkey_idp::oauth::{Client, Flow, Parameters};
///
/// let mut registered = Client::default();
/// registered.redirect_uris = vec!["https://rp.example/back".parse()?];
/// registered.flows = vec![Flow::AuthorizationCode];
/// registered.scope = "openid".parse()?;
/// let parameters = Parameters::parse(
///     "response_type=code&scope=openid&redirect_uri=https://rp.example/back&state=xyz\
///      &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
/// )?;
/// let request = authorize::read(&"rp".parse()?, &registered, &parameters, Way::Browser)?;
/// assert_eq!(request.state.as_deref(), Some("xyz"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Refusal`]
pub fn read(
    client: &ApplicationId,
    registered: &Client,
    parameters: &Parameters,
    way: Way,
) -> Result<AuthorizationRequest, Refusal> {
    let redirect_uri = redirect_uri(registered, parameters).map_err(Refusal::Show)?;
    let response_mode = response_mode(parameters);
    let read = || -> Result<AuthorizationRequest, OAuthError> {
        check_client(registered, way)?;
        check_response_type(parameters)?;
        Ok(AuthorizationRequest {
            client: client.clone(),
            redirect_uri: redirect_uri.clone(),
            response_mode: response_mode?,
            state: text(parameters, "state")?,
            scope: registered.granted(parameters.get("scope"))?,
            nonce: text(parameters, "nonce")?,
            code_challenge: code_challenge(parameters)?,
            prompt: parsed(parameters, "prompt", "prompt")?.unwrap_or_default(),
            max_age: parsed(parameters, "max_age", "max_age is a number of seconds")?,
            acr_values: words(parameters, "acr_values")?,
            login_hint: text(parameters, "login_hint")?,
            id_token_hint: text(parameters, "id_token_hint")?,
            ui_locales: text(parameters, "ui_locales")?,
            claims: claims(parameters)?,
            dpop_jkt: dpop_jkt(parameters)?,
            progress: Progress::default(),
        })
    };
    let read = read().map(|request| request.with_scopes_of_claims(registered));
    read.map_err(|error| Refusal::Return {
        error,
        redirect_uri: redirect_uri.clone(),
        response_mode: response_mode.unwrap_or_default(),
        state: parameters.get("state").map(ToOwned::to_owned),
    })
}

/// One that [is registered](RedirectUri::admits); if only one is, it need not be said.
fn redirect_uri(registered: &Client, parameters: &Parameters) -> Result<RedirectUri, OAuthError> {
    let known = &registered.redirect_uris;
    let Some(wanted) = parameters.get("redirect_uri") else {
        return match known.as_slice() {
            [only] => Ok(only.clone()),
            _ => Err(ErrorCode::InvalidRequest.because("redirect_uri is missing")),
        };
    };
    let wanted = wanted.parse().ok();
    let registered = wanted.filter(|wanted| known.iter().any(|known| known.admits(wanted)));
    registered.ok_or(ErrorCode::InvalidRequest.because("redirect_uri is not registered"))
}

fn response_mode(parameters: &Parameters) -> Result<ResponseMode, OAuthError> {
    match parameters.get("response_mode") {
        None | Some("query") => Ok(ResponseMode::Query),
        Some("form_post") => Ok(ResponseMode::FormPost),
        Some(_) => Err(ErrorCode::InvalidRequest.because("response_mode is query or form_post")),
    }
}

fn check_client(registered: &Client, way: Way) -> Result<(), OAuthError> {
    if !registered.may(Flow::AuthorizationCode) {
        return Err(ErrorCode::UnauthorizedClient.because("the client may not ask for codes"));
    }
    if registered.pushes && way == Way::Browser {
        return Err(ErrorCode::InvalidRequest.because("the client has to push its requests"));
    }
    Ok(())
}

fn check_response_type(parameters: &Parameters) -> Result<(), OAuthError> {
    if parameters.get("request").is_some() {
        return Err(ErrorCode::RequestNotSupported.because("push the request instead"));
    }
    if parameters.get("request_uri").is_some() {
        return Err(ErrorCode::InvalidRequest.because("request_uri does not belong there"));
    }
    match parameters.get("response_type") {
        Some("code") => Ok(()),
        Some(_) => Err(ErrorCode::UnsupportedResponseType.because("response_type is code")),
        None => Err(ErrorCode::InvalidRequest.because("response_type is missing")),
    }
}

fn code_challenge(parameters: &Parameters) -> Result<CodeChallenge, OAuthError> {
    let method = parameters.get("code_challenge_method");
    let challenge = parameters.get("code_challenge");
    let challenge =
        challenge.ok_or(ErrorCode::InvalidRequest.because("code_challenge is missing"))?;
    if method != Some("S256") {
        return Err(ErrorCode::InvalidRequest.because("code_challenge_method is S256"));
    }
    let parsed = challenge.parse();
    parsed.or(Err(
        ErrorCode::InvalidRequest.because("code_challenge is malformed")
    ))
}

fn claims(parameters: &Parameters) -> Result<Option<String>, OAuthError> {
    let claims = text(parameters, "claims")?;
    if let Some(text) = &claims {
        level::check_claims(&Asked::parse(text)?)?;
    }
    Ok(claims)
}

impl AuthorizationRequest {
    /// The claims that are asked for one by one.
    pub fn asked_claims(&self) -> Claims {
        self.wishes()
            .map(|asked| asked.claims())
            .unwrap_or_default()
    }

    /// Whether it may be answered for `user`: the claim `sub` is wanted with a value, or it is not (OpenID
    /// Connect Core §5.5.1).
    pub fn admits(&self, user: &UserId) -> bool {
        self.wishes().is_none_or(|asked| asked.admits(user))
    }

    /// Who the user must be by the claim `sub`, if there is one that will do.
    pub fn wanted_user(&self) -> Option<UserId> {
        let subjects = self.wishes()?.subjects();
        let named = subjects.first()?;
        let [only] = named.as_slice() else {
            return None;
        };
        only.parse().ok()
    }

    fn wishes(&self) -> Option<Asked<'_>> {
        Asked::parse(self.claims.as_deref()?).ok()
    }

    /// The user's name is behind a scope: whoever asks for it by itself asks for that, if it may.
    fn with_scopes_of_claims(mut self, registered: &Client) -> Self {
        let identity = self.scope.contains("openid") && registered.scope.contains(PROFILE);
        if identity && self.asked_claims().name_user() {
            self.scope = self.scope.with(PROFILE);
        }
        self
    }
}

fn dpop_jkt(parameters: &Parameters) -> Result<Option<String>, OAuthError> {
    let key: Option<Thumbprint> = parsed(parameters, "dpop_jkt", "dpop_jkt is a thumbprint")?;
    Ok(key.map(|key| key.to_string()))
}

fn words(parameters: &Parameters, name: &str) -> Result<Vec<String>, OAuthError> {
    let text = text(parameters, name)?.unwrap_or_default();
    let words = text.split(' ').filter(|word| !word.is_empty());
    Ok(words.take(MOST_WORDS).map(ToOwned::to_owned).collect())
}

fn parsed<T: FromStr>(
    parameters: &Parameters,
    name: &str,
    wrong: &'static str,
) -> Result<Option<T>, OAuthError> {
    let value = parameters.get(name).map(str::parse).transpose();
    value.or(Err(ErrorCode::InvalidRequest.because(wrong)))
}

/// A text that is kept, and given back.
fn text(parameters: &Parameters, name: &str) -> Result<Option<String>, OAuthError> {
    let value = parameters.get(name);
    if value.is_some_and(|value| value.len() > MOST_TEXT) {
        return Err(ErrorCode::InvalidRequest.because("a parameter is too long"));
    }
    Ok(value.map(ToOwned::to_owned))
}

/// What the user's name is told with.
const PROFILE: &str = "profile";
const MOST_TEXT: usize = 4096;
const MOST_WORDS: usize = 16;

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the state machine is closed")]
pub enum RequestState {
    /// The client has pushed it, and no browser has brought it.
    Pushed,
    /// A browser has brought it, and the user has not answered.
    Open,
    /// It was answered.
    Answered,
}

impl State for RequestState {
    const ALL: &'static [Self] = &[Self::Pushed, Self::Open, Self::Answered];

    fn name(self) -> &'static str {
        match self {
            Self::Pushed => "pushed",
            Self::Open => "open",
            Self::Answered => "answered",
        }
    }
}

impl Record for AuthorizationRequest {
    const KIND: Kind = Kind::AuthorizationRequest;
    type State = RequestState;
}

#[cfg(test)]
mod tests;
