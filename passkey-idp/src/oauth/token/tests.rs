use std::sync::{Arc, Mutex};

use strict_jws::json::{Bounds, Document};
use strict_jws::{Algorithm, KeySet, Policy, Signer, SigningKey, SystemRandom};

use super::*;
use crate::application::{Application, ApplicationState};
use crate::credential::Credential;
use crate::id::UserId;
use crate::oauth::authorize::{self, AuthorizationRequest, Way};
use crate::oauth::{AccessToken, Authentication};
use crate::random::Digest;
use crate::store::conformance::{Harness, Threads};
use crate::store::{Answer, Kind, List, MemoryStore, New, Row, RowId, Set, Watch, Where};
use crate::user::{User, UserState};
use crate::webauthn::{Aaguid, Backup, CoseKey, NewPasskey, TestAuthenticator};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

struct World {
    harness: Harness<Threads>,
    signer: Signer,
    passkey: Option<Digest>,
    client: ApplicationId,
    registered: Client,
}

impl World {
    fn new() -> Self {
        let random = SystemRandom::new();
        let pem = SigningKey::generate_pem(Algorithm::Es256, &random).unwrap();
        let key = SigningKey::from_pem(&pem, &random).unwrap();
        let harness = Harness::new(Arc::new(MemoryStore::new()), Threads);
        let user = User::new(kim(), "Kim");
        let user = New::record(User::row_id(&user.id), UserState::Active, &user);
        let client = Application::new("rp".parse().unwrap(), "RP").insert();
        let there = vec![Change::insert(user), client];
        let committed = harness.run(harness.store().commit(there, now()));
        assert!(matches!(committed.unwrap(), Commit::Done(_)));
        Self {
            harness,
            signer: Signer::certifying(key),
            passkey: None,
            client: "rp".parse().unwrap(),
            registered: Client {
                redirect_uris: vec!["https://rp.example/back".parse().unwrap()],
                flows: vec![Flow::AuthorizationCode, Flow::RefreshToken],
                scope: "openid profile offline_access".parse().unwrap(),
                ..Client::default()
            },
        }
    }

