//! What has to happen before a request is granted.

use super::{AuthorizationRequest, Prompt};
use crate::id::UserId;
use crate::oauth::{Authentication, Client, ConsentRule, ErrorCode, OAuthError, Scope};
use crate::{Duration, Instant};

/// What is known of the browser that brought a request.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "the server knows it")]
pub struct Session<'a> {
    /// How its user signed in, if they did.
    pub authentication: Option<&'a Authentication>,
    /// What the user has let this client know before.
    pub consent: Option<&'a Scope>,
    /// Who the user must be: the subject of a verified `id_token_hint`.
    pub expected_user: Option<UserId>,
    /// Whether they signed in for this very request, which counts as what `prompt` and `max_age`
    /// want.
    pub is_fresh: bool,
    /// Whether they consented to this very request.
    pub has_consented: bool,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each is a page or an answer")]
pub enum Next {
    /// The user signs in.
    SignIn,
    /// The user is asked for these scopes.
    Consent(Scope),
    /// The client gets its code.
    Grant,
    /// The client gets an error.
    Refuse(OAuthError),
}

impl AuthorizationRequest {
    /// What comes next for it in `session` (OpenID Connect Core §3.1.2.3, §3.1.2.4).
    pub fn next(&self, registered: &Client, session: Session<'_>, now: Instant) -> Next {
        let Some(authentication) = session.authentication else {
            return self.unless_silent(Next::SignIn, ErrorCode::LoginRequired);
        };
        if !session.is_fresh && !self.is_recent_enough(authentication, now) {
            return self.unless_silent(Next::SignIn, ErrorCode::LoginRequired);
        }
        let other = |user: UserId| user != authentication.user;
        if session.expected_user.is_some_and(other) || !self.admits(&authentication.user) {
            let refused = ErrorCode::LoginRequired.because("another user is signed in");
            let may_ask = !session.is_fresh && self.prompt != Prompt::Nothing;
            return if may_ask {
                Next::SignIn
            } else {
                Next::Refuse(refused)
            };
        }
        if self.acr(authentication).is_none() {
            let unmet = ErrorCode::UnmetAuthenticationRequirements;
            return Next::Refuse(unmet.because("the user was not verified"));
        }
        match self.consent_needed(registered, session) {
            Some(scope) => self.unless_silent(Next::Consent(scope), ErrorCode::ConsentRequired),
            None => Next::Grant,
        }
    }

    fn is_recent_enough(&self, authentication: &Authentication, now: Instant) -> bool {
        let age = now.since(authentication.at);
        // `max_age=0` is `prompt=login` (OpenID Connect Core §3.1.2.1), however fast the browser is
        let within = |most: u64| most > 0 && age <= Duration::from_seconds(most);
        !self.prompt.wants_sign_in()
            && self.acr(authentication).is_some()
            && self.max_age.is_none_or(within)
    }

    fn consent_needed(&self, registered: &Client, session: Session<'_>) -> Option<Scope> {
        let implied = registered.consent == ConsentRule::Implied && !self.prompt.wants_consent();
        if session.has_consented || implied {
            return None;
        }
        let nothing = Scope::default();
        let before = session.consent.unwrap_or(&nothing);
        let asked = if self.prompt.wants_consent() {
            self.scope.clone()
        } else {
            self.scope.beyond(before)
        };
        // even a client that asks for nothing learns who signs in
        let was_asked = session.consent.is_some() && !self.prompt.wants_consent();
        (!(was_asked && asked.is_empty())).then_some(asked)
    }

    fn unless_silent(&self, next: Next, code: ErrorCode) -> Next {
        if self.prompt == Prompt::Nothing {
            Next::Refuse(code.because("prompt is none"))
        } else {
            next
        }
    }
}
