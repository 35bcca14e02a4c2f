//! Many at once.

use std::collections::HashMap;

use server_kit::listen::Limits;

use crate::{
    cards,
    home::{Centre, RES},
    server::{Server, Setup},
};

#[tokio::test]
async fn two_hundred_clients_at_once_on_one_card_are_all_answered() {
    let (server, centre) = (Server::soft().await, Centre::new());
    let listening = std::sync::Arc::new(server.listen(Limits::default()).await);
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..200 {
        let listening = std::sync::Arc::clone(&listening);
        let target = match client % 2 {
            0 => "/?type=imsi".to_owned(),
            _ => centre.challenge(),
        };
        clients.spawn(async move {
            listening
                .says(&format!("GET {target} HTTP/1.0\r\n\r\n"))
                .await
        });
    }
    let mut bodies: HashMap<String, usize> = HashMap::new();
    while let Some(text) = clients.join_next().await {
        let text = text.unwrap();
        assert!(text.starts_with("HTTP/1.0 200 OK\r\n"), "{text}");
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        let kind = if body.contains("imsi") {
            "imsi"
        } else {
            "keys"
        };
        let right = body.contains("001010000000001") || body.contains(&RES.to_uppercase());
        assert!(right || body.contains("auts"), "{body}");
        *bodies.entry(kind.to_owned()).or_default() += 1;
    }
    assert_eq!((bodies["imsi"], bodies["keys"]), (100, 100));
}

#[tokio::test]
async fn of_one_challenge_sent_fifty_times_at_once_only_one_yields_keys() {
    let server = Setup::new().sim(cards::soft()).await.build();
    let body = Centre::new().body();
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (server, body) = (server.clone(), body.clone());
        requests.spawn(async move { server.post("/v1/sims/0/authenticate", &body).await });
    }
    let mut results: HashMap<String, usize> = HashMap::new();
    while let Some(answer) = requests.join_next().await {
        let answer = answer.unwrap().json();
        let result = answer["result"].as_str().unwrap().to_owned();
        *results.entry(result).or_default() += 1;
    }
    assert_eq!(results["success"], 1);
    assert_eq!(results["synchronisation_failure"], 49);
}
