use std::sync::Arc;

use serde_json::{Value, json};
use strict_jws::{Algorithm, KeySet, Policy, Signer, SigningKey, SystemRandom};

use super::*;
use crate::application::{Application, ApplicationState};
use crate::delivery::{Delivery, Message, Sealing};
use crate::id::{EvidenceId, UserId};
use crate::oauth::token::{Caller, Exchange, TokenError, Tokens};
use crate::oauth::{Client, ErrorCode, Flow, OAuthError, Parameters, TokenIssuer};
use crate::order::{Order, Outcome, Refusal};
use crate::seal::{Sealer, SealingKey};
use crate::store::conformance::{Harness, Threads};
use crate::store::{Change, Commit, MemoryStore, New, Set, Store, StoreExt as _, Stored, Where};
use crate::user::{User, UserState};
use crate::{Duration, Instant};

mod hints;
mod polling;
mod requests;
mod signed;
mod telling;

const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);
const ISSUER: &str = "https://op.example";
const KIM: &str = "AQEBAQEBAQEBAQEBAQEBAQ";

fn later(seconds: u64) -> Instant {
    NOW.plus(Duration::from_seconds(seconds))
}

fn rp() -> ApplicationId {
    "rp".parse().expect("a name")
}

fn kim() -> UserId {
    KIM.parse().expect("a user")
}

fn client() -> Client {
    Client {
        flows: vec![Flow::Ciba, Flow::RefreshToken],
        scope: "openid profile offline_access".parse().expect("a scope"),
        ..Client::default()
    }
}

fn signer() -> Signer {
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(Algorithm::Es256, &random).expect("a key");
    Signer::certifying(SigningKey::from_pem(&pem, &random).expect("a key"))
}

fn read(registered: &Client, form: &str) -> Result<BackchannelRequest, OAuthError> {
    let parameters = Parameters::parse(form).expect("a form");
    super::read(&rp(), registered, &parameters, Hints::One)
}

fn code(registered: &Client, form: &str) -> Option<ErrorCode> {
    read(registered, form).err().map(|error| error.code)
}

/// A store with Kim in it, a server's keys, and a client.
struct World {
    harness: Harness<Threads>,
    sealer: Sealer,
    signer: Signer,
    registered: Client,
}

impl World {
    fn new(registered: Client) -> Self {
        let world = Self {
            harness: Harness::new(Arc::new(MemoryStore::new()), Threads),
            sealer: Sealer::new(&SealingKey::new([7; 32])),
            signer: signer(),
            registered,
        };
        let user = User::new(kim(), "Kim");
        let new = New::record(User::row_id(&user.id), UserState::Active, &user);
        let mut application = Application::new(rp(), "RP");
        application.client = world.registered.clone();
        assert!(world.commit(vec![Change::insert(new), application.insert()], NOW));
        world
    }

    fn polling() -> Self {
        Self::new(client())
    }

    fn told(mode: Mode) -> Self {
        let endpoint = "https://rp.example/ciba".parse().expect("an endpoint");
        let notification = match mode {
            Mode::Poll => Notification::Poll,
            Mode::Ping => Notification::Ping { endpoint },
            Mode::Push => Notification::Push { endpoint },
        };
        Self::new(Client {
            notification,
            ..client()
        })
    }

    fn commit(&self, changes: Vec<Change>, now: Instant) -> bool {
        let done = self.harness.run(self.harness.store().commit(changes, now));
        matches!(done.expect("the store answers"), Commit::Done(_))
    }

    fn lock_out_user(&self) {
        let which = Where::<User>::id(User::row_id(&kim()));
        let change = Change::update(which, Set::state(UserState::Blocked));
        assert!(self.commit(vec![change], NOW));
    }

    fn lock_out_client(&self) {
        let which = Where::<Application>::id(rp().row_id());
        let change = Change::update(which, Set::state(ApplicationState::Blocked));
        assert!(self.commit(vec![change], NOW));
    }

    fn begun(&self, more: &str) -> Begun {
        let form = format!(
            "scope=openid+offline_access&login_hint={KIM}&client_notification_token=secret-token{more}"
        );
        let request = read(&self.registered, &form).expect("a request");
        let random = SystemRandom::new();
        let sealing = Sealing {
            sealer: &self.sealer,
            random: &random,
        };
        let begun = request.begin(&self.registered, Some(kim()), sealing, NOW);
        begun.expect("there are random numbers")
    }

    fn placed(&self, more: &str) -> Begun {
        let mut begun = self.begun(more);
        assert!(self.commit(std::mem::take(&mut begun.changes), NOW));
        begun
    }

    fn order(&self, begun: &Begun) -> Stored<Order> {
        let row = Order::row_id(&begun.placed.id);
        let found = self.harness.run(self.harness.store().find::<Order>(&row));
        found.expect("the store answers").expect("it is there")
    }

    fn step(
        &self,
        begun: &Begun,
        now: Instant,
        decide: impl FnOnce(&Stored<Order>) -> Result<Vec<Change>, Refusal>,
    ) {
        let changes = decide(&self.order(begun)).expect("the step is allowed");
        assert!(self.commit(changes, now));
    }

    /// The user opens the order with a code, and approves.
    fn approve(&self, begun: &Begun, now: Instant) {
        self.step(begun, now, |order| {
            let viewed = Order {
                entrance: crate::order::Entrance::Address,
                ..order.body.clone()
            };
            let opened = Stored {
                body: viewed,
                ..order.clone()
            };
            opened.view(None, None, now)
        });
        self.step(begun, now, |order| order.sign(None, outcome(now), now));
    }

    fn exchange<'a>(
        &'a self,
        random: &'a SystemRandom,
        now: Instant,
    ) -> Exchange<'a, dyn Store + 'a> {
        let issuer = TokenIssuer {
            issuer: ISSUER,
            signer: &self.signer,
            access: Duration::from_seconds(300),
            identity: Duration::from_seconds(300),
        };
        Exchange::new(self.harness.store(), issuer, random, now)
    }

    fn poll(&self, begun: &Begun, now: Instant) -> Result<Tokens, ErrorCode> {
        self.poll_as(&rp(), begun, now)
    }

    fn poll_as(
        &self,
        name: &ApplicationId,
        begun: &Begun,
        now: Instant,
    ) -> Result<Tokens, ErrorCode> {
        let caller = Caller {
            client: name,
            registered: &self.registered,
            key: None,
        };
        let random = SystemRandom::new();
        let exchange = self.exchange(&random, now);
        let polled = self.harness.run(exchange.poll(caller, &begun.auth_req_id));
        polled.map_err(|error| {
            let TokenError::Refused(error) = error else {
                panic!("{error}");
            };
            error.code
        })
    }

    fn claims(&self, token: &str, typ: &'static str) -> Value {
        let mut keys = KeySet::new();
        let (id, key) = (self.signer.key_id().clone(), self.signer.public().clone());
        keys.insert(id, key).expect("one key");
        let verified = keys.verify(token, &Policy::typed(typ)).expect("our token");
        serde_json::from_slice(verified.payload()).expect("claims")
    }
}

fn outcome(now: Instant) -> Outcome {
    Outcome {
        user: kim(),
        passkey: None,
        signed_at: now,
        user_verified: true,
        may_be_synced: false,
        evidence: EvidenceId::from([2; 16]),
    }
}
