//! The card as the modem uses it.

use zeroize::Zeroizing;

use super::answer::{Cme, Final};
use crate::{
    Error, Iccid,
    apdu::{Channel, Command, Meaning, Response, StatusWord},
    exchange, file,
    transport::{Transport, TransportError, TransportErrorKind},
};

/// The front of every USIM's name (TS 101 220 annex E).
const USIM: &[u8] = &[0xa0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02];

/// The slot with the card, and the channels opened by +CCHO.
pub(super) struct Slot<'c> {
    card: &'c mut dyn Transport,
    open: [bool; 20],
}

/// A command of +CRSM.
pub(super) struct Restricted {
    pub(super) ins: u8,
    pub(super) file: u16,
    pub(super) parameters: [u8; 3],
    pub(super) data: Zeroizing<Vec<u8>>,
    /// From the MF on; empty where the modem finds the file itself.
    pub(super) path: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Slot<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slot")
            .field("card", &self.card.info().name)
            .finish_non_exhaustive()
    }
}

impl<'c> Slot<'c> {
    pub(super) fn new(card: &'c mut dyn Transport) -> Self {
        Self {
            card,
            open: [false; 20],
        }
    }

    /// A command as it is, and the answer as it is.
    pub(super) fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, Final> {
        let mut answer = Zeroizing::new(vec![0; exchange::MAX_SHORT_RESPONSE]);
        let size = self
            .card
            .transmit(command, &mut answer)
            .map_err(|error| failed(&error))?;
        answer.truncate(size);
        Ok(answer)
    }

    pub(super) fn reset(&mut self) -> Result<(), Final> {
        self.open = [false; 20];
        self.card.reset().map_err(|error| failed(&error))
    }

    /// Opens a channel with an application on it.
    pub(super) fn open(&mut self, aid: &[u8]) -> Result<Channel, Final> {
        let channel = self.open_channel()?.ok_or(Cme::MemoryFull)?;
        if self.select(channel, 0x04, aid)?.is_success() {
            self.mark(channel, true);
            return Ok(channel);
        }
        self.close_channel(channel)?;
        Err(Cme::NotFound.into())
    }

    pub(super) fn is_open(&self, channel: Channel) -> bool {
        self.open
            .get(usize::from(channel.number()))
            .copied()
            .unwrap_or_default()
    }

    pub(super) fn close(&mut self, channel: Channel) -> Result<(), Final> {
        if !self.is_open(channel) {
            return Err(Cme::NotFound.into());
        }
        self.mark(channel, false);
        self.close_channel(channel)
    }

    pub(super) fn imsi(&mut self) -> Result<String, Final> {
        let octets =
            self.on_channel(|slot, channel| match slot.select(channel, 0x04, USIM)? {
                StatusWord::CLASS_NOT_SUPPORTED => slot.read_gsm(&[0x7f20, 0x6f07], 9),
                _ => slot.read_file(channel, 0x6f07),
            })?;
        let imsi = file::imsi::decode(&octets).ok().ok_or(Cme::SimFailure)?;
        Ok(imsi.as_str().to_owned())
    }

    pub(super) fn iccid(&mut self) -> Result<String, Final> {
        let octets = self.on_channel(|slot, channel| match slot.read_file(channel, 0x2fe2) {
            Err(Final::Cme(Cme::NotFound)) => slot.read_gsm(&[0x3f00, 0x2fe2], Iccid::FILE_SIZE),
            outcome => outcome,
        })?;
        let iccid = Iccid::decode(&octets).ok().ok_or(Cme::SimFailure)?;
        Ok(iccid.as_str().to_owned())
    }

