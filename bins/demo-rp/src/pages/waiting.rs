//! The page that waits for another device.

use askama::Template;
use passkey_idp::Instant;
use server_kit::page::{Piece, pieces};

use crate::document::Document;

/// Shows a code, and how the document stands.
#[derive(Template)]
#[template(path = "waiting.html")]
pub(crate) struct Waiting {
    title: Vec<Piece>,
    id: String,
    url: String,
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
            state: super::state(&document.standing),
            minutes: left.div_ceil(60),
        }
    }
}
