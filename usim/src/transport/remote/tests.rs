mod server;
mod subscriber;
mod tls;
mod transport;

use std::time::Duration;

use super::*;
use crate::{CardError, Error, Subscriber, transport::TransportErrorKind as Kind};
use server::{Asked, Reply, TestServer, json};

/// A subscriber behind a server that answers everything in this way.
fn behind(
    dialect: Dialect,
    answer: impl FnMut(&Asked) -> Reply + Send + 'static,
) -> (TestServer, RemoteSubscriber) {
    let server = TestServer::start(answer);
    let subscriber = RemoteSubscriber::new(&Server::new(&server.address()).unwrap(), dialect);
    (server, subscriber)
}

fn kind(error: &Error) -> Kind {
    error
        .transport()
        .unwrap_or_else(|| panic!("{error:?}"))
        .kind()
}

#[test]
fn addresses_are_taken_as_clients_write_them() {
    let base = |address: &str| Server::new(address).map(|server| server.base);
    assert_eq!(base("sim.example"), Ok("https://sim.example".to_owned()));
    assert_eq!(
        base("sim.example:8443/sims/"),
        Ok("https://sim.example:8443/sims".to_owned())
    );
    assert_eq!(base("https://[::1]:1"), Ok("https://[::1]:1".to_owned()));
    assert_eq!(
        base("http://127.0.0.1:80"),
        Ok("http://127.0.0.1:80".to_owned())
    );
    assert_eq!(base("http://[::1]:80"), Ok("http://[::1]:80".to_owned()));
    for wrong in [
        "",
        "ftp://x",
        "a b",
        "https://",
        "user@host",
        "host/?type=imsi",
        "host/#x",
    ] {
        assert_eq!(base(wrong), Err(InvalidServer::Address), "{wrong}");
    }
    assert_eq!(base("http://sim.example"), Err(InvalidServer::PlainText));
    assert_eq!(
        base("http://localhost.sim.example"),
        Err(InvalidServer::PlainText)
    );
    Server::danger_plain_text("http://sim.example").unwrap();
}

#[test]
fn a_token_cannot_add_a_header() {
    let server = || Server::new("sim.example").unwrap();
    for wrong in ["", "a b", "a\r\nX: y", "\u{e9}"] {
        assert_eq!(
            server().with_token(wrong).unwrap_err(),
            InvalidServer::Token
        );
    }
    let server = server().with_token("s3cret").unwrap();
    let shown = format!(
        "{server:?} {:?}",
        RemoteSubscriber::new(&server, Dialect::Typed)
    );
    assert!(
        shown.contains("[redacted]") && !shown.contains("s3cret"),
        "{shown}"
    );
}

#[test]
fn the_token_is_sent_and_the_sim_is_named() {
    let server = TestServer::start(|_asked| json(200, r#"{"imsi":"001010000000001"}"#));
    let address = Server::new(&server.address())
        .unwrap()
        .with_sim("Reader 00/1&x");
    let address = address.with_token("s3cret").unwrap();
    for (dialect, line) in [
        (Dialect::Original, "GET /?type=imsi&sim=Reader%2000%2F1%26x"),
        (
            Dialect::PySim,
            "GET /sim-info-api/v1/slot/Reader%2000%2F1%26x",
        ),
    ] {
        RemoteSubscriber::new(&address, dialect).identity().unwrap();
        let asked = server.asked().pop().unwrap();
        assert_eq!(asked.line, line);
        assert_eq!(asked.authorization.as_deref(), Some("Bearer s3cret"));
    }
}

#[test]
fn a_bound_token_goes_with_a_proof_for_each_request() {
    let server = TestServer::start(|_asked| json(200, r#"{"imsi":"001010000000001"}"#));
    let address = Server::new(&server.address()).unwrap();
    let prove = |method: &str, url: &str| Some(format!("{method} {url}"));
    let address = address.with_bound_token("s3cret", prove).unwrap();
    let mut subscriber = RemoteSubscriber::new(&address, Dialect::Original);
    subscriber.identity().unwrap();
    let asked = server.asked().pop().unwrap();
    assert_eq!(asked.authorization.as_deref(), Some("DPoP s3cret"));
    let expected = format!("GET {}/?type=imsi", server.address());
    assert_eq!(asked.proof, Some(expected));
}

#[test]
fn a_redirection_is_not_followed() {
    let (server, mut subscriber) = behind(Dialect::Original, |_asked| {
        Reply::Raw("HTTP/1.1 302 X\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".to_owned())
    });
    assert_eq!(kind(&subscriber.identity().unwrap_err()), Kind::Refused);
    assert_eq!(server.lines(), ["GET /?type=imsi"]);
}

#[test]
fn a_server_that_does_not_answer_costs_no_more_than_the_time_limit() {
    let server = TestServer::start(|_asked| Reply::Silence);
    let address = Server::new(&server.address()).unwrap();
    let address = address.with_timeout(Duration::from_millis(100));
    let mut subscriber = RemoteSubscriber::new(&address, Dialect::Typed);
    assert_eq!(kind(&subscriber.identity().unwrap_err()), Kind::Timeout);
}

#[test]
fn a_server_that_is_not_there_is_unavailable() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let address = Server::new(&format!("http://{unused}")).unwrap();
    let mut subscriber = RemoteSubscriber::new(&address, Dialect::Typed);
    assert_eq!(kind(&subscriber.identity().unwrap_err()), Kind::Unavailable);
}

#[test]
fn an_answer_that_breaks_off_is_too_long_or_is_none_is_an_error() {
    for (raw, expected) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"imsi\":\"001010000000001\"}"
                .to_owned(),
            Kind::Unavailable,
        ),
        (
            format!(
                "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n{}",
                " ".repeat(300_000)
            ),
            Kind::Protocol,
        ),
        ("RING\r\n\r\n".to_owned(), Kind::Protocol),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(),
            Kind::Protocol,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n\"OK\", said it.\n\n".to_owned(),
            Kind::Protocol,
        ),
    ] {
        let (_server, mut subscriber) =
            behind(Dialect::Original, move |_asked| Reply::Raw(raw.clone()));
        assert_eq!(kind(&subscriber.identity().unwrap_err()), expected);
    }
}

