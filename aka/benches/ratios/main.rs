//! Times this crate and its peers in turn, in one run, and prints the ratios.
//!
//! `cargo bench -p aka --bench ratios`; arguments choose rows by a part of their name. Each row is
//! measured in rounds that alternate between the implementations; the fastest round counts, as the
//! one that other load disturbed least. Compare ratios, not times.
#![expect(clippy::print_stdout, reason = "a benchmark shows its result")]
#![expect(clippy::unwrap_used, reason = "its inputs are well formed")]

mod inputs;
mod libosmocore;
mod row;

use std::{env, hint::black_box};

use aka::{
    Milenage,
    algorithm::HomeAlgorithm,
    batch::{self, Job},
    kdf::five_g::{HomeKeys, ServingNetworkName},
    milenage::Prepared,
    tuak::{Key, Topc, Tuak},
};
use inputs::{Subscriber, subscribers};
use libosmocore::{Algorithm, Libosmocore};
use oxirush_security::{milenage as oxirush, nas_5gs};
use row::Row;

fn main() {
    let wanted: Vec<String> = env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let subscribers = subscribers();
    let inputs = Inputs::new(&subscribers);
    for (name, row) in ROWS {
        if wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str())) {
            row(name, &subscribers, &inputs).run();
        }
    }
}

type MakeRow = for<'a> fn(&'static str, &'a [Subscriber], &'a Inputs) -> Row<'a>;

const ROWS: [(&str, MakeRow); 6] = [
    ("MILENAGE vector, new key each time", milenage_single),
    ("MILENAGE vector, same key", milenage_prepared),
    (
        "MILENAGE vectors of 1000 subscribers at once",
        milenage_batch,
    ),
    ("TUAK vector, new key each time", tuak),
    ("TUAK vectors of 1000 subscribers at once", tuak_batch),
    ("5G home vector", five_g),
];

/// Keys that were never seen before, typed and wiped.
fn milenage_single<'a>(
    name: &'static str,
    subscribers: &'a [Subscriber],
    inputs: &'a Inputs,
) -> Row<'a> {
    let ours = move || {
        for s in subscribers {
            let milenage = Milenage::new(&s.k, &s.opc);
            black_box(milenage.challenge(&s.rand, s.sqn, s.amf));
        }
    };
    let oxirush = move || {
        for p in &inputs.peers {
            let milenage = oxirush::Milenage::new(&p.k, &p.opc);
            black_box(milenage.authentication_vector(&p.rand, &p.sqn, &p.amf));
        }
    };
    let crate_milenage = move || {
        for s in subscribers {
            let mut peer = milenage::Milenage::new_with_opc(*s.k.expose(), *s.opc.expose());
            let rand = s.rand.as_bytes();
            black_box(peer.f2345(rand));
            black_box(peer.f1(rand, &s.sqn.to_bytes(), s.amf.as_bytes()));
        }
    };
    let row = Row::new(name)
        .at_least(4.0)
        .with("aka", ours)
        .with("oxirush-security", oxirush)
        .with("milenage", crate_milenage);
    let libosmocore = Libosmocore::start(Algorithm::Milenage, subscribers, &inputs.milenage);
    with_libosmocore(row, libosmocore)
}

fn with_libosmocore(row: Row<'_>, peer: Result<Libosmocore, String>) -> Row<'_> {
    match peer {
        Ok(mut peer) => row.timed("libosmocore", move || peer.round()),
        Err(reason) => row.without(reason),
    }
}

fn milenage_prepared<'a>(
    name: &'static str,
    subscribers: &'a [Subscriber],
    inputs: &'a Inputs,
) -> Row<'a> {
    let first = subscribers.first().unwrap();
    let prepared = Prepared::new(&first.k, &first.opc);
    let ours = move || {
        for s in subscribers {
            black_box(prepared.challenge(&s.rand, s.sqn, s.amf));
        }
    };
    let milenage = inputs.oxirush.first().unwrap();
    let oxirush = move || {
        for p in &inputs.peers {
            black_box(milenage.authentication_vector(&p.rand, &p.sqn, &p.amf));
        }
    };
    Row::new(name)
        .with("aka", ours)
        .with("oxirush-security", oxirush)
}

/// Each round wipes the vectors of the one before, fills in the jobs and makes the vectors. The
/// memory is there before, so that what is measured is not the allocator.
fn milenage_batch<'a>(
    name: &'static str,
    subscribers: &'a [Subscriber],
    inputs: &'a Inputs,
) -> Row<'a> {
    let mut jobs = Vec::with_capacity(inputs.peers.len());
    let oxirush = move || {
        jobs.clear();
        jobs.extend(
            inputs
                .peers
                .iter()
                .zip(&inputs.oxirush)
                .map(|(p, milenage)| oxirush::VectorJob::new(milenage, &p.rand, &p.sqn, &p.amf)),
        );
        oxirush::authentication_vector_batch(&mut jobs);
        black_box(&jobs);
    };
    Row::new(name)
        .at_least(4.0)
        .with("aka", batch_of(subscribers, &inputs.milenage))
        .with("oxirush-security", oxirush)
}

