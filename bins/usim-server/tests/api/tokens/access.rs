//! OAuth access tokens (RFC 9068): their scopes, their SIMs, and what is wrong with them.

use serde_json::{Value, json};
use server_kit::caller::{Caller, TokenIssuer};

use crate::{
    forge::{NATIVE, NOW, server_of},
    server::{Answer, Server},
};

/// A server that takes access tokens of the forge's key.
fn server(change: &str) -> Server {
    server_of(&NATIVE, |settings| {
        let settings = settings.replace("'endorse'", "'access-token'");
        settings.replace(" }", &format!(", {change} }}"))
    })
}

fn good() -> Value {
    json!({"iss": "https://endorse.example", "aud": "https://api.example", "sub": "lab",
        "jti": "1", "iat": NOW, "exp": NOW + 3600, "client_id": "c",
        "scope": "openid sim:read sim:apdu"})
}

fn signed(typ: &str, claims: &Value) -> String {
    let header = format!(r#"{{"alg":"ES256","kid":"{}","typ":"{typ}"}}"#, NATIVE.kid);
    NATIVE.signed(header, claims.to_string())
}

/// The good claims, with some replaced; a null is left out.
fn with(changes: &Value) -> Value {
    let mut claims = good();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    claims
}

async fn ask(server: &Server, target: &str, token: &str) -> Answer {
    let field = format!("Bearer {token}");
    server.get_with(target, &[("authorization", &field)]).await
}

#[tokio::test]
async fn a_token_allows_what_both_it_and_the_settings_allow() {
    let (server, token) = (server("max-lifetime = 3600"), signed("at+jwt", &good()));
    assert_eq!(ask(&server, "/v1/sims", &token).await.status, 200);
    for (target, scope) in [
        ("/?type=rand-autn&rand=&autn=", "sim:authenticate"), // not in the token
        ("/?type=apdu&hex=00", "sim:apdu"),                   // not in the settings
    ] {
        let target = target.replace(
            "rand=&autn=",
            &format!("rand={0}&autn={0}", "00".repeat(16)),
        );
        let answer = ask(&server, &target, &token).await;
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
        let told = (answer.status, answer.header("www-authenticate"));
        assert_eq!(told, (403, challenge.as_str()));
    }
}

#[tokio::test]
async fn a_list_of_subjects_lets_nobody_else_in() {
    for (subjects, status) in [("['lab', 'x']", 200), ("['x']", 401), ("[]", 401)] {
        let server = server(&format!("subjects = {subjects}"));
        let answer = ask(&server, "/v1/sims", &signed("at+jwt", &good())).await;
        assert_eq!(answer.status, status, "{subjects}");
    }
}

#[test]
fn a_tokens_list_of_sims_narrows_that_of_the_settings() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut keys = strict_jws::KeySet::new();
    keys.insert(NATIVE.kid.clone(), NATIVE.key.public().clone())
        .unwrap();
    std::fs::write(file.path(), keys.to_jwks()).unwrap();
    let settings: TokenIssuer = format!(
        "{{ name = 'id', issuer = 'https://endorse.example', audience = 'https://api.example', \
         keys = '{}', scopes = ['sim:read'], only = ['a', 'b'] }}",
        file.path().display()
    )
    .parse()
    .unwrap();
    let issued = settings.authenticator(&["sim:read"]).unwrap();
    let issued = issued.with_clock(|| endorse::UnixTime::from_seconds(NOW));
    let caller = |claims: &Value| {
        let token = signed("at+jwt", claims);
        let credential = server_kit::caller::Credential::Bearer(&token);
        server_kit::caller::Authenticator::identify(&issued, &credential)
    };
    let lab = || Caller::new("id:lab", ["sim:read"]).only(["a", "b"]);
    assert_eq!(caller(&good()), Some(lab()));
    let narrowed = caller(&with(&json!({"sims": ["b", "c"]})));
    assert_eq!(narrowed, Some(lab().only(["b", "c"])));
    assert_eq!(caller(&with(&json!({"sims": "b"}))), None);
}

