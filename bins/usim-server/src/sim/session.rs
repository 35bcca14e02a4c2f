//! A card's session on its worker's thread: what the server asks of a card.

use usim::{
    Card, CardError, ChannelUse, Error, Iccid, PinReference, PinStatus, Subscriber as _,
    apdu::{Channel, Command, MAX_RESPONSE, Response},
    exchange::MAX_SHORT_RESPONSE,
    fcp::{Fcp, PinStates},
    transport::{Transport, TransportError, TransportErrorKind},
    worker,
};

use super::profile::{Application, Pin, Profile, Status};

/// A card, and which of the worker's sessions it is in.
#[derive(Debug)]
pub struct Session {
    card: Card,
    serial: u64,
    /// Channels that the transport opened by means of its own, and has to close so.
    transports: Vec<Channel>,
}

impl worker::Session for Session {
    fn check(&mut self) -> Result<(), TransportError> {
        self.card.transport_mut().check()
    }
}

impl Session {
    /// Takes the card at the end of a transport, in the worker's `serial`-th session.
    pub(super) fn open(transport: Box<dyn Transport>, serial: u64) -> Result<Self, Error> {
        Ok(Self {
            card: Card::open_boxed(transport)?,
            serial,
            transports: Vec::new(),
        })
    }

    /// Which of the worker's sessions it is.
    pub(super) fn serial(&self) -> u64 {
        self.serial
    }

    /// The card, as the subscriber that it is.
    pub(crate) fn card(&mut self) -> &mut Card {
        &mut self.card
    }

    /// The card's own number.
    pub(crate) fn iccid(&mut self) -> Result<Iccid, Error> {
        self.card.iccid()
    }

    /// The number of the modem that the card is in.
    pub(crate) fn imei(&mut self) -> Result<String, Error> {
        Ok(self.card.transport_mut().imei()?.as_str().to_owned())
    }

    /// The subscriber's first number, if the card has any.
    pub(crate) fn msisdn(&mut self) -> Result<Option<String>, Error> {
        let numbers = self.card.usim()?.msisdns()?;
        Ok(numbers.first().map(|first| first.number().to_owned()))
    }

