//! The subscribers' file: CSV with a header, the lines of hostapd's `hlr_auc_gw`, the documents of
//! Open5GS, or tables in TOML.

mod column;
mod lines;
mod open5gs;
mod record;
mod tables;

use crate::{Subscribers, XorForTests};
use record::Record;

/// A line of a subscribers' file is wrong; its text, which holds keys, is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
#[non_exhaustive]
pub struct InvalidSubscribers {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The header names a column that nobody knows.
    #[error("unknown column; known are {}", column::KNOWN)]
    UnknownColumn,
    /// The header names a column twice.
    #[error("a column stands twice in the header")]
    RepeatedColumn,
    /// The line has more or fewer fields than the header, or than `IMSI Ki OPc AMF SQN [RES_len]`.
    #[error("expected {expected} fields, got {actual}")]
    FieldCount {
        /// How many there should be.
        expected: usize,
        /// How many there are.
        actual: usize,
    },
    /// A field that every subscriber needs is missing or empty.
    #[error("{column} is missing")]
    Missing {
        /// The column.
        column: &'static str,
    },
    /// A field that has no place with this algorithm.
    #[error("{column} has no place with {algorithm}")]
    Misplaced {
        /// The column.
        column: &'static str,
        /// The algorithm's name.
        algorithm: &'static str,
    },
    /// A field has not its form.
    #[error("{column}: expected {form}")]
    Field {
        /// The column.
        column: &'static str,
        /// What it should look like.
        form: &'static str,
    },
    /// It is no subscriber document of Open5GS.
    #[error("not a subscriber document of Open5GS")]
    Document,
    /// It is no table of TOML with the keys that a subscriber has.
    #[error("not a table [[subscriber]] with the columns' names as keys")]
    Table,
    /// OP and OPc are both given, or TOP and TOPc.
    #[error("op and opc exclude each other, as do top and topc")]
    BothOperatorFields,
    /// XOR gives K away with each vector, and nobody has allowed it.
    #[error("xor is for tests and protects nothing; --danger-xor-for-tests allows it")]
    XorForTests,
    /// The IMSI stands on an earlier line, too.
    #[error("the IMSI stands on an earlier line, too")]
    Repeated,
}

impl Subscribers {
    /// Reads a subscribers' file. Empty lines and lines that start with `#` are skipped.
    ///
    /// A file whose first line has commas is CSV: that line names the columns `imsi`, `k`, `opc`
    /// or `op`, and if wanted `amf` (default 8000), `sqn` (the last one used, default 0),
    /// `res_length` (4 to 8), and `constants` (c1/r1 to c5/r5 with blanks between). For TUAK there
    /// are `topc` or `top`, `iterations` (default 1), a `k` of 64 digits and a `res_length` of 4, 8 or
    /// 16. `algorithm` names it where the fields leave it open.
    ///
    /// A file that begins with `{` or `[` holds the documents of Open5GS, as `mongoexport` writes
    /// them, with the same names in `security` for what Open5GS does not know; in an array, a line
    /// is counted for each document. One with tables `[[subscriber]]` is TOML, with the columns'
    /// names as keys. Any other file has lines `IMSI Ki OPc AMF SQN [RES_len]`, as `hlr_auc_gw` of
    /// hostapd reads them.
    ///
    /// ```
    /// let text = "imsi,k,opc\n\
    ///     001010000000001,465b5ce8b199b49faa5f0a2ee238a6bc,cd63cb71954a9f4e48a5994e37a02baf\n";
    /// assert_eq!(auc::Subscribers::parse(text)?.len(), 1);
    /// # Ok::<(), auc::InvalidSubscribers>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidSubscribers`] with the line at fault.
    pub fn parse(text: &str) -> Result<Self, InvalidSubscribers> {
        Self::parse_with(text, XorForTests::Refused)
    }

    /// The same, and says whether test subscribers with the XOR algorithm are taken.
    ///
    /// # Errors
    /// [`InvalidSubscribers`] with the line at fault.
    pub fn parse_with(text: &str, xor: XorForTests) -> Result<Self, InvalidSubscribers> {
        let text = text.trim_start_matches('\u{feff}');
        let first = text
            .lines()
            .map(str::trim_start)
            .find(|line| is_content(line));
        let records = match first {
            Some(line) if line.starts_with("[[") => tables::records(text),
            Some(line) if line.starts_with(['{', '[']) => open5gs::records(text.trim()),
            _ => lines::records(text),
        }?;
        let mut subscribers = Self::default();
        for (line, record) in records {
            let subscriber = record.and_then(|record| record.subscriber(xor));
            if !subscribers.insert(subscriber.map_err(at(line))?) {
                return Err(at(line)(Problem::Repeated));
            }
        }
        Ok(subscribers)
    }
}

/// Each subscriber's fields with the line they stand on.
type Records = Vec<(usize, Result<Record, Problem>)>;

fn is_content(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

fn at(line: usize) -> impl Fn(Problem) -> InvalidSubscribers {
    move |problem| InvalidSubscribers { line, problem }
}

#[cfg(test)]
mod tests;