#[test]
fn a_challenge_whose_answer_is_lost_is_not_sent_again() {
    for dialect in [Dialect::Original, Dialect::PySim, Dialect::Typed] {
        let (server, mut subscriber) = behind(dialect, |asked| {
            if asked.line.contains("imsi")
                || asked.line.contains("info")
                || asked.body.is_empty() && asked.line.contains("v1/sims")
            {
                json(200, r#"{"imsi":"001010000000001","state":"ready"}"#)
            } else {
                Reply::Raw(String::new())
            }
        });
        subscriber.identity().unwrap();
        let error = subscriber.authenticate(
            crate::ApplicationKind::Usim,
            &aka::Rand::new([0; 16]),
            &aka::Autn::new([0; 16]),
        );
        assert!(matches!(error, Err(Error::Transport(_))), "{error:?}");
        assert_eq!(
            server.lines().len(),
            2,
            "one for the identity, one for the challenge"
        );
    }
}

#[test]
fn refusals_say_what_to_act_on() {
    for (status, body, expected) in [
        (400, "{}", Kind::Unsupported),
        (401, "{}", Kind::Refused),
        (403, r#"{"code":"command_not_allowed"}"#, Kind::Refused),
        (404, r#"{"code":"no_such_sim"}"#, Kind::Unavailable),
        (410, r#"{"error":{"message":"no card"}}"#, Kind::NoCard),
        (410, r#"{"code":"lease_gone"}"#, Kind::CardReset),
        (429, "", Kind::Busy),
        (
            500,
            r#"{"error":{"message":"x","status_word":"6985"}}"#,
            Kind::Protocol,
        ),
        (
            501,
            r#"{"error":true,"error_code":501,"error_msg":"Error"}"#,
            Kind::Refused,
        ),
        (502, r#"{"code":"short_answer"}"#, Kind::ShortAnswer),
        (502, r#"{"code":"card_reset"}"#, Kind::CardReset),
        (502, "not json", Kind::Protocol),
        (503, r#"{"code":"no_card"}"#, Kind::NoCard),
        (503, r#"{"code":"card_removed"}"#, Kind::CardRemoved),
        (503, r#"{"code":"leased"}"#, Kind::Busy),
        (503, r#"{"code":"no_reader"}"#, Kind::Unavailable),
        (504, r#"{"code":"deadline"}"#, Kind::Timeout),
        (504, r#"{"code":"deadline_in_queue"}"#, Kind::Busy),
    ] {
        let (_server, mut subscriber) = behind(Dialect::Typed, move |_asked| json(status, body));
        assert_eq!(
            kind(&subscriber.identity().unwrap_err()),
            expected,
            "{status} {body}"
        );
    }
}

#[test]
fn refusals_that_concern_the_card_are_the_cards() {
    for (status, body, expected) in [
        (409, r#"{"code":"mac_failure"}"#, CardError::MacFailure),
        (409, "", CardError::MacFailure),
        (
            500,
            r#"{"error":{"message":"x","status_word":"9862"}}"#,
            CardError::MacFailure,
        ),
        (423, r#"{"code":"pin_required"}"#, CardError::PinRequired),
        (423, r#"{"code":"pin_blocked"}"#, CardError::PinBlocked),
        (423, "", CardError::PinRequired),
        (
            502,
            r#"{"code":"context_not_supported"}"#,
            CardError::ContextNotSupported,
        ),
    ] {
        let (_server, mut subscriber) = behind(Dialect::Typed, move |_asked| json(status, body));
        match subscriber.identity() {
            Err(Error::Card(error)) => assert_eq!(error, expected, "{status} {body}"),
            other => panic!("{status} {body}: {other:?}"),
        }
    }
}

#[test]
fn a_refusal_shows_the_servers_word_and_nothing_else_of_it() {
    let shown = |body: &'static str| {
        let (_server, mut subscriber) = behind(Dialect::Typed, move |_asked| json(418, body));
        let error = subscriber.identity().unwrap_err();
        let source = std::error::Error::source(error.transport().unwrap());
        source.unwrap().to_string()
    };
    assert_eq!(
        shown(r#"{"code":"teapot","detail":"001010000000001"}"#),
        "the server answered with status 418 (teapot)"
    );
    assert_eq!(
        shown(r#"{"code":"001010000000001"}"#),
        "the server answered with status 418"
    );
}
