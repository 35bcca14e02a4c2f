//! Crashes between every step, on a disk that forgets whatever was not synced.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use aka::{Amf, K, Milenage, Opc, Rand, Sqn, algorithm::HomeAlgorithm};
use proptest::prelude::*;
use zeroize::Zeroizing;

use super::{folder::Folder, *};
use crate::{
    soft::{Profile, SoftCard},
    transport::Transport,
};

/// One file: what a crash leaves of it, and what is seen before.
#[derive(Clone, Debug, Default)]
struct Inode {
    synced: Vec<u8>,
    written: Vec<u8>,
}

#[derive(Debug, Default)]
struct Inner {
    inodes: Vec<Inode>,
    synced_names: HashMap<String, usize>,
    names: HashMap<String, usize>,
    /// Steps left until the power is cut.
    power: Option<u32>,
}

/// A disk with a power switch.
#[derive(Clone, Debug, Default)]
struct Simulated(Arc<Mutex<Inner>>);

impl Simulated {
    /// Runs one step; the one at which the power fails may still have happened, or not.
    fn step(&self, luck: bool, step: impl FnOnce(&mut Inner)) -> io::Result<()> {
        let mut inner = self.0.lock().unwrap();
        match inner.power {
            Some(0) => return Err(io::ErrorKind::Other.into()),
            Some(1) if !luck => {
                inner.power = Some(0);
                return Err(io::ErrorKind::Other.into());
            }
            _ => step(&mut inner),
        }
        if let Some(left) = &mut inner.power {
            *left -= 1;
            if *left == 0 {
                return Err(io::ErrorKind::Other.into());
            }
        }
        Ok(())
    }

    /// Cuts the power: of everything not synced, `luck` decides what is left.
    fn crash(&self, luck: u64) {
        let mut inner = self.0.lock().unwrap();
        for (index, inode) in inner.inodes.iter_mut().enumerate() {
            match (luck >> (index % 16)) % 4 {
                _ if inode.written == inode.synced => {}
                0 => inode.synced = inode.written.clone(),
                1 => inode.synced = inode.written[..inode.written.len() / 2].to_vec(),
                _ => {}
            }
            inode.written = inode.synced.clone();
        }
        if luck.is_multiple_of(2) {
            inner.synced_names = inner.names.clone();
        }
        inner.names = inner.synced_names.clone();
        inner.power = None;
    }
}

impl Folder for Simulated {
    fn read(&mut self, name: &str) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        let inner = self.0.lock().unwrap();
        let inode = inner.names.get(name).map(|&index| &inner.inodes[index]);
        Ok(inode.map(|inode| Zeroizing::new(inode.written.clone())))
    }

    fn write(&mut self, name: &str, octets: &[u8]) -> io::Result<()> {
        self.step(octets.len().is_multiple_of(2), |inner| {
            let next = inner.inodes.len();
            let index = *inner.names.entry(name.to_owned()).or_insert(next);
            if index == next {
                inner.inodes.push(Inode::default());
            }
            inner.inodes[index].written = octets.to_vec();
        })
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.step(false, |inner| {
            let index = inner.names[name];
            inner.inodes[index].synced = inner.inodes[index].written.clone();
        })
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.step(true, |inner| {
            let index = inner.names.remove(from).unwrap();
            inner.names.insert(to.to_owned(), index);
        })
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        self.step(false, |inner| inner.synced_names = inner.names.clone())
    }
}

fn card(disk: &Simulated) -> SoftCard {
    let state = StateFile {
        folder: Box::new(disk.clone()),
        name: "card".to_owned(),
        _lock: None,
    };
    let mut card = SoftCard::with_state(Profile::default(), state).unwrap();
    let select = hex::decode("00a4040c07a0000000871002").unwrap();
    assert_eq!(ask(&mut card, &select), "9000");
    card
}

fn ask(card: &mut SoftCard, command: &[u8]) -> String {
    let mut answer = [0; 258];
    let size = card.transmit(command, &mut answer).unwrap();
    hex::encode(&answer[..size])
}

/// AUTHENTICATE with the challenge that the home makes of `seq`.
fn challenge(seq: u64) -> Vec<u8> {
    let k: K = "465b5ce8b199b49faa5f0a2ee238a6bc".parse().unwrap();
    let opc: Opc = "cd63cb71954a9f4e48a5994e37a02baf".parse().unwrap();
    let rand = Rand::new([7; 16]);
    let sqn = Sqn::new(seq << 5).unwrap();
    let (autn, _) = Milenage::new(&k, &opc).challenge(&rand, sqn, Amf::SEPARATED);
    let mut command = vec![0x00, 0x88, 0x00, 0x81, 0x22, 0x10];
    command.extend_from_slice(rand.as_bytes());
    command.push(0x10);
    command.extend_from_slice(autn.as_bytes());
    command
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn after_a_crash_at_any_step_no_answered_challenge_is_fresh_again(
        crashes in proptest::collection::vec((1_u32..14, any::<u64>()), 1..6),
    ) {
        let disk = Simulated::default();
        let mut seq = 0;
        for (power, luck) in crashes {
            let mut first = card(&disk);
            disk.0.lock().unwrap().power = Some(power);
            let mut answered = None;
            for _ in 0..4 {
                seq += 1;
                match ask(&mut first, &challenge(seq)).as_str() {
                    "6135" => answered = Some(seq),
                    "6581" => prop_assert!(!ask(&mut first, &[0x00, 0xc0, 0, 0, 0x35]).starts_with("db")),
                    other => prop_assert!(false, "{}", other),
                }
            }
            drop(first);
            disk.crash(luck);
            let mut second = card(&disk);
            if let Some(answered) = answered {
                prop_assert_eq!(ask(&mut second, &challenge(answered)), "6110", "a replay");
            }
            prop_assert_eq!(ask(&mut second, &challenge(seq + 1)), "6135");
            seq += 1;
        }
    }
}

