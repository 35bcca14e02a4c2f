//! The compatible dialect, byte for byte.

use usim::transport::TransportKind;
use usim_server::config::ErrorStatus;

use crate::{
    cards::{self, Intercept},
    home::{CK, Centre, IK, RAND, RES, wrong_autn},
    server::{Server, Setup},
};

const IMSI: &str = "{\n\t\"imsi\": \"001010000000001\"\n}";

fn failure(status: u16, message: &str) -> String {
    format!(
        "{{\n\t\"error\": true,\n\t\"error_code\": {status},\n\t\"error_msg\": \"{message}\"\n}}"
    )
}

fn success(res: &str) -> String {
    let (res, ck, ik) = (res.to_uppercase(), CK.to_uppercase(), IK.to_uppercase());
    format!("{{\n\t\"res\": \"{res}\",\n\t\"ck\": \"{ck}\",\n\t\"ik\": \"{ik}\"\n}}")
}

/// A card that answers AUTHENTICATE at once with this RES and the keys of test set 1.
fn answering(res: &str) -> Intercept<impl Fn(&[u8]) -> Option<Vec<u8>>> {
    let size = res.len() / 2;
    let answer = format!("db{size:02x}{res}10{CK}10{IK}9000");
    let answer = hex::decode(answer).unwrap();
    Intercept::new(move |command| (command[1] == 0x88).then(|| answer.clone()))
}

