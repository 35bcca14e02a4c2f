//! The page that waits for another device.

use askama::Template;

use super::{ask::Party, language::Language, words::Words};

/// How far an order has come, for those who wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Progress {
    /// Nobody has looked at it.
    #[default]
    Waiting,
    /// It is open on another device.
    Viewed,
    /// It was approved.
    Approved,
    /// The person said no.
    Rejected,
    /// Its time is over.
    Expired,
}

impl Progress {
    /// The same in words.
    pub fn words(self, language: Language) -> &'static str {
        let words = language.words();
        match self {
            Self::Waiting => words.state_waiting,
            Self::Viewed => words.state_viewed,
            Self::Approved => words.state_signed,
            Self::Rejected => words.state_rejected,
            Self::Expired => words.state_expired,
        }
    }
}

/// Shows a QR code and the state of the order.
#[derive(Debug, Clone, Template)]
#[template(path = "waiting.html")]
#[non_exhaustive]
pub struct Waiting<'a> {
    /// The language of the page.
    pub language: Language,
    /// Who asks.
    pub party: &'a Party,
    /// The image of the QR code; it changes every second.
    pub image: &'a str,
    /// The address in the code, for those who cannot scan it.
    pub address: Option<&'a str>,
    /// The two digits that the other device asks for.
    pub number: Option<&'a str>,
    /// Where the state can be asked for.
    pub state: &'a str,
    /// How far it has come.
    pub progress: Progress,
    /// Where to cancel.
    pub cancel: &'a str,
    /// The token that ties the answer to this browser.
    pub csrf: &'a str,
    /// When the order ends, in milliseconds since 1970.
    pub ends: u64,
    /// Seconds that are left.
    pub seconds: u64,
    /// Where to go back to this device.
    pub here: Option<&'a str>,
}

impl<'a> Waiting<'a> {
    /// A page that shows `image` and asks `state` how the order stands.
    pub fn new(party: &'a Party, image: &'a str, state: &'a str) -> Self {
        Self {
            language: Language::default(),
            party,
            image,
            address: None,
            number: None,
            state,
            progress: Progress::Waiting,
            cancel: "",
            csrf: "",
            ends: 0,
            seconds: 0,
            here: None,
        }
    }

    fn w(&self) -> &'static Words {
        self.language.words()
    }

    fn is_open(&self) -> bool {
        self.progress == Progress::Waiting
    }

    fn title(&self) -> String {
        self.w().use_phone.to_owned()
    }
}
