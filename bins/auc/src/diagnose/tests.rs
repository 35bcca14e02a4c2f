use aka::{
    Milenage,
    algorithm::{Algorithm, CardAlgorithm, HomeAlgorithm},
    milenage::Constants,
    tuak::Tuak,
    xor::Xor,
};

use super::*;

const RAND: Rand = Rand::new([0x23; 16]);
const AMF: Amf = Amf::SEPARATED;

fn k() -> K {
    K::new(std::array::from_fn(|index| u8::try_from(index).unwrap()))
}

fn op() -> Op {
    Op::new([0xcd; 16])
}

fn opc() -> Opc {
    Opc::derive(&k(), &op())
}

fn milenage() -> Milenage {
    Milenage::new(&k(), &opc())
}

fn sqn() -> Sqn {
    Sqn::new(0x1234_5678).unwrap()
}

fn challenge() -> Autn {
    milenage().challenge(&RAND, sqn(), AMF).0
}

fn found(k: K, operator: Operator, token: Token) -> Finding {
    Claim::new(k, operator).diagnose(&Evidence::new(RAND, token))
}

fn explained(assumption: Assumption, deviation: Deviation) -> Finding {
    Finding::Explained {
        assumption,
        deviation,
        sqn: sqn(),
        res: None,
    }
}

/// AK and AK* of the subscriber, by concealing zero.
fn masks() -> ([u8; 6], [u8; 6]) {
    let autn = milenage().challenge(&RAND, Sqn::ZERO, AMF).0;
    let auts = milenage().auts(&RAND, Sqn::ZERO);
    (autn.concealed_sqn(), auts.concealed_sqn())
}

fn masked(mask: [u8; 6]) -> [u8; 6] {
    let sqn = sqn().to_bytes();
    std::array::from_fn(|index| sqn[index] ^ mask[index])
}

#[test]
fn right_keys_are_called_right_and_the_sqn_is_told() {
    let autn = Token::Autn(challenge());
    let right = explained(Assumption::AsGiven, Deviation::None);
    assert_eq!(found(k(), Operator::Opc(opc()), autn), right);
    assert_eq!(found(k(), Operator::Op(op()), autn), right);
    let auts = Token::Auts(milenage().auts(&RAND, sqn()));
    assert_eq!(found(k(), Operator::Opc(opc()), auts), right);
}

#[test]
fn op_and_opc_in_each_others_place_are_noticed() {
    let autn = Token::Autn(challenge());
    let as_opc = Operator::Opc(Opc::new(*op().expose()));
    let as_op = Operator::Op(Op::new(*opc().expose()));
    assert_eq!(
        found(k(), as_opc, autn),
        explained(Assumption::OpGivenAsOpc, Deviation::None)
    );
    assert_eq!(
        found(k(), as_op, autn),
        explained(Assumption::OpcGivenAsOp, Deviation::None)
    );
}

#[test]
fn k_and_opc_in_each_others_place_are_noticed() {
    let swapped = found(
        K::new(*opc().expose()),
        Operator::Opc(Opc::new(*k().expose())),
        Token::Autn(challenge()),
    );
    assert_eq!(swapped, explained(Assumption::Swapped, Deviation::None));
}

#[test]
fn a_reversed_k_is_noticed() {
    let mut reversed = *k().expose();
    reversed.reverse();
    let found = found(
        K::new(reversed),
        Operator::Opc(opc()),
        Token::Autn(challenge()),
    );
    assert_eq!(found, explained(Assumption::KReversed, Deviation::None));
}

#[test]
fn an_xor_card_is_noticed() {
    let autn = Xor::new(&k()).challenge(&RAND, sqn(), AMF).0;
    let found = found(k(), Operator::Opc(opc()), Token::Autn(autn));
    assert_eq!(found, explained(Assumption::Xor, Deviation::None));
}

#[test]
fn a_mac_over_another_amf_is_noticed() {
    let signed = Amf::new([0xb9, 0xb9]);
    let mac = milenage().f1(&RAND, sqn(), signed);
    let autn = Autn::from_parts(challenge().concealed_sqn(), AMF, mac);
    assert_eq!(
        found(k(), Operator::Opc(opc()), Token::Autn(autn)),
        explained(Assumption::AsGiven, Deviation::OtherAmf(signed))
    );
}

