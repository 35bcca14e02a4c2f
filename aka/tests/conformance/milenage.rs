//! TS 35.207 and TS 35.208.

use aka::{
    Amf, Milenage, Opc, Rand, Sqn,
    algorithm::{CardAlgorithm, HomeAlgorithm},
    kdf::gsm::{self, SresFunction},
};

use crate::vectors::{Case, conformance};

conformance! { "milenage.txt", check:
    ts_35_208_set_01,
    ts_35_208_set_02,
    ts_35_208_set_03,
    ts_35_208_set_04,
    ts_35_208_set_05,
    ts_35_208_set_06,
    ts_35_208_set_07,
    ts_35_208_set_08,
    ts_35_208_set_09,
    ts_35_208_set_10,
    ts_35_208_set_11,
    ts_35_208_set_12,
    ts_35_208_set_13,
    ts_35_208_set_14,
    ts_35_208_set_15,
    ts_35_208_set_16,
    ts_35_208_set_17,
    ts_35_208_set_18,
    ts_35_208_set_19,
    ts_35_208_set_20,
    ts_35_207_set_01,
    ts_35_207_set_02,
    ts_35_207_set_03,
    ts_35_207_set_04,
    ts_35_207_set_05,
    ts_35_207_set_06,
}

fn check(case: &Case) {
    let opc = Opc::derive(&case.get("k"), &case.get("op"));
    assert_eq!(format!("{:x}", opc.expose_hex()), case.text("opc"));

    let milenage = Milenage::new(&case.get("k"), &opc);
    each_function(case, &milenage);
    if case.optional("autn").is_some() {
        both_tokens(case, &milenage);
        gsm_conversions(case, &milenage);
    }
}

fn each_function(case: &Case, milenage: &Milenage) {
    let (rand, sqn, amf): (Rand, Sqn, Amf) = (case.get("rand"), case.get("sqn"), case.get("amf"));
    let shows = |name, shown: String| assert_eq!(shown, case.text(name), "{name}");
    shows("f1", format!("{:x}", milenage.f1(&rand, sqn, amf).hex()));
    shows(
        "f1*",
        format!("{:x}", milenage.f1_star(&rand, sqn, amf).hex()),
    );
    shows("f2", format!("{:x}", milenage.f2(&rand).expose_hex()));
    shows("f3", format!("{:x}", milenage.f3(&rand).expose_hex()));
    shows("f4", format!("{:x}", milenage.f4(&rand).expose_hex()));
    shows("f5", format!("{:x}", milenage.f5(&rand).expose_hex()));
    shows("f5*", format!("{:x}", milenage.f5_star(&rand).expose_hex()));
}

fn both_tokens(case: &Case, milenage: &Milenage) {
    let (rand, sqn): (Rand, Sqn) = (case.get("rand"), case.get("sqn"));
    let (autn, response) = milenage.challenge(&rand, sqn, case.get("amf"));
    assert_eq!(format!("{:x}", autn.hex()), case.text("autn"));
    assert_eq!(format!("{:x}", response.res.expose_hex()), case.text("f2"));

    let (revealed, mac, response) = milenage.open_autn(&rand, &autn);
    assert_eq!((revealed, mac), (sqn, autn.mac()));
    assert_eq!(format!("{:x}", response.ck.expose_hex()), case.text("f3"));
    assert_eq!(format!("{:x}", response.ik.expose_hex()), case.text("f4"));

    let auts = milenage.auts(&rand, sqn);
    assert_eq!(format!("{:x}", auts.hex()), case.text("auts"));
    assert_eq!(milenage.open_auts(&rand, &auts), (sqn, auts.mac()));
}

fn gsm_conversions(case: &Case, milenage: &Milenage) {
    let rand = case.get("rand");
    let (res, ck, ik) = (milenage.f2(&rand), milenage.f3(&rand), milenage.f4(&rand));
    let sres = |function| format!("{:x}", gsm::sres(&res, function).expose_hex());
    assert_eq!(sres(SresFunction::Folded), case.text("sres1"));
    assert_eq!(sres(SresFunction::Truncated), case.text("sres2"));
    assert_eq!(
        format!("{:x}", gsm::c3(&ck, &ik).expose_hex()),
        case.text("kc")
    );
}
