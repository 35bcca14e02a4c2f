//! The pages that tell how it went.

use askama::Template;
use passkey_idp::visible::{Piece, pieces};

use super::{language::Language, words::Words};

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mood {
    /// It is done.
    Good,
    /// Nothing was done, as the person wished.
    Calm,
    /// Something went wrong.
    Bad,
}

/// Says what happened and what to do now.
#[derive(Debug, Clone, Template)]
#[template(path = "message.html")]
#[non_exhaustive]
pub struct Message {
    /// The language of the page.
    pub language: Language,
    /// How it is meant.
    pub mood: Mood,
    /// What happened.
    pub what: &'static str,
    /// What to do now.
    pub advice: &'static str,
    /// More in the words of the request, such as the field that is wrong.
    pub detail: Vec<Piece>,
    /// What an operator finds in the log.
    pub reference: Option<String>,
    /// Where to go on, and the words on it.
    pub onward: Option<(String, &'static str)>,
    /// A passkey that the browser may forget: its relying party, and its identifier.
    pub gone: Option<(String, String)>,
}

impl Message {
    /// Something was signed.
    pub fn signed(language: Language) -> Self {
        let words = language.words();
        Self::new(language, Mood::Good, words.signed, words.close_page)
    }

    /// A passkey was registered.
    pub fn registered(language: Language) -> Self {
        let words = language.words();
        Self::new(language, Mood::Good, words.registered, words.close_page)
    }

    /// The person said no.
    pub fn rejected(language: Language) -> Self {
        let words = language.words();
        Self::new(language, Mood::Calm, words.rejected, words.close_page)
    }

    /// The person signed out.
    pub fn signed_out(language: Language) -> Self {
        let words = language.words();
        Self::new(language, Mood::Calm, words.signed_out, words.close_page)
    }

    /// The person did not sign out.
    pub fn stayed(language: Language) -> Self {
        let words = language.words();
        Self::new(language, Mood::Calm, words.stayed, words.close_page)
    }

    /// The order's time is over.
    pub fn expired(language: Language) -> Self {
        let words = language.words();
        Self::new(language, Mood::Bad, words.expired, words.start_again)
    }

    /// The application does not want an answer any more.
    pub fn cancelled(language: Language) -> Self {
        let words = language.words();
        Self::new(language, Mood::Bad, words.cancelled, words.start_again)
    }

    /// The order is open in another browser, or is handed to another device.
    pub fn elsewhere(language: Language) -> Self {
        let words = language.words();
        let (what, advice) = (words.elsewhere, words.elsewhere_advice);
        Self::new(language, Mood::Bad, what, advice)
    }

    /// The order is opened with a code.
    pub fn scan(language: Language) -> Self {
        let words = language.words();
        let (what, advice) = (words.needs_code, words.needs_code_advice);
        Self::new(language, Mood::Bad, what, advice)
    }

    /// The order was answered before.
    pub fn answered(language: Language) -> Self {
        let words = language.words();
        Self::new(language, Mood::Bad, words.answered, words.start_again)
    }

    /// A code was too old when it was scanned, or is none of ours.
    pub fn scan_again(language: Language) -> Self {
        let words = language.words();
        Self::new(language, Mood::Bad, words.code_old, words.code_old_advice)
    }

    /// Wrong numbers were typed too often.
    pub fn mismatched(language: Language) -> Self {
        let words = language.words();
        Self::new(language, Mood::Bad, words.mismatched, words.start_again)
    }

    /// The request cannot be taken.
    pub fn invalid(language: Language) -> Self {
        let words = language.words();
        Self::new(language, Mood::Bad, words.invalid, words.invalid_advice)
    }

    /// The passkey was not accepted.
    pub fn refused(language: Language) -> Self {
        let words = language.words();
        Self::new(language, Mood::Bad, words.refused, words.refused_advice)
    }

    /// There is no such page.
    pub fn not_found(language: Language) -> Self {
        let words = language.words();
        Self::new(language, Mood::Bad, words.not_found, words.start_again)
    }

    /// Too many requests came.
    pub fn too_many(language: Language) -> Self {
        let words = language.words();
        Self::new(language, Mood::Bad, words.too_many, words.too_many_advice)
    }

    /// The server has failed.
    pub fn failed(language: Language) -> Self {
        let words = language.words();
        Self::new(language, Mood::Bad, words.failed, words.failed_advice)
    }

    /// Adds what the request says, shown with what is hidden in it.
    #[must_use]
    pub fn with_detail(mut self, detail: &str) -> Self {
        self.detail = pieces(detail);
        self
    }

    /// Adds what an operator finds in the log.
    #[must_use]
    pub fn with_reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }

    /// Adds the way back to the application, an address that was checked before.
    #[must_use]
    pub fn with_way_back(mut self, address: impl Into<String>) -> Self {
        self.onward = Some((address.into(), self.language.words().go_back));
        self
    }

    /// Adds a passkey that there is no more, so that the browser offers it no more (WebAuthn §5.1.10.2,
    /// `signalUnknownCredential`).
    #[must_use]
    pub fn with_gone(mut self, party: impl Into<String>, passkey: impl Into<String>) -> Self {
        self.gone = Some((party.into(), passkey.into()));
        self
    }

    fn new(language: Language, mood: Mood, what: &'static str, advice: &'static str) -> Self {
        Self {
            language,
            mood,
            what,
            advice,
            detail: Vec::new(),
            reference: None,
            onward: None,
            gone: None,
        }
    }

    fn w(&self) -> &'static Words {
        self.language.words()
    }

    fn title(&self) -> &'static str {
        self.what
    }

    fn class(&self) -> &'static str {
        match self.mood {
            Mood::Good => "good",
            Mood::Calm => "calm",
            Mood::Bad => "bad",
        }
    }
}
