//! Tables `[[subscriber]]` in TOML, with the columns' names as keys.

use serde::Deserialize;
use toml::Spanned;

use super::{InvalidSubscribers, Problem, Record, Records, at, column::Column};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    subscriber: Vec<Spanned<toml::Table>>,
}

pub(super) fn records(text: &str) -> Result<Records, InvalidSubscribers> {
    let line = |offset: usize| {
        let before = text.bytes().take(offset);
        1 + before.filter(|octet| *octet == b'\n').count()
    };
    // what the parser says of wrong text would quote it
    let file = toml::from_str::<File>(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        at(line(offset))(Problem::Table)
    })?;
    let tables = file.subscriber.into_iter();
    Ok(tables
        .map(|table| (line(table.span().start), record(table.into_inner())))
        .collect())
}

fn record(table: toml::Table) -> Result<Record, Problem> {
    let mut record = Record::default();
    for (name, value) in table {
        let column = Column::named(&name).ok_or(Problem::UnknownColumn)?;
        if let Some(number) = value.as_integer() {
            record.push(column, number.to_string());
        } else if let toml::Value::String(text) = value {
            record.push(column, text);
        } else {
            return Err(Problem::Table);
        }
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AlgorithmName, Subscribers};

    const FILE: &str = "# test subscribers\n\
        [[subscriber]]\n\
        imsi = \"001010000000001\"\n\
        k = \"465b5ce8b199b49faa5f0a2ee238a6bc\"\n\
        opc = \"cd63cb71954a9f4e48a5994e37a02baf\"\n\
        res_length = 4\n\
        \n\
        [[subscriber]]\n\
        imsi = \"001010000000002\"\n\
        k = \"465b5ce8b199b49faa5f0a2ee238a6bc\"\n\
        top = \"1111111111111111111111111111111111111111111111111111111111111111\"\n\
        iterations = 2\n";

    #[test]
    fn tables_name_what_columns_name() {
        let read = Subscribers::parse(FILE).unwrap();
        let of = |imsi: &str| read.get(&imsi.parse().unwrap()).unwrap();
        let first = of("001010000000001");
        assert_eq!(first.res_length.octets(), 4);
        assert_eq!(first.keys.algorithm(), AlgorithmName::Milenage);
        let second = of("001010000000002");
        assert_eq!(second.keys.algorithm(), AlgorithmName::Tuak);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_not_quoted() {
        let told = |from: &str, to: &str| {
            let wrong = Subscribers::parse(&FILE.replace(from, to)).unwrap_err();
            (wrong.line, wrong.problem)
        };
        assert_eq!(told("iterations", "iteration"), (8, Problem::UnknownColumn));
        assert_eq!(told("= 2", "= 2.5"), (8, Problem::Table));
        assert_eq!(told("iterations = 2", "iterations"), (12, Problem::Table));
        let repeated = told("0000000002", "0000000001");
        assert_eq!(repeated, (8, Problem::Repeated));
    }
}
