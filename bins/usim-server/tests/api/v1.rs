//! The typed dialect.

use axum::{body::Body, http::Request};
use usim::transport::TransportKind;

use crate::{
    cards::{self, Intercept},
    home::{CK, Centre, IK, RAND, RES, wrong_autn},
    server::{Server, Setup},
};

const SIM: &str = r#"{"index":0,"name":"soft:0","alias":null,"kind":"soft","state":"ready","iccid":"8900101000000000019","imsi":"001010000000001","mnc_length":2,"applications":[{"aid":"a0000000871002ff01ff018900000100","kind":"usim","label":"USIM"},{"aid":"a0000000871004ff01ff018900000100","kind":"isim","label":"ISIM"}],"pin":{"enabled":false,"tries_left":3}}"#;

const AUTHENTICATE: &str = "/v1/sims/0/authenticate";

async fn authenticate(body: &str) -> (u16, String) {
    let answer = Server::soft().await.post(AUTHENTICATE, body).await;
    (answer.status, answer.body)
}

fn problem(status: u16, title: &str, detail: &str, code: &str) -> String {
    format!(
        r#"{{"type":"about:blank","title":"{title}","status":{status},"detail":"{detail}","code":"{code}"}}"#
    )
}

#[tokio::test]
async fn the_sims_are_listed_with_all_that_is_known() {
    let answer = Server::soft().await.get("/v1/sims").await;
    assert_eq!(
        answer.pair(),
        (200, format!(r#"{{"sims":[{SIM}]}}"#).as_str())
    );
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_sim_goes_by_four_names() {
    let setup = Setup::new().labelled(TransportKind::Soft, Some("my lab/1"), cards::soft());
    let server = setup.await.build();
    for id in [
        "0",
        "soft:0",
        "soft%3A0",
        "my%20lab%2F1",
        "8900101000000000019",
    ] {
        let answer = server.get(&format!("/v1/sims/{id}")).await;
        let expected = SIM.replace("\"alias\":null", "\"alias\":\"my lab/1\"");
        assert_eq!(answer.pair(), (200, expected.as_str()), "{id}");
    }
}

#[tokio::test]
async fn an_unknown_sim_is_a_problem_with_a_code() {
    let answer = Server::soft().await.get("/v1/sims/none").await;
    let expected = problem(404, "Not Found", "no SIM goes by this name", "no_such_sim");
    assert_eq!(answer.pair(), (404, expected.as_str()));
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn a_locked_sim_says_so_and_still_has_an_iccid() {
    let card = cards::with_profile("[pin1]\nenabled = true\n");
    let server = Setup::new().sim(card).await.build();
    let sim = server.get("/v1/sims/0").await.json();
    assert_eq!(
        (&sim["state"], &sim["imsi"]),
        (&"locked".into(), &().into())
    );
    assert_eq!(sim["iccid"], "8900101000000000019");
    assert_eq!(sim["pin"].to_string(), r#"{"enabled":true,"tries_left":3}"#);
    let answer = server.post(AUTHENTICATE, &Centre::new().body()).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (423, "pin_required")
    );
}

#[tokio::test]
async fn a_3g_challenge_is_answered_with_four_keys() {
    let expected = format!(
        r#"{{"result":"success","res":"{RES}","ck":"{CK}","ik":"{IK}","kc":"eae4be823af9a08b"}}"#
    );
    let body = Centre::new().body();
    assert_eq!(authenticate(&body).await, (200, expected.clone()));
    let more = body.replace('}', r#","app":"usim","context":"3g"}"#);
    assert_eq!(authenticate(&more).await, (200, expected));
}

#[tokio::test]
async fn the_isim_answers_by_app_or_by_context() {
    for which in [r#""app":"isim""#, r#""context":"ims""#] {
        let body = Centre::new().body().replace('}', &format!(",{which}}}"));
        let (status, answer) = authenticate(&body).await;
        assert_eq!(status, 200, "{answer}");
        assert!(answer.contains(&format!(r#""res":"{RES}""#)), "{answer}");
    }
}

#[tokio::test]
async fn a_gsm_challenge_takes_no_autn() {
    let body = format!(r#"{{"rand":"{RAND}","context":"gsm"}}"#);
    let expected = r#"{"result":"success","sres":"46f8416a","kc":"eae4be823af9a08b"}"#;
    assert_eq!(authenticate(&body).await, (200, expected.to_owned()));
    let (status, answer) = authenticate(&body.replace('}', r#","autn":"00"}"#)).await;
    assert_eq!(status, 400, "{answer}");
}

#[tokio::test]
async fn gba_leaves_ks_on_the_card_and_derives_a_naf_key_from_it() {
    let server = Server::soft().await;
    let naf = r#"{"naf_id":"6e61662e6578616d706c650100000002","impi":"001010000000001@ims.mnc001.mcc001.3gppnetwork.org"}"#;
    let early = server.post("/v1/sims/0/gba-naf", naf).await;
    assert_eq!((early.status, early.code().as_str()), (502, "card_refused"));
    let autn = Centre::new().gba_autn();
    let body = format!(r#"{{"rand":"{RAND}","autn":"{autn}","context":"gba"}}"#);
    let answer = server.post(AUTHENTICATE, &body).await;
    let expected = format!(r#"{{"result":"success","res":"{RES}"}}"#);
    assert_eq!(answer.pair(), (200, expected.as_str()));
    let key = server.post("/v1/sims/0/gba-naf", naf).await.json();
    assert_eq!(key["result"], "success");
    assert_eq!(key["ks_ext_naf"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn a_stale_challenge_is_an_outcome() {
    let (server, centre) = (Server::soft().await, Centre::new());
    let body = centre.body();
    server.post(AUTHENTICATE, &body).await;
    let answer = server.post(AUTHENTICATE, &body).await;
    let auts = answer.json()["auts"].as_str().unwrap().to_owned();
    let expected = format!(r#"{{"result":"synchronisation_failure","auts":"{auts}"}}"#);
    assert_eq!(answer.pair(), (200, expected.as_str()));
    assert!(centre.takes(&auts));
}

#[tokio::test]
async fn a_wrong_mac_is_a_problem() {
    let body = format!(r#"{{"rand":"{RAND}","autn":"{}"}}"#, wrong_autn());
    let detail = "the challenge has a wrong MAC";
    let expected = problem(409, "Conflict", detail, "mac_failure");
    assert_eq!(authenticate(&body).await, (409, expected));
}

#[tokio::test]
async fn a_body_is_json_with_the_known_members_only() {
    let server = Server::soft().await;
    let unknown = Centre::new().body().replace('}', r#","colour":"gsm"}"#);
    for body in ["", "[]", r#"{"rand":1}"#, &unknown] {
        let answer = server.post(AUTHENTICATE, body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "bad_request"),
            "{body}"
        );
        assert!(!answer.body.contains(RAND), "{}", answer.body);
    }
    let form = Request::post(AUTHENTICATE).header("content-type", "text/plain");
    let answer = server
        .send(form.body(Body::from(Centre::new().body())).unwrap())
        .await;
    let detail = "the body's content type is not application/json";
    assert_eq!(
        answer.body,
        problem(400, "Bad Request", detail, "bad_request")
    );
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let long = format!(r#"{{"apdu":"{}"}}"#, "00".repeat(200_000));
    let answer = Server::soft().await.post("/v1/sims/0/apdu", &long).await;
    let detail = "the body is too long, or did not arrive";
    assert_eq!(
        answer.body,
        problem(400, "Bad Request", detail, "bad_request")
    );
}

#[tokio::test]
async fn a_command_goes_and_comes_as_it_is() {
    let server = Server::soft().await;
    let apdu = "/v1/sims/0/apdu";
    let select = server.post(apdu, r#"{"apdu":"00a40804022fe200"}"#).await;
    assert_eq!(select.status, 200);
    let sw = select.json()["sw"].as_str().unwrap().to_owned();
    assert!(sw.starts_with("61"), "T=0 asks for GET RESPONSE: {sw}");
    let read = server.post(apdu, r#"{"apdu":"00B000000A"}"#).await;
    let expected = r#"{"data":"980001010000000010f9","sw":"9000"}"#;
    assert_eq!(read.pair(), (200, expected));
}

#[tokio::test]
async fn a_command_that_is_not_on_the_list_never_reaches_the_card() {
    let (card, recording) = cards::recorded();
    let server = Setup::new().sim(card).await.build();
    let before = recording.danger_to_text();
    for apdu in [
        "0020000108313233344646464646",
        "01200001083132333446464646",
        "00D6000001FF",
        "00DC010401FF",
        "80E60000",
        "FFB0000001",
    ] {
        let answer = server
            .post("/v1/sims/0/apdu", &format!(r#"{{"apdu":"{apdu}"}}"#))
            .await;
        let refused = ["command_not_allowed", "bad_request"].contains(&answer.code().as_str());
        assert!(refused, "{apdu}: {}", answer.body);
    }
    assert_eq!(recording.danger_to_text(), before);
}

#[tokio::test]
async fn a_command_that_was_named_passes() {
    let setup = Setup::new().sim(cards::soft()).await;
    let server = setup.build_with(|app| {
        app.allow = std::mem::take(&mut app.allow).with(&["verify".parse().unwrap()]);
    });
    let tries = server
        .post("/v1/sims/0/apdu", r#"{"apdu":"00200001"}"#)
        .await;
    assert_eq!(tries.body, r#"{"data":"","sw":"63c3"}"#);
}

#[tokio::test]
async fn the_longest_answer_comes_whole() {
    let card = Intercept::new(|command| {
        let read = command.starts_with(&[0x00, 0xb0, 0x01]);
        read.then(|| [vec![0xa5; 65_536], vec![0x90, 0x00]].concat())
    });
    let server = Setup::new().sim(card).await.build();
    let answer = server
        .post("/v1/sims/0/apdu", r#"{"apdu":"00b00100000000"}"#)
        .await;
    let expected = format!(r#"{{"data":"{}","sw":"9000"}}"#, "a5".repeat(65_536));
    assert_eq!(answer.pair(), (200, expected.as_str()));
}

#[tokio::test]
async fn another_method_is_405() {
    let server = Server::soft().await;
    let answer = server.delete("/v1/sims").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (405, "method_not_allowed")
    );
    assert_eq!(server.get(AUTHENTICATE).await.status, 405);
}

#[tokio::test]
async fn health_readiness_and_metrics() {
    let empty = Setup::new().build();
    assert_eq!(empty.get("/healthz").await.pair(), (200, "ok\n"));
    assert_eq!(empty.get("/readyz").await.pair(), (503, "no SIM answers\n"));
    let server = Server::soft().await;
    assert_eq!(server.get("/readyz").await.pair(), (200, "ready\n"));
    server.post(AUTHENTICATE, &Centre::new().body()).await;
    let metrics = server.get("/metrics").await.body;
    for line in [
        "usim_requests_total{action=\"authenticate\",outcome=\"success\"} ",
        "usim_card_seconds_count{action=\"authenticate\"} ",
        "usim_queue_depth{sim=\"soft:0\"} 0",
        "http_requests_total{method=\"POST\",route=\"/v1/sims/{id}/authenticate\",status=\"200\"} ",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
}
