//! A step of `cargo xtask test`, and what can come of it.

use crate::console::Console;
use crate::invocation::{Finished, Invocation};
use crate::tally::Tally;

/// One thing that is checked, repeatable on its own.
pub(crate) struct Step {
    /// The word after `--only`.
    pub(crate) name: &'static str,
    /// What it finds out.
    pub(crate) about: &'static str,
    /// When it runs.
    pub(crate) pace: Pace,
    /// Runs it.
    pub(crate) run: fn(&Console) -> Outcome,
}

/// Whether a step belongs to the inner loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Always.
    Quick,
    /// Left out by `--quick`.
    Thorough,
}

/// What came of a step.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// All of it passed.
    Passed(Tally),
    /// Some of it failed; the output says what.
    Failed { tally: Tally, output: String },
    /// Nothing ran, for this reason.
    Skipped(String),
}

impl Outcome {
    /// A failure that counts as one.
    pub(crate) fn failed(output: impl Into<String>) -> Self {
        Self::Failed {
            tally: Tally::FAILED,
            output: output.into(),
        }
    }

    /// What it adds to the closing line.
    pub(crate) fn tally(&self) -> Tally {
        match self {
            Self::Passed(tally) | Self::Failed { tally, .. } => *tally,
            Self::Skipped(_) => Tally::SKIPPED,
        }
    }
}

/// One program that passes or fails as a whole.
pub(crate) fn check(console: &Console, invocation: Invocation) -> Outcome {
    judge(console, invocation, |_| Tally::PASSED)
}

/// One test runner, whose own closing lines say how many tests ran.
pub(crate) fn count(console: &Console, invocation: Invocation) -> Outcome {
    judge(console, invocation, |finished| {
        Tally::read(&finished.output)
    })
}

/// Several programs, one after another, that pass or fail as one.
pub(crate) fn check_all(
    console: &Console,
    invocations: impl IntoIterator<Item = Invocation>,
) -> Outcome {
    for invocation in invocations {
        let outcome = check(console, invocation);
        if !matches!(outcome, Outcome::Passed(_)) {
            return outcome;
        }
    }
    Outcome::Passed(Tally::PASSED)
}

fn judge(
    console: &Console,
    mut invocation: Invocation,
    tally: impl FnOnce(&Finished) -> Tally,
) -> Outcome {
    let finished = match invocation.run(console) {
        Ok(finished) => finished,
        Err(error) => return Outcome::failed(format!("cannot start {invocation}: {error}\n")),
    };
    let mut tally = tally(&finished);
    if finished.success {
        return Outcome::Passed(tally);
    }
    if tally.failed == 0 {
        // It did not come as far as a closing line, or the line does not count what went wrong.
        tally.failed = 1;
        tally.passed = tally.passed.saturating_sub(1);
    }
    Outcome::Failed {
        tally,
        output: format!("$ {invocation}\n{}", finished.output),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Detail;

    fn shell(script: &str) -> Invocation {
        Invocation::new("sh").args(["-c", script])
    }

    #[test]
    fn a_failed_check_counts_once_and_shows_its_command() {
        let console = Console::new(Detail::Steps);
        let outcome = check(&console, shell("echo broken; exit 1"));
        assert_eq!(outcome.tally(), Tally::FAILED);
        let Outcome::Failed { output, .. } = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(output, "$ sh -c 'echo broken; exit 1'\nbroken\n");
    }

    #[test]
    fn a_runner_is_counted_by_its_closing_line() {
        let console = Console::new(Detail::Steps);
        let outcome = count(
            &console,
            shell("echo 'test result: ok. 4 passed; 0 failed; 1 ignored'"),
        );
        assert_eq!(
            outcome.tally(),
            Tally {
                passed: 4,
                failed: 0,
                skipped: 1
            }
        );
    }

    #[test]
    fn the_first_failure_ends_a_row_of_checks() {
        let console = Console::new(Detail::Steps);
        let row = [shell("true"), shell("exit 2"), shell("echo never")];
        let Outcome::Failed { output, .. } = check_all(&console, row) else {
            panic!("passed")
        };
        assert_eq!(output, "$ sh -c 'exit 2'\n");
    }
}
