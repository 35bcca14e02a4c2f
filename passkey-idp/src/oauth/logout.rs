//! Signing out, and telling every client of it (OpenID Connect RP-Initiated Logout 1.0, Back-Channel
//! Logout 1.0).

use serde::{Deserialize, Serialize};
use strict_jws::SecureRandom;
use strict_jws::json::ObjectWriter;

use super::code::{AuthorizationCode, CodeState};
use super::refresh::RefreshFamily;
use super::session::{BrowserSession, SessionState};
use super::{Client, ErrorCode, Grant, IdToken, IssueError, OAuthError, Parameters, TokenIssuer};
use crate::application::{ApplicationId, RedirectUri};
use crate::id::{FamilyId, TokenId};
use crate::random::Digest;
use crate::store::{Change, Kind, Live, New, Record, RowId, Set, Stored, Where};
use crate::{Duration, Instant};

/// A client's wish that its user signs out, with whatever in it was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogoutRequest {
    /// Who asks, if anybody says so.
    pub client: Option<ApplicationId>,
    /// Where the browser goes afterwards (`post_logout_redirect_uri`).
    pub redirect: Option<RedirectUri>,
    /// What the client wants to find there (`state`).
    pub state: Option<String>,
    /// Whom it means (`id_token_hint`).
    pub hint: Option<IdToken>,
}

/// Who asks: the client that the hint was issued for, or the one that `client_id` names.
///
/// # Errors
/// `invalid_request` if these are two, or the name is none.
pub fn asker(
    parameters: &Parameters,
    hint: Option<&IdToken>,
) -> Result<Option<ApplicationId>, OAuthError> {
    let named = parameters.get("client_id").map(str::parse).transpose();
    let named: Option<ApplicationId> = named.or(Err(UNKNOWN))?;
    match (named, hint) {
        (Some(named), Some(hint)) if named != hint.client => Err(OTHER_CLIENT),
        (Some(named), _) => Ok(Some(named)),
        (None, hint) => Ok(hint.map(|hint| hint.client.clone())),
    }
}

/// Reads the wish of `asker`: its name, and what it is registered with.
///
/// # Errors
/// `invalid_request`: the browser is sent nowhere that the asker has not registered, octet by octet.
pub fn read(
    parameters: &Parameters,
    hint: Option<&IdToken>,
    asker: Option<(&ApplicationId, &Client)>,
) -> Result<LogoutRequest, OAuthError> {
    let state = parameters.get("state");
    if state.is_some_and(|state| state.len() > MOST_STATE) {
        return Err(ErrorCode::InvalidRequest.because("state is too long"));
    }
    let wanted = parameters.get("post_logout_redirect_uri");
    let redirect = match (wanted, asker) {
        (None, _) => None,
        (Some(wanted), Some((_, registered))) => {
            let known = &registered.post_logout_redirect_uris;
            let found = known.iter().find(|known| known.as_str() == wanted);
            Some(found.cloned().ok_or(ELSEWHERE)?)
        }
        (Some(_), None) => return Err(ANONYMOUS),
    };
    Ok(LogoutRequest {
        client: asker.map(|(client, _)| client.clone()),
        redirect,
        state: state.map(ToOwned::to_owned),
        hint: hint.cloned(),
    })
}

impl LogoutRequest {
    /// Whether the client has shown an ID token of `session` itself, so that nobody has to be asked
    /// (RP-Initiated Logout §2, "does not belong to the current OP session"). A stranger's link signs nobody out,
    /// nor does a token of the same user that came of no browser's session: a device's, or one of CIBA. The
    /// token may have expired, as it does long before the session ends.
    pub fn is_of(&self, session: &BrowserSession) -> bool {
        self.hint.as_ref().is_some_and(|hint| {
            hint.user == session.authentication.user && hint.session == Some(session.id)
        })
    }

    /// Where the browser goes when the user has signed out.
    pub fn way_back(&self) -> Option<String> {
        let redirect = self.redirect.as_ref()?;
        let state = self.state.as_deref().map(|state| ("state", state));
        Some(redirect.with_query(state))
    }
}

impl Stored<BrowserSession> {
    /// It ends for good, whatever it has [vouched](Self::vouch) for: refused only if it has ended before. Whoever
    /// commits this sees to what is left of it then.
    pub fn leave(&self) -> Vec<Change> {
        let which = Where::id(self.id.clone()).state_in(&[SessionState::Open]);
        let ended = Set::<BrowserSession>::state(SessionState::Ended);
        let left = Ending {
            session: self.body.clone(),
        };
        vec![
            Change::update(which, ended),
            Change::insert(New::record(self.id.clone(), Live, &left)),
        ]
    }
}

