//! opensc-tool and `pcsc_scan` see the software card as they would see any other.

use anyhow::Result;
use counterparts::{Namespace, Pcscd, SoftCard, card};

#[test]
#[ignore = "needs pcscd, vpcd and opensc-tool: cargo xtask test --only readers"]
fn a_reader_without_a_card_is_listed_as_empty() -> Result<()> {
    let namespace = Namespace::new()?;
    let _pcscd = Pcscd::start(&namespace)?;
    assert_eq!(first_reader(&namespace)?, ["0", "No"]);
    Ok(())
}

#[test]
#[ignore = "needs pcscd, vpcd and opensc-tool: cargo xtask test --only readers"]
fn a_card_comes_and_goes() -> Result<()> {
    let namespace = Namespace::new()?;
    let _pcscd = Pcscd::start(&namespace)?;
    let card = SoftCard::insert(&namespace)?;
    assert_eq!(first_reader(&namespace)?, ["0", "Yes"]);
    card.kill()?;
    counterparts::wait::until("the empty reader", || {
        let words = first_reader(&namespace).ok()?;
        (words == ["0", "No"]).then_some(())
    })
}

#[test]
#[ignore = "needs pcscd, vpcd and opensc-tool: cargo xtask test --only readers"]
fn opensc_tool_reads_the_atr_and_the_iccid() -> Result<()> {
    let namespace = Namespace::new()?;
    let _pcscd = Pcscd::start(&namespace)?;
    let _card = SoftCard::insert(&namespace)?;
    let tool = || namespace.program("opensc-tool").args("--reader 0");

    let atr = tool().args("--atr").demand()?;
    assert_eq!(atr.trim().replace(':', " ").to_uppercase(), card::ATR);

    let read = tool().args("-s 00A4000C022FE2 -s 00B000000A").demand()?;
    assert!(read.contains("\n98 00 01 01 00 00 00 00 10 F9 "), "{read}");
    Ok(())
}

#[test]
#[ignore = "needs pcscd, vpcd and pcsc_scan: cargo xtask test --only readers"]
fn pcsc_scan_sees_the_card() -> Result<()> {
    let namespace = Namespace::new()?;
    let _pcscd = Pcscd::start(&namespace)?;
    let _card = SoftCard::insert(&namespace)?;
    let mut scan = namespace.program("pcsc_scan").args("-n").start()?;
    scan.prints(&format!("ATR: {}", card::ATR))
}

/// The number of the first reader, and whether it holds a card.
fn first_reader(namespace: &Namespace) -> Result<Vec<String>> {
    let readers = namespace
        .program("opensc-tool")
        .args("--list-readers")
        .demand()?;
    let first = readers
        .lines()
        .find(|line| line.contains("Virtual PCD 00 00"));
    Ok(first
        .unwrap_or_default()
        .split_whitespace()
        .take(2)
        .map(str::to_owned)
        .collect())
}
