use aka::{Autn, MncLength, Rand};

use super::*;
use crate::{
    ApplicationKind, Authentication, CardError, Fault, Subscriber, script::Script,
    transport::TransportErrorKind as Kind,
};

mod applications;
mod authenticate;
mod channels;
mod files;
mod gsm;
mod ims;
mod sessions;

type Steps = Vec<(&'static str, &'static str)>;

const OPEN: (&str, &str) = ("00a4000402 3f00 00", "9000");

const MF: (&str, &str) = ("00a4000c02 3f00", "9000");

const RAND: Rand = Rand::new([0xaa; 16]);

const AUTN: Autn = Autn::new([0xbb; 16]);

const AUTHENTICATE: &str = "0088008122 10 aa*16 10 bb*16 00";

const KEYS: &str = "db 08 11*8 10 22*16 10 33*16 9000";

const USIM: &str = "00a4040410 a0000000871002ff49ff0589ffffffff 00";

const ISIM: &str = "00a4040410 a0000000871004ff49ff0589ffffffff 00";

/// EF_DIR with one record of 38 octets for each of `records`.
fn dir(records: &[&'static str]) -> Steps {
    let shape = ["00", "01", "02", "03"][records.len()];
    let fcp = format!("620b 8205 4221 0026 {shape} 8302 2f00 9000");
    let mut steps = vec![MF, ("00a4000402 2f00 00", &*fcp.leak())];
    let reads = ["00b2010426", "00b2020426", "00b2030426"];
    steps.extend(reads.into_iter().zip(records.iter().copied()));
    steps
}

const USIM_RECORD: &str = "61 18 4f10 a0000000871002ff49ff0589ffffffff 5004 5553494d ff*12 9000";

const ISIM_RECORD: &str = "61 18 4f10 a0000000871004ff49ff0589ffffffff 5004 4953494d ff*12 9000";

const BLANK_RECORD: &str = "ff*38 9000";

fn with(parts: &[Steps]) -> Script {
    Script::new(Some(Protocol::T1), &parts.concat())
}

fn open(script: &Script) -> Card {
    Card::open(script.clone()).unwrap()
}

/// A card whose only application is a USIM, its session open.
fn usim_only(rest: &[(&'static str, &'static str)]) -> Script {
    let select = vec![(USIM, "9000")];
    with(&[vec![OPEN], dir(&[USIM_RECORD]), select, rest.to_vec()])
}

fn transparent(size: u8) -> &'static str {
    format!("620a 8202 4121 8002 00{size:02x} 8a00 9000").leak()
}
