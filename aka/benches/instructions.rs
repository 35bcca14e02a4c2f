//! Counts instructions with valgrind's callgrind: figures that no other load moves.
//!
//! `cargo bench -p aka --bench instructions`. Valgrind has AES-NI and AVX2, but no VAES, no
//! AVX-512 and no SHA extensions: what is counted here runs on the kernels for the former. It
//! takes the difference between 40 and 20 calls, so that what happens once is left out.
#![expect(clippy::print_stdout, reason = "a benchmark shows its result")]
#![expect(clippy::unwrap_used, reason = "its inputs are well formed")]

#[path = "ratios/inputs.rs"]
mod inputs;

use std::{env, hint::black_box, process::Command, thread};

use aka::{
    Milenage,
    algorithm::{CardAlgorithm, HomeAlgorithm},
    batch::{self, Job},
    kdf::five_g::{HomeKeys, ServingNetworkName},
    tuak::{Key, Topc, Tuak},
};
use inputs::{COUNT, Subscriber, subscribers};
use oxirush_security::{milenage as oxirush, nas_5gs};

fn main() {
    let words: Vec<String> = env::args().collect();
    if let Some([name, calls]) = after(&words, "--calls") {
        let (_, _, run) = OPERATIONS.iter().find(|(id, ..)| id == name).unwrap();
        let calls = calls.parse().unwrap();
        // A thread's stack is there from the start: one of the peers wipes below its own, where
        // the stack of the main thread has not grown to yet.
        let thread = thread::spawn(move || run(&subscribers(), calls));
        return thread.join().unwrap();
    }
    println!("instructions of each call, on what valgrind has of the processor");
    for (id, name, _) in OPERATIONS {
        match counted(id) {
            Ok(count) => println!("  {name:44} {count:7}"),
            Err(reason) => return println!("  not counted: {reason}"),
        }
    }
}

fn after<'a>(words: &'a [String], flag: &str) -> Option<&'a [String; 2]> {
    let place = words.iter().position(|word| word == flag)?;
    words.get(place + 1..)?.first_chunk()
}

fn counted(id: &str) -> Result<u64, String> {
    const CALLS: u64 = 20;
    let once = collected(id, CALLS)?;
    let twice = collected(id, 2 * CALLS)?;
    Ok(twice.saturating_sub(once) / CALLS)
}

/// What callgrind counts of this program when it makes so many calls.
fn collected(id: &str, calls: u64) -> Result<u64, String> {
    let own = env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(own)
        .args(["--calls", id, &calls.to_string()])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = text
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    line.and_then(|(_, count)| count.trim().parse().ok())
        .ok_or(text)
}

type Run = fn(&[Subscriber], usize);

const OPERATIONS: [(&str, &str, Run); 9] = [
    ("vector", "MILENAGE vector", vector),
    ("oxirush", "the same by oxirush-security", oxirush_vector),
    ("card", "MILENAGE, the card's answer", card),
    ("f1", "MILENAGE, f1 alone", f1),
    ("batch", "MILENAGE vectors of 8 at once", batch_of_8),
    ("tuak", "TUAK vector", tuak),
    ("tuak-batch", "TUAK vectors of 8 at once", tuak_batch_of_8),
    ("five-g", "5G home vector", five_g),
    ("oxirush-5g", "the same by oxirush-security", oxirush_five_g),
];

/// So many subscribers, again and again those that there are.
fn each(subscribers: &[Subscriber], calls: usize) -> impl Iterator<Item = &Subscriber> {
    assert_eq!(subscribers.len(), usize::from(COUNT));
    subscribers.iter().cycle().take(calls)
}

fn milenage_of(s: &Subscriber) -> Milenage {
    Milenage::new(&s.k, &s.opc)
}

fn tuak_of(s: &Subscriber) -> Tuak {
    Tuak::new(&Key::from(&s.k), &Topc::new([0xcd; 32]))
}

fn vector(subscribers: &[Subscriber], calls: usize) {
    for s in each(subscribers, calls) {
        black_box(milenage_of(s).challenge(&s.rand, s.sqn, s.amf));
    }
}

fn card(subscribers: &[Subscriber], calls: usize) {
    let first = subscribers.first().unwrap();
    let (autn, _) = milenage_of(first).challenge(&first.rand, first.sqn, first.amf);
    for s in each(subscribers, calls) {
        black_box(milenage_of(s).open_autn(&s.rand, &autn));
    }
}

fn f1(subscribers: &[Subscriber], calls: usize) {
    for s in each(subscribers, calls) {
        black_box(milenage_of(s).f1(&s.rand, s.sqn, s.amf));
    }
}

fn batch_of_8(subscribers: &[Subscriber], calls: usize) {
    batches(subscribers, calls, milenage_of);
}

fn tuak(subscribers: &[Subscriber], calls: usize) {
    for s in each(subscribers, calls) {
        black_box(tuak_of(s).challenge(&s.rand, s.sqn, s.amf));
    }
}

fn tuak_batch_of_8(subscribers: &[Subscriber], calls: usize) {
    batches(subscribers, calls, tuak_of);
}

fn batches<A: HomeAlgorithm>(
    subscribers: &[Subscriber],
    calls: usize,
    keys_of: impl Fn(&Subscriber) -> A,
) {
    let eight = subscribers.first_chunk::<8>().unwrap();
    let keys = eight.each_ref().map(keys_of);
    for _ in 0..calls {
        let inputs = eight.iter().zip(&keys);
        let jobs = inputs.map(|(s, key)| Job::new(key, s.rand, s.sqn, s.amf));
        let mut jobs: Vec<_> = jobs.collect();
        batch::vectors(&mut jobs);
        black_box(&jobs);
    }
}

const NETWORK: &str = "5G:mnc093.mcc208.3gppnetwork.org";

fn five_g(subscribers: &[Subscriber], calls: usize) {
    let network: ServingNetworkName = NETWORK.parse().unwrap();
    for s in each(subscribers, calls) {
        let (autn, response) = milenage_of(s).challenge(&s.rand, s.sqn, s.amf);
        let keys = HomeKeys::new(&response.ck, &response.ik, network);
        black_box(keys.both(&s.rand, &autn, &response.res));
    }
}

fn oxirush_of(s: &Subscriber) -> oxirush::AuthenticationVector {
    let k = oxirush::K::from_slice(s.k.expose()).unwrap();
    let opc = oxirush::Opc::from_slice(s.opc.expose()).unwrap();
    let rand = oxirush_security::Rand::from_slice(s.rand.as_bytes()).unwrap();
    let sqn = oxirush::Sqn::try_from(s.sqn.get()).unwrap();
    let amf = oxirush::Amf::new(s.amf.as_bytes());
    oxirush::Milenage::new(&k, &opc).authentication_vector(&rand, &sqn, &amf)
}

fn oxirush_vector(subscribers: &[Subscriber], calls: usize) {
    for s in each(subscribers, calls) {
        black_box(oxirush_of(s));
    }
}

fn oxirush_five_g(subscribers: &[Subscriber], calls: usize) {
    let name = NETWORK.as_bytes();
    for s in each(subscribers, calls) {
        let vector = oxirush_of(s);
        let kausf = nas_5gs::derive_kausf(vector.ck(), vector.ik(), name, vector.autn());
        black_box((kausf.unwrap(), vector.xres_star(name).unwrap()));
    }
}
