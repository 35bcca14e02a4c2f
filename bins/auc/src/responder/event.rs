//! What happened to a datagram: for the log, the audit trail and the metrics.

use std::{fmt, io};

use aka::network::Resynchronisation;
use server_kit::audit::{Audit, Entry};

use super::BoxError;
use crate::CentreError;

/// What happened to a datagram.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A vector goes out.
    Vector,
    /// So many triplets go out.
    Triplets(usize),
    /// A card was followed, or need not be.
    Resynchronised(Resynchronisation),
    /// The datagram is no request.
    BadRequest,
    /// The centre refused, or failed.
    Failure(Failure),
    /// This happened, and the requester is gone, or does not read its answers.
    Unsent(Box<Event>, io::Error),
}

/// Why the centre refused, or failed.
#[derive(Debug)]
pub struct Failure {
    action: &'static str,
    error: BoxError,
}

impl Event {
    pub(super) const fn failure(action: &'static str, error: BoxError) -> Self {
        Self::Failure(Failure { action, error })
    }

    /// What was asked for, in the words of the interface over HTTP: `vectors`, `triplets`,
    /// `resync`; `unknown` where nobody can tell.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Vector => "vectors",
            Self::Triplets(_) => "triplets",
            Self::Resynchronised(_) => "resync",
            Self::BadRequest => "unknown",
            Self::Failure(failure) => failure.action,
            Self::Unsent(event, _) => event.action(),
        }
    }

    /// How it ended: `success`, or the word for what was wrong.
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Vector | Self::Triplets(_) | Self::Resynchronised(_) => "success",
            Self::BadRequest => "bad_request",
            Self::Failure(Failure { error, .. }) => error
                .downcast_ref::<CentreError>()
                .map_or("internal", CentreError::code),
            Self::Unsent(..) => "unsent",
        }
    }

    /// Leaves a line in the audit trail, and is counted.
    pub fn trace(&self, audit: &Audit) {
        let (action, outcome) = (self.action(), self.outcome());
        audit.record(&Entry::new("hostapd", "subscriber", action, outcome));
        metrics::counter!("auc_requests_total", "edge" => "hostapd", "action" => action, "outcome" => outcome)
            .increment(1);
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vector => f.write_str("vector issued"),
            Self::Triplets(count) => write!(f, "{count} triplets issued"),
            Self::Resynchronised(outcome) => f.write_str(match outcome {
                Resynchronisation::Moved => "resynchronised",
                Resynchronisation::Kept => "resynchronisation not needed",
                Resynchronisation::OutOfReach | _ => {
                    "out of reach: the card is too far behind to be followed"
                }
            }),
            Self::BadRequest => f.write_str("refused: not a request"),
            Self::Unsent(..) => f.write_str("the requester did not take its answer"),
            Self::Failure(Failure { error, .. }) => write!(f, "refused: {}", causes(&**error)),
        }
    }
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_traced_with_what_was_asked_for_and_why_it_failed() {
        let refused = Event::failure("resync", CentreError::MacFailure.into());
        assert_eq!(
            (refused.action(), refused.outcome()),
            ("resync", "mac_failure")
        );
        let foreign = Event::failure("vectors", "no entropy".into());
        assert_eq!(
            (foreign.action(), foreign.outcome()),
            ("vectors", "internal")
        );
    }

    #[test]
    fn an_answer_that_nobody_took_is_traced_as_what_it_answered() {
        let event = Event::Unsent(Box::new(Event::Triplets(3)), io::ErrorKind::NotFound.into());
        assert_eq!((event.action(), event.outcome()), ("triplets", "unsent"));
    }
}