    /// What the card says of itself; a locked one says less.
    pub(super) fn profile(&mut self) -> Result<Profile, Error> {
        let mut profile = Profile {
            status: Status::Ready,
            iccid: Some(self.card.iccid()?.as_str().to_owned()),
            ..Profile::default()
        };
        let applications = self.card.applications()?.iter();
        profile.applications = applications.map(Application::from).collect();
        profile.pin = self.pin()?;
        match self.card.identity() {
            Ok(identity) => {
                profile.imsi = Some(identity.imsi);
                profile.mnc_length = identity.mnc_length;
            }
            Err(Error::Card(CardError::PinRequired | CardError::PinBlocked)) => {
                profile.status = Status::Locked;
            }
            // a card without a subscription, which can still be read
            Err(Error::Card(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(profile)
    }

    /// Whether the card wants its PIN before it says who it is.
    pub(super) fn is_locked(&mut self) -> Result<bool, Error> {
        match self.card.identity() {
            Err(Error::Card(CardError::PinRequired)) => Ok(true),
            Ok(_) | Err(Error::Card(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// How many tries the PIN has left, where the card tells.
    pub(super) fn tries_left(&mut self) -> Result<Option<u8>, Error> {
        Ok(self.pin()?.and_then(|pin| pin.tries_left))
    }

    /// The USIM's PIN, where the card tells how it stands: whether it is asked for stands in the
    /// application's FCP, how many tries are left in the answer to an empty VERIFY.
    fn pin(&mut self) -> Result<Option<Pin>, Error> {
        let mut usim = match self.card.usim() {
            Ok(usim) => usim,
            Err(Error::Card(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let session = usim.session();
        let mut buffer = [0; MAX_SHORT_RESPONSE];
        let status = Command::new(0x80, 0xf2, 0x00, 0x00).expecting(256)?;
        let answer = session.transmit(&status, &mut buffer)?;
        let Ok(fcp) = Fcp::parse(answer.data()) else {
            return Ok(None);
        };
        let mut pins = fcp.pins.into_iter().flat_map(PinStates::iter);
        let Some(pin) = pins.find(|pin| PINS.contains(&pin.reference)) else {
            return Ok(None);
        };
        let tries_left = match session.pin_status(PinReference::new(pin.reference)) {
            Ok(PinStatus::TriesLeft(tries)) => Some(tries),
            Ok(PinStatus::Blocked) => Some(0),
            Ok(_) | Err(Error::Card(_)) => None,
            Err(error) => return Err(error),
        };
        Ok(Some(Pin::new(pin.enabled, tries_left)))
    }

    /// Sends a command as it is, on a leased channel if one is given, and gives the answer as it
    /// comes: at least a status word.
    ///
    /// From the first one on the basic channel on, the server itself keeps off that channel where
    /// the card has others, so as not to change what is selected there.
    pub(crate) fn transmit(
        &mut self,
        mut command: Vec<u8>,
        channel: Option<Channel>,
    ) -> Result<Vec<u8>, Error> {
        match (channel, command.first_mut()) {
            (Some(channel), Some(class)) => *class = channel.apply(*class),
            _ => self.card.set_channels(ChannelUse::Logical),
        }
        let longest = match Command::parse(&command) {
            Ok(command) if command.is_extended() => MAX_RESPONSE,
            _ => MAX_SHORT_RESPONSE,
        };
        let mut answer = vec![0; longest];
        let size = self.card.transport_mut().transmit(&command, &mut answer)?;
        answer.truncate(size);
        if Response::parse(&answer).is_none() {
            return Err(TransportError::from(TransportErrorKind::ShortAnswer).into());
        }
        Ok(answer)
    }

    /// Opens a logical channel, by the transport's own means or with MANAGE CHANNEL, and selects
    /// the application on it.
    pub(super) fn open_channel(&mut self, aid: Option<&[u8]>) -> Result<Channel, Error> {
        if let Some(aid) = aid
            && let Some(channel) = self.card.transport_mut().open_channel(aid)?
        {
            self.transports.push(channel);
            return Ok(channel);
        }
        let open = Command::new(0x00, 0x70, 0x00, 0x00).expecting(1)?;
        let mut buffer = [0; MAX_SHORT_RESPONSE];
        let answer = self.card.transmit(&open, &mut buffer)?;
        let number = answer.require("MANAGE CHANNEL")?.first().copied();
        let malformed = CardError::Malformed {
            what: "answer to MANAGE CHANNEL",
        };
        let channel = number.and_then(|number| Channel::new(number).ok());
        let channel = channel.ok_or(malformed)?;
        if let Some(aid) = aid
            && let Err(error) = self.select(channel, aid)
        {
            self.close_channel(channel)?;
            return Err(error);
        }
        Ok(channel)
    }

    /// Closes a channel that [`open_channel`](Session::open_channel) gave.
    pub(super) fn close_channel(&mut self, channel: Channel) -> Result<(), Error> {
        if let Some(place) = self.transports.iter().position(|open| *open == channel) {
            self.transports.swap_remove(place);
            return Ok(self.card.transport_mut().close_channel(channel)?);
        }
        let close = Command::new(0x00, 0x70, 0x80, channel.number());
        let mut buffer = [0; MAX_SHORT_RESPONSE];
        self.card
            .transmit(&close, &mut buffer)?
            .require("MANAGE CHANNEL")?;
        Ok(())
    }

    /// Begins a transaction that outlives a command, on the basic channel.
    pub(super) fn hold(&mut self, aid: Option<&[u8]>) -> Result<Channel, Error> {
        self.card.transport_mut().begin()?;
        if let Some(aid) = aid
            && let Err(error) = self.select(Channel::BASIC, aid)
        {
            self.let_go()?;
            return Err(error);
        }
        Ok(Channel::BASIC)
    }

    /// Ends the transaction that [`hold`](Session::hold) began.
    pub(super) fn let_go(&mut self) -> Result<(), Error> {
        Ok(self.card.transport_mut().end()?)
    }

    fn select(&mut self, channel: Channel, aid: &[u8]) -> Result<(), Error> {
        let select = Command::new(channel.apply(0x00), 0xa4, 0x04, 0x0c).with_data(aid)?;
        let mut buffer = [0; MAX_SHORT_RESPONSE];
        self.card
            .transmit(&select, &mut buffer)?
            .require("SELECT")?;
        Ok(())
    }
}

/// The references of PIN1 and of the universal PIN (TS 102 221 §9.5.1).
const PINS: [u8; 2] = [0x01, 0x11];

impl From<&usim::Application> for Application {
    fn from(known: &usim::Application) -> Self {
        Self {
            aid: known.aid.as_bytes().to_vec(),
            kind: match known.kind() {
                Some(usim::ApplicationKind::Usim) => Some("usim"),
                Some(usim::ApplicationKind::Isim) => Some("isim"),
                _ => None,
            },
            label: known.label.clone(),
        }
    }
}
