//! Times this crate and its peers in turn, in one run, and prints the ratios.
//!
//! `cargo bench -p aka --bench ratios`; arguments choose rows by a part of their name. Each row is
//! measured in rounds that alternate between the implementations; the fastest round counts, as the
//! one that other load disturbed least. Compare ratios, not times.
#![expect(clippy::print_stdout, reason = "a benchmark shows its result")]
#![expect(clippy::unwrap_used, reason = "its inputs are well formed")]

mod inputs;

use std::{
    env,
    hint::black_box,
    time::{Duration, Instant},
};

use aka::{
    Milenage,
    algorithm::HomeAlgorithm,
    batch::{self, Job},
    kdf::five_g::{HomeKeys, ServingNetworkName},
    milenage::Prepared,
    tuak::{Key, Topc, Tuak},
};
use inputs::{COUNT, Subscriber, subscribers};
use oxirush_security::{milenage as oxirush, nas_5gs};

fn main() {
    let wanted: Vec<String> = env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let subscribers = subscribers();
    let inputs = Inputs::new(&subscribers);
    for row in rows(&subscribers, &inputs) {
        if wanted.is_empty() || wanted.iter().any(|part| row.name.contains(part.as_str())) {
            row.run();
        }
    }
}

/// One line: what is computed `COUNT` times by each implementation, ours first.
struct Row<'a> {
    name: &'static str,
    implementations: Vec<Implementation<'a>>,
}

struct Implementation<'a> {
    name: &'static str,
    all: Box<dyn FnMut() + 'a>,
}

const ROUNDS: usize = 400;

impl Row<'_> {
    fn run(mut self) {
        let mut best = vec![Duration::MAX; self.implementations.len()];
        for _ in 0..ROUNDS {
            for (best, implementation) in best.iter_mut().zip(&mut self.implementations) {
                let start = Instant::now();
                (implementation.all)();
                *best = start.elapsed().min(*best);
            }
        }
        let ours = best.first().copied().unwrap_or_default().as_secs_f64();
        println!("{}", self.name);
        for (best, implementation) in best.iter().zip(&self.implementations) {
            let seconds = best.as_secs_f64();
            let nanoseconds = seconds * 1e9 / f64::from(COUNT);
            let ratio = seconds / ours;
            println!(
                "  {:24} {nanoseconds:9.1} ns {ratio:7.2}x",
                implementation.name
            );
        }
    }
}

fn rows<'a>(subscribers: &'a [Subscriber], inputs: &'a Inputs) -> Vec<Row<'a>> {
    vec![
        milenage_single(subscribers),
        milenage_prepared(subscribers),
        milenage_batch(subscribers, inputs),
        tuak(subscribers, inputs),
        five_g(subscribers, inputs),
    ]
}

fn implementation<'a>(name: &'static str, all: impl FnMut() + 'a) -> Implementation<'a> {
    let all = Box::new(all);
    Implementation { name, all }
}

/// Keys that were never seen before, typed and wiped.
fn milenage_single(subscribers: &[Subscriber]) -> Row<'_> {
    let ours = implementation("aka", move || {
        for s in subscribers {
            let milenage = Milenage::new(&s.k, &s.opc);
            black_box(milenage.challenge(&s.rand, s.sqn, s.amf));
        }
    });
    let peers = peers(subscribers);
    let oxirush = implementation("oxirush-security", move || {
        for p in &peers {
            let milenage = oxirush::Milenage::new(&p.k, &p.opc);
            black_box(milenage.authentication_vector(&p.rand, &p.sqn, &p.amf));
        }
    });
    let crate_milenage = implementation("milenage", move || {
        for s in subscribers {
            let mut peer = milenage::Milenage::new_with_opc(*s.k.expose(), *s.opc.expose());
            let rand = s.rand.as_bytes();
            black_box(peer.f2345(rand));
            black_box(peer.f1(rand, &s.sqn.to_bytes(), s.amf.as_bytes()));
        }
    });
    Row {
        name: "MILENAGE vector, new key each time",
        implementations: vec![ours, oxirush, crate_milenage],
    }
}

fn milenage_prepared(subscribers: &[Subscriber]) -> Row<'_> {
    let first = subscribers.first().unwrap();
    let prepared = Prepared::new(&first.k, &first.opc);
    let ours = implementation("aka", move || {
        for s in subscribers {
            black_box(prepared.challenge(&s.rand, s.sqn, s.amf));
        }
    });
    let peers = peers(subscribers);
    let oxirush = implementation("oxirush-security", move || {
        let milenage = peers
            .first()
            .map(|p| oxirush::Milenage::new(&p.k, &p.opc))
            .unwrap();
        for p in &peers {
            black_box(milenage.authentication_vector(&p.rand, &p.sqn, &p.amf));
        }
    });
    Row {
        name: "MILENAGE vector, same key",
        implementations: vec![ours, oxirush],
    }
}

/// The memory is there before, so that what is measured is not the allocator.
fn milenage_batch<'a>(subscribers: &'a [Subscriber], inputs: &'a Inputs) -> Row<'a> {
    let ours = implementation("aka", batch_of(subscribers, &inputs.milenage));
    let mut jobs = Vec::with_capacity(inputs.peers.len());
    let oxirush = implementation("oxirush-security", move || {
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
    });
    Row {
        name: "MILENAGE vectors of 1000 subscribers at once",
        implementations: vec![ours, oxirush],
    }
}

fn tuak<'a>(subscribers: &'a [Subscriber], inputs: &'a Inputs) -> Row<'a> {
    let single = implementation("aka", move || {
        for s in subscribers {
            black_box(tuak_of(s).challenge(&s.rand, s.sqn, s.amf));
        }
    });
    let batch = implementation("aka, 1000 at once", batch_of(subscribers, &inputs.tuak));
    Row {
        name: "TUAK vector, new key each time",
        implementations: vec![single, batch],
    }
}

/// MILENAGE, K_AUSF and XRES*.
fn five_g<'a>(subscribers: &'a [Subscriber], inputs: &'a Inputs) -> Row<'a> {
    let network: ServingNetworkName = NETWORK.parse().unwrap();
    let ours = implementation("aka", move || {
        for (s, milenage) in subscribers.iter().zip(&inputs.milenage) {
            let (autn, response) = milenage.challenge(&s.rand, s.sqn, s.amf);
            let keys = HomeKeys::new(&response.ck, &response.ik, network);
            black_box(keys.both(&s.rand, &autn, &response.res));
        }
    });
    let batch = implementation("aka, 1000 at once", {
        let mut jobs = Vec::with_capacity(subscribers.len());
        move || {
            fill(&mut jobs, subscribers, &inputs.milenage);
            batch::home_vectors(&mut jobs, &network, |vector| {
                black_box(vector);
            });
        }
    });
    let oxirush = implementation("oxirush-security", move || {
        for (p, milenage) in inputs.peers.iter().zip(&inputs.oxirush) {
            let vector = milenage.authentication_vector(&p.rand, &p.sqn, &p.amf);
            let name = NETWORK.as_bytes();
            let kausf = nas_5gs::derive_kausf(vector.ck(), vector.ik(), name, vector.autn());
            black_box((kausf.unwrap(), vector.xres_star(name).unwrap()));
        }
    });
    Row {
        name: "5G home vector",
        implementations: vec![ours, oxirush, batch],
    }
}

const NETWORK: &str = "5G:mnc093.mcc208.3gppnetwork.org";

fn tuak_of(s: &Subscriber) -> Tuak {
    Tuak::new(&Key::from(&s.k), &Topc::new([0xcd; 32]))
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
