//! Accounts of two users, each with passkeys of their own.

use std::sync::Arc;

use super::*;
use crate::store::conformance::{Harness, Threads};
use crate::store::{List, MemoryStore, New};
use crate::user::UserState;
use crate::webauthn::{Aaguid, Backup, CoseKey, NewPasskey, TestAuthenticator};

const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

fn user(seed: u8) -> UserId {
    UserId::from([seed; 16])
}

struct World {
    harness: Harness<Threads>,
}

impl World {
    /// User 1 has two passkeys, user 2 has one.
    fn new() -> (Self, [CredentialId; 3]) {
        let world = Self {
            harness: Harness::new(Arc::new(MemoryStore::new()), Threads),
        };
        let ids = [1, 1, 2].map(|seed| world.add(user(seed)));
        for (seed, passkeys) in [(1, 2), (2, 1)] {
            let user = User {
                passkeys,
                ..User::new(user(seed), "Kim")
            };
            let new = New::record(User::row_id(&user.id), UserState::Active, &user);
            world.commit(Change::insert(new));
        }
        (world, ids)
    }

    fn add(&self, user: UserId) -> CredentialId {
        let authenticator = TestAuthenticator::es256(user);
        let new = NewPasskey {
            credential_id: authenticator.credential_id().clone(),
            public_key: CoseKey::parse(&authenticator.cose_key()).unwrap(),
            counter: 0,
            backup: Backup::SingleDevice,
            aaguid: Aaguid::default(),
            user_verified: true,
            transports: Vec::new(),
            attestation_format: "none".into(),
        };
        self.commit(Credential::of(user, new).insert());
        authenticator.credential_id().clone()
    }

    fn commit(&self, change: Change) {
        let commit = self.harness.store().commit(vec![change], NOW);
        assert!(matches!(self.harness.run(commit), Ok(Commit::Done(_))));
    }

    fn remove(&self, owner: UserId, id: &CredentialId) -> Result<(), AccountError> {
        self.harness
            .run(remove_passkey(self.harness.store(), &owner, id, NOW))
    }

    fn rename(&self, owner: UserId, id: &CredentialId, name: &str) -> Result<String, AccountError> {
        let renamed = rename_passkey(self.harness.store(), &owner, id, name, NOW);
        self.harness.run(renamed).map(|passkey| passkey.body.name)
    }

    fn passkeys(&self, owner: UserId) -> usize {
        let row = User::row_id(&owner);
        let list = List::of::<Credential>().owned_by(&row);
        self.harness
            .run(self.harness.store().page::<Credential>(list))
            .unwrap()
            .items
            .len()
    }
}

#[test]
fn a_passkey_is_removed_once() {
    let (world, [one, ..]) = World::new();
    world.remove(user(1), &one).unwrap();
    assert_eq!(world.passkeys(user(1)), 1);
    assert!(matches!(
        world.remove(user(1), &one),
        Err(AccountError::Unknown)
    ));
}

#[test]
fn the_last_passkey_stays() {
    let (world, [one, two, _]) = World::new();
    world.remove(user(1), &one).unwrap();
    assert!(matches!(
        world.remove(user(1), &two),
        Err(AccountError::LastPasskey)
    ));
    assert_eq!(world.passkeys(user(1)), 1);
}

#[test]
fn another_users_passkey_is_not_there() {
    let (world, [one, _, other]) = World::new();
    assert!(matches!(
        world.remove(user(1), &other),
        Err(AccountError::Unknown)
    ));
    assert!(matches!(
        world.remove(user(2), &one),
        Err(AccountError::Unknown)
    ));
    assert!(matches!(
        world.rename(user(2), &one, "Mine"),
        Err(AccountError::Unknown)
    ));
    assert_eq!((world.passkeys(user(1)), world.passkeys(user(2))), (2, 1));
}

#[test]
fn of_64_who_remove_every_passkey_one_leaves_it() {
    let (world, ids) = World::new();
    let store = world.harness.store();
    let removed = world.harness.race(|number| {
        let id = &ids[number % 2];
        async move { remove_passkey(store, &user(1), id, NOW).await.is_ok() }
    });
    assert_eq!(removed.into_iter().filter(|removed| *removed).count(), 1);
    assert_eq!(world.passkeys(user(1)), 1);
}

#[test]
fn a_passkey_has_a_name_that_can_be_read() {
    let (world, [one, ..]) = World::new();
    assert_eq!(world.rename(user(1), &one, " Phone ").unwrap(), "Phone");
    for name in ["", "  ", "a\nb", &"x".repeat(65)] {
        assert!(
            matches!(world.rename(user(1), &one, name), Err(AccountError::Name)),
            "{name:?}"
        );
    }
}

#[test]
fn a_user_goes_with_their_passkeys_and_alone() {
    let (world, _) = World::new();
    let remove = || {
        world
            .harness
            .run(remove_user(world.harness.store(), &user(1), NOW))
    };
    remove().unwrap();
    assert_eq!((world.passkeys(user(1)), world.passkeys(user(2))), (0, 1));
    assert!(
        matches!(remove(), Err(AccountError::Unknown)),
        "nothing is removed twice"
    );
}