fn tuak<'a>(name: &'static str, subscribers: &'a [Subscriber], inputs: &'a Inputs) -> Row<'a> {
    let ours = move || {
        for s in subscribers {
            black_box(tuak_of(s).challenge(&s.rand, s.sqn, s.amf));
        }
    };
    let row = Row::new(name).at_least(5.0).with("aka", ours);
    with_libosmocore(row, tuak_peer(subscribers, inputs))
}

/// The peer has no batches: it makes one after the other.
fn tuak_batch<'a>(
    name: &'static str,
    subscribers: &'a [Subscriber],
    inputs: &'a Inputs,
) -> Row<'a> {
    let row = Row::new(name)
        .at_least(12.0)
        .with("aka", batch_of(subscribers, &inputs.tuak));
    with_libosmocore(row, tuak_peer(subscribers, inputs))
}

fn tuak_peer(subscribers: &[Subscriber], inputs: &Inputs) -> Result<Libosmocore, String> {
    Libosmocore::start(Algorithm::Tuak(TOPC), subscribers, &inputs.tuak)
}

/// MILENAGE, K_AUSF and XRES*.
fn five_g<'a>(name: &'static str, subscribers: &'a [Subscriber], inputs: &'a Inputs) -> Row<'a> {
    let network: ServingNetworkName = NETWORK.parse().unwrap();
    let ours = move || {
        for (s, milenage) in subscribers.iter().zip(&inputs.milenage) {
            let (autn, response) = milenage.challenge(&s.rand, s.sqn, s.amf);
            let keys = HomeKeys::new(&response.ck, &response.ik, network);
            black_box(keys.both(&s.rand, &autn, &response.res));
        }
    };
    let oxirush = move || {
        for (p, milenage) in inputs.peers.iter().zip(&inputs.oxirush) {
            let vector = milenage.authentication_vector(&p.rand, &p.sqn, &p.amf);
            let name = NETWORK.as_bytes();
            let kausf = nas_5gs::derive_kausf(vector.ck(), vector.ik(), name, vector.autn());
            black_box((kausf.unwrap(), vector.xres_star(name).unwrap()));
        }
    };
    let mut jobs = Vec::with_capacity(subscribers.len());
    let batch = move || {
        fill(&mut jobs, subscribers, &inputs.milenage);
        batch::home_vectors(&mut jobs, &network, |vector| {
            black_box(vector);
        });
    };
    Row::new(name)
        .at_least(1.5)
        .with("aka", ours)
        .with("oxirush-security", oxirush)
        .with("aka, 1000 at once", batch)
}

const NETWORK: &str = "5G:mnc093.mcc208.3gppnetwork.org";

const TOPC: [u8; 32] = [0xcd; 32];

fn tuak_of(s: &Subscriber) -> Tuak {
    Tuak::new(&Key::from(&s.k), &Topc::new(TOPC))
}

/// The subscribers in the types of each implementation.
struct Inputs {
    milenage: Vec<Milenage>,
    tuak: Vec<Tuak>,
    peers: Vec<Peer>,
    oxirush: Vec<oxirush::Milenage>,
}

impl Inputs {
    fn new(subscribers: &[Subscriber]) -> Self {
        let peers = peers(subscribers);
        let milenage = |s: &Subscriber| Milenage::new(&s.k, &s.opc);
        let oxirush = |p: &Peer| oxirush::Milenage::new(&p.k, &p.opc);
        Self {
            milenage: subscribers.iter().map(milenage).collect(),
            tuak: subscribers.iter().map(tuak_of).collect(),
            oxirush: peers.iter().map(oxirush).collect(),
            peers,
        }
    }
}

fn batch_of<'a, A: HomeAlgorithm>(
    subscribers: &'a [Subscriber],
    keys: &'a [A],
) -> impl FnMut() + 'a {
    let mut jobs = Vec::with_capacity(keys.len());
    move || {
        fill(&mut jobs, subscribers, keys);
        batch::vectors(&mut jobs);
        black_box(&jobs);
    }
}

/// What was there is wiped first.
fn fill<'a, A>(jobs: &mut Vec<Job<'a, A>>, subscribers: &[Subscriber], keys: &'a [A]) {
    jobs.clear();
    let inputs = subscribers.iter().zip(keys);
    jobs.extend(inputs.map(|(s, algorithm)| Job::new(algorithm, s.rand, s.sqn, s.amf)));
}

/// The same inputs in the peer's types.
struct Peer {
    k: oxirush::K,
    opc: oxirush::Opc,
    rand: oxirush_security::Rand,
    sqn: oxirush::Sqn,
    amf: oxirush::Amf,
}

fn peers(subscribers: &[Subscriber]) -> Vec<Peer> {
    let peer = |s: &Subscriber| Peer {
        k: oxirush::K::from_slice(s.k.expose()).unwrap(),
        opc: oxirush::Opc::from_slice(s.opc.expose()).unwrap(),
        rand: oxirush_security::Rand::from_slice(s.rand.as_bytes()).unwrap(),
        sqn: oxirush::Sqn::try_from(s.sqn.get()).unwrap(),
        amf: oxirush::Amf::new(s.amf.as_bytes()),
    };
    subscribers.iter().map(peer).collect()
}