    fn issuer(&self) -> TokenIssuer<'_> {
        TokenIssuer {
            issuer: "https://op.example",
            signer: &self.signer,
            access: Duration::from_seconds(300),
            identity: Duration::from_seconds(300),
        }
    }

    fn exchange<'a>(&'a self, random: &'a SystemRandom) -> Exchange<'a, dyn Store + 'a> {
        Exchange::new(self.harness.store(), self.issuer(), random, now())
    }

    fn caller(&self) -> Caller<'_> {
        Caller {
            client: &self.client,
            registered: &self.registered,
            key: None,
        }
    }

    fn request(&self, scope: &str) -> AuthorizationRequest {
        let text = format!(
            "response_type=code&scope={scope}&nonce=n&code_challenge_method=S256\
             &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        let parameters = Parameters::parse(&text).unwrap();
        authorize::read(&self.client, &self.registered, &parameters, Way::Browser).unwrap()
    }

    fn code(&self, scope: &str) -> Code {
        let request = self.request(scope);
        let authentication = Authentication {
            user: kim(),
            passkey: self.passkey,
            at: now(),
            session: None,
            acr: "phr".into(),
            amr: vec!["hwk".into(), "user".into()],
        };
        let scope = request.scope.clone();
        let random = SystemRandom::new();
        let issued = AuthorizationCode::issue(&request, authentication, scope, &random, now());
        let issued = issued.unwrap();
        let committed = self.harness.store().commit(vec![issued.change], now());
        assert!(matches!(
            self.harness.run(committed).unwrap(),
            Commit::Done(_)
        ));
        issued.code
    }

    fn ask(&self, form: &str) -> Result<Tokens, TokenError> {
        let request = TokenRequest::read(&Parameters::parse(form).unwrap())?;
        let random = SystemRandom::new();
        let exchange = self.exchange(&random);
        self.harness.run(exchange.answer(self.caller(), &request))
    }

    fn redeem(&self, code: &Code) -> Result<Tokens, TokenError> {
        let code = code.expose();
        self.ask(&format!(
            "grant_type=authorization_code&code={}&code_verifier={VERIFIER}",
            code.as_str()
        ))
    }

    fn refresh(&self, token: &RefreshToken) -> Result<Tokens, TokenError> {
        let random = SystemRandom::new();
        let exchange = self.exchange(&random);
        let request = refreshing(token);
        self.harness.run(exchange.answer(self.caller(), &request))
    }

    fn commit(&self, change: Change) {
        let committed = self.harness.store().commit(vec![change], now());
        let committed = self.harness.run(committed).unwrap();
        assert!(matches!(committed, Commit::Done(_)), "{committed:?}");
    }

    fn set_user(&self, state: UserState) {
        let which = Where::<User>::id(User::row_id(&kim()));
        self.commit(Change::update(which, Set::state(state)));
    }

    fn set_client(&self, state: ApplicationState) {
        let which = Where::<Application>::id(self.client.row_id());
        self.commit(Change::update(which, Set::state(state)));
    }

    fn is_live(&self, tokens: &Tokens) -> bool {
        let id: crate::id::TokenId = self
            .claim(&tokens.access_token, "at+jwt", "jti")
            .parse()
            .unwrap();
        let found = self.harness.run(async {
            let store = self.harness.store();
            store.find::<AccessToken>(&AccessToken::row_id(&id)).await
        });
        found.unwrap().is_some()
    }

    fn claim(&self, token: &str, typ: &'static str, name: &str) -> String {
        let mut keys = KeySet::new();
        keys.insert(self.signer.key_id().clone(), self.signer.public().clone())
            .unwrap();
        let verified = keys.verify(token, &Policy::typed(typ)).unwrap();
        let claims = Document::parse(verified.payload(), Bounds::PAYLOAD).unwrap();
        let value = claims.root().member(name).unwrap();
        value
            .string()
            .map_or_else(|| value.raw().to_owned(), std::borrow::Cow::into_owned)
    }
}

fn refreshing(token: &RefreshToken) -> TokenRequest {
    let token = token.expose();
    let form = format!("grant_type=refresh_token&refresh_token={}", token.as_str());
    TokenRequest::read(&Parameters::parse(&form).unwrap()).unwrap()
}

fn kim() -> UserId {
    UserId::from([1; 16])
}

fn now() -> Instant {
    Instant::from_unix_seconds(1_800_000_000)
}

fn refused(answer: &Result<Tokens, TokenError>) -> ErrorCode {
    let Err(TokenError::Refused(error)) = answer else {
        panic!("{answer:?}");
    };
    error.code
}

#[test]
fn tokens_say_what_was_granted_and_how_the_user_signed_in() {
    let world = World::new();
    let tokens = world.redeem(&world.code("openid profile")).unwrap();
    let access = |name| world.claim(&tokens.access_token, "at+jwt", name);
    assert_eq!(access("iss"), "https://op.example");
    assert_eq!(access("client_id"), "rp");
    assert_eq!(access("scope"), "openid profile");
    assert_eq!(access("exp"), "1800000300");
    let id_token = tokens.id_token.as_deref().unwrap();
    let identity = |name| world.claim(id_token, "JWT", name);
    assert_eq!(identity("aud"), "rp");
    assert_eq!(identity("nonce"), "n");
    assert_eq!(identity("auth_time"), "1800000000");
    assert_eq!(identity("amr"), "[\"hwk\",\"user\"]");
    assert_eq!(identity("sub"), UserId::from([1; 16]).to_string());
    assert_eq!(
        (tokens.token_type, tokens.refresh_token.is_some()),
        ("Bearer", false)
    );
}

#[test]
fn there_is_an_id_token_for_openid_only() {
    let world = World::new();
    let tokens = world.redeem(&world.code("profile")).unwrap();
    assert!(tokens.id_token.is_none() && tokens.refresh_token.is_some());
}

