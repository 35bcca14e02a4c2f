//! A scripted phone, which does what Android's TS.43 client does.

use std::sync::Arc;

use aka::card::Outcome;
use aka::eap::{
    Attribute, Code, Event, Identities, MacKey, Method, MkKeys, Packet, PacketWriter, Peer, Subtype,
};
use aka::network::Vector;
use aka::{Auts, Ck, Ik, Imsi, Rand, Res};
use axum::http::{Request, StatusCode};
use endorse::ts43::{CONTENT_TYPE, packet, read_packet};
use endorse::{Endorsement, Verifier};
use endorse_server::source::{Answer as Later, Resync, VectorSource};
use serde_json::{Value, json};

use crate::device::Device;
use crate::world::{
    AUDIENCE, Answer, IMSI, K, OPC, ORIGIN, OTHER_AUDIENCE, World, dialects, encoded, imsi, present,
};

const IDENTITY: &str = "0001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org";
const IMEI: &str = "490154203237518";
const ACCEPT: &str = "application/vnd.gsma.eap-relay.v1.0+json, application/json";

struct Phone<'w> {
    world: &'w World,
    device: Device,
    cookie: String,
}

impl<'w> Phone<'w> {
    fn new(world: &'w World) -> Self {
        Self {
            world,
            device: Device::new(),
            cookie: String::new(),
        }
    }

    /// Asks with a query, and keeps the cookie.
    async fn asks(&mut self, more: &[(&str, &str)]) -> Answer {
        let first = [("EAP_ID", IDENTITY), ("terminal_id", IMEI)];
        let query = encoded(&[&first, more].concat());
        let request = Request::get(format!("/ts43?{query}")).header("accept", CONTENT_TYPE);
        let answer = self.world.send(request, "").await;
        self.keeps(&answer);
        answer
    }

    fn keeps(&mut self, answer: &Answer) {
        let cookie = answer.headers.get("set-cookie");
        let cookie = cookie
            .and_then(|cookie| cookie.to_str().ok())
            .unwrap_or_default();
        self.cookie = cookie.split(';').next().map(str::to_owned).unwrap();
    }

    /// What the phone makes of an EAP packet.
    fn responds(&mut self, relayed: &Answer) -> Vec<u8> {
        assert_eq!(relayed.headers["content-type"], CONTENT_TYPE, "{relayed:?}");
        let request = read_packet(relayed.text.as_bytes()).unwrap();
        let permanent = IDENTITY.as_bytes();
        let mut peer = Peer::aka(Identities {
            permanent,
            pseudonym: None,
        });
        let mut room = [0; 1500];
        let Ok(Event::Challenge(challenge)) = peer.receive(&request, &mut room) else {
            panic!("Android takes nothing but challenges");
        };
        let outcome = self.device.outcome(challenge.rand(), challenge.autn());
        challenge.answer(outcome).unwrap().to_vec()
    }

    async fn sends(&self, eap: &[u8]) -> Answer {
        let request = Request::post("/ts43")
            .header("content-type", CONTENT_TYPE)
            .header("accept", ACCEPT)
            .header("cookie", &self.cookie);
        self.world.send(request, packet(eap)).await
    }

    /// The whole flow.
    async fn runs(&mut self, more: &[(&str, &str)]) -> Answer {
        let asked = self.asks(more).await;
        let response = self.responds(&asked);
        self.sends(&response).await
    }
}

fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.value()["Token"]["token"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn verified(world: &World, token: &str, audience: &str) -> Endorsement {
    let (issuer, audience) = (ORIGIN.parse().unwrap(), audience.parse().unwrap());
    let verifier = Verifier::native(issuer, audience, world.keys().await);
    verifier.verify(token, present()).unwrap()
}

fn problem(answer: &Answer) -> (u16, String) {
    answer.problem()
}

#[tokio::test]
async fn a_phone_proves_its_sim_and_comes_again_with_its_token() {
    let world = World::new().await;
    let mut phone = Phone::new(&world);
    let first = phone.runs(&[("app", "ap2004")]).await;
    let home = token(&first);
    let endorsement = verified(&world, &home, ORIGIN).await;
    assert_eq!(endorsement.sim().method, Some(endorse::Method::EapAka));
    assert_eq!(endorsement.sim().imei.as_ref().unwrap().as_str(), IMEI);
    assert_eq!(endorsement.sim().imsi.as_ref().unwrap().as_str(), IMSI);

    let query = encoded(&[
        ("token", &home),
        ("app", "ap2009"),
        ("operation", "AcquireTemporaryToken"),
    ]);
    let again = world.get(&format!("/ts43?{query}")).await;
    assert_eq!(token(&again), home);
    let app = &again.value()["ap2009"];
    assert_eq!(app["OperationResult"], "1");
    assert!(app["TemporaryTokenExpiry"].as_str().unwrap().ends_with('Z'));
    let temporary = app["TemporaryToken"].as_str().unwrap();
    let endorsement = verified(&world, temporary, OTHER_AUDIENCE).await;
    assert_eq!(endorsement.sim().method, Some(endorse::Method::EapAka));
}

#[tokio::test]
async fn an_operation_may_come_with_the_first_request_and_in_json() {
    let world = World::new().await;
    let mut phone = Phone::new(&world);
    let body = json!({
        "EAP_ID": IDENTITY, "terminal_id": IMEI, "app": ["ap2004"], "vers": "0",
        "operation": "AcquireTemporaryToken",
    });
    let asked = world.json("/ts43", &body).await;
    phone.keeps(&asked);
    let response = phone.responds(&asked);
    let granted = phone.sends(&response).await;
    let temporary = granted.value()["ap2004"]["TemporaryToken"]
        .as_str()
        .unwrap()
        .to_owned();
    verified(&world, &temporary, AUDIENCE).await;
}

#[tokio::test]
async fn xml_is_for_whoever_names_it_first() {
    let world = World::new().await;
    let home = token(&Phone::new(&world).runs(&[]).await);
    let path = format!("/ts43?{}", encoded(&[("token", &home)]));
    for (accept, kind) in [
        (
            "text/vnd.wap.connectivity-xml",
            "text/vnd.wap.connectivity-xml",
        ),
        (
            "text/vnd.wap.connectivity-xml, application/json",
            "text/vnd.wap.connectivity-xml",
        ),
        (
            "application/json, text/vnd.wap.connectivity-xml",
            "application/json",
        ),
        ("*/*", "application/json"),
    ] {
        let answer = world
            .send(Request::get(&path).header("accept", accept), "")
            .await;
        assert_eq!(answer.headers["content-type"], kind, "{accept}");
        assert!(answer.text.contains(&home));
    }
}

/// Answers with the vector behind Android's own test.
#[derive(Debug)]
struct Android;

fn android() -> Value {
    serde_json::from_str(include_str!("../vectors/eap_aka_android.json")).unwrap()
}

fn rand(challenge: &Packet<'_>) -> Rand {
    let rands = challenge.attributes().rands().unwrap();
    Rand::new(*rands.first().unwrap())
}

fn octets(vector: &Value, name: &str) -> Vec<u8> {
    hex::decode(vector[name].as_str().unwrap()).unwrap()
}

impl VectorSource for Android {
    fn vector<'a>(&'a self, _: &'a Imsi) -> Later<'a, Option<Vector>> {
        let android = android();
        let request = octets(&android, "eap_request");
        let challenge = Packet::parse(&request).unwrap();
        let said = octets(&android, "usim_answer");
        let part = |from: usize| -> [u8; 16] { said[from..from + 16].try_into().unwrap() };
        let vector = Vector {
            rand: rand(&challenge),
            autn: challenge.attributes().autn().unwrap(),
            xres: Res::from_slice(&said[2..10]).unwrap(),
            ck: Ck::new(part(11)),
            ik: Ik::new(part(28)),
        };
        Box::pin(std::future::ready(Ok(Some(vector))))
    }

    fn resynchronise<'a>(&'a self, _: &'a Imsi, _: &'a Rand, _: &'a Auts) -> Later<'a, Resync> {
        Box::pin(std::future::ready(Ok(Resync::Refused)))
    }
}

#[tokio::test]
async fn androids_own_response_is_taken_octet_for_octet() {
    let world = World::with(dialects(), Arc::new(Android)).await;
    let mut phone = Phone::new(&world);
    let android = android();
    let query = encoded(&[("EAP_ID", android["identity"].as_str().unwrap())]);
    let response = octets(&android, "eap_response");
    // The response is to the packet with the identifier 2, and the server chooses.
    for _ in 0..4000 {
        let asked = world.get(&format!("/ts43?{query}")).await;
        let request = read_packet(asked.text.as_bytes()).unwrap();
        if request[1] == response[1] {
            phone.keeps(&asked);
            break;
        }
    }
    let granted = phone.sends(&response).await;
    let endorsement = verified(&world, &token(&granted), ORIGIN).await;
    assert_eq!(
        endorsement.sim().imsi.as_ref().unwrap().as_str(),
        "234107813240779"
    );
}

/// What the SIM says, under the keys of somebody with this name, who has CK and IK or thinks so.
async fn relayed(name: &str, keys: Option<(Ck, Ik)>) -> Answer {
    let world = World::new().await;
    let mut phone = Phone::new(&world);
    let asked = phone.asks(&[]).await;
    let request = read_packet(asked.text.as_bytes()).unwrap();
    let challenge = Packet::parse(&request).unwrap();
    let autn = challenge.attributes().autn().unwrap();
    let said = phone.device.says(&rand(&challenge), &autn);
    let (ck, ik) = keys.unwrap_or((said.ck, said.ik));
    let keys = MkKeys::aka(&ck, &ik, name.as_bytes());
    let mut room = [0; 200];
    let kind = (Method::Aka, Subtype::Challenge);
    let writer = PacketWriter::new(&mut room, Code::Response, challenge.identifier(), kind);
    let response = writer.put(&Attribute::Res(said.res));
    let response = response.finish_with_mac(MacKey::Sha1(keys.k_aut()), &[]);
    phone.sends(response.unwrap()).await
}

#[tokio::test]
async fn a_relay_that_has_res_alone_gets_nothing() {
    assert_eq!(relayed(IDENTITY, None).await.status, StatusCode::OK);
    let guessed = (Ck::new([0; 16]), Ik::new([0; 16]));
    let refused = relayed(IDENTITY, Some(guessed)).await;
    assert_eq!(problem(&refused), (403, "not_proven".to_owned()));
}

#[tokio::test]
async fn what_a_phone_answers_to_an_access_point_is_no_answer_here() {
    let to_access_points = "0001010000000001@wlan.mnc001.mcc001.3gppnetwork.org";
    let refused = relayed(to_access_points, None).await;
    assert_eq!(problem(&refused), (403, "not_proven".to_owned()));
    let world = World::new().await;
    let query = encoded(&[("EAP_ID", to_access_points)]);
    let refused = world.get(&format!("/ts43?{query}")).await;
    assert_eq!(problem(&refused), (400, "bad_request".to_owned()));
}

#[tokio::test]
async fn a_response_is_taken_once_and_a_wrong_one_ends_the_conversation() {
    let world = World::new().await;
    let mut phone = Phone::new(&world);
    let asked = phone.asks(&[]).await;
    let good = phone.responds(&asked);
    let mut wrong = good.clone();
    *wrong.last_mut().unwrap() ^= 1;
    let refused = (403, "not_proven".to_owned());
    assert_eq!(problem(&phone.sends(&wrong).await), refused);
    assert_eq!(problem(&phone.sends(&good).await), refused);

    let mut phone = Phone::new(&world);
    let asked = phone.asks(&[]).await;
    let good = phone.responds(&asked);
    assert_eq!(phone.sends(&good).await.status, StatusCode::OK);
    assert_eq!(problem(&phone.sends(&good).await), refused);
}

#[tokio::test]
async fn a_challenge_of_two_conversations_has_one_answer() {
    let world = World::new().await;
    let (mut one, mut two) = (Phone::new(&world), Phone::new(&world));
    let (asked, also) = (one.asks(&[]).await, two.asks(&[]).await);
    let mut wrong = one.responds(&asked);
    *wrong.last_mut().unwrap() ^= 1;
    let good = two.responds(&also);
    let refused = (403, "not_proven".to_owned());
    assert_eq!(problem(&one.sends(&wrong).await), refused);
    assert_eq!(problem(&two.sends(&good).await), refused);
}

/// Makes the card hear a challenge with this number.
fn hear(device: &mut Device, sqn: &str) {
    let milenage = aka::Milenage::new(&K.parse().unwrap(), &OPC.parse().unwrap());
    let numbers = aka::network::MemoryStore::new().with(imsi(), sqn.parse().unwrap());
    let rand = Rand::new([9; 16]);
    let request = aka::network::Request::new(rand, aka::Amf::SEPARATED);
    let vector = aka::network::Home::new(numbers)
        .vector(&milenage, &imsi(), request)
        .unwrap();
    let outcome = device.outcome(&rand, &vector.autn);
    assert!(matches!(outcome, Ok(Outcome::Success { .. })), "{sqn}");
}

#[tokio::test]
async fn a_card_that_is_ahead_is_followed_twice_and_no_further() {
    let world = World::new().await;
    let mut phone = Phone::new(&world);
    let mut relayed = phone.asks(&[]).await;
    let cookie = phone.cookie.clone();
    for sqn in ["000000010000", "000000020000"] {
        hear(&mut phone.device, sqn);
        let response = phone.responds(&relayed);
        relayed = phone.sends(&response).await;
        assert_eq!(relayed.status, StatusCode::OK, "{relayed:?}");
        phone.keeps(&relayed);
        assert_eq!(phone.cookie, cookie);
    }
    hear(&mut phone.device, "000000030000");
    let response = phone.responds(&relayed);
    let refused = phone.sends(&response).await;
    assert_eq!(problem(&refused), (403, "not_proven".to_owned()));

    // One that is ahead once gets its token.
    hear(&mut phone.device, "000000040000");
    let stale = phone.asks(&[]).await;
    let response = phone.responds(&stale);
    let fresh = phone.sends(&response).await;
    let response = phone.responds(&fresh);
    token(&phone.sends(&response).await);
}

#[tokio::test]
async fn a_sim_that_nobody_knows_is_asked_like_any_other() {
    let world = World::new().await;
    let ask = async |identity: &str| {
        let query = encoded(&[("EAP_ID", identity)]);
        let answer = world.get(&format!("/ts43?{query}")).await;
        (
            answer.status,
            read_packet(answer.text.as_bytes()).unwrap().len(),
        )
    };
    let unknown = "0001010000000009@nai.epc.mnc001.mcc001.3gppnetwork.org";
    assert_eq!(ask(IDENTITY).await, ask(unknown).await);
}

#[tokio::test]
async fn what_is_wrong_is_told_by_ts43s_own_statuses() {
    let world = World::new().await;
    let bad = (400, "bad_request".to_owned());
    for query in ["", "EAP_ID=x", "app=x", "token=a&token=b", "EAP_ID=%zz"] {
        let answer = world.get(&format!("/ts43?{query}")).await;
        assert_eq!(problem(&answer), bad, "{query}");
    }
    let answer = world.get("/ts43?token=a.b.c").await;
    assert_eq!(problem(&answer), (511, "invalid_token".to_owned()));
    let mut phone = Phone::new(&world);
    phone.asks(&[]).await;
    let one = phone.cookie.clone();
    for cookie in ["", "endorse-ts43=x", &format!("{one}; {one}"), "other=1"] {
        phone.cookie = cookie.to_owned();
        let answer = phone.sends(&[2, 1, 0, 4]).await;
        assert_eq!(problem(&answer), (403, "not_proven".to_owned()), "{cookie}");
    }
    let form = world.form("/ts43", &[("EAP_ID", IDENTITY)]).await;
    assert_eq!(problem(&form), bad);
}

#[tokio::test]
async fn a_token_for_an_audience_does_not_bring_a_phone_back() {
    let world = World::new().await;
    let token = Device::new().token(&world, AUDIENCE, None).await;
    let answer = world
        .get(&format!("/ts43?{}", encoded(&[("token", &token)])))
        .await;
    assert_eq!(problem(&answer), (511, "invalid_token".to_owned()));
}

#[tokio::test]
async fn debug_shows_neither_token_nor_packet_nor_imsi() {
    let (world, mut device) = (World::new().await, Device::new());
    let home = device.token(&world, ORIGIN, None).await;
    let server = &world.state.server;
    let known = server.inspect(&home, present()).await.unwrap().unwrap();
    let payload = format!("{:?}", known.payload);
    assert!(!format!("{known:?}").contains(&payload));
    for pairs in [("token", home.as_str()), ("EAP_ID", IDENTITY)] {
        let asked = endorse::ts43::Asked::collect([pairs]).unwrap();
        let step = server.begin_ts43(&asked, present()).await.unwrap();
        let shown = format!("{step:?}");
        assert!(shown.ends_with("([redacted])"), "{shown}");
        if let endorse_server::Ts43Step::Granted(grant) = step {
            assert!(!format!("{grant:?}").contains(&home));
        }
    }
}
