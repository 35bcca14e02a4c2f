//! `usimctl info`, `imsi`, `iccid`: who the card is.

use aka::MncLength;
use serde_json::{Value, json};
use usim::{
    ApplicationKind, Card, CardError, Error, Generation, PinReference, Subscriber,
    transport::{Protocol, TransportErrorKind},
};

use crate::cli::{
    Failure, Report, hex,
    pin::{self, Standing},
    report::{Fields, Text},
};

pub(crate) fn imsi(subscriber: &mut dyn Subscriber) -> Result<Report, Failure> {
    let imsi = subscriber.identity()?.imsi;
    Ok(single("imsi", imsi.as_str()))
}

pub(crate) fn iccid(card: &mut Card) -> Result<Report, Failure> {
    let iccid = card.iccid()?;
    Ok(single("iccid", iccid.as_str()))
}

/// Everything the card tells; what it keeps to itself is said, not fatal.
pub(crate) fn all(card: &mut Card) -> Result<Report, Failure> {
    let info = card.transport().info();
    let generation = match card.generation() {
        Generation::Uicc => "UICC",
        Generation::Gsm => "2G SIM",
    };
    let fields = Fields::default()
        .with("Reader", info.name)
        .with("ATR", info.atr.map(|atr| hex::text(&atr)))
        .with("Protocol", info.protocol.map(protocol_name))
        .with("Card", generation)
        .with(
            "ICCID",
            told(card.iccid().map(|iccid| iccid.as_str().to_owned()))?,
        );
    let fields = subscription(fields, card)?;
    let fields = match card.generation() {
        Generation::Uicc => ims(fields.with("Applications", applications(card)?), card)?,
        Generation::Gsm => fields,
    };
    let pin = unless_refused(pin::standing(card, PinReference::PIN1))?;
    let words = pin.map_or_else(|| "-".to_owned(), Standing::words);
    let fields = fields.with_both("PIN", words, pin.map_or(Value::Null, Standing::json));
    Ok(fields.report())
}

fn subscription(fields: Fields, card: &mut Card) -> Result<Fields, Failure> {
    let identity = told(card.identity().map(|identity| {
        let mnc_length = identity.mnc_length.map(MncLength::digits);
        json!([identity.imsi.as_str(), mnc_length])
    }))?;
    let imsi = identity.get(0).unwrap_or(&identity).clone();
    let mnc_length = identity.get(1).unwrap_or(&Value::Null).clone();
    let (numbers, provider) = match card.generation() {
        Generation::Uicc => {
            let mut usim = card.usim()?;
            (usim.msisdns(), usim.service_provider())
        }
        Generation::Gsm => {
            let mut sim = card.sim()?;
            (sim.msisdns(), sim.service_provider())
        }
    };
    let numbers = numbers.map(|numbers| -> Vec<String> {
        numbers
            .iter()
            .map(|number| number.number().to_owned())
            .collect()
    });
    let provider = provider.map(|provider| provider.map(|provider| provider.name));
    Ok(fields
        .with("IMSI", imsi)
        .with("MNC length", mnc_length)
        .with("MSISDN", told(numbers)?)
        .with("Provider", told(provider)?))
}

fn applications(card: &mut Card) -> Result<Value, Failure> {
    let applications = card.applications()?.iter().map(|application| {
        let kind = match application.kind() {
            Some(ApplicationKind::Usim) => "USIM",
            Some(ApplicationKind::Isim) => "ISIM",
            _ => "other",
        };
        json!({"kind": kind, "aid": application.aid.to_string(), "label": application.label})
    });
    Ok(applications.collect())
}

fn ims(fields: Fields, card: &mut Card) -> Result<Fields, Failure> {
    let identity = card
        .ims_identity()
        .map(|ims| json!([ims.impi, ims.domain, ims.impu]));
    let identity = told(identity)?;
    let part = |at: usize| identity.get(at).unwrap_or(&identity).clone();
    Ok(fields
        .with("IMPI", part(0))
        .with("Domain", part(1))
        .with("IMPU", part(2)))
}

/// A server lets no PIN command through unless it is told to.
fn unless_refused(standing: Result<Option<Standing>, Error>) -> Result<Option<Standing>, Error> {
    match standing {
        Err(Error::Transport(error)) if error.kind() == TransportErrorKind::Refused => Ok(None),
        other => other,
    }
}

/// The value, or why the card does not tell it; what hinders all else stays a failure.
fn told<T: Into<Value>>(value: Result<T, Error>) -> Result<Value, Failure> {
    match value {
        Ok(value) => Ok(value.into()),
        Err(Error::Card(CardError::NotFound { .. })) => Ok(Value::Null),
        Err(Error::Card(error)) => Ok(format!("({error})").into()),
        Err(error) => Err(error.into()),
    }
}

fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::T0 => "T=0",
        Protocol::T1 => "T=1",
        _ => "other",
    }
}

/// The bare value for people, so that a shell can take it; an object for programs.
fn single(name: &str, value: &str) -> Report {
    let mut human = Text::default();
    human.line(format_args!("{value}"));
    Report::new(human, json!({ name: value }))
}
