//! MANAGE CHANNEL (TS 102 221 §11.1.17).

use crate::{
    apdu::StatusWord,
    soft::{
        Quirk,
        chip::{Chip, Outcome, Request, Selection},
        reply::Reply,
        status,
    },
};

impl Chip {
    pub(in crate::soft) fn manage_channel(
        &mut self,
        request: &Request<'_>,
        reply: &mut Reply<'_>,
    ) -> Outcome {
        if self.quirks.has(Quirk::NoChannels) {
            return Err(status::CHANNEL_NOT_SUPPORTED);
        }
        match (request.command.p1(), request.command.p2()) {
            (0x00, 0x00) => self.open_any_channel(request, reply),
            (0x00, number @ 1..=19) => {
                let free = self.channels.get(usize::from(number)).copied();
                match free {
                    Some(None) => self.open_channel(request, number),
                    _ => Err(status::NOT_SUPPORTED),
                }
            }
            (0x80, number @ 1..=19) => self.close_channel(number),
            (0x80, 0) => self.close_channel(request.channel.number()),
            _ => Err(status::INCORRECT_P1_P2),
        }
    }

    fn open_any_channel(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) -> Outcome {
        let free = self.channels.iter().position(Option::is_none);
        let free = free.and_then(|index| u8::try_from(index).ok());
        let number = free.ok_or(status::NOT_SUPPORTED)?;
        self.exactly(request, 1)?;
        self.open_channel(request, number)?;
        reply.put(&[number]);
        Ok(())
    }

    /// From the basic channel the MF is selected on the new one; from another one, what is
    /// selected there.
    fn open_channel(&mut self, request: &Request<'_>, number: u8) -> Outcome {
        let selection = match request.channel.number() {
            0 => Selection::MF,
            _ => Selection {
                file: None,
                record: 0,
                ..self.selection(request)
            },
        };
        match self.channels.get_mut(usize::from(number)) {
            Some(channel) => *channel = Some(selection),
            None => return Err(status::NOT_SUPPORTED),
        }
        Ok(())
    }

    fn close_channel(&mut self, number: u8) -> Outcome {
        match self.channels.get_mut(usize::from(number)) {
            Some(channel @ Some(_)) if number > 0 => {
                *channel = None;
                Ok(())
            }
            _ => Err(StatusWord::from_bytes(0x68, 0x81)),
        }
    }
}
