//! The chip: takes a command APDU, gives an answer; nothing else in or out.

use super::{
    Profile, Quirk, Quirks,
    authentication::Authentication,
    files::{FileId, Files},
    pending::Pending,
    pin::Pins,
    reply::Reply,
    state::Memory,
    status,
};
use crate::{
    apdu::{Channel, Command, StatusWord},
    transport::Protocol,
};

/// What a command did: `Ok` is `9000`, everything else is told by its status word.
pub(super) type Outcome = Result<(), StatusWord>;

/// Which book a command follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Book {
    /// TS 102 221, class 0X, 4X or 6X.
    Uicc,
    /// TS 102 221, class 8X, CX or EX.
    Proprietary,
    /// TS 51.011, class A0.
    Gsm,
}

/// A command with what its class says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    pub(super) command: Command<'a>,
    pub(super) channel: Channel,
    pub(super) book: Book,
}

/// What is selected on one logical channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Selection {
    pub(super) directory: FileId,
    pub(super) file: Option<FileId>,
    pub(super) application: Option<FileId>,
    /// The record pointer, counted from 1; 0 where it points nowhere.
    pub(super) record: u8,
}

impl Selection {
    pub(super) const MF: Self = Self {
        directory: FileId::MF,
        file: None,
        application: None,
        record: 0,
    };
}

/// The chip's state: files, PINs, keys, and one selection a channel.
#[derive(Debug)]
pub(super) struct Chip {
    pub(super) imsi: aka::Imsi,
    pub(super) files: Files,
    pub(super) pins: Pins,
    pub(super) authentication: Authentication,
    pub(super) channels: [Option<Selection>; CHANNELS],
    pub(super) pending: Pending,
    pub(super) protocol: Protocol,
    pub(super) quirks: Quirks,
    /// A proactive command waits for FETCH.
    pub(super) proactive: bool,
    /// Something changed that has to outlive a power cut.
    pub(super) changed: bool,
    /// So many commands are still answered with "busy".
    busy: u8,
}

const CHANNELS: usize = 20;

impl Chip {
    pub(super) fn new(profile: Profile) -> Self {
        let mut chip = Self {
            imsi: profile.imsi,
            files: Files::of(&profile),
            pins: profile.pins.pins(),
            authentication: Authentication::new(&profile),
            channels: [None; CHANNELS],
            pending: Pending::new(),
            protocol: profile.protocol,
            quirks: profile.quirks,
            proactive: false,
            changed: false,
            busy: 0,
        };
        chip.reset();
        chip
    }

    /// A warm or cold reset: selections, verified PINs and what waited are gone.
    pub(super) fn reset(&mut self) {
        self.channels = [None; CHANNELS];
        if let Some(basic) = self.channels.first_mut() {
            *basic = Some(Selection::MF);
        }
        self.pins.reset();
        self.pending.clear();
        self.proactive = false;
        self.busy = u8::from(self.quirks.has(Quirk::BusyAtFirst));
    }

    /// What outlives a power cut.
    pub(super) fn memory(&self) -> Memory {
        Memory {
            imsi: self.imsi,
            seqs: self.authentication.state().clone(),
            pin1: self.pins.pin1.memory(),
            pin2: self.pins.pin2.memory(),
            universal: self.pins.universal.memory(),
            replaced: self.pins.replaced,
            files: self.files.changed(),
        }
    }

    /// Goes on where an earlier life of the card left off.
    pub(super) fn restore(&mut self, memory: &Memory) {
        self.authentication.restore(&memory.seqs);
        self.pins.pin1.restore(&memory.pin1);
        self.pins.pin2.restore(&memory.pin2);
        self.pins.universal.restore(&memory.universal);
        self.pins.replaced = memory.replaced;
        for (path, octets) in &memory.files {
            self.files.restore(path, octets);
        }
    }

    /// Does what `apdu` asks; the data go to `reply`, the status word comes back.
    pub(super) fn process(&mut self, apdu: &[u8], reply: &mut Reply<'_>) -> StatusWord {
        let Ok(command) = Command::parse(apdu) else {
            return status::WRONG_LENGTH;
        };
        let request = match self.request(command) {
            Ok(request) => request,
            Err(status) => return status,
        };
        if self.busy > 0 {
            self.busy -= 1;
            return status::BUSY;
        }
        let outcome = match command.ins() {
            0xc0 => self.get_response(&request, reply),
            _ => self.perform(&request, reply),
        };
        match request.book {
            Book::Gsm => outcome.map_or_else(status::of_gsm, |()| StatusWord::OK),
            Book::Uicc | Book::Proprietary => self.ended(command, outcome),
        }
    }

    pub(super) fn selection(&self, request: &Request<'_>) -> Selection {
        let index = usize::from(request.channel.number());
        let selection = self.channels.get(index).copied().flatten();
        selection.unwrap_or(Selection::MF)
    }

