//! tshark decodes the trace of a session, and finds no secret in it.

use aka::algorithm::HomeAlgorithm as _;
use aka::{Amf, K, Milenage, Opc, Rand, Sqn};
use anyhow::Result;
use counterparts::{Namespace, card};

#[test]
#[ignore = "needs tshark: cargo xtask test --only trace"]
fn tshark_decodes_select_and_authenticate() -> Result<()> {
    let namespace = Namespace::new()?;
    let trace = namespace.folder().join("session.pcap");
    let (k, opc): (K, Opc) = (card::K.parse()?, card::OPC.parse()?);
    let rand = Rand::new([0x5a; 16]);
    let (autn, expected) = Milenage::new(&k, &opc).challenge(&rand, Sqn::new(32)?, Amf::SEPARATED);
    let auth = namespace
        .ours("usimctl")?
        .args("--soft --trace")
        .arg(&trace);
    let auth = auth.args("auth --rand").arg(format!("{:x}", rand.hex()));
    let printed = auth
        .args("--autn")
        .arg(format!("{:x}", autn.hex()))
        .demand()?;
    let res = format!("{:x}", expected.res.expose_hex());
    assert!(printed.to_lowercase().contains(&res), "{printed}");

    let tshark = || namespace.program("tshark").args("-r").arg(&trace);
    let packets = tshark().demand()?;
    assert!(packets.contains("SELECT"), "{packets}");
    assert!(
        packets.contains("RUN GSM ALGORITHM / AUTHENTICATE"),
        "{packets}"
    );
    assert!(!packets.contains("Malformed"), "{packets}");

    let octets: String = tshark()
        .arg("-x")
        .demand()?
        .lines()
        .filter_map(dumped)
        .collect();
    assert!(octets.contains("00a4"), "{octets}");
    for secret in [
        res,
        format!("{:x}", rand.hex()),
        format!("{:x}", autn.hex()),
    ] {
        assert!(!octets.contains(&secret), "{secret} is in the trace");
    }
    Ok(())
}

/// The octets of a line of a dump, without its offset and its text.
fn dumped(line: &str) -> Option<String> {
    let (offset, rest) = line.split_once("  ")?;
    let is_offset = offset.len() == 4 && offset.bytes().all(|digit| digit.is_ascii_hexdigit());
    let octets = rest.split("   ").next().filter(|_| is_offset)?;
    Some(octets.replace(' ', ""))
}