#[test]
fn a_sequence_number_in_the_clear_is_noticed() {
    let mac = milenage().f1(&RAND, sqn(), AMF);
    let autn = Autn::from_parts(sqn().to_bytes(), AMF, mac);
    let clear = explained(Assumption::AsGiven, Deviation::NotConcealed);
    assert_eq!(found(k(), Operator::Opc(opc()), Token::Autn(autn)), clear);
    let mac = milenage().f1_star(&RAND, sqn(), Amf::ZERO);
    let auts = Auts::from_parts(sqn().to_bytes(), mac);
    assert_eq!(found(k(), Operator::Opc(opc()), Token::Auts(auts)), clear);
}

#[test]
fn each_way_of_making_a_wrong_auts_is_noticed() {
    let (ak, ak_star) = masks();
    let milenage = milenage();
    let amf = Amf::new([0x80, 0x01]);
    let wrong = [
        (
            Auts::from_parts(masked(ak), milenage.f1_star(&RAND, sqn(), Amf::ZERO)),
            Deviation::ConcealedWithF5,
        ),
        (
            Auts::from_parts(masked(ak_star), milenage.f1(&RAND, sqn(), Amf::ZERO)),
            Deviation::SignedWithF1,
        ),
        (
            Auts::from_parts(masked(ak_star), milenage.f1_star(&RAND, sqn(), amf)),
            Deviation::OtherAmf(amf),
        ),
    ];
    for (auts, deviation) in wrong {
        assert_eq!(
            found(k(), Operator::Opc(opc()), Token::Auts(auts)),
            explained(Assumption::AsGiven, deviation)
        );
    }
}

#[test]
fn a_fitting_res_beside_a_wrong_mac_points_at_the_constants() {
    let mut c = [[0; 16]; 5];
    for (index, c) in c.iter_mut().enumerate().skip(1) {
        c[15] = 1 << (index - 1);
    }
    c[0][0] = 0x5a;
    let constants = Constants::new(c, [64, 0, 32, 64, 96]).unwrap();
    let other = Milenage::with_constants(&k(), &opc(), constants);
    let (autn, expected) = other.challenge(&RAND, sqn(), AMF);

    let evidence = Evidence::new(RAND, Token::Autn(autn)).with_res(expected.res);
    let found = Claim::new(k(), Operator::Opc(opc())).diagnose(&evidence);

    let assumption = Assumption::AsGiven;
    assert_eq!(found, Finding::OtherConstants { assumption });
}

#[test]
fn a_shortened_res_fits_and_another_does_not() {
    let res = milenage().respond(&RAND).res;
    let short = Res::from_slice(&res.expose()[..4]).unwrap();
    let other = Res::from_slice(&[0; 8]).unwrap();
    for (res, fits) in [(short, true), (other, false)] {
        let evidence = Evidence::new(RAND, Token::Autn(challenge())).with_res(res);
        let Finding::Explained { res, .. } =
            Claim::new(k(), Operator::Opc(opc())).diagnose(&evidence)
        else {
            panic!("the keys are right");
        };
        assert_eq!(res, Some(fits));
    }
}

#[test]
fn a_token_of_another_subscriber_is_not_explained() {
    let other = Milenage::new(&K::new([9; 16]), &opc());
    let autn = other.challenge(&RAND, sqn(), AMF).0;
    let auts = other.auts(&RAND, sqn());
    for token in [Token::Autn(autn), Token::Auts(auts)] {
        assert_eq!(
            found(k(), Operator::Opc(opc()), token),
            Finding::Unexplained
        );
    }
}

/// Constants of an operator's own, and a home that has them.
fn own_constants() -> Constants {
    let c = std::array::from_fn(|index| [u8::try_from(index).unwrap() << 4 | 1; 16]);
    let mut c: [[u8; 16]; 5] = c;
    c[0][0] = 0x77;
    Constants::new(c, [3, 5, 7, 11, 13]).unwrap()
}

fn claim_of(constants: Constants) -> Claim {
    Claim::milenage(k(), Operator::Opc(opc()), constants)
}

fn home_with(constants: Constants) -> Evidence {
    let other = Milenage::with_constants(&k(), &opc(), constants);
    Evidence::new(RAND, Token::Autn(other.challenge(&RAND, sqn(), AMF).0))
}

