//! What must hold of applications on every store, whatever ends their removal.

use std::sync::atomic::{AtomicUsize, Ordering};

use strict_jws::SystemRandom;

use super::{Application, ApplicationId, ApplicationState, RemovalError, remove};
use crate::id::{Code, FamilyId, TokenId, UserId};
use crate::oauth::code::{AuthorizationCode, CodeState};
use crate::oauth::consent::Consent;
use crate::oauth::device::DeviceGrant;
use crate::oauth::refresh::{RefreshFamily, Refreshing};
use crate::oauth::{AccessToken, Authentication, Grant, Scope};
use crate::random::Digest;
use crate::store::conformance::{Drive, Harness};
use crate::store::{
    Answer, Change, Commit, Kind, List, Live, New, Row, RowId, Store, StoreError, StoreExt as _,
    Watch,
};
use crate::{Duration, Instant};

/// A removal is cut off before each of its commits in turn: what it has begun is never taken back, and
/// the next one finishes it, of this application and of no other.
pub fn a_removal_that_is_cut_off_anywhere_is_finished_by_the_next(harness: &Harness<impl Drive>) {
    let other: ApplicationId = "other".parse().expect("it is a name");
    register(harness, &other);
    let theirs = granted(harness, &other);
    for commits in 0.. {
        let id: ApplicationId = format!("demo-{commits}").parse().expect("it is a name");
        register(harness, &id);
        assert_eq!(granted(harness, &id), theirs);
        let cut = Cut {
            store: harness.store(),
            left: AtomicUsize::new(commits),
        };
        let is_done = harness.run(remove(&cut, &id, NOW)).is_ok();
        let state = state(harness, &id);
        match (is_done, commits) {
            (true, _) => assert_eq!(state, None),
            (false, 0) => assert_eq!(state, Some(ApplicationState::Active)),
            (false, _) => assert_eq!(state, Some(ApplicationState::Removed)),
        }
        let again = harness.run(remove(harness.store(), &id, NOW));
        assert_eq!(matches!(again, Err(RemovalError::Unknown)), is_done);
        assert_eq!(granted(harness, &id), Vec::new(), "after {commits} commits");
        assert_eq!(granted(harness, &other), theirs);
        if is_done {
            assert!(commits > 3, "grants are forgotten one after the other");
            return;
        }
    }
}

/// What is granted is committed with the application, and that is on its way out.
pub fn an_application_that_is_being_removed_is_granted_nothing(harness: &Harness<impl Drive>) {
    let id: ApplicationId = "demo".parse().expect("it is a name");
    register(harness, &id);
    let cut = Cut {
        store: harness.store(),
        left: AtomicUsize::new(1),
    };
    let ended = harness.run(remove(&cut, &id, NOW));
    assert!(matches!(ended, Err(RemovalError::Store(_))));
    let standing = vec![Application::require_active(&id)];
    let given = harness.run(harness.store().commit(standing, NOW));
    assert_eq!(given.expect("the store answers"), Commit::Refused { at: 0 });
    let again = Application::new(id, "Another").insert();
    let taken = harness.run(harness.store().commit(vec![again], NOW));
    assert_eq!(taken.expect("the store answers"), Commit::Refused { at: 0 });
}

/// A store that is lost after some commits.
#[derive(Debug)]
struct Cut<'s> {
    store: &'s dyn Store,
    left: AtomicUsize,
}

impl Store for Cut<'_> {
    fn commit(&self, changes: Vec<Change>, now: Instant) -> Answer<'_, Commit> {
        let less = |left: usize| left.checked_sub(1);
        let counted = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less);
        if counted.is_err() {
            return Box::pin(async { Err(StoreError::Unavailable("cut off".into())) });
        }
        self.store.commit(changes, now)
    }

    fn get<'a>(&'a self, kind: Kind, id: &'a RowId) -> Answer<'a, Option<Row>> {
        self.store.get(kind, id)
    }

    fn list<'a>(&'a self, list: List<'a>) -> Answer<'a, Vec<Row>> {
        self.store.list(list)
    }

    fn sweep(&self, now: Instant, limit: usize) -> Answer<'_, usize> {
        self.store.sweep(now, limit)
    }

    fn watch(&self, kind: Kind, id: &RowId) -> Watch {
        self.store.watch(kind, id)
    }
}

/// An application with a certificate, to which two users have granted whatever can be granted.
fn register(harness: &Harness<impl Drive>, id: &ApplicationId) {
    let mut application = Application::new(id.clone(), "Demo");
    let certificate = Digest::of("certificate", &[id.as_str().as_bytes()]);
    application.certificates.push(certificate);
    let mut changes = vec![application.insert()];
    changes.extend(application.claim_certificates());
    for seed in 1..=2 {
        changes.extend(grant(id, UserId::from([seed; 16])));
    }
    let done = harness.run(harness.store().commit(changes, NOW));
    assert!(matches!(done, Ok(Commit::Done(_))), "{done:?}");
}

fn grant(client: &ApplicationId, user: UserId) -> Vec<Change> {
    let random = SystemRandom::new();
    let scope: Scope = "openid offline_access".parse().expect("it is a scope");
    let grant = Grant {
        client: client.clone(),
        scope: scope.clone(),
        authentication: Authentication {
            user,
            passkey: None,
            at: NOW,
            session: None,
            acr: "phr".to_owned(),
            amr: Vec::new(),
        },
        nonce: None,
        claims: crate::oauth::Claims::default(),
        key: None,
    };
    let (code, family) = (Code::generate(&random), FamilyId::generate(&random));
    let (code, family) = (code.expect(RANDOM), family.expect(RANDOM));
    let token = TokenId::generate(&random).expect(RANDOM);
    let body = AuthorizationCode {
        grant: grant.clone(),
        redirect_uri: "https://rp.example/".parse().expect("it is an address"),
        challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
            .parse()
            .expect("it is a challenge"),
        family,
    };
    let code = New::record(AuthorizationCode::row_id(&code), CodeState::Issued, &body);
    let access = AccessToken {
        grant: grant.clone(),
        family,
    };
    let access = New::record(AccessToken::row_id(&token), Live, &access);
    let lasting = Refreshing::For(Duration::from_seconds(1000));
    let (_, started) = RefreshFamily::start(family, grant, lasting, &random, NOW).expect(RANDOM);
    let device = DeviceGrant::start(client.clone(), scope.clone(), &random, NOW).expect(RANDOM);
    let mut changes = vec![
        Change::insert(code),
        Change::insert(access.owned_by(family.digest().into())),
        started,
        Consent::remember(None, user, client, &scope),
    ];
    changes.extend(device.changes);
    changes
}

fn state(harness: &Harness<impl Drive>, id: &ApplicationId) -> Option<ApplicationState> {
    let row = id.row_id();
    let found = harness.run(harness.store().find::<Application>(&row));
    found.expect("the store answers").map(|found| found.state)
}

/// How many rows of each kind name the application.
fn granted(harness: &Harness<impl Drive>, id: &ApplicationId) -> Vec<(Kind, usize)> {
    let name = format!("\"{id}\"");
    let count = |kind: &Kind| {
        let list = List {
            kind: *kind,
            ..List::of::<Application>()
        };
        let rows = harness.run(harness.store().list(list));
        let rows = rows.expect("the store answers");
        let theirs = rows.iter().filter(|row| row.body.contains(&name));
        (*kind, theirs.count())
    };
    let counted = Kind::ALL.iter().map(count);
    counted.filter(|(_, count)| *count > 0).collect()
}

const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);
const RANDOM: &str = "the system has random numbers";
