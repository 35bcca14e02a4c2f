//! How strongly a user has to show who they are (OpenID Connect Core §3.1.2.1, §5.5.1.1).

use super::AuthorizationRequest;
use crate::oauth::claims::Asked;
use crate::oauth::{Authentication, ErrorCode, OAuthError};
use crate::order::UserVerification;

/// A level of authentication (`acr`). Whoever reaches a level reaches those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "each is a way to ask a passkey")]
pub enum Level {
    /// With a passkey: nothing that phishing could get.
    Passkey,
    /// With a passkey whose authenticator has verified its user: two factors.
    Verified,
}

impl Level {
    /// Every level.
    pub const ALL: [Self; 2] = [Self::Passkey, Self::Verified];

    /// Its name: of OpenID Connect Extended Authentication Profile §2, and of the REFEDS Multi-Factor
    /// Authentication Profile.
    pub const fn acr(self) -> &'static str {
        match self {
            Self::Passkey => "phr",
            Self::Verified => "https://refeds.org/profile/mfa",
        }
    }

    pub(crate) fn named(acr: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.acr() == acr)
    }

    pub(crate) fn is_reached(self, authentication: &Authentication) -> bool {
        self == Self::Passkey || authentication.has_verified_user()
    }
}

impl AuthorizationRequest {
    /// What its order has to demand: verification, if no level will do without.
    pub fn user_verification(&self) -> UserVerification {
        if self.levels().iter().min() == Some(&Level::Verified) {
            UserVerification::Required
        } else {
            UserVerification::Preferred
        }
    }

    /// The level that the answer tells: the first wanted one that was reached, none if none was.
    pub fn acr(&self, authentication: &Authentication) -> Option<Level> {
        let levels = self.levels();
        if levels.is_empty() {
            return Some(Level::Passkey);
        }
        let mut reached = levels.into_iter();
        reached.find(|level| level.is_reached(authentication))
    }

    /// The levels that will do, the most wanted first; any, if there is none that we know.
    fn levels(&self) -> Vec<Level> {
        let known = |names: &[String]| -> Vec<Level> {
            names.iter().filter_map(|acr| Level::named(acr)).collect()
        };
        let claimed = self.wishes().map(|asked| asked.levels().0);
        let claimed = known(&claimed.unwrap_or_default());
        if claimed.is_empty() {
            known(&self.acr_values)
        } else {
            claimed
        }
    }
}

/// Refuses what asks for no level as essential that there is.
pub(super) fn check_claims(asked: &Asked<'_>) -> Result<(), OAuthError> {
    let (names, is_essential) = asked.levels();
    if is_essential && !names.is_empty() && !names.iter().any(|acr| Level::named(acr).is_some()) {
        return Err(ErrorCode::UnmetAuthenticationRequirements.because("no such acr is known"));
    }
    Ok(())
}