#[test]
fn wrong_constants_are_noticed() {
    let own = own_constants();
    let (c, r) = own.expose();
    let right = Constants::new(c, r.map(|bits| 128 - bits)).unwrap();
    let reversed = Constants::new(
        c.map(|mut c| {
            c.reverse();
            c
        }),
        r,
    )
    .unwrap();
    let told = [
        (own, Assumption::AsGiven),
        (Constants::STANDARD, Assumption::StandardConstants),
        (right, Assumption::RotatedRight),
        (reversed, Assumption::ConstantsReversed),
    ];
    for (constants, assumption) in told {
        let found = claim_of(own).diagnose(&home_with(constants));
        assert_eq!(found, explained(assumption, Deviation::None));
    }
}

fn key() -> Key {
    Key::from(&k())
}

fn top() -> Top {
    Top::new([0x55; 32])
}

fn times(often: u8) -> NonZeroU8 {
    NonZeroU8::new(often).unwrap()
}

fn topc() -> Topc {
    Topc::derive(&key(), &top(), times(1))
}

fn of_tuak(tuak: &Tuak, operator: TuakOperator) -> Finding {
    let claim = Claim::tuak(key(), operator, times(1));
    let [autn, auts] = [
        Token::Autn(tuak.challenge(&RAND, sqn(), AMF).0),
        Token::Auts(tuak.auts(&RAND, sqn())),
    ]
    .map(|token| claim.diagnose(&Evidence::new(RAND, token)));
    if !matches!(
        autn,
        Finding::Explained {
            assumption: Assumption::OtherLengths(_),
            ..
        }
    ) {
        assert_eq!(autn, auts);
    }
    autn
}

#[test]
fn tuak_and_its_operators_field_are_told() {
    let tuak = Tuak::new(&key(), &topc());
    let told = |operator| of_tuak(&tuak, operator);
    let is = |assumption| explained(assumption, Deviation::None);
    assert_eq!(told(TuakOperator::Topc(topc())), is(Assumption::AsGiven));
    assert_eq!(told(TuakOperator::Top(top())), is(Assumption::AsGiven));
    let top_as_topc = TuakOperator::Topc(Topc::new(*top().expose()));
    assert_eq!(told(top_as_topc), is(Assumption::TopGivenAsTopc));
    let topc_as_top = TuakOperator::Top(Top::new(*topc().expose()));
    assert_eq!(told(topc_as_top), is(Assumption::TopcGivenAsTop));
}

#[test]
fn iterations_and_lengths_of_tuak_are_told() {
    use aka::tuak::AkaResLength;

    let three = Topc::derive(&key(), &top(), times(3));
    let tuak = Tuak::with(&key(), &three, AkaResLength::Bits64, times(3));
    let iterations = Assumption::OtherIterations(times(3));
    let found = of_tuak(&tuak, TuakOperator::Top(top()));
    assert_eq!(found, explained(iterations, Deviation::None));

    let tuak = Tuak::with(&key(), &topc(), AkaResLength::Bits128, times(1));
    let lengths = Lengths {
        res: ResLength::Bits128,
        ..Lengths::default()
    };
    let found = of_tuak(&tuak, TuakOperator::Topc(topc()));
    let expected = explained(Assumption::OtherLengths(lengths), Deviation::None);
    assert_eq!(found, expected);
    assert!(
        Assumption::OtherLengths(lengths)
            .to_string()
            .contains("RES of 128 bits")
    );
}

#[test]
fn a_tuak_home_that_signs_another_amf_is_told() {
    let tuak = Tuak::new(&key(), &topc());
    let signed = Amf::new([0x12, 0x34]);
    let mac = tuak.challenge(&RAND, sqn(), signed).0.mac();
    let concealed = tuak.challenge(&RAND, sqn(), AMF).0.concealed_sqn();
    let autn = Token::Autn(Autn::from_parts(concealed, AMF, mac));
    let claim = Claim::tuak(key(), TuakOperator::Topc(topc()), times(1));
    let found = claim.diagnose(&Evidence::new(RAND, autn));
    assert_eq!(
        found,
        explained(Assumption::AsGiven, Deviation::OtherAmf(signed))
    );
}

#[test]
fn an_xor_claim_is_judged() {
    let autn = Xor::new(&k()).challenge(&RAND, sqn(), AMF).0;
    let found = Claim::xor(k()).diagnose(&Evidence::new(RAND, Token::Autn(autn)));
    assert_eq!(found, explained(Assumption::AsGiven, Deviation::None));
    let mut reversed = *k().expose();
    reversed.reverse();
    let found = Claim::xor(K::new(reversed)).diagnose(&Evidence::new(RAND, Token::Autn(autn)));
    assert_eq!(found, explained(Assumption::KReversed, Deviation::None));
}
