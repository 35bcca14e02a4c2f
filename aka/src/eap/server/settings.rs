//! What a server offers, beside the method.

use super::{
    super::{Attribute, Method, NetworkName, PacketWriter, negotiation::KDF_PRIME},
    Server,
    challenge::KdfOffer,
};

/// What does not change within a conversation.
#[derive(Clone, Copy)]
pub(super) struct Settings {
    pub(super) method: Method,
    /// AT_KDF_INPUT.
    pub(super) network: Option<NetworkName>,
    /// AT_RESULT_IND is offered.
    pub(super) result_ind: bool,
    /// AT_BIDDING says that EAP-AKA' could be had.
    bidding: bool,
    /// An AT_KDF that is offered before ours.
    decoy: Option<u16>,
    /// AT_NOTIFICATION for who shall not get in, although it is who it says.
    pub(super) denial: Option<u16>,
}

/// Why a subscriber that is known gets nothing (RFC 4187 §10.19).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 4187 §10.19 closes the set")]
pub enum Denial {
    /// 1026.
    TemporarilyDenied,
    /// 1031.
    NotSubscribed,
}

impl Settings {
    pub(super) const fn new(method: Method, network: Option<NetworkName>) -> Self {
        Self {
            method,
            network,
            result_ind: false,
            bidding: false,
            decoy: None,
            denial: None,
        }
    }

    /// The functions as they are offered; ours comes first once the peer asked for it.
    pub(super) fn kdfs(&self, offer: KdfOffer) -> impl Iterator<Item = u16> + use<> {
        let chosen = (offer == KdfOffer::Negotiated).then_some(KDF_PRIME);
        let prime = matches!(self.method, Method::AkaPrime).then_some(KDF_PRIME);
        chosen.into_iter().chain(self.decoy).chain(prime)
    }

    /// What only a challenge of EAP-AKA and EAP-AKA' has.
    pub(super) fn put<'p>(
        &self,
        mut writer: PacketWriter<'p>,
        offer: KdfOffer,
    ) -> PacketWriter<'p> {
        for number in self.kdfs(offer) {
            writer = writer.put(&Attribute::Kdf(number));
        }
        if let Some(network) = &self.network {
            writer = writer.put(&Attribute::KdfInput(network.as_bytes()));
        }
        if self.bidding {
            writer = writer.put(&Attribute::Bidding(0x8000));
        }
        writer
    }
}

impl Server {
    /// What challenges and fast re-authentications have: AT_CHECKCODE, but for EAP-SIM, and
    /// AT_RESULT_IND.
    pub(super) fn put_indications<'p>(&self, mut writer: PacketWriter<'p>) -> PacketWriter<'p> {
        if !self.is_gsm() {
            let code = &mut [0; 32];
            writer = writer.put(&Attribute::Checkcode(self.checkcode.write(code)));
        }
        if self.settings.result_ind {
            writer = writer.put(&Attribute::ResultInd);
        }
        writer
    }

    /// Offers protected result indications (RFC 4187 §6.2).
    #[must_use]
    pub const fn with_result_indications(mut self) -> Self {
        self.settings.result_ind = true;
        self
    }

    /// Tells a peer of EAP-AKA that it could have had EAP-AKA', so that nobody in between can hide
    /// that (RFC 9048 §4); EAP-AKA' itself has nothing to tell.
    #[must_use]
    pub const fn with_aka_prime_available(mut self) -> Self {
        self.settings.bidding = matches!(self.settings.method, Method::Aka);
        self
    }

    /// Offers EAP-AKA' a key derivation function that nobody has before the only one there is, for
    /// testing how peers negotiate (RFC 9048 §3.2).
    #[must_use]
    pub const fn with_decoy_kdf(mut self, number: u16) -> Self {
        if matches!(self.settings.method, Method::AkaPrime) {
            self.settings.decoy = Some(number);
        }
        self
    }

    /// Authenticates the subscriber, and then tells it, protected, why it is not let in.
    #[must_use]
    pub const fn with_denial(mut self, denial: Denial) -> Self {
        self.settings.denial = Some(match denial {
            Denial::TemporarilyDenied => 1026,
            Denial::NotSubscribed => 1031,
        });
        self
    }
}
