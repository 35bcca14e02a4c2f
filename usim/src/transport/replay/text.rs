//! The text form of a recording.

use std::fmt::Write;

use crate::transport::{TransportErrorKind, replay::Step};

/// A line of a recording cannot be read; the line itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the recording cannot be read")]
#[non_exhaustive]
pub struct InvalidRecording {
    /// Which line, counted from 1.
    pub line: usize,
}

pub(super) fn parse(recording: &str) -> Result<Vec<Step>, InvalidRecording> {
    let mut steps = Vec::new();
    let mut command = None;
    let mut lines = 0;
    for (number, line) in (1..).zip(recording.lines()) {
        lines = number;
        read(line, &mut command, &mut steps).ok_or(InvalidRecording { line: number })?;
    }
    match command {
        Some(_) => Err(InvalidRecording { line: lines }),
        None => Ok(steps),
    }
}

/// Takes one line; `command` is the one that waits for its answer.
fn read(line: &str, command: &mut Option<Vec<u8>>, steps: &mut Vec<Step>) -> Option<()> {
    let line = line.split_once('#').map_or(line, |(line, _)| line).trim();
    let (mark, rest) = line.split_at_checked(1).unwrap_or((line, ""));
    match (mark, command.take()) {
        (">", None) => *command = Some(octets(rest)?),
        ("<", Some(command)) => steps.push(Step::exchange(command, octets(rest)?)),
        ("!", Some(command)) => steps.push(Step::failure(command, kind(rest.trim())?)),
        ("", waiting) => *command = waiting,
        (_, None) if line == "reset" => steps.push(Step::Reset(Ok(()))),
        _ => return None,
    }
    Some(())
}

fn octets(digits: &str) -> Option<Vec<u8>> {
    let digits: String = digits.split_whitespace().collect();
    hex::decode(digits).ok()
}

fn kind(name: &str) -> Option<TransportErrorKind> {
    let kinds = TransportErrorKind::ALL.iter().copied();
    kinds.into_iter().find(|kind| format!("{kind:?}") == name)
}

/// Writes what [`parse`] reads.
pub(super) fn write(steps: &[Step]) -> String {
    steps.iter().fold(String::new(), |mut text, step| {
        let written = match step {
            Step::Exchange(command, Ok(answer)) => {
                let answer = hex::encode_upper(answer);
                writeln!(text, "> {}\n< {answer}", hex::encode_upper(command))
            }
            Step::Exchange(command, Err(kind)) => {
                writeln!(text, "> {}\n! {kind:?}", hex::encode_upper(command))
            }
            Step::Reset(_) => writeln!(text, "reset"),
        };
        written.expect("a String takes everything");
        text
    })
}
