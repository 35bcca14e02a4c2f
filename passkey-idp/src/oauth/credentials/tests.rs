use std::sync::Arc;

use strict_jws::{Algorithm, KeySet, Signer, SigningKey, SystemRandom};

use super::*;
use crate::store::conformance::{Harness, Threads};
use crate::store::{Commit, MemoryStore};

const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);
const TOKEN_ENDPOINT: &str = "https://op.example/token";

fn read(authorization: Option<&str>, form: &str) -> Result<Credentials, OAuthError> {
    Credentials::read(authorization, &Parameters::parse(form).unwrap())
}

fn basic(client: &str, secret: &str) -> String {
    let pair = format!("{client}:{secret}");
    format!("Basic {}", base64::encode_padded(pair.as_bytes()))
}

fn client(auth: TokenEndpointAuth) -> Client {
    Client {
        auth,
        ..Client::default()
    }
}

fn check(
    credentials: &Credentials,
    registered: &Client,
    secrets: &[Digest],
) -> Result<Vec<Change>, OAuthError> {
    let expected = Expected {
        registered,
        secrets,
        audiences: &["https://op.example", TOKEN_ENDPOINT],
    };
    credentials.check(expected, NOW)
}

#[test]
fn either_of_two_secrets_lets_a_client_in() {
    let secrets = [[1; 32], [2; 32]].map(ClientSecret::from);
    let digests = secrets.each_ref().map(ClientSecret::digest);
    let registered = client(TokenEndpointAuth::ClientSecretBasic);
    for secret in &secrets {
        let field = basic("rp", &secret.expose());
        let credentials = read(Some(&field), "client_id=rp").unwrap();
        assert_eq!(check(&credentials, &registered, &digests).unwrap().len(), 0);
    }
    for wrong in [&*ClientSecret::from([3; 32]).expose(), "", "demo"] {
        let credentials = read(Some(&basic("rp", wrong)), "").unwrap();
        assert_eq!(
            check(&credentials, &registered, &digests).unwrap_err(),
            REFUSED
        );
    }
}

#[test]
fn a_client_comes_its_registered_way_only() {
    let secret = ClientSecret::from([1; 32]);
    let text = secret.expose();
    let post = format!("client_id=rp&client_secret={}", text.as_str());
    let shown = [
        (read(None, "client_id=rp"), TokenEndpointAuth::None),
        (
            read(Some(&basic("rp", &text)), ""),
            TokenEndpointAuth::ClientSecretBasic,
        ),
        (read(None, &post), TokenEndpointAuth::ClientSecretPost),
    ];
    for (credentials, own) in shown {
        let credentials = credentials.unwrap();
        for auth in [
            TokenEndpointAuth::None,
            TokenEndpointAuth::ClientSecretBasic,
            TokenEndpointAuth::ClientSecretPost,
            TokenEndpointAuth::PrivateKeyJwt,
        ] {
            let let_in = check(&credentials, &client(auth), &[secret.digest()]).is_ok();
            assert_eq!(let_in, auth == own, "{credentials:?} {auth:?}");
        }
    }
}

#[test]
fn two_ways_at_once_are_one_too_many() {
    for (field, form) in [
        (Some(basic("rp", "a")), "client_secret=a"),
        (Some(basic("rp", "a")), "client_assertion=a"),
        (None, "client_id=rp&client_secret=a&client_assertion=a"),
        (Some(basic("rp", "a")), "client_id=other"),
        (None, "client_secret=a"),
        (None, ""),
        (None, "client_id=rp&client_assertion=a"),
    ] {
        let refused = read(field.as_deref(), form).unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidRequest, "{field:?} {form}");
    }
}

#[test]
fn odd_fields_let_nobody_in() {
    for field in [
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic cnA=",
        "Bearer abc",
        "Basic cnA6",
        "Basic OmE=",
    ] {
        let shown = read(Some(field), "client_id=rp");
        let refused = shown.and_then(|credentials| {
            check(
                &credentials,
                &client(TokenEndpointAuth::ClientSecretBasic),
                &[],
            )
        });
        assert_eq!(
            refused.unwrap_err().code,
            ErrorCode::InvalidClient,
            "{field}"
        );
    }
}

