//! TS 35.233.

use aka::{
    K, Rand, Sqn,
    algorithm::{Algorithm, CardAlgorithm, HomeAlgorithm},
    tuak::{
        AkaResLength, Functions, K256, Key, KeyLength, Lengths, MacLength, ResLength, Topc, Tuak,
    },
};

use crate::vectors::{Case, conformance};

conformance! { "tuak.txt", check:
    ts_35_233_set_1,
    ts_35_233_set_2,
    ts_35_233_set_3,
    ts_35_233_set_4,
    ts_35_233_set_5,
    ts_35_233_set_6,
}

fn check(case: &Case) {
    let key = key(case);
    let iterations = case.get("iterations");
    let topc = Topc::derive(&key, &case.get("top"), iterations);
    assert_eq!(format!("{:x}", topc.expose_hex()), case.text("topc"));

    let tuak = Functions::new(&key, &topc, lengths(case), iterations);
    each_function(case, &tuak);
    let for_aka = ["f1", "f3", "f4"].map(|name| case.text(name).len()) == [16, 32, 32];
    if for_aka {
        let res = match case.text("f2").len() {
            8 => AkaResLength::Bits32,
            16 => AkaResLength::Bits64,
            _ => AkaResLength::Bits128,
        };
        as_aka_uses_it(case, &Tuak::with(&key, &topc, res, iterations));
    }
}

fn key(case: &Case) -> Key {
    match case.text("k").len() {
        32 => Key::from(&case.get::<K>("k")),
        _ => Key::from(&case.get::<K256>("k")),
    }
}

fn lengths(case: &Case) -> Lengths {
    let key_length = |name| match case.text(name).len() {
        32 => KeyLength::Bits128,
        _ => KeyLength::Bits256,
    };
    let mac = match case.text("f1").len() {
        16 => MacLength::Bits64,
        32 => MacLength::Bits128,
        _ => MacLength::Bits256,
    };
    let res = match case.text("f2").len() {
        8 => ResLength::Bits32,
        16 => ResLength::Bits64,
        32 => ResLength::Bits128,
        _ => ResLength::Bits256,
    };
    let (ck, ik) = (key_length("f3"), key_length("f4"));
    Lengths { mac, res, ck, ik }
}

fn each_function(case: &Case, tuak: &Functions) {
    let (rand, sqn, amf): (Rand, Sqn, _) = (case.get("rand"), case.get("sqn"), case.get("amf"));
    let shows = |name, shown: String| assert_eq!(shown, case.text(name), "{name}");
    shows("f1", format!("{:x}", tuak.f1(&rand, sqn, amf).expose_hex()));
    shows(
        "f1*",
        format!("{:x}", tuak.f1_star(&rand, sqn, amf).expose_hex()),
    );
    shows("f2", format!("{:x}", tuak.f2(&rand).expose_hex()));
    shows("f3", format!("{:x}", tuak.f3(&rand).expose_hex()));
    shows("f4", format!("{:x}", tuak.f4(&rand).expose_hex()));
    shows("f5", format!("{:x}", tuak.f5(&rand).expose_hex()));
    shows("f5*", format!("{:x}", tuak.f5_star(&rand).expose_hex()));
}

fn as_aka_uses_it(case: &Case, tuak: &Tuak) {
    let (rand, sqn): (Rand, Sqn) = (case.get("rand"), case.get("sqn"));
    let (autn, expected) = tuak.challenge(&rand, sqn, case.get("amf"));
    assert_eq!(format!("{:x}", autn.mac().hex()), case.text("f1"));
    let (opened, mac, answer) = tuak.open_autn(&rand, &autn);
    assert_eq!((opened, mac), (sqn, autn.mac()));
    for response in [expected, answer, tuak.respond(&rand)] {
        assert_eq!(format!("{:x}", response.res.expose_hex()), case.text("f2"));
        assert_eq!(format!("{:x}", response.ck.expose_hex()), case.text("f3"));
        assert_eq!(format!("{:x}", response.ik.expose_hex()), case.text("f4"));
    }
}
