//! Single claims that clients ask for (`claims`, OpenID Connect Core §5.5).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strict_jws::json::{Bounds, Document, Kind, Value};

use super::{ErrorCode, OAuthError};
use crate::id::UserId;

/// Claims that a grant gives beside those that its scopes do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Claims {
    /// In the ID token.
    pub id_token: BTreeSet<Claim>,
    /// At the userinfo endpoint.
    pub userinfo: BTreeSet<Claim>,
}

/// A claim that there is something to be done for; others are told always, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Claim {
    /// What the user calls themself; it needs the scope `profile`, which is asked for with it.
    Name,
    /// When they signed in. The ID token always says it.
    AuthTime,
    /// How strongly. The ID token always says it.
    Acr,
    /// By what means. The ID token always says it.
    Amr,
}

impl Claim {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Name, Self::AuthTime, Self::Acr, Self::Amr];

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::AuthTime => "auth_time",
            Self::Acr => "acr",
            Self::Amr => "amr",
        }
    }
}

impl Claims {
    /// Whether the user's name is among them.
    pub fn name_user(&self) -> bool {
        self.id_token.contains(&Claim::Name) || self.userinfo.contains(&Claim::Name)
    }
}

/// What a client has written in `claims`.
pub(super) struct Asked<'t>(Document<'t>);

impl<'t> Asked<'t> {
    /// An object of objects, in each of which a name stands for nothing or for what is asked of it
    /// (§5.5.1).
    pub(super) fn parse(text: &'t str) -> Result<Self, OAuthError> {
        let document = Document::parse(text.as_bytes(), BOUNDS).or(Err(MALFORMED))?;
        let asked = Self(document);
        let root = asked.0.root();
        let is_sound = root.kind() == Kind::Object
            && asked.places().all(|place| place.kind() == Kind::Object)
            && asked.wishes().all(is_wish);
        if is_sound { Ok(asked) } else { Err(MALFORMED) }
    }

    /// The claims that are asked for.
    pub(super) fn claims(&self) -> Claims {
        let among = |place: &str| {
            let place = self.0.root().member(place);
            let is_asked = |claim: &Claim| place?.member(claim.name());
            let asked = |claim: &Claim| is_asked(claim).is_some();
            Claim::ALL.into_iter().filter(asked).collect()
        };
        Claims {
            id_token: among("id_token"),
            userinfo: among("userinfo"),
        }
    }

    /// The values of the claim `acr` that will do in the ID token, and whether one is essential.
    pub(super) fn levels(&self) -> (Vec<String>, bool) {
        let wish = self.0.root().member("id_token");
        let Some(wish) = wish.and_then(|place| place.member("acr")) else {
            return (Vec::new(), false);
        };
        let essential = wish.member("essential").and_then(|value| value.boolean());
        (values(wish), essential == Some(true))
    }

    /// Who the user must be, if anybody in particular; one of them, for each place where they are named.
    pub(super) fn subjects(&self) -> Vec<Vec<String>> {
        let wishes = self.places().filter_map(|place| place.member("sub"));
        wishes
            .map(values)
            .filter(|named| !named.is_empty())
            .collect()
    }

    /// Whether it may be about `user`: the claim `sub` is wanted with a value, or it is not.
    pub(super) fn admits(&self, user: &UserId) -> bool {
        let user = user.to_string();
        self.subjects().iter().all(|named| named.contains(&user))
    }

    fn places(&self) -> impl Iterator<Item = Value<'_>> {
        let root = self.0.root();
        ["id_token", "userinfo"]
            .into_iter()
            .filter_map(move |place| root.member(place))
    }

    fn wishes(&self) -> impl Iterator<Item = Value<'_>> {
        let members = self.places().flat_map(|place| place.members());
        members.map(|(_, wish)| wish)
    }
}

fn is_wish(wish: Value<'_>) -> bool {
    let essential = wish.member("essential").map(|value| value.kind());
    let several = wish.member("values").map(|value| value.kind());
    matches!(wish.kind(), Kind::Null | Kind::Object)
        && matches!(essential, None | Some(Kind::Boolean))
        && matches!(several, None | Some(Kind::Array))
}

/// The texts that a claim is wanted with.
fn values(wish: Value<'_>) -> Vec<String> {
    let several = wish.member("values").into_iter();
    let several = several.flat_map(|values| values.elements());
    let all = wish.member("value").into_iter().chain(several);
    all.filter_map(|value| value.string().map(Into::into))
        .collect()
}

const BOUNDS: Bounds = Bounds::new(6, 256);
const MALFORMED: OAuthError =
    ErrorCode::InvalidRequest.because("claims is no JSON object of claims");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_found_where_it_stands() {
        let text = r#"{
            "id_token": {"name": {"essential": true}, "email": null, "auth_time": null},
            "userinfo": {"amr": null, "acr": {"values": ["a"]}, "x": {"value": 1}},
            "other": 7
        }"#;
        let asked = Asked::parse(text).unwrap();
        let claims = asked.claims();
        assert!(claims.id_token.iter().eq(&[Claim::Name, Claim::AuthTime]));
        assert!(claims.userinfo.iter().eq(&[Claim::Acr, Claim::Amr]));
        assert!(claims.name_user());
        let kept = serde_json::to_string(&claims).unwrap();
        assert_eq!(serde_json::from_str::<Claims>(&kept).unwrap(), claims);
        assert_eq!(asked.levels(), (Vec::new(), false));
    }

    #[test]
    fn a_user_is_named_by_a_value_or_one_of_several_in_each_place() {
        let [kim, robin] = [1, 2].map(|seed| UserId::from([seed; 16]));
        for (text, admitted) in [
            ("{}".to_owned(), [true, true]),
            (r#"{"id_token":{"sub":null}}"#.to_owned(), [true, true]),
            (
                format!(r#"{{"id_token":{{"sub":{{"value":"{kim}"}}}}}}"#),
                [true, false],
            ),
            (
                format!(r#"{{"userinfo":{{"sub":{{"value":"{kim}"}}}}}}"#),
                [true, false],
            ),
            (
                format!(r#"{{"id_token":{{"sub":{{"values":["{kim}","{robin}"]}}}}}}"#),
                [true, true],
            ),
            (
                format!(
                    r#"{{"id_token":{{"sub":{{"value":"{kim}"}}}},"userinfo":{{"sub":{{"value":"{robin}"}}}}}}"#
                ),
                [false, false],
            ),
            (
                r#"{"id_token":{"sub":{"value":"nobody"}}}"#.to_owned(),
                [false, false],
            ),
        ] {
            let asked = Asked::parse(&text).unwrap();
            assert_eq!(
                [kim, robin].map(|user| asked.admits(&user)),
                admitted,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_object_of_claims_is_refused() {
        for text in [
            "",
            "[]",
            "null",
            r#"{"id_token":[]}"#,
            r#"{"userinfo":"name"}"#,
            r#"{"id_token":{"name":true}}"#,
            r#"{"id_token":{"name":{"essential":"yes"}}}"#,
            r#"{"id_token":{"acr":{"values":"a"}}}"#,
            r#"{"id_token":{"name":null,"name":null}}"#,
        ] {
            let refused = Asked::parse(text).map(drop).map_err(|error| error.code);
            assert_eq!(refused, Err(ErrorCode::InvalidRequest), "{text}");
        }
    }
}
