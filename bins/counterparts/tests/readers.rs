//! opensc-tool and `pcsc_scan` see the software card as they would see any other.

use anyhow::Result;
use counterparts::{Namespace, Pcscd};

#[test]
#[ignore = "needs pcscd, vpcd and opensc-tool: cargo xtask test --only readers"]
fn a_reader_without_a_card_is_listed_as_empty() -> Result<()> {
    let namespace = Namespace::new()?;
    let _pcscd = Pcscd::start(&namespace)?;
    let readers = namespace
        .program("opensc-tool")
        .args("--list-readers")
        .demand()?;
    let first = readers
        .lines()
        .find(|line| line.contains("Virtual PCD 00 00"));
    let words: Vec<&str> = first
        .unwrap_or_default()
        .split_whitespace()
        .take(2)
        .collect();
    assert_eq!(words, ["0", "No"], "{readers}");
    Ok(())
}
