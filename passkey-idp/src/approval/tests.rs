//! Orders from their placement to their evidence.

use std::sync::Arc;

use strict_jws::{Algorithm, KeySet, SigningKey, SystemRandom};

use super::*;
use crate::credential::Credential;
use crate::evidence::{Act, Evidence, Trust, verify};
use crate::id::{UserId, ViewerSecret};
use crate::order::{Document, MediaType, Offer, Order, Placement, Status, What, advance};
use crate::seal::{Sealer, SealingKey};
use crate::store::conformance::{Harness, Threads};
use crate::store::{Change, Kind, List, MemoryStore, Record, Set, StoreExt as _, Stored, Where};
use crate::user::{User, UserState};
use crate::webauthn::{Ask, Quirks, Refusal, TestAuthenticator};

const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);
const ORIGIN: &str = "https://idp.example";

struct World {
    harness: Harness<Threads>,
    party: RelyingParty,
    policy: Policy,
    signer: Signer,
    random: SystemRandom,
}

impl World {
    fn new() -> Self {
        let random = SystemRandom::new();
        let pem = SigningKey::generate_pem(Algorithm::Es256, &random).unwrap();
        let origins = vec![ORIGIN.parse().unwrap()];
        Self {
            harness: Harness::new(Arc::new(MemoryStore::new()), Threads),
            party: RelyingParty::new("idp.example", "Example", origins).unwrap(),
            policy: Policy::default(),
            signer: Signer::certifying(SigningKey::from_pem(&pem, &random).unwrap()),
            random,
        }
    }

    fn approver(&self) -> Approver<'_> {
        Approver {
            party: &self.party,
            policy: &self.policy,
            signer: &self.signer,
            random: &self.random,
            keep_documents: Duration::from_seconds(1_000_000),
        }
    }

    /// An order that has been viewed, and its challenge.
    fn viewed(&self, placement: Placement) -> (OrderId, Ask) {
        let sealer = Sealer::new(&SealingKey::new([7; 32]));
        let placed = placement.place(&sealer, &self.random, NOW).unwrap();
        let store = self.harness.store();
        self.harness
            .run(store.commit(vec![placed.change], NOW))
            .unwrap();
        let view = advance(store, &placed.id, NOW, |order| order.view(None, None, NOW));
        let order = self.harness.run(view).unwrap();
        let options = self.approver().options(store, &placed.id, &order, NOW);
        let options = serde_json::to_value(self.harness.run(options).unwrap()).unwrap();
        (placed.id, Ask::of_options(&options, ORIGIN).unwrap())
    }

    fn place(&self, what: What) -> (OrderId, Ask) {
        self.viewed(Placement::new(application(), what))
    }

    fn enrol(&self, user: Option<UserId>) -> (OrderId, Ask, UserId) {
        let placement =
            Placement::registering(application(), user, "Kim".into(), &self.random).unwrap();
        let What::Register { user, .. } = placement.what else {
            unreachable!()
        };
        let (id, ask) = self.viewed(placement);
        (id, ask, user)
    }

    fn registered(&self) -> TestAuthenticator {
        let (id, ask, user) = self.enrol(None);
        let mut authenticator = TestAuthenticator::es256(user);
        self.register(&id, &mut authenticator, &ask).unwrap();
        authenticator
    }

    fn register(
        &self,
        id: &OrderId,
        authenticator: &mut TestAuthenticator,
        ask: &Ask,
    ) -> Result<Stored<Order>, ApprovalError> {
        let registration = authenticator.register(ask, &Quirks::none());
        let (store, call) = (self.harness.store(), call(id));
        self.harness
            .run(self.approver().register(store, call, &registration))
    }

    fn sign(
        &self,
        id: &OrderId,
        authenticator: &mut TestAuthenticator,
        ask: &Ask,
    ) -> Result<Stored<Order>, ApprovalError> {
        let assertion = authenticator.sign(ask, &Quirks::none());
        self.harness.run(
            self.approver()
                .sign(self.harness.store(), call(id), &assertion),
        )
    }

    fn find<R: Record>(&self, id: &crate::store::RowId) -> Option<Stored<R>> {
        self.harness.run(self.harness.store().find(id)).unwrap()
    }

    fn count<R: Record>(&self) -> usize {
        self.harness
            .run(self.harness.store().page::<R>(List::of::<R>()))
            .unwrap()
            .items
            .len()
    }
}

fn application() -> crate::application::ApplicationId {
    "demo".parse().unwrap()
}

