//! A line a subscriber: CSV, and what `hlr_auc_gw` reads.

use super::{InvalidSubscribers, Problem, Record, Records, at, column::Column, is_content};

pub(super) fn records(text: &str) -> Result<Records, InvalidSubscribers> {
    let mut lines = (1..)
        .zip(text.lines().map(str::trim))
        .filter(|(_, line)| is_content(line))
        .peekable();
    let header = lines.next_if(|(_, line)| line.contains(','));
    let layout = match header {
        Some((line, header)) => Layout::of_header(header).map_err(at(line))?,
        None => Layout::hlr_auc_gw(),
    };
    Ok(lines
        .map(|(line, text)| (line, layout.read(text)))
        .collect())
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

    fn read(&self, line: &str) -> Result<Record, Problem> {
        let fields: Vec<&str> = match self.separator {
            Separator::Comma => line.split(',').map(str::trim).collect(),
            Separator::Blanks => line.split_ascii_whitespace().collect(),
        };
        let (expected, actual) = (self.columns.len(), fields.len());
        if actual > expected || actual + self.optional < expected {
            return Err(Problem::FieldCount { expected, actual });
        }
        let mut record = Record::default();
        for (column, field) in self.columns.iter().zip(fields) {
            record.push(*column, field);
        }
        Ok(record)
    }
}
