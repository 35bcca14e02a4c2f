//! `endorse`'s own device side against the server.

use aka::algorithm::HomeAlgorithm as _;
use aka::{Amf, Sqn};
use endorse::client::{Answer, Asked, Asking, Message, Next, Reply, SessionKeys, Wish};
use endorse::{Endorsement, Verifier};
use strict_jws::{Algorithm, KeySet, SigningKey, SystemRandom, Unsupported};

use super::*;

async fn send(app: &Router, message: &Message) -> (u16, Vec<u8>) {
    let body = serde_json::from_str(message.body()).unwrap();
    let (status, answer) = post(app, message.path(), &body).await;
    (status.as_u16(), answer.to_string().into_bytes())
}

impl Device {
    fn make(&mut self, asked: &Asked) -> Answer {
        let (rand, autn) = (Rand::new(*asked.rand()), Autn::new(*asked.autn()));
        match self
            .card
            .authenticate(&self.milenage, &rand, &autn)
            .unwrap()
        {
            Outcome::Success { ck, ik, .. } => {
                Answer::Success(SessionKeys::new(*ck.expose(), *ik.expose()))
            }
            Outcome::SyncFailure(auts) => Answer::SyncFailure(*auts.as_bytes()),
        }
    }

    /// The token for this wish, and how often the SIM was stale.
    async fn endorsed(&mut self, app: &Router, wish: Wish) -> (String, usize) {
        let mut stale = 0;
        let mut asking = Asking::new(ORIGIN, &IMSI.parse().unwrap(), wish);
        loop {
            let (status, body) = send(app, asking.message()).await;
            let asked = asking
                .replied(Reply {
                    status,
                    body: &body,
                })
                .unwrap();
            let answer = self.make(&asked);
            match asked.answered(&answer).unwrap() {
                Next::Ask(again) => {
                    stale += 1;
                    asking = again;
                }
                Next::Claim(claiming) => {
                    let (status, body) = send(app, claiming.message()).await;
                    let token = claiming
                        .replied(Reply {
                            status,
                            body: &body,
                        })
                        .unwrap();
                    return (token.expose().to_owned(), stale);
                }
            }
        }
    }
}

async fn verified(app: &Router, token: &str) -> Result<Endorsement, endorse::Refusal> {
    let jwks = Request::get("/.well-known/jwks.json").body(Body::empty());
    let (_, jwks) = ask(app, jwks.unwrap()).await;
    let keys = KeySet::from_jwks(jwks.to_string().as_bytes(), Unsupported::Refuse).unwrap();
    let verifier = Verifier::native(ORIGIN.parse().unwrap(), AUDIENCE.parse().unwrap(), keys);
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    verifier.verify(token, endorse::UnixTime::from_seconds(now))
}

fn wish() -> Wish {
    Wish::new(AUDIENCE.parse().unwrap())
}

#[tokio::test]
async fn what_a_device_asked_for_is_in_its_token() {
    let (app, mut device) = (server().await, Device::new());
    let imei = "490154203237518".parse().unwrap();
    let plate = [("plate".to_owned(), "S-IM 1".to_owned())];
    let wish = wish().with_parameters(plate).unwrap();
    let wish = wish.with_imei(&imei).unwrap().with_nonce("n-1");
    let (token, _) = device.endorsed(&app, wish).await;
    let endorsement = verified(&app, &token).await.unwrap();
    let sim = endorsement.sim();
    assert_eq!(sim.imei, Some(imei));
    assert_eq!(sim.request_parameters.get("plate"), Some("S-IM 1"));
    assert_eq!(endorsement.claims.nonce.as_deref(), Some("n-1"));
}

#[tokio::test]
async fn what_is_no_imei_stays_a_parameter() {
    let (app, mut device) = (server().await, Device::new());
    let imei = [("imei".to_owned(), "mine".to_owned())];
    let (token, _) = device
        .endorsed(&app, wish().with_parameters(imei).unwrap())
        .await;
    let endorsement = verified(&app, &token).await.unwrap();
    assert_eq!(endorsement.sim().imei, None);
    assert_eq!(
        endorsement.sim().request_parameters.get("imei"),
        Some("mine")
    );
}

#[tokio::test]
async fn a_token_that_is_bound_to_a_device_is_worth_nothing_alone() {
    let (app, mut device) = (server().await, Device::new());
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(Algorithm::Es256, &random).unwrap();
    let key = SigningKey::from_pem(&pem, &random).unwrap();
    let wish = wish().bound_to(key.public().thumbprint());
    let (token, _) = device.endorsed(&app, wish).await;
    let refused = verified(&app, &token).await.err();
    assert_eq!(refused, Some(endorse::Refusal::ProofMissing));
}

#[tokio::test]
async fn a_sim_that_is_ahead_gets_its_token_after_one_more_round() {
    let (app, mut device) = (server().await, Device::new());
    let ahead = Sqn::new(1 << 20).unwrap();
    let rand = Rand::new([9; 16]);
    let (autn, _) = device.milenage.challenge(&rand, ahead, Amf::SEPARATED);
    device
        .card
        .authenticate(&device.milenage, &rand, &autn)
        .unwrap();
    let (token, stale) = device.endorsed(&app, wish()).await;
    assert_eq!(stale, 1);
    assert!(verified(&app, &token).await.is_ok());
}
