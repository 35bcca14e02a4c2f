//! Who a SIM is, wherever it sits:
//!
//! ```sh
//! cargo run -p usim --features soft --example read_imsi -- soft
//! cargo run -p usim --features pcsc --example read_imsi -- reader:0
//! cargo run -p usim --features serial --example read_imsi -- modem:/dev/ttyUSB2
//! ```
#![expect(clippy::print_stdout, reason = "that is what it is for")]

use std::env;

use anyhow::Context;
use usim::{Place, assumed_mnc_length};

fn main() -> anyhow::Result<()> {
    let place = env::args()
        .nth(1)
        .context("say where: soft, reader:0, modem:PORT, ...")?;
    let mut card = place.parse::<Place>()?.card()?;

    println!("ICCID  {}", card.iccid()?.as_str());
    for application in card.applications()? {
        let label = application.label.as_deref().unwrap_or("no label");
        println!("AID    {} ({label})", application.aid);
    }

    let mut usim = card.usim()?;
    let imsi = usim.imsi()?;
    let mnc_length = usim.mnc_length()?;
    let home = imsi.plmn(mnc_length.unwrap_or_else(|| assumed_mnc_length(&imsi)));
    println!("IMSI   {}", imsi.as_str());
    println!("home   {}-{}", home.mcc(), home.mnc());
    for number in usim.msisdns()? {
        println!("MSISDN {}", number.number());
    }
    if let Some(provider) = usim.service_provider()? {
        println!("SPN    {}", provider.name);
    }
    Ok(())
}
