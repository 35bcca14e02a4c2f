//! The page that waits for another device.

use askama::Template;
use passkey_idp::Instant;
use passkey_idp::visible::{Piece, pieces};

use crate::document::{Document, Standing};

/// Shows a code, and how the document stands.
#[derive(Template)]
#[template(path = "waiting.html")]
pub(crate) struct Waiting {
    title: Vec<Piece>,
    id: String,
    url: String,
    is_open: bool,
    state: &'static str,
    minutes: u64,
}

impl Waiting {
    pub(crate) fn new(document: &Document, url: String, now: Instant) -> Self {
        let left = document.until.since(now).as_seconds();
        Self {
            title: pieces(document.asked.title()),
            id: document.placed.id.to_string(),
            url,
            is_open: matches!(document.standing, Standing::Pending),
            state: super::state(&document.standing),
            minutes: left.div_ceil(60),
        }
    }
}
