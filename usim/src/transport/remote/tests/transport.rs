//! Commands to a card that sits elsewhere.

use super::*;
use crate::{apdu::Channel, transport::Transport};

const STATUS: [u8; 5] = [0x80, 0xf2, 0x00, 0x00, 0x02];

fn connect(
    dialect: Dialect,
    answer: impl FnMut(&Asked) -> Reply + Send + 'static,
) -> (TestServer, RemoteTransport) {
    let server = TestServer::start(answer);
    let address = Server::new(&server.address()).unwrap();
    (server, RemoteTransport::new(&address, dialect).unwrap())
}

fn ask(card: &mut impl Transport, command: &[u8]) -> Result<Vec<u8>, Kind> {
    let mut answer = [0; 16];
    let size = card
        .transmit(command, &mut answer)
        .map_err(|error| error.kind())?;
    Ok(answer[..size].to_vec())
}

#[test]
fn original_commands_go_into_the_query() {
    let body = "{\n\t\"data\": \"6200\",\n\t\"sw1\": \"9f\",\n\t\"sw2\": \"0A\"\n}";
    let (server, mut card) = connect(Dialect::Original, move |_asked| json(200, body));
    card.begin().unwrap();
    assert_eq!(ask(&mut card, &STATUS), Ok(vec![0x62, 0x00, 0x9f, 0x0a]));
    card.end().unwrap();
    assert_eq!(card.open_channel(&[0xa0]).unwrap(), None);
    assert_eq!(server.lines(), ["GET /?type=apdu&hex=80F2000002"]);
    let error = card.transmit(&STATUS, &mut [0; 3]).unwrap_err();
    assert_eq!(error.kind(), Kind::BufferTooSmall);
}

