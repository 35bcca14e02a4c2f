//! What people see: every page is a value that renders to HTML and knows nothing of requests.
//!
//! All text goes through the templates' escaping; nothing is ever marked as safe. A page works
//! without script but for the one moment that needs WebAuthn, and says so.
//!
//! ```
//! use passkey_server::pages::{Language, Message, Render as _};
//!
//! let page = Message::not_found(Language::choose(Some("sv"), ""));
//! assert!(page.html()?.contains("<html lang=\"sv\">"));
//! # Ok::<(), passkey_server::pages::PageError>(())
//! ```

mod ask;
mod connect;
mod consent;
mod handover;
mod language;
mod leave;
mod markup;
mod message;
mod number;
mod opening;
mod register;
mod waiting;
mod words;

pub use ask::{Ask, Attachment, Content, Party};
pub use connect::Connect;
pub use consent::{Consent, Grant};
pub use handover::Handover;
pub use language::Language;
pub use leave::Leave;
pub use markup::{Block, Row, Signed};
pub use message::{Message, Mood};
pub use number::NumberMatch;
pub use opening::Opening;
pub use passkey_idp::visible::{Piece, pieces};
pub use register::Register;
pub use server_kit::page::{Headers, Origin, OriginError, QrError, svg};
pub use waiting::{Progress, Waiting};
pub use words::{Phrase, Words};

use server_kit::page::{Asset, ICON, STYLE};

/// The files that pages ask for: the look, and the one script.
pub const ASSETS: [Asset; 3] = [STYLE, SCRIPT, ICON];

const SCRIPT: Asset = Asset {
    path: "/assets/passkey.js",
    media_type: "text/javascript; charset=utf-8",
    content: include_str!("../assets/passkey.js"),
};

/// A page that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the page could not be written")]
pub struct PageError(#[from] askama::Error);

/// What every page can do.
pub trait Render {
    /// The page as HTML.
    ///
    /// # Errors
    /// A template refuses a value; none of ours does.
    fn html(&self) -> Result<String, PageError>;
}

impl<T: askama::Template> Render for T {
    fn html(&self) -> Result<String, PageError> {
        Ok(self.render()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;";

    /// Every page, with the hostile text wherever a page takes one.
    fn pages() -> Vec<Result<String, PageError>> {
        let party = Party::new(HOSTILE, HOSTILE);
        let data = Attachment::new(HOSTILE, HOSTILE.as_bytes(), HOSTILE);
        let markdown =
            format!("# {HOSTILE}\n- **{HOSTILE}**\n1. {HOSTILE}\n|{HOSTILE}|\n|{HOSTILE}|");
        let contents = [
            Content::sign_in_with_message(HOSTILE),
            Content::Sign(Signed::plain(HOSTILE), Some(data)),
            Content::Sign(Signed::markdown(&markdown), None),
        ];
        let mut pages: Vec<_> = contents
            .iter()
            .map(|content| asking(&party, content))
            .collect();
        let mut register = Register::new(&party, HOSTILE, HOSTILE);
        (register.options, register.elsewhere) = (HOSTILE, Some(HOSTILE));
        let mut waiting = Waiting::new(&party, HOSTILE, HOSTILE);
        waiting.address = Some(HOSTILE);
        waiting.number = Some(HOSTILE);
        let grants = [Grant::new(HOSTILE, Language::English)];
        let fields = [(HOSTILE, HOSTILE)];
        let leave = Leave::new(Language::English, &fields, HOSTILE);
        let message = Message::invalid(Language::English).with_detail(HOSTILE);
        pages.extend([
            register.html(),
            waiting.html(),
            NumberMatch::new(&party, HOSTILE).html(),
            Consent::new(&party, &grants, HOSTILE).html(),
            Handover::new(HOSTILE, &fields).html(),
            Opening::new(Language::English, HOSTILE, HOSTILE).html(),
            Connect::new(Language::English, HOSTILE, HOSTILE).html(),
            leave.asked_by(HOSTILE).html(),
            message
                .with_reference(HOSTILE)
                .with_way_back(HOSTILE)
                .html(),
        ]);
        pages
    }

    fn asking(party: &Party, content: &Content) -> Result<String, PageError> {
        let mut ask = Ask::new(party, content, HOSTILE);
        (ask.csrf, ask.options, ask.elsewhere) = (HOSTILE, HOSTILE, Some(HOSTILE));
        ask.html()
    }

    #[test]
    fn no_text_becomes_markup_on_any_page() {
        for page in pages() {
            let html = page.expect("a page");
            assert!(html.contains("alert(1)"), "the text is shown: {html}");
            assert!(!html.contains("<script>"), "{html}");
            assert!(!html.contains("<img src=x"), "{html}");
            assert!(!html.contains("=\"\"'>"), "{html}");
        }
    }

    #[test]
    fn no_page_carries_style_or_script_of_its_own() {
        for page in pages() {
            let html = page.expect("a page");
            for part in [" style=", "<style", " onclick=", " onload="] {
                assert!(!html.contains(part), "{part} in {html}");
            }
        }
    }

    #[test]
    fn what_hides_is_named_where_it_stands() {
        let content = Content::Sign(Signed::plain("pay\u{202e}001"), None);
        let party = Party::new("a\u{200b}b", "rp.example");
        let html = asking(&party, &content).expect("a page");
        assert!(html.contains(">U+202E</span>001"), "{html}");
        assert!(html.contains(">U+200B</span>b"), "{html}");
        assert!(!html.contains(['\u{202e}', '\u{200b}']), "{html}");
    }
}
