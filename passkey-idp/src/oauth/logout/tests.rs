use std::sync::Arc;

use strict_jws::json::{Bounds, Document};
use strict_jws::{Algorithm, KeySet, Policy, Signer, SigningKey, SystemRandom};

use super::*;
use crate::id::{EvidenceId, FamilyId, UserId};
use crate::oauth::refresh::Refreshing;
use crate::oauth::{Grant, IdToken, revocation};
use crate::order::Outcome;
use crate::store::conformance::{Harness, Threads};
use crate::store::{Commit, MemoryStore, StoreExt as _};

const ISSUER: &str = "https://op.example";
const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);
const HOUR: Duration = Duration::from_seconds(3600);
const AFTER: &str = "https://rp.example/after?from=op";

fn signer() -> (Signer, KeySet) {
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(Algorithm::Es256, &random).expect("a key");
    let signer = Signer::certifying(SigningKey::from_pem(&pem, &random).expect("a key"));
    let mut keys = KeySet::new();
    let known = keys.insert_certifying(signer.public().clone());
    assert!(known.is_ok());
    (signer, keys)
}

fn issuer(signer: &Signer) -> TokenIssuer<'_> {
    TokenIssuer {
        issuer: ISSUER,
        signer,
        access: HOUR,
        identity: HOUR,
    }
}

fn harness() -> Harness<Threads> {
    Harness::new(Arc::new(MemoryStore::new()), Threads)
}

fn session(harness: &Harness<Threads>, user: u8) -> Stored<BrowserSession> {
    let outcome = Outcome {
        user: UserId::from([user; 16]),
        passkey: None,
        signed_at: NOW,
        user_verified: true,
        may_be_synced: false,
        evidence: EvidenceId::from([2; 16]),
    };
    let started = BrowserSession::start(&outcome, &SystemRandom::new(), NOW).expect("as set up");
    let stored = harness.run(harness.store().apply(started.change, NOW));
    stored.expect("the store answers").expect("it is new")
}

fn grant(session: &BrowserSession, client: &str, scope: &str) -> Grant {
    Grant {
        client: client.parse().expect("a name"),
        scope: scope.parse().expect("a scope"),
        authentication: session.authentication.clone(),
        nonce: None,
        claims: crate::oauth::Claims::default(),
        key: None,
    }
}

fn family(harness: &Harness<Threads>, number: u8, grant: Grant) -> Stored<RefreshFamily> {
    let (id, random) = (FamilyId::from([number; 16]), SystemRandom::new());
    let (_, change) =
        RefreshFamily::start(id, grant, Refreshing::For(HOUR), &random, NOW).expect("as set up");
    let stored = harness.run(harness.store().apply(change, NOW));
    stored.expect("the store answers").expect("it is new")
}

fn hint(session: &BrowserSession, client: &str) -> IdToken {
    let (signer, keys) = signer();
    let grant = grant(session, client, "openid");
    let token = issuer(&signer).id_token(&grant, "access", &SystemRandom::new(), NOW);
    IdToken::read(&token.expect("as set up"), &keys, ISSUER).expect("it is ours")
}

fn registered() -> Client {
    Client {
        post_logout_redirect_uris: vec![AFTER.parse().expect("an address")],
        ..Client::default()
    }
}

fn read_wish(text: &str, hint: Option<&IdToken>) -> Result<LogoutRequest, OAuthError> {
    let parameters = Parameters::parse(text).expect("a form");
    let (client, registered) = (asker(&parameters, hint)?, registered());
    let asker = client.as_ref().map(|client| (client, &registered));
    read(&parameters, hint, asker)
}

#[test]
fn a_browser_is_sent_back_where_the_client_has_registered() {
    let wish = "client_id=rp&post_logout_redirect_uri=https%3A%2F%2Frp.example%2Fafter%3Ffrom%3Dop&state=a%26b";
    let read = read_wish(wish, None).unwrap();
    assert_eq!(read.way_back().unwrap(), format!("{AFTER}&state=a%26b"));
}

#[test]
fn a_browser_is_sent_nowhere_else() {
    for redirect in [
        "https://rp.example/after",
        "https://rp.example/after?from=op&a=b",
        "https://rp.example/after/../after?from=op",
        "https://rp.example:443/after?from=op",
        "https://evil.example/",
        "//evil.example",
        "javascript:alert(1)",
    ] {
        let wish = format!(
            "client_id=rp&post_logout_redirect_uri={}",
            redirect.replace('&', "%26")
        );
        assert_eq!(read_wish(&wish, None).unwrap_err(), ELSEWHERE, "{redirect}");
    }
    let anonymous = read_wish("post_logout_redirect_uri=https://rp.example/after", None);
    assert_eq!(anonymous.unwrap_err(), ANONYMOUS);
}

#[test]
fn client_and_hint_have_to_agree() {
    let hint = hint(&session(&harness(), 1).body, "rp");
    let read = read_wish("client_id=other", Some(&hint));
    assert_eq!(read.unwrap_err(), OTHER_CLIENT);
    let client = read_wish("", Some(&hint)).unwrap().client;
    assert_eq!(client, Some("rp".parse().unwrap()));
}