#[test]
fn original_answers_without_a_status_word_are_errors() {
    for body in [
        r#"{"data":"","sw1":"90"}"#,
        r#"{"data":"","sw1":"90","sw2":""}"#,
        r#"{"data":"","sw1":"9000","sw2":"00"}"#,
        r#"{"data":"6","sw1":"90","sw2":"00"}"#,
        r#"{"data":"","sw1":null,"sw2":null}"#,
    ] {
        let (_server, mut card) = connect(Dialect::Original, move |_asked| json(200, body));
        assert_eq!(ask(&mut card, &STATUS), Err(Kind::Protocol), "{body}");
    }
    let (_server, mut card) = connect(Dialect::Original, |_asked| {
        json(200, r#"{"data":null,"sw1":"90","sw2":"00"}"#)
    });
    assert_eq!(ask(&mut card, &STATUS), Ok(vec![0x90, 0x00]));
}

#[test]
fn pysim_carries_no_commands() {
    let server = Server::new("sim.example").unwrap();
    let error = RemoteTransport::new(&server, Dialect::PySim).unwrap_err();
    assert_eq!(error.kind(), Kind::Unsupported);
}

/// A server that leases, and answers commands with the number of those before.
fn leasing() -> impl FnMut(&Asked) -> Reply + Send + 'static {
    let mut leases = 0;
    move |asked| {
        let (method, path) = asked.line.split_once(' ').unwrap();
        match (method, path.rsplit('/').next().unwrap()) {
            ("POST", "channel") => {
                leases += 1;
                let channel = if asked.body.contains("exclusive") {
                    0
                } else {
                    3
                };
                let body =
                    format!(r#"{{"lease":"l{leases}","channel":{channel},"expires_in":30}}"#);
                Reply::Json(201, body)
            }
            ("DELETE", _) => Reply::Raw("HTTP/1.1 204 X\r\n\r\n".to_owned()),
            _ if asked.body.contains("\"l1\"") && leases == 1 && asked.body.contains("dead") => {
                json(410, r#"{"code":"lease_gone"}"#)
            }
            _ => json(200, r#"{"data":"6200","sw":"9000"}"#),
        }
    }
}

fn bodies(server: &TestServer) -> Vec<String> {
    let asked = server.asked().into_iter();
    asked
        .map(|asked| format!("{} {}", asked.line.replace("/v1/sims/0", ""), asked.body))
        .collect()
}

#[test]
fn a_typed_transaction_is_an_exclusive_lease() {
    let (server, mut card) = connect(Dialect::Typed, leasing());
    assert_eq!(ask(&mut card, &STATUS), Ok(vec![0x62, 0x00, 0x90, 0x00]));
    card.begin().unwrap();
    ask(&mut card, &STATUS).unwrap();
    card.end().unwrap();
    ask(&mut card, &STATUS).unwrap();
    assert_eq!(
        bodies(&server),
        [
            r#"POST /apdu {"apdu":"80f2000002"}"#,
            r#"POST /channel {"kind":"exclusive","seconds":30}"#,
            r#"POST /apdu {"apdu":"80f2000002","lease":"l1"}"#,
            "DELETE /channel/l1 ",
            r#"POST /apdu {"apdu":"80f2000002"}"#,
        ]
    );
}

#[test]
fn a_typed_channel_is_a_lease_and_gets_the_class_of_the_basic_channel() {
    let (server, mut card) = connect(Dialect::Typed, leasing());
    let channel = card.open_channel(&[0xa0, 0x00]).unwrap();
    assert_eq!(channel, Channel::new(3).ok());
    ask(&mut card, &[0x83, 0xf2, 0x00, 0x00, 0x02]).unwrap();
    card.close_channel(channel.unwrap()).unwrap();
    assert_eq!(
        bodies(&server),
        [
            r#"POST /channel {"kind":"channel","aid":"a000","seconds":30}"#,
            r#"POST /apdu {"apdu":"80f2000002","lease":"l1"}"#,
            "DELETE /channel/l1 ",
        ]
    );
}

#[test]
fn a_lease_that_the_server_forgot_is_a_reset_and_is_had_anew() {
    let (server, mut card) = connect(Dialect::Typed, leasing());
    card.begin().unwrap();
    assert_eq!(
        ask(&mut card, &[0x00, 0xde, 0xad, 0x00]),
        Err(Kind::CardReset)
    );
    ask(&mut card, &STATUS).unwrap();
    assert_eq!(
        bodies(&server)[2..],
        [
            r#"POST /channel {"kind":"exclusive","seconds":30}"#,
            r#"POST /apdu {"apdu":"80f2000002","lease":"l2"}"#,
        ]
    );
}

#[test]
fn leases_are_given_back_with_the_transport() {
    let (server, mut card) = connect(Dialect::Typed, leasing());
    card.begin().unwrap();
    card.open_channel(&[0xa0]).unwrap();
    drop(card);
    let mut released = bodies(&server).split_off(2);
    released.sort();
    assert_eq!(released, ["DELETE /channel/l1 ", "DELETE /channel/l2 "]);
}

#[test]
fn a_typed_answer_without_a_status_word_is_an_error() {
    for body in [
        r#"{"data":""}"#,
        r#"{"data":"","sw":"90"}"#,
        r#"{"data":"zz","sw":"9000"}"#,
    ] {
        let (_server, mut card) = connect(Dialect::Typed, move |_asked| json(200, body));
        assert_eq!(ask(&mut card, &STATUS), Err(Kind::Protocol), "{body}");
    }
}

#[test]
fn a_pin_that_the_server_lacks_is_the_transports_to_report() {
    let (_server, mut card) = connect(Dialect::Typed, |_asked| {
        json(423, r#"{"code":"pin_blocked"}"#)
    });
    assert_eq!(ask(&mut card, &STATUS), Err(Kind::PinRequired));
}

#[test]
fn the_imei_of_the_device_is_asked_for() {
    let (server, mut card) = connect(Dialect::Typed, |_asked| {
        json(200, r#"{"imei":"490154203237518"}"#)
    });
    assert_eq!(card.imei().unwrap().as_str(), "490154203237518");
    assert_eq!(server.lines(), ["GET /?type=imei"]);
}

fn too_often(retry_after: &str) -> Reply {
    Reply::Raw(format!(
        "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nRetry-After: {retry_after}\r\n\
         Connection: close\r\n\r\n"
    ))
}

#[test]
fn a_server_that_asks_for_patience_gets_it() {
    let body = r#"{"data":"6200","sw":"9000"}"#;
    let mut refusals = 3;
    let (server, mut card) = connect(Dialect::Typed, move |_asked| {
        if refusals == 0 {
            return json(200, body);
        }
        refusals -= 1;
        too_often("0")
    });
    assert_eq!(ask(&mut card, &STATUS), Ok(vec![0x62, 0x00, 0x90, 0x00]));
    assert_eq!(server.lines().len(), 4);
}

#[test]
fn patience_ends_with_the_time_limit_and_after_many_refusals() {
    let (server, mut card) = connect(Dialect::Typed, |_asked| too_often("3600"));
    assert_eq!(ask(&mut card, &STATUS), Err(Kind::Busy));
    assert_eq!(server.lines().len(), 1, "an hour is too long");
    let (server, mut card) = connect(Dialect::Typed, |_asked| too_often("0"));
    assert_eq!(ask(&mut card, &STATUS), Err(Kind::Busy));
    assert_eq!(server.lines().len(), 17);
}
