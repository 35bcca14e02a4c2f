//! Who is there: identity rounds, and the caller's word on what they brought (RFC 4187 §4.1).

use super::{
    super::{Attribute, Nai, NaiKind, Packet, Subtype, asked::Asked},
    Purpose, Reason, Server, ServerError, State, Step, Wanted,
};

impl Server {
    /// EAP-SIM begins with a start, but for an identity that may do without.
    pub(super) fn begin<'a>(
        &'a mut self,
        identity: &Nai,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        let resumes = matches!(identity.kind(), Some(NaiKind::Reauthentication(_)));
        if self.is_gsm() && !resumes {
            self.identity = Some(*identity);
            return self.send_start(Purpose::Identify, None, room);
        }
        Ok(self.look_up(*identity, Purpose::Identify))
    }

    /// Has the caller look up the peer.
    pub(super) fn look_up(&mut self, identity: Nai, purpose: Purpose) -> Step<'_> {
        self.state = State::Asking(purpose);
        let identity = self.identity.insert(identity);
        Step::NeedVector(Wanted { identity, purpose })
    }

    /// Has the caller look up the same again, for something else.
    pub(super) fn look_up_again(&mut self, purpose: Purpose) -> Result<Step<'_>, ServerError> {
        let identity = self.identity.ok_or(ServerError::OutOfTurn)?;
        Ok(self.look_up(identity, purpose))
    }

    /// Asks for an identity that says more than the last one.
    pub(super) fn ask_further<'a>(
        &'a mut self,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        let Some(asked) = self.left_to_ask() else {
            return self.fail(Reason::Unknown, room);
        };
        let attribute = asked.attribute().unwrap_or(Attribute::PermanentIdReq);
        self.asked = asked;
        if self.is_gsm() {
            return self.send_start(Purpose::Identify, Some(&attribute), room);
        }
        let request = self
            .request(Subtype::Identity, room)
            .put(&attribute)
            .finish()?;
        self.checkcode.update(request);
        self.sent(State::Identifying(Purpose::Identify));
        Ok(Step::Send(request))
    }

    /// What the last identity was says what it is no use to ask for.
    fn left_to_ask(&self) -> Option<Asked> {
        let more = self.asked.more()?;
        match self.identity.as_ref().and_then(Nai::kind) {
            Some(NaiKind::Permanent(_)) if self.asked != Asked::Nothing => None,
            Some(NaiKind::Reauthentication(_)) => Some(more.max(Asked::Fullauth)),
            Some(NaiKind::Pseudonym(_)) => Some(Asked::Permanent),
            Some(NaiKind::Permanent(_)) | None => Some(more),
        }
    }

    pub(super) fn identified<'a>(
        &'a mut self,
        packet: &Packet<'_>,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        let said = packet.attributes().identity();
        match said.and_then(|said| Nai::new(said).ok()) {
            Some(identity) => {
                self.checkcode.update(packet.octets());
                Ok(self.look_up(identity, Purpose::Identify))
            }
            None => self.fail(Reason::Unexpected, room),
        }
    }
}
