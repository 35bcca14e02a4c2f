use aka::{
    Milenage,
    algorithm::{Algorithm, CardAlgorithm, HomeAlgorithm},
    milenage::Constants,
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