#[tokio::test]
async fn imsi() {
    let answer = Server::soft().await.get("/?type=imsi").await;
    assert_eq!(answer.pair(), (200, IMSI));
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_successful_authentication() {
    let answer = Server::soft().await.get(&Centre::new().challenge()).await;
    assert_eq!(answer.pair(), (200, success(RES).as_str()));
}

#[tokio::test]
async fn a_synchronisation_failure_has_auts_twice_and_null_keys() {
    let (server, centre) = (Server::soft().await, Centre::new());
    let challenge = centre.challenge();
    server.get(&challenge).await;
    let answer = server.get(&challenge).await;
    let auts = answer.json()["auts"].as_str().unwrap().to_owned();
    let expected = format!(
        "{{\n\t\"res\": \"{auts}\",\n\t\"ck\": null,\n\t\"ik\": null,\n\t\"auts\": \"{auts}\"\n}}"
    );
    assert_eq!(answer.pair(), (200, expected.as_str()));
    assert_eq!((auts.len(), auts.to_uppercase()), (28, auts.clone()));
    assert!(centre.takes(&auts));
}

#[tokio::test]
async fn a_mac_failure_is_409_and_looks_like_no_success() {
    let autn = wrong_autn();
    let target = format!("/?type=rand-autn&rand={RAND}&autn={autn}");
    let answer = Server::soft().await.get(&target).await;
    let expected = failure(409, "the challenge has a wrong MAC");
    assert_eq!(answer.pair(), (409, expected.as_str()));
}

#[tokio::test]
async fn a_response_of_4_or_16_octets_comes_whole() {
    for res in ["a54211d5", "a54211d5e3ba50bfa54211d5e3ba50bf"] {
        let server = Setup::new().sim(answering(res)).await.build();
        let answer = server.get(&Centre::new().challenge()).await;
        assert_eq!(answer.pair(), (200, success(res).as_str()));
    }
}

#[tokio::test]
async fn a_card_that_answers_at_once_with_9000_is_understood() {
    let server = Setup::new().sim(answering(RES)).await.build();
    let answer = server.get(&Centre::new().challenge()).await;
    assert_eq!(answer.pair(), (200, success(RES).as_str()));
}

#[tokio::test]
async fn an_imsi_of_14_digits_comes_whole() {
    let card = cards::with_profile("imsi = \"00101000000001\"");
    let server = Setup::new().sim(card).await.build();
    let answer = server.get("/?type=imsi").await;
    assert_eq!(answer.body, "{\n\t\"imsi\": \"00101000000001\"\n}");
}

#[tokio::test]
async fn a_command_gives_data_and_the_two_halves_of_the_status_word() {
    let server = Server::soft().await;
    let select = server.get("/?type=apdu&hex=00a4080c022fe2").await;
    let nothing = "{\n\t\"data\": \"\",\n\t\"sw1\": \"90\",\n\t\"sw2\": \"00\"\n}";
    assert_eq!(select.pair(), (200, nothing));
    let read = server.get("/?type=apdu&hex=00B000000A").await;
    let iccid =
        "{\n\t\"data\": \"980001010000000010F9\",\n\t\"sw1\": \"90\",\n\t\"sw2\": \"00\"\n}";
    assert_eq!(read.pair(), (200, iccid));
}

#[tokio::test]
async fn a_status_word_is_lower_case_of_a_reader_and_upper_case_of_a_modem() {
    for (kind, sw1) in [(TransportKind::Soft, "6a"), (TransportKind::Serial, "6A")] {
        let setup = Setup::new().labelled(kind, None, cards::soft()).await;
        let answer = setup.build().get("/?type=apdu&hex=00a4000c02ffff").await;
        let expected =
            format!("{{\n\t\"data\": \"\",\n\t\"sw1\": \"{sw1}\",\n\t\"sw2\": \"82\"\n}}");
        assert_eq!(answer.pair(), (200, expected.as_str()));
    }
}

#[tokio::test]
async fn any_path_will_do() {
    let server = Server::soft().await;
    for target in ["/sim/1/?type=imsi", "/a.php?type=imsi", "//?type=imsi"] {
        assert_eq!(server.get(target).await.pair(), (200, IMSI), "{target}");
    }
}

#[tokio::test]
async fn the_first_value_of_a_repeated_key_wins() {
    let server = Server::soft().await;
    let answer = server.get("/?type=imsi&type=rand-autn").await;
    assert_eq!(answer.pair(), (200, IMSI));
    let answer = server.get("/?type=&type=imsi").await;
    assert_eq!(answer.pair(), (200, IMSI));
}

#[tokio::test]
async fn keys_and_types_are_compared_by_case() {
    let server = Server::soft().await;
    for target in ["/?Type=imsi", "/?TYPE=imsi"] {
        let expected = failure(400, "type is missing");
        assert_eq!(server.get(target).await.pair(), (400, expected.as_str()));
    }
    assert_eq!(server.get("/?type=IMSI").await.status, 400);
}

#[tokio::test]
async fn escapes_are_decoded() {
    let server = Server::soft().await;
    let answer = server.get("/?%74ype=%69msi").await;
    assert_eq!(answer.pair(), (200, IMSI));
}

#[tokio::test]
async fn hex_may_be_upper_or_lower_case() {
    let (server, centre) = (Server::soft().await, Centre::new());
    let (rand, autn) = (RAND.to_uppercase(), centre.autn().to_uppercase());
    let target = format!("/?type=rand-autn&rand={rand}&autn={autn}");
    assert_eq!(
        server.get(&target).await.pair(),
        (200, success(RES).as_str())
    );
}

#[tokio::test]
async fn the_isim_may_be_asked() {
    let (server, centre) = (Server::soft().await, Centre::new());
    let answer = server
        .get(&format!("{}&app=isim", centre.challenge()))
        .await;
    assert_eq!(answer.pair(), (200, success(RES).as_str()));
    let answer = server
        .get(&format!("{}&app=csim", centre.challenge()))
        .await;
    let expected = failure(400, "app is neither usim nor isim");
    assert_eq!(answer.pair(), (400, expected.as_str()));
}

#[tokio::test]
async fn the_further_types_of_newer_clients() {
    let server = Server::soft().await;
    let msisdn = "{\n\t\"msisdn\": \"+001010000000001\"\n}";
    assert_eq!(server.get("/?type=msisdn").await.pair(), (200, msisdn));
    let isim = "{\n\
        \t\"impi\": \"001010000000001@ims.mnc001.mcc001.3gppnetwork.org\",\n\
        \t\"domain\": \"ims.mnc001.mcc001.3gppnetwork.org\",\n\
        \t\"impu\": [\n\
        \t\t\"sip:001010000000001@ims.mnc001.mcc001.3gppnetwork.org\"\n\
        \t]\n}";
    assert_eq!(server.get("/?type=isim").await.pair(), (200, isim));
    let imei = failure(502, "the transport cannot do this");
    assert_eq!(server.get("/?type=imei").await.pair(), (502, imei.as_str()));
}

#[tokio::test]
async fn what_cannot_be_read_is_400_and_says_why() {
    let server = Server::soft().await;
    for (target, message) in [
        ("/?", "type is missing"),
        ("/?type=rand-autn", "rand is not 32 hex digits"),
        ("/?type=rand-autn&rand=00", "rand is not 32 hex digits"),
        (
            "/?type=rand-autn&rand=00112233445566778899aabbccddeeff",
            "autn is not 32 hex digits",
        ),
        ("/?type=apdu", "this is not one command APDU in hex"),
        (
            "/?type=apdu&hex=00a40",
            "this is not one command APDU in hex",
        ),
        (
            "/?type=apdu&hex=00A40004033F00",
            "this is not one command APDU in hex",
        ),
        (
            "/?type=x",
            "type is none of imsi, rand-autn, apdu, imei, msisdn, isim",
        ),
    ] {
        let expected = failure(400, message);
        assert_eq!(
            server.get(target).await.pair(),
            (400, expected.as_str()),
            "{target}"
        );
    }
}

#[tokio::test]
async fn a_sim_is_chosen_by_alias_name_iccid_or_index() {
    let setup = Setup::new().sim(cards::soft()).await;
    let other = cards::with_profile("imsi = \"001010000000042\"\niccid = \"8900101000000000427\"");
    let setup = setup
        .labelled(TransportKind::Soft, Some("lab"), other)
        .await;
    let server = setup.build();
    let expected = "{\n\t\"imsi\": \"001010000000042\"\n}";
    for id in ["lab", "soft:1", "soft%3A1", "8900101000000000427", "1"] {
        let answer = server.get(&format!("/?type=imsi&sim={id}")).await;
        assert_eq!(answer.pair(), (200, expected), "{id}");
    }
    let expected = failure(404, "no SIM goes by this name");
    let answer = server.get("/?type=imsi&sim=2").await;
    assert_eq!(answer.pair(), (404, expected.as_str()));
}

#[tokio::test]
async fn without_any_sim_it_is_503() {
    let expected = failure(503, "there is no SIM here");
    let answer = Setup::new().build().get("/?type=imsi").await;
    assert_eq!(answer.pair(), (503, expected.as_str()));
}

#[tokio::test]
async fn for_a_client_that_insists_every_error_is_501_as_it_was() {
    let setup = Setup::new().sim(cards::soft()).await;
    let server = setup.build_with(|app| app.errors = ErrorStatus::Always501);
    let original = "{\n\t\"error\": true,\n\t\"error_code\": 501,\n\t\"error_msg\": \"Error\"\n}";
    for target in [
        "/?type=x",
        "/?type=imsi&sim=9",
        "/?type=apdu&hex=00200001",
        &format!("/?type=rand-autn&rand={RAND}&autn={}", wrong_autn()),
    ] {
        assert_eq!(server.get(target).await.pair(), (501, original), "{target}");
    }
    assert_eq!(server.get("/?type=imsi").await.pair(), (200, IMSI));
}

#[tokio::test]
async fn answers_stay_far_under_4_kib() {
    let (server, centre) = (Server::soft().await, Centre::new());
    for target in [centre.challenge(), "/?type=isim".into(), "/?type=x".into()] {
        assert!(server.get(&target).await.body.len() < 1024, "{target}");
    }
}
