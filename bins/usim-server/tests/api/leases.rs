//! Leases of channels and of whole SIMs.

use std::time::Duration;

use usim::transport::fault::Fault;

use crate::{
    cards,
    home::Centre,
    server::{Answer, Server, Setup},
};

const CHANNEL: &str = "/v1/sims/0/channel";
const APDU: &str = "/v1/sims/0/apdu";
const USIM: &str = "a0000000871002ff01ff018900000100";

async fn lease(server: &Server, body: &str) -> String {
    let answer = server.post(CHANNEL, body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()["lease"].as_str().unwrap().to_owned()
}

async fn send(server: &Server, apdu: &str, lease: Option<&str>) -> Answer {
    let lease = lease.map_or(String::new(), |lease| format!(r#","lease":"{lease}""#));
    let body = format!(r#"{{"apdu":"{apdu}"{lease}}}"#);
    server.post(APDU, &body).await
}

async fn sw(server: &Server, apdu: &str, lease: Option<&str>) -> String {
    let answer = send(server, apdu, lease).await;
    answer.json()["sw"].as_str().unwrap_or("none").to_owned()
}

async fn give_back(server: &Server, lease: &str) -> u16 {
    server.delete(&format!("{CHANNEL}/{lease}")).await.status
}

#[tokio::test]
async fn a_channel_lease_says_which_channel_and_how_long() {
    let server = Server::soft().await;
    let answer = server.post(CHANNEL, r#"{"kind":"channel"}"#).await;
    let lease = answer.json()["lease"].as_str().unwrap().to_owned();
    let expected = format!(r#"{{"lease":"{lease}","channel":1,"expires_in":30}}"#);
    assert_eq!(answer.pair(), (201, expected.as_str()));
    assert_eq!(lease.len(), 32);
}

#[tokio::test]
async fn what_is_selected_on_a_leased_channel_stays_whatever_others_do() {
    let (server, centre) = (Server::soft().await, Centre::new());
    let lease = lease(&server, &format!(r#"{{"kind":"channel","aid":"{USIM}"}}"#)).await;
    assert_eq!(sw(&server, "00a4000c026f07", Some(&lease)).await, "9000");
    assert_eq!(server.get(&centre.challenge()).await.status, 200);
    assert_eq!(sw(&server, "00a4000c023f00", None).await, "9000");
    let imsi = send(&server, "00b0000009", Some(&lease)).await;
    let expected = r#"{"data":"080910100000000010","sw":"9000"}"#;
    assert_eq!(imsi.pair(), (200, expected));
}

#[tokio::test]
async fn what_is_selected_on_the_basic_channel_stays_while_the_server_authenticates() {
    let (server, centre) = (Server::soft().await, Centre::new());
    assert_eq!(sw(&server, "00a4080c022fe2", None).await, "9000");
    assert_eq!(server.get(&centre.challenge()).await.status, 200);
    let iccid = send(&server, "00b000000a", None).await;
    let expected = r#"{"data":"980001010000000010f9","sw":"9000"}"#;
    assert_eq!(iccid.pair(), (200, expected));
}

#[tokio::test]
async fn a_leased_channel_is_out_of_reach_without_the_lease() {
    let server = Server::soft().await;
    let lease = lease(&server, r#"{"kind":"channel"}"#).await;
    for apdu in ["01b0000009", "0070800100"] {
        let answer = send(&server, apdu, None).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (503, "leased"),
            "{apdu}"
        );
        assert_eq!(answer.header("retry-after"), "30");
    }
    assert_eq!(give_back(&server, &lease).await, 204);
    assert_eq!(sw(&server, "01b0000009", None).await, "6881");
}

#[tokio::test]
async fn an_exclusive_lease_keeps_everybody_else_out() {
    let (server, centre) = (Server::soft().await, Centre::new());
    let lease = lease(&server, r#"{"kind":"exclusive","seconds":7}"#).await;
    for answer in [
        server.get("/?type=imsi").await,
        server.get(&centre.challenge()).await,
        send(&server, "00a4000c023f00", None).await,
        server.post(CHANNEL, r#"{"kind":"channel"}"#).await,
    ] {
        assert_eq!((answer.status, answer.header("retry-after")), (503, "7"));
    }
    assert_eq!(sw(&server, "00a4000c023f00", Some(&lease)).await, "9000");
    let own = centre
        .body()
        .replace('}', &format!(r#","lease":"{lease}"}}"#));
    let answer = server.post("/v1/sims/0/authenticate", &own).await;
    assert_eq!(answer.status, 200);
    assert_eq!(give_back(&server, &lease).await, 204);
    assert_eq!(server.get("/?type=imsi").await.status, 200);
}

#[tokio::test]
async fn a_lease_ends_by_itself_and_its_channel_is_closed() {
    let (card, recording) = cards::recorded();
    let server = Setup::new().sim(card).await.build();
    let lease = lease(&server, r#"{"kind":"channel","seconds":30}"#).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    tokio::time::resume();
    let mut answer = send(&server, "00a4000c023f00", Some(&lease)).await;
    for _ in 0..100 {
        if answer.status == 410 {
            break;
        }
        answer = send(&server, "00a4000c023f00", Some(&lease)).await;
    }
    assert_eq!((answer.status, answer.code().as_str()), (410, "lease_gone"));
    // the closing stands before this in the queue
    assert_eq!(server.get("/?type=imsi").await.status, 200);
    let text = recording.danger_to_text();
    assert!(text.contains("> 00708001"), "{text}");
}

#[tokio::test]
async fn a_lease_that_a_slow_card_gave_late_still_ends() {
    let (card, faults, _) = cards::faulty();
    let server = Setup::new().sim(card).await.build();
    faults.inject_next(Fault::Hang);
    let others = server.clone();
    let others = tokio::spawn(async move { others.get("/?type=imsi").await.status });
    let hanging = faults.clone();
    tokio::task::spawn_blocking(move || hanging.wait_until_hanging())
        .await
        .unwrap();
    let late = server.clone();
    let late = tokio::spawn(async move {
        let body = r#"{"kind":"exclusive","seconds":1}"#;
        late.post(CHANNEL, body).await.status
    });
    tokio::task::yield_now().await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(2)).await;
    tokio::time::resume();
    faults.release();
    assert_eq!((others.await.unwrap(), late.await.unwrap()), (504, 201));
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(2)).await;
    tokio::time::resume();
    let mut status = 503;
    for _ in 0..100 {
        if status == 200 {
            break;
        }
        status = server.get("/?type=imsi").await.status;
    }
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_lease_that_is_given_back_by_somebody_who_hangs_up_is_closed() {
    let (card, recording) = cards::recorded();
    let server = Setup::new().sim(card).await.build();
    let lease = lease(&server, r#"{"kind":"channel"}"#).await;
    tokio::select! {
        biased;
        _ = give_back(&server, &lease) => panic!("the card was asked"),
        () = std::future::ready(()) => {}
    }
    let mut status = 200;
    for _ in 0..100 {
        if status == 410 {
            break;
        }
        status = send(&server, "00a4000c023f00", Some(&lease)).await.status;
    }
    assert_eq!(status, 410);
    assert!(recording.danger_to_text().contains("> 00708001"));
}

#[tokio::test]
async fn the_channel_of_a_lease_is_closed_by_nothing_but_its_giving_back() {
    let server = Server::soft().await;
    let first = lease(&server, r#"{"kind":"channel"}"#).await;
    for apdu in ["0070800100", "0070800000", "0170800100"] {
        let answer = send(&server, apdu, Some(&first)).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (403, "command_not_allowed"),
            "{apdu}"
        );
    }
    let second = server.post(CHANNEL, r#"{"kind":"channel"}"#).await;
    assert_eq!(second.json()["channel"], 2);
}

#[tokio::test]
async fn an_unknown_a_former_and_another_sims_lease_are_gone() {
    let setup = Setup::new()
        .sim(cards::soft())
        .await
        .sim(cards::soft())
        .await;
    let server = setup.build();
    let lease = lease(&server, r#"{"kind":"channel"}"#).await;
    let foreign = format!(r#"{{"apdu":"00a4000c023f00","lease":"{lease}"}}"#);
    let answer = server.post("/v1/sims/1/apdu", &foreign).await;
    assert_eq!((answer.status, answer.code().as_str()), (410, "lease_gone"));
    assert_eq!(give_back(&server, &lease).await, 204);
    assert_eq!(give_back(&server, &lease).await, 410);
    assert_eq!(give_back(&server, "0123456789abcdef").await, 410);
    assert_eq!(
        send(&server, "00a4000c023f00", Some(&lease)).await.status,
        410
    );
}

#[tokio::test]
async fn a_lease_ends_with_the_card_it_was_of() {
    let (card, faults, _) = cards::faulty();
    let server = Setup::new().sim(card).await.build();
    let lease = lease(&server, r#"{"kind":"exclusive"}"#).await;
    faults.inject_next(Fault::PulledBefore);
    assert_eq!(
        send(&server, "00a4000c023f00", Some(&lease)).await.status,
        503
    );
    faults.insert();
    assert_eq!(
        send(&server, "00a4000c023f00", Some(&lease)).await.status,
        410
    );
    assert_eq!(server.get("/?type=imsi").await.status, 200);
}

#[tokio::test]
async fn a_card_runs_out_of_channels_and_says_so() {
    let server = Server::soft().await;
    let mut last = 201;
    for _ in 0..20 {
        last = server.post(CHANNEL, r#"{"kind":"channel"}"#).await.status;
    }
    assert_eq!(last, 502);
    assert_eq!(server.get("/?type=imsi").await.status, 200);
}

#[tokio::test]
async fn an_application_that_is_not_there_leaves_no_channel_open() {
    let (card, recording) = cards::recorded();
    let server = Setup::new().sim(card).await.build();
    let body = r#"{"kind":"channel","aid":"a000000151000000"}"#;
    let answer = server.post(CHANNEL, body).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (502, "not_on_card")
    );
    assert!(recording.danger_to_text().contains("> 00708001"));
}

#[tokio::test]
async fn a_lease_is_of_one_second_at_least_and_not_longer_than_is_allowed() {
    let server = Server::soft().await;
    for body in [
        r#"{"kind":"channel","seconds":0}"#,
        r#"{"kind":"channel","seconds":301}"#,
        r#"{"kind":"both"}"#,
        r#"{"seconds":3}"#,
        r#"{"kind":"channel","aid":"00"}"#,
    ] {
        assert_eq!(server.post(CHANNEL, body).await.status, 400, "{body}");
    }
}
