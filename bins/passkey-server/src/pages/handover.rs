//! The page that posts an answer to an application.

use askama::Template;

use super::{language::Language, words::Words};

/// Posts the answer of an authorization request (OAuth 2.0 Form Post Response Mode).
///
/// The page's [`Headers`](super::Headers) have to allow the form's target.
#[derive(Debug, Clone, Template)]
#[template(path = "handover.html")]
#[non_exhaustive]
pub struct Handover<'a> {
    /// The language of the page.
    pub language: Language,
    /// The registered redirect URI.
    pub action: &'a str,
    /// Names and values of the answer.
    pub fields: &'a [(&'a str, &'a str)],
}

impl<'a> Handover<'a> {
    /// A page that posts `fields` to `action`.
    pub fn new(action: &'a str, fields: &'a [(&'a str, &'a str)]) -> Self {
        Self {
            language: Language::default(),
            action,
            fields,
        }
    }

    fn w(&self) -> &'static Words {
        self.language.words()
    }

    fn title(&self) -> String {
        self.w().handover_title.to_owned()
    }
}
