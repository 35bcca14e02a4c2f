//! A session: one application of the card selected, on a channel, within a transaction.

mod attach;
mod pin;
mod read;
mod select;

use crate::{
    Error,
    apdu::{Channel, Command, Response},
    card::Card,
    exchange::{Exchange, drive},
    file::dir::Aid,
};

pub(crate) use attach::Attached;
pub use select::FileInfo;
pub(crate) use select::selected;

/// What a session selects first, and returns to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The MF of a UICC.
    Mf,
    /// An application of a UICC.
    Application(Aid),
    /// The MF of a 2G SIM.
    GsmRoot,
    /// DF_GSM of a 2G SIM, or of a UICC that has one.
    Gsm,
}

impl Target {
    /// The class of TS 51.011, or the interindustry one.
    const fn class(self) -> u8 {
        match self {
            Self::Mf | Self::Application(_) => 0x00,
            Self::GsmRoot | Self::Gsm => 0xa0,
        }
    }
}

/// A session with an application of the card, or with its MF.
///
/// It holds the transport's transaction until it is dropped; a logical channel that was opened for
/// it is closed then. When someone else resets the card in between, the application is selected
/// anew before the next command; reads are done over, AUTHENTICATE and PIN commands never are.
#[derive(Debug)]
pub struct Session<'c> {
    card: &'c mut Card,
    attached: Attached,
}

impl<'c> Session<'c> {
    pub(crate) fn open(card: &'c mut Card, target: Target) -> Result<Self, Error> {
        let attached = Attached::begin(card, target)?;
        Ok(Self::resume(card, attached))
    }

    pub(crate) fn resume(card: &'c mut Card, attached: Attached) -> Self {
        Self { card, attached }
    }

    /// Sends a command on the session's channel and follows it to its end; the data lie at the
    /// front of `buffer`. It is sent once: see [`exchange`](crate::exchange).
    ///
    /// # Errors
    /// As [`exchange::transmit`](crate::exchange::transmit). A status word that refuses the command
    /// is no error here.
    pub fn transmit<'b>(
        &mut self,
        command: &Command<'_>,
        buffer: &'b mut [u8],
    ) -> Result<Response<'b>, Error> {
        self.attached.refresh(self.card)?;
        let command = self.attached.on_channel(command);
        let exchange = Exchange::new(command, self.card.protocol);
        let response = drive(self.card.transport.as_mut(), exchange, buffer);
        if let Err(error) = &response {
            self.attached.notice(error);
        }
        response
    }

    /// The logical channel.
    pub const fn channel(&self) -> Channel {
        self.attached.channel()
    }

    /// The application's name; `None` at the MF and on the 2G side.
    pub const fn aid(&self) -> Option<&Aid> {
        match &self.attached.target {
            Target::Application(aid) => Some(aid),
            Target::Mf | Target::GsmRoot | Target::Gsm => None,
        }
    }

    /// Does `work` over, once, when a reset by someone else came between its commands.
    fn repeatable<T>(
        &mut self,
        mut work: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match work(self) {
            Err(_) if self.attached.is_stale() => {
                self.attached.refresh(self.card)?;
                work(self)
            }
            done => done,
        }
    }

    const fn is_gsm(&self) -> bool {
        self.attached.target.class() == 0xa0
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.attached.finish(self.card);
    }
}
