//! How a session comes to its channel and its selection, and leaves them.

use crate::{
    CardError, Error,
    apdu::{Channel, Command, StatusWord},
    card::{Card, ChannelUse},
    exchange::MAX_SHORT_RESPONSE,
    file::{Fid, dir::Aid},
};

use super::{Target, select::selected};

/// Where a session stands.
#[derive(Debug)]
pub(crate) struct Attached {
    pub(super) target: Target,
    channel: OpenChannel,
    /// Nothing below the target is selected.
    pub(super) at_root: bool,
    /// Somebody reset the card: channel and selection are lost.
    stale: bool,
}

/// The channel, and whose it is to close.
#[derive(Clone, Copy, Debug)]
enum OpenChannel {
    Basic,
    Managed(Channel),
    Transports(Channel),
}

impl Attached {
    /// Begins a transaction and selects the target; when that fails the transaction is over.
    pub(crate) fn begin(card: &mut Card, target: Target) -> Result<Self, Error> {
        card.begin()?;
        let mut attached = Self {
            target,
            channel: OpenChannel::Basic,
            at_root: false,
            stale: false,
        };
        let mut selected = attached.select(card);
        if let Err(error) = &selected {
            attached.notice(error);
            if attached.stale {
                selected = attached.refresh(card);
            }
        }
        match selected {
            Ok(()) => Ok(attached),
            Err(error) => {
                attached.finish(card);
                Err(error)
            }
        }
    }

    /// Closes the channel and ends the transaction.
    pub(super) fn finish(&mut self, card: &mut Card) {
        if !self.stale {
            self.close_channel(card);
        }
        card.end();
    }

    /// Comes back to the selection after a reset by someone else.
    pub(super) fn refresh(&mut self, card: &mut Card) -> Result<(), Error> {
        if !self.stale {
            return Ok(());
        }
        card.end();
        card.begin()?;
        self.stale = false;
        self.channel = OpenChannel::Basic;
        let selected = self.select(card);
        if let Err(error) = &selected {
            self.notice(error);
        }
        selected
    }

    /// Remembers that the card was reset.
    pub(super) fn notice(&mut self, error: &Error) {
        self.stale |= error.is_reset();
    }

    /// The command in the class of the session's channel.
    pub(super) const fn on_channel<'a>(&self, command: &Command<'a>) -> Command<'a> {
        command.with_class(self.channel().apply(command.cla()))
    }

    pub(super) const fn is_stale(&self) -> bool {
        self.stale
    }

    pub(super) const fn channel(&self) -> Channel {
        match self.channel {
            OpenChannel::Basic => Channel::BASIC,
            OpenChannel::Managed(channel) | OpenChannel::Transports(channel) => channel,
        }
    }

    fn select(&mut self, card: &mut Card) -> Result<(), Error> {
        if let Target::Application(aid) = self.target {
            self.open_channel(card, &aid)?;
        }
        if !matches!(self.channel, OpenChannel::Transports(_)) {
            self.select_target(card)?;
        }
        self.at_root = true;
        Ok(())
    }

    fn select_target(&self, card: &mut Card) -> Result<(), Error> {
        let mf = Fid::MF.to_bytes();
        match self.target {
            Target::Mf => self.send_select(card, [0x00, 0x0c], &mf, "MF"),
            Target::Application(aid) => {
                self.send_select(card, [0x04, 0x04], aid.as_bytes(), "application")
            }
            Target::GsmRoot => self.send_select(card, [0x00, 0x00], &mf, "MF"),
            Target::Gsm => {
                self.send_select(card, [0x00, 0x00], &mf, "MF")?;
                let gsm = Fid::DF_GSM.to_bytes();
                self.send_select(card, [0x00, 0x00], &gsm, "DF_GSM")
            }
        }
    }

    fn send_select(
        &self,
        card: &mut Card,
        [p1, p2]: [u8; 2],
        name: &[u8],
        what: &'static str,
    ) -> Result<(), Error> {
        let select = Command::new(self.target.class(), 0xa4, p1, p2).with_data(name)?;
        let select = if p2 == 0x0c {
            select
        } else {
            select.expecting_short(0)
        };
        let mut buffer = [0; MAX_SHORT_RESPONSE];
        let response = card.transmit(&self.on_channel(&select), &mut buffer)?;
        Ok(selected(what, response.status())?)
    }

    /// A channel of the session's own, where the card is to be used so and one can be had.
    fn open_channel(&mut self, card: &mut Card, aid: &Aid) -> Result<(), Error> {
        if card.channels == ChannelUse::Basic {
            return Ok(());
        }
        self.channel = match card.transport.open_channel(aid.as_bytes())? {
            Some(channel) => OpenChannel::Transports(channel),
            None => manage_channel(card)?.map_or(OpenChannel::Basic, OpenChannel::Managed),
        };
        Ok(())
    }

    /// The session is over: a channel that cannot be closed is lost with the next reset.
    fn close_channel(&mut self, card: &mut Card) {
        match std::mem::replace(&mut self.channel, OpenChannel::Basic) {
            OpenChannel::Basic => {}
            OpenChannel::Managed(channel) => {
                let close = Command::new(0x00, 0x70, 0x80, channel.number());
                drop(card.transmit(&close, &mut [0; MAX_SHORT_RESPONSE]));
            }
            OpenChannel::Transports(channel) => drop(card.transport.close_channel(channel)),
        }
    }
}

/// MANAGE CHANNEL: the card assigns a number; `None` where it has none to give, or does not know
/// the command (TS 102 221 §11.1.17).
fn manage_channel(card: &mut Card) -> Result<Option<Channel>, Error> {
    let open = Command::new(0x00, 0x70, 0x00, 0x00).expecting_short(1);
    let mut buffer = [0; MAX_SHORT_RESPONSE];
    let response = card.transmit(&open, &mut buffer)?;
    match (response.status(), response.data()) {
        (StatusWord::OK, [number]) if *number != 0 => {
            let channel = Channel::new(*number).ok();
            let malformed = CardError::Malformed {
                what: "answer to MANAGE CHANNEL",
            };
            Ok(Some(channel.ok_or(malformed)?))
        }
        _ => Ok(None),
    }
}