    pub(super) fn set_selection(&mut self, request: &Request<'_>, selection: Selection) {
        let index = usize::from(request.channel.number());
        if let Some(channel) = self.channels.get_mut(index) {
            *channel = Some(selection);
        }
    }

    /// Reads the class octet (TS 102 221 §10.1.1).
    fn request<'a>(&self, command: Command<'a>) -> Result<Request<'a>, StatusWord> {
        let cla = command.cla();
        if cla == 0xa0 && !self.quirks.has(Quirk::NoGsm) {
            return Ok(Request {
                command,
                channel: Channel::BASIC,
                book: Book::Gsm,
            });
        }
        let channel = Channel::of_class(cla).ok_or(StatusWord::CLASS_NOT_SUPPORTED)?;
        if cla == 0xff || self.quirks.has(Quirk::GsmOnly) {
            return Err(StatusWord::CLASS_NOT_SUPPORTED);
        }
        let further = cla & 0x40 != 0;
        match (further, cla & 0x3c) {
            (true, messaging) if messaging & 0x20 != 0 => {
                return Err(status::SECURE_MESSAGING_NOT_SUPPORTED);
            }
            (true, chaining) if chaining & 0x10 != 0 => return Err(status::CHAINING_NOT_SUPPORTED),
            (false, messaging) if messaging & 0x0c != 0 => {
                return Err(status::SECURE_MESSAGING_NOT_SUPPORTED);
            }
            _ => {}
        }
        let open = self.channels.get(usize::from(channel.number()));
        if open.copied().flatten().is_none() {
            return Err(status::CHANNEL_NOT_SUPPORTED);
        }
        let book = if cla & 0x80 == 0 {
            Book::Uicc
        } else {
            Book::Proprietary
        };
        Ok(Request {
            command,
            channel,
            book,
        })
    }

    fn perform(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) -> Outcome {
        self.pending.clear();
        let outcome = match request.book {
            Book::Uicc => self.uicc(request, reply),
            Book::Proprietary => self.proprietary(request, reply),
            Book::Gsm => self.gsm(request, reply),
        };
        match outcome {
            Ok(()) => self.deliver(request, reply),
            Err(status) => {
                reply.truncate(0);
                Err(status)
            }
        }
    }

    fn uicc(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) -> Outcome {
        match request.command.ins() {
            0xa4 => self.select(request, reply),
            0xb0 => self.read_binary(request, reply),
            0xb2 => self.read_record(request, reply),
            0xd6 => self.update_binary(request),
            0xdc => self.update_record(request),
            0xa2 => self.search_record(request, reply),
            0x20 => self.verify(request),
            0x24 => self.change(request),
            0x26 => self.disable(request),
            0x28 => self.enable(request),
            0x2c => self.unblock(request),
            0x70 => self.manage_channel(request, reply),
            0x88 => self.authenticate(request, reply),
            _ => Err(StatusWord::INSTRUCTION_NOT_SUPPORTED),
        }
    }

    fn proprietary(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) -> Outcome {
        match request.command.ins() {
            0xf2 => self.status(request, reply),
            0x10 | 0xaa => Ok(()),
            0x12 => self.fetch(request, reply),
            0x14 => {
                self.terminal_response();
                Ok(())
            }
            _ => Err(StatusWord::INSTRUCTION_NOT_SUPPORTED),
        }
    }

    /// A class A0 instruction (TS 51.011 §9.2).
    fn gsm(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) -> Outcome {
        match request.command.ins() {
            0xa4 => self.select_gsm(request, reply),
            0xf2 => self.status_gsm(request, reply),
            0xb0 => self.read_binary(request, reply),
            0xb2 => self.read_record(request, reply),
            0xd6 => self.update_binary(request),
            0xdc => self.update_record(request),
            0xa2 => self.seek(request, reply),
            0x20 => self.verify(request),
            0x24 => self.change(request),
            0x26 => self.disable(request),
            0x28 => self.enable(request),
            0x2c => self.unblock(request),
            0x88 => self.run_gsm_algorithm(request, reply),
            0x10 | 0xfa => Ok(()),
            _ => Err(StatusWord::INSTRUCTION_NOT_SUPPORTED),
        }
    }

    /// What the end of a command looks like with a proactive command waiting.
    fn ended(&self, command: Command<'_>, outcome: Outcome) -> StatusWord {
        match outcome {
            Ok(()) if self.proactive && command.ins() != 0x12 => {
                StatusWord::from_bytes(0x91, PROACTIVE_COMMAND_SIZE)
            }
            Ok(()) => StatusWord::OK,
            Err(status) => status,
        }
    }
}

/// Octets of the proactive command that FETCH gives.
const PROACTIVE_COMMAND_SIZE: u8 = 11;
