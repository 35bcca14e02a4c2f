//! A card: what it has on it, and sessions with its applications.

mod applications;
mod subscriber;

use crate::{
    Error, Iccid,
    apdu::{Command, Response, StatusWord},
    application::{Isim, Sim, Usim},
    exchange::{Exchange, MAX_SHORT_RESPONSE, drive},
    file::{
        Fid,
        dir::{Aid, Application},
    },
    session::{Session, Target, selected},
    transport::{Protocol, Transport, TransportErrorKind, TransportKind},
};

/// A card behind a transport.
///
/// A session borrows the card: [`usim`](Card::usim), [`isim`](Card::isim), [`sim`](Card::sim) and
/// [`root`](Card::root) begin a transaction, which ends when the session is dropped. Keep sessions
/// short where other programs share the card.
///
/// ```
/// # #[cfg(feature = "soft")] {
/// use usim::{Card, soft::{Profile, SoftCard}};
///
/// let mut card = Card::open(SoftCard::new(Profile::default()))?;
/// assert_eq!(card.usim()?.imsi()?.as_str(), "001010000000001");
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Card {
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) protocol: Option<Protocol>,
    pub(crate) channels: ChannelUse,
    generation: Generation,
    applications: Option<Vec<Application>>,
}

/// What a card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "one speaks TS 102 221, the other TS 51.011"
)]
pub enum Generation {
    /// A UICC, with applications such as USIM and ISIM (TS 102 221).
    Uicc,
    /// A 2G SIM and nothing else (TS 51.011).
    Gsm,
}

/// Where sessions with applications take place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChannelUse {
    /// On the basic channel, as is usual in a reader.
    Basic,
    /// On a logical channel of their own, by the transport's means or MANAGE CHANNEL, so that
    /// nobody's selection on the basic channel is disturbed; on the basic one where neither works.
    Logical,
}

impl Card {
    /// Takes a card and finds out what it is.
    ///
    /// Behind a modem, sessions use logical channels of their own: the basic one is the modem's.
    ///
    /// # Errors
    /// [`Error::Transport`]; [`CardError::Status`](crate::CardError::Status) for a card that lets its MF be selected in
    /// neither class.
    pub fn open(transport: impl Transport + 'static) -> Result<Self, Error> {
        Self::open_boxed(Box::new(transport))
    }

    /// As [`open`](Card::open), of a transport that is chosen at run time.
    ///
    /// # Errors
    /// As [`open`](Card::open).
    pub fn open_boxed(transport: Box<dyn Transport>) -> Result<Self, Error> {
        let info = transport.info();
        let mut card = Self {
            protocol: info.protocol,
            channels: match info.kind {
                TransportKind::Serial => ChannelUse::Logical,
                TransportKind::Pcsc
                | TransportKind::Remote
                | TransportKind::Soft
                | TransportKind::Replay => ChannelUse::Basic,
            },
            transport,
            generation: Generation::Uicc,
            applications: None,
        };
        card.generation = match card.in_transaction(Self::find_generation) {
            Err(error) if error.is_reset() => card.in_transaction(Self::find_generation)?,
            found => found?,
        };
        Ok(card)
    }

    /// Chooses where sessions with applications take place.
    pub fn set_channels(&mut self, channels: ChannelUse) {
        self.channels = channels;
    }