const fn call(order: &OrderId) -> Call<'_> {
    Call {
        order,
        viewer: None,
        now: NOW,
    }
}

fn document(text: &str) -> What {
    What::Sign(Document::new(MediaType::Plain, text.into(), Some(vec![1, 2])).unwrap())
}

#[test]
fn a_user_is_made_with_their_first_passkey() {
    let world = World::new();
    let (id, ask, user) = world.enrol(None);
    assert_eq!((world.count::<User>(), world.count::<Credential>()), (0, 0));
    let mut authenticator = TestAuthenticator::es256(user);
    let order = world.register(&id, &mut authenticator, &ask).unwrap();
    assert_eq!(order.status(NOW), Status::Signed);
    assert_eq!(order.body.outcome.unwrap().user, user);
    let found = world.find::<User>(&User::row_id(&user)).unwrap();
    assert_eq!((found.body.name.as_str(), found.body.passkeys), ("Kim", 1));
    let row = Credential::row_id(authenticator.credential_id());
    assert_eq!(world.find::<Credential>(&row).unwrap().body.user, user);
}

#[test]
fn a_document_is_signed_and_proven() {
    let world = World::new();
    let mut authenticator = world.registered();
    let (id, ask) = world.place(document("I owe you 10 kronor"));
    let order = world.sign(&id, &mut authenticator, &ask).unwrap();
    let outcome = order.body.outcome.unwrap();
    let row = Evidence::row_id(&outcome.evidence, outcome.signed_at);
    let kept = world.find::<Evidence>(&row).unwrap();
    assert_eq!(kept.owner, Some(User::row_id(&outcome.user)));
    let mut keys = KeySet::new();
    keys.insert(world.signer.key_id().clone(), world.signer.public().clone())
        .unwrap();
    let verified = verify(&kept.body.package, &Trust::Keys(&keys)).unwrap();
    assert_eq!(verified.statement.act, Act::Sign);
    assert_eq!(verified.statement.text, "I owe you 10 kronor");
    assert_eq!(verified.statement.data.unwrap().as_slice(), [1, 2]);
    assert_eq!(verified.statement.user, outcome.user);
    assert!(verified.uv);
}

#[test]
fn an_answer_is_good_for_one_order_once() {
    let world = World::new();
    let mut authenticator = world.registered();
    let (id, ask) = world.place(What::SignIn);
    let assertion = authenticator.sign(&ask, &Quirks::none());
    let sign = |id| {
        let (approver, store) = (world.approver(), world.harness.store());
        world
            .harness
            .run(approver.sign(store, call(id), &assertion))
    };
    sign(&id).unwrap();
    let replayed = sign(&id).unwrap_err();
    let signed = order::Refusal::Status(Status::Signed);
    assert!(matches!(replayed, ApprovalError::Order(refusal) if refusal == signed));
    let (other, _) = world.place(What::SignIn);
    let replayed = sign(&other).unwrap_err();
    assert!(matches!(
        replayed,
        ApprovalError::Passkey(Refusal::Challenge)
    ));
}

#[test]
fn of_64_answers_at_once_one_is_taken() {
    let world = World::new();
    let mut authenticator = world.registered();
    let (id, ask) = world.place(What::SignIn);
    let assertion = authenticator.sign(&ask, &Quirks::none());
    let (approver, store) = (world.approver(), world.harness.store());
    let answers = world.harness.race(|_| {
        let (id, assertion) = (&id, &assertion);
        async move { approver.sign(store, call(id), assertion).await.is_ok() }
    });
    assert_eq!(answers.into_iter().filter(|taken| *taken).count(), 1);
    assert_eq!(
        world.count::<Evidence>(),
        2,
        "one of the registration, one of the sign-in"
    );
}

#[test]
fn of_64_registrations_at_once_one_is_taken() {
    let world = World::new();
    let (id, ask, user) = world.enrol(None);
    let registration = TestAuthenticator::es256(user).register(&ask, &Quirks::none());
    let (approver, store) = (world.approver(), world.harness.store());
    let answers = world.harness.race(|_| {
        let (id, registration) = (&id, &registration);
        async move {
            approver
                .register(store, call(id), registration)
                .await
                .is_ok()
        }
    });
    assert_eq!(answers.into_iter().filter(|taken| *taken).count(), 1);
    let counts = [
        world.count::<User>(),
        world.count::<Credential>(),
        world.count::<Evidence>(),
    ];
    assert_eq!(counts, [1, 1, 1]);
}