#[test]
fn only_a_hint_of_this_very_session_signs_out_unasked() {
    let harness = harness();
    let (own, others) = (session(&harness, 1), session(&harness, 2));
    let again = session(&harness, 1);
    let wish = |hint: &IdToken| read_wish("", Some(hint)).unwrap();
    assert!(wish(&hint(&own.body, "rp")).is_of(&own.body));
    assert!(!wish(&hint(&others.body, "rp")).is_of(&own.body));
    assert!(
        !wish(&hint(&again.body, "rp")).is_of(&own.body),
        "an earlier session"
    );
    let mut of_no_browser = own.body.clone();
    of_no_browser.authentication.session = None;
    let of_no_browser = hint(&of_no_browser, "rp");
    assert_eq!(of_no_browser.user, own.body.authentication.user);
    assert!(
        !wish(&of_no_browser).is_of(&own.body),
        "a device's token, which names no session"
    );
    assert!(!read_wish("client_id=rp", None).unwrap().is_of(&own.body));
}

#[test]
fn a_token_of_another_kind_or_issuer_is_no_hint() {
    let session = session(&harness(), 1).body;
    let (signer, keys) = signer();
    let (issuer, random) = (issuer(&signer), SystemRandom::new());
    let grant = grant(&session, "rp", "openid");
    let access = issuer.access_token(&grant, FamilyId::from([1; 16]), &random, NOW);
    let logout = issuer.logout_token(&grant.client, &session, &random, NOW);
    let elsewhere = TokenIssuer {
        issuer: "https://other.example",
        ..issuer
    };
    let other = elsewhere.id_token(&grant, "access", &random, NOW);
    for token in [
        access.unwrap().token,
        logout.unwrap(),
        other.unwrap(),
        "a.b.c".into(),
    ] {
        assert!(IdToken::read(&token, &keys, ISSUER).is_err(), "{token}");
    }
    let foreign = self::signer().0;
    let forged = TokenIssuer {
        signer: &foreign,
        ..issuer
    };
    let forged = forged.id_token(&grant, "access", &random, NOW).unwrap();
    assert!(IdToken::read(&forged, &keys, ISSUER).is_err());
}

#[test]
fn each_client_of_the_session_hears_of_its_end_once() {
    let harness = harness();
    let (own, again) = (session(&harness, 1), session(&harness, 1));
    let families = [
        family(&harness, 1, grant(&own.body, "b", "openid")),
        family(&harness, 2, grant(&own.body, "a", "openid offline_access")),
        family(&harness, 3, grant(&own.body, "b", "openid")),
        family(&harness, 4, grant(&again.body, "c", "openid")),
    ];
    let ending = |session: &Stored<BrowserSession>| Ending {
        session: session.body.clone(),
    };
    let (ended, other) = (ending(&own), ending(&again));
    let clients: Vec<_> = ended
        .clients(&families)
        .into_iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(clients, ["a", "b"]);
    let own_families = ended.families(&families, NOW);
    let revoked = revocation::of_families(harness.store(), &own_families, NOW);
    harness.run(revoked).unwrap();
    let alive = families.map(|family| {
        let found = harness.run(harness.store().find::<RefreshFamily>(&family.id));
        found.unwrap().unwrap().is_alive(NOW)
    });
    assert_eq!(
        alive,
        [false, true, false, true],
        "in their absence, and elsewhere, they go on"
    );
    let (a, b) = ("a".parse().unwrap(), "b".parse().unwrap());
    assert_eq!(ended.farewell_id(&a), ended.farewell_id(&a));
    assert_ne!(ended.farewell_id(&a), ended.farewell_id(&b));
    assert_ne!(ended.farewell_id(&a), other.farewell_id(&a));
}

#[test]
fn a_session_ends_whatever_it_vouches_for_and_what_is_left_is_remembered() {
    let harness = harness();
    let own = session(&harness, 1);
    let commit = |changes| harness.run(harness.store().commit(changes, NOW)).unwrap();
    assert!(matches!(commit(vec![own.vouch()]), Commit::Done(_)));
    assert!(matches!(commit(own.leave()), Commit::Done(_)));
    let left = harness.run(harness.store().find::<Ending>(&own.id));
    let left = left.unwrap().unwrap();
    assert_eq!(left.body.session, own.body);
    assert_eq!(commit(vec![own.vouch()]), Commit::Refused { at: 0 });
    assert_eq!(commit(own.leave()), Commit::Refused { at: 0 });
    assert!(matches!(commit(vec![left.finish()]), Commit::Done(_)));
    assert_eq!(commit(own.leave()), Commit::Refused { at: 0 });
}

#[test]
fn a_logout_token_says_who_has_left_and_cannot_be_taken_for_an_id_token() {
    let session = session(&harness(), 1).body;
    let (signer, keys) = signer();
    let client = "rp".parse().unwrap();
    let token = issuer(&signer).logout_token(&client, &session, &SystemRandom::new(), NOW);
    let verified = keys.verify(&token.unwrap(), &Policy::typed("logout+jwt"));
    let verified = verified.unwrap();
    let claims = Document::parse(verified.payload(), Bounds::PAYLOAD).unwrap();
    let claims = claims.root();
    let text = |name| {
        claims
            .member(name)
            .and_then(|value| value.string())
            .unwrap()
    };
    assert_eq!((&*text("iss"), &*text("aud")), (ISSUER, "rp"));
    assert_eq!(text("sub"), session.authentication.user.to_string());
    assert_eq!(text("sid"), session.id.to_string());
    assert!(claims.member("events").unwrap().member(EVENT).is_some());
    assert!(claims.member("nonce").is_none());
    assert_eq!(claims.member("exp").unwrap().integer(), Some(1_800_000_600));
}
