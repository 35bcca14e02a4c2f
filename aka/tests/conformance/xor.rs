//! TS 34.108 §8.1.2.

use aka::{
    Rand, Sqn,
    algorithm::{CardAlgorithm, HomeAlgorithm},
    kdf::gsm,
    xor::Xor,
};

use crate::vectors::{Case, conformance};

conformance! { "xor.txt", check:
    ts_34_108,
}

fn check(case: &Case) {
    let (xor, rand, sqn) = (Xor::new(&case.get("k")), case.get("rand"), case.get("sqn"));
    let (autn, expected) = xor.challenge(&rand, sqn, case.get("amf"));
    assert_eq!(format!("{:x}", autn.hex()), case.text("autn"));
    let (opened, mac, answer) = xor.open_autn(&rand, &autn);
    assert_eq!(
        (opened, format!("{:x}", mac.hex())),
        (sqn, case.text("mac").to_owned())
    );
    for response in [expected, answer] {
        assert_eq!(format!("{:x}", response.res.expose_hex()), case.text("res"));
        assert_eq!(format!("{:x}", response.ck.expose_hex()), case.text("ck"));
        assert_eq!(format!("{:x}", response.ik.expose_hex()), case.text("ik"));
        let kc = gsm::c3(&response.ck, &response.ik);
        assert_eq!(format!("{:x}", kc.expose_hex()), case.text("kc"));
    }
}

#[test]
fn auts_comes_back() {
    let xor = Xor::new(&aka::K::new([0x33; 16]));
    let (rand, sqn) = (Rand::new([0x0f; 16]), Sqn::new(0x1234).unwrap());
    let auts = xor.auts(&rand, sqn);
    assert_eq!(xor.open_auts(&rand, &auts), (sqn, auts.mac()));
}
