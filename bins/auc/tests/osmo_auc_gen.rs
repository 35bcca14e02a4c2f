//! Agreement with Osmocom's `osmo-auc-gen`, which nobody here wrote.

use std::process::Command;

use aka::{
    Amf, Auts, K, Milenage, Op, Opc, Rand, Sqn,
    algorithm::{CardAlgorithm, HomeAlgorithm},
};

const CASES: usize = 1000;

/// Inputs that are different in each case, and the same in each run.
struct Inputs(u64);

impl Inputs {
    fn octets<const N: usize>(&mut self) -> [u8; N] {
        [(); N].map(|()| self.next_octet())
    }

    /// The high octet of a linear congruential generator (Knuth's MMIX constants).
    fn next_octet(&mut self) -> u8 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0.to_be_bytes()[0]
    }
}

struct Case {
    k: K,
    op: Op,
    rand: Rand,
    sqn: Sqn,
    amf: Amf,
}

impl Case {
    fn draw(inputs: &mut Inputs) -> Self {
        Self {
            k: K::new(inputs.octets()),
            op: Op::new(inputs.octets()),
            rand: Rand::new(inputs.octets()),
            sqn: Sqn::from_bytes(inputs.octets()),
            amf: Amf::new(inputs.octets()),
        }
    }

    fn milenage(&self) -> Milenage {
        Milenage::new(&self.k, &Opc::derive(&self.k, &self.op))
    }

    /// What `osmo-auc-gen` prints for the same input, by the name before the colon.
    fn osmo(&self, more: &[String]) -> impl Fn(&str) -> String + use<> {
        let output = Command::new("osmo-auc-gen")
            .args(["-3", "-a", "milenage"])
            .args(["-k", &format!("{:x}", self.k.expose_hex())])
            .args(["-O", &format!("{:x}", self.op.expose_hex())])
            .args(["-r", &format!("{:x}", self.rand.hex())])
            .args(more)
            .output()
            .expect("osmo-auc-gen is installed (Debian package libosmocore-utils)");
        let text = String::from_utf8(output.stdout).expect("osmo-auc-gen prints text");
        move |name| {
            let mut lines = text.lines();
            let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(":\t"));
            value.expect("osmo-auc-gen prints the value").to_owned()
        }
    }
}

#[test]
#[ignore = "needs osmo-auc-gen; run by cargo xtask test"]
fn a_thousand_vectors_agree() {
    let mut inputs = Inputs(1);
    for _ in 0..CASES {
        let case = Case::draw(&mut inputs);
        let (autn, expected) = case.milenage().challenge(&case.rand, case.sqn, case.amf);
        let amf = format!("{:x}", case.amf.hex());
        let osmo = case.osmo(&["-f".into(), amf, "-s".into(), case.sqn.get().to_string()]);
        assert_eq!(osmo("AUTN"), format!("{:x}", autn.hex()));
        assert_eq!(osmo("IK"), format!("{:x}", expected.ik.expose_hex()));
        assert_eq!(osmo("CK"), format!("{:x}", expected.ck.expose_hex()));
        assert_eq!(osmo("RES"), format!("{:x}", expected.res.expose_hex()));
    }
}

#[test]
#[ignore = "needs osmo-auc-gen; run by cargo xtask test"]
fn a_thousand_auts_agree() {
    let mut inputs = Inputs(2);
    for _ in 0..CASES {
        let case = Case::draw(&mut inputs);
        let auts: Auts = case.milenage().auts(&case.rand, case.sqn);
        let osmo = case.osmo(&["-A".into(), format!("{:x}", auts.hex())]);
        assert_eq!(osmo("SQN.MS"), case.sqn.get().to_string());
    }
}
