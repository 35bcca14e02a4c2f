//! The page that asks: sign in, or sign this.

use askama::Template;
use passkey_idp::visible::{Piece, pieces};

use super::{language::Language, markup::Signed, words::Words};

/// Who asks.
#[derive(Debug, Clone)]
pub struct Party {
    pub(crate) name: Vec<Piece>,
    pub(crate) host: String,
}

impl Party {
    /// An application by the name that it was given, and the host to which the answer goes.
    pub fn new(name: &str, host: impl Into<String>) -> Self {
        Self {
            name: pieces(name),
            host: host.into(),
        }
    }

    /// The name as one text, what is hidden in it shown.
    pub(crate) fn plain_name(&self) -> String {
        let texts = self.name.iter().map(|piece| match piece {
            Piece::Text(text) | Piece::Bold(text) | Piece::Hidden(text) => text.as_str(),
        });
        texts.collect()
    }
}

/// What is to be approved.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Content {
    /// A sign-in; with it the binding message of a request that began elsewhere.
    SignIn(Option<Vec<Piece>>),
    /// A text, and data that goes with it.
    Sign(Signed, Option<Attachment>),
}

impl Content {
    /// A sign-in that began in this browser.
    pub fn sign_in() -> Self {
        Self::SignIn(None)
    }

    /// A sign-in that began elsewhere, with the message that both sides show.
    pub fn sign_in_with_message(message: &str) -> Self {
        Self::SignIn(Some(pieces(message)))
    }
}

/// Data that is signed with a text.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Attachment {
    /// Its media type, or `application/octet-stream`.
    pub media_type: String,
    /// Its size in bytes.
    pub size: usize,
    /// SHA-256 of it in hexadecimal.
    pub sha256: String,
    /// What it holds: the text, or the first bytes in hexadecimal.
    pub shown: Vec<Piece>,
    /// Whether `shown` ends before the data does.
    pub cut: bool,
}

impl Attachment {
    /// Data of `media_type` and its SHA-256 in hexadecimal.
    pub fn new(media_type: impl Into<String>, data: &[u8], sha256: impl Into<String>) -> Self {
        let (shown, cut) = match std::str::from_utf8(data) {
            Ok(text) => {
                let head: String = text.chars().take(MOST_TEXT).collect();
                let cut = head.len() < text.len();
                (pieces(&head), cut)
            }
            Err(_) => (
                vec![Piece::Text(hexadecimal(data))],
                data.len() > MOST_BYTES,
            ),
        };
        Self {
            media_type: media_type.into(),
            size: data.len(),
            sha256: sha256.into(),
            shown,
            cut,
        }
    }
}

fn hexadecimal(data: &[u8]) -> String {
    let rows = data.get(..MOST_BYTES.min(data.len())).unwrap_or(data);
    let rows = rows.chunks(16).map(|row| {
        let bytes = row.iter().map(|byte| format!("{byte:02x}"));
        bytes.collect::<Vec<_>>().join(" ")
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// Characters of an attached text that are shown.
const MOST_TEXT: usize = 64 * 1024;
/// Bytes of attached data that are shown.
const MOST_BYTES: usize = 4096;

/// Asks to approve or to reject an order with a passkey.
#[derive(Debug, Clone, Template)]
#[template(path = "ask.html")]
#[non_exhaustive]
pub struct Ask<'a> {
    /// The language of the page.
    pub language: Language,
    /// Who asks.
    pub party: &'a Party,
    /// What is asked.
    pub content: &'a Content,
    /// Where the answer goes.
    pub action: &'a str,
    /// The token that ties the answer to this browser.
    pub csrf: &'a str,
    /// `PublicKeyCredentialRequestOptionsJSON` (WebAuthn §5.1.10).
    pub options: &'a str,
    /// When the order ends, in milliseconds since 1970.
    pub ends: u64,
    /// Seconds that are left.
    pub seconds: u64,
    /// Where to go on with another device.
    pub elsewhere: Option<&'a str>,
}

impl<'a> Ask<'a> {
    /// A page that sends its answer to `action`.
    pub fn new(party: &'a Party, content: &'a Content, action: &'a str) -> Self {
        Self {
            language: Language::default(),
            party,
            content,
            action,
            csrf: "",
            options: "",
            ends: 0,
            seconds: 0,
            elsewhere: None,
        }
    }

    fn w(&self) -> &'static Words {
        self.language.words()
    }

    fn title(&self) -> String {
        let phrase = match self.content {
            Content::SignIn(_) => self.w().sign_in_to,
            Content::Sign(..) => self.w().sign_for,
        };
        phrase.with(&self.party.plain_name())
    }

    /// Whether the browser may offer passkeys by itself: where there is nothing else to read.
    fn fills_in(&self) -> bool {
        matches!(self.content, Content::SignIn(None))
    }

    fn is_sign_in(&self) -> bool {
        matches!(self.content, Content::SignIn(_))
    }
}
