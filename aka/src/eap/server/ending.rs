//! How it ends: EAP-Success, EAP-Failure, and what is told before (RFC 4187 §6).

use super::{
    super::{Attribute, Code, NoRoom, Packet, Subtype, granted::Granted},
    Reason, Server, ServerError, State, Step,
};

impl Server {
    /// Lets the peer in, or tells it first what is to be told.
    pub(super) fn authenticated<'a>(
        &'a mut self,
        granted: Granted,
        result_ind: bool,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        if let Some(code) = self.settings.denial {
            let request = self.write_notification(code, Some(&granted), room)?;
            self.sent(State::Notifying(Err(Reason::Refused)));
            Ok(Step::Send(request))
        } else if result_ind && self.settings.result_ind {
            let request = self.write_notification(SUCCESS, Some(&granted), room)?;
            self.sent(State::Notifying(Ok(granted)));
            Ok(Step::Send(request))
        } else {
            self.succeeded(granted, room)
        }
    }

    /// Tells the peer that it failed, without a MAC: there is no key that both have.
    pub(super) fn fail<'a>(
        &'a mut self,
        reason: Reason,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        let request = self.write_notification(GENERAL_FAILURE, None, room)?;
        self.sent(State::Notifying(Err(reason)));
        Ok(Step::Send(request))
    }

    /// Whatever comes to a failure's notification, it stays one; a success is acknowledged under
    /// K_aut.
    pub(super) fn notified<'a>(
        &'a mut self,
        packet: &Packet<'_>,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        let State::Notifying(outcome) = &self.state else {
            return Err(ServerError::OutOfTurn);
        };
        let granted = match outcome {
            Ok(granted) => granted,
            Err(reason) => return self.ended(*reason, room),
        };
        let acknowledged = packet.subtype() == Subtype::Notification && granted.vouches_for(packet);
        if acknowledged {
            self.succeeded(granted.clone(), room)
        } else {
            self.ended(Reason::WrongResponse, room)
        }
    }

    fn succeeded<'a>(
        &'a mut self,
        granted: Granted,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        let packet = self.bare(Code::Success, room)?;
        self.state = State::Succeeded(granted);
        Ok(Step::Success(packet))
    }

    /// EAP-Failure at once.
    pub(super) fn ended<'a>(
        &'a mut self,
        reason: Reason,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        let packet = self.bare(Code::Failure, room)?;
        self.state = State::Failed;
        Ok(Step::Failure(packet, reason))
    }

    fn write_notification<'p>(
        &mut self,
        code: u16,
        granted: Option<&Granted>,
        room: &'p mut [u8],
    ) -> Result<&'p [u8], NoRoom> {
        let iv = self.random.draw();
        let writer = self.request(Subtype::Notification, room);
        let writer = writer.put(&Attribute::Notification(code));
        match granted {
            Some(granted) => Ok(granted.finish(writer, &iv)?),
            None => Ok(writer.finish()?),
        }
    }

    /// With the identifier of the response that it follows (RFC 3748 §4.2).
    fn bare<'p>(&self, code: Code, room: &'p mut [u8]) -> Result<&'p [u8], NoRoom> {
        let packet = room.first_chunk_mut().ok_or(NoRoom)?;
        *packet = [code.number(), self.identifier, 0, 4];
        Ok(packet)
    }
}

/// S: the user is authenticated.
const SUCCESS: u16 = 0x8000;
/// P: before the challenge was answered rightly.
const GENERAL_FAILURE: u16 = 0x4000;
