//! The subscribers' file: CSV with a header, the lines of hostapd's `hlr_auc_gw`, or the documents
//! of Open5GS.

mod open5gs;

use std::str::FromStr;

use aka::{Amf, K, Op, Opc, Sqn};

use crate::{ResLength, Subscriber, Subscribers};
use open5gs::Document;

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
    #[error("unknown column; known are imsi, k, opc, op, amf, sqn and res_length")]
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
    /// OP and OPc are both given.
    #[error("op and opc exclude each other")]
    BothOperatorFields,
    /// The IMSI stands on an earlier line, too.
    #[error("the IMSI stands on an earlier line, too")]
    Repeated,
}

impl Subscribers {
    /// Reads a subscribers' file. Empty lines and lines that start with `#` are skipped.
    ///
    /// A file whose first line has commas is CSV: that line names the columns `imsi`, `k`, `opc`
    /// or `op`, and if wanted `amf` (default 8000), `sqn` (the last one used, default 0) and
    /// `res_length` (4 to 8). Any other file has lines `IMSI Ki OPc AMF SQN [RES_len]`, as
    /// `hlr_auc_gw` of hostapd reads them. A file that begins with `{` or `[` holds the documents of
    /// Open5GS, as `mongoexport` writes them; in an array, a line is counted for each document.
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
        if text.trim_start().starts_with(['{', '[']) {
            return Self::of_documents(text.trim());
        }
        let mut lines = (1..)
            .zip(text.trim_start_matches('\u{feff}').lines())
            .map(|(number, line)| (number, line.trim()))
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            .peekable();
        let header = lines.next_if(|(_, line)| line.contains(','));
        let layout = match header {
            Some((line, header)) => Layout::of_header(header).map_err(at(line))?,
            None => Layout::hlr_auc_gw(),
        };
        let mut subscribers = Self::default();
        for (line, text) in lines {
            let subscriber = layout.read(text).map_err(at(line))?;
            if !subscribers.insert(subscriber) {
                return Err(at(line)(Problem::Repeated));
            }
        }
        Ok(subscribers)
    }
}

impl Subscribers {
    fn of_documents(text: &str) -> Result<Self, InvalidSubscribers> {
        let mut subscribers = Self::default();
        for (line, document) in (1..).zip(documents(text)?) {
            let subscriber = document
                .map_err(at(line))
                .and_then(|document| document.subscriber().map_err(at(line)))?;
            if !subscribers.insert(subscriber) {
                return Err(at(line)(Problem::Repeated));
            }
        }
        Ok(subscribers)
    }
}

type Documents = Vec<Result<Document, Problem>>;

/// The documents of an array, or one a line. What serde says of a wrong one would quote it.
fn documents(text: &str) -> Result<Documents, InvalidSubscribers> {
    if text.starts_with('[') {
        let read = serde_json::from_str::<Vec<Document>>(text);
        let read = read.map_err(|_quotes_it| at(1)(Problem::Document))?;
        return Ok(read.into_iter().map(Ok).collect());
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines
        .map(|line| serde_json::from_str(line).map_err(|_quotes_it| Problem::Document))
        .collect())
}

fn at(line: usize) -> impl Fn(Problem) -> InvalidSubscribers {
    move |problem| InvalidSubscribers { line, problem }
}

/// Which column stands where.
struct Layout {
    columns: Vec<Column>,
    /// How many of them, at the end, a line may leave out.
    optional: usize,
    separator: Separator,
}

#[derive(Clone, Copy)]
enum Separator {
    Comma,
    Blanks,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Imsi,
    K,
    Opc,
    Op,
    Amf,
    Sqn,
    ResLength,
}

impl Layout {
    fn of_header(header: &str) -> Result<Self, Problem> {
        let mut columns = Vec::new();
        for name in header.split(',') {
            let column = Column::named(name.trim()).ok_or(Problem::UnknownColumn)?;
            if columns.contains(&column) {
                return Err(Problem::RepeatedColumn);
            }
            columns.push(column);
        }
        Ok(Self {
            columns,
            optional: 0,
            separator: Separator::Comma,
        })
    }

