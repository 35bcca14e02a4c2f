//! How it ends: notifications, errors, EAP-Success (RFC 4187 §6).

use super::{
    super::{Attribute, Packet, Subtype, granted::Granted},
    Event, Peer, PeerError, Reply, ResultInd, State,
};

/// AT_CLIENT_ERROR_CODE (RFC 4187 §10.20, RFC 4186 §10.19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientError {
    Unable = 0,
    Version = 1,
    TooFewChallenges = 2,
    StaleChallenges = 3,
}

impl ClientError {
    const fn code(self) -> u16 {
        match self {
            Self::Unable => 0,
            Self::Version => 1,
            Self::TooFewChallenges => 2,
            Self::StaleChallenges => 3,
        }
    }
}

impl Peer<'_> {
    pub(super) const fn granted(&self) -> Option<&Granted> {
        match &self.state {
            State::Answered(granted) | State::Confirmed(granted) => Some(granted),
            State::Waiting | State::Failed => None,
        }
    }

    /// Without result indications Success may follow the answer, with them only the notification.
    pub(super) const fn success<'p, 'i>(&self) -> Result<Event<'p, 'i>, PeerError> {
        match (&self.state, self.result_ind) {
            (State::Confirmed(_), _) | (State::Answered(_), ResultInd::Off | ResultInd::Wanted) => {
                Ok(Event::Success)
            }
            (State::Answered(_), ResultInd::Agreed) | (State::Waiting | State::Failed, _) => {
                Err(PeerError::Untimely)
            }
        }
    }

    /// Once both sides have told of success, a Failure is somebody else's (RFC 3748 §4.2).
    pub(super) fn failure<'p, 'i>(&mut self) -> Result<Event<'p, 'i>, PeerError> {
        if matches!(self.state, State::Confirmed(_)) {
            return Err(PeerError::Untimely);
        }
        self.state = State::Failed;
        Ok(Event::Failure)
    }

    pub(super) fn notified<'p>(&mut self, packet: &Packet<'_>, room: &'p mut [u8]) -> Reply<'p> {
        let identifier = packet.identifier();
        let Some(code) = packet.attributes().notification() else {
            return self.client_error(identifier, ClientError::Unable, room);
        };
        let [success, before] = [SUCCESS, BEFORE_CHALLENGE].map(|bit| code & bit != 0);
        let granted = match self.granted() {
            _ if before && !success => None,
            Some(granted) if !before && granted.vouches_for(packet) => Some(granted.clone()),
            _ => return self.client_error(identifier, ClientError::Unable, room),
        };
        let iv = self.random.draw();
        let writer = self.response(identifier, Subtype::Notification, room);
        let reply = match &granted {
            Some(granted) => granted.finish(writer, &iv)?,
            None => writer.finish()?,
        };
        let confirmed = granted.filter(|_| success);
        self.notification = Some(code);
        self.state = confirmed.map_or(State::Failed, State::Confirmed);
        Ok(reply)
    }

    pub(super) fn client_error<'p>(
        &mut self,
        identifier: u8,
        error: ClientError,
        room: &'p mut [u8],
    ) -> Reply<'p> {
        self.state = State::Failed;
        let writer = self.response(identifier, Subtype::ClientError, room);
        let cannot = Attribute::ClientErrorCode(error.code());
        Ok(writer.put(&cannot).finish()?)
    }

    /// As for a wrong AUTN.
    pub(super) fn reject<'p>(&mut self, identifier: u8, room: &'p mut [u8]) -> Reply<'p> {
        self.state = State::Failed;
        let writer = self.response(identifier, Subtype::AuthenticationReject, room);
        Ok(writer.finish()?)
    }
}

/// The S bit of AT_NOTIFICATION.
const SUCCESS: u16 = 0x8000;
/// The P bit of AT_NOTIFICATION.
const BEFORE_CHALLENGE: u16 = 0x4000;