#[test]
fn a_passkey_is_registered_once() {
    let world = World::new();
    let mut authenticator = world.registered();
    let (id, ask, user) = world.enrol(None);
    let duplicate = world.register(&id, &mut authenticator, &ask).unwrap_err();
    assert!(matches!(duplicate, ApprovalError::Duplicate));
    assert!(
        world.find::<User>(&User::row_id(&user)).is_none(),
        "no user without a passkey"
    );
    let order = world.find::<Order>(&Order::row_id(&id)).unwrap();
    assert_eq!(order.status(NOW), Status::Viewed);
    assert_eq!(world.count::<Credential>(), 1);
}

#[test]
fn a_second_passkey_is_added_to_a_user_who_is_there() {
    let world = World::new();
    world.registered();
    let user = world
        .harness
        .run(world.harness.store().page::<User>(List::of::<User>()));
    let user = user.unwrap().items[0].body.id;
    let (id, ask, _) = world.enrol(Some(user));
    world
        .register(&id, &mut TestAuthenticator::rs256(user), &ask)
        .unwrap();
    assert_eq!(
        world
            .find::<User>(&User::row_id(&user))
            .unwrap()
            .body
            .passkeys,
        2
    );
    assert_eq!((world.count::<User>(), world.count::<Credential>()), (1, 2));
}

#[test]
fn a_passkey_is_not_added_to_a_user_who_is_not_there() {
    let world = World::new();
    let stranger = UserId::from([9; 16]);
    let (id, ask, _) = world.enrol(Some(stranger));
    let refused = world.register(&id, &mut TestAuthenticator::es256(stranger), &ask);
    assert!(matches!(refused.unwrap_err(), ApprovalError::UnknownUser));
    assert_eq!(world.count::<Credential>(), 0);
}

#[test]
fn browsers_are_told_which_passkeys_there_are() {
    let world = World::new();
    let authenticator = world.registered();
    let row = Credential::row_id(authenticator.credential_id());
    let user = world.find::<Credential>(&row).unwrap().body.user;
    let options = |placement: Placement| {
        let sealer = Sealer::new(&SealingKey::new([7; 32]));
        let placed = placement.place(&sealer, &world.random, NOW).unwrap();
        let store = world.harness.store();
        world
            .harness
            .run(store.commit(vec![placed.change], NOW))
            .unwrap();
        let order = world.find::<Order>(&Order::row_id(&placed.id)).unwrap();
        let options = world.approver().options(store, &placed.id, &order, NOW);
        serde_json::to_value(world.harness.run(options).unwrap()).unwrap()
    };
    let id = authenticator.credential_id().to_string();
    let add =
        Placement::registering(application(), Some(user), "Kim".into(), &world.random).unwrap();
    let add = options(add);
    assert_eq!(add["excludeCredentials"][0]["id"], id);
    let offered: Vec<_> = add["pubKeyCredParams"].as_array().unwrap().iter().collect();
    let offered: Vec<_> = offered
        .iter()
        .map(|parameters| &parameters["alg"])
        .collect();
    assert_eq!(offered, [-7, -35, -257]);
    let mut sign = Placement::new(application(), What::SignIn);
    sign.requested_user = Some(user);
    assert_eq!(options(sign.clone())["allowCredentials"][0]["id"], id);
    sign.offer = Offer::Discoverable;
    let of_a_stranger = options(sign);
    assert_eq!(of_a_stranger["allowCredentials"], serde_json::json!([]));
    assert!(!of_a_stranger.to_string().contains(&id));
    let open = options(Placement::new(application(), What::SignIn));
    assert_eq!(open["allowCredentials"].as_array().unwrap().len(), 0);
}

#[test]
fn a_passkey_that_nobody_registered_signs_nothing() {
    let world = World::new();
    let (id, ask) = world.place(What::SignIn);
    let mut stranger = TestAuthenticator::es256(UserId::from([9; 16]));
    let refused = world.sign(&id, &mut stranger, &ask).unwrap_err();
    assert!(matches!(refused, ApprovalError::UnknownPasskey));
}

