//! What goes over the socket.

use std::time::Duration;

use server_kit::listen::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{
    cards,
    home::Centre,
    server::{Server, Setup},
};

const BODY: &str = "{\n\t\"imsi\": \"001010000000001\"\n}";

#[tokio::test]
async fn http_1_0_is_answered_as_its_clients_expect() {
    let server = Server::soft().await.listen(Limits::default()).await;
    for request in [
        "GET /?type=imsi HTTP/1.0\r\n\r\n",
        "GET /?type=imsi HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        "GET /?type=imsi HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    ] {
        let text = server.says(request).await;
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, BODY);
        assert!(
            head.contains("\r\nContent-Type: application/json\r\n"),
            "{head}"
        );
        assert!(head.contains("\r\nContent-Length: 30"), "{head}");
    }
}

#[tokio::test]
async fn a_head_has_no_body_and_asks_the_card_nothing() {
    let (card, recording) = cards::recorded();
    let server = Setup::new().sim(card).await.build();
    let before = recording.danger_to_text();
    let server = server.listen(Limits::default()).await;
    let target = Centre::new().challenge();
    let text = server
        .says(&format!("HEAD {target} HTTP/1.0\r\n\r\n"))
        .await;
    assert!(text.starts_with("HTTP/1.0 405 "), "{text}");
    assert!(text.ends_with("\r\n\r\n"), "{text}");
    assert_eq!(recording.danger_to_text(), before);
}

#[tokio::test]
async fn a_query_of_a_megabyte_is_refused_and_the_next_one_served() {
    let server = Server::soft().await.listen(Limits::default()).await;
    let long = "0".repeat(1 << 20);
    let text = server
        .says(&format!("GET /?type=apdu&hex={long} HTTP/1.0\r\n\r\n"))
        .await;
    assert!(text.is_empty() || text.contains(" 431 "), "{text}");
    let text = server.says("GET /?type=imsi HTTP/1.0\r\n\r\n").await;
    assert!(text.ends_with(BODY), "{text}");
}

#[tokio::test]
async fn a_slow_client_holds_up_nobody_and_is_cut_off() {
    let mut limits = Limits::default();
    limits.head = Duration::from_millis(100);
    let server = Server::soft().await.listen(limits).await;
    let mut slow = server.connect().await;
    slow.write_all(b"GET /?type=im").await.unwrap();
    let text = server.says("GET /?type=imsi HTTP/1.0\r\n\r\n").await;
    assert!(text.ends_with(BODY), "{text}");
    let mut rest = String::new();
    slow.read_to_string(&mut rest).await.unwrap_or_default();
    assert_eq!(rest, "");
}

#[tokio::test]
async fn a_body_that_does_not_arrive_ends_in_408() {
    let setup = Setup::new().sim(cards::soft()).await;
    let server = setup.build_with(|app| app.slowest_request = Duration::from_millis(100));
    let server = server.listen(Limits::default()).await;
    let text = server
        .says(
            "POST /v1/sims/0/authenticate HTTP/1.1\r\nHost: localhost\r\n\
             Content-Type: application/json\r\nContent-Length: 80\r\n\r\n{\"rand\":",
        )
        .await;
    assert!(text.starts_with("HTTP/1.1 408 "), "{text}");
}

#[tokio::test]
async fn a_name_that_was_rebound_to_loopback_is_refused() {
    let server = Server::soft().await.listen(Limits::default()).await;
    let ask = async |host: &str| {
        let request = format!("GET /?type=imsi HTTP/1.0\r\nHost: {host}\r\n\r\n");
        server.says(&request).await
    };
    assert!(ask("rebound.example:80").await.starts_with("HTTP/1.0 421 "));
    for ours in ["127.0.0.1:18080", "localhost", "[::1]:8443", "sim.example"] {
        assert!(ask(ours).await.ends_with(BODY), "{ours}");
    }
}

#[tokio::test]
async fn when_the_server_ends_followers_are_let_go() {
    let server = Server::soft().await;
    let ending = server.app.ending.clone();
    let listening = server.listen(Limits::default()).await;
    let mut stream = listening.connect().await;
    stream
        .write_all(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    ending.cancel();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.contains("event: sim\n"), "{rest}");
}
