//! Open5GS's subscriber documents, as `mongoexport` writes them: a JSON array, or one a line.

use std::str::FromStr;

use aka::{Amf, Op, Opc, Sqn};
use serde::Deserialize;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::Problem;
use crate::{ResLength, Subscriber};

#[derive(Deserialize)]
pub(super) struct Document {
    imsi: String,
    security: Security,
}

#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
struct Security {
    k: String,
    #[serde(default)]
    op: Option<String>,
    #[serde(default)]
    opc: Option<String>,
    #[serde(default)]
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

impl Document {
    pub(super) fn subscriber(&self) -> Result<Subscriber, Problem> {
        let security = &self.security;
        let k = field(&security.k, "k", "32 hexadecimal digits")?;
        let form = "32 hexadecimal digits";
        let opc = match (given(security.opc.as_ref()), given(security.op.as_ref())) {
            (Some(opc), None) => field(opc, "opc", form)?,
            (None, Some(op)) => Opc::derive(&k, &field::<Op>(op, "op", form)?),
            (Some(_), Some(_)) => return Err(Problem::BothOperatorFields),
            (None, None) => return Err(Problem::Missing { column: "opc" }),
        };
        let amf = match given(security.amf.as_ref()) {
            Some(amf) => field(amf, "amf", "4 hexadecimal digits")?,
            None => Amf::SEPARATED,
        };
        let imsi = field(&self.imsi, "imsi", "6 to 15 decimal digits")?;
        Ok(Subscriber::new(imsi, k, opc)
            .with_amf(amf)
            .with_sqn(security.sqn.sqn()?)
            .with_res_length(ResLength::FULL))
    }
}

impl Number {
    fn sqn(&self) -> Result<Sqn, Problem> {
        let number = match self {
            Self::Absent => Some(0),
            Self::Plain(number) => Some(*number),
            Self::Long { digits } => digits.parse().ok(),
        };
        let column = "sqn";
        let form = "a number of 48 bits";
        let sqn = number.and_then(|number| Sqn::new(number).ok());
        sqn.ok_or(Problem::Field { column, form })
    }
}

/// Empty and absent fields are the same to Open5GS.
fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

/// Keys may stand in groups of digits.
fn field<T: FromStr>(text: &str, column: &'static str, form: &'static str) -> Result<T, Problem> {
    let digits: zeroize::Zeroizing<String> =
        zeroize::Zeroizing::new(text.split_ascii_whitespace().collect());
    let value = digits.parse().ok();
    value.ok_or(Problem::Field { column, form })
}

#[cfg(test)]
mod tests {
    use crate::{InvalidSubscribers, Subscribers};

    use super::*;

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
            format!("{:x}", read.k.expose_hex()),
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
            format!("{:x}", first.opc.expose_hex()),
            "cd63cb71954a9f4e48a5994e37a02baf"
        );
        assert_eq!(first.sqn.get(), 64);
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