    /// `READY`, `SIM PIN` or `SIM PUK`: whether EF_IMSI opens, and if not, whether a try is left.
    pub(super) fn pin_state(&mut self) -> Result<&'static str, Final> {
        match self.imsi() {
            Ok(_) => return Ok("READY"),
            Err(Final::Cme(Cme::SimPinRequired)) => {}
            Err(other) => return Err(other),
        }
        match self.ask(&Command::new(0x00, 0x20, 0x00, 0x01))? {
            StatusWord::BLOCKED => Ok("SIM PUK"),
            _ => Ok("SIM PIN"),
        }
    }

    pub(super) fn verify(&mut self, pin: &str) -> Result<(), Final> {
        let code = code(pin)?;
        self.present(0x20, &*code)
    }

    pub(super) fn unblock(&mut self, puk: &str, pin: &str) -> Result<(), Final> {
        let codes = Zeroizing::new([*code(puk)?, *code(pin)?].concat());
        self.present(0x2c, &codes)
    }

    /// Finds the file and does there what +CRSM asks.
    pub(super) fn restricted(
        &mut self,
        command: &Restricted,
    ) -> Result<(Zeroizing<Vec<u8>>, StatusWord), Final> {
        self.on_channel(|slot, channel| {
            let found = slot.find(channel, command)?;
            if !found.is_success() {
                return Ok((Zeroizing::default(), found));
            }
            slot.at_file(channel, command)
        })
    }

    fn at_file(
        &mut self,
        channel: Channel,
        command: &Restricted,
    ) -> Result<(Zeroizing<Vec<u8>>, StatusWord), Final> {
        let [p1, p2, p3] = command.parameters;
        let fid = command.file.to_be_bytes();
        let apdu = match command.ins {
            // GET RESPONSE stands for the answer to SELECT
            192 => Command::new(0x00, 0xa4, 0x00, 0x04)
                .with_data(&fid)
                .and_then(|c| c.expecting(256)),
            242 => Command::new(0x80, 0xf2, p1, p2).expecting(256),
            176 | 178 => {
                let size = if p3 == 0 { 256 } else { usize::from(p3) };
                Command::new(0x00, command.ins, p1, p2).expecting(size)
            }
            ins => Command::new(0x00, ins, p1, p2).with_data(&command.data),
        };
        let apdu = apdu.ok().ok_or(Cme::IncorrectParameters)?;
        let mut buffer = Zeroizing::new([0; exchange::MAX_SHORT_RESPONSE]);
        let response = self.exchange(channel, &apdu, &mut *buffer)?;
        Ok((Zeroizing::new(response.data().to_vec()), response.status()))
    }

    /// Selects the file of +CRSM: by its path, or where it usually lies.
    fn find(&mut self, channel: Channel, command: &Restricted) -> Result<StatusWord, Final> {
        let fid = command.file.to_be_bytes();
        self.select(channel, 0x04, USIM)?;
        if !command.path.is_empty() {
            let path = command
                .path
                .strip_prefix(&[0x3f, 0x00])
                .unwrap_or(&command.path);
            return self.select(channel, 0x08, &[path, &fid].concat());
        }
        for path in [&[0x7f, 0xff][..], &[], &[0x7f, 0x10], &[0x7f, 0x20]] {
            let status = self.select(channel, 0x08, &[path, &fid].concat())?;
            if status.is_success() {
                return Ok(status);
            }
        }
        Ok(StatusWord::FILE_NOT_FOUND)
    }

    /// Does something on a channel of the modem's own, so that the caller's selections stay; on
    /// the basic one where the card has no others.
    fn on_channel<T>(
        &mut self,
        act: impl FnOnce(&mut Self, Channel) -> Result<T, Final>,
    ) -> Result<T, Final> {
        let own = self.open_channel()?;
        let outcome = act(self, own.unwrap_or(Channel::BASIC));
        if let Some(channel) = own {
            self.close_channel(channel)?;
        }
        outcome
    }

    fn read_file(&mut self, channel: Channel, fid: u16) -> Result<Zeroizing<Vec<u8>>, Final> {
        let fid = fid.to_be_bytes();
        let read = Command::new(0x00, 0xb0, 0x00, 0x00).expecting(256);
        let read = read.ok().ok_or(Cme::SimFailure)?;
        if !self.select(channel, 0x00, &fid)?.is_success() {
            return Err(Cme::NotFound.into());
        }
        let mut buffer = Zeroizing::new([0; exchange::MAX_SHORT_RESPONSE]);
        let response = self.exchange(channel, &read, &mut *buffer)?;
        match response.status() {
            status if status.is_success() => Ok(Zeroizing::new(response.data().to_vec())),
            StatusWord::SECURITY_NOT_SATISFIED => Err(Cme::SimPinRequired.into()),
            _ => Err(Cme::SimFailure.into()),
        }
    }

    /// A file of a card that knows class A0 only.
    fn read_gsm(&mut self, path: &[u16], size: usize) -> Result<Zeroizing<Vec<u8>>, Final> {
        let mut buffer = Zeroizing::new([0; exchange::MAX_SHORT_RESPONSE]);
        for fid in path {
            let fid = fid.to_be_bytes();
            let select = Command::new(0xa0, 0xa4, 0x00, 0x00).with_data(&fid);
            let select = select.ok().ok_or(Cme::SimFailure)?;
            let status = self
                .exchange(Channel::BASIC, &select, &mut *buffer)?
                .status();
            if !status.is_success() {
                return Err(Cme::SimFailure.into());
            }
        }
        let read = Command::new(0xa0, 0xb0, 0x00, 0x00).expecting(size);
        let read = read.ok().ok_or(Cme::SimFailure)?;
        let response = self.exchange(Channel::BASIC, &read, &mut *buffer)?;
        match response.status() {
            status if status.is_success() => Ok(Zeroizing::new(response.data().to_vec())),
            status if status.get() == 0x9804 => Err(Cme::SimPinRequired.into()),
            _ => Err(Cme::SimFailure.into()),
        }
    }

    fn select(&mut self, channel: Channel, p1: u8, name: &[u8]) -> Result<StatusWord, Final> {
        let select = Command::new(0x00, 0xa4, p1, 0x0c).with_data(name);
        let select = select.ok().ok_or(Cme::IncorrectParameters)?;
        let mut buffer = [0; exchange::MAX_SHORT_RESPONSE];
        Ok(self.exchange(channel, &select, &mut buffer)?.status())
    }

    fn present(&mut self, ins: u8, codes: &[u8]) -> Result<(), Final> {
        let command = Command::new(0x00, ins, 0x00, 0x01).with_data(codes);
        let status = self.ask(&command.ok().ok_or(Cme::IncorrectParameters)?)?;
        let error = match status {
            status if status.is_success() => return Ok(()),
            StatusWord::BLOCKED => Cme::SimPukRequired,
            status if matches!(status.meaning(), Meaning::TriesLeft(_)) => Cme::IncorrectPassword,
            _ => Cme::NotAllowed,
        };
        Err(error.into())
    }

    fn ask(&mut self, command: &Command<'_>) -> Result<StatusWord, Final> {
        let mut buffer = [0; exchange::MAX_SHORT_RESPONSE];
        Ok(self
            .exchange(Channel::BASIC, command, &mut buffer)?
            .status())
    }

    fn exchange<'b>(
        &mut self,
        channel: Channel,
        command: &Command<'_>,
        buffer: &'b mut [u8],
    ) -> Result<Response<'b>, Final> {
        let command = command.with_class(channel.apply(command.cla()));
        exchange::transmit(self.card, &command, buffer).map_err(|error| match error {
            Error::Transport(error) => failed(&error),
            Error::Caller(_) | Error::Card(_) => Cme::SimFailure.into(),
        })
    }

    /// A new channel, or none where the card opens no more.
    fn open_channel(&mut self) -> Result<Option<Channel>, Final> {
        let open = Command::new(0x00, 0x70, 0x00, 0x00).expecting(1);
        let open = open.ok().ok_or(Cme::SimFailure)?;
        let mut buffer = [0; exchange::MAX_SHORT_RESPONSE];
        let response = self.exchange(Channel::BASIC, &open, &mut buffer)?;
        match response.data() {
            [number] if response.status().is_success() => Ok(Channel::new(*number).ok()),
            _ => Ok(None),
        }
    }

    fn close_channel(&mut self, channel: Channel) -> Result<(), Final> {
        self.ask(&Command::new(0x00, 0x70, 0x80, channel.number()))
            .map(drop)
    }

    fn mark(&mut self, channel: Channel, open: bool) {
        if let Some(slot) = self.open.get_mut(usize::from(channel.number())) {
            *slot = open;
        }
    }
}

/// A PIN or PUK padded with FF.
fn code(digits: &str) -> Result<Zeroizing<[u8; 8]>, Cme> {
    let right = (4..=8).contains(&digits.len()) && digits.bytes().all(|d| d.is_ascii_digit());
    if !right {
        return Err(Cme::IncorrectPassword);
    }
    let mut code = Zeroizing::new([0xff; 8]);
    for (to, from) in code.iter_mut().zip(digits.bytes()) {
        *to = from;
    }
    Ok(code)
}

/// What a modem says of a card that cannot be reached.
fn failed(error: &TransportError) -> Final {
    use TransportErrorKind as Kind;
    let error = match error.kind() {
        Kind::NoCard | Kind::CardRemoved | Kind::Unavailable => Cme::SimNotInserted,
        Kind::Busy => Cme::SimBusy,
        Kind::PinRequired => Cme::SimPinRequired,
        Kind::Unsupported => Cme::NotSupported,
        Kind::CardReset
        | Kind::Timeout
        | Kind::ShortAnswer
        | Kind::BufferTooSmall
        | Kind::Protocol
        | Kind::Refused
        | Kind::Io => Cme::SimFailure,
    };
    error.into()
}
