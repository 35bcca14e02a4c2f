//! TS 55.205.

use aka::{
    Milenage,
    kdf::gsm::SresFunction::{Folded, Truncated},
    network::Triplet,
};

use crate::vectors::{Case, conformance};

conformance! { "gsm_milenage.txt", check:
    ts_55_205_set_01,
    ts_55_205_set_02,
    ts_55_205_set_03,
    ts_55_205_set_04,
    ts_55_205_set_05,
    ts_55_205_set_06,
    ts_55_205_set_07,
    ts_55_205_set_08,
    ts_55_205_set_09,
    ts_55_205_set_10,
    ts_55_205_set_11,
    ts_55_205_set_12,
    ts_55_205_set_13,
    ts_55_205_set_14,
    ts_55_205_set_15,
    ts_55_205_set_16,
    ts_55_205_set_17,
    ts_55_205_set_18,
    ts_55_205_set_19,
}

fn check(case: &Case) {
    let milenage = Milenage::new(&case.get("k"), &case.get("opc"));
    for (function, sres) in [(Folded, "sres1"), (Truncated, "sres2")] {
        let triplet = Triplet::generate(&milenage, case.get("rand"), function);
        assert_eq!(format!("{:x}", triplet.sres.expose_hex()), case.text(sres));
        assert_eq!(format!("{:x}", triplet.kc.expose_hex()), case.text("kc"));
    }
}
