//! An APDU through pcscd and vpcd: by `usim`, and by the bare `pcsc` crate, to the same card.
//!
//! `cargo bench -p counterparts --bench pcsc`. Rounds alternate between the two; the fastest round
//! of each counts, as the one that other load disturbed least. Compare ratios, not times.
#![expect(clippy::print_stdout, reason = "a benchmark shows its result")]

use std::{
    env,
    hint::black_box,
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use counterparts::{Namespace, Pcscd, pcscd, wait};
use usim::{
    apdu::Command,
    exchange::{MAX_SHORT_RESPONSE, transmit},
    soft::{Profile, SoftCard, Stop, vpcd},
    transport::{Transport as _, pcsc::PcscTransport},
};

/// This program runs itself again in a namespace with a daemon of its own.
const INSIDE: &str = "--inside";
const ROUNDS: usize = 40;
const COMMANDS: u32 = 200;
const SELECT: &[u8] = b"\x00\xa4\x00\x0c\x02\x2f\xe2";
const READ: &[u8] = b"\x00\xb0\x00\x00\x0a";

fn main() -> Result<()> {
    if env::args().any(|argument| argument == INSIDE) {
        return measure();
    }
    let namespace = Namespace::new()?;
    let _pcscd = Pcscd::start(&namespace)?;
    let again = namespace.program("env").arg(env::current_exe()?);
    print!("{}", again.args(INSIDE).demand()?);
    Ok(())
}

fn measure() -> Result<()> {
    let reader: SocketAddr = pcscd::VPCD.parse()?;
    let stop = Stop::new();
    let stopped = stop.clone();
    let card = thread::spawn(move || {
        let mut card = SoftCard::new(Profile::default());
        vpcd::run(&mut card, reader, &stopped, |_| ());
    });
    let ours = wait::until("the card", || PcscTransport::connect(pcscd::READER).ok())?;
    let measured = compare(ours);
    stop.stop();
    drop(card.join());
    measured
}

fn compare(mut ours: PcscTransport) -> Result<()> {
    let context = pcsc::Context::establish(pcsc::Scope::User)?;
    let reader = std::ffi::CString::new(pcscd::READER)?;
    let bare = context.connect(&reader, pcsc::ShareMode::Shared, pcsc::Protocols::ANY)?;
    let mut answer = [0; MAX_SHORT_RESPONSE];
    ensure!(
        bare.transmit(SELECT, &mut answer)? == [0x90, 0x00],
        "no EF_ICCID"
    );

    let (mut plain, mut transport, mut exchange) = (Fastest::new(), Fastest::new(), Fastest::new());
    for _ in 0..ROUNDS {
        plain.round(|| Ok(bare.transmit(READ, &mut answer)?.len()))?;
        transport.round(|| Ok(ours.transmit(READ, &mut answer)?))?;
        exchange.round(|| {
            let read = Command::new(0x00, 0xb0, 0x00, 0x00).expecting(10)?;
            Ok(transmit(&mut ours, &read, &mut answer)?.data().len() + 2)
        })?;
    }
    println!("READ BINARY of 10 octets through pcscd and vpcd, {ROUNDS} rounds of {COMMANDS}");
    for (name, time) in [
        ("bare pcsc crate", &plain),
        ("usim: transport", &transport),
        ("usim: exchange", &exchange),
    ] {
        let micros = time.0.as_secs_f64() * 1e6 / f64::from(COMMANDS);
        let ratio = time.0.as_secs_f64() / plain.0.as_secs_f64();
        println!("  {name:<16}  {micros:7.1} us  {ratio:.3}x its time");
    }
    Ok(())
}

/// The time of the fastest round.
struct Fastest(Duration);

impl Fastest {
    const fn new() -> Self {
        Self(Duration::MAX)
    }

    fn round(&mut self, mut command: impl FnMut() -> Result<usize>) -> Result<()> {
        let begun = Instant::now();
        for _ in 0..COMMANDS {
            ensure!(black_box(command()?) == 12, "an answer of another size");
        }
        self.0 = self.0.min(begun.elapsed());
        Ok(())
    }
}
