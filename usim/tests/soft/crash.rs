//! A process with a card in it that is killed, again and again.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use aka::{Amf, K, Milenage, Opc, Rand, Sqn, algorithm::HomeAlgorithm};
use usim::{
    soft::{Profile, SoftCard, StateFile},
    transport::Transport,
};

const STATE: &str = "SOFT_CARD_STATE";
const FIRST: &str = "SOFT_CARD_FIRST";

fn ask(card: &mut SoftCard, command: &[u8]) -> String {
    let mut answer = [0; 258];
    let size = card.transmit(command, &mut answer).unwrap();
    hex::encode(&answer[..size])
}

fn open(path: &str) -> SoftCard {
    let state = StateFile::open(path).unwrap();
    let mut card = SoftCard::with_state(Profile::default(), state).unwrap();
    let select = hex::decode("00a4040c07a0000000871002").unwrap();
    assert_eq!(ask(&mut card, &select), "9000");
    card
}

/// AUTHENTICATE with the challenge that the home makes of `seq`.
fn challenge(seq: u64) -> Vec<u8> {
    let k: K = "465b5ce8b199b49faa5f0a2ee238a6bc".parse().unwrap();
    let opc: Opc = "cd63cb71954a9f4e48a5994e37a02baf".parse().unwrap();
    let rand = Rand::new([7; 16]);
    let sqn = Sqn::new(seq << 5).unwrap();
    let (autn, _) = Milenage::new(&k, &opc).challenge(&rand, sqn, Amf::SEPARATED);
    let mut command = hex::decode("008800812210").unwrap();
    command.extend_from_slice(rand.as_bytes());
    command.push(0x10);
    command.extend_from_slice(autn.as_bytes());
    command
}

/// The process that is killed: for each line it is told it answers a challenge, and says which.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn answer_until_killed() {
    let path = env::var_os(STATE).unwrap().into_string().unwrap();
    let first: u64 = env::var_os(FIRST)
        .unwrap()
        .into_string()
        .unwrap()
        .parse()
        .unwrap();
    let mut card = open(&path);
    let mut out = std::io::stdout();
    for (seq, _told) in (first..).zip(std::io::stdin().lines()) {
        assert_eq!(ask(&mut card, &challenge(seq)), "6135");
        writeln!(out, "answered {seq}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn a_killed_card_never_takes_an_answered_challenge_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card").to_str().unwrap().to_owned();
    let mut first = 1;
    for round in 0..20 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "crash::answer_until_killed",
                "--ignored",
                "--nocapture",
            ])
            .env(STATE, &path)
            .env(FIRST, first.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // one more than is waited for: the kill falls somewhere into that one
        let count = 1 + round % 7;
        let told = "\n".repeat(count + 1);
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(told.as_bytes()).unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let answered = lines.map_while(Result::ok).filter_map(|line| {
            let (_, seq) = line.split_once("answered ")?;
            seq.parse::<u64>().ok()
        });
        let last = answered.take(count).last().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let mut card = open(&path);
        assert_eq!(
            ask(&mut card, &challenge(last)),
            "6110",
            "round {round}: a replay"
        );
        first = last + 2;
        assert_eq!(ask(&mut card, &challenge(first)), "6135", "round {round}");
        first += 1;
    }
}
