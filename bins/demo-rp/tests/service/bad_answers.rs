//! What a service must not believe, of browsers and of providers.

use demo::browser::Page;
use serde_json::{Value, json};

use crate::liar::{Liar, Lies, Signature};

/// Nobody is signed in, and the page says why.
fn refused(liar: &mut Liar, told: &Page, why: &str) {
    assert!(told.status >= 400, "{}", told.html);
    assert!(told.html.contains("You are not signed in"), "{}", told.html);
    assert!(told.html.contains(why), "{why}: {}", told.html);
    let home = liar
        .browser
        .open(&format!("{}/", liar.origin))
        .expect("a page");
    assert!(home.html.contains("href=\"/sign-in\""), "{}", home.html);
}

fn lie(lies: Lies, why: &str) {
    let mut liar = Liar::new(lies);
    let told = liar.sign_in();
    refused(&mut liar, &told, why);
}

fn lie_in_claims(claims: fn(&mut Value)) {
    let lies = Lies {
        claims,
        ..Lies::default()
    };
    lie(lies, "the ID token is not to be believed");
}

#[test]
fn a_provider_that_does_not_lie_is_believed() {
    let mut liar = Liar::new(Lies::default());
    let home = liar.sign_in();
    assert!(
        home.html.contains("Hello, <span class=\"party\">Kim<"),
        "{}",
        home.html
    );
    assert_eq!(liar.pushed("code_challenge_method"), "S256");
    assert_eq!(liar.pushed("response_type"), "code");
    assert_eq!(liar.pushed("scope"), "openid profile");
    assert_eq!(
        liar.pushed("redirect_uri"),
        format!("{}/callback", liar.origin)
    );
}

#[test]
fn a_wrong_state_signs_nobody_in() {
    let mut liar = Liar::new(Lies::default());
    liar.begin();
    let issuer = liar.issuer.clone();
    let told = liar.back(&[("code", "c"), ("state", "forged"), ("iss", &issuer)]);
    refused(&mut liar, &told, "has not asked for that answer");
    let told = liar.back(&[("code", "c"), ("iss", &issuer)]);
    refused(&mut liar, &told, "has not asked for that answer");
}

#[test]
fn an_answer_for_another_browser_signs_nobody_in() {
    let mut liar = Liar::new(Lies::default());
    liar.begin();
    let (state, issuer) = (liar.pushed("state"), liar.issuer.clone());
    liar.browser = demo::browser::Browser::new();
    let told = liar.back(&[("code", "c"), ("state", &state), ("iss", &issuer)]);
    refused(&mut liar, &told, "has not asked for that answer");
}

#[test]
fn a_parameter_that_comes_twice_is_none() {
    let mut liar = Liar::new(Lies::default());
    liar.begin();
    let (state, issuer) = (liar.pushed("state"), liar.issuer.clone());
    let pairs = [
        ("code", "c"),
        ("code", "d"),
        ("state", &state),
        ("iss", &issuer),
    ];
    let told = liar.back(&pairs);
    refused(&mut liar, &told, "the answer holds no code");
}

#[test]
fn a_foreign_issuer_in_the_answer_signs_nobody_in() {
    for issuer in [Some("https://evil.example"), None] {
        let mut liar = Liar::new(Lies::default());
        liar.begin();
        let state = liar.pushed("state");
        let mut pairs = vec![("code", "c"), ("state", state.as_str())];
        pairs.extend(issuer.map(|issuer| ("iss", issuer)));
        let told = liar.back(&pairs);
        refused(&mut liar, &told, "comes from another identity provider");
    }
}

#[test]
fn an_error_is_told_with_what_to_do_and_never_as_markup() {
    let mut liar = Liar::new(Lies::default());
    for (error, advice) in [
        ("access_denied", "You said no"),
        ("login_required", "Sign in again"),
        ("invalid_scope", "passkey-server app add"),
        ("<script>alert(1)</script>", "with an error of its own"),
        ("Call 555 now", "with an error of its own"),
    ] {
        liar.begin();
        let (state, issuer) = (liar.pushed("state"), liar.issuer.clone());
        let told = liar.back(&[("error", error), ("state", &state), ("iss", &issuer)]);
        assert!(!told.html.contains("alert"), "{}", told.html);
        assert!(!told.html.contains("555"), "{}", told.html);
        refused(&mut liar, &told, advice);
    }
}

#[test]
fn an_error_beside_a_code_wins() {
    let mut liar = Liar::new(Lies::default());
    liar.begin();
    let (state, issuer) = (liar.pushed("state"), liar.issuer.clone());
    let pairs = [
        ("code", "c"),
        ("error", "access_denied"),
        ("state", &state),
        ("iss", &issuer),
    ];
    let told = liar.back(&pairs);
    refused(&mut liar, &told, "You said no");
}

#[test]
fn a_wrong_nonce_signs_nobody_in() {
    lie_in_claims(|claims| claims["nonce"] = json!("another"));
    lie_in_claims(|claims| claims["nonce"] = Value::Null);
}

#[test]
fn a_foreign_issuer_in_the_id_token_signs_nobody_in() {
    lie_in_claims(|claims| claims["iss"] = json!("https://evil.example"));
}

#[test]
fn an_id_token_for_another_service_signs_nobody_in() {
    lie_in_claims(|claims| claims["aud"] = json!("other"));
    lie_in_claims(|claims| claims["aud"] = json!(["demo", "other"]));
}

#[test]
fn an_old_id_token_signs_nobody_in() {
    lie_in_claims(|claims| claims["exp"] = json!(1_000_000_000));
}

#[test]
fn an_id_token_that_the_provider_did_not_sign_signs_nobody_in() {
    for signature in [Signature::Unknown, Signature::Secret, Signature::Missing] {
        let lies = Lies {
            signature,
            ..Lies::default()
        };
        lie(lies, "the ID token is not to be believed");
    }
}

#[test]
fn an_id_token_for_another_access_token_signs_nobody_in() {
    let lies = Lies {
        claims: |claims| claims["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA"),
        ..Lies::default()
    };
    lie(lies, "belongs to another access token");
}

#[test]
fn tokens_without_an_id_token_sign_nobody_in() {
    let lies = Lies {
        tokens: |tokens| *tokens = json!({ "access_token": "a", "token_type": "Bearer" }),
        ..Lies::default()
    };
    lie(lies, "does not say who has signed in");
}

#[test]
fn a_code_that_is_not_taken_is_told_with_what_to_do() {
    let lies = Lies {
        tokens: |tokens| *tokens = json!({ "error": "invalid_client" }),
        ..Lies::default()
    };
    lie(lies, "passkey-server app rotate-secret");
}

#[test]
fn a_provider_that_calls_itself_something_else_is_not_asked() {
    let mut liar = Liar::new(Lies {
        metadata: |metadata| metadata["issuer"] = json!("https://evil.example"),
        ..Lies::default()
    });
    let told = liar.begin();
    refused(&mut liar, &told, "cannot be discovered");
}

#[test]
fn a_provider_that_wants_the_secret_in_the_clear_does_not_get_it() {
    let lies = Lies {
        metadata: |metadata| metadata["token_endpoint"] = json!("http://idp.example/token"),
        ..Lies::default()
    };
    lie(lies, "was not exchanged");
}
