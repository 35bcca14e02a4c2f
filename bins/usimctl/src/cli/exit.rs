//! How the program ends, and what it says when something went wrong.

use std::{
    fmt,
    io::{self, Write as _},
    process::ExitCode,
};

use serde_json::json;

use usim::{
    CardError, Error, Fault,
    apdu::StatusWord,
    transport::{TransportError, TransportErrorKind, remote::ServerRefusal},
};

pub(super) const STATUSES: &str = "\
Exit status: 0 done; 1 the SIM cannot be reached, or the system failed; 2 wrong arguments or \
input; 3 the card refused; 4 the challenge was stale, and the card's AUTS is printed.";

/// The exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Unreachable = 1,
    Usage = 2,
    Refused = 3,
    Stale = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Unreachable => Self::from(1),
            Exit::Usage => Self::from(2),
            Exit::Refused => Self::from(3),
            Exit::Stale => Self::from(4),
        }
    }
}

/// Why a command came to nothing.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Arguments or input are wrong.
    Usage(anyhow::Error),
    /// The card, or the way to it.
    Sim(Error),
    /// The system.
    System(anyhow::Error),
}

impl Failure {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::System(_) => Exit::Unreachable,
            Self::Sim(error) => match error.fault() {
                Fault::Caller => Exit::Usage,
                Fault::Transport => Exit::Unreachable,
                Fault::Card => Exit::Refused,
            },
        }
    }
}

impl Failure {
    /// The error of the SIM; what else can go wrong on the way to it becomes one of the transport.
    pub(crate) fn into_sim(self) -> Error {
        match self {
            Self::Sim(error) => error,
            Self::Usage(error) | Self::System(error) => {
                TransportError::new(TransportErrorKind::Unavailable, error).into()
            }
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Sim(error)
    }
}

impl From<CardError> for Failure {
    fn from(error: CardError) -> Self {
        Self::Sim(error.into())
    }
}

impl Failure {
    /// Tells programs on standard output, where they read, and gives the exit status.
    pub(crate) fn print_json(&self) -> ExitCode {
        let told = json!({"error": Message(self).to_string(), "hint": self.hint()});
        // who reads no more has the status still
        drop(writeln!(io::stdout().lock(), "{told}"));
        self.exit().into()
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Usage(_) => None,
            Self::System(error) => super::endorse::hint(error),
            Self::Sim(error) => hint(error),
        }
    }
}

/// What went wrong with its causes, and below it what to try.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Message(self))?;
        match self.hint() {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

/// What went wrong with its causes.
struct Message<'f>(&'f Failure);

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Failure::Usage(error) | Failure::System(error) => write!(f, "{error:#}"),
            Failure::Sim(error) => {
                write!(f, "{error}")?;
                write_causes(f, error)
            }
        }
    }
}

fn write_causes(f: &mut fmt::Formatter<'_>, error: &Error) -> fmt::Result {
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if text != said {
            write!(f, ": {text}")?;
        }
        said = text;
        cause = error.source();
    }
    Ok(())
}

/// `6984`: the PIN is disabled (TS 102 221 §10.2.1.5.2).
const PIN_NOT_USABLE: StatusWord = StatusWord::new(0x6984);

/// What a person can do about it.
fn hint(error: &Error) -> Option<&'static str> {
    match error {
        Error::Transport(error) => server_hint(error).or_else(|| transport_hint(error.kind())),
        Error::Card(CardError::PinRequired) => {
            Some("give it with --unlock FILE, or verify it with `usimctl pin verify`")
        }
        Error::Card(CardError::Status { status, .. }) if *status == PIN_NOT_USABLE => {
            Some("a disabled PIN is enabled with `usimctl pin enable`")
        }
        Error::Card(CardError::PinBlocked) => {
            Some("`usimctl pin unblock` sets a new PIN with the PUK")
        }
        Error::Card(CardError::MacFailure) => {
            Some("RAND and AUTN are not of this subscriber's home, or its keys are not these")
        }
        Error::Caller(usim::CallerError::LastTry) => Some("--force spends it"),
        Error::Caller(_) | Error::Card(_) | _ => None,
    }
}

/// By the word with which a server refused.
fn server_hint(error: &TransportError) -> Option<&'static str> {
    let refusal = std::error::Error::source(error)?.downcast_ref::<ServerRefusal>()?;
    match refusal.code.as_deref()? {
        "no_such_sim" => Some("--sim takes the number, name, alias or ICCID of a SIM there"),
        "scope_missing" => Some(
            "this takes a token with another scope: whole cards want sim:apdu, `imsi` and `auth` do not",
        ),
        "too_many_requests" => Some(
            "try again in a second; its --rate-per-sim and --rate-per-caller set how many pass",
        ),
        "command_not_allowed" => Some("the server lets it through with --allow-apdu"),
        _ => None,
    }
}

fn transport_hint(kind: TransportErrorKind) -> Option<&'static str> {
    use TransportErrorKind as Kind;
    let hints = [
        (
            Kind::Unavailable,
            "a reader or a modem must be plugged in, and readers need pcscd (`usimctl readers` lists them); \
             behind --remote a server must listen, and be trusted (--certificate); --soft needs nothing",
        ),
        (
            Kind::NoCard,
            "put the card in, with its contacts up or down",
        ),
        (Kind::Busy, "another program has the card for itself"),
        (Kind::Refused, "the server wants a token with --token-file"),
    ];
    let found = hints.iter().find(|(of, _)| *of == kind);
    found.map(|(_, hint)| *hint)
}
