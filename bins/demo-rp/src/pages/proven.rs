//! The page that shows what was signed, and how that is known.

use askama::Template;
use passkey_idp::Instant;
use passkey_idp::evidence::Statement;
use passkey_idp::random::Digest;
use passkey_idp::visible::{Piece, pieces};

use crate::document::{Document, Proof};

/// Shows evidence that was verified.
#[derive(Template)]
#[template(path = "proven.html")]
pub(crate) struct Proven<'a> {
    id: String,
    text: Vec<Piece>,
    file: Option<Attached<'a>>,
    statement: &'a Statement,
    when: String,
    verified: &'static str,
    algorithm: &'static str,
    server_key: String,
    size: usize,
    changed: String,
}

struct Attached<'a> {
    name: Vec<Piece>,
    size: usize,
    sha256: String,
    statement: &'a Statement,
}

impl<'a> Proven<'a> {
    pub(crate) fn new(document: &Document, proof: &'a Proof) -> Self {
        let statement = &proof.verified.statement;
        let file = document.asked.file.as_ref().map(|file| Attached {
            name: pieces(&file.name),
            size: file.size,
            sha256: hexadecimal(&file.digest),
            statement,
        });
        Self {
            id: document.placed.id.to_string(),
            text: pieces(&statement.text),
            file,
            statement,
            when: time(statement.signed_at),
            verified: if proof.verified.uv {
                "by PIN or biometrics"
            } else {
                "no: only that somebody was there"
            },
            algorithm: statement.public_key.algorithm().name(),
            server_key: proof.verified.server_key.thumbprint().to_string(),
            size: proof.package.len(),
            changed: match proof.changed() {
                Err(refusal) => refusal.to_string(),
                Ok(()) => "nothing, which is wrong".to_owned(),
            },
        }
    }
}

impl Attached<'_> {
    fn is_signed(&self) -> bool {
        self.statement.data.is_some()
    }
}

fn hexadecimal(digest: &Digest) -> String {
    hex::encode(digest.as_bytes())
}

fn time(instant: Instant) -> String {
    let millis = i64::try_from(instant.unix_millis()).unwrap_or(i64::MAX);
    let time = jiff::Timestamp::from_millisecond(millis);
    time.map_or_else(|_| format!("{millis} ms"), |time| time.to_string())
}
