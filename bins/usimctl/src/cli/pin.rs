//! `usimctl pin`: PINs are read from the terminal or from a file, never from the command line.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use usim::{
    Card, CardError, Error, Generation, LastTry, Pin, PinReference, PinStatus, Puk, Session,
    apdu::Command,
    exchange::MAX_SHORT_RESPONSE,
    fcp::{Fcp, PinStates},
};

use crate::cli::{Failure, Report, report::Fields, secret::Secrets};

#[derive(Subcommand)]
pub(crate) enum PinCommand {
    /// Show how the PINs and PUKs stand
    Status,
    /// Verify a PIN, until the card is reset
    Verify(PinArgs),
    /// Replace a PIN
    Change(PinArgs),
    /// Have the card ask for the PIN
    Enable(PinArgs),
    /// Have the card ask for the PIN no longer
    Disable(PinArgs),
    /// Set a new PIN with the PUK
    Unblock(PinArgs),
}

#[derive(Args)]
pub(crate) struct PinArgs {
    /// Which PIN
    #[arg(long, default_value = "pin1")]
    which: Which,
    /// Where the PIN is: a file, or - for standard input; old and new, or PUK and new, a line
    /// each. Without it the terminal asks
    #[arg(long, value_name = "FILE")]
    pin_file: Option<PathBuf>,
    /// Go on even if a wrong PIN would be the last, and block it
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    Pin1,
    Pin2,
    Universal,
}

impl PinCommand {
    /// Secrets are read first: no transaction waits for somebody who types.
    pub(crate) fn run(&self, card: &mut Card) -> Result<Report, Failure> {
        let done = match self {
            Self::Status => return status(card),
            Self::Verify(arguments) => {
                let pin = arguments.secrets()?.pin("PIN")?;
                arguments.apply(card, |session, which, force| {
                    session.verify_pin(which, &pin, force)
                })?;
                "verified"
            }
            Self::Enable(arguments) => {
                let pin = arguments.secrets()?.pin("PIN")?;
                arguments.apply(card, |session, which, force| {
                    session.enable_pin(which, &pin, force)
                })?;
                "enabled"
            }
            Self::Disable(arguments) => {
                let pin = arguments.secrets()?.pin("PIN")?;
                arguments.apply(card, |session, which, force| {
                    session.disable_pin(which, &pin, force)
                })?;
                "disabled"
            }
            Self::Change(arguments) => {
                let mut secrets = arguments.secrets()?;
                let (old, new) = (secrets.pin("old PIN")?, secrets.new_pin()?);
                arguments.apply(card, |session, which, force| {
                    session.change_pin(which, &old, &new, force)
                })?;
                "changed"
            }
            Self::Unblock(arguments) => {
                let mut secrets = arguments.secrets()?;
                let (puk, new) = (secrets.puk()?, secrets.new_pin()?);
                arguments.apply(card, |session, which, force| {
                    session.unblock_pin(which, &puk, &new, force)
                })?;
                "unblocked"
            }
        };
        Ok(Fields::default().with("Result", done).report())
    }
}

impl PinArgs {
    fn secrets(&self) -> Result<Secrets, Failure> {
        Secrets::open(self.pin_file.as_deref())
    }

    fn apply(
        &self,
        card: &mut Card,
        work: impl FnOnce(&mut Session<'_>, PinReference, LastTry) -> Result<(), Error>,
    ) -> Result<(), Failure> {
        let last_try = if self.force {
            LastTry::Risk
        } else {
            LastTry::Keep
        };
        let which = self.which.reference();
        Ok(in_session(card, |session| work(session, which, last_try))?)
    }
}

impl Secrets {
    fn pin(&mut self, what: &str) -> Result<Pin, Failure> {
        Ok(Pin::new(&self.next(what)?).map_err(Error::from)?)
    }

    fn new_pin(&mut self) -> Result<Pin, Failure> {
        Ok(Pin::new(&self.next_new("new PIN")?).map_err(Error::from)?)
    }

    fn puk(&mut self) -> Result<Puk, Failure> {
        Ok(Puk::new(&self.next("PUK")?).map_err(Error::from)?)
    }
}

impl Which {
    const fn reference(self) -> PinReference {
        match self {
            Self::Pin1 => PinReference::PIN1,
            Self::Pin2 => PinReference::PIN2,
            Self::Universal => PinReference::UNIVERSAL,
        }
    }

    const fn pin_name(self) -> &'static str {
        match self {
            Self::Pin1 => "PIN1",
            Self::Pin2 => "PIN2",
            Self::Universal => "Universal PIN",
        }
    }

