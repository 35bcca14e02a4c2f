//! Killed at any moment, the home never uses a sequence number twice.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::net::UnixDatagram,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use aka::{Autn, K, Milenage, Opc, Rand, algorithm::CardAlgorithm};

const ROUNDS: usize = 200;
const K: [u8; 16] = [7; 16];
const OPC: [u8; 16] = [9; 16];
const REQUEST: &[u8] = b"AKA-REQ-AUTH 001010000000001";

/// A running `auc serve`, killed when dropped.
struct Home(Child);

impl Home {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_auc"))
            .args(["serve", "--hostapd-socket", "auc.sock"])
            .args(["--subscribers", "subscribers.csv", "--quiet"])
            .current_dir(folder)
            .stderr(Stdio::piped())
            .spawn()
            .expect("auc starts");
        let mut ready = String::new();
        let stderr = child.stderr.take().expect("it is piped");
        BufReader::new(stderr)
            .read_line(&mut ready)
            .expect("auc says when it is ready");
        assert_eq!(ready, "auc: 1 subscribers, answering at auc.sock\n");
        Self(child)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // SIGKILL: the home has no chance to tidy up
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn subscribers(folder: &Path) {
    let path = folder.join("subscribers.csv");
    let text = format!(
        "imsi,k,opc\n001010000000001,{},{}\n",
        "07".repeat(16),
        "09".repeat(16)
    );
    fs::write(&path, text).expect("the folder is ours");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&path, mode).expect("the file is ours");
}

fn sqn(milenage: &Milenage, answer: &[u8]) -> u64 {
    let answer = std::str::from_utf8(answer).expect("answers are ASCII");
    let words: Vec<&str> = answer.split(' ').collect();
    let [_, _, rand, autn, ..] = *words else {
        unreachable!("not a vector: {answer}")
    };
    let rand: Rand = rand.parse().expect("a RAND");
    let autn: Autn = autn.parse().expect("an AUTN");
    let (sqn, mac, _) = milenage.open_autn(&rand, &autn);
    assert!(mac.verify(autn.mac()));
    sqn.get()
}

#[test]
fn killed_200_times_no_sequence_number_comes_twice() {
    let folder = tempfile::tempdir().unwrap();
    subscribers(folder.path());
    let milenage = Milenage::new(&K::new(K), &Opc::new(OPC));
    let client = UnixDatagram::bind(folder.path().join("client")).unwrap();
    client
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let mut numbers = Vec::new();
    for round in 0..ROUNDS {
        let home = Home::start(folder.path());
        // more requests than are waited for: the kill falls into the middle of the rest
        for _ in 0..=round % 7 {
            client
                .send_to(REQUEST, folder.path().join("auc.sock"))
                .unwrap();
        }
        let mut buffer = [0; 1000];
        for _ in 0..=round % 3 % (round % 7 + 1) {
            let size = client.recv(&mut buffer).unwrap();
            numbers.push(sqn(&milenage, &buffer[..size]));
        }
        drop(home);
        client.set_nonblocking(true).unwrap();
        while let Ok(size) = client.recv(&mut buffer) {
            numbers.push(sqn(&milenage, &buffer[..size]));
        }
        client.set_nonblocking(false).unwrap();
    }
    assert!(numbers.len() >= ROUNDS);
    let rising = numbers.windows(2).all(|pair| pair[0] < pair[1]);
    assert!(rising, "{numbers:?}");
}
