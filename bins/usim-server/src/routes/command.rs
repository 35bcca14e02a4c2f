//! A command sent to a card as it is, for the two dialects that can.

use server_kit::caller::Caller;
use usim::apdu::Command;

use crate::{
    error::ApiError,
    sim::Reach,
    state::{App, Granted, Outcome, Wish},
};

/// An answer as the card gave it: data and status word.
pub(super) struct RawAnswer(pub(super) Vec<u8>);

impl Outcome for RawAnswer {}

/// Sends one command, given in hex, if it is well-formed and on the list; under a lease on the
/// leased channel, without one off every leased channel.
pub(super) async fn send(
    app: &App,
    caller: &Caller,
    wish: Wish<'_>,
    hex: &str,
) -> Result<Granted<RawAnswer>, ApiError> {
    let (octets, reach) = match check(app, hex) {
        Ok(checked) => checked,
        Err(error) => {
            // who may send none at all does not learn which are allowed
            let error = caller.may(wish.scope).err().map_or(error, ApiError::from);
            app.refused(caller, &wish, &error);
            return Err(error);
        }
    };
    let wish = Wish { reach, ..wish };
    app.grant(caller, wish, move |session, channel| {
        session.transmit(octets, channel).map(RawAnswer)
    })
    .await
}

fn check(app: &App, text: &str) -> Result<(Vec<u8>, Reach), ApiError> {
    let malformed = || ApiError::BadRequest("this is not one command APDU in hex");
    let octets = hex::decode(text).map_err(|_error| malformed())?;
    let command = Command::parse(&octets).map_err(|_error| malformed())?;
    if !app.allow.allows(&command) {
        return Err(ApiError::NotAllowed);
    }
    let reach = Reach::of(&command);
    Ok((octets, reach))
}
