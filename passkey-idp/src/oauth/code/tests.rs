use std::sync::Arc;

use strict_jws::SystemRandom;

use super::*;
use crate::id::UserId;
use crate::oauth::authorize::{self, Way};
use crate::oauth::{Client, Flow, Parameters};
use crate::store::conformance::{Harness, Threads};
use crate::store::{MemoryStore, StoreExt as _};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn now() -> Instant {
    Instant::from_unix_seconds(1_800_000_000)
}

fn request(more: &str) -> AuthorizationRequest {
    let client = Client {
        redirect_uris: vec!["https://rp.example/back".parse().unwrap()],
        flows: vec![Flow::AuthorizationCode],
        scope: "openid".parse().unwrap(),
        ..Client::default()
    };
    let text = format!(
        "response_type=code&scope=openid&nonce=n&code_challenge_method=S256\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM{more}"
    );
    let parameters = Parameters::parse(&text).unwrap();
    authorize::read(&rp(), &client, &parameters, Way::Browser).unwrap()
}

fn rp() -> ApplicationId {
    "rp".parse().unwrap()
}

fn issued(request: &AuthorizationRequest) -> Issued {
    let authentication = Authentication {
        user: UserId::from([1; 16]),
        passkey: None,
        at: now(),
        session: None,
        acr: "phr".into(),
        amr: vec!["hwk".into()],
    };
    let scope = request.scope.clone();
    AuthorizationCode::issue(request, authentication, scope, &SystemRandom::new(), now()).unwrap()
}

fn stored(harness: &Harness<Threads>, request: &AuthorizationRequest) -> Stored<AuthorizationCode> {
    let issued = issued(request);
    let row = harness.store().apply(issued.change, now());
    harness.run(row).unwrap().expect("its id is new")
}

fn harness() -> Harness<Threads> {
    Harness::new(Arc::new(MemoryStore::new()), Threads)
}

fn redeemed(
    code: &Stored<AuthorizationCode>,
    change: impl FnOnce(&mut Presented<'_>),
    at: Instant,
) -> Result<(Grant, Change), CodeRefusal> {
    let (client, verifier) = (rp(), VERIFIER.parse().unwrap());
    let mut presented = Presented {
        client: &client,
        verifier: &verifier,
        redirect_uri: Some("https://rp.example/back"),
        key: None,
    };
    change(&mut presented);
    code.redeem(&presented, at)
}

#[test]
fn a_code_is_exchanged_for_what_was_granted() {
    let code = stored(&harness(), &request(""));
    let (grant, _) = redeemed(&code, |_| {}, now()).unwrap();
    assert_eq!(grant.client, rp());
    assert_eq!(grant.scope.to_string(), "openid");
    assert_eq!(grant.nonce.as_deref(), Some("n"));
    let (unsaid, _) = redeemed(&code, |presented| presented.redirect_uri = None, now()).unwrap();
    assert_eq!(unsaid, grant);
}

#[test]
fn another_client_redirect_or_verifier_does_not_get_it() {
    let code = stored(&harness(), &request(""));
    let foreign: ApplicationId = "other".parse().unwrap();
    let refused = redeemed(&code, |_| {}, now().plus(LIFETIME));
    assert_eq!(refused.unwrap_err(), CodeRefusal::Expired);
    let refused = redeemed(
        &code,
        |presented| presented.redirect_uri = Some("https://rp.example/back?"),
        now(),
    );
    assert_eq!(refused.unwrap_err(), CodeRefusal::OtherRedirect);
    let (client, verifier) = (rp(), "a".repeat(43).parse().unwrap());
    let mut presented = Presented {
        client: &client,
        verifier: &verifier,
        redirect_uri: None,
        key: None,
    };
    let refused = code.redeem(&presented, now());
    assert_eq!(refused.unwrap_err(), CodeRefusal::WrongVerifier);
    presented.client = &foreign;
    let refused = code.redeem(&presented, now());
    assert_eq!(refused.unwrap_err(), CodeRefusal::OtherClient);
    let just = now().plus(Duration::from_millis(59_999));
    assert!(
        redeemed(&code, |_| {}, just).is_ok(),
        "a wrong guess does not burn it"
    );
}

#[test]
fn a_code_that_is_bound_to_a_key_goes_to_who_holds_it() {
    let key = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    let code = stored(&harness(), &request(&format!("&dpop_jkt={key}")));
    let refused = redeemed(&code, |_| {}, now());
    assert_eq!(refused.unwrap_err(), CodeRefusal::OtherKey);
    let (grant, _) = redeemed(
        &code,
        |presented| presented.key = Some(key.parse().unwrap()),
        now(),
    )
    .unwrap();
    assert_eq!(grant.key, Some(key.parse().unwrap()));
}

#[test]
fn of_64_redemptions_one_wins_and_the_next_is_a_replay() {
    let harness = harness();
    let code = stored(&harness, &request(""));
    let won = harness.race(|_| {
        let (_, change) = redeemed(&code, |_| {}, now()).unwrap();
        let store = harness.store();
        async move {
            store
                .apply::<AuthorizationCode>(change, now())
                .await
                .unwrap()
        }
    });
    assert_eq!(won.into_iter().flatten().count(), 1);
    let used: Option<Stored<AuthorizationCode>> =
        harness.run(harness.store().find(&code.id)).unwrap();
    let used = used.unwrap();
    let late = now().plus(LIFETIME);
    for at in [now(), late] {
        let refused = redeemed(&used, |_| {}, at);
        assert_eq!(
            refused.unwrap_err(),
            CodeRefusal::Replayed(code.body.family)
        );
    }
}

#[test]
fn a_client_is_told_nothing_but_that_it_is_not_valid() {
    let told: Vec<OAuthError> = [
        CodeRefusal::OtherClient,
        CodeRefusal::Replayed(FamilyId::from([1; 16])),
        CodeRefusal::Expired,
        CodeRefusal::OtherRedirect,
        CodeRefusal::WrongVerifier,
        CodeRefusal::OtherKey,
    ]
    .map(Into::into)
    .into();
    assert!(told.iter().all(|error| error == &told[0]));
    assert_eq!(told[0].code.name(), "invalid_grant");
}

#[test]
fn nothing_that_is_kept_is_the_code() {
    let issued = issued(&request(""));
    let secret = issued.code.expose();
    let harness = harness();
    harness
        .run(harness.store().commit(vec![issued.change], now()))
        .unwrap();
    let id = AuthorizationCode::row_id(&issued.code);
    let row = harness.store().get(Kind::AuthorizationCode, &id);
    let row = harness.run(row).unwrap().unwrap();
    assert!(!row.body.contains(secret.as_str()) && !row.id.as_str().contains(secret.as_str()));
}
