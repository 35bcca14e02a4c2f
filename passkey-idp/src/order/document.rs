//! What is signed: a text that is shown, and perhaps data that is not.

use serde::{Deserialize, Serialize};
use strict_jws::base64;

use crate::visible::is_seen;

/// A text to be signed, and perhaps data. Nothing in it is ever interpreted as HTML.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub struct Document {
    media_type: MediaType,
    text: String,
    data: Option<Vec<u8>>,
}

/// How a text is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum MediaType {
    /// As it stands.
    #[default]
    #[serde(rename = "text/plain")]
    Plain,
    /// With headings, bold type, lists and tables; no links, images or HTML.
    #[serde(rename = "text/markdown")]
    Markdown,
}

/// Why something cannot be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDocument {
    /// There is no text, or white space and characters that nobody sees only ([`visible`]): nobody signs
    /// what they cannot see.
    ///
    /// [`visible`]: crate::visible
    #[error("there is no text to be signed")]
    NoText,
    /// The text is longer than [`Document::MAX_TEXT`].
    #[error("the text is longer than 65536 octets")]
    TextTooLong,
    /// The data is longer than [`Document::MAX_DATA`].
    #[error("the data is longer than 1048576 octets")]
    DataTooLong,
    /// The text holds a control character other than tab, line feed and carriage return.
    #[error("the text holds a control character")]
    ControlCharacter,
}

impl MediaType {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "text/plain",
            Self::Markdown => "text/markdown",
        }
    }
}

impl Document {
    /// How many octets the longest text has.
    pub const MAX_TEXT: usize = 1 << 16;
    /// How many octets the longest data has.
    pub const MAX_DATA: usize = 1 << 20;

    /// `text`, shown as `media_type` says, and `data`.
    ///
    /// # Errors
    /// [`InvalidDocument`]
    pub fn new(
        media_type: MediaType,
        text: String,
        data: Option<Vec<u8>>,
    ) -> Result<Self, InvalidDocument> {
        let hidden = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
        if text.contains(hidden) {
            Err(InvalidDocument::ControlCharacter)
        } else if !is_seen(&text) {
            Err(InvalidDocument::NoText)
        } else if text.len() > Self::MAX_TEXT {
            Err(InvalidDocument::TextTooLong)
        } else if data
            .as_ref()
            .is_some_and(|data| data.len() > Self::MAX_DATA)
        {
            Err(InvalidDocument::DataTooLong)
        } else {
            Ok(Self {
                media_type,
                text,
                data,
            })
        }
    }

    /// How the text is shown.
    pub const fn media_type(&self) -> MediaType {
        self.media_type
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is signed beside the text.
    pub fn data(&self) -> Option<&[u8]> {
        self.data.as_deref()
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document")
            .field("media_type", &self.media_type)
            .field("text_len", &self.text.len())
            .field("data_len", &self.data.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

/// A document in JSON.
#[derive(Serialize, Deserialize)]
struct Form {
    media_type: MediaType,
    text: String,
    data: Option<String>,
}

impl From<Document> for Form {
    fn from(document: Document) -> Self {
        Self {
            media_type: document.media_type,
            text: document.text,
            data: document.data.map(|data| base64::encode(&data)),
        }
    }
}

impl TryFrom<Form> for Document {
    type Error = Box<dyn std::error::Error>;

    fn try_from(form: Form) -> Result<Self, Self::Error> {
        let data = form
            .data
            .map(|data| base64::decode(data.as_bytes()))
            .transpose()?;
        Ok(Self::new(form.media_type, form.text, data)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str, data: Option<Vec<u8>>) -> Result<Document, InvalidDocument> {
        Document::new(MediaType::Plain, text.to_owned(), data)
    }

    #[test]
    fn nothing_is_signed_that_is_not_seen() {
        for text in [
            "",
            " \t\r\n",
            "\u{2003}",
            "\u{2800}\u{2800}",
            "\u{1107f}",
            " \u{16fe4}\n\u{1d159}",
            "\u{200b}\u{3164}\u{202e}",
        ] {
            assert_eq!(
                plain(text, Some(vec![1])),
                Err(InvalidDocument::NoText),
                "{text:?}"
            );
        }
    }

    #[test]
    fn control_characters_have_no_place_in_a_text() {
        for text in ["\u{7}", "a\0", "a\u{1b}[2J", "a\u{7f}", "a\u{85}"] {
            assert_eq!(
                plain(text, None),
                Err(InvalidDocument::ControlCharacter),
                "{text:?}"
            );
        }
        assert_eq!(plain("a\tb\r\nc", None).unwrap().text(), "a\tb\r\nc");
    }

    #[test]
    fn there_is_a_largest_document() {
        let (text, data) = ("a".repeat(Document::MAX_TEXT), vec![0; Document::MAX_DATA]);
        assert!(plain(&text, Some(data.clone())).is_ok());
        assert_eq!(
            plain(&format!("{text}a"), None),
            Err(InvalidDocument::TextTooLong)
        );
        assert_eq!(
            plain("a", Some([data, vec![0]].concat())),
            Err(InvalidDocument::DataTooLong)
        );
    }

    #[test]
    fn a_document_comes_back_from_json() {
        let document = plain("å\n", Some(vec![0, 255])).unwrap();
        let text = serde_json::to_string(&document).unwrap();
        assert_eq!(
            text,
            r#"{"media_type":"text/plain","text":"å\n","data":"AP8"}"#
        );
        assert_eq!(serde_json::from_str::<Document>(&text).unwrap(), document);
        let wrong = r#"{"media_type":"text/plain","text":"","data":null}"#;
        assert!(serde_json::from_str::<Document>(wrong).is_err());
    }

    #[test]
    fn what_is_signed_is_not_logged() {
        let document = plain("a secret", Some(vec![1])).unwrap();
        assert!(!format!("{document:?}").contains("secret"));
    }
}