    /// A session with the USIM, the first one where there are several.
    ///
    /// # Errors
    /// [`CardError::NotFound`](crate::CardError::NotFound) on a card without one; otherwise as [`open`](Card::open).
    pub fn usim(&mut self) -> Result<Usim<'_>, Error> {
        self.first(&Aid::USIM, "ADF_USIM").map(Usim::new)
    }

    /// A session with the ISIM.
    ///
    /// # Errors
    /// As [`usim`](Card::usim).
    pub fn isim(&mut self) -> Result<Isim<'_>, Error> {
        self.first(&Aid::ISIM, "ADF_ISIM").map(Isim::new)
    }

    /// A session with the 2G side of the card: a SIM, or DF_GSM of a UICC (TS 51.011).
    ///
    /// # Errors
    /// [`CardError`](crate::CardError) when there is none; otherwise as [`open`](Card::open).
    pub fn sim(&mut self) -> Result<Sim<'_>, Error> {
        Session::open(self, Target::Gsm).map(Sim::new)
    }

    /// A session with the USIM of this name, for a card with several.
    ///
    /// # Errors
    /// As [`usim`](Card::usim).
    pub fn usim_named(&mut self, aid: &Aid) -> Result<Usim<'_>, Error> {
        self.application(aid).map(Usim::new)
    }

    /// A session with any application.
    ///
    /// # Errors
    /// As [`usim`](Card::usim).
    pub fn application(&mut self, aid: &Aid) -> Result<Session<'_>, Error> {
        Session::open(self, Target::Application(*aid))
    }

    /// A session at the MF.
    ///
    /// # Errors
    /// As [`open`](Card::open).
    pub fn root(&mut self) -> Result<Session<'_>, Error> {
        let target = match self.generation {
            Generation::Uicc => Target::Mf,
            Generation::Gsm => Target::GsmRoot,
        };
        Session::open(self, target)
    }

    /// The number of the card: EF_ICCID (TS 102 221 §13.2).
    ///
    /// # Errors
    /// [`CardError::Malformed`](crate::CardError::Malformed); otherwise as [`open`](Card::open).
    pub fn iccid(&mut self) -> Result<Iccid, Error> {
        let file = self.root()?.read(&[Fid::EF_ICCID])?;
        Ok(Iccid::decode(&file)?)
    }

    /// Sends any command and follows it to its end as [`exchange`](crate::exchange) does, outside
    /// of a session: the class octet names the channel, and nothing is selected first.
    ///
    /// # Errors
    /// As [`exchange::transmit`](crate::exchange::transmit).
    pub fn transmit<'b>(
        &mut self,
        command: &Command<'_>,
        buffer: &'b mut [u8],
    ) -> Result<Response<'b>, Error> {
        let exchange = Exchange::new(*command, self.protocol);
        drive(self.transport.as_mut(), exchange, buffer)
    }

    /// What the card is.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// The transport, as for its [`info`](Transport::info).
    pub fn transport(&self) -> &dyn Transport {
        self.transport.as_ref()
    }

    /// The transport, for what goes around sessions: commands as they are, a reset.
    pub fn transport_mut(&mut self) -> &mut dyn Transport {
        self.transport.as_mut()
    }

    /// Gives the transport back.
    pub fn into_transport(self) -> Box<dyn Transport> {
        self.transport
    }

    /// Begins a transaction; a reset by someone else, noticed now, costs nothing yet. It is not
    /// answered with another one: two programs would take the card from each other without an end.
    pub(crate) fn begin(&mut self) -> Result<(), Error> {
        match self.transport.begin() {
            Err(error) if error.kind() == TransportErrorKind::CardReset => {
                self.transport.begin()?;
            }
            begun => begun?,
        }
        self.protocol = self.transport.protocol();
        Ok(())
    }

    /// Ends a transaction. The work is done by then: what fails here, the next transaction meets.
    pub(crate) fn end(&mut self) {
        drop(self.transport.end());
    }

    fn in_transaction<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.begin()?;
        let done = work(self);
        self.end();
        done
    }

    fn find_generation(&mut self) -> Result<Generation, Error> {
        match self.select_mf(0x00, 0x04)? {
            StatusWord::CLASS_NOT_SUPPORTED | StatusWord::INSTRUCTION_NOT_SUPPORTED => {
                let status = self.select_mf(0xa0, 0x00)?;
                Ok(selected("MF", status).map(|()| Generation::Gsm)?)
            }
            status => Ok(selected("MF", status).map(|()| Generation::Uicc)?),
        }
    }

    fn select_mf(&mut self, cla: u8, p2: u8) -> Result<StatusWord, Error> {
        let mf = Fid::MF.to_bytes();
        let select = Command::new(cla, 0xa4, 0x00, p2).with_data(&mf)?;
        let mut buffer = [0; MAX_SHORT_RESPONSE];
        let response = self.transmit(&select.expecting_short(0), &mut buffer)?;
        Ok(response.status())
    }
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Card")
            .field("generation", &self.generation)
            .field("protocol", &self.protocol)
            .field("channels", &self.channels)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
