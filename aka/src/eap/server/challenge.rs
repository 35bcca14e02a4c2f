//! The challenge, and what the peer answers (RFC 4187 §3, §6.3, §9.3 to §9.6; RFC 9048 §3).

use subtle::ConstantTimeEq;

use super::{
    super::{
        Attribute, Method, NoRoom, Packet, SessionKeys, Subtype, checkcode::Checkcode,
        negotiation::KDF_PRIME,
    },
    Next, Purpose, Reason, Server, ServerError, State, Step,
    ending::Granted,
    settings::Settings,
};
use crate::{Auts, Rand, Res, kdf::eap_prime::prime_keys, network::Vector};

/// A challenge that waits for its answer.
#[derive(Clone)]
pub(super) struct Pending {
    rand: Rand,
    xres: Res,
    pub(super) keys: SessionKeys,
    kdfs: KdfOffer,
}

/// How far AT_KDF was negotiated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KdfOffer {
    First,
    Negotiated,
}

/// What an answer comes to.
pub(super) enum Verdict {
    Right {
        result_ind: bool,
    },
    /// The peer asks for our function, which was not the first one.
    Kdf,
    Wrong(Reason),
}

impl Pending {
    pub(super) fn check(
        &self,
        packet: &Packet<'_>,
        settings: &Settings,
        checkcode: &Checkcode,
    ) -> Verdict {
        let attributes = packet.attributes();
        let Some(res) = attributes.res() else {
            return self.asks_for_kdf(packet, settings);
        };
        let right = packet.verify_mac(self.keys.mac_key(), &[])
            & bool::from(self.xres.ct_eq(&res))
            & checkcode.agrees(packet);
        if !right {
            return Verdict::Wrong(Reason::WrongResponse);
        }
        Verdict::Right {
            result_ind: settings.result_ind && attributes.result_ind(),
        }
    }

    /// An answer with nothing but AT_KDF, once, and not for what was offered first.
    fn asks_for_kdf(&self, packet: &Packet<'_>, settings: &Settings) -> Verdict {
        let mut attributes = packet.attributes().iter();
        let alone = match (attributes.next(), attributes.next()) {
            (Some(Attribute::Kdf(number)), None) => Some(number),
            _ => None,
        };
        let first = settings.kdfs(false).next();
        if self.kdfs == KdfOffer::First && alone == Some(KDF_PRIME) && first != alone {
            Verdict::Kdf
        } else {
            Verdict::Wrong(Reason::Unexpected)
        }
    }

    /// What the card asks for, if the peer tells back what was offered (RFC 9048 §3.2).
    pub(super) fn resynchronisation(
        &self,
        packet: &Packet<'_>,
        settings: &Settings,
    ) -> Option<(Rand, Auts)> {
        let attributes = packet.attributes();
        let offered = settings.kdfs(self.kdfs == KdfOffer::Negotiated);
        let told = attributes.kdfs().eq(offered);
        attributes
            .auts()
            .filter(|_| told)
            .map(|auts| (self.rand, auts))
    }
}

impl Server {
    pub(super) fn challenge<'a>(
        &'a mut self,
        vector: &Vector,
        next: Next<'_>,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        let keys = self.keys_of(vector)?;
        let request = self.write_challenge(vector, &keys, next, room)?;
        self.state = State::Challenging(Pending {
            rand: vector.rand,
            xres: vector.xres.clone(),
            keys,
            kdfs: self.kdfs,
        });
        Ok(Step::Send(request))
    }

    fn keys_of(&self, vector: &Vector) -> Result<SessionKeys, ServerError> {
        let Vector { ck, ik, autn, .. } = vector;
        let identity = self.identity.as_ref().ok_or(ServerError::OutOfTurn)?;
        let identity = identity.as_bytes();
        match (self.settings.method, &self.settings.network) {
            (Method::Aka, _) => Ok(SessionKeys::aka(ck, ik, identity)),
            (Method::AkaPrime, Some(network)) if autn.amf().is_separated() => {
                let (ck, ik) = prime_keys(ck, ik, network.as_bytes(), autn);
                Ok(SessionKeys::aka_prime(&ck, &ik, identity))
            }
            _ => Err(ServerError::Unsuitable),
        }
    }

    fn write_challenge<'p>(
        &mut self,
        vector: &Vector,
        keys: &SessionKeys,
        next: Next<'_>,
        room: &'p mut [u8],
    ) -> Result<&'p [u8], NoRoom> {
        let rand = [*vector.rand.as_bytes()];
        let code = &mut [0; 32];
        let writer = self
            .request(Subtype::Challenge, room)
            .put(&Attribute::Rand(&rand))
            .put(&Attribute::Autn(vector.autn))
            .put(&Attribute::Checkcode(self.checkcode.write(code)));
        let writer = self.settings.put(writer, self.kdfs == KdfOffer::Negotiated);
        let writer = writer.put_sealed(keys.k_encr(), &self.random.draw(), next.attributes());
        Ok(writer.finish_with_mac(keys.mac_key(), &[])?)
    }

    pub(super) fn challenged<'a>(
        &'a mut self,
        verdict: &Verdict,
        keys: SessionKeys,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        match verdict {
            Verdict::Right { result_ind } => {
                self.authenticated(Granted::fully(keys), *result_ind, room)
            }
            Verdict::Kdf => {
                self.kdfs = KdfOffer::Negotiated;
                self.look_up_again(Purpose::Authenticate)
            }
            Verdict::Wrong(reason) => self.fail(*reason, room),
        }
    }

    /// A card that was followed takes the next vector; one that asks again and again is none.
    pub(super) fn resynchronise<'a>(
        &'a mut self,
        asked: Option<(Rand, Auts)>,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        let Some((rand, auts)) = asked else {
            return self.fail(Reason::Unexpected, room);
        };
        self.resynchronised += 1;
        if self.resynchronised > MOST_RESYNCHRONISATIONS {
            return self.fail(Reason::OutOfStep, room);
        }
        self.look_up_again(Purpose::Resynchronise { rand, auts })
    }
}

/// The first follows the card; a second leaves room for a vector that somebody else made meanwhile.
const MOST_RESYNCHRONISATIONS: u8 = 2;
