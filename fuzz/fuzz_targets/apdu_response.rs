//! Any octets as an answer, to AUTHENTICATE too, as a command and as a class octet.
//!
//! Holds: an answer is its data and its last two octets, and under 2 octets it is none; keys are
//! taken from where their lengths say, and from nowhere else; a command that is read is written
//! back octet for octet; a class octet put on a channel is read as on it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use usim::apdu::{Channel, Command, Response};
use usim::authenticate::{read_gba, read_gsm, read_naf, read_run_gsm_algorithm, read_umts};
use usim::{Authentication, GbaBootstrapping, GsmAuthentication};

fuzz_target!(|data: &[u8]| {
    answer(data);
    keys(data);
    command(data);
    if let [cla, number, ..] = *data {
        class(cla, number);
    }
});

fn answer(octets: &[u8]) {
    match (Response::parse(octets), octets) {
        (Some(response), [data @ .., sw1, sw2]) => {
            assert_eq!(response.data(), data);
            let status = response.status();
            assert_eq!((status.sw1(), status.sw2()), (*sw1, *sw2));
            assert_eq!(status.to_string(), format!("{sw1:02X}{sw2:02X}"));
        }
        (response, _) => assert!(response.is_none() && octets.len() < 2),
    }
}

fn keys(answer: &[u8]) {
    match read_umts(answer) {
        Ok(Authentication::Success(keys)) => {
            let res = keys.res.expose();
            let written = [
                &[0xdb, size(res)],
                res,
                &[16],
                keys.ck.expose(),
                &[16],
                keys.ik.expose(),
            ];
            assert!(answer.starts_with(&written.concat()), "keys from elsewhere");
        }
        Ok(Authentication::SyncFailure(auts)) => {
            let written = [&[0xdc, 14], auts.as_bytes().as_slice()];
            assert!(answer.starts_with(&written.concat()), "AUTS from elsewhere");
        }
        Err(_) => {}
    }
    if let Ok(GbaBootstrapping::Success(res)) = read_gba(answer) {
        let written = [&[0xdb, size(res.expose())], res.expose()];
        assert!(answer.starts_with(&written.concat()), "RES from elsewhere");
    }
    if let Ok(ks) = read_naf(answer) {
        assert!(contains(answer, ks.expose()), "a key from elsewhere");
    }
    let gsm = [read_gsm(answer), read_run_gsm_algorithm(answer)];
    for GsmAuthentication { sres, kc, .. } in gsm.into_iter().flatten() {
        assert!(contains(answer, sres.expose()) && contains(answer, kc.expose()));
    }
}

fn size(value: &[u8]) -> u8 {
    value.len().to_le_bytes()[0]
}

fn contains(answer: &[u8], value: &[u8]) -> bool {
    answer.windows(value.len()).any(|window| window == value)
}

fn command(octets: &[u8]) {
    let Ok(command) = Command::parse(octets) else {
        return;
    };
    assert_eq!(command.encoded_len(), octets.len());
    let mut written = vec![0; octets.len()];
    assert_eq!(command.encode(&mut written), Ok(octets));
    if let Some((_, short)) = written.split_last_mut() {
        assert!(command.encode(short).is_err(), "fits where it cannot");
    }
    assert!(
        command
            .expected()
            .is_none_or(|le| (1..=65_536).contains(&le))
    );
}

fn class(cla: u8, number: u8) {
    let Ok(channel) = Channel::new(number % 20) else {
        unreachable!("below 20")
    };
    let class = channel.apply(cla);
    match Channel::of_class(cla) {
        Some(_) => assert_eq!(Channel::of_class(class), Some(channel)),
        None => assert_eq!(class, cla),
    }
}
