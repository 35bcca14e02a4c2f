//! The BSF and its keys for NAFs, called as routers by a terminal that computes its SIM itself.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use aka::{
    Amf, Autn, Auts, Ck, Ik, Imsi, K, Milenage, Opc, Rand, Res, Sqn,
    algorithm::{Algorithm as _, CardAlgorithm as _, HomeAlgorithm as _},
    card::{Card, Outcome},
    gba::{
        Challenged, Session, Terminal, UnixTime,
        naf::{Naf, Nonces, Reuse},
    },
    http_digest::{AkaNonce, Challenge, Cnonce, Credentials, Password, Sent, UriCheck},
    kdf::gba::{Ks, NafId, NafKey, UaProtocol, uicc_autn},
    network::{MemoryStore, Swap},
};
use auc::{
    Centre, Directory, DirectoryError, Kept, Subscriber, Subscribers,
    bsf::{
        Bsf, KsOnCard, Settings,
        http::{self as bsf_http, Clock, scope},
    },
    http::App,
};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use server_kit::{
    audit::Audit,
    browser::Hosts,
    caller::{Caller, Certificates, Guard, Token, Tokens},
    gate::Gate,
    limit::{PeerLimit, RateLimit},
    listen::Peer,
    observe::Metrics,
};
use tower::ServiceExt as _;

const IMPI: &str = "001010000000001@ims.mnc001.mcc001.3gppnetwork.org";
const BSF: &str = "bsf.mnc001.mcc001.pub.3gppnetwork.org";
const NAF: &str = "naf.home1.net";
const HTTP_DIGEST: NafId<'_> = NafId {
    fqdn: NAF,
    ua: UaProtocol::HTTP_DIGEST,
};

/// The home, at a time of its own.
struct Home {
    ub: Router,
    zn: Router,
    token: Token,
    now: Arc<AtomicU64>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn field(&self, name: &str) -> &str {
        let value = self.headers.get(name).expect("the field is there");
        value.to_str().expect("it is text")
    }

    fn challenge(&self) -> &str {
        assert_eq!(self.status, StatusCode::UNAUTHORIZED, "{}", self.body);
        self.field("www-authenticate")
    }

    fn parsed(&self) -> Challenge {
        self.challenge().parse().expect("a challenge")
    }
}

impl Home {
    fn new(change: impl FnOnce(&mut Settings)) -> Self {
        let caller = Caller::new("naf", scope::ALL.iter().copied());
        Self::of_caller(change, caller)
    }

    fn of_caller(change: impl FnOnce(&mut Settings), caller: Caller) -> Self {
        let (_, directory) = directory();
        let token = Token::generate("auc").expect("there is randomness");
        let mut tokens = Tokens::default();
        tokens.insert(token.digest(), caller);
        let guard = Guard::new(tokens, Certificates::default());
        let app = Arc::new(App {
            centre: Arc::new(Centre::new(directory)),
            gate: Gate::new(guard, Hosts::any(), RateLimit::per_second(0)),
            audit: Audit::off(),
            metrics: Metrics::collect().expect("nobody else collects"),
        });
        let mut settings = Settings::new(BSF).expect("it is a name");
        change(&mut settings);
        let bsf = Arc::new(Bsf::new(Arc::clone(&app.centre), settings));
        let now = Arc::new(AtomicU64::new(1_700_000_000));
        let seconds = Arc::clone(&now);
        let clock: Clock = Arc::new(move || UnixTime::new(seconds.load(Ordering::Relaxed)));
        Self {
            ub: bsf_http::ub(
                Arc::clone(&app),
                Arc::clone(&bsf),
                Arc::clone(&clock),
                PeerLimit::per_second(1),
            ),
            zn: bsf_http::zn(app, bsf, clock),
            token,
            now,
        }
    }