#[test]
fn an_answer_that_cannot_be_kept_does_not_leave() {
    let disk = Simulated::default();
    let mut card = card(&disk);
    disk.0.lock().unwrap().power = Some(0);
    assert_eq!(ask(&mut card, &challenge(1)), "6581");
    assert_eq!(ask(&mut card, &[0x00, 0xc0, 0x00, 0x00, 0x35]), "6581");
    disk.0.lock().unwrap().power = None;
    assert_eq!(ask(&mut card, &[0x00, 0xc0, 0x00, 0x00, 0x35]), "6985");
    assert_eq!(
        ask(&mut card, &challenge(1)),
        "6110",
        "its number is used up"
    );
}

#[test]
fn memory_reads_back_as_it_was_written() {
    let mut card = SoftCard::new(Profile::default());
    for command in ["002000810830303030ffffffff", "00a4080c047f106f3a"] {
        ask(&mut card, &hex::decode(command).unwrap());
    }
    let update = format!("00dc010418{}", "61".repeat(24));
    assert_eq!(ask(&mut card, &hex::decode(update).unwrap()), "9000");
    let memory = card.chip.memory();
    assert_eq!(memory.pin2.tries, 2);
    assert_eq!(memory.files[0].0, "3f00/7f10/6f3a");
    assert_eq!(Memory::decode(&memory.encode()).unwrap(), memory);
}

#[test]
fn a_damaged_file_is_named_where_it_is_damaged() {
    let text = SoftCard::new(Profile::default()).chip.memory().encode();
    for (from, to, expected) in [
        ("imsi = \"", "imsi = \"x", "imsi"),
        ("seq = [0", "seq = [-1", "seq"),
        ("[pin1]", "[pin7]", "pin1"),
        ("tries = 3", "tries = 300", "tries"),
        ("[files]", "[files]\n\"3f00/2f05\" = \"zz\"", "files"),
        ("[files]", "[files", "the text"),
    ] {
        let damaged = text.replacen(from, to, 1);
        match Memory::decode(&damaged) {
            Err(StateError::Damaged { key }) => assert_eq!(key, expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
}

#[test]
fn tries_of_a_pin_and_updated_files_outlive_a_power_cut() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card");
    let open =
        || SoftCard::with_state(Profile::default(), StateFile::open(&path).unwrap()).unwrap();
    let wrong = hex::decode("002000810830303030ffffffff").unwrap();
    assert_eq!(ask(&mut open(), &wrong), "63c2");
    let mut second = open();
    assert_eq!(ask(&mut second, &wrong), "63c1");
    ask(&mut second, &hex::decode("00a4000c022f05").unwrap());
    assert_eq!(
        ask(&mut second, &hex::decode("00d60000026465").unwrap()),
        "9000"
    );
    drop(second);
    let mut third = open();
    assert_eq!(ask(&mut third, &wrong), "6983");
    ask(&mut third, &hex::decode("00a4000c022f05").unwrap());
    assert_eq!(
        ask(&mut third, &hex::decode("00b0000002").unwrap()),
        "64659000"
    );
}

#[test]
fn a_state_file_serves_one_card_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card");
    let first = StateFile::open(&path).unwrap();
    assert!(matches!(StateFile::open(&path), Err(StateError::InUse)));
    drop(first);
    assert!(StateFile::open(&path).is_ok());
}

#[test]
fn a_state_file_serves_one_card_by_whatever_link_it_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("card"), folder.path().join("link"));
    fs::write(&path, "").unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let first = StateFile::open(&path).unwrap();
    assert!(matches!(StateFile::open(&link), Err(StateError::InUse)));
    drop(first);
    assert!(StateFile::open(&link).is_ok());
}

#[test]
fn the_state_of_another_subscriber_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card");
    let mut card =
        SoftCard::with_state(Profile::default(), StateFile::open(&path).unwrap()).unwrap();
    ask(
        &mut card,
        &hex::decode("002000810830303030ffffffff").unwrap(),
    );
    drop(card);
    let other = Profile::from_toml("imsi = \"001010000000002\"").unwrap();
    let refused = SoftCard::with_state(other, StateFile::open(&path).unwrap());
    assert!(matches!(refused, Err(StateError::OtherCard)));
}

#[test]
fn only_the_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card");
    let mut card =
        SoftCard::with_state(Profile::default(), StateFile::open(&path).unwrap()).unwrap();
    ask(
        &mut card,
        &hex::decode("002000810830303030ffffffff").unwrap(),
    );
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let error = StateFile::open("/nonexistent/folder/card").unwrap_err();
    assert!(matches!(
        error,
        StateError::Io {
            operation: "open the lock of",
            ..
        }
    ));
}