#[test]
fn names_and_secrets_are_encoded_before_they_are_joined() {
    let (name, _) = read_basic(&basic("a%2Eb", "x")).unwrap();
    assert_eq!(name, "a.b");
}

struct Asserting {
    signer: Signer,
    registered: Client,
}

impl Asserting {
    fn new() -> Self {
        let random = SystemRandom::new();
        let pem = SigningKey::generate_pem(Algorithm::Es256, &random).unwrap();
        let signer = Signer::certifying(SigningKey::from_pem(&pem, &random).unwrap());
        let mut keys = KeySet::new();
        keys.insert(signer.key_id().clone(), signer.public().clone())
            .unwrap();
        let registered = Client {
            jwks: Some(keys.to_jwks()),
            ..client(TokenEndpointAuth::PrivateKeyJwt)
        };
        Self { signer, registered }
    }

    fn check(&self, claims: &str) -> Result<Vec<Change>, OAuthError> {
        let random = SystemRandom::new();
        let assertion = self.signer.sign(None, claims.as_bytes(), &random).unwrap();
        let form = format!("client_assertion_type={ASSERTION_TYPE}&client_assertion={assertion}");
        check(&read(None, &form)?, &self.registered, &[])
    }
}

const GOOD: &str =
    r#"{"iss":"rp","sub":"rp","aud":"https://op.example/token","jti":"a","exp":1800000060}"#;

#[test]
fn an_assertion_lets_in_once() {
    let asserting = Asserting::new();
    let harness = Harness::new(Arc::new(MemoryStore::new()), Threads);
    let committed = |changes| harness.run(harness.store().commit(changes, NOW)).unwrap();
    let first = committed(asserting.check(GOOD).unwrap());
    assert!(matches!(first, Commit::Done(_)));
    let again = committed(asserting.check(GOOD).unwrap());
    assert_eq!(again, Commit::Refused { at: 0 });
}

#[test]
fn an_assertion_for_somebody_else_or_another_time_is_refused() {
    let asserting = Asserting::new();
    for (good, bad) in [
        (r#""iss":"rp""#, r#""iss":"other""#),
        (r#""sub":"rp""#, r#""sub":"other""#),
        (
            r#""aud":"https://op.example/token""#,
            r#""aud":"https://other.example""#,
        ),
        (r#""aud":"https://op.example/token""#, r#""aud":[]"#),
        (r#""exp":1800000060"#, r#""exp":1800000000"#),
        (r#""exp":1800000060"#, r#""exp":1800000601"#),
        (r#""exp":1800000060"#, r#""exp":"1800000060""#),
        (
            r#""exp":1800000060"#,
            r#""exp":1800000060,"nbf":1800000006"#,
        ),
        (
            r#""exp":1800000060"#,
            r#""exp":1800000060,"iat":1800000006"#,
        ),
        (
            r#""exp":1800000060"#,
            r#""exp":1800000060,"iat":"1800000000""#,
        ),
        (r#""jti":"a""#, r#""jti":"""#),
        (r#""jti":"a","#, ""),
    ] {
        let claims = GOOD.replace(good, bad);
        assert_ne!(claims, GOOD);
        assert_eq!(asserting.check(&claims).unwrap_err(), REFUSED, "{bad}");
    }
    let listed = GOOD.replace(
        r#""https://op.example/token""#,
        r#"["x","https://op.example"]"#,
    );
    assert_eq!(asserting.check(&listed).unwrap().len(), 1);
    let ahead = r#""exp":1800000060,"iat":1800000005,"nbf":1800000005"#;
    let ahead = GOOD.replace(r#""exp":1800000060"#, ahead);
    assert_eq!(asserting.check(&ahead).unwrap().len(), 1);
}

#[test]
fn an_assertion_of_another_key_is_refused() {
    let (one, other) = (Asserting::new(), Asserting::new());
    let mixed = Asserting {
        signer: one.signer,
        registered: other.registered,
    };
    assert_eq!(mixed.check(GOOD).unwrap_err(), REFUSED);
}
