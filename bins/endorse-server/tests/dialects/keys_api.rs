//! SORACOM's Keys API, with the bodies that its own clients send.

use std::sync::Arc;

use aka::network::Vector;
use aka::{Auts, Ck, Ik, Imsi, Rand, Res};
use axum::http::{Request, StatusCode};
use endorse::Verifier;
use endorse::keys_api::{KeyAnswer, ProvisioningCall, Signed, application_key, sign};
use endorse_server::source::{Answer as Later, Resync, VectorSource};
use serde_json::{Value, json};
use strict_jws::base64::{decode_padded, encode_padded};

use crate::device::Device;
use crate::world::{Answer, IMSI, ORIGIN, World, dialects, imsi, present, source};

const TOKENS: &str = "/v1/provisioning/aws/cognito/open_id_tokens";
const METADATA: &str = "/v1/provisioning/soracom/air/subscriber_metadata";
const BOOTSTRAP: &str = "/v1/provisioning/soracom/inventory/bootstrap";

fn recorded() -> Value {
    serde_json::from_str(include_str!("../vectors/keys_api.json")).unwrap()
}

/// Answers with the vector of the recorded exchange.
#[derive(Debug)]
struct Recorded;

impl VectorSource for Recorded {
    fn vector<'a>(&'a self, _: &'a Imsi) -> Later<'a, Option<Vector>> {
        let recorded = recorded();
        let octets = |name: &str| octets(recorded["challenge"][name].as_str().unwrap());
        let verify: Value =
            serde_json::from_str(recorded["go"][1]["body"].as_str().unwrap()).unwrap();
        let res = decode_padded(verify["res"].as_str().unwrap().as_bytes()).unwrap();
        let vector = Vector {
            rand: octets("rand").into(),
            autn: octets("autn").into(),
            xres: Res::from_slice(&res).unwrap(),
            ck: recorded["card"]["ck"]
                .as_str()
                .unwrap()
                .parse::<Ck>()
                .unwrap(),
            ik: Ik::new([0; 16]),
        };
        Box::pin(std::future::ready(Ok(Some(vector))))
    }

    fn resynchronise<'a>(&'a self, _: &'a Imsi, _: &'a Rand, _: &'a Auts) -> Later<'a, Resync> {
        Box::pin(std::future::ready(Ok(Resync::Refused)))
    }
}

/// A key whose CK the device knows.
struct Key {
    id: String,
    ck: Ck,
}

async fn offered(world: &World) -> Answer {
    let answer = world.json("/v1/keys", &json!({"imsi": IMSI})).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer
}

/// RAND and AUTN of a challenge.
fn asked(answer: &Answer) -> (Rand, aka::Autn) {
    let [rand, autn] = ["rand", "autn"].map(|name| octets(&answer.member(name)));
    (rand.into(), autn.into())
}

fn octets(text: &str) -> [u8; 16] {
    decode_padded(text.as_bytes()).unwrap().try_into().unwrap()
}

async fn answered(world: &World, id: &str, member: &str, res: &[u8]) -> Answer {
    let body = json!({member: encode_padded(res)});
    world.json(&format!("/v1/keys/{id}/verify"), &body).await
}

async fn proven(world: &World, device: &mut Device) -> Key {
    let offered = offered(world).await;
    let (rand, autn) = asked(&offered);
    let said = device.says(&rand, &autn);
    let id = offered.member("keyId");
    let verified = answered(world, &id, "res", said.res.expose()).await;
    assert_eq!(verified.status, StatusCode::OK, "{verified:?}");
    Key { id, ck: said.ck }
}

/// The present time in milliseconds.
fn milliseconds() -> u64 {
    present().seconds() * 1000
}

async fn call(world: &World, path: &str, body: &str, (ck, time): (&Ck, u64)) -> Answer {
    let request = Request::post(path)
        .header("content-type", "application/json;  charset=utf-8")
        .header("x-soracom-timestamp", time)
        .header("x-soracom-digest-algorithm", "SHA-256")
        .header(
            "x-soracom-signature",
            sign(body.as_bytes(), time, ck.expose()),
        );
    world.send(request, body.to_owned()).await
}

fn nested(id: &str) -> String {
    json!({"keyId": id, "requestParameters": {"site": "roof"}}).to_string()
}