    fn wait(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    async fn get(&self, authorization: &str) -> Answer {
        self.get_as(authorization, "/", "test").await
    }

    async fn get_as(&self, authorization: &str, target: &str, agent: &str) -> Answer {
        let request = Request::get(target)
            .header("authorization", authorization)
            .header("host", BSF)
            .header("user-agent", agent);
        let request = request.body(Body::empty()).expect("it is a request");
        send(&self.ub, request).await
    }

    async fn naf_key(&self, request: &Value) -> (StatusCode, Value) {
        let sent = Request::post("/v1/naf-keys")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", self.token.expose()))
            .body(Body::from(request.to_string()));
        let answer = send(&self.zn, sent.expect("it is a request")).await;
        let body = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        (answer.status, body)
    }
}

async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await;
    let (parts, body) = response.expect("a router answers").into_parts();
    let cache = parts.headers.get("cache-control");
    assert_eq!(cache.expect("it is said"), "no-store");
    let body = body.collect().await.expect("it arrives").to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).expect("it is text"),
    }
}

/// A terminal's SIM.
struct Sim(Card);

/// What a terminal has in the end.
struct Agreed {
    session: Session,
    ks: Ks,
}

impl Agreed {
    fn key(&self, which: NafKey, naf: NafId<'_>) -> String {
        let key = self.ks.naf_key(which, &self.session.rand, IMPI, naf);
        format!("{:x}", key.expose_hex())
    }

    fn request(&self) -> Value {
        json!({"btid": self.session.btid, "naf": NAF})
    }
}

fn directory() -> (Imsi, Kept<MemoryStore>) {
    let text = "imsi,k,opc,amf\n001010000000001,\
        07070707070707070707070707070707,09090909090909090909090909090909,8001\n";
    let subscribers = Subscribers::parse(text).expect("it is a file");
    let imsi = "001010000000001".parse().expect("digits");
    let store = MemoryStore::new().with(imsi, Sqn::ZERO);
    (imsi, Kept::new(subscribers, store))
}

fn milenage() -> Milenage {
    Milenage::new(&K::new([7; 16]), &Opc::new([9; 16]))
}

fn cnonce() -> Cnonce {
    Cnonce::new([4; 16])
}

fn terminal(username: &str) -> Terminal {
    Terminal::new(username, BSF, "/").expect("they are texts")
}

fn first(username: &str) -> String {
    terminal(username).credentials().to_string()
}

impl Sim {
    fn new() -> Self {
        Self(Card::default())
    }

    fn answer(&mut self, rand: &Rand, autn: &Autn) -> Result<(Res, Ck, Ik), Auts> {
        let outcome = self.0.authenticate(&milenage(), rand, autn);
        match outcome.expect("the MAC is right") {
            Outcome::Success { res, ck, ik, .. } => Ok((res, ck, ik)),
            Outcome::SyncFailure(auts) => Err(auts),
        }
    }

    /// The whole of a bootstrapping, with at most one resynchronisation.
    async fn bootstrap(&mut self, home: &Home, username: &str) -> Agreed {
        let asked = home.get(&first(username)).await;
        let mut challenged = terminal(username)
            .challenged(asked.challenge())
            .expect("a challenge");
        let keys = match self.answer(challenged.rand(), challenged.autn()) {
            Ok(keys) => keys,
            Err(auts) => {
                let again = challenged.resynchronise(auts, cnonce()).expect("the first");
                let asked = home.get(&again.credentials().to_string()).await;
                challenged = again.challenged(asked.challenge()).expect("a challenge");
                self.answer(challenged.rand(), challenged.autn())
                    .expect("the home follows the card")
            }
        };
        finish(home, challenged, &keys).await
    }

    /// An answer that is right.
    async fn field(&mut self, home: &Home) -> String {
        let challenged = challenged(home).await;
        let keys = self.answer(challenged.rand(), challenged.autn());
        let (res, ..) = keys.expect("the challenge is fresh");
        challenged.answer(&res, cnonce()).credentials().to_string()
    }
}

