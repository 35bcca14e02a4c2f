//! `usimctl readers`: what PC/SC knows of.

use crate::cli::{Failure, Report};

#[cfg(feature = "pcsc")]
pub(crate) fn list() -> Result<Report, Failure> {
    let readers = usim::transport::pcsc::readers().map_err(usim::Error::from)?;
    Ok(pcsc::report(&readers))
}

#[cfg(not(feature = "pcsc"))]
pub(crate) fn list() -> Result<Report, Failure> {
    let error = anyhow::anyhow!("this usimctl is built without PC/SC");
    Err(Failure::Usage(error))
}

#[cfg(feature = "pcsc")]
mod pcsc {
    use serde_json::{Value, json};
    use usim::transport::pcsc::{Presence, Reader};

    use crate::cli::{Report, hex, report::Text};

    pub(super) fn report(readers: &[Reader]) -> Report {
        let mut human = Text::default();
        let mut list = Vec::new();
        for (index, reader) in readers.iter().enumerate() {
            let (state, atr) = presence(&reader.presence);
            let shown = atr.as_deref().unwrap_or(state);
            human.line(format_args!("{index}  {}  {shown}", reader.name));
            list.push(json!({
                "index": index,
                "name": reader.name,
                "state": state,
                "atr": atr,
            }));
        }
        if readers.is_empty() {
            human.line(format_args!("no reader"));
        }
        Report::new(human, Value::Array(list))
    }

    fn presence(presence: &Presence) -> (&'static str, Option<String>) {
        match presence {
            Presence::Card { atr } => ("card", Some(hex::text(atr))),
            Presence::Empty => ("empty", None),
            Presence::Mute => ("mute", None),
            Presence::Unknown | _ => ("unknown", None),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn no_reader_is_said_in_words_and_as_an_empty_list() {
            let mut out = Vec::new();
            report(&[]).print(false, &mut out).unwrap();
            report(&[]).print(true, &mut out).unwrap();
            assert_eq!(out, b"no reader\n[]\n");
        }
    }
}
