//! One step of a script, and what differs from it.

use std::fmt;

use crate::transport::TransportErrorKind;

/// What the script expects next, and how it goes.
///
/// `Debug` shows headers and sizes, never data: a recording may hold keys and PINs.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// This command, and the answer with its status word, or the error it meets.
    Exchange(Vec<u8>, Result<Vec<u8>, TransportErrorKind>),
    /// A reset, and how it goes.
    Reset(Result<(), TransportErrorKind>),
}

impl Step {
    /// A command and its answer.
    pub fn exchange(command: impl Into<Vec<u8>>, answer: impl Into<Vec<u8>>) -> Self {
        Self::Exchange(command.into(), Ok(answer.into()))
    }

    /// A command and the error that it meets.
    pub fn failure(command: impl Into<Vec<u8>>, kind: TransportErrorKind) -> Self {
        Self::Exchange(command.into(), Err(kind))
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exchange(command, outcome) => f
                .debug_tuple("Exchange")
                .field(&format_args!("{}", Header(command)))
                .field(&outcome.as_ref().map(Vec::len))
                .finish(),
            Self::Reset(outcome) => f.debug_tuple("Reset").field(outcome).finish(),
        }
    }
}

/// The program did something that the script does not say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("step {step} of the script: expected {expected}, met {met}")]
#[non_exhaustive]
pub struct Mismatch {
    /// Which step, counted from 1.
    pub step: usize,
    /// What the script says, without data.
    pub expected: String,
    /// What the program did, without data.
    pub met: String,
}

impl Mismatch {
    pub(super) fn at_end(done: usize) -> Self {
        Self::new(done, "the end".to_owned(), "one more".to_owned())
    }

    pub(super) fn reset(done: usize, step: &Step) -> Self {
        Self::new(done, describe(step), "a reset".to_owned())
    }

    pub(super) fn command(done: usize, step: &Step, command: &[u8]) -> Self {
        let mut met = Header(command).to_string();
        if let Step::Exchange(expected, _) = step {
            let same = expected.iter().zip(command).take_while(|(a, b)| a == b);
            met = format!("{met}, different from octet {} on", same.count());
        }
        Self::new(done, describe(step), met)
    }

    fn new(done: usize, expected: String, met: String) -> Self {
        Self {
            step: done.saturating_add(1),
            expected,
            met,
        }
    }
}

fn describe(step: &Step) -> String {
    match step {
        Step::Exchange(command, _) => Header(command).to_string(),
        Step::Reset(_) => "a reset".to_owned(),
    }
}

/// The part of a command that tells no secret.
struct Header<'a>(&'a [u8]);

impl fmt::Display for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = self.0.get(..4).unwrap_or(self.0);
        write!(
            f,
            "{} of {} octets",
            hex::encode_upper(header),
            self.0.len()
        )
    }
}