#[test]
fn a_code_that_comes_twice_takes_its_tokens_with_it() {
    let world = World::new();
    let code = world.code("openid offline_access");
    let tokens = world.redeem(&code).unwrap();
    assert!(world.is_live(&tokens));
    assert_eq!(refused(&world.redeem(&code)), ErrorCode::InvalidGrant);
    assert!(!world.is_live(&tokens));
    let refreshed = world.refresh(tokens.refresh_token.as_ref().unwrap());
    assert_eq!(refused(&refreshed), ErrorCode::InvalidGrant);
}

#[test]
fn a_refresh_token_that_comes_twice_takes_all_of_its_family_with_it() {
    let world = World::new();
    let first = world.redeem(&world.code("openid offline_access")).unwrap();
    let stolen = first.refresh_token.as_ref().unwrap();
    let second = world.refresh(stolen).unwrap();
    assert!(second.id_token.is_some());
    assert_eq!(refused(&world.refresh(stolen)), ErrorCode::InvalidGrant);
    let rotated = world.refresh(second.refresh_token.as_ref().unwrap());
    assert_eq!(refused(&rotated), ErrorCode::InvalidGrant);
    assert!(!world.is_live(&first) && !world.is_live(&second));
}

/// A store after whose first commit a thief refreshes.
struct Thieves<'a> {
    world: &'a World,
    request: Mutex<Option<TokenRequest>>,
    got: Mutex<Option<Tokens>>,
}

impl std::fmt::Debug for Thieves<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Thieves")
    }
}

impl Store for Thieves<'_> {
    fn commit(&self, changes: Vec<Change>, now: Instant) -> Answer<'_, Commit> {
        Box::pin(async move {
            let committed = self.world.harness.store().commit(changes, now).await;
            let request = self.request.lock().unwrap().take();
            if let Some(request) = request {
                let random = SystemRandom::new();
                let exchange = self.world.exchange(&random);
                let got = exchange.answer(self.world.caller(), &request).await;
                *self.got.lock().unwrap() = got.ok();
            }
            committed
        })
    }

    fn get<'a>(&'a self, kind: Kind, id: &'a RowId) -> Answer<'a, Option<Row>> {
        self.world.harness.store().get(kind, id)
    }

    fn list<'a>(&'a self, list: List<'a>) -> Answer<'a, Vec<Row>> {
        self.world.harness.store().list(list)
    }

    fn sweep(&self, now: Instant, limit: usize) -> Answer<'_, usize> {
        self.world.harness.store().sweep(now, limit)
    }

    fn watch(&self, kind: Kind, id: &RowId) -> Watch {
        self.world.harness.store().watch(kind, id)
    }
}

#[test]
fn a_thief_who_refreshes_while_they_are_noticed_has_nothing_that_lives() {
    let world = World::new();
    let first = world.redeem(&world.code("openid offline_access")).unwrap();
    let old = first.refresh_token.as_ref().unwrap();
    let second = world.refresh(old).unwrap();
    let [old, stolen] = [old, second.refresh_token.as_ref().unwrap()].map(refreshing);
    let thieves = Thieves {
        world: &world,
        request: Mutex::new(Some(stolen)),
        got: Mutex::default(),
    };
    let random = SystemRandom::new();
    let exchange = Exchange::new(&thieves, world.issuer(), &random, now());
    let answer = world.harness.run(exchange.answer(world.caller(), &old));
    assert_eq!(refused(&answer), ErrorCode::InvalidGrant);
    let got = thieves.got.lock().unwrap().take();
    assert!(got.is_none_or(|tokens| !world.is_live(&tokens)));
    assert!(!world.is_live(&second));
}

#[test]
fn of_64_who_redeem_a_code_at_most_one_gets_tokens() {
    let world = World::new();
    let code = world.code("openid offline_access");
    let text = code.expose();
    let form = format!(
        "grant_type=authorization_code&code={}&code_verifier={VERIFIER}",
        text.as_str()
    );
    let request = TokenRequest::read(&Parameters::parse(&form).unwrap()).unwrap();
    let random = SystemRandom::new();
    let exchange = world.exchange(&random);
    let answers = world
        .harness
        .race(|_| exchange.answer(world.caller(), &request));
    let won: Vec<_> = answers.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    assert!(!world.is_live(&won[0]), "the others were replays");
}