#[test]
fn a_user_who_is_blocked_or_gone_signs_nothing() {
    let world = World::new();
    let mut authenticator = world.registered();
    let row = Credential::row_id(authenticator.credential_id());
    let user = User::row_id(&world.find::<Credential>(&row).unwrap().body.user);
    let block = Change::update(
        Where::<User>::id(user.clone()),
        Set::state(UserState::Blocked),
    );
    for change in [block, Change::delete(Where::<User>::id(user))] {
        world
            .harness
            .run(world.harness.store().commit(vec![change], NOW))
            .unwrap();
        let (id, ask) = world.place(What::SignIn);
        let refused = world.sign(&id, &mut authenticator, &ask).unwrap_err();
        assert!(matches!(refused, ApprovalError::UnknownPasskey));
        let order = world.find::<Order>(&Order::row_id(&id)).unwrap();
        assert_eq!(order.status(NOW), Status::Viewed);
    }
}

#[test]
fn an_order_for_one_ceremony_takes_no_answer_to_the_other() {
    let world = World::new();
    let mut authenticator = world.registered();
    let (sign_in, ask) = world.place(What::SignIn);
    let refused = world
        .register(&sign_in, &mut authenticator, &ask)
        .unwrap_err();
    assert!(matches!(refused, ApprovalError::OtherCeremony));
    let (enrol, ask, _) = world.enrol(None);
    let refused = world.sign(&enrol, &mut authenticator, &ask).unwrap_err();
    assert!(matches!(refused, ApprovalError::OtherCeremony));
}

#[test]
fn another_page_or_a_later_moment_signs_nothing() {
    let world = World::new();
    let mut authenticator = world.registered();
    let (id, ask) = world.place(What::SignIn);
    let assertion = authenticator.sign(&ask, &Quirks::none());
    let late = Call {
        now: NOW.plus(Duration::from_seconds(300)),
        ..call(&id)
    };
    let refused = world
        .approver()
        .sign(world.harness.store(), late, &assertion);
    let expired = order::Refusal::Status(Status::Expired);
    let refused = world.harness.run(refused).unwrap_err();
    assert!(matches!(refused, ApprovalError::Order(refusal) if refusal == expired));
    let stranger = Call {
        order: &OrderId::from([9; 16]),
        ..call(&id)
    };
    let refused = world
        .approver()
        .sign(world.harness.store(), stranger, &assertion);
    let refused = world.harness.run(refused).unwrap_err();
    assert!(matches!(
        refused,
        ApprovalError::Order(order::Refusal::Unknown)
    ));
    let viewer = ViewerSecret::from([1; 32]);
    let viewed = Call {
        viewer: Some(&viewer),
        ..call(&id)
    };
    // the order was viewed without a secret: any page may sign it
    world
        .harness
        .run(
            world
                .approver()
                .sign(world.harness.store(), viewed, &assertion),
        )
        .unwrap();
}

#[test]
fn a_passkey_remembers_that_it_signed() {
    let world = World::new();
    let mut authenticator = world.registered();
    let row = Credential::row_id(authenticator.credential_id());
    assert_eq!(world.find::<Credential>(&row).unwrap().body.last_used, None);
    let (id, ask) = world.place(What::SignIn);
    world.sign(&id, &mut authenticator, &ask).unwrap();
    let kept = world.find::<Credential>(&row).unwrap().body;
    assert_eq!((kept.counter, kept.last_used), (2, Some(NOW)));
}

#[test]
fn a_dump_of_the_store_opens_no_order_and_holds_no_secret() {
    let world = World::new();
    world.registered();
    let sealer = Sealer::new(&SealingKey::new([7; 32]));
    let placement = Placement::new(application(), document("I owe you 10 kronor"));
    let placed = placement.place(&sealer, &world.random, NOW).unwrap();
    let viewer = ViewerSecret::from([0x5a; 32]);
    let store = world.harness.store();
    let (id, secret) = (placed.id, placed.secret);
    world
        .harness
        .run(store.commit(vec![placed.change], NOW))
        .unwrap();
    let view = advance(store, &id, NOW, |order| {
        order.view(Some(&viewer), None, NOW)
    });
    world.harness.run(view).unwrap();
    let mut dump = String::new();
    for kind in Kind::ALL {
        let list = List {
            kind: *kind,
            ..List::of::<Order>()
        };
        for row in world.harness.run(store.list(list)).unwrap() {
            dump.extend([row.id.as_str(), " ", &row.body, "\n"]);
        }
    }
    assert!(dump.contains("I owe you 10 kronor"), "the order is in it");
    let unspeakable = [
        id.to_string(),
        secret.expose().to_string(),
        viewer.expose().to_string(),
    ];
    for text in unspeakable {
        assert!(!dump.contains(&text));
    }
}