#[tokio::test]
async fn a_bad_access_token_is_refused() {
    let server = server("max-lifetime = 3600");
    let hour = 3600;
    let bad = [
        json!({"iss": "https://evil.example"}),
        json!({"iss": ["https://endorse.example"]}),
        json!({"iss": null}),
        json!({"aud": "https://other.example"}),
        json!({"aud": ["https://api.example"]}),
        json!({"aud": null}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": "a\nb"}),
        json!({"sub": 1}),
        json!({"jti": null}),
        json!({"jti": ""}),
        json!({"exp": null}),
        json!({"exp": NOW - 5}),
        json!({"exp": NOW + hour + 1}),
        json!({"exp": "1700003600"}),
        json!({"exp": -1}),
        json!({"exp": 1.5}),
        json!({"exp": true}),
        json!({"iat": null}),
        json!({"iat": NOW + 6}),
        json!({"iat": NOW + hour + 2}),
        json!({"nbf": NOW + 6}),
        json!({"nbf": "x"}),
        json!({"scope": ["sim:read"]}),
        json!({"sims": "all"}),
        json!({"sims": [1]}),
        json!({"cnf": {"x5t#S256": "x"}}),
        json!({"cnf": {"jkt": "x"}}),
        json!({"cnf": {"jkt": NATIVE.key.public().thumbprint().to_string()}}),
    ];
    for changes in bad {
        let answer = ask(&server, "/v1/sims", &signed("at+jwt", &with(&changes))).await;
        let told = (answer.status, answer.header("www-authenticate"));
        assert_eq!(told, (401, "Bearer error=\"invalid_token\""), "{changes}");
    }
    for typ in [
        "JWT",
        "jwt",
        "AT+JWT",
        "application/at+jwt",
        "endorse+jwt",
        "dpop+jwt",
    ] {
        let answer = ask(&server, "/v1/sims", &signed(typ, &good())).await;
        assert_eq!(answer.status, 401, "{typ}");
    }
    let endorsement = ask(&server, "/v1/sims", &NATIVE.good()).await;
    assert_eq!(endorsement.status, 401);
}

#[tokio::test]
async fn an_issuer_that_writes_plain_jwts_is_named_as_such() {
    let server = server_of(&NATIVE, |settings| settings.replace("'endorse'", "'jwt'"));
    let answer = ask(&server, "/v1/sims", &signed("JWT", &good())).await;
    assert_eq!(answer.status, 200);
    let answer = ask(&server, "/v1/sims", &signed("at+jwt", &good())).await;
    assert_eq!(answer.status, 401);
}

#[test]
fn an_issuer_without_audience_keys_or_known_scopes_is_no_issuer() {
    let parse = |text: &str| text.parse::<TokenIssuer>();
    let good = "{ name = 'i', issuer = 'https://i', audience = 'a', keys = '/nonexistent', \
                scopes = ['sim:read'] }";
    for missing in [
        "audience = 'a', ",
        "keys = '/nonexistent', ",
        "issuer = 'https://i', ",
    ] {
        assert!(parse(&good.replace(missing, "")).is_err(), "{missing}");
    }
    assert!(parse(&good.replace("audience", "audiences")).is_err());
    let unknown = parse(&good.replace("sim:read", "all")).unwrap();
    let error = unknown.authenticator(&["sim:read"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "caller i has the unknown scope all; known are sim:read"
    );
    let keyless = parse(good)
        .unwrap()
        .authenticator(&["sim:read"])
        .unwrap_err();
    assert_eq!(keyless.to_string(), "token-issuer i");
    let plain = good.replace("/nonexistent", "http://i.example/jwks.json");
    assert!(parse(&plain).unwrap().authenticator(&["sim:read"]).is_err());
}
