//! How long a command to the software card takes in process, the exchange around it included.
//!
//! ```sh
//! cargo bench -p usim --features soft --bench apdu
//! ```

use aka::{Amf, Milenage, Rand, Sqn, algorithm::HomeAlgorithm};
use divan::{Bencher, black_box, counter::ItemsCount};
use usim::{
    Card, Subscriber,
    apdu::Command,
    soft::{Profile, SoftCard},
    transport::{Protocol, Transport},
};

fn main() {
    divan::main();
}

const PROTOCOLS: [&str; 2] = ["T=0", "T=1"];

fn soft(protocol: &str) -> SoftCard {
    let mut profile = Profile::default();
    profile.protocol = match protocol {
        "T=1" => Protocol::T1,
        _ => Protocol::T0,
    };
    SoftCard::new(profile)
}

/// READ BINARY of EF_ICCID as octets, without an exchange around it: the card itself.
#[divan::bench(args = PROTOCOLS)]
fn bare_read(bencher: Bencher<'_, '_>, protocol: &str) {
    let mut card = soft(protocol);
    let mut answer = [0; 258];
    let select = [0x00, 0xa4, 0x00, 0x0c, 0x02, 0x2f, 0xe2];
    card.transmit(&select, &mut answer)
        .expect("a software card");
    let read = [0x00, 0xb0, 0x00, 0x00, 0x0a];
    bencher
        .counter(ItemsCount::new(1_u8))
        .bench_local(|| card.transmit(black_box(&read), black_box(&mut answer)));
}

/// The same through `Card::transmit`.
#[divan::bench(args = PROTOCOLS)]
fn read(bencher: Bencher<'_, '_>, protocol: &str) {
    let mut card = Card::open(soft(protocol)).expect("a software card");
    let mut answer = [0; 258];
    let select = Command::new(0x00, 0xa4, 0x00, 0x0c)
        .with_data(&[0x2f, 0xe2])
        .expect("2 octets");
    card.transmit(&select, &mut answer)
        .expect("a software card");
    let read = Command::new(0x00, 0xb0, 0x00, 0x00).expecting_short(10);
    bencher.counter(ItemsCount::new(1_u8)).bench_local(|| {
        let response = card.transmit(black_box(&read), black_box(&mut answer));
        response.map(|response| response.data().len())
    });
}

/// SELECT with its FCP: under T=0 two commands, of which one is GET RESPONSE.
#[divan::bench(args = PROTOCOLS)]
fn select(bencher: Bencher<'_, '_>, protocol: &str) {
    let mut card = Card::open(soft(protocol)).expect("a software card");
    let mut answer = [0; 258];
    let select = Command::new(0x00, 0xa4, 0x00, 0x04)
        .with_data(&[0x3f, 0x00])
        .expect("2 octets")
        .expecting_short(0);
    let commands = if protocol == "T=0" { 2_u8 } else { 1 };
    bencher.counter(ItemsCount::new(commands)).bench_local(|| {
        let response = card.transmit(black_box(&select), black_box(&mut answer));
        response.map(|response| response.data().len())
    });
}

/// A session from its transaction to the IMSI and the length of the MNC.
#[divan::bench(args = PROTOCOLS)]
fn identity(bencher: Bencher<'_, '_>, protocol: &str) {
    let mut card = Card::open(soft(protocol)).expect("a software card");
    bencher.bench_local(|| card.identity());
}

/// AUTHENTICATE with a fresh challenge each time, in a session that stays open.
#[divan::bench]
fn authenticate(bencher: Bencher<'_, '_>) {
    // TS 35.208 test set 1, as in the default profile
    let milenage = Milenage::new(
        &"465b5ce8b199b49faa5f0a2ee238a6bc".parse().expect("a K"),
        &"cd63cb71954a9f4e48a5994e37a02baf".parse().expect("an OPc"),
    );
    let rand = Rand::new([7; 16]);
    let mut sqn = 0;
    let challenge = || {
        sqn += 32;
        let sqn = Sqn::new(sqn).expect("48 bits are many");
        milenage.challenge(&rand, sqn, Amf::SEPARATED).0
    };
    let mut card = Card::open(soft("T=0")).expect("a software card");
    let mut usim = card.usim().expect("it has a USIM");
    bencher
        .counter(ItemsCount::new(1_u8))
        .with_inputs(challenge)
        .bench_local_values(|autn| usim.authenticate(&rand, &autn));
}