async fn finish(home: &Home, challenged: Challenged, (res, ck, ik): &(Res, Ck, Ik)) -> Agreed {
    let answered = challenged.answer(res, cnonce());
    let answer = home.get(&answered.credentials().to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.field("content-type"), "application/vnd.3gpp.bsf+xml");
    let proof = Some(answer.field("authentication-info"));
    let session = answered.finish(proof, answer.body.as_bytes());
    Agreed {
        session: session.expect("the BSF proves itself"),
        ks: Ks::new(ck, ik),
    }
}

async fn challenged(home: &Home) -> Challenged {
    let asked = home.get(&first(IMPI)).await;
    let challenged = terminal(IMPI).challenged(asked.challenge());
    challenged.expect("a challenge")
}

fn auts(rand: &Rand, sqn: u64) -> Auts {
    milenage().auts(rand, Sqn::new(sqn).expect("48 bits"))
}

#[tokio::test]
async fn a_terminal_and_a_naf_come_to_the_same_key() {
    let home = Home::new(|_| ());
    let agreed = Sim::new().bootstrap(&home, IMPI).await;
    assert!(agreed.session.btid.ends_with(&format!("==@{BSF}")));
    assert_eq!(agreed.session.lifetime.get(), 1_700_086_400);
    let (status, answer) = home.naf_key(&agreed.request()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        answer,
        json!({
            "key": agreed.key(NafKey::Me, HTTP_DIGEST), "kind": "ks_naf", "impi": IMPI,
            "bootstrapped": "2023-11-14T22:13:20Z", "lifetime": "2023-11-15T22:13:20Z",
        })
    );
    let mut request = agreed.request();
    request["ua_protocol"] = "010001002f".into();
    let (_, answer) = home.naf_key(&request).await;
    let tls = NafId {
        ua: UaProtocol::tls(0x002f),
        ..HTTP_DIGEST
    };
    assert_eq!(answer["key"], agreed.key(NafKey::Me, tls));
}

#[tokio::test]
async fn a_card_that_is_ahead_is_followed_in_one_round() {
    let (home, mut sim) = (Home::new(|_| ()), Sim::new());
    let rand = Rand::new([1; 16]);
    let (autn, _) = milenage().challenge(&rand, Sqn::new(32_000).unwrap(), Amf::SEPARATED);
    sim.answer(&rand, &autn).unwrap();
    sim.bootstrap(&home, IMPI).await;
}

#[tokio::test]
async fn a_challenge_takes_one_answer() {
    let (home, mut sim) = (Home::new(|_| ()), Sim::new());
    let right = sim.field(&home).await;
    let (start, digest) = right.split_once("response=\"").unwrap();
    let wrong = format!(
        "{start}response=\"00112233445566778899aabbccddeeff{}",
        &digest[32..]
    );
    assert_eq!(home.get(&wrong).await.status, StatusCode::FORBIDDEN);
    assert!(home.get(&right).await.parsed().stale);
}

#[tokio::test]
async fn a_replayed_answer_gets_a_new_challenge_and_no_keys() {
    let (home, mut sim) = (Home::new(|_| ()), Sim::new());
    let field = sim.field(&home).await;
    assert_eq!(home.get(&field).await.status, StatusCode::OK);
    let again = home.get(&field).await.parsed();
    assert!(again.stale);
    assert!(!field.contains(again.nonce.as_str()));
}

#[tokio::test]
async fn an_answer_that_comes_late_is_stale() {
    let (home, mut sim) = (Home::new(|_| ()), Sim::new());
    let field = sim.field(&home).await;
    home.wait(30);
    assert!(home.get(&field).await.parsed().stale);
}