#[test]
fn a_client_may_do_what_it_is_registered_for_only() {
    let mut world = World::new();
    let code = world.code("openid");
    world.registered.flows = vec![Flow::Ciba];
    assert_eq!(refused(&world.redeem(&code)), ErrorCode::UnauthorizedClient);
    world.registered.flows = vec![Flow::AuthorizationCode];
    world.registered.proves_key = true;
    assert_eq!(refused(&world.redeem(&code)), ErrorCode::InvalidDpopProof);
    world.registered.proves_key = false;
    assert!(world.redeem(&code).is_ok(), "nothing has burned the code");
}

#[test]
fn what_cannot_be_read_is_refused_by_name() {
    let world = World::new();
    for (form, code) in [
        ("", ErrorCode::InvalidRequest),
        ("grant_type=password", ErrorCode::UnsupportedGrantType),
        ("grant_type=authorization_code", ErrorCode::InvalidRequest),
        (
            "grant_type=authorization_code&code=a",
            ErrorCode::InvalidRequest,
        ),
        (
            "grant_type=authorization_code&code=a&code_verifier=b",
            ErrorCode::InvalidGrant,
        ),
        ("grant_type=refresh_token", ErrorCode::InvalidRequest),
        (
            "grant_type=refresh_token&refresh_token=a.b",
            ErrorCode::InvalidGrant,
        ),
    ] {
        assert_eq!(refused(&world.ask(form)), code, "{form}");
    }
}

#[test]
fn the_older_name_of_refreshing_still_works() {
    let world = World::new();
    let tokens = world.redeem(&world.code("openid offline_access")).unwrap();
    let token = tokens.refresh_token.unwrap().expose();
    let form = format!("grant_type=refresh&refresh_token={}", token.as_str());
    assert!(world.ask(&form).is_ok());
}

#[test]
fn whoever_is_locked_out_gets_no_tokens_and_loses_none() {
    let world = World::new();
    let code = world.code("openid offline_access");
    world.set_user(UserState::Blocked);
    assert_eq!(refused(&world.redeem(&code)), ErrorCode::InvalidGrant);
    world.set_user(UserState::Active);
    let tokens = world.redeem(&code).expect("nothing has burned the code");
    let token = tokens.refresh_token.as_ref().unwrap();
    world.set_user(UserState::Blocked);
    assert_eq!(refused(&world.refresh(token)), ErrorCode::InvalidGrant);
    world.set_user(UserState::Active);
    world.set_client(ApplicationState::Blocked);
    assert_eq!(refused(&world.refresh(token)), ErrorCode::InvalidGrant);
    world.set_client(ApplicationState::Active);
    world
        .refresh(token)
        .expect("it was not taken for a thief's");
}

#[test]
fn without_the_passkey_that_a_grant_came_of_there_are_no_tokens() {
    let mut world = World::new();
    let authenticator = TestAuthenticator::es256(kim());
    let id = authenticator.credential_id().clone();
    world.passkey = Some(id.digest());
    let code = world.code("openid offline_access");
    assert_eq!(refused(&world.redeem(&code)), ErrorCode::InvalidGrant);
    let new = NewPasskey {
        credential_id: id.clone(),
        public_key: CoseKey::parse(&authenticator.cose_key()).unwrap(),
        counter: 0,
        backup: Backup::SingleDevice,
        aaguid: Aaguid::default(),
        user_verified: true,
        transports: Vec::new(),
        attestation_format: "none".into(),
    };
    world.commit(Credential::of(kim(), new).insert());
    let tokens = world.redeem(&code).unwrap();
    let row = Credential::row_id(&id);
    world.commit(Change::delete(Where::<Credential>::id(row)));
    let refreshed = world.refresh(tokens.refresh_token.as_ref().unwrap());
    assert_eq!(refused(&refreshed), ErrorCode::InvalidGrant);
}
