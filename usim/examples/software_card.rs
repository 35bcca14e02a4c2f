//! A software card in a virtual PC/SC reader:
//!
//! ```sh
//! cargo run --features soft --example software_card -- 127.0.0.1:35963 [PROFILE [STATE]]
//! ```

use std::{env, fs, net::SocketAddr};

use anyhow::Context;
use usim::soft::{Profile, SoftCard, StateFile, Stop, vpcd};

fn main() -> anyhow::Result<()> {
    let mut arguments = env::args().skip(1);
    let address: SocketAddr = arguments
        .next()
        .context("the reader's address is missing")?
        .parse()?;
    let profile = match arguments.next() {
        Some(path) => Profile::from_toml(&fs::read_to_string(path)?)?,
        None => Profile::default(),
    };
    let mut card = match arguments.next() {
        Some(path) => SoftCard::with_state(profile, StateFile::open(path)?)?,
        None => SoftCard::new(profile),
    };
    vpcd::run(&mut card, address, &Stop::new(), |event| {
        eprintln!("{event:?}");
    });
    Ok(())
}
