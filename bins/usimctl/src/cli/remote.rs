//! What a server says of its SIMs, for callers who may not send commands to them.

use aka::{Imsi, MncLength};
use serde_json::{Value, json};
use usim::{
    Error, Iccid,
    transport::{
        TransportErrorKind,
        remote::{RemoteSim, Server},
    },
};

use crate::cli::{
    Failure, Report,
    report::{Fields, Text},
};

/// The SIMs of a server, as `readers` lists readers.
pub(super) fn list(server: &Server) -> Result<Report, Failure> {
    let sims = server.sims()?;
    let mut human = Text::default();
    for sim in &sims {
        let alias = sim.alias.as_ref();
        let alias = alias.map_or_else(String::new, |alias| format!(" ({alias})"));
        human.line(format_args!(
            "{}  {}{alias}  {}",
            sim.index, sim.name, sim.state
        ));
    }
    if sims.is_empty() {
        human.line(format_args!("no SIM"));
    }
    let list = sims.iter().map(|sim| {
        json!({
            "index": sim.index,
            "name": sim.name,
            "alias": sim.alias,
            "kind": sim.kind,
            "state": sim.state,
        })
    });
    Ok(Report::new(human, list.collect()))
}

/// What takes no command to the card.
pub(super) fn describe(server: &Server) -> Result<Report, Failure> {
    let sim = server.describe_sim()?;
    let fields = Fields::default()
        .with("Reader", sim.name.clone())
        .with("State", sim.state.clone())
        .with("ICCID", sim.iccid.as_ref().map(Iccid::as_str))
        .with("IMSI", sim.imsi.as_ref().map(Imsi::as_str))
        .with("MNC length", sim.mnc_length.map(MncLength::digits))
        .with("Applications", applications(&sim));
    let (words, value) = pin(&sim);
    Ok(fields.with_both("PIN", words, value).report())
}

fn applications(sim: &RemoteSim) -> Value {
    let applications = sim.applications.iter().map(|known| {
        let kind = known
            .kind
            .as_deref()
            .map_or("other".to_owned(), str::to_uppercase);
        json!({"kind": kind, "aid": known.aid.to_uppercase(), "label": known.label})
    });
    applications.collect()
}

fn pin(sim: &RemoteSim) -> (String, Value) {
    let Some(pin) = sim.pin else {
        return ("-".to_owned(), Value::Null);
    };
    let words = match (pin.enabled, pin.tries_left) {
        (false, _) => "disabled".to_owned(),
        (true, None) => "verified".to_owned(),
        (true, Some(0)) => "blocked".to_owned(),
        (true, Some(1)) => "1 try left".to_owned(),
        (true, Some(tries)) => format!("{tries} tries left"),
    };
    (
        words,
        json!({"enabled": pin.enabled, "tries_left": pin.tries_left}),
    )
}

/// Whether a server lets no commands through, or its dialect has none.
pub(super) fn carries_no_commands(failure: &Failure) -> bool {
    let Failure::Sim(Error::Transport(error)) = failure else {
        return false;
    };
    error.kind() == TransportErrorKind::Refused
}
