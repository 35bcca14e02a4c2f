//! Who the peer says it is (RFC 4187 §4.1, RFC 4186 §4.2).

use core::fmt;

use super::{
    super::{Attribute, Nai, Packet, Resumption, Subtype, asked::Asked},
    ClientError, Peer, Reply, State,
};

/// Who the peer says it is; octet for octet as sent, realm included.
#[derive(Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "RFC 4187 §4.1.1 closes the set")]
pub struct Identities<'i> {
    /// `0` and the IMSI for EAP-AKA, `1` for EAP-SIM, `6` for EAP-AKA' (TS 23.003 §19.3.2), and the
    /// realm.
    pub permanent: &'i [u8],
    /// What the server gave out for a full authentication.
    pub pseudonym: Option<&'i [u8]>,
}

impl fmt::Debug for Identities<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identities([redacted])")
    }
}

/// Whether a peer that has a pseudonym tells who it really is when it is asked
/// (RFC 4187 §4.1.5: the liberal and the conservative peer).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 4187 §4.1.5 closes the set")]
pub enum Privacy {
    /// It does, so a server that lost the pseudonym can still let it in.
    Liberal,
    /// It would rather fail: whoever asks may be an attacker who wants the IMSI.
    Conservative,
}

/// The identities of a peer, and what it learns for the next time.
pub(super) struct Names<'i> {
    known: Identities<'i>,
    pub(super) privacy: Privacy,
    pub(super) resumable: Option<(&'i [u8], Resumption)>,
    /// What stands in the last identity that was sent.
    pub(super) sent: &'i [u8],
    asked: Asked,
    pub(super) next_pseudonym: Option<Nai>,
    pub(super) next_reauth_id: Option<Nai>,
}

impl<'i> Names<'i> {
    pub(super) const fn new(known: Identities<'i>) -> Self {
        let mut names = Self {
            known,
            privacy: Privacy::Liberal,
            resumable: None,
            sent: known.permanent,
            asked: Asked::Nothing,
            next_pseudonym: None,
            next_reauth_id: None,
        };
        names.sent = names.for_full_authentication();
        names
    }

    pub(super) fn resume(&mut self, identity: &'i [u8], resumption: Resumption) {
        self.resumable = Some((identity, resumption));
        self.sent = identity;
    }

    /// The keys to go on from, if the server was told the identity that goes with them.
    pub(super) fn resumption(&self) -> Option<&Resumption> {
        let (identity, resumption) = self.resumable.as_ref()?;
        (*identity == self.sent).then_some(resumption)
    }

    const fn for_full_authentication(&self) -> &'i [u8] {
        match self.known.pseudonym {
            Some(pseudonym) => pseudonym,
            None => self.known.permanent,
        }
    }

    /// The identity that answers a request, which may only ask for more than the last one.
    pub(super) fn answer(&mut self, wanted: Asked) -> Option<&'i [u8]> {
        if wanted <= self.asked {
            return None;
        }
        let hidden = self.known.pseudonym.is_some() && self.privacy == Privacy::Conservative;
        let identity = match (wanted, &self.resumable) {
            (Asked::Nothing, _) => return None,
            (Asked::Any, Some((identity, _))) => identity,
            (Asked::Any, None) | (Asked::Fullauth, _) => self.for_full_authentication(),
            (Asked::Permanent, _) if hidden => return None,
            (Asked::Permanent, _) => self.known.permanent,
        };
        self.asked = wanted;
        self.sent = identity;
        Some(identity)
    }

    /// Keeps what stood in AT_ENCR_DATA of a message that is genuine; a pseudonym is a username
    /// that takes the realm of the permanent identity (RFC 4187 §4.1.1.7).
    pub(super) fn learn(&mut self, pseudonym: Option<&[u8]>, reauth_id: Option<&[u8]>) {
        let realm = self.known.permanent.iter().position(|octet| *octet == b'@');
        let realm = realm.and_then(|at| self.known.permanent.get(at..));
        if let Some(username) = pseudonym {
            let realm = realm.filter(|_| !username.contains(&b'@'));
            self.next_pseudonym = Nai::joined(username, realm.unwrap_or_default()).ok();
        }
        self.next_reauth_id = reauth_id.and_then(|octets| Nai::new(octets).ok());
    }
}

impl<'i> Peer<'i> {
    /// What goes into EAP-Response/Identity; later, the last identity that was sent.
    pub const fn identity(&self) -> &'i [u8] {
        self.names.sent
    }

    /// The pseudonym that the server gave out, with the realm: for
    /// [`Identities::pseudonym`] of the next conversation, from when the challenge was answered.
    pub const fn next_pseudonym(&self) -> Option<&Nai> {
        self.names.next_pseudonym.as_ref()
    }

    /// The identity and the keys for [`Peer::with_resumption`] of the next conversation, after
    /// [`Event::Success`](super::Event::Success), if the server gave out an identity.
    pub fn resumption(&self) -> Option<(Nai, Resumption)> {
        let identity = self.names.next_reauth_id?;
        let granted = self.granted()?;
        Some((identity, granted.resumption()?))
    }

    /// An identity round of EAP-AKA and EAP-AKA'.
    pub(super) fn identify<'p>(&mut self, packet: &Packet<'_>, room: &'p mut [u8]) -> Reply<'p> {
        let waiting = matches!(self.state, State::Waiting);
        let wanted = Asked::of(packet).filter(|_| waiting);
        let Some(identity) = wanted.and_then(|wanted| self.names.answer(wanted)) else {
            return self.client_error(packet.identifier(), ClientError::Unable, room);
        };
        let writer = self.response(packet.identifier(), Subtype::Identity, room);
        let reply = writer.put(&Attribute::Identity(identity)).finish()?;
        self.checkcode.update(packet.octets());
        self.checkcode.update(reply);
        Ok(reply)
    }
}
