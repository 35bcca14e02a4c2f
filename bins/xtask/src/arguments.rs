//! The words of the command line, taken one meaning at a time.

use std::collections::VecDeque;

/// What is left of the command line.
#[derive(Debug)]
pub(crate) struct Arguments {
    words: VecDeque<String>,
}

impl Arguments {
    /// Everything after the program's own name.
    pub(crate) fn from_command_line() -> Self {
        Self {
            words: std::env::args().skip(1).collect(),
        }
    }

    /// Takes the first word.
    pub(crate) fn command(&mut self) -> Option<String> {
        self.words.pop_front()
    }

    /// Takes `--name`, and says whether it was there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() < before
    }

    /// Takes every `--name VALUE` and `--name=VALUE`.
    ///
    /// # Errors
    /// When nothing follows the last `--name`.
    pub(crate) fn values(&mut self, name: &str) -> Result<Vec<String>, String> {
        let mut values = Vec::new();
        let mut rest = VecDeque::new();
        while let Some(word) = self.words.pop_front() {
            if word == name {
                values.push(
                    self.words
                        .pop_front()
                        .ok_or(format!("{name} wants a value"))?,
                );
            } else if let Some(value) = word.strip_prefix(name).and_then(|w| w.strip_prefix('=')) {
                values.push(value.to_owned());
            } else {
                rest.push_back(word);
            }
        }
        self.words = rest;
        Ok(values)
    }

    /// The words nobody has taken, for a program further down.
    pub(crate) fn into_rest(self) -> Vec<String> {
        self.words.into()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When a word is left that nobody understood.
    pub(crate) fn finish(self) -> Result<(), String> {
        match self.words.front() {
            None => Ok(()),
            Some(word) => Err(format!("`{word}` is not understood here; see --help")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Arguments {
        Arguments {
            words: line.split_whitespace().map(str::to_owned).collect(),
        }
    }

    #[test]
    fn a_flag_is_taken_once_seen() {
        let mut line = arguments("--quick");
        assert!(line.flag("--quick"));
        assert!(!line.flag("--quick"));
        assert_eq!(line.finish(), Ok(()));
    }

    #[test]
    fn values_come_in_both_spellings_and_leave_the_rest() {
        let mut line = arguments("--only format tail --only=clippy");
        assert_eq!(
            line.values("--only"),
            Ok(vec!["format".to_owned(), "clippy".to_owned()])
        );
        assert_eq!(line.into_rest(), ["tail"]);
    }

    #[test]
    fn a_missing_value_and_an_unknown_word_are_told() {
        assert_eq!(
            arguments("--only").values("--only"),
            Err("--only wants a value".to_owned())
        );
        let unknown = arguments("--fast").finish();
        assert_eq!(
            unknown,
            Err("`--fast` is not understood here; see --help".to_owned())
        );
    }
}
