//! What it means when a server refuses.

use std::fmt;

use serde::Deserialize;

use crate::{
    CardError, Error,
    transport::{TransportError, TransportErrorKind, remote::answer::Answer},
};

/// A server refused: its status (RFC 9110 §15), and its word for the reason where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerRefusal {
    /// The HTTP status.
    pub status: u16,
    /// A word for programs, as usim-server gives it.
    pub code: Option<String>,
}

impl fmt::Display for ServerRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server answered with status {}", self.status)?;
        match &self.code {
            Some(code) => write!(f, " ({code})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ServerRefusal {}

/// What the dialects put into a refusal.
#[derive(Default, Deserialize)]
struct Body {
    code: Option<String>,
    error: Option<Detail>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Detail {
    PySim {
        status_word: Option<String>,
    },
    /// The other dialects have text or `true` here.
    Other(serde::de::IgnoredAny),
}

/// The error that a refusal stands for.
pub(super) fn of(answer: &Answer) -> Error {
    let body: Body = answer.json().unwrap_or_default();
    let code = body.code.filter(|code| is_word(code));
    if let Some(Detail::PySim { status_word }) = body.error
        && status_word.is_some_and(|word| word.eq_ignore_ascii_case("9862"))
    {
        return CardError::MacFailure.into();
    }
    let status = answer.status();
    let known = code.as_deref().and_then(of_code);
    match known.unwrap_or_else(|| of_status(status)) {
        Meaning::Card(error) => error.into(),
        Meaning::Transport(kind) => {
            TransportError::new(kind, ServerRefusal { status, code }).into()
        }
    }
}

enum Meaning {
    Card(CardError),
    Transport(TransportErrorKind),
}

/// By usim-server's words.
fn of_code(code: &str) -> Option<Meaning> {
    use TransportErrorKind as Kind;
    let kind = match code {
        "mac_failure" => return Some(Meaning::Card(CardError::MacFailure)),
        "pin_required" => return Some(Meaning::Card(CardError::PinRequired)),
        "pin_blocked" => return Some(Meaning::Card(CardError::PinBlocked)),
        "context_not_supported" => return Some(Meaning::Card(CardError::ContextNotSupported)),
        "no_card" => Kind::NoCard,
        "card_removed" => Kind::CardRemoved,
        "card_reset" | "lease_gone" => Kind::CardReset,
        "card_in_use" | "leased" | "deadline_in_queue" => Kind::Busy,
        "short_answer" => Kind::ShortAnswer,
        "unsupported" => Kind::Unsupported,
        _ => return None,
    };
    Some(Meaning::Transport(kind))
}

fn of_status(status: u16) -> Meaning {
    use TransportErrorKind as Kind;
    Meaning::Transport(match status {
        409 => return Meaning::Card(CardError::MacFailure),
        423 => return Meaning::Card(CardError::PinRequired),
        400 => Kind::Unsupported,
        404 | 503 => Kind::Unavailable,
        408 | 504 => Kind::Timeout,
        410 => Kind::NoCard,
        429 => Kind::Busy,
        500 | 502 => Kind::Protocol,
        _ => Kind::Refused,
    })
}

/// What may be shown: a word of the server's, not anything it sends.
fn is_word(code: &str) -> bool {
    code.len() <= 40
        && code
            .bytes()
            .all(|octet| octet.is_ascii_lowercase() || octet == b'_')
}
