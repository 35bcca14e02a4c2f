//! Fast re-authentication: no card, the keys of last time (RFC 4187 §5, §9.7, §9.8; RFC 4186 §5).

use super::{
    super::{Attribute, Packet, Resumption, Subtype, granted::Granted, sealed::Opened},
    ClientError, Peer, Reply, State,
};

/// What the server has encrypted.
struct Sealed<'o> {
    counter: u16,
    nonce_s: [u8; 16],
    next: Option<&'o [u8]>,
}

impl Peer<'_> {
    pub(super) fn reauthenticate<'p>(
        &mut self,
        packet: &Packet<'_>,
        room: &'p mut [u8],
    ) -> Reply<'p> {
        let identifier = packet.identifier();
        let Some((granted, opened)) = self.opened(packet) else {
            return self.client_error(identifier, ClientError::Unable, room);
        };
        let Some(sealed) = Sealed::of(&opened) else {
            return self.client_error(identifier, ClientError::Unable, room);
        };
        let fresh = self.names.resumption().map(Resumption::counter);
        if fresh.is_none_or(|fresh| sealed.counter < fresh) {
            return self.counter_too_small(packet, &sealed, room);
        }
        self.resumed(packet, &granted, &sealed, room)
    }

    /// The keys, and what they open of a request that is genuine and comes in its time.
    fn opened(&self, packet: &Packet<'_>) -> Option<(Granted, Opened)> {
        let known = self.names.resumption()?;
        let keys = known.keys().clone();
        let genuine = matches!(self.state, State::Waiting)
            && packet.verify_mac(keys.mac_key(), &[])
            && self.checkcode.agrees(packet);
        let opened = packet.open(keys.k_encr()).filter(|_| genuine)?;
        Some((Granted::fully(keys), opened))
    }

    fn resumed<'p>(
        &mut self,
        packet: &Packet<'_>,
        known: &Granted,
        sealed: &Sealed<'_>,
        room: &'p mut [u8],
    ) -> Reply<'p> {
        let Sealed {
            counter, nonce_s, ..
        } = sealed;
        let iv = self.random.draw();
        let keys = known
            .keys
            .reauthenticate(self.names.sent, *counter, nonce_s);
        let writer = self.response(packet.identifier(), Subtype::Reauthentication, room);
        let writer = self.acknowledge(packet, writer);
        let told = [Attribute::Counter(*counter)];
        let writer = writer.put_sealed(keys.k_encr(), &iv, told);
        let reply = writer.finish_with_mac(keys.mac_key(), nonce_s)?;
        self.names.learn(None, sealed.next);
        self.state = State::Answered(Granted {
            keys,
            counter: Some(*counter),
        });
        Ok(reply)
    }

    /// The server goes on with a full authentication; these keys are not used again.
    fn counter_too_small<'p>(
        &mut self,
        packet: &Packet<'_>,
        sealed: &Sealed<'_>,
        room: &'p mut [u8],
    ) -> Reply<'p> {
        let iv = self.random.draw();
        let Some((_, known)) = self.names.resumable.take() else {
            return self.client_error(packet.identifier(), ClientError::Unable, room);
        };
        let writer = self.response(packet.identifier(), Subtype::Reauthentication, room);
        let told = [
            Attribute::CounterTooSmall,
            Attribute::Counter(sealed.counter),
        ];
        let writer = writer.put_sealed(known.keys().k_encr(), &iv, told);
        Ok(writer.finish_with_mac(known.keys().mac_key(), &sealed.nonce_s)?)
    }
}

impl<'o> Sealed<'o> {
    fn of(opened: &'o Opened) -> Option<Self> {
        let attributes = opened.attributes()?;
        Some(Self {
            counter: attributes.counter()?,
            nonce_s: *attributes.nonce_s()?,
            next: attributes.next_reauth_id(),
        })
    }
}
