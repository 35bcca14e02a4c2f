//! What must not leak, and what must not depend on chance.

use aka::{
    Ak, Amf, Autn, Auts, Ck, Ik, Imsi, K, Kc, Mac, Milenage, Op, Opc, Rand, Res, Sqn, Sres,
    algorithm::Algorithm,
    card::{Card, Outcome},
    kdf::gsm::SresFunction,
    milenage::Constants,
    network::{Home, MemoryStore, Request, Triplet},
};
use subtle::ConstantTimeEq;

/// `secret` in any form that a formatter might give it.
fn shows(text: &str, secret: &[u8]) -> bool {
    let forms = [
        hex::encode(secret),
        hex::encode_upper(secret),
        format!("{secret:?}"),
        String::from_utf8_lossy(secret).into_owned(),
    ];
    forms.iter().any(|form| text.contains(form))
}

#[test]
fn rule_12_res_has_4_to_16_octets_and_its_size_counts() {
    for size in 0..=20 {
        let made = Res::from_slice(&vec![7; size]);
        assert_eq!(made.is_ok(), (4..=16).contains(&size), "{size} octets");
    }
    let [short, long] = [4, 5].map(|size| Res::from_slice(&vec![0; size]).unwrap());
    assert!(!bool::from(short.ct_eq(&long)));
    assert_eq!(long.expose(), [0; 5]);
}

#[test]
fn rule_14_the_operator_chooses_the_sres_function_and_nobody_else() {
    let milenage = Milenage::new(&K::new([1; 16]), &Opc::new([2; 16]));
    let rand = Rand::new([3; 16]);
    let xres = milenage.respond(&rand).res;
    let [folded, truncated] = [SresFunction::Folded, SresFunction::Truncated]
        .map(|function| Triplet::generate(&milenage, rand, function).sres);
    assert_eq!(truncated.expose(), &xres.expose()[..4]);
    let halves = xres.expose()[..4].iter().zip(&xres.expose()[4..]);
    let sum: Vec<u8> = halves.map(|(a, b)| a ^ b).collect();
    assert_eq!(folded.expose()[..], sum);
}

#[test]
fn rule_15_a_difference_in_any_bit_is_found() {
    let mac = 0x0123_4567_89ab_cdef_u64;
    let code = |value: u64| Mac::new(value.to_be_bytes());
    assert!(code(mac).verify(code(mac)));
    for bit in 0..64 {
        assert!(!code(mac).verify(code(mac ^ 1 << bit)), "bit {bit}");
    }
    let res = |value: u64| Res::from_f2(value.to_be_bytes());
    assert!(bool::from(res(mac).ct_eq(&res(mac))));
    for bit in 0..64 {
        assert!(
            !bool::from(res(mac).ct_eq(&res(mac ^ 1 << bit))),
            "bit {bit}"
        );
    }
}

#[test]
fn rule_16_a_challenge_comes_whole_from_the_generator_or_not_at_all() {
    let rand = Rand::generate(|octets| {
        for (octet, value) in octets.iter_mut().zip(0..) {
            *octet = value;
        }
        Ok::<_, &str>(())
    });
    let every: Vec<u8> = (0..16).collect();
    assert_eq!(rand.unwrap().as_bytes()[..], every);
    assert_eq!(Rand::generate(|_| Err("no entropy")), Err("no entropy"));
}

#[test]
fn rule_17_no_value_shows_its_octets() {
    let octets = [0xa7; 16];
    macro_rules! shown {
        ($($type:ident),+) => {
            [$((stringify!($type), format!("{:?}", $type::from_slice(&octets[..$type::SIZE])))),+]
        };
    }
    let fixed = shown![K, Op, Opc, Ck, Ik, Ak, Kc, Sres, Rand, Autn, Auts, Mac, Amf];
    for (name, shown) in fixed {
        assert_eq!(shown, format!("Ok({name}([redacted]))"));
    }
    assert_eq!(
        format!("{:?}", Res::from_slice(&octets)),
        "Ok(Res([redacted]))"
    );
    let imsi: Imsi = "001010000000001".parse().unwrap();
    assert_eq!(format!("{imsi:?}"), "Imsi([redacted])");
}

#[test]
fn rule_17_nothing_that_holds_keys_shows_them() {
    let (k, opc) = (K::new([0x5a; 16]), Opc::new([0xc3; 16]));
    let milenage = Milenage::new(&k, &opc);
    let imsi: Imsi = "001010000000001".parse().unwrap();
    let home = Home::new(MemoryStore::new().with(imsi, Sqn::ZERO));
    let request = Request::new(Rand::new([0x77; 16]), Amf::ZERO);
    let vector = home.vector(&milenage, &imsi, request).unwrap();
    let mut card = Card::default();
    let outcome = card
        .authenticate(&milenage, &vector.rand, &vector.autn)
        .unwrap();
    let Outcome::Success { res, ck, ik, kc } = &outcome else {
        panic!("the first vector is fresh");
    };

    let shown = format!(
        "{milenage:?} {home:?} {request:?} {vector:?} {card:?} {outcome:?} {:?} {:?}",
        card.state(),
        Triplet::generate(&milenage, vector.rand, SresFunction::Folded),
    );
    let secrets: [&[u8]; 9] = [
        k.expose(),
        opc.expose(),
        res.expose(),
        ck.expose(),
        ik.expose(),
        kc.expose(),
        vector.rand.as_bytes(),
        vector.autn.as_bytes(),
        imsi.as_str().as_bytes(),
    ];
    for secret in secrets {
        assert!(!shows(&shown, secret), "{shown}");
    }
}

#[test]
fn rule_17_no_error_repeats_what_it_was_given() {
    let wrong = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5g";
    let errors = [
        wrong.parse::<K>().unwrap_err().to_string(),
        wrong.parse::<Res>().unwrap_err().to_string(),
        wrong.parse::<Imsi>().unwrap_err().to_string(),
        K::from_slice(wrong.as_bytes()).unwrap_err().to_string(),
    ];
    for error in errors {
        assert!(!error.contains("5a5a"), "{error}");
    }
}

#[test]
fn an_operators_own_constants_are_not_shown() {
    let own = Constants::new([[0x5a; 16]; 5], [0, 1, 2, 3, 4]).unwrap();
    assert_eq!(format!("{own:?}"), "Constants([redacted])");
    assert_eq!(format!("{:?}", Constants::STANDARD), "Constants(standard)");
}
