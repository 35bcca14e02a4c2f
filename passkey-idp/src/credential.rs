//! Passkeys, as they are kept.

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::id::UserId;
use crate::store::{Change, Kind, Live, New, Record, RowId, Set, Stored, Where};
use crate::webauthn::{Aaguid, Backup, CoseKey, CredentialId, Descriptor, NewPasskey, Used};

/// A passkey: whose it is, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Credential {
    /// Its identifier, which no other has.
    pub id: CredentialId,
    /// Whose it is.
    pub user: UserId,
    /// Its public key.
    pub public_key: CoseKey,
    /// How many signatures it has made; 0 if its authenticator does not count.
    pub counter: u32,
    /// Where it exists.
    pub backup: Backup,
    /// The model of its authenticator, as that says.
    pub aaguid: Aaguid,
    /// The form of its attestation.
    pub attestation_format: String,
    /// How its authenticator is reached: a hint.
    pub transports: Vec<String>,
    /// Whether its user was verified when it signed last.
    pub user_verified: bool,
    /// Whether its counter once did not grow: there may be a copy of it.
    pub may_be_cloned: bool,
    /// What its user calls it.
    pub name: String,
    /// When it signed last.
    pub last_used: Option<Instant>,
}

impl Record for Credential {
    const KIND: Kind = Kind::Credential;
    type State = Live;
}

impl Credential {
    /// The passkey that `user` has just made.
    pub fn of(user: UserId, new: NewPasskey) -> Self {
        Self {
            id: new.credential_id,
            user,
            public_key: new.public_key,
            counter: new.counter,
            backup: new.backup,
            aaguid: new.aaguid,
            attestation_format: new.attestation_format,
            transports: new.transports,
            user_verified: new.user_verified,
            may_be_cloned: false,
            name: String::new(),
            last_used: None,
        }
    }

    /// Where the passkey of that identifier stands.
    pub fn row_id(id: &CredentialId) -> RowId {
        id.digest().into()
    }

    /// What inserts it; refused if there is one of its identifier, whosever it is.
    pub fn insert(&self) -> Change {
        let owner = crate::user::User::row_id(&self.user);
        let new = New::record(Self::row_id(&self.id), Live, self);
        Change::insert(new.owned_by(owner))
    }

    /// What a browser is told of it.
    pub fn descriptor(&self) -> Descriptor {
        Descriptor::new(self.id.clone(), self.transports.clone())
    }
}

impl Stored<Credential> {
    /// What remembers that it has signed; refused if someone has changed it since it was read.
    pub fn used(&self, used: Used, now: Instant) -> Change {
        let credential = Credential {
            counter: used.counter,
            backup: used.backup,
            user_verified: used.user_verified,
            may_be_cloned: self.body.may_be_cloned || used.may_be_cloned,
            last_used: Some(now),
            ..self.body.clone()
        };
        let which = Where::<Credential>::id(self.id.clone()).version(self.version);
        Change::update(which, Set::body_only(&credential))
    }
}