    const fn puk_name(self) -> &'static str {
        match self {
            Self::Pin1 => "PUK1",
            Self::Pin2 => "PUK2",
            Self::Universal => "Universal PUK",
        }
    }
}

fn status(card: &mut Card) -> Result<Report, Failure> {
    let mut fields = Fields::default();
    for which in [Which::Pin1, Which::Pin2, Which::Universal] {
        let reference = which.reference();
        let pin = standing(card, reference)?;
        let puk = in_session(card, |session| absent(session.puk_status(reference)))?;
        let puk = puk.map(|status| Standing {
            enabled: None,
            status,
        });
        for (name, standing) in [(which.pin_name(), pin), (which.puk_name(), puk)] {
            fields = fields.with_both(
                name,
                standing.map_or_else(|| "-".to_owned(), Standing::words),
                standing.map_or(Value::Null, Standing::json),
            );
        }
    }
    Ok(fields.report())
}

/// How a PIN or PUK stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// Whether the card asks for it, where it says so.
    enabled: Option<bool>,
    status: PinStatus,
}

/// How a PIN stands; `None` where the card has none.
pub(crate) fn standing(
    card: &mut Card,
    reference: PinReference,
) -> Result<Option<Standing>, Error> {
    in_session(card, |session| {
        let enabled = enabled(session, reference)?;
        let status = absent(session.pin_status(reference))?;
        Ok(status.map(|status| Standing { enabled, status }))
    })
}

impl Standing {
    pub(crate) fn words(self) -> String {
        match (self.enabled, self.status) {
            (Some(false), _) | (_, PinStatus::Disabled) => "disabled".to_owned(),
            (_, PinStatus::Blocked) => "blocked".to_owned(),
            (_, PinStatus::TriesLeft(1)) => "1 try left".to_owned(),
            (_, PinStatus::TriesLeft(tries)) => format!("{tries} tries left"),
            (Some(true), PinStatus::NotCounted) => "verified".to_owned(),
            (None, PinStatus::NotCounted) => "verified, or not asked for".to_owned(),
            _ => "unknown".to_owned(),
        }
    }

    pub(crate) fn json(self) -> Value {
        let tries_left = match self.status {
            PinStatus::TriesLeft(tries) => Some(tries),
            PinStatus::Blocked => Some(0),
            PinStatus::NotCounted | PinStatus::Disabled | _ => None,
        };
        json!({"enabled": self.enabled, "tries_left": tries_left})
    }
}

/// Whether the card asks for the PIN: STATUS brings the FCP of the application
/// (TS 102 221 §11.1.2), where tag `C6` says it.
fn enabled(session: &mut Session<'_>, reference: PinReference) -> Result<Option<bool>, Error> {
    if session.aid().is_none() {
        return Ok(None);
    }
    let mut buffer = [0; MAX_SHORT_RESPONSE];
    let command = Command::new(0x80, 0xf2, 0x00, 0x00).expecting(256)?;
    let response = session.transmit(&command, &mut buffer)?;
    let pins = Fcp::parse(response.data()).ok().and_then(|fcp| fcp.pins);
    let mut pins = pins.into_iter().flat_map(PinStates::iter);
    let pin = pins.find(|pin| pin.reference == reference.get());
    Ok(pin.map(|pin| pin.enabled))
}

/// `None` for a PIN that the card does not have.
fn absent(status: Result<PinStatus, Error>) -> Result<Option<PinStatus>, Error> {
    match status {
        Err(Error::Card(CardError::NotFound { .. } | CardError::Status { .. })) => Ok(None),
        status => status.map(Some),
    }
}

/// Verifies PIN1 from `file`, if the card asks for it.
pub(crate) fn unlock(card: &mut Card, file: &Path) -> Result<(), Failure> {
    let Some(standing) = standing(card, PinReference::PIN1)? else {
        return Ok(());
    };
    let open = matches!(standing.status, PinStatus::NotCounted | PinStatus::Disabled);
    if open || standing.enabled == Some(false) {
        return Ok(());
    }
    let pin = Secrets::open(Some(file))?.pin("PIN")?;
    Ok(in_session(card, |session| {
        session.verify_pin(PinReference::PIN1, &pin, LastTry::Keep)
    })?)
}

/// In the application whose PINs are meant: the USIM, or the SIM of a 2G card.
fn in_session<T>(
    card: &mut Card,
    work: impl FnOnce(&mut Session<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    match card.generation() {
        Generation::Uicc => work(card.usim()?.session()),
        Generation::Gsm => work(card.sim()?.session()),
    }
}
