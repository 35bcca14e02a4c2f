//! Whether time tells secrets apart: a test in the manner of dudect (Reparaz, Balasch and
//! Verbauwhede, 2017).
//!
//! `cargo bench -p aka --bench leakage`. Two classes of inputs are timed in an order that is drawn,
//! and Welch's t says how sure one may be that their means differ. A row leaks if |t| is above 10 in
//! each of three attempts; a comparison that ends at the first difference must be found out, or the
//! whole run fails. The portable kernel runs on whatever the crate `aes` takes:
//! `RUSTFLAGS='--cfg aes_backend="soft"'` makes that plain code.
#![expect(clippy::print_stdout, reason = "a benchmark shows its result")]
#![expect(
    clippy::indexing_slicing,
    reason = "each index is below the length beside it"
)]

use std::{array, hint::black_box, process::ExitCode, time::Instant};

use aka::{
    Amf, K, Mac, Milenage, Opc, Rand, Res, Sqn, algorithm::HomeAlgorithm as _, milenage::Constants,
};
use subtle::ConstantTimeEq as _;

const SAMPLES: usize = 200_000;
const LIMIT: f64 = 10.0;
const ATTEMPTS: usize = 3;

/// Sums for a mean and a variance (Welford).
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let delta = value - self.mean;
        self.mean += delta / self.count;
        self.squares += delta * (value - self.mean);
    }

    fn error(&self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

/// Inputs of one class each: what is the same, or random, by turns.
type Classes<T> = [Vec<T>; 2];

/// Xorshift of 64 bits (Marsaglia), which is no secret.
struct Draw(u64);

impl Draw {
    fn number(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn octets<const N: usize>(&mut self) -> [u8; N] {
        array::from_fn(|_| self.number().to_be_bytes()[3])
    }
}

/// t over all samples and over those that nothing disturbed: the quicker nine tenths.
fn welch<T>(classes: &Classes<T>, repeat: usize, draw: &mut Draw, run: impl Fn(&T)) -> f64 {
    let mut samples = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        let number = draw.number();
        let class = usize::from(number >> 40 & 1 == 1);
        let of_class = &classes[class];
        let input = &of_class[usize::try_from(number >> 41).unwrap_or_default() % of_class.len()];
        let begun = Instant::now();
        for _ in 0..repeat {
            run(black_box(input));
        }
        let spent = u32::try_from(begun.elapsed().as_nanos()).unwrap_or(u32::MAX);
        samples.push((class, spent));
    }
    let mut times: Vec<u32> = samples.iter().map(|(_, spent)| *spent).collect();
    times.sort_unstable();
    let most = times[times.len() / 10 * 9];
    let all = t(&samples, u32::MAX);
    let quick = t(&samples, most);
    if all.abs() > quick.abs() { all } else { quick }
}

fn t(samples: &[(usize, u32)], most: u32) -> f64 {
    let mut moments = [Moments::default(); 2];
    for (class, spent) in samples.iter().filter(|(_, spent)| *spent <= most) {
        moments[*class].add(f64::from(*spent));
    }
    let [one, other] = moments;
    (one.mean - other.mean) / (one.error() + other.error()).sqrt().max(f64::MIN_POSITIVE)
}

struct Row {
    name: &'static str,
    leaks: bool,
}

/// The least |t| of three attempts: a leak is there every time, a disturbance is not.
fn row(name: &'static str, mut attempt: impl FnMut(&mut Draw) -> f64) -> Row {
    let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
    let mut least = f64::INFINITY;
    for _ in 0..ATTEMPTS {
        least = least.min(attempt(&mut draw).abs());
        if least < LIMIT {
            break;
        }
    }
    let leaks = least >= LIMIT;
    let verdict = if leaks { "tells" } else { "tells nothing" };
    println!("{name:<52} |t| {least:>8.1}  {verdict}");
    Row { name, leaks }
}

/// The same octets again, which match, and random ones, which do not.
fn matching<T>(draw: &mut Draw, expected: [u8; 16], make: impl Fn([u8; 16]) -> T) -> Classes<T> {
    let same = (0..1024).map(|_| make(expected)).collect();
    let random = (0..1024).map(|_| make(draw.octets())).collect();
    [same, random]
}

fn mac(draw: &mut Draw) -> f64 {
    let secret = [0x5a; 16];
    let code = |[first @ .., _, _, _, _, _, _, _, _]: [u8; 16]| Mac::new(first);
    let expected = code(secret);
    let classes = matching(draw, secret, code);
    welch(&classes, 64, draw, |code| {
        black_box(expected.verify(*code));
    })
}

fn res(draw: &mut Draw) -> f64 {
    let secret = [0x5a; 16];
    let response = |octets: [u8; 16]| Res::from_slice(&octets).expect("16 are allowed");
    let expected = response(secret);
    let classes = matching(draw, secret, response);
    welch(&classes, 64, draw, |res| {
        black_box(bool::from(expected.ct_eq(res)));
    })
}

/// The control: it ends at the first difference.
fn hasty(draw: &mut Draw) -> f64 {
    let expected = [0x5a; 16];
    let classes = matching(draw, expected, |octets| octets);
    welch(&classes, 64, draw, |octets| {
        let mut pairs = octets.iter().zip(&expected);
        black_box(pairs.all(|(one, other)| black_box(one) == other));
    })
}

fn keys(draw: &mut Draw, make: impl Fn(&K, &Opc) -> Milenage) -> Classes<Milenage> {
    let fixed = make(&K::new([0; 16]), &Opc::new([0; 16]));
    let random = (0..256).map(|_| make(&K::new(draw.octets()), &Opc::new(draw.octets())));
    let random = random.collect();
    [vec![fixed; 256], random]
}

fn challenge(draw: &mut Draw, make: impl Fn(&K, &Opc) -> Milenage) -> f64 {
    let classes = keys(draw, make);
    let (rand, sqn) = (Rand::new([0x42; 16]), Sqn::ZERO);
    welch(&classes, 4, draw, |milenage| {
        black_box(milenage.challenge(&rand, sqn, Amf::ZERO));
    })
}

fn portable(k: &K, opc: &Opc) -> Milenage {
    // only the portable kernel knows constants of one's own
    let constants = Constants::new([[7; 16]; 5], [0, 1, 2, 3, 4]).expect("no two are alike");
    Milenage::with_constants(k, opc, constants)
}

fn hex(draw: &mut Draw) -> f64 {
    let text = |octets: [u8; 16]| format!("{:x}", K::new(octets).expose_hex());
    let classes = matching(draw, [0; 16], text);
    welch(&classes, 16, draw, |text| {
        black_box(text.parse::<K>()).ok();
    })
}

fn main() -> ExitCode {
    let control = row("control: a comparison that ends early", hasty);
    let rows = [
        row("Mac::verify, matching and not", mac),
        row("Res::ct_eq, matching and not", res),
        row("MILENAGE on the portable kernel, keys", |draw| {
            challenge(draw, portable)
        }),
        row("MILENAGE on this processor's kernel, keys", |draw| {
            challenge(draw, Milenage::new)
        }),
        row("K from hexadecimal text", hex),
    ];
    let told: Vec<&str> = rows
        .iter()
        .filter(|row| row.leaks)
        .map(|row| row.name)
        .collect();
    match (control.leaks, told.as_slice()) {
        (true, []) => ExitCode::SUCCESS,
        (false, _) => {
            println!("the control was not found out: this run tells nothing");
            ExitCode::FAILURE
        }
        (true, told) => {
            println!("time tells: {}", told.join(", "));
            ExitCode::FAILURE
        }
    }
}