    fn hlr_auc_gw() -> Self {
        use Column as C;
        Self {
            columns: vec![C::Imsi, C::K, C::Opc, C::Amf, C::Sqn, C::ResLength],
            optional: 1,
            separator: Separator::Blanks,
        }
    }

    fn read(&self, line: &str) -> Result<Subscriber, Problem> {
        let fields: Vec<&str> = match self.separator {
            Separator::Comma => line.split(',').map(str::trim).collect(),
            Separator::Blanks => line.split_ascii_whitespace().collect(),
        };
        let (expected, actual) = (self.columns.len(), fields.len());
        if actual > expected || actual + self.optional < expected {
            return Err(Problem::FieldCount { expected, actual });
        }
        let named = self.columns.iter().copied().zip(fields);
        let record = Record(named.filter(|(_, text)| !text.is_empty()).collect());
        record.subscriber()
    }
}

impl Column {
    fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "imsi" => Some(Self::Imsi),
            "k" | "ki" => Some(Self::K),
            "opc" => Some(Self::Opc),
            "op" => Some(Self::Op),
            "amf" => Some(Self::Amf),
            "sqn" => Some(Self::Sqn),
            "res_length" | "res_len" => Some(Self::ResLength),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Imsi => "imsi",
            Self::K => "k",
            Self::Opc => "opc",
            Self::Op => "op",
            Self::Amf => "amf",
            Self::Sqn => "sqn",
            Self::ResLength => "res_length",
        }
    }

    const fn form(self) -> &'static str {
        match self {
            Self::Imsi => "6 to 15 decimal digits",
            Self::K | Self::Opc | Self::Op => "32 hexadecimal digits",
            Self::Amf => "4 hexadecimal digits",
            Self::Sqn => "12 hexadecimal digits",
            Self::ResLength => "a number from 4 to 8",
        }
    }
}

/// The fields of one line that are not empty.
struct Record<'a>(Vec<(Column, &'a str)>);

impl Record<'_> {
    fn subscriber(&self) -> Result<Subscriber, Problem> {
        let k = self.required::<K>(Column::K)?;
        let subscriber = Subscriber {
            imsi: self.required(Column::Imsi)?,
            opc: self.operator_field(&k)?,
            k,
            amf: self.parsed(Column::Amf)?.unwrap_or(Amf::SEPARATED),
            sqn: self.parsed(Column::Sqn)?.unwrap_or(Sqn::ZERO),
            res_length: self.res_length()?,
        };
        Ok(subscriber)
    }

    fn operator_field(&self, k: &K) -> Result<Opc, Problem> {
        let opc = self.parsed::<Opc>(Column::Opc)?;
        let op = self.parsed::<Op>(Column::Op)?;
        match (opc, op) {
            (Some(opc), None) => Ok(opc),
            (None, Some(op)) => Ok(Opc::derive(k, &op)),
            (Some(_), Some(_)) => Err(Problem::BothOperatorFields),
            (None, None) => Err(Problem::Missing { column: "opc" }),
        }
    }

    fn res_length(&self) -> Result<ResLength, Problem> {
        let Some(octets) = self.parsed(Column::ResLength)? else {
            return Ok(ResLength::FULL);
        };
        ResLength::new(octets).ok_or_else(|| wrong(Column::ResLength))
    }

    fn required<T: FromStr>(&self, column: Column) -> Result<T, Problem> {
        let missing = Problem::Missing {
            column: column.name(),
        };
        self.parsed(column)?.ok_or(missing)
    }

    fn parsed<T: FromStr>(&self, column: Column) -> Result<Option<T>, Problem> {
        let field = self.0.iter().find(|(present, _)| *present == column);
        field
            .map(|(_, text)| text.parse::<T>().map_err(|_names_no_column| wrong(column)))
            .transpose()
    }
}

