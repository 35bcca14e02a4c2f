//! Clients that are told.

use super::*;

impl World {
    fn delivery(&self, begun: &Begun) -> Option<Stored<Delivery>> {
        let row = Backchannel::row_id(&begun.auth_req_id);
        let found = self.harness.store().find::<Delivery>(&row);
        self.harness.run(found).expect("the store answers")
    }

    fn announce(&self, begun: &Begun, now: Instant) -> Announced {
        let delivery = self.delivery(begun).expect("there is something to tell");
        let random = SystemRandom::new();
        let exchange = self.exchange(&random, now);
        let announced = self.harness.run(exchange.announce(&delivery, &self.sealer));
        announced.expect("the store answers")
    }

    /// What the client is told, and with what token.
    fn message(&self, begun: &Begun) -> (Value, String) {
        let delivery = self.delivery(begun).expect("there is something to tell");
        let sealed = delivery.body.message.expect("it is ready");
        let message = Message::open(&sealed, &self.sealer).expect("it is ours");
        let body = serde_json::from_str(&message.body).expect("JSON");
        (body, message.bearer.clone().expect("a token"))
    }
}

#[test]
fn a_client_that_polls_is_told_nothing() {
    let world = World::polling();
    assert_eq!(world.delivery(&world.placed("")), None);
}

#[test]
fn a_ping_says_which_request_was_answered_and_no_more() {
    let world = World::told(Mode::Ping);
    let begun = world.placed("");
    let order = world.order(&begun).id;
    assert_eq!(world.announce(&begun, NOW), Announced::Waiting(order));
    world.approve(&begun, NOW);
    assert_eq!(world.announce(&begun, NOW), Announced::Ready);
    let (body, bearer) = world.message(&begun);
    assert_eq!(body, json!({ "auth_req_id": *begun.auth_req_id.expose() }));
    assert_eq!(bearer, "secret-token");
    assert!(world.poll(&begun, NOW).is_ok());
}

#[test]
fn a_ping_says_the_same_when_the_user_refuses() {
    let world = World::told(Mode::Ping);
    let begun = world.placed("");
    world.step(&begun, NOW, |order| order.reject(None, NOW));
    assert_eq!(world.announce(&begun, NOW), Announced::Ready);
    let (body, _) = world.message(&begun);
    assert_eq!(body, json!({ "auth_req_id": *begun.auth_req_id.expose() }));
}

#[test]
fn a_client_that_has_its_tokens_is_not_pinged() {
    let world = World::told(Mode::Ping);
    let begun = world.placed("");
    world.approve(&begun, NOW);
    world.poll(&begun, NOW).unwrap();
    assert_eq!(world.announce(&begun, NOW), Announced::Nothing);
    assert_eq!(world.delivery(&begun), None);
}

#[test]
fn a_push_holds_tokens_that_are_bound_to_each_other() {
    let world = World::told(Mode::Push);
    let begun = world.placed("");
    world.approve(&begun, later(5));
    assert_eq!(world.announce(&begun, later(6)), Announced::Ready);
    let (body, bearer) = world.message(&begun);
    assert_eq!(bearer, "secret-token");
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 300);
    let text = |name: &str| body[name].as_str().expect("a text").to_owned();
    let claims = world.claims(&text("id_token"), "JWT");
    let id = begun.auth_req_id.expose();
    assert_eq!(claims["urn:openid:params:jwt:claim:auth_req_id"], *id);
    let hash = |token: &str| crate::oauth::half_hash(Algorithm::Es256, &text(token));
    assert_eq!(claims["at_hash"], hash("access_token"));
    assert_eq!(
        claims["urn:openid:params:jwt:claim:rt_hash"],
        hash("refresh_token")
    );
    assert_eq!(body["auth_req_id"], *id);
}

#[test]
fn a_push_says_why_there_are_no_tokens() {
    let world = World::told(Mode::Push);
    let refused = world.placed("");
    world.step(&refused, NOW, |order| order.reject(None, NOW));
    assert_eq!(world.announce(&refused, NOW), Announced::Ready);
    assert_eq!(world.message(&refused).0["error"], "access_denied");
    let expired = world.placed("");
    assert_eq!(world.announce(&expired, later(300)), Announced::Ready);
    assert_eq!(world.message(&expired).0["error"], "expired_token");
}

#[test]
fn of_64_instances_one_makes_the_tokens_that_are_pushed() {
    let world = World::told(Mode::Push);
    let begun = world.placed("");
    world.approve(&begun, NOW);
    let delivery = world.delivery(&begun).unwrap();
    let (world, delivery) = (&world, &delivery);
    let announced = world.harness.race(|_| async move {
        let random = SystemRandom::new();
        let exchange = world.exchange(&random, NOW);
        exchange.announce(delivery, &world.sealer).await.unwrap()
    });
    let ready = announced.iter().filter(|one| **one == Announced::Ready);
    assert_eq!(ready.count(), 1, "{announced:?}");
}

#[test]
fn tokens_bound_to_a_key_are_not_pushed() {
    let registered = Client {
        proves_key: true,
        ..World::told(Mode::Push).registered
    };
    let form = format!("scope=openid&login_hint={KIM}&client_notification_token=t");
    assert_eq!(
        code(&registered, &form),
        Some(ErrorCode::UnauthorizedClient)
    );
}

#[test]
fn a_client_that_was_locked_out_is_told_nothing() {
    for mode in [Mode::Ping, Mode::Push] {
        let world = World::told(mode);
        let [approved, refused] = [(); 2].map(|()| world.placed(""));
        world.approve(&approved, NOW);
        world.step(&refused, NOW, |order| order.reject(None, NOW));
        world.lock_out_client();
        for begun in [approved, refused] {
            assert_eq!(world.announce(&begun, NOW), Announced::Nothing, "{mode:?}");
            assert_eq!(world.delivery(&begun), None, "{mode:?}");
        }
    }
}

#[test]
fn no_tokens_are_pushed_for_a_user_who_was_locked_out() {
    let world = World::told(Mode::Push);
    let begun = world.placed("");
    world.approve(&begun, NOW);
    world.lock_out_user();
    assert_eq!(world.announce(&begun, NOW), Announced::Ready);
    assert_eq!(world.message(&begun).0["error"], "access_denied");
}
