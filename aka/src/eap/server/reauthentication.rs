//! Fast re-authentication: no vector, the keys of last time (RFC 4187 §5, §9.7, §9.8; RFC 4186 §5).

use super::{
    super::{
        Attribute, Packet, Resumption, SessionKeys, Subtype, checkcode::Checkcode,
        granted::Granted, sealed::Opened,
    },
    Next, Purpose, Reason, Server, ServerError, State, Step,
};

/// A fast re-authentication that waits for its answer.
#[derive(Clone)]
pub(super) struct Resuming {
    pub(super) keys: SessionKeys,
    pub(super) counter: u16,
    nonce_s: [u8; 16],
}

/// What the answer comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resumed {
    Right {
        result_ind: bool,
    },
    /// The peer has used this counter, or a later one.
    CounterTooSmall,
    Wrong,
}

impl Resuming {
    pub(super) fn check(&self, packet: &Packet<'_>, checkcode: &Checkcode) -> Resumed {
        let genuine = packet.verify_mac(self.keys.mac_key(), &self.nonce_s);
        let opened = packet.open(self.keys.k_encr()).filter(|_| genuine);
        let Some(sealed) = opened.as_ref().and_then(Opened::attributes) else {
            return Resumed::Wrong;
        };
        if sealed.counter() != Some(self.counter) {
            Resumed::Wrong
        } else if sealed.counter_too_small() {
            Resumed::CounterTooSmall
        } else if checkcode.agrees(packet) {
            let result_ind = packet.attributes().result_ind();
            Resumed::Right { result_ind }
        } else {
            Resumed::Wrong
        }
    }
}

impl Server {
    pub(super) fn resume<'a>(
        &'a mut self,
        known: &Resumption,
        next: Next<'_>,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        if known.method() != self.settings.method {
            return Err(ServerError::Unsuitable);
        }
        let identity = self.identity.ok_or(ServerError::OutOfTurn)?;
        let (nonce_s, iv) = (self.random.draw(), self.random.draw());
        let counter = known.counter();
        let keys = known.keys();
        let sealed = [Attribute::Counter(counter), Attribute::NonceS(&nonce_s)];
        let next = next
            .reauth_id
            .map(|next| Attribute::NextReauthId(next.as_bytes()));
        let writer = self.request(Subtype::Reauthentication, room);
        let writer = self.put_indications(writer);
        let writer = writer.put_sealed(keys.k_encr(), &iv, sealed.into_iter().chain(next));
        let request = writer.finish_with_mac(keys.mac_key(), &[])?;
        self.sent(State::Resuming(Resuming {
            keys: keys.reauthenticate(identity.as_bytes(), counter, &nonce_s),
            counter,
            nonce_s,
        }));
        Ok(Step::Send(request))
    }

    pub(super) fn resumed<'a>(
        &'a mut self,
        resumed: Resumed,
        granted: Granted,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        match resumed {
            Resumed::Right { result_ind } => self.authenticated(granted, result_ind, room),
            Resumed::CounterTooSmall => self.begin_full_authentication(room),
            Resumed::Wrong => self.fail(Reason::WrongResponse, room),
        }
    }

    /// With the identity that is known; EAP-SIM has no nonce of the peer's yet.
    fn begin_full_authentication<'a>(
        &'a mut self,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        if self.is_gsm() {
            self.send_start(Purpose::Authenticate, None, room)
        } else {
            self.look_up_again(Purpose::Authenticate)
        }
    }
}
