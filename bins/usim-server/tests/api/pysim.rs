//! The dialect of pySim's SIM REST server.

use axum::{body::Body, http::Request};
use usim::transport::fault::Fault;

use crate::{
    cards,
    home::{CK, Centre, IK, RAND, RES, wrong_autn},
    server::{Server, Setup},
};

const AUTH: &str = "/sim-auth-api/v1/slot/0";

#[tokio::test]
async fn a_successful_authentication_has_lower_case_keys() {
    let answer = Server::soft().await.post(AUTH, &Centre::new().body()).await;
    let kc = answer.json()["successful_3g_authentication"]["kc"].clone();
    let kc = kc.as_str().unwrap().to_owned();
    let expected = format!(
        r#"{{"successful_3g_authentication":{{"res":"{RES}","ck":"{CK}","ik":"{IK}","kc":"{kc}"}}}}"#
    );
    assert_eq!(answer.pair(), (200, expected.as_str()));
    assert_eq!(kc, "eae4be823af9a08b");
}

#[tokio::test]
async fn a_synchronisation_failure_has_auts() {
    let (server, centre) = (Server::soft().await, Centre::new());
    let body = centre.body();
    server.post(AUTH, &body).await;
    let answer = server.post(AUTH, &body).await;
    let auts = answer.json()["synchronisation_failure"]["auts"].clone();
    let auts = auts.as_str().unwrap();
    let expected = format!(r#"{{"synchronisation_failure":{{"auts":"{auts}"}}}}"#);
    assert_eq!(answer.pair(), (200, expected.as_str()));
    assert!(centre.takes(auts));
}

#[tokio::test]
async fn the_content_type_does_not_matter() {
    let request = Request::post(AUTH).body(Body::from(Centre::new().body()));
    assert_eq!(
        Server::soft().await.send(request.unwrap()).await.status,
        200
    );
}

#[tokio::test]
async fn who_the_sim_is() {
    let answer = Server::soft().await.get("/sim-info-api/v1/slot/0").await;
    let expected = r#"{"imsi":"001010000000001","iccid":"8900101000000000019"}"#;
    assert_eq!(answer.pair(), (200, expected));
}

#[tokio::test]
async fn a_mac_failure_is_500_with_the_status_word() {
    let body = format!(r#"{{"rand":"{RAND}","autn":"{}"}}"#, wrong_autn());
    let answer = Server::soft().await.post(AUTH, &body).await;
    let expected = r#"{"error":{"message":"the challenge has a wrong MAC","status_word":"9862"}}"#;
    assert_eq!(answer.pair(), (500, expected));
}

#[tokio::test]
async fn what_cannot_be_read_is_400() {
    let server = Server::soft().await;
    for body in ["", "{}", "[]", r#"{"rand":"00","autn":"00"}"#] {
        let answer = server.post(AUTH, body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(
            answer.body.starts_with(r#"{"error":{"message":""#),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn a_slot_that_is_not_there_is_404_and_an_empty_one_410() {
    let (card, faults, _) = cards::faulty();
    let server = Setup::new().sim(card).await.build();
    for slot in ["1", "-1", "soft:0", "x"] {
        let target = format!("/sim-info-api/v1/slot/{slot}");
        assert_eq!(server.get(&target).await.status, 404, "{slot}");
    }
    faults.inject_next(Fault::PulledBefore);
    assert_eq!(server.get("/sim-info-api/v1/slot/0").await.status, 410);
    assert_eq!(server.get("/sim-info-api/v1/slot/0").await.status, 410);
}
