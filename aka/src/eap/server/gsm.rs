//! EAP-SIM: its start, and two or three GSM challenges (RFC 4186 §4, §9).

use zeroize::Zeroizing;

use super::{
    super::{
        Attribute, Method, MkKeys, Nai, Packet, PacketWriter, SessionKeys, Subtype,
        gsm::{VERSION, fault},
    },
    Next, Purpose, Reason, Server, ServerError, State, Step,
    challenge::{Pending, Proof},
};
use crate::{Rand, network::Triplet};

impl Server {
    pub(super) const fn is_gsm(&self) -> bool {
        matches!(self.settings.method, Method::Sim)
    }

    /// EAP-Request/SIM/Start, which may ask for an identity.
    pub(super) fn send_start<'a>(
        &'a mut self,
        then: Purpose,
        asks: Option<&Attribute<'_>>,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        let writer = self.request(Subtype::Start, room);
        let writer = asks.into_iter().fold(writer, PacketWriter::put);
        let request = writer.put(&Attribute::VersionList(&VERSIONS)).finish()?;
        self.sent(State::Identifying(then));
        Ok(Step::Send(request))
    }

    /// What the peer answered to the start; without a nonce it wants a fast re-authentication.
    pub(super) fn started<'a>(
        &'a mut self,
        packet: &Packet<'_>,
        then: Purpose,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        let attributes = packet.attributes();
        let said = attributes.identity().map(Nai::new).transpose();
        let (Ok(said), None | Some(VERSION)) = (said, attributes.selected_version()) else {
            return self.fail(Reason::Unexpected, room);
        };
        let selected = attributes.selected_version();
        self.nonce_mt = selected.and_then(|_| attributes.nonce_mt().copied());
        match said.or(self.identity) {
            Some(identity) => Ok(self.look_up(identity, then)),
            None => self.fail(Reason::Unexpected, room),
        }
    }

    /// Triplets of use are two or three, and of different challenges.
    pub(super) fn challenge_gsm<'a>(
        &'a mut self,
        triplets: &[Triplet],
        next: Next<'_>,
        room: &'a mut [u8],
    ) -> Result<Step<'a>, ServerError> {
        let mut rands = [[0; 16]; 3];
        let mut sres = Zeroizing::new([[0; 4]; 3]);
        let places = rands.iter_mut().zip(sres.iter_mut());
        for ((rand, sres), triplet) in places.zip(triplets) {
            *rand = *triplet.rand.as_bytes();
            *sres = *triplet.sres.expose();
        }
        let rands = rands.get(..triplets.len()).ok_or(ServerError::Unsuitable)?;
        if !self.is_gsm() || fault(rands).is_some() {
            return Err(ServerError::Unsuitable);
        }
        let Some((keys, nonce_mt)) = self.gsm_keys(triplets) else {
            return self.ask_further(room);
        };
        let iv = self.random.draw();
        let writer = self
            .request(Subtype::Challenge, room)
            .put(&Attribute::Rand(rands));
        let writer = self.put_indications(writer);
        let writer = writer.put_sealed(keys.k_encr(), &iv, next.attributes());
        let request = writer.finish_with_mac(keys.mac_key(), &nonce_mt)?;
        let proof = Proof::Sres(sres, triplets.len());
        let rand = triplets
            .first()
            .map_or(Rand::new([0; 16]), |triplet| triplet.rand);
        self.sent(State::Challenging(Pending::new(rand, proof, keys)));
        Ok(Step::Send(request))
    }

    /// `None` without the peer's nonce: it has to be asked on, for a full authentication.
    fn gsm_keys(&self, triplets: &[Triplet]) -> Option<(SessionKeys, [u8; 16])> {
        let nonce_mt = self.nonce_mt?;
        let keys = MkKeys::sim(
            triplets.iter().map(|triplet| &triplet.kc),
            self.identity.as_ref()?.as_bytes(),
            &nonce_mt,
            (&VERSIONS, VERSION),
        );
        Some((SessionKeys::Sim(keys), nonce_mt))
    }
}

/// What AT_VERSION_LIST says.
const VERSIONS: [[u8; 2]; 1] = [VERSION.to_be_bytes()];
