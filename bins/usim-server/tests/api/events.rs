//! Hot-plug, as its followers see it.

use axum::{
    body::{Body, BodyDataStream},
    http::Request,
};
use futures_util::StreamExt as _;
use tower::ServiceExt as _;

use crate::{
    cards,
    server::{Server, Setup},
};

/// A connection to the events.
struct Follower {
    body: BodyDataStream,
    text: String,
}

impl Follower {
    async fn of(server: &Server) -> Self {
        let request = Request::get("/v1/events").body(Body::empty()).unwrap();
        let response = server.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            body: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }

    /// The SIM of the next event.
    async fn next(&mut self) -> serde_json::Value {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.strip_prefix("event: sim\ndata: ").unwrap();
                let sim = serde_json::from_str(data).unwrap();
                self.text = String::from(rest);
                return sim;
            }
            let chunk = self.body.next().await.unwrap().unwrap();
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// Reads on until the SIM is in this state.
    async fn until(&mut self, state: &str) -> serde_json::Value {
        loop {
            let sim = self.next().await;
            if sim["state"] == state {
                return sim;
            }
        }
    }
}

#[tokio::test]
async fn every_sim_is_told_at_the_beginning() {
    let setup = Setup::new()
        .sim(cards::soft())
        .await
        .sim(cards::soft())
        .await;
    let mut follower = Follower::of(&setup.build()).await;
    for name in ["soft:0", "soft:1"] {
        let sim = follower.next().await;
        assert_eq!(
            (&sim["name"], &sim["state"]),
            (&name.into(), &"ready".into())
        );
    }
}

#[tokio::test]
async fn a_card_is_seen_to_go_and_to_come_back() {
    let (card, faults, _) = cards::faulty();
    let server = Setup::new().sim(card).await.build();
    let mut follower = Follower::of(&server).await;
    follower.until("ready").await;
    faults.pull();
    let gone = follower.until("absent").await;
    assert!(gone["iccid"].is_null() && gone["imsi"].is_null());
    faults.insert();
    let back = follower.until("ready").await;
    assert_eq!(back["iccid"], "8900101000000000019");
}
