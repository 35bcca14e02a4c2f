//! The challenge, and what the peer answers (RFC 4187 §3, §6.3, §9.3 to §9.6; RFC 9048 §3).

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    super::{
        Attribute, Method, NoRoom, Packet, SessionKeys, Subtype, granted::Granted,
        negotiation::KDF_PRIME,
    },
    Next, Purpose, Reason, Server, ServerError, State, Step,
};
use crate::{Auts, Rand, Res, kdf::eap_prime::prime_keys, network::Vector};

/// A challenge that waits for its answer.
#[derive(Clone)]
pub(super) struct Pending {
    rand: Rand,
    proof: Proof,
    pub(super) keys: SessionKeys,
}

/// What shows that the peer has the card.
#[derive(Clone)]
pub(super) enum Proof {
    Res(Res),
    /// Two or three SRES, which AT_MAC is also over (RFC 4186 §9.4).
    Sres(Zeroizing<[[u8; 4]; 3]>, usize),
}

/// How far AT_KDF was negotiated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KdfOffer {
    First,
    Negotiated,
}

/// What an answer comes to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Verdict {
    Right {
        result_ind: bool,
    },
    /// The peer asks for our function, which was not the first one.
    Kdf,
    Wrong(Reason),
}

impl Proof {
    /// What AT_MAC is over beside the packet.
    fn extra(&self) -> &[u8] {
        match self {
            Self::Res(_) => &[],
            Self::Sres(sres, count) => sres.get(..*count).unwrap_or_default().as_flattened(),
        }
    }

    fn accepts(&self, res: Option<&Res>) -> bool {
        match self {
            Self::Res(expected) => res.is_some_and(|res| expected.ct_eq(res).into()),
            Self::Sres(..) => true,
        }
    }
}

impl Pending {
    pub(super) const fn new(rand: Rand, proof: Proof, keys: SessionKeys) -> Self {
        Self { rand, proof, keys }
    }

    pub(super) fn check(&self, packet: &Packet<'_>, server: &Server) -> Verdict {
        let attributes = packet.attributes();
        if attributes.mac().is_none() {
            return asks_for_kdf(packet, server);
        }
        let right = packet.verify_mac(self.keys.mac_key(), self.proof.extra())
            & self.proof.accepts(attributes.res().as_ref())
            & server.checkcode.agrees(packet);
        if right {
            let result_ind = attributes.result_ind();
            Verdict::Right { result_ind }
        } else {
            Verdict::Wrong(Reason::WrongResponse)
        }
    }

    /// What the card asks for, if the peer tells back what was offered (RFC 9048 §3.2).
    pub(super) fn resynchronisation(
        &self,
        packet: &Packet<'_>,
        server: &Server,
    ) -> Option<(Rand, Auts)> {
        let attributes = packet.attributes();
        let offered = server.settings.kdfs(server.kdfs);
        let told = attributes.kdfs().eq(offered);
        let auts = attributes.auts().filter(|_| told)?;
        Some((self.rand, auts))
    }
}

/// An answer with nothing but AT_KDF, once, and not for what was offered first.
fn asks_for_kdf(packet: &Packet<'_>, server: &Server) -> Verdict {
    let mut attributes = packet.attributes().iter();
    let alone = match (attributes.next(), attributes.next()) {
        (Some(Attribute::Kdf(number)), None) => Some(number),
        _ => None,
    };
    let first = server.settings.kdfs(server.kdfs).next();
    if alone == Some(KDF_PRIME) && first.is_some() && first != alone {
        Verdict::Kdf
    } else {
        Verdict::Wrong(Reason::Unexpected)
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
        let proof = Proof::Res(vector.xres.clone());
        self.sent(State::Challenging(Pending::new(vector.rand, proof, keys)));
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
        let iv = self.random.draw();
        let writer = self
            .request(Subtype::Challenge, room)
            .put(&Attribute::Rand(&rand))
            .put(&Attribute::Autn(vector.autn));
        let writer = self.settings.put(writer, self.kdfs);
        let writer = self.put_indications(writer);
        let writer = writer.put_sealed(keys.k_encr(), &iv, next.attributes());
        Ok(writer.finish_with_mac(keys.mac_key(), &[])?)
    }

    pub(super) fn challenged<'a>(
        &'a mut self,
        verdict: Verdict,
        keys: SessionKeys,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        match verdict {
            Verdict::Right { result_ind } => {
                self.authenticated(Granted::fully(keys), result_ind, room)
            }
            Verdict::Kdf => {
                self.kdfs = KdfOffer::Negotiated;
                self.look_up_again(Purpose::Authenticate)
            }
            Verdict::Wrong(reason) => self.fail(reason, room),
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
