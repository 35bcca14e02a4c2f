use strict_jws::SystemRandom;

use super::*;
use crate::id::UserId;
use crate::oauth::{Authentication, ConsentRule};
use crate::store::{MemoryStore, Store as _, StoreExt as _, Stored};
use crate::{Duration, Instant};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn registered() -> Client {
    let uris = [
        "https://rp.example/back",
        "https://rp.example/back?tenant=1",
    ];
    Client {
        redirect_uris: uris.map(|uri| uri.parse().unwrap()).into(),
        flows: vec![Flow::AuthorizationCode],
        scope: "openid profile offline_access".parse().unwrap(),
        ..Client::default()
    }
}

/// A good request, changed by `changes`: a name alone is left out.
fn asked(changes: &[&str]) -> Parameters {
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", "rp"),
        ("redirect_uri", "https://rp.example/back"),
        ("scope", "openid profile"),
        ("state", "xyz"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for change in changes {
        let (name, value) = change.split_once('=').unwrap_or((change, ""));
        pairs.push((name, value));
        let first = pairs.iter().position(|(known, _)| *known == name).unwrap();
        if first + 1 < pairs.len() {
            pairs.remove(first);
        }
    }
    pairs
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

fn read_by(client: &Client, changes: &[&str]) -> Result<AuthorizationRequest, Refusal> {
    read(
        &"rp".parse().unwrap(),
        client,
        &asked(changes),
        Way::Browser,
    )
}

fn request(changes: &[&str]) -> AuthorizationRequest {
    read_by(&registered(), changes).unwrap()
}

fn shown(changes: &[&str]) -> ErrorCode {
    match read_by(&registered(), changes) {
        Err(Refusal::Show(error)) => error.code,
        other => panic!("{changes:?}: {other:?}"),
    }
}

fn returned_by(client: &Client, changes: &[&str]) -> ErrorCode {
    match read_by(client, changes) {
        Err(Refusal::Return { error, .. }) => error.code,
        other => panic!("{changes:?}: {other:?}"),
    }
}

fn returned(changes: &[&str]) -> ErrorCode {
    returned_by(&registered(), changes)
}

#[test]
fn a_redirect_that_is_not_registered_octet_by_octet_is_never_followed() {
    for other in [
        "https://rp.example/back/",
        "https://rp.example/back?",
        "https://rp.example/back?tenant=2",
        "https://rp.example/back?tenant=1&x=y",
        "https://rp.example/Back",
        "https://RP.example/back",
        "https://rp.example:443/back",
        "http://rp.example/back",
        "https://rp.example/back#x",
        "https://rp.example/back/../evil",
        "https://rp.example/%62ack",
        "https://rp.example.evil.example/back",
        "https://evil.example/?https://rp.example/back",
        "https://rp.example@evil.example/back",
        "//rp.example/back",
        "javascript:alert(1)",
        " https://rp.example/back",
    ] {
        let change = format!("redirect_uri={other}");
        assert_eq!(shown(&[&change]), ErrorCode::InvalidRequest, "{other}");
    }
}

#[test]
fn a_redirect_may_be_left_out_only_if_it_is_the_only_one() {
    assert_eq!(shown(&["redirect_uri"]), ErrorCode::InvalidRequest);
    let mut client = registered();
    client.redirect_uris.truncate(1);
    let read = read_by(&client, &["redirect_uri"]).unwrap();
    assert_eq!(read.redirect_uri.as_str(), "https://rp.example/back");
    client.redirect_uris.clear();
    assert!(matches!(
        read_by(&client, &["redirect_uri"]),
        Err(Refusal::Show(_))
    ));
}

#[test]
fn a_client_without_pkce_or_with_plain_is_refused() {
    for changes in [
        &["code_challenge"][..],
        &["code_challenge_method"],
        &["code_challenge_method=plain"],
        &["code_challenge_method=s256"],
        &["code_challenge=short"],
        &["code_challenge", "code_challenge_method"],
    ] {
        assert_eq!(returned(changes), ErrorCode::InvalidRequest, "{changes:?}");
    }
}

#[test]
fn response_types_other_than_code_are_refused() {
    for other in [
        "token",
        "id_token",
        "code id_token",
        "code token",
        "none",
        "Code",
    ] {
        let change = format!("response_type={other}");
        assert_eq!(returned(&[&change]), ErrorCode::UnsupportedResponseType);
    }
    assert_eq!(returned(&["response_type"]), ErrorCode::InvalidRequest);
}

#[test]
fn request_objects_are_refused_by_name() {
    assert_eq!(returned(&["request=e30"]), ErrorCode::RequestNotSupported);
    assert_eq!(
        returned(&["request_uri=https://a"]),
        ErrorCode::InvalidRequest
    );
}

#[test]
fn scopes_beyond_those_that_are_registered_are_refused() {
    assert_eq!(returned(&["scope=openid admin"]), ErrorCode::InvalidScope);
    assert_eq!(returned(&["scope=open\"id"]), ErrorCode::InvalidScope);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let long = format!("nonce={}", "n".repeat(4097));
    for change in [
        "response_mode=fragment",
        "prompt=none login",
        "max_age=-1",
        "max_age=soon",
        "dpop_jkt=abc",
        &long,
    ] {
        assert_eq!(returned(&[change]), ErrorCode::InvalidRequest, "{change}");
    }
}

#[test]
fn an_error_goes_back_with_the_state_and_by_the_wanted_way() {
    let refused = read_by(&registered(), &["scope=admin", "response_mode=form_post"]);
    let Err(Refusal::Return {
        redirect_uri,
        response_mode,
        state,
        ..
    }) = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(redirect_uri.as_str(), "https://rp.example/back");
    assert_eq!(response_mode, ResponseMode::FormPost);
    assert_eq!(state.as_deref(), Some("xyz"));
}

#[test]
fn state_is_not_required() {
    assert_eq!(request(&["state"]).state, None);
}

#[test]
fn a_client_may_do_what_it_is_registered_for_only() {
    let mut client = registered();
    client.flows = vec![Flow::Ciba];
    assert_eq!(returned_by(&client, &[]), ErrorCode::UnauthorizedClient);
    let mut client = registered();
    client.pushes = true;
    assert_eq!(returned_by(&client, &[]), ErrorCode::InvalidRequest);
    let pushed = read(&"rp".parse().unwrap(), &client, &asked(&[]), Way::Pushed);
    assert_eq!(pushed.unwrap().state.as_deref(), Some("xyz"));
}

fn now() -> Instant {
    Instant::from_unix_seconds(1_800_000_000)
}

fn signed_in(seconds_ago: u64) -> Authentication {
    Authentication {
        user: UserId::from([1; 16]),
        passkey: None,
        at: now().minus(Duration::from_seconds(seconds_ago)),
        session: None,
        acr: "phr".into(),
        amr: vec!["hwk".into()],
    }
}

fn next(changes: &[&str], session: Session<'_>) -> Next {
    request(changes).next(&registered(), session, now())
}

fn refused(next: &Next) -> ErrorCode {
    let Next::Refuse(error) = next else {
        panic!("{next:?}");
    };
    error.code
}

#[test]
fn who_has_not_signed_in_signs_in_unless_nothing_may_be_asked() {
    assert_eq!(next(&[], Session::default()), Next::SignIn);
    let silent = next(&["prompt=none"], Session::default());
    assert_eq!(refused(&silent), ErrorCode::LoginRequired);
}

#[test]
fn max_age_and_prompt_want_a_new_sign_in_once() {
    let authentication = signed_in(100);
    let consent = request(&[]).scope;
    let session = Session {
        authentication: Some(&authentication),
        consent: Some(&consent),
        ..Session::default()
    };
    assert_eq!(next(&["max_age=100"], session), Next::Grant);
    assert_eq!(next(&["max_age=99"], session), Next::SignIn);
    assert_eq!(next(&["prompt=login"], session), Next::SignIn);
    let silent = next(&["prompt=none", "max_age=99"], session);
    assert_eq!(refused(&silent), ErrorCode::LoginRequired);
    let fresh = Session {
        is_fresh: true,
        ..session
    };
    assert_eq!(next(&["prompt=login", "max_age=0"], fresh), Next::Grant);
    let just_now = signed_in(0);
    let session = Session {
        authentication: Some(&just_now),
        ..session
    };
    assert_eq!(next(&["max_age=0"], session), Next::SignIn);
    assert_eq!(next(&["max_age=1"], session), Next::Grant);
    let mut earlier = just_now.clone();
    earlier.at = earlier.at.minus(Duration::from_millis(1001));
    let session = Session {
        authentication: Some(&earlier),
        ..session
    };
    assert_eq!(next(&["max_age=1"], session), Next::SignIn);
}

#[test]
fn consent_is_asked_for_what_is_new() {
    let authentication = signed_in(0);
    let before = "openid".parse().unwrap();
    let session = Session {
        authentication: Some(&authentication),
        consent: Some(&before),
        ..Session::default()
    };
    assert_eq!(
        next(&[], session),
        Next::Consent("profile".parse().unwrap())
    );
    assert_eq!(
        next(&["prompt=consent"], session),
        Next::Consent("openid profile".parse().unwrap())
    );
    let silent = next(&["prompt=none"], session);
    assert_eq!(refused(&silent), ErrorCode::ConsentRequired);
    let consented = Session {
        has_consented: true,
        ..session
    };
    assert_eq!(next(&["prompt=consent"], consented), Next::Grant);
    let mut trusted = registered();
    trusted.consent = ConsentRule::Implied;
    assert_eq!(request(&[]).next(&trusted, session, now()), Next::Grant);
}

#[test]
fn another_user_than_the_hint_names_does_not_get_through() {
    let authentication = signed_in(0);
    let consent = request(&[]).scope;
    let session = Session {
        authentication: Some(&authentication),
        consent: Some(&consent),
        expected_user: Some(UserId::from([2; 16])),
        ..Session::default()
    };
    assert_eq!(next(&[], session), Next::SignIn);
    assert_eq!(
        refused(&next(&["prompt=none"], session)),
        ErrorCode::LoginRequired
    );
    let fresh = Session {
        is_fresh: true,
        ..session
    };
    assert_eq!(refused(&next(&[], fresh)), ErrorCode::LoginRequired);
}

async fn pushed(store: &MemoryStore) -> (RequestUri, Stored<AuthorizationRequest>) {
    let pushed = request(&[]).push(&SystemRandom::new(), now()).unwrap();
    store.commit(vec![pushed.change], now()).await.unwrap();
    let row = store.find(&pushed.request_uri.row_id()).await.unwrap();
    (pushed.request_uri, row.unwrap())
}

fn run<T: Send>(job: impl Future<Output = T> + Send) -> T {
    use crate::store::conformance::{Harness, Threads};
    Harness::new(std::sync::Arc::new(MemoryStore::new()), Threads).run(job)
}

#[test]
fn a_pushed_request_is_opened_once_by_its_client_in_time() {
    run(async {
        let store = MemoryStore::new();
        let (uri, row) = pushed(&store).await;
        assert_eq!(
            uri.expose().parse::<RequestUri>().unwrap().row_id(),
            uri.row_id()
        );
        let rp = "rp".parse().unwrap();
        let other = row.open(&"other".parse().unwrap(), None, now());
        assert_eq!(other.unwrap_err(), PushRefusal::OtherClient);
        let late = row.open(&rp, None, now().plus(Duration::from_seconds(90)));
        assert_eq!(late.unwrap_err(), PushRefusal::Expired);
        let open = row.open(&rp, None, now()).unwrap();
        let again = row.open(&rp, None, now()).unwrap();
        let opened: Option<Stored<AuthorizationRequest>> = store.apply(open, now()).await.unwrap();
        let opened = opened.unwrap();
        assert_eq!(
            opened.open(&rp, None, now()).unwrap_err(),
            PushRefusal::Used
        );
        let twice: Option<Stored<AuthorizationRequest>> = store.apply(again, now()).await.unwrap();
        assert_eq!(twice, None, "of two browsers one gets through");
        let answered: Option<Stored<AuthorizationRequest>> =
            store.apply(opened.answer(), now()).await.unwrap();
        assert_eq!(answered.unwrap().state, RequestState::Answered);
    });
}

#[test]
fn a_request_uri_of_another_form_is_none() {
    for text in [
        "",
        "urn:ietf:params:oauth:request_uri:",
        "urn:ietf:params:oauth:request_uri:abc",
        "https://a",
    ] {
        assert!(text.parse::<RequestUri>().is_err(), "{text}");
    }
}

#[test]
fn another_user_than_the_claim_names_does_not_get_through() {
    let authentication = signed_in(0);
    let consent = request(&[]).scope;
    let session = Session {
        authentication: Some(&authentication),
        consent: Some(&consent),
        ..Session::default()
    };
    let claims = |user: u8| {
        let user = UserId::from([user; 16]);
        format!(r#"claims={{"id_token":{{"sub":{{"value":"{user}"}}}}}}"#)
    };
    let (own, other) = (claims(1), claims(2));
    assert_eq!(next(&[&own], session), Next::Grant);
    assert_eq!(next(&[&other], session), Next::SignIn);
    assert_eq!(
        request(&[&other]).wanted_user(),
        Some(UserId::from([2; 16]))
    );
    let silent = next(&[&other, "prompt=none"], session);
    assert_eq!(refused(&silent), ErrorCode::LoginRequired);
    let fresh = Session {
        is_fresh: true,
        ..session
    };
    assert_eq!(refused(&next(&[&other], fresh)), ErrorCode::LoginRequired);
}

#[test]
fn whoever_asks_for_a_name_asks_for_the_scope_that_it_is_behind() {
    let asked = r#"claims={"userinfo":{"name":null}}"#;
    let scope = |changes: &[&str]| request(changes).scope.to_string();
    assert_eq!(scope(&["scope=openid", asked]), "openid profile");
    assert_eq!(scope(&["scope=offline_access", asked]), "");
    let mut client = registered();
    client.scope = "openid".parse().unwrap();
    let request = read_by(&client, &["scope=openid", asked]).unwrap();
    assert_eq!(request.scope.to_string(), "openid");
}
