//! AUTHENTICATE, sent once.

use zeroize::Zeroizing;

use crate::{
    CardError, Error,
    apdu::{Command, StatusWord},
    exchange::MAX_SHORT_RESPONSE,
    session::Session,
};

/// The security context in P2 of AUTHENTICATE: specific reference data (TS 31.102 §7.1.2).
#[derive(Clone, Copy)]
pub(super) enum Context {
    Gsm,
    Umts,
    Gba,
}

impl Context {
    const fn p2(self) -> u8 {
        match self {
            Self::Gsm => 0x80,
            Self::Umts => 0x81,
            Self::Gba => 0x84,
        }
    }
}

/// Sends one AUTHENTICATE and reads its answer, which is wiped.
pub(super) fn authenticate<T>(
    session: &mut Session<'_>,
    context: Context,
    data: &[u8],
    read: impl FnOnce(&[u8]) -> Result<T, CardError>,
) -> Result<T, Error> {
    let command = Command::new(0x00, 0x88, 0x00, context.p2()).with_data(data)?;
    once(session, &command.expecting_short(0), "AUTHENTICATE", read)
}

pub(super) fn once<T>(
    session: &mut Session<'_>,
    command: &Command<'_>,
    operation: &'static str,
    read: impl FnOnce(&[u8]) -> Result<T, CardError>,
) -> Result<T, Error> {
    let mut buffer = Zeroizing::new([0; MAX_SHORT_RESPONSE]);
    let response = session.transmit(command, buffer.as_mut_slice())?;
    if is_unknown_context(response.status()) {
        return Err(CardError::ContextNotSupported.into());
    }
    Ok(read(response.require(operation)?)?)
}

/// Cards refuse a context of AUTHENTICATE that they do not know as `9864`, or as a wrong P2.
const fn is_unknown_context(status: StatusWord) -> bool {
    matches!(
        status,
        StatusWord::CONTEXT_NOT_SUPPORTED
            | StatusWord::INCORRECT_PARAMETERS
            | StatusWord::WRONG_PARAMETERS
    )
}