/// A session that has ended, while something of it may be left: codes, tokens, clients that have not heard of it.
///
/// The session ends in one small commit ([`Stored::leave`]), which makes this, and no code comes of it from then
/// on. Then its codes go, and then what they were exchanged for, in small commits too, so that nobody's end holds
/// up a store; and last this. Whatever stops that in between: whoever finds this goes on with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ending {
    /// The session.
    pub session: BrowserSession,
}

impl Record for Ending {
    const KIND: Kind = Kind::Ending;
    type State = Live;
}

impl Ending {
    /// What the codes stand under, and the families of tokens.
    pub fn owner(&self) -> RowId {
        self.session.authentication.user.digest().into()
    }

    /// What makes those of `codes` worthless that came of the session: each by itself, for it is refused if the
    /// code was used meanwhile. What that was used for is among the families that are read afterwards.
    pub fn withdraw(&self, codes: &[Stored<AuthorizationCode>], now: Instant) -> Vec<Change> {
        let clocks = now.minus(CLOCKS);
        let unused = codes
            .iter()
            .filter(|code| code.state == CodeState::Issued && !code.has_expired(clocks));
        let own = unused.filter(|code| self.bore(&code.body.grant));
        own.map(Stored::<AuthorizationCode>::withdraw).collect()
    }

    /// Those of `families` whose tokens end with the session. A client that may act in the user's absence goes on to
    /// (Back-Channel Logout §2.7).
    pub fn families<'f>(
        &self,
        families: &'f [Stored<RefreshFamily>],
        now: Instant,
    ) -> Vec<&'f FamilyId> {
        let alive = families.iter().filter(|family| family.is_alive(now));
        let ended = alive.map(|family| &family.body).filter(|family| {
            self.bore(&family.grant) && !family.grant.scope.contains("offline_access")
        });
        ended.map(|family| &family.id).collect()
    }

    /// The clients that have to hear of it: whoever has tokens that came of the session.
    pub fn clients<'f>(&self, families: &'f [Stored<RefreshFamily>]) -> Vec<&'f ApplicationId> {
        let own = families
            .iter()
            .filter(|family| self.bore(&family.body.grant));
        let mut clients: Vec<_> = own.map(|family| &family.body.grant.client).collect();
        clients.sort_unstable();
        clients.dedup();
        clients
    }

    /// Where the message to `client` stands: there is one.
    pub fn farewell_id(&self, client: &ApplicationId) -> RowId {
        let parts: [&[u8]; 2] = [self.session.id.as_bytes(), client.as_str().as_bytes()];
        Digest::of("logout", &parts).into()
    }

    fn bore(&self, grant: &Grant) -> bool {
        grant.authentication.session == Some(self.session.id)
    }
}

impl Stored<Ending> {
    /// Nothing is left.
    pub fn finish(&self) -> Change {
        Change::delete(Where::<Ending>::id(self.id.clone()))
    }
}

impl TokenIssuer<'_> {
    /// What tells `client` that its user has signed out (Back-Channel Logout §2.4). It is good for ten
    /// minutes, because its delivery may be tried for five.
    ///
    /// # Errors
    /// [`IssueError`]
    pub fn logout_token(
        &self,
        client: &ApplicationId,
        session: &BrowserSession,
        random: &dyn SecureRandom,
        now: Instant,
    ) -> Result<String, IssueError> {
        let mut claims = ObjectWriter::new();
        claims
            .string("iss", self.issuer)
            .string("aud", client.as_str())
            .string("sub", &session.authentication.user.to_string())
            .string("sid", &session.id.to_string())
            .string("jti", &TokenId::generate(random)?.to_string())
            .integer("iat", now.unix_seconds())
            .integer("exp", now.plus(LIFETIME).unix_seconds())
            .object("events", |events| {
                events.object(EVENT, |_| {});
            });
        let claims = claims.finish();
        Ok(self
            .signer
            .sign(Some("logout+jwt"), claims.as_bytes(), random)?)
    }
}

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const LIFETIME: Duration = Duration::from_seconds(10 * 60);
/// How far the clocks of instances may be apart.
const CLOCKS: Duration = Duration::from_seconds(60);
const MOST_STATE: usize = 4096;

const UNKNOWN: OAuthError = ErrorCode::InvalidRequest.because("client_id is unknown");
const OTHER_CLIENT: OAuthError =
    ErrorCode::InvalidRequest.because("id_token_hint was issued for another client");
const ELSEWHERE: OAuthError =
    ErrorCode::InvalidRequest.because("post_logout_redirect_uri is not registered");
const ANONYMOUS: OAuthError =
    ErrorCode::InvalidRequest.because("post_logout_redirect_uri needs id_token_hint or client_id");

#[cfg(test)]
mod tests;
