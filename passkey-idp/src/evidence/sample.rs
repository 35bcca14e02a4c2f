//! Statements for tests.

use super::{Act, Proof, Statement};
use crate::binding::Scheme;
use crate::id::{Nonce, OrderId, UserId};
use crate::order::UserVerification;
use crate::webauthn::{Aaguid, Ask, CoseKey, Octets, Quirks, TestAuthenticator};
use crate::{Duration, Instant};

impl Statement {
    /// What a passkey has signed, for tests. All that it says depends on `seed`, from 1; it was signed in
    /// January 2027.
    ///
    /// ```
    /// use passkey_idp::evidence::Statement;
    /// use passkey_idp::id::UserId;
    /// use passkey_idp::webauthn::{Quirks, TestAuthenticator};
    ///
    /// let authenticator = TestAuthenticator::es256(UserId::from([7; 16]));
    /// let statement = Statement::sample(7, authenticator, &Quirks::none());
    /// assert_eq!(statement.text, "text 7");
    /// ```
    pub fn sample(seed: u8, authenticator: TestAuthenticator, quirks: &Quirks) -> Self {
        let mut sample = Self::unsigned(seed, &authenticator);
        sample.sign(authenticator, quirks);
        sample
    }

    /// The registration of a passkey, for tests.
    pub fn sample_registration(seed: u8, authenticator: TestAuthenticator) -> Self {
        let mut authenticator = authenticator.of_model([seed; 16]);
        let unsigned = Self::unsigned(seed, &authenticator);
        let mut sample = Self {
            act: Act::Register,
            ..unsigned
        };
        let registration = authenticator.register(&sample.ask(), &Quirks::none());
        sample.proof = Proof::Registration {
            client_data_json: registration.response.client_data_json,
            attestation_object: registration.response.attestation_object,
        };
        sample
    }

    /// Puts the answer of `authenticator` to it in place of the one that it holds.
    pub fn sign(&mut self, mut authenticator: TestAuthenticator, quirks: &Quirks) {
        let key = CoseKey::parse(&authenticator.cose_key());
        self.public_key = key.expect("authenticators have good keys");
        self.credential_id = authenticator.credential_id().clone();
        let answer = authenticator.sign(&self.ask(), quirks).response;
        self.proof = Proof::Assertion {
            client_data_json: answer.client_data_json,
            authenticator_data: answer.authenticator_data,
            signature: answer.signature,
            user_handle: answer.user_handle,
        };
    }

    fn ask(&self) -> Ask {
        let origin = self.origins.first().map_or("", |origin| origin.as_str());
        Ask::new(&self.challenge(), &self.rp_id, origin)
    }

    fn unsigned(seed: u8, authenticator: &TestAuthenticator) -> Self {
        let rp_id = format!("idp{seed}.example");
        let user = UserId::from([seed; 16]);
        let stretch = Duration::from_seconds(seed.into());
        Self {
            origins: format!("https://{rp_id}").parse().into_iter().collect(),
            rp_id,
            act: Act::Sign,
            application: format!("app{seed}").parse().expect("it is a name"),
            order: OrderId::from([seed; 16]),
            requested_user: Some(user),
            nonce: Nonce::from([seed; 16]),
            expires_at: SIGNED.plus(stretch),
            user_verification: UserVerification::Required,
            scheme: Scheme::V1,
            media_type: format!("text/{seed}"),
            text: format!("text {seed}"),
            data: Some(vec![seed].into()),
            placed_at: SIGNED.minus(stretch),
            signed_at: SIGNED,
            user,
            credential_id: authenticator.credential_id().clone(),
            public_key: CoseKey::parse(&authenticator.cose_key()).expect("it is a key"),
            aaguid: Aaguid::from([seed; 16]),
            proof: Proof::Registration {
                client_data_json: Octets::default(),
                attestation_object: Octets::default(),
            },
        }
    }
}

/// 2027-01-15T08:00:00Z
const SIGNED: Instant = Instant::from_unix_seconds(1_800_000_000);
