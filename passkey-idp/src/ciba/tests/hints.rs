//! Hints are believed when they are verified.

use super::*;

pub(super) struct Keys {
    pub(super) ours: Signer,
    pub(super) clients: Signer,
    published: KeySet,
    registered: Client,
}

pub(super) fn set(signer: &Signer) -> KeySet {
    let mut keys = KeySet::new();
    let (id, key) = (signer.key_id().clone(), signer.public().clone());
    keys.insert(id, key).expect("one key");
    keys
}

impl Keys {
    pub(super) fn new() -> Self {
        let (ours, clients) = (signer(), signer());
        let registered = Client {
            jwks: Some(set(&clients).to_jwks()),
            ..client()
        };
        Self {
            published: set(&ours),
            ours,
            clients,
            registered,
        }
    }

    fn user(&self, hint: &Hint) -> Result<UserId, ErrorCode> {
        hint.user(self.known(&rp()), NOW)
            .map_err(|error| error.code)
    }

    pub(super) fn known<'a>(&'a self, client: &'a ApplicationId) -> Known<'a> {
        Known {
            issuer: ISSUER,
            published: &self.published,
            client,
            registered: &self.registered,
        }
    }

    fn id_token(&self, signer: &Signer, typ: &str, claims: &Value) -> Result<UserId, ErrorCode> {
        self.user(&Hint::IdToken(signed(signer, typ, claims)))
    }

    fn login_token(&self, signer: &Signer, claims: &Value) -> Result<UserId, ErrorCode> {
        self.user(&Hint::LoginToken(signed(signer, "JWT", claims)))
    }
}

pub(super) fn signed(signer: &Signer, typ: &str, claims: &Value) -> String {
    let claims = claims.to_string();
    let signed = signer.sign(Some(typ), claims.as_bytes(), &SystemRandom::new());
    signed.expect("a token")
}

pub(super) fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value;
    claims
}

fn id_claims() -> Value {
    json!({ "iss": ISSUER, "sub": KIM, "aud": "rp", "exp": 1, "iat": 1 })
}

fn login_claims() -> Value {
    json!({ "iss": "rp", "sub": KIM, "aud": ISSUER, "exp": 1_800_000_060 })
}

#[test]
fn a_login_hint_is_a_users_identifier() {
    let keys = Keys::new();
    assert_eq!(keys.user(&Hint::Login(KIM.to_owned())), Ok(kim()));
    for text in ["kim", "197001010000", ""] {
        let named = keys.user(&Hint::Login(text.to_owned()));
        assert_eq!(named, Err(ErrorCode::UnknownUserId), "{text}");
    }
}

#[test]
fn an_id_token_that_we_gave_the_client_names_its_user_even_when_it_has_expired() {
    let keys = Keys::new();
    assert_eq!(keys.id_token(&keys.ours, "JWT", &id_claims()), Ok(kim()));
}

#[test]
fn an_id_token_of_another_issuer_key_client_or_kind_is_refused() {
    let keys = Keys::new();
    let (ours, refused) = (&keys.ours, Err(ErrorCode::InvalidRequest));
    let claims = id_claims();
    assert_eq!(keys.id_token(&keys.clients, "JWT", &claims), refused);
    assert_eq!(keys.id_token(ours, "at+jwt", &claims), refused);
    assert_eq!(keys.id_token(ours, "logout+jwt", &claims), refused);
    let iss = with(&claims, "iss", json!("https://other.example"));
    assert_eq!(keys.id_token(ours, "JWT", &iss), refused);
    let aud = with(&claims, "aud", json!("other"));
    assert_eq!(keys.id_token(ours, "JWT", &aud), refused);
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJBUUVCQVFFQkFRRUJBUUVCQVFFQkFRIn0.";
    assert_eq!(keys.user(&Hint::IdToken(unsigned.to_owned())), refused);
    let nobody = with(&claims, "sub", json!("kim"));
    assert_eq!(keys.id_token(ours, "JWT", &nobody), refused);
}

#[test]
fn a_login_hint_token_is_signed_by_the_client_for_us_and_for_a_while() {
    let keys = Keys::new();
    let (clients, claims) = (&keys.clients, login_claims());
    assert_eq!(keys.login_token(clients, &claims), Ok(kim()));
    let refused = Err(ErrorCode::InvalidRequest);
    assert_eq!(keys.login_token(&keys.ours, &claims), refused);
    for (name, value) in [
        ("iss", json!("other")),
        ("aud", json!("https://other.example")),
        ("aud", json!([])),
        ("exp", json!("1800000060")),
        ("exp", json!(1_800_000_601)),
        ("sub", Value::Null),
    ] {
        let changed = with(&claims, name, value);
        assert_eq!(keys.login_token(clients, &changed), refused, "{changed}");
    }
    let old = with(&claims, "exp", json!(1_800_000_000));
    let expired = Err(ErrorCode::ExpiredLoginHintToken);
    assert_eq!(keys.login_token(clients, &old), expired);
}

#[test]
fn a_client_without_keys_signs_no_hints() {
    let mut keys = Keys::new();
    keys.registered.jwks = None;
    let refused = keys.login_token(&keys.clients, &login_claims());
    assert_eq!(refused, Err(ErrorCode::InvalidRequest));
}

#[test]
fn a_hint_is_not_printed() {
    let printed = format!("{:?}", Hint::IdToken("a.b.c".to_owned()));
    assert_eq!(printed, "IdToken([redacted])");
}
