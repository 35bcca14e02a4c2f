//! The page that asks what an application may see.

use askama::Template;
use passkey_idp::visible::{Piece, pieces};

use super::{ask::Party, language::Language, words::Words};

/// One thing that an application asks for.
#[derive(Debug, Clone)]
pub struct Grant {
    text: Vec<Piece>,
    scope: Option<String>,
}

impl Grant {
    /// The scope (RFC 6749 §3.3) in the words of `language`; one that we have no words for is shown
    /// as it is written.
    pub fn new(scope: &str, language: Language) -> Self {
        let known = known(scope, language);
        Self {
            text: pieces(known.unwrap_or(scope)),
            scope: known.map(|_| scope.to_owned()),
        }
    }

    /// The scope in the words of `language`, without its name.
    pub fn words(scope: &str, language: Language) -> &str {
        known(scope, language).unwrap_or(scope)
    }
}

fn known(scope: &str, language: Language) -> Option<&'static str> {
    let words = language.words();
    match scope {
        "openid" => Some(words.scope_openid),
        "profile" => Some(words.scope_profile),
        "email" => Some(words.scope_email),
        "phone" => Some(words.scope_phone),
        "address" => Some(words.scope_address),
        "offline_access" => Some(words.scope_offline),
        _ => None,
    }
}

/// Asks whether an application may have what it asks for.
#[derive(Debug, Clone, Template)]
#[template(path = "consent.html")]
#[non_exhaustive]
pub struct Consent<'a> {
    /// The language of the page.
    pub language: Language,
    /// Who asks.
    pub party: &'a Party,
    /// What it asks for.
    pub grants: &'a [Grant],
    /// Where the answer goes.
    pub action: &'a str,
    /// The token that ties the answer to this browser.
    pub csrf: &'a str,
}

impl<'a> Consent<'a> {
    /// A page that sends its answer to `action`.
    pub fn new(party: &'a Party, grants: &'a [Grant], action: &'a str) -> Self {
        Self {
            language: Language::default(),
            party,
            grants,
            action,
            csrf: "",
        }
    }

    fn w(&self) -> &'static Words {
        self.language.words()
    }

    fn title(&self) -> String {
        self.w().consent_title.with(&self.party.plain_name())
    }
}
