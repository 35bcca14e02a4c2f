//! Has a SIM answer a challenge, once:
//!
//! ```sh
//! cargo run -p usim --features soft --example authenticate -- soft \
//!     23553cbe9637a89d218ae64dae47bf35 55f328b43577b9b94a9ffac354dfafb3
//! ```
//!
//! It prints keys: that is for a look at a test card, not for a live one.
#![expect(clippy::print_stdout, reason = "that is what it is for")]

use std::env;

use anyhow::Context;
use usim::{ApplicationKind, Authentication, Place};

fn main() -> anyhow::Result<()> {
    let mut arguments = env::args().skip(1);
    let mut argument = |name| {
        arguments
            .next()
            .with_context(|| format!("{name} is missing"))
    };
    let place: Place = argument("the place")?.parse()?;
    let rand = argument("RAND")?.parse()?;
    let autn = argument("AUTN")?.parse()?;

    let mut subscriber = place.subscriber()?;
    match subscriber.authenticate(ApplicationKind::Usim, &rand, &autn)? {
        Authentication::Success(keys) => {
            println!("RES  {:x}", keys.res.expose_hex());
            println!("CK   {:x}", keys.ck.expose_hex());
            println!("IK   {:x}", keys.ik.expose_hex());
            if let Some(kc) = keys.kc {
                println!("Kc   {:x}", kc.expose_hex());
            }
        }
        Authentication::SyncFailure(auts) => println!("AUTS {:x}", auts.hex()),
    }
    Ok(())
}
