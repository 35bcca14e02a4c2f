//! How strongly a user has to show who they are (OpenID Connect Core §3.1.2.1, §5.5.1.1).

use strict_jws::json::{Bounds, Document, Kind, Value};

use super::AuthorizationRequest;
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
        let claimed = known(&self.claims.as_deref().map(claimed).unwrap_or_default());
        if claimed.is_empty() {
            known(&self.acr_values)
        } else {
            claimed
        }
    }
}

/// Whether `claims` is what it should be, and asks for no level as essential that there is not.
pub(super) fn check_claims(text: &str) -> Result<(), OAuthError> {
    let malformed = ErrorCode::InvalidRequest.because("claims is no JSON object of claims");
    let document = Document::parse(text.as_bytes(), BOUNDS).or(Err(malformed))?;
    let root = document.root();
    let places = [root.member("id_token"), root.member("userinfo")];
    let is_object = |value: &Value<'_>| value.kind() == Kind::Object;
    if !is_object(&root) || !places.iter().flatten().all(is_object) {
        return Err(malformed);
    }
    let essential = acr_claim(root).and_then(|acr| acr.member("essential"));
    let is_essential = essential.and_then(|value| value.boolean()) == Some(true);
    let names = claimed(text);
    if is_essential && !names.is_empty() && !names.iter().any(|acr| Level::named(acr).is_some()) {
        return Err(ErrorCode::UnmetAuthenticationRequirements.because("no such acr is known"));
    }
    Ok(())
}

/// The values of the claim `acr` that is wanted in the ID token.
fn claimed(text: &str) -> Vec<String> {
    let Ok(document) = Document::parse(text.as_bytes(), BOUNDS) else {
        return Vec::new();
    };
    let acr = acr_claim(document.root());
    let value = acr.and_then(|acr| acr.member("value"));
    let values = acr.and_then(|acr| acr.member("values"));
    let values = values.into_iter().flat_map(|values| values.elements());
    let all = value.into_iter().chain(values);
    all.filter_map(|value| value.string().map(Into::into))
        .collect()
}

fn acr_claim(root: Value<'_>) -> Option<Value<'_>> {
    root.member("id_token")?.member("acr")
}

const BOUNDS: Bounds = Bounds::new(6, 256);
