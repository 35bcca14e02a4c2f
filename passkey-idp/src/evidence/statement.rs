//! What a package says.

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::application::ApplicationId;
use crate::binding::{Binding, Scheme};
use crate::id::{Nonce, OrderId, UserId};
use crate::order::{Document, Order, UserVerification, What};
use crate::webauthn::{Aaguid, CoseKey, CredentialId, Octets, Origin, RelyingParty};

/// What was ordered, and what a passkey answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::exhaustive_structs,
    reason = "version 1 of the format has these fields"
)]
pub struct Statement {
    /// Where the passkey belongs.
    pub rp_id: String,
    /// Whose pages may have asked.
    pub origins: Vec<Origin>,
    /// What was done.
    pub act: Act,
    /// Which application asked.
    pub application: ApplicationId,
    /// The order.
    pub order: OrderId,
    /// The user who was asked, if it was one in particular.
    pub requested_user: Option<UserId>,
    /// The order's nonce.
    pub nonce: Nonce,
    /// Until when it could be signed.
    pub expires_at: Instant,
    /// Whether the user had to be verified.
    pub user_verification: UserVerification,
    /// How all that became a challenge.
    pub scheme: Scheme,
    /// What the text is; empty if there is none.
    pub media_type: String,
    /// The text that was shown.
    pub text: String,
    /// What was signed beside the text.
    pub data: Option<Octets>,
    /// When it was ordered.
    pub placed_at: Instant,
    /// When it was signed.
    pub signed_at: Instant,
    /// Who signed.
    pub user: UserId,
    /// The passkey's identifier.
    pub credential_id: CredentialId,
    /// The passkey's public key.
    pub public_key: CoseKey,
    /// The model of its authenticator.
    pub aaguid: Aaguid,
    /// What the passkey answered.
    pub proof: Proof,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "version 1 of the format knows these"
)]
pub enum Act {
    /// The user signed in.
    SignIn,
    /// The user signed a text.
    Sign,
    /// The user registered the passkey.
    Register,
}

/// What a passkey answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(clippy::exhaustive_enums, reason = "WebAuthn knows two ceremonies")]
pub enum Proof {
    /// A signature.
    Assertion {
        /// What the browser was asked.
        client_data_json: Octets,
        /// What the authenticator signed.
        authenticator_data: Octets,
        /// The signature.
        signature: Octets,
        /// Whose passkey it is, as the authenticator says.
        user_handle: Option<Octets>,
    },
    /// A new passkey, which itself has signed nothing unless it is attested.
    Registration {
        /// What the browser was asked.
        client_data_json: Octets,
        /// The new credential.
        attestation_object: Octets,
    },
}

impl Statement {
    /// What is known of an order and of whoever signed it.
    pub(crate) fn of(
        order: &Order,
        id: OrderId,
        party: &RelyingParty,
        signer: Signer,
        times: [Instant; 2],
    ) -> Self {
        let document = order.document();
        let [placed_at, signed_at] = times;
        Self {
            rp_id: party.id().to_owned(),
            origins: party.origins().to_vec(),
            act: Act::of(&order.what),
            application: order.application.clone(),
            order: id,
            requested_user: order.requested_user,
            nonce: order.nonce,
            expires_at: order.sign_until,
            user_verification: order.user_verification,
            scheme: order.scheme,
            media_type: document
                .map_or("", |document| document.media_type().as_str())
                .to_owned(),
            text: document.map_or("", Document::text).to_owned(),
            data: document
                .and_then(Document::data)
                .map(|data| data.to_vec().into()),
            placed_at,
            signed_at,
            user: signer.user,
            credential_id: signer.credential_id,
            public_key: signer.public_key,
            aaguid: signer.aaguid,
            proof: signer.proof,
        }
    }

    /// The challenge that the passkey was given.
    pub fn challenge(&self) -> [u8; 32] {
        let user = self.requested_user.map(|user| user.to_string());
        let binding = Binding {
            rp_id: &self.rp_id,
            application: self.application.as_str(),
            order: &self.order.to_string(),
            requested_user: user.as_deref(),
            nonce: &self.nonce.to_string(),
            expires_at: self.expires_at,
            media_type: &self.media_type,
            text: &self.text,
            data: self.data.as_ref().map(Octets::as_slice),
        };
        binding.challenge(self.scheme)
    }
}

/// Who signed, and with what.
pub(crate) struct Signer {
    pub(crate) user: UserId,
    pub(crate) credential_id: CredentialId,
    pub(crate) public_key: CoseKey,
    pub(crate) aaguid: Aaguid,
    pub(crate) proof: Proof,
}

impl Act {
    const fn of(what: &What) -> Self {
        match what {
            What::SignIn => Self::SignIn,
            What::Sign(_) => Self::Sign,
            What::Register { .. } => Self::Register,
        }
    }
}