const fn wrong(column: Column) -> Problem {
    Problem::Field {
        column: column.name(),
        form: column.form(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const K1: &str = "465b5ce8b199b49faa5f0a2ee238a6bc";
    const OP1: &str = "cdc202d5123e20f62b6d676ac72cb318";
    const OPC1: &str = "cd63cb71954a9f4e48a5994e37a02baf";

    fn only(text: &str) -> Subscriber {
        let subscribers = Subscribers::parse(text).unwrap();
        assert_eq!(subscribers.len(), 1);
        let imsi = "001010000000001".parse().unwrap();
        subscribers.get(&imsi).unwrap().clone()
    }

    fn problem(text: &str) -> (usize, Problem) {
        let error = Subscribers::parse(text).unwrap_err();
        (error.line, error.problem)
    }

    #[test]
    fn csv_names_its_columns_in_any_order() {
        let text =
            format!("# test\n\nsqn, IMSI, opc, ki\n000000000020,001010000000001,{OPC1},{K1}\n");
        let subscriber = only(&text);

        assert_eq!(format!("{:x}", subscriber.k.expose_hex()), K1);
        assert_eq!(format!("{:x}", subscriber.opc.expose_hex()), OPC1);
        assert_eq!(subscriber.sqn.get(), 32);
        assert_eq!(subscriber.amf, Amf::SEPARATED);
        assert_eq!(subscriber.res_length, ResLength::FULL);
    }

    #[test]
    fn op_becomes_opc() {
        let subscriber = only(&format!("imsi,k,op\n001010000000001,{K1},{OP1}"));
        assert_eq!(format!("{:x}", subscriber.opc.expose_hex()), OPC1);
    }

    #[test]
    fn each_line_takes_op_or_opc() {
        let text =
            format!("imsi,k,op,opc\n001010000000001,{K1},{OP1},\n001010000000002,{K1},,{OPC1}\n");
        assert_eq!(Subscribers::parse(&text).unwrap().len(), 2);
        let both = format!("imsi,k,op,opc\n001010000000001,{K1},{OP1},{OPC1}\n");
        assert_eq!(problem(&both), (2, Problem::BothOperatorFields));
    }

    #[test]
    fn lines_of_hlr_auc_gw_are_read() {
        let line = format!("001010000000001 {K1}\t{OPC1} 61df 0000000000ff");
        let subscriber = only(&line);
        assert_eq!(subscriber.amf.as_bytes(), &[0x61, 0xdf]);
        assert_eq!(subscriber.sqn.get(), 255);

        let subscriber = only(&format!("{line} 4"));
        assert_eq!(subscriber.res_length, ResLength::new(4).unwrap());
    }

    #[test]
    fn wrong_fields_are_named_with_their_line_and_without_their_text() {
        let error = Subscribers::parse("imsi,k,opc\n00101000000000x,11,22\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2: k: expected 32 hexadecimal digits"
        );
        let short = format!("imsi,k,opc\n00101000000000x,{K1},{OPC1}\n");
        assert_eq!(
            problem(&short),
            (2, wrong(Column::Imsi)),
            "the letter is no digit"
        );
        let long_res = format!("001010000000001 {K1} {OPC1} 8000 000000000000 9");
        assert_eq!(problem(&long_res), (1, wrong(Column::ResLength)));
    }

    #[test]
    fn missing_fields_are_named() {
        let missing = |column| Problem::Missing { column };
        let text = format!("imsi,k,opc\n001010000000001,{K1},\n");
        assert_eq!(problem(&text), (2, missing("opc")));
        let text = format!("imsi,opc\n001010000000001,{OPC1}\n");
        assert_eq!(problem(&text), (2, missing("k")));
    }

    #[test]
    fn headers_are_checked() {
        assert_eq!(problem("imsi,key\n"), (1, Problem::UnknownColumn));
        assert_eq!(problem("imsi,k,ki\n"), (1, Problem::RepeatedColumn));
    }

    #[test]
    fn lines_of_another_length_are_refused() {
        let (expected, actual) = (3, 2);
        assert_eq!(
            problem("imsi,k,opc\n1,2\n"),
            (2, Problem::FieldCount { expected, actual })
        );
        let (expected, actual) = (6, 4);
        assert_eq!(
            problem("1 2 3 4\n"),
            (1, Problem::FieldCount { expected, actual })
        );
    }

    #[test]
    fn a_repeated_imsi_is_refused() {
        let line = format!("001010000000001 {K1} {OPC1} 8000 000000000000\n");
        assert_eq!(problem(&line.repeat(2)), (2, Problem::Repeated));
    }
}
