//! What is left in a process's memory after it has made vectors and derived keys: no key of the
//! subscriber, neither for years nor for the session.
//!
//! A process of its own reads K and OPc, works, drops everything and waits; whoever started it knows
//! what the secrets were, and searches all that the process may write to: heap, stacks, statics.
#![cfg(target_os = "linux")]
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that fails panics"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "the environment tells the process that it is the one to be searched"
)]

use std::{
    env,
    fs::{self, File},
    io::{Read, Write},
    os::unix::fs::FileExt,
    process::{Child, ChildStdout, Command, Stdio},
};

use aka::{
    Amf, Imsi, K, Milenage, Opc, Rand, Sqn,
    algorithm::{Algorithm, HomeAlgorithm as _},
    card::{Card, Outcome},
    kdf::{
        eps,
        five_g::{HomeKeys, HomeVector, ServingNetworkName},
    },
    milenage::Constants,
    network::{Home, MemoryStore, Request},
    tuak::{Functions, Key, Topc, Tuak},
};

const WORK: &str = "AKA_RESIDUE_WORK";
const RAND: Rand = Rand::new([0x42; 16]);

/// Runs alone and returns at once; the tests below run it as a process of its own.
#[test]
fn the_process_that_is_searched() {
    let Ok(work) = env::var(WORK) else { return };
    match work.as_str() {
        "milenage" => milenage(&keys()),
        "portable" => portable(&keys()),
        "tuak" => tuak(&keys()),
        "forgetful" => forgetful(&keys()),
        _ => unreachable!("no such work"),
    }
    // whatever stands below in the stack is as the work has left it
    let mut out = File::options().write(true).open("/dev/stdout").unwrap();
    out.write_all(DONE).unwrap();
    let mut input = File::open("/dev/stdin").unwrap();
    drop(input.read(&mut [0]));
}

const DONE: &[u8] = b"\ndone\n";

struct Keys {
    k: K,
    opc: Opc,
}

/// From a pipe into their place, without a buffer in between.
#[inline(never)]
fn keys() -> Keys {
    let mut keys = Keys {
        k: K::new([0; 16]),
        opc: Opc::new([0; 16]),
    };
    let mut input = File::open("/dev/stdin").unwrap();
    let mut octets = zeroize::Zeroizing::new([0; 32]);
    input.read_exact(&mut *octets).unwrap();
    keys.k = K::from_slice(&octets[..16]).unwrap();
    keys.opc = Opc::from_slice(&octets[16..]).unwrap();
    keys
}

/// Home and card, EPS and 5GS, with the kernel that the processor has.
#[inline(never)]
fn milenage(keys: &Keys) {
    let milenage = Milenage::new(&keys.k, &keys.opc);
    let imsi: Imsi = "001010000000001".parse().unwrap();
    let home = Home::new(MemoryStore::new().with(imsi, Sqn::ZERO));
    let request = Request::new(RAND, Amf::SEPARATED);
    let vector = home.vector(&milenage, &imsi, request).unwrap();
    let mut card = Card::default();
    let outcome = card.authenticate(&milenage, &vector.rand, &vector.autn);
    let Outcome::Success { res, ck, ik, .. } = outcome.unwrap() else {
        unreachable!("the first vector is fresh");
    };
    assert!(vector.verify(&res));
    let name = network();
    let derived = HomeKeys::new(&ck, &ik, name);
    let kausf = derived.kausf(&vector.autn);
    let _kamf = kausf.kseaf(&name).kamf(imsi.as_str(), &[0, 0]);
    let _xres_star = derived.res_star(&vector.rand, &res);
    let _home_vector = HomeVector::new(&vector, &name);
    let plmn = imsi.plmn(aka::MncLength::Two);
    let _kenb = eps::kasme(&ck, &ik, &plmn, &vector.autn).kenb(0);
}

/// The same functions on the kernel that every processor has.
#[inline(never)]
fn portable(keys: &Keys) {
    let (autn, expected) = own(keys).challenge(&RAND, Sqn::ZERO, Amf::ZERO);
    let home = HomeKeys::new(&expected.ck, &expected.ik, network());
    let _kausf = home.kausf(&autn);
}

/// Constants of one's own are the portable kernel's business.
fn own(keys: &Keys) -> Milenage {
    let constants = Constants::new([[7; 16]; 5], [0, 1, 2, 3, 4]).unwrap();
    Milenage::with_constants(&keys.k, &keys.opc, constants)
}

#[inline(never)]
fn tuak(keys: &Keys) {
    let _response = tuak_of(keys).respond(&RAND);
}

fn tuak_of(keys: &Keys) -> Tuak {
    let key = Key::from(&keys.k);
    let mut topc = zeroize::Zeroizing::new([0x11; 32]);
    topc[..16].copy_from_slice(keys.opc.expose());
    Tuak::with(
        &key,
        &Topc::from_slice(&*topc).unwrap(),
        aka::tuak::AkaResLength::Bits128,
        Functions::ONE_ITERATION,
    )
}

