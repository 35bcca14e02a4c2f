//! Open5GS's subscriber documents, as `mongoexport` writes them: a JSON array, or one a line.

use serde::Deserialize;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{InvalidSubscribers, Problem, Record, Records, at, column::Column};

/// What Open5GS knows, and in `security` also what only we know.
#[derive(Deserialize)]
struct Document {
    imsi: String,
    security: Security,
}

#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
struct Security {
    algorithm: Option<String>,
    k: Option<String>,
    op: Option<String>,
    opc: Option<String>,
    constants: Option<String>,
    top: Option<String>,
    topc: Option<String>,
    iterations: Option<u8>,
    res_length: Option<u8>,
    amf: Option<String>,
    #[serde(default)]
    sqn: Number,
}

/// A number, or MongoDB's way of writing a long one.
#[derive(Deserialize, Default, Zeroize)]
#[serde(untagged)]
enum Number {
    #[default]
    Absent,
    Plain(u64),
    Long {
        #[serde(rename = "$numberLong")]
        digits: String,
    },
}

/// What serde says of a wrong document would quote it.
pub(super) fn records(text: &str) -> Result<Records, InvalidSubscribers> {
    if text.starts_with('[') {
        let read = serde_json::from_str::<Vec<Document>>(text);
        let read = read.map_err(|_quotes_it| at(1)(Problem::Document))?;
        return Ok((1..).zip(read.iter().map(Document::record)).collect());
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let read =
        |line| serde_json::from_str::<Document>(line).map_err(|_quotes_it| Problem::Document);
    Ok((1..)
        .zip(lines.map(|line| read(line).and_then(|document| document.record())))
        .collect())
}

impl Document {
    fn record(&self) -> Result<Record, Problem> {
        let security = &self.security;
        let mut record = Record::default();
        record.push(Column::Imsi, &*self.imsi);
        let texts = [
            (Column::Algorithm, &security.algorithm),
            (Column::Amf, &security.amf),
            (Column::Constants, &security.constants),
        ];
        for (column, text) in texts {
            record.push(column, text.as_deref().unwrap_or_default());
        }
        let keys = [
            (Column::K, &security.k),
            (Column::Op, &security.op),
            (Column::Opc, &security.opc),
            (Column::Top, &security.top),
            (Column::Topc, &security.topc),
        ];
        for (column, text) in keys {
            record.push(column, without_blanks(text.as_deref().unwrap_or_default()));
        }
        let numbers = [
            (Column::Iterations, security.iterations),
            (Column::ResLength, security.res_length),
        ];
        for (column, number) in numbers {
            record.push(column, number.map(|n| n.to_string()).unwrap_or_default());
        }
        record.push(Column::Sqn, security.sqn.digits()?);
        Ok(record)
    }
}

impl Number {
    /// As the other forms write it.
    fn digits(&self) -> Result<String, Problem> {
        let number = match self {
            Self::Absent => Some(0),
            Self::Plain(number) => Some(*number),
            Self::Long { digits } => digits.parse().ok(),
        };
        let column = "sqn";
        let form = "a number of 48 bits";
        let number = number.filter(|number: &u64| number >> 48 == 0);
        let number = number.ok_or(Problem::Field { column, form })?;
        Ok(format!("{number:012x}"))
    }
}

/// Keys may stand in groups of digits.
fn without_blanks(text: &str) -> String {
    text.split_ascii_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use aka::Amf;

    use super::*;
    use crate::{AlgorithmName, Subscriber, Subscribers};

    const K: &str = "465B5CE8 B199B49F AA5F0A2E E238A6BC";

    fn document(security: &str) -> String {
        format!(
            "{{\"_id\":{{\"$oid\":\"6\"}},\"imsi\":\"001010000000001\",\"security\":{{{security}}},\"slice\":[]}}"
        )
    }

    fn only(text: &str) -> Subscriber {
        let subscribers = Subscribers::parse(text).unwrap();
        subscribers.iter().next().unwrap().clone()
    }

    #[test]
    fn a_document_is_read_with_its_keys_in_groups_and_its_long_number() {
        let text = document(&format!(
            "\"k\":\"{K}\",\"op\":null,\"opc\":\"CD63CB71 954A9F4E 48A5994E 37A02BAF\",\
             \"amf\":\"8000\",\"sqn\":{{\"$numberLong\":\"97\"}}"
        ));
        let read = only(&text);
        assert_eq!(
            hex::encode(read.keys.expose_k()),
            "465b5ce8b199b49faa5f0a2ee238a6bc"
        );
        assert_eq!((read.sqn.get(), read.amf), (97, Amf::SEPARATED));
    }

    #[test]
    fn op_becomes_opc_and_an_array_holds_several() {
        let one = document(&format!(
            "\"k\":\"{K}\",\"op\":\"cdc202d5123e20f62b6d676ac72cb318\",\"sqn\":64"
        ));
        let two = one.replace("0000000001", "0000000002");
        let read = Subscribers::parse(&format!("[{one},\n{two}]")).unwrap();
        assert_eq!(read.len(), 2);
        let first = read.get(&"001010000000001".parse().unwrap()).unwrap();
        assert_eq!(
            hex::encode(first.keys.expose_operator()),
            "cd63cb71954a9f4e48a5994e37a02baf"
        );
        assert_eq!(first.sqn.get(), 64);
    }

    #[test]
    fn a_document_may_name_what_open5gs_does_not_know() {
        let top = "11".repeat(32);
        let text = document(&format!(
            "\"k\":\"{K}\",\"top\":\"{top}\",\"iterations\":2,\"res_length\":16"
        ));
        let read = only(&text);
        assert_eq!(read.keys.algorithm(), AlgorithmName::Tuak);
        assert_eq!(read.res_length.octets(), 16);
    }

    #[test]
    fn wrong_documents_are_named_by_their_place_and_not_quoted() {
        let problem = |text: &str| -> InvalidSubscribers { Subscribers::parse(text).unwrap_err() };
        let short = document("\"k\":\"465b\",\"opc\":\"465b\"");
        let good = document(&format!("\"k\":\"{K}\",\"opc\":\"{K}\"")).replace("001\"", "002\"");
        let error = problem(&format!("{good}\n{short}"));
        assert_eq!(
            error.to_string(),
            "line 2: k: expected 32 hexadecimal digits"
        );
        let both = document(&format!("\"k\":\"{K}\",\"opc\":\"{K}\",\"op\":\"{K}\""));
        assert_eq!(problem(&both).problem, Problem::BothOperatorFields);
        let none = document(&format!("\"k\":\"{K}\""));
        assert_eq!(problem(&none).problem, Problem::Missing { column: "opc" });
        let broken = problem("{\"imsi\":\"001010000000001\",\"security\":{\"k\":465}}");
        assert_eq!(broken.problem, Problem::Document);
        assert!(!broken.to_string().contains("465"));
    }
}
