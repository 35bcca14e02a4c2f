//! The page that asks whether to sign out.

use askama::Template;

use passkey_idp::visible::{Piece, pieces};

use super::{language::Language, words::Words};

/// Asks whether to sign out here (OpenID Connect RP-Initiated Logout 1.0 §2).
#[derive(Debug, Clone, Template)]
#[template(path = "leave.html")]
#[non_exhaustive]
pub struct Leave<'a> {
    /// The language of the page.
    pub language: Language,
    /// The application that asks for it, if one does.
    pub who: Option<Vec<Piece>>,
    /// What comes back with the answer: names and values.
    pub fields: &'a [(&'a str, &'a str)],
    /// The token that ties the answer to this browser.
    pub csrf: &'a str,
}

impl<'a> Leave<'a> {
    /// A page that sends its answer and `fields` to `/logout/answer`.
    pub fn new(language: Language, fields: &'a [(&'a str, &'a str)], csrf: &'a str) -> Self {
        Self {
            language,
            who: None,
            fields,
            csrf,
        }
    }

    /// Says which application asks.
    #[must_use]
    pub fn asked_by(mut self, title: &str) -> Self {
        self.who = Some(pieces(title));
        self
    }

    fn w(&self) -> &'static Words {
        self.language.words()
    }

    fn title(&self) -> &'static str {
        self.w().logout_title
    }
}
