//! `usimctl apdu`: commands as they are.

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use usim::{
    Card, Error,
    apdu::{Command, MAX_RESPONSE, Meaning, Response, StatusWord},
    transport::{TransportError, TransportErrorKind},
};

use crate::cli::{Exit, Failure, Report, hex, hex::Octets, report::Text};

#[derive(Args)]
pub(crate) struct Apdu {
    /// A command, such as 00A40004023F00 or "00 A4 00 04 02 3F 00"
    #[arg(required = true, value_name = "HEX")]
    commands: Vec<Octets>,
    /// Send each command once, and follow neither 61xx nor 6Cxx
    #[arg(long)]
    raw: bool,
}

impl Apdu {
    /// The exit status tells how the last command ended.
    pub(crate) fn run(&self, card: &mut Card) -> Result<Report, Failure> {
        let mut human = Text::default();
        let mut list = Vec::new();
        let mut last = StatusWord::OK;
        let mut buffer = vec![0; MAX_RESPONSE];
        for command in &self.commands {
            let response = self.send(card, &command.0, &mut buffer)?;
            let data = hex::text(response.data());
            last = response.status();
            let gap = if data.is_empty() { "" } else { " " };
            human.line(format_args!("{data}{gap}{last}"));
            list.push(json!({"data": data, "sw": last.to_string()}));
        }
        let report = Report::new(human, Value::Array(list));
        Ok(if is_done(last) {
            report
        } else {
            report.with_exit(Exit::Refused)
        })
    }

    fn send<'b>(
        &self,
        card: &mut Card,
        command: &[u8],
        buffer: &'b mut [u8],
    ) -> Result<Response<'b>, Failure> {
        if self.raw {
            return Ok(raw(card, command, buffer)?);
        }
        let parsed = Command::parse(command).with_context(|| hex::text(command));
        let command = parsed.map_err(Failure::Usage)?;
        Ok(card.transmit(&command, buffer)?)
    }
}

/// Done, if only so far: data may wait, a warning may come with it.
const fn is_done(status: StatusWord) -> bool {
    matches!(
        status.meaning(),
        Meaning::Ok
            | Meaning::ProactiveCommandPending { .. }
            | Meaning::MoreData { .. }
            | Meaning::Warning
    )
}

fn raw<'b>(card: &mut Card, command: &[u8], buffer: &'b mut [u8]) -> Result<Response<'b>, Error> {
    let size = card.transport_mut().transmit(command, buffer)?;
    let answer = buffer.get(..size).unwrap_or_default();
    let short = TransportError::from(TransportErrorKind::ShortAnswer);
    Ok(Response::parse(answer).ok_or(short)?)
}