/// The control: a copy of K in a value that nobody wipes.
#[inline(never)]
fn forgetful(keys: &Keys) {
    let copy = keys.k.expose().to_vec();
    milenage(keys);
    std::mem::forget(copy);
}

fn network() -> ServingNetworkName {
    "5G:mnc001.mcc001.3gppnetwork.org".parse().unwrap()
}

/// A process that has done its work, and waits.
struct Searched {
    child: Child,
    /// Kept open: the process writes to it.
    #[expect(dead_code, reason = "it is dropped with the process")]
    output: ChildStdout,
}

impl Searched {
    fn after(work: &str, keys: &Keys) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "the_process_that_is_searched", "--nocapture"])
            .env(WORK, work)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let both = [&keys.k.expose()[..], keys.opc.expose()].concat();
        input.write_all(&both).unwrap();
        child.stdin = Some(input);
        let mut output = child.stdout.take().unwrap();
        let mut said = Vec::new();
        let mut octet = [0];
        while !said.ends_with(DONE) {
            assert_eq!(output.read(&mut octet).unwrap(), 1, "it ended too early");
            said.extend(octet);
        }
        Self { child, output }
    }

    /// The names of those secrets that lie anywhere in its memory, and where.
    fn found(&self, secrets: &[(&str, Vec<u8>)]) -> Vec<String> {
        let folder = format!("/proc/{}", self.child.id());
        let memory = File::open(format!("{folder}/mem")).unwrap();
        let maps = fs::read_to_string(format!("{folder}/maps")).unwrap();
        let writable = maps.lines().filter_map(region);
        let mut found = Vec::new();
        let mut searched = 0;
        for (begin, end, name) in writable {
            let mut octets = vec![0; usize::try_from(end - begin).unwrap()];
            if memory.read_exact_at(&mut octets, begin).is_err() {
                continue;
            }
            searched += octets.len();
            let here = secrets.iter().filter(|(_, secret)| holds(&octets, secret));
            found.extend(here.map(|(secret, _)| format!("{secret} in {name}")));
        }
        assert!(searched > 100_000, "only {searched} octets were searched");
        found
    }
}

impl Drop for Searched {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Where a region begins and ends, and what it is, if the process may write to it.
fn region(line: &str) -> Option<(u64, u64, &str)> {
    let mut words = line.split_ascii_whitespace();
    let (range, rights) = (words.next()?, words.next()?);
    let (begin, end) = range.split_once('-')?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    rights.starts_with("rw").then_some((
        number(begin)?,
        number(end)?,
        words.nth(3).unwrap_or("anonymous memory"),
    ))
}

fn holds(octets: &[u8], secret: &[u8]) -> bool {
    let [first, ..] = secret else { return false };
    let mut starts = octets
        .iter()
        .enumerate()
        .filter(|(_, octet)| *octet == first);
    starts.any(|(place, _)| octets[place..].starts_with(secret))
}

fn known(seed: u8) -> Keys {
    let octets = |start: u8| {
        std::array::from_fn(|n| (start ^ 0x9b).wrapping_mul(2 * u8::try_from(n).unwrap() + 3))
    };
    Keys {
        k: K::new(octets(seed)),
        opc: Opc::new(octets(seed ^ 0xc5)),
    }
}

/// K, OPc, CK and IK. RES goes over the air; of what is derived from CK and IK, the last value may
/// stay in the stack until the next call, so it is not looked for.
fn secrets(keys: &Keys, functions: &impl Algorithm) -> [(&'static str, Vec<u8>); 4] {
    let expected = functions.respond(&RAND);
    [
        ("K", keys.k.expose().to_vec()),
        ("OPc", keys.opc.expose().to_vec()),
        ("CK", expected.ck.expose().to_vec()),
        ("IK", expected.ik.expose().to_vec()),
    ]
}

#[test]
fn vectors_and_derivations_leave_no_key_behind() {
    let keys = known(1);
    let milenage = Milenage::new(&keys.k, &keys.opc);
    let found = Searched::after("milenage", &keys).found(&secrets(&keys, &milenage));
    assert_eq!(found, [""; 0]);
}

#[test]
fn the_portable_kernel_leaves_no_key_behind() {
    let keys = known(2);
    let found = Searched::after("portable", &keys).found(&secrets(&keys, &own(&keys)));
    assert_eq!(found, [""; 0]);
}

#[test]
fn tuak_leaves_no_key_behind() {
    let keys = known(3);
    let found = Searched::after("tuak", &keys).found(&secrets(&keys, &tuak_of(&keys)));
    assert_eq!(found, [""; 0]);
}

/// The control: the search finds what is there.
#[test]
fn a_copy_that_nobody_wipes_is_found() {
    let keys = known(4);
    let milenage = Milenage::new(&keys.k, &keys.opc);
    let found = Searched::after("forgetful", &keys).found(&secrets(&keys, &milenage));
    assert!(
        found.iter().any(|found| found.starts_with("K in ")),
        "{found:?}"
    );
}