#[tokio::test]
async fn the_recorded_client_goes_through_and_gets_our_token() {
    let world = World::with(dialects(), Arc::new(Recorded)).await;
    let recorded = recorded();
    let step = |at: usize| recorded["go"][at]["body"].as_str().unwrap().to_owned();
    let send = |path: &str| Request::post(path).header("content-type", "application/json");

    let offered = world.send(send("/v1/keys"), step(0)).await;
    assert_eq!(offered.status, StatusCode::OK);
    for name in ["rand", "autn"] {
        assert_eq!(offered.value()[name], recorded["challenge"][name], "{name}");
    }
    let id = offered.member("keyId");
    let verify = format!("/v1/keys/{id}/verify");
    assert_eq!(
        world.send(send(&verify), step(1)).await.status,
        StatusCode::OK
    );

    let theirs = recorded["challenge"]["keyId"].as_str().unwrap();
    let body = step(2).replace(theirs, &id);
    let ck: Ck = recorded["card"]["ck"].as_str().unwrap().parse().unwrap();
    let answer = call(&world, TOKENS, &body, (&ck, milliseconds())).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let members: Vec<String> = answer
        .value()
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(members, ["region", "token", "identityId"]);
    let verifier = Verifier::soracom(
        ORIGIN.parse().unwrap(),
        "endorse-audience".parse().unwrap(),
        "soracom-endorse".parse().unwrap(),
        world.keys().await,
    );
    let endorsement = verifier.verify(&answer.member("token"), present()).unwrap();
    assert_eq!(endorsement.sim().imsi.as_ref().unwrap().as_str(), IMSI);
}