#[tokio::test]
async fn an_auts_for_another_rand_moves_nothing() {
    let home = Home::new(|_| ());
    let foreign = auts(&Rand::new([1; 16]), 32_000);
    let asked = challenged(&home).await;
    let again = asked.resynchronise(foreign, cnonce()).unwrap();
    let answer = home.get(&again.credentials().to_string()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let asked = challenged(&home).await;
    let (sqn, ..) = milenage().open_autn(asked.rand(), asked.autn());
    assert_eq!(sqn.get(), 64);
}

#[tokio::test]
async fn an_auts_needs_its_digest() {
    let home = Home::new(|_| ());
    let asked = challenged(&home).await;
    let right = auts(asked.rand(), 32_000);
    let field = asked.resynchronise(right, cnonce()).unwrap();
    let field = field.credentials().to_string();
    let spoilt = field.replace("cnonce=\"04", "cnonce=\"05");
    assert_ne!(field, spoilt);
    assert_eq!(home.get(&spoilt).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_card_is_followed_once() {
    let home = Home::new(|_| ());
    let asked = challenged(&home).await;
    let right = auts(asked.rand(), 32_000);
    let again = asked.resynchronise(right, cnonce()).unwrap();
    let second = home.get(&again.credentials().to_string()).await.parsed();
    let nonce = AkaNonce::of(&second.nonce).unwrap();
    let user = terminal(IMPI).credentials().clone();
    let twice = user.resynchronising(&second, auts(&nonce.rand, 64_000), cnonce());
    let answer = home.get(&twice.unwrap().to_string()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn strictly_credentials_are_for_what_was_asked() {
    for (check, expected) in [
        (UriCheck::Strict, StatusCode::BAD_REQUEST),
        (UriCheck::Lenient, StatusCode::OK),
    ] {
        let home = Home::new(|settings| settings.uri = check);
        let field = Sim::new().field(&home).await;
        let answer = home.get_as(&field, "/other", "test").await;
        assert_eq!(answer.status, expected, "{check:?}");
    }
}

#[tokio::test]
async fn an_answer_is_of_the_user_and_of_the_kind_that_was_asked() {
    let (home, mut sim) = (Home::new(|_| ()), Sim::new());
    let field = sim.field(&home).await;
    let request = Request::get("/")
        .header("authorization", &field)
        .header("host", BSF);
    let answer = send(&home.ub, request.body(Body::from("x")).unwrap()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    for (from, to) in [
        ("mnc001", "mnc010"),
        ("AKAv1-MD5", "MD5"),
        ("AKAv1-MD5", "AKAv2-MD5"),
        ("qop=auth-int", "qop=auth"),
        ("nc=00000001", "nc=00000002"),
        ("realm=\"bsf", "realm=\"BSF"),
    ] {
        let field = sim.field(&home).await.replacen(from, to, 1);
        assert_eq!(home.get(&field).await.status, StatusCode::FORBIDDEN, "{to}");
    }
}

#[tokio::test]
async fn open_challenges_have_a_budget_for_each_subscriber() {
    let home = Home::new(|settings| settings.challenges_each = 2);
    for _ in 0..2 {
        home.get(&first(IMPI)).await.challenge();
    }
    let refused = home.get(&first(IMPI)).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.field("retry-after"), "10");
    home.wait(30);
    home.get(&first(IMPI)).await.challenge();
}

#[tokio::test]
async fn open_challenges_have_a_budget_for_all() {
    let home = Home::new(|settings| settings.challenges = 1);
    home.get(&first(IMPI)).await.challenge();
    let refused = home.get(&first(IMPI)).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_wrong_answer_makes_no_room_for_another_challenge() {
    let home = Home::new(|settings| settings.challenges_each = 2);
    let mut sim = Sim::new();
    for _ in 0..2 {
        let right = sim.field(&home).await;
        let wrong = right.replacen("cnonce=\"04", "cnonce=\"05", 1);
        assert_eq!(home.get(&wrong).await.status, StatusCode::FORBIDDEN);
    }
    let refused = home.get(&first(IMPI)).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    home.wait(30);
    home.get(&first(IMPI)).await.challenge();
}

#[tokio::test]
async fn a_right_answer_makes_room_and_so_does_a_right_auts() {
    let home = Home::new(|settings| settings.challenges_each = 1);
    let mut sim = Sim::new();
    let rand = Rand::new([1; 16]);
    let (autn, _) = milenage().challenge(&rand, Sqn::new(32_000).unwrap(), Amf::SEPARATED);
    sim.answer(&rand, &autn).unwrap();
    for _ in 0..3 {
        sim.bootstrap(&home, IMPI).await;
    }
}

#[tokio::test]
async fn one_address_does_not_use_up_the_patience_of_all() {
    let home = Home::new(|_| ());
    let ask = |from: &str| {
        let request = Request::get("/").extension(Peer::tcp(from.parse().unwrap()));
        let request = request
            .header("authorization", first(IMPI))
            .header("host", BSF);
        request.body(Body::empty()).unwrap()
    };
    let greedy = [(); 3].map(|()| ask("192.0.2.1:5"));
    let mut statuses = Vec::new();
    for request in greedy {
        statuses.push(
            home.ub
                .clone()
                .oneshot(request)
                .await
                .unwrap()
                .status()
                .as_u16(),
        );
    }
    assert_eq!(statuses, [401, 401, 429]);
    let other = home.ub.clone().oneshot(ask("192.0.2.2:5")).await.unwrap();
    assert_eq!(other.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_does_not_exist_takes_no_room_from_who_does() {
    let home = Home::new(|settings| settings.challenges = 1);
    for stranger in [STRANGER, OTHER_STRANGER] {
        home.get(&first(stranger)).await.challenge();
    }
    home.get(&first(IMPI)).await.challenge();
}

const STRANGER: &str = "001010000000002@ims.mnc001.mcc001.3gppnetwork.org";
const OTHER_STRANGER: &str = "001010000000003@ims.mnc001.mcc001.3gppnetwork.org";

/// A directory that lets others go first.
struct Slow(Kept<MemoryStore>);

impl Directory for Slow {
    async fn find(&self, imsi: &Imsi) -> Result<Option<Subscriber>, DirectoryError> {
        tokio::task::yield_now().await;
        self.0.find(imsi).await
    }

    async fn compare_and_set(
        &self,
        imsi: &Imsi,
        expected: Sqn,
        new: Sqn,
    ) -> Result<Swap, DirectoryError> {
        self.0.compare_and_set(imsi, expected, new).await
    }
}

#[tokio::test]
async fn requests_at_once_share_the_budget_and_waste_no_numbers() {
    let (imsi, directory) = directory();
    let mut settings = Settings::new(BSF).unwrap();
    settings.challenges_each = 2;
    let centre = Arc::new(Centre::new(Slow(directory)));
    let bsf = Bsf::new(Arc::clone(&centre), settings);
    let field = first(IMPI);
    let ask = || {
        let request = auc::bsf::Request {
            authorization: &field,
            user_agent: "test",
            method: "GET",
            target: "/",
            host: BSF,
            body: b"",
        };
        bsf.ub(request, UnixTime::new(1_700_000_000))
    };
    let answers = tokio::join!(ask(), ask(), ask(), ask());
    let given = [
        answers.0.is_ok(),
        answers.1.is_ok(),
        answers.2.is_ok(),
        answers.3.is_ok(),
    ];
    assert_eq!(given.iter().filter(|given| **given).count(), 2);
    let known = centre.directory().find(&imsi).await.unwrap().unwrap();
    assert_eq!(known.sqn.get(), 64, "two vectors");
}

#[tokio::test]
async fn over_http_2_the_target_is_the_path_and_the_host_the_authority() {
    let home = Home::new(|_| ());
    let field = Sim::new().field(&home).await;
    let request = Request::get(format!("https://{BSF}/"))
        .version(axum::http::Version::HTTP_2)
        .header("authorization", &field);
    let answer = send(&home.ub, request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn hostile_requests_are_refused() {
    let home = Home::new(|_| ());
    for field in [
        "",
        "Digest",
        "Bearer x",
        "Digest username=\"a\", username=\"b\"",
    ] {
        let answer = home.get(field).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{field}");
    }
    let twice = Request::get("/")
        .header("authorization", first(IMPI))
        .header("authorization", first(IMPI));
    let answer = send(&home.ub, twice.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

/// What a stranger sees who asks as `user`, answers wrongly in every way there is, and asks on.
async fn seen_by_stranger(user: &str) -> Vec<(StatusCode, String)> {
    let home = Home::new(|settings| settings.challenges_each = 4);
    let mut seen = Vec::new();
    for auts in [None, Some(Auts::new([7; 14]))] {
        let asked = home.get(&first(user)).await;
        let challenged = terminal(user)
            .challenged(asked.challenge())
            .expect("a challenge");
        // the subscriber's own is 8001
        assert_eq!(challenged.autn().amf(), Amf::ZERO);
        let field = match auts {
            None => challenged
                .answer(&Res::from_f2([7; 8]), cnonce())
                .credentials()
                .to_string(),
            Some(auts) => {
                let again = challenged.resynchronise(auts, cnonce()).expect("the first");
                again.credentials().to_string()
            }
        };
        let answer = home.get(&field).await;
        seen.push((answer.status, answer.body));
        // of a challenge that is gone
        let again = home.get(&field).await;
        seen.push((again.status, again.body));
    }
    let refused = home.get(&first(user)).await;
    seen.push((refused.status, refused.body));
    seen
}

#[tokio::test]
async fn strangers_do_not_learn_who_there_is() {
    let of_subscriber = seen_by_stranger(IMPI).await;
    let statuses: Vec<_> = of_subscriber
        .iter()
        .map(|(status, _)| status.as_u16())
        .collect();
    assert_eq!(statuses, [403, 401, 403, 401, 429]);
    assert_eq!(seen_by_stranger(STRANGER).await, of_subscriber);
}

#[tokio::test]
async fn what_is_no_identity_of_a_home_is_refused() {
    let home = Home::new(|_| ());
    for user in [
        "nobody",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@tmpi.bsf.3gppnetwork.org",
    ] {
        let answer = home.get(&first(user)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{user}");
    }
}

#[tokio::test]
async fn a_temporary_identity_stands_for_the_last_bootstrapping() {
    let (home, mut sim) = (Home::new(|_| ()), Sim::new());
    let one = sim.bootstrap(&home, IMPI).await;
    let tmpi = one.ks.tmpi(&one.session.rand, IMPI, BSF);
    let two = sim.bootstrap(&home, tmpi.as_str()).await;
    let (_, answer) = home.naf_key(&two.request()).await;
    assert_eq!(answer["key"], two.key(NafKey::Me, HTTP_DIGEST));
    // the first one is over, with its name and its temporary identity
    assert_eq!(home.naf_key(&one.request()).await.0, StatusCode::NOT_FOUND);
    let old = home.get(&first(tmpi.as_str())).await;
    assert_eq!(old.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn keys_end_with_the_bootstrapping() {
    let home = Home::new(|settings| settings.lifetime = 100);
    let agreed = Sim::new().bootstrap(&home, IMPI).await;
    home.wait(99);
    assert_eq!(home.naf_key(&agreed.request()).await.0, StatusCode::OK);
    home.wait(1);
    let (status, problem) = home.naf_key(&agreed.request()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(problem["code"], "unknown_btid");
}

/// With a card that reads AUTN* too; whether it was one.
async fn with_card(home: &Home, agent: &str) -> (bool, Agreed) {
    let asked = home.get_as(&first(IMPI), "/", agent).await;
    let challenged = terminal(IMPI).challenged(asked.challenge());
    let challenged = challenged.expect("a challenge");
    let (rand, autn) = (*challenged.rand(), *challenged.autn());
    let is_masked = Card::default()
        .authenticate(&milenage(), &rand, &autn)
        .is_err();
    let unmasked = uicc_autn(&autn, &milenage().respond(&rand).ik);
    let autn = if is_masked { unmasked } else { autn };
    let keys = Sim::new().answer(&rand, &autn).expect("it is fresh");
    (is_masked, finish(home, challenged, &keys).await)
}

#[tokio::test]
async fn a_card_that_keeps_ks_gets_a_challenge_that_only_it_can_read() {
    for (policy, agent, expected) in [
        (KsOnCard::Never, "x; 3gpp-gba-uicc", false),
        (KsOnCard::Asked, "x; 3gpp-gba-tmpi", false),
        (KsOnCard::Asked, "x; 3gpp-gba-uicc", true),
        (KsOnCard::Always, "x", true),
    ] {
        let home = Home::new(|settings| settings.ks_on_card = policy);
        let (masked, agreed) = with_card(&home, agent).await;
        assert_eq!(masked, expected, "{policy:?} {agent}");
        let mut of_card = agreed.request();
        of_card["key"] = "uicc".into();
        let (_, internal) = home.naf_key(&of_card).await;
        let (_, external) = home.naf_key(&agreed.request()).await;
        if masked {
            assert_eq!(internal["key"], agreed.key(NafKey::Internal, HTTP_DIGEST));
            assert_eq!(internal["kind"], "ks_int_naf");
            assert_eq!(external["kind"], "ks_ext_naf");
        } else {
            assert_eq!(internal["code"], "not_on_card");
            assert_eq!(external["kind"], "ks_naf");
        }
    }
}

#[tokio::test]
async fn a_naf_gets_keys_of_its_own_only() {
    let bound = Caller::new("naf", [scope::NAF_KEYS]).only([NAF]);
    let home = Home::of_caller(|_| (), bound);
    let agreed = Sim::new().bootstrap(&home, IMPI).await;
    let mut request = agreed.request();
    let (status, answer) = home.naf_key(&request).await;
    assert_eq!(status, StatusCode::OK);
    assert!(answer.get("impi").is_none());
    request["naf"] = "bank.home1.net".into();
    let (status, answer) = home.naf_key(&request).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(answer["code"], "not_yours");

    let home = Home::of_caller(|_| (), Caller::new("lab", ["auc:vectors"]));
    let agreed = Sim::new().bootstrap(&home, IMPI).await;
    let (_, answer) = home.naf_key(&agreed.request()).await;
    assert_eq!(answer["code"], "scope_missing");
}

#[tokio::test]
async fn what_goes_into_a_key_has_its_form() {
    let home = Home::new(|_| ());
    for (request, member) in [
        (json!({"btid": "x", "naf": "a b"}), "naf"),
        (json!({"btid": "x", "naf": ""}), "naf"),
        (
            json!({"btid": "x", "naf": NAF, "ua_protocol": "0100"}),
            "ua_protocol",
        ),
    ] {
        let (status, problem) = home.naf_key(&request).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(
            problem["detail"].as_str().unwrap().starts_with(member),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn the_naf_library_takes_the_key_that_the_bsf_gives() {
    let home = Home::new(|_| ());
    let agreed = Sim::new().bootstrap(&home, IMPI).await;
    let (naf, mut nonces) = (Naf::new(NAF).unwrap(), Nonces::new(Reuse::Counted));
    let now = UnixTime::new(1_700_000_000);
    let challenge = naf.challenge(nonces.issue([1; 16], now));
    let key = agreed.key(NafKey::Me, HTTP_DIGEST).parse().unwrap();
    let (btid, uri) = (
        agreed.session.btid.parse().unwrap(),
        "/doc".parse().unwrap(),
    );
    let user = Credentials::before_challenge(btid, challenge.realm.clone(), uri);
    let password = Password::of_ks_naf(&key);
    let answer = user.answering(&challenge, &password, Sent::GET, cnonce());
    let answer = answer.unwrap();

    let claim = naf.claim(&answer.to_string()).unwrap();
    let request = json!({"btid": claim.btid(), "naf": NAF});
    let (_, granted) = home.naf_key(&request).await;
    let granted = granted["key"].as_str().unwrap().parse().unwrap();
    let target = UriCheck::Strict.of("/doc", NAF);
    let admitted = claim.verify(&granted, Sent::GET, target).unwrap();
    nonces.spend(admitted.credentials(), now).unwrap();
    let proof = admitted.information(b"hello");
    assert!(proof.verify(&answer, &password, b"hello"));
}
