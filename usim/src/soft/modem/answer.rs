//! What the modem says, before it is put on the line.

/// The end of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Final {
    Ok,
    /// `ERROR`: the command is unknown or malformed.
    Error,
    /// `+CME ERROR`, in numbers, words or not at all, as +CMEE has it.
    Cme(Cme),
}

/// The errors of TS 27.007 §9.2 that this modem knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cme {
    NotAllowed,
    NotSupported,
    SimNotInserted,
    SimPinRequired,
    SimPukRequired,
    SimFailure,
    SimBusy,
    IncorrectPassword,
    MemoryFull,
    NotFound,
    IncorrectParameters,
}

impl Cme {
    pub(super) const fn number(self) -> u16 {
        match self {
            Self::NotAllowed => 3,
            Self::NotSupported => 4,
            Self::SimNotInserted => 10,
            Self::SimPinRequired => 11,
            Self::SimPukRequired => 12,
            Self::SimFailure => 13,
            Self::SimBusy => 14,
            Self::IncorrectPassword => 16,
            Self::MemoryFull => 20,
            Self::NotFound => 22,
            Self::IncorrectParameters => 50,
        }
    }

    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::NotAllowed => "operation not allowed",
            Self::NotSupported => "operation not supported",
            Self::SimNotInserted => "SIM not inserted",
            Self::SimPinRequired => "SIM PIN required",
            Self::SimPukRequired => "SIM PUK required",
            Self::SimFailure => "SIM failure",
            Self::SimBusy => "SIM busy",
            Self::IncorrectPassword => "incorrect password",
            Self::MemoryFull => "memory full",
            Self::NotFound => "not found",
            Self::IncorrectParameters => "Incorrect parameters",
        }
    }
}

impl From<Cme> for Final {
    fn from(error: Cme) -> Self {
        Self::Cme(error)
    }
}

/// The outcome of one command: lines to be sent, or why not.
pub(super) type Outcome = Result<Option<Info>, Final>;

/// A line of information; `Debug` shows nothing of it.
pub(super) enum Info {
    /// As it is.
    Plain(String),
    /// Behind a name and a colon, as in `+CSIM: 4,"9000"`.
    Named(&'static str, String),
}

impl std::fmt::Debug for Info {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Info").finish_non_exhaustive()
    }
}

impl Drop for Info {
    fn drop(&mut self) {
        let (Self::Plain(text) | Self::Named(_, text)) = self;
        zeroize::Zeroize::zeroize(text);
    }
}
