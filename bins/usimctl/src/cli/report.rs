//! Answers for people and for programs.

use std::{
    fmt::{self, Write as _},
    io::{self, Write},
};

use serde_json::{Map, Value};

use crate::cli::{Exit, Failure};

/// What a command found out, in both forms.
pub(crate) struct Report {
    human: Text,
    json: Value,
    exit: Exit,
}

impl Report {
    pub(crate) fn new(human: Text, json: Value) -> Self {
        Self {
            human,
            json,
            exit: Exit::Done,
        }
    }

    pub(crate) fn with_exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// The exit status, once it is printed; a reader that has gone away is no failure.
    pub(crate) fn print(&self, json: bool, out: &mut impl Write) -> Result<Exit, Failure> {
        let printed = if json {
            writeln!(out, "{}", self.json)
        } else {
            out.write_all(self.human.0.as_bytes())
        };
        match printed.and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                let error = anyhow::Error::from(error).context("cannot write to standard output");
                Err(Failure::System(error))
            }
            _ => Ok(self.exit),
        }
    }
}

/// Lines for people.
#[derive(Default)]
pub(crate) struct Text(String);

impl Text {
    /// Adds a line.
    pub(crate) fn line(&mut self, line: fmt::Arguments<'_>) {
        self.0
            .write_fmt(format_args!("{line}\n"))
            .expect("a string takes any text");
    }
}

/// Named values, one a line.
#[derive(Default)]
pub(crate) struct Fields(Vec<Field>);

struct Field {
    name: &'static str,
    lines: Vec<String>,
    json: Value,
}

impl Fields {
    /// Adds a value; `name` is for people, and for programs in lower case with `_`.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        let json = value.into();
        let lines = lines(&json);
        self.0.push(Field { name, lines, json });
        self
    }

    /// Adds a value that people see otherwise than programs.
    #[must_use]
    pub(crate) fn with_both(mut self, name: &'static str, words: String, json: Value) -> Self {
        let lines = vec![words];
        self.0.push(Field { name, lines, json });
        self
    }

    pub(crate) fn report(self) -> Report {
        let width = self.0.iter().map(|field| field.name.len()).max();
        let width = width.unwrap_or_default();
        let mut human = Text::default();
        let mut json = Map::new();
        for field in self.0 {
            for (line, text) in field.lines.iter().enumerate() {
                let name = if line == 0 { field.name } else { "" };
                human.line(format_args!("{name:<width$}  {text}"));
            }
            let key = field.name.to_lowercase().replace([' ', '-'], "_");
            json.insert(key, field.json);
        }
        Report::new(human, Value::Object(json))
    }
}

/// How a value looks to people: a line for each thing in a list.
fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::Null => vec!["-".to_owned()],
        Value::Bool(true) => vec!["yes".to_owned()],
        Value::Bool(false) => vec!["no".to_owned()],
        Value::Number(number) => vec![number.to_string()],
        Value::String(text) => vec![text.clone()],
        Value::Array(list) if list.is_empty() => vec!["-".to_owned()],
        Value::Array(list) => list.iter().flat_map(lines).collect(),
        Value::Object(object) => {
            let values = object.values().flat_map(lines);
            vec![values.collect::<Vec<_>>().join("  ")]
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_aligned_and_lists_take_a_line_each() {
        let report = Fields::default()
            .with("IMSI", "001010000000001")
            .with("MNC length", 2)
            .with("SPN", Value::Null)
            .with(
                "Applications",
                json!([{"kind": "USIM", "aid": "A0"}, {"kind": "ISIM", "aid": "A1"}]),
            )
            .report();
        assert_eq!(
            report.human.0,
            "IMSI          001010000000001\n\
             MNC length    2\n\
             SPN           -\n\
             Applications  USIM  A0\n              ISIM  A1\n"
        );
        assert_eq!(report.json["mnc_length"], 2);
        assert_eq!(report.json["spn"], Value::Null);
    }

    #[test]
    fn a_reader_that_has_gone_away_is_no_failure() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let report = Fields::default().with("IMSI", "1").report();
        assert_eq!(report.print(false, &mut Gone).unwrap(), Exit::Done);
    }
}
