//! What ran and how it went, summed over the runners' own closing lines.

use std::fmt;
use std::ops::AddAssign;

/// How many checks passed, failed and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    /// One check that passed.
    pub(crate) const PASSED: Self = Self {
        passed: 1,
        failed: 0,
        skipped: 0,
    };
    /// One check that failed.
    pub(crate) const FAILED: Self = Self {
        passed: 0,
        failed: 1,
        skipped: 0,
    };
    /// One check that was left out.
    pub(crate) const SKIPPED: Self = Self {
        passed: 0,
        failed: 0,
        skipped: 1,
    };

    /// Reads the closing lines of `cargo nextest run` and `cargo test` in a program's output.
    pub(crate) fn read(output: &str) -> Self {
        let mut sum = Self::default();
        for line in output.lines().map(without_colours) {
            let line = line.as_str();
            // What a failed test printed is repeated further in, closing lines included.
            if line.starts_with("test result:") || line.starts_with("     Summary [") {
                sum += Self {
                    passed: before(line, "passed"),
                    failed: before(line, "failed") + before(line, "timed out"),
                    skipped: before(line, "ignored") + before(line, "skipped"),
                };
            }
        }
        sum
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

/// The number that stands before `word`, or 0.
fn before(line: &str, word: &str) -> u64 {
    let number = line
        .split(word)
        .next()
        .filter(|head| head.len() < line.len());
    let number = number.and_then(|head| head.split_whitespace().next_back());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn without_colours(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some((text, coloured)) = rest.split_once('\x1b') {
        plain.push_str(text);
        rest = coloured.split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
        Tally {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn the_lines_of_cargo_test_are_summed() {
        let output = "test result: ok. 12 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out\n\
                      test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(Tally::read(output), tally(15, 1, 2));
    }

    #[test]
    fn the_line_of_nextest_is_read_with_and_without_colours() {
        let plain =
            "     Summary [   0.131s] 9 tests run: 7 passed, 1 failed, 1 timed out, 4 skipped\n";
        assert_eq!(Tally::read(plain), tally(7, 2, 4));
        let coloured = "\x1b[32;1m     Summary\x1b[0m [   0.1s] \x1b[1m2\x1b[0m tests run: \
                        \x1b[1m2\x1b[0m \x1b[32;1mpassed\x1b[0m, \x1b[1m1\x1b[0m skipped\n";
        assert_eq!(Tally::read(coloured), tally(2, 0, 1));
    }

    #[test]
    fn a_failed_test_whose_output_is_repeated_counts_once() {
        let output = "    test result: FAILED. 0 passed; 1 failed; 0 ignored\n\
                      \x20    Summary [   0.1s] 1 test run: 0 passed, 1 failed, 0 skipped\n";
        assert_eq!(Tally::read(output), tally(0, 1, 0));
    }

    #[test]
    fn output_without_a_closing_line_counts_nothing() {
        assert_eq!(
            Tally::read("running 3 tests\n5 passed through the gate\n"),
            Tally::default()
        );
    }

    #[test]
    fn the_closing_line_names_all_three() {
        assert_eq!(tally(3, 0, 1).to_string(), "3 passed, 0 failed, 1 skipped");
    }
}
