//! A card's memory as text, in TOML.

use std::fmt::Write;

use aka::card::SeqArray;
use toml::{Table, Value};
use zeroize::Zeroizing;

use super::StateError;
use crate::soft::pin::{Code, PinMemory};

/// What of a card outlives a power cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::soft) struct Memory {
    /// Whose state it is.
    pub(in crate::soft) imsi: aka::Imsi,
    pub(in crate::soft) seqs: SeqArray,
    pub(in crate::soft) pin1: PinMemory,
    pub(in crate::soft) pin2: PinMemory,
    pub(in crate::soft) universal: PinMemory,
    pub(in crate::soft) replaced: bool,
    /// Updated files: the path and the octets.
    pub(in crate::soft) files: Vec<(String, Vec<u8>)>,
}

impl Memory {
    pub(super) fn encode(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(2048));
        self.write(&mut text).expect("a String takes everything");
        text
    }

    pub(super) fn decode(text: &str) -> Result<Self, StateError> {
        // what the parser says would quote the file
        let table = text.parse::<Table>().ok().ok_or(damaged("the text"))?;
        Ok(Self {
            imsi: text_of(&table, "imsi")?
                .parse()
                .ok()
                .ok_or(damaged("imsi"))?,
            seqs: seqs(&table)?,
            pin1: pin(&table, "pin1")?,
            pin2: pin(&table, "pin2")?,
            universal: pin(&table, "universal-pin")?,
            replaced: flag(&table, "universal-pin-replaces-pin1")?,
            files: files(&table)?,
        })
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "# the state of a software card: keep it with the card, and to yourself"
        )?;
        writeln!(text, "imsi = \"{}\"", self.imsi.as_str())?;
        writeln!(text, "universal-pin-replaces-pin1 = {}", self.replaced)?;
        writeln!(text, "seq = {:?}", self.seqs.to_array())?;
        let pins = [
            ("pin1", &self.pin1),
            ("pin2", &self.pin2),
            ("universal-pin", &self.universal),
        ];
        for (name, pin) in pins {
            let value = Zeroizing::new(hex::encode(pin.code.octets()));
            writeln!(text, "[{name}]\nvalue = \"{}\"", *value)?;
            writeln!(text, "tries = {}\npuk-tries = {}", pin.tries, pin.puk_tries)?;
            writeln!(text, "enabled = {}", pin.enabled)?;
        }
        writeln!(text, "[files]")?;
        for (path, octets) in &self.files {
            writeln!(text, "\"{path}\" = \"{}\"", hex::encode(octets))?;
        }
        Ok(())
    }
}

const fn damaged(key: &'static str) -> StateError {
    StateError::Damaged { key }
}

fn text_of<'t>(table: &'t Table, key: &'static str) -> Result<&'t str, StateError> {
    table.get(key).and_then(Value::as_str).ok_or(damaged(key))
}

fn flag(table: &Table, key: &'static str) -> Result<bool, StateError> {
    table.get(key).and_then(Value::as_bool).ok_or(damaged(key))
}

fn count(table: &Table, key: &'static str) -> Result<u8, StateError> {
    let number = table.get(key).and_then(Value::as_integer);
    number
        .and_then(|number| u8::try_from(number).ok())
        .ok_or(damaged(key))
}

fn seqs(table: &Table) -> Result<SeqArray, StateError> {
    let numbers = table
        .get("seq")
        .and_then(Value::as_array)
        .ok_or(damaged("seq"))?;
    let numbers: Option<Vec<_>> = numbers
        .iter()
        .map(|number| u64::try_from(number.as_integer()?).ok())
        .collect();
    let numbers = numbers.and_then(|numbers| <[u64; SeqArray::SLOTS]>::try_from(numbers).ok());
    let array = numbers.and_then(|numbers| SeqArray::from_array(numbers).ok());
    array.ok_or(damaged("seq"))
}

fn pin(table: &Table, key: &'static str) -> Result<PinMemory, StateError> {
    let table = table
        .get(key)
        .and_then(Value::as_table)
        .ok_or(damaged(key))?;
    let mut code = [0; 8];
    hex::decode_to_slice(text_of(table, "value")?, &mut code)
        .ok()
        .ok_or(damaged("value"))?;
    Ok(PinMemory {
        code: Code::new(code),
        tries: count(table, "tries")?,
        puk_tries: count(table, "puk-tries")?,
        enabled: flag(table, "enabled")?,
    })
}

fn files(table: &Table) -> Result<Vec<(String, Vec<u8>)>, StateError> {
    let files = table
        .get("files")
        .and_then(Value::as_table)
        .ok_or(damaged("files"))?;
    let files: Option<Vec<_>> = files
        .iter()
        .map(|(path, octets)| Some((path.clone(), hex::decode(octets.as_str()?).ok()?)))
        .collect();
    files.ok_or(damaged("files"))
}