#[tokio::test]
async fn the_other_family_of_clients_goes_through() {
    let (world, mut device) = (World::new().await, Device::new());
    let offered = offered(&world).await;
    let (rand, autn) = asked(&offered);
    let said = device.says(&rand, &autn);
    let id = offered.member("keyId");
    let java = &recorded()["java"];
    let member = java["verify_member"].as_str().unwrap();
    assert_eq!(
        answered(&world, &id, member, said.res.expose())
            .await
            .status,
        StatusCode::OK
    );

    let time = milliseconds();
    let mut body = java["own_members"].clone();
    body["nonce"] = json!("AAAA");
    body["keyId"] = json!(id);
    body["timestamp"] = json!(time.to_string());
    body["site"] = json!("roof");
    let answer = call(&world, TOKENS, &body.to_string(), (&said.ck, time)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let payload = answer.member("token").split('.').nth(1).unwrap().to_owned();
    let payload = strict_jws::base64::decode(payload.as_bytes()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    let expected = json!({"imsi": IMSI, "requestParameters": {"site": "roof"}});
    assert_eq!(claims["soracom-endorse-claim"], expected);
}

#[tokio::test]
async fn a_challenge_comes_with_401_where_the_operator_wants_it() {
    let mut dialects = dialects();
    dialects.keys_api = "{ challenge-status = 401 }".parse().unwrap();
    let world = World::with(dialects, source()).await;
    let answer = world.json("/v1/keys", &json!({"imsi": IMSI})).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.member("keyId").len(), 22);
}

#[tokio::test]
async fn without_soracoms_format_the_token_is_a_native_one() {
    let mut dialects = dialects();
    dialects.soracom = "{}".parse().unwrap();
    let world = World::with(dialects, source()).await;
    let key = proven(&world, &mut Device::new()).await;
    let answer = call(&world, TOKENS, &nested(&key.id), (&key.ck, milliseconds())).await;
    let keys = world.keys().await;
    let audience = crate::world::AUDIENCE.parse().unwrap();
    let verifier = Verifier::native(ORIGIN.parse().unwrap(), audience, keys);
    let endorsement = verifier.verify(&answer.member("token"), present()).unwrap();
    assert_eq!(
        endorsement.sim().request_parameters.get("site"),
        Some("roof")
    );
    assert_eq!(endorsement.subject().as_str(), answer.member("identityId"));
}

#[tokio::test]
async fn a_wrong_res_uses_the_key_up() {
    let (world, mut device) = (World::new().await, Device::new());
    let offered = offered(&world).await;
    let (rand, autn) = asked(&offered);
    let id = offered.member("keyId");
    let wrong = answered(&world, &id, "res", &[0; 8]).await;
    assert_eq!(wrong.problem(), (401, "not_proven".to_owned()));
    assert!(wrong.value().get("message").is_some());
    let said = device.says(&rand, &autn);
    let second = answered(&world, &id, "res", said.res.expose()).await;
    assert_eq!(second.problem(), (401, "not_proven".to_owned()));
}

#[tokio::test]
async fn a_challenge_that_was_told_for_64_keys_has_one_answer() {
    let (world, mut device) = (World::new().await, Device::new());
    let mut keys = Vec::new();
    for _ in 0..64 {
        keys.push(offered(&world).await);
    }
    let (rand, autn) = asked(&keys[0]);
    assert!(keys.iter().all(|key| asked(key) == (rand, autn)));
    let said = device.says(&rand, &autn);
    let id = |index: usize| keys[index].member("keyId");
    let wrong = answered(&world, &id(0), "res", &[0; 8]).await;
    assert_eq!(wrong.problem(), (401, "not_proven".to_owned()));
    for index in 1..64 {
        let late = answered(&world, &id(index), "res", said.res.expose()).await;
        assert_eq!(late.problem(), (401, "not_proven".to_owned()), "{index}");
    }
    let (fresh, autn) = asked(&offered(&world).await);
    assert_ne!(fresh, rand);
    assert!(device.authenticate(&fresh, &autn).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_right_answers_at_once_one_counts() {
    let (world, mut device) = (Arc::new(World::new().await), Device::new());
    let mut keys = Vec::new();
    for _ in 0..64 {
        keys.push(offered(&world).await);
    }
    let (rand, autn) = asked(&keys[0]);
    let said = device.says(&rand, &autn);
    let tasks: Vec<_> = keys
        .into_iter()
        .map(|key| {
            let (world, res) = (Arc::clone(&world), said.res.clone());
            tokio::spawn(async move {
                answered(&world, &key.member("keyId"), "res", res.expose()).await
            })
        })
        .collect();
    let mut accepted = 0;
    for task in tasks {
        accepted += u32::from(task.await.unwrap().status == StatusCode::OK);
    }
    assert_eq!(accepted, 1);
}

#[tokio::test]
async fn a_right_res_is_taken_once() {
    let (world, mut device) = (World::new().await, Device::new());
    let offered = offered(&world).await;
    let (rand, autn) = asked(&offered);
    let said = device.says(&rand, &autn);
    let id = offered.member("keyId");
    let answer = || answered(&world, &id, "res", said.res.expose());
    assert_eq!(answer().await.status, StatusCode::OK);
    assert_eq!(answer().await.problem(), (401, "not_proven".to_owned()));
}

#[tokio::test]
async fn whoever_relays_res_alone_signs_nothing() {
    let world = World::new().await;
    let key = proven(&world, &mut Device::new()).await;
    let relay = Ck::new([0; 16]);
    let refused = call(&world, TOKENS, &nested(&key.id), (&relay, milliseconds())).await;
    assert_eq!(refused.problem(), (401, "not_proven".to_owned()));
    // and does not use the key up
    let answer = call(&world, TOKENS, &nested(&key.id), (&key.ck, milliseconds())).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_call_counts_once_and_a_key_serves_several() {
    let world = World::new().await;
    let key = proven(&world, &mut Device::new()).await;
    let time = milliseconds();
    let at = async |time| {
        let answer = call(&world, METADATA, &nested(&key.id), (&key.ck, time)).await;
        answer.status.as_u16()
    };
    assert_eq!([at(time).await, at(time).await], [200, 401]);
    assert_eq!([at(time - 1).await, at(time + 1).await], [401, 200]);
    for far in [time - 400_000, time + 400_000] {
        assert_eq!(at(far).await, 401);
    }
}

#[tokio::test]
async fn a_key_that_nobody_proved_signs_nothing() {
    let world = World::new().await;
    let id = offered(&world).await.member("keyId");
    for id in [id.as_str(), "rFhF18J_KdHsGDI4Fp7xZg", "../../x"] {
        let body = nested(id);
        let refused = call(&world, TOKENS, &body, (&Ck::new([0; 16]), milliseconds())).await;
        assert_eq!(refused.problem(), (401, "not_proven".to_owned()), "{id}");
    }
}

#[tokio::test]
async fn keys_and_challenges_end() {
    let (world, mut device) = (World::new().await, Device::new());
    let server = &world.state.server;
    let key = proven(&world, &mut device).await;
    let body = nested(&key.id);
    let then = present().plus(601);
    let time = then.seconds() * 1000;
    let signature = sign(body.as_bytes(), time, key.ck.expose());
    let read = ProvisioningCall::read(body.as_bytes()).unwrap();
    let digits = time.to_string();
    let signed = Signed::new(body.as_bytes(), &digits, None, &signature);
    let late = server.accept_call(&read, &signed.unwrap(), then).await;
    assert_eq!(late.unwrap_err().code(), "not_proven");

    let offered = server.offer_key(imsi(), present()).await.unwrap();
    let said = device.says(&offered.rand, &offered.autn);
    let body = json!({"res": encode_padded(said.res.expose())}).to_string();
    let answer = KeyAnswer::read(body.as_bytes()).unwrap();
    let id = offered.key_id.to_string();
    let late = server.accept_key(&id, &answer, present().plus(60)).await;
    assert_eq!(late.unwrap_err().code(), "not_proven");
}

#[tokio::test]
async fn a_card_that_is_ahead_is_followed() {
    let (world, mut device) = (World::new().await, Device::new());
    // The card has heard a challenge that the centre has forgotten.
    let ahead = aka::Sqn::from_bytes([0, 0, 0, 1, 0, 0]);
    let milenage = aka::Milenage::new(
        &crate::world::K.parse().unwrap(),
        &crate::world::OPC.parse().unwrap(),
    );
    let rand = Rand::new([9; 16]);
    let home = aka::network::Home::new(aka::network::MemoryStore::new().with(imsi(), ahead));
    let request = aka::network::Request::new(rand, aka::Amf::SEPARATED);
    let vector = home.vector(&milenage, &imsi(), request).unwrap();
    assert!(device.authenticate(&rand, &vector.autn).is_ok());

    let stale = offered(&world).await;
    let (rand, autn) = asked(&stale);
    let Err(auts) = device.authenticate(&rand, &autn) else {
        panic!("the card is ahead");
    };
    let resync = |rand: &Rand| json!({"imsi": IMSI, "rand": encode_padded(rand.as_bytes()), "auts": encode_padded(auts.as_bytes())});
    let foreign = world.json("/v1/keys", &resync(&Rand::new([8; 16]))).await;
    assert_eq!(foreign.problem(), (401, "not_proven".to_owned()));
    let again = world.json("/v1/keys", &resync(&rand)).await;
    assert_eq!(again.status, StatusCode::OK, "{again:?}");
    let (fresh, autn) = asked(&again);
    assert_ne!(fresh, rand);
    assert!(device.authenticate(&fresh, &autn).is_ok());
    let twice = world.json("/v1/keys", &resync(&rand)).await;
    assert_eq!(twice.problem(), (401, "not_proven".to_owned()));
}

#[tokio::test]
async fn a_bootstrapped_device_derives_the_key_that_the_inventory_can() {
    let world = World::new().await;
    let key = proven(&world, &mut Device::new()).await;
    let answer = call(
        &world,
        BOOTSTRAP,
        &nested(&key.id),
        (&key.ck, milliseconds()),
    )
    .await;
    assert_eq!(answer.member("serverUri"), "coaps://inventory.example:5684");
    let nonce = decode_padded(answer.member("nonce").as_bytes()).unwrap();
    let time: u64 = answer.member("timestamp").parse().unwrap();
    assert_eq!(application_key(&nonce, time, key.ck.expose()).len(), 16);
    assert_eq!(answer.member("pskId").len(), 43);
}

#[tokio::test]
async fn a_sim_that_nobody_knows_is_asked_like_any_other() {
    let world = World::new().await;
    let (known, unknown) = (
        offered(&world).await,
        world
            .json("/v1/keys", &json!({"imsi": "001010000000009"}))
            .await,
    );
    assert_eq!(known.status, unknown.status);
    let shape = |answer: &Answer| -> Vec<(String, usize)> {
        let value = answer.value();
        let members = value.as_object().unwrap().iter();
        members
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().len()))
            .collect()
    };
    assert_eq!(shape(&known), shape(&unknown));
    let refused = answered(&world, &unknown.member("keyId"), "res", &[0; 8]).await;
    assert_eq!(refused.problem(), (401, "not_proven".to_owned()));
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_told() {
    let world = World::new().await;
    let send = async |path: &str, kind: &str, body: &str| {
        let request = Request::post(path).header("content-type", kind);
        world.send(request, body.to_owned()).await.problem()
    };
    let bad = (400, "bad_request".to_owned());
    for body in [
        "",
        "[]",
        r#"{"imsi":"x"}"#,
        r#"{"imsi":"001010000000001","auts":"AAAA"}"#,
    ] {
        assert_eq!(
            send("/v1/keys", "application/json", body).await,
            bad,
            "{body}"
        );
    }
    let form = "application/x-www-form-urlencoded";
    assert_eq!(
        send("/v1/keys", form, r#"{"imsi":"001010000000001"}"#).await,
        bad
    );
    assert_eq!(
        send("/v1/keys/k/verify", "application/json", "{}").await,
        bad
    );
    assert_eq!(
        send(TOKENS, "application/json", r#"{"keyId":"k"}"#).await,
        bad
    );
}
