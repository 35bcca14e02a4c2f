//! Properties of the values and of MILENAGE, on random inputs.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::num::NonZeroU8;

use aka::{
    Ak, Amf, Autn, Auts, Imsi, Ind, IndLength, K, Milenage, MncLength, Op, Opc, Plmn, Rand, Res,
    Sqn,
    algorithm::{Algorithm, CardAlgorithm, HomeAlgorithm},
    batch::{self, Job},
    kdf::five_g::HomeKeys,
    milenage::{Constants, Prepared},
    tuak::{AkaResLength, Key, Topc, Tuak},
};
use proptest::prelude::*;

fn sqns() -> impl Strategy<Value = Sqn> {
    (0..=Sqn::MAX.get()).prop_map(|number| Sqn::new(number).unwrap())
}

proptest! {
    #[test]
    fn hexadecimal_text_comes_back(octets: [u8; 16], upper: bool) {
        let text = if upper { hex::encode_upper(octets) } else { hex::encode(octets) };
        prop_assert_eq!(*text.parse::<K>().unwrap().expose(), octets);
        let rand: Rand = text.parse().unwrap();
        prop_assert_eq!(format!("{:x}", rand.hex()), hex::encode(octets));
        prop_assert_eq!(format!("{:X}", rand.hex()), hex::encode_upper(octets));
    }

    #[test]
    fn text_is_taken_exactly_when_it_is_hexadecimal(text in "[0-9a-fA-F/:@GgZ` ]{0,34}") {
        let mut octets = [0; 16];
        let expected = hex::decode_to_slice(&text, &mut octets);
        let parsed = text.parse::<Rand>();
        prop_assert_eq!(parsed.is_ok(), expected.is_ok());
        if let Ok(rand) = parsed {
            prop_assert_eq!(*rand.as_bytes(), octets);
        }
    }

    #[test]
    fn a_wrong_length_is_named(octets in prop::collection::vec(any::<u8>(), 0..40)) {
        match Autn::from_slice(&octets) {
            Ok(autn) => prop_assert_eq!(&autn.as_bytes()[..], octets),
            Err(wrong) => {
                prop_assert_ne!(octets.len(), 16);
                prop_assert_eq!((wrong.name, wrong.expected, wrong.actual), ("Autn", 16, octets.len()));
            }
        }
    }

    #[test]
    fn res_comes_back(octets in prop::collection::vec(any::<u8>(), 4..=16)) {
        let res: Res = hex::encode(&octets).parse().unwrap();
        prop_assert_eq!(res.expose(), octets);
    }

    #[test]
    fn an_imsi_is_its_digits(text in "[0-9]{0,18}|[0-9a٣ +]{6,15}") {
        let well_formed = (6..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let parsed = text.parse::<Imsi>();
        prop_assert_eq!(parsed.is_ok(), well_formed);
        if let Ok(imsi) = parsed {
            prop_assert_eq!(imsi.as_str(), &text);
            for length in [MncLength::Two, MncLength::Three] {
                let plmn = imsi.plmn(length);
                let parts = [plmn.mcc(), plmn.mnc(), imsi.msin(length)];
                prop_assert_eq!(parts.concat(), &text[..]);
            }
        }
    }

    #[test]
    fn a_sequence_number_is_its_parts(sqn in sqns(), bits in 0..=5_u8) {
        let length = IndLength::new(bits).unwrap();
        let (seq, ind) = (sqn.seq(length), sqn.ind(length));
        prop_assert!(ind.get() < 1 << bits);
        prop_assert_eq!(Sqn::from_parts(seq, ind, length), Ok(sqn));
        prop_assert_eq!(Sqn::from_bytes(sqn.to_bytes()), sqn);
        prop_assert_eq!(format!("{sqn:x}").parse::<Sqn>(), Ok(sqn));
    }

    #[test]
    fn parts_that_do_not_fit_are_refused(seq: u64, index in 0..32_u8, bits in 0..=5_u8) {
        let length = IndLength::new(bits).unwrap();
        let fits = seq <= length.max_seq() && index < 1 << bits;
        let made = Sqn::from_parts(seq, Ind::new(index).unwrap(), length);
        prop_assert_eq!(made.is_ok(), fits);
    }

    #[test]
    fn tokens_are_their_parts(autn: [u8; 16], auts: [u8; 14]) {
        let token = Autn::new(autn);
        prop_assert_eq!(Autn::from_parts(token.concealed_sqn(), token.amf(), token.mac()), token);
        let token = Auts::new(auts);
        prop_assert_eq!(Auts::from_parts(token.concealed_sqn(), token.mac()), token);
    }

    #[test]
    fn the_halves_agree_with_the_functions(
        k: [u8; 16], opc: [u8; 16], rand: [u8; 16], sqn in sqns(), amf: [u8; 2],
    ) {
        let milenage = Milenage::new(&K::new(k), &Opc::new(opc));
        let (rand, amf) = (Rand::new(rand), Amf::new(amf));

        let (autn, response) = milenage.challenge(&rand, sqn, amf);
        prop_assert_eq!(autn.mac(), milenage.f1(&rand, sqn, amf));
        prop_assert_eq!(autn.amf(), amf);
        prop_assert_eq!(unmask(autn.concealed_sqn(), &milenage.f5(&rand)), sqn);
        prop_assert_eq!(response.res.expose().to_vec(), milenage.f2(&rand).expose().to_vec());
        prop_assert_eq!(*response.ck.expose(), *milenage.f3(&rand).expose());
        prop_assert_eq!(*response.ik.expose(), *milenage.f4(&rand).expose());

        let (opened, mac, answer) = milenage.open_autn(&rand, &autn);
        prop_assert_eq!((opened, mac), (sqn, autn.mac()));
        let alone = milenage.respond(&rand);
        for answer in [answer, alone] {
            prop_assert_eq!(answer.res.expose(), response.res.expose());
            prop_assert_eq!(answer.ck.expose(), response.ck.expose());
            prop_assert_eq!(answer.ik.expose(), response.ik.expose());
        }

        let auts = milenage.auts(&rand, sqn);
        prop_assert_eq!(unmask(auts.concealed_sqn(), &milenage.f5_star(&rand)), sqn);
        prop_assert_eq!(auts.mac(), milenage.f1_star(&rand, sqn, Amf::ZERO));
        prop_assert_eq!(milenage.open_auts(&rand, &auts), (sqn, auts.mac()));
    }

    #[test]
    fn a_prepared_subscriber_gives_the_same(
        k: [u8; 16], opc: [u8; 16], rand: [u8; 16], sqn in sqns(), amf: [u8; 2], own: bool,
    ) {
        let (k, opc, rand, amf) = (K::new(k), Opc::new(opc), Rand::new(rand), Amf::new(amf));
        let constants = if own { own_constants() } else { Constants::STANDARD };
        let milenage = Milenage::with_constants(&k, &opc, constants);
        let prepared = Prepared::with_constants(&k, &opc, constants);
        let (autn, _) = milenage.challenge(&rand, sqn, amf);
        prop_assert_eq!(prepared.challenge(&rand, sqn, amf).0, autn);
        prop_assert_eq!(prepared.open_autn(&rand, &autn).0, sqn);
        let auts = milenage.auts(&rand, sqn);
        prop_assert_eq!(prepared.auts(&rand, sqn), auts);
        prop_assert_eq!(prepared.open_auts(&rand, &auts).0, sqn);
        let (one, other) = (prepared.respond(&rand), milenage.respond(&rand));
        prop_assert_eq!(*one.ik.expose(), *other.ik.expose());
    }

    #[test]
    fn subscribers_side_by_side_are_as_in_turn(
        keys in prop::collection::vec((any::<[u8; 16]>(), any::<[u8; 16]>(), any::<bool>()), 0..30),
        rand: [u8; 16],
        sqn in sqns(),
        amf: [u8; 2],
    ) {
        let keys: Vec<Milenage> = keys
            .into_iter()
            .map(|(k, opc, own)| {
                let constants = if own { own_constants() } else { Constants::STANDARD };
                Milenage::with_constants(&K::new(k), &Opc::new(opc), constants)
            })
            .collect();
        check_side_by_side(&keys, Rand::new(rand), sqn, Amf::new(amf))?;
    }

    #[test]
    fn home_vectors_side_by_side_are_as_in_turn(
        keys in prop::collection::vec((any::<[u8; 16]>(), any::<[u8; 16]>()), 0..20),
        rand: [u8; 16],
        sqn in sqns(),
    ) {
        let network = "5G:mnc093.mcc208.3gppnetwork.org".parse().unwrap();
        let keys: Vec<Milenage> = keys
            .into_iter()
            .map(|(k, opc)| Milenage::new(&K::new(k), &Opc::new(opc)))
            .collect();
        let job = |algorithm| Job::new(algorithm, Rand::new(rand), sqn, Amf::SEPARATED);
        let mut jobs: Vec<Job<'_, Milenage>> = keys.iter().map(job).collect();
        let mut made = Vec::new();
        batch::home_vectors(&mut jobs, &network, |vector| made.push(vector));
        prop_assert_eq!(made.len(), keys.len());
        for (algorithm, vector) in keys.iter().zip(made) {
            let (autn, response) = algorithm.challenge(&Rand::new(rand), sqn, Amf::SEPARATED);
            let alone = HomeKeys::new(&response.ck, &response.ik, network);
            prop_assert_eq!((vector.rand, vector.autn), (Rand::new(rand), autn));
            let kausf = alone.kausf(&autn);
            prop_assert_eq!(vector.kausf.expose(), kausf.expose());
            let xres_star = alone.res_star(&vector.rand, &response.res);
            prop_assert_eq!(vector.xres_star.expose(), xres_star.expose());
        }
    }

    #[test]
    fn tuak_subscribers_side_by_side_are_as_in_turn(
        keys in prop::collection::vec((any::<[u8; 16]>(), any::<[u8; 32]>(), 1..3_u8), 0..20),
        rand: [u8; 16],
        sqn in sqns(),
        amf: [u8; 2],
    ) {
        let keys: Vec<Tuak> = keys
            .into_iter()
            .map(|(k, topc, iterations)| {
                let iterations = NonZeroU8::new(iterations).unwrap();
                let (key, topc) = (Key::from(&K::new(k)), Topc::new(topc));
                Tuak::with(&key, &topc, AkaResLength::Bits128, iterations)
            })
            .collect();
        check_side_by_side(&keys, Rand::new(rand), sqn, Amf::new(amf))?;
    }

    #[test]
    fn constants_are_used_where_they_belong(k: [u8; 16], rand: [u8; 16], changed in 0..5_usize) {
        let constant = |value: u8| {
            let mut octets = [0; 16];
            octets[15] = value;
            octets
        };
        let (mut c, r) = ([0, 1, 2, 4, 8].map(constant), [64, 0, 32, 64, 96]);
        c[changed][0] = 0x80;
        let (k, opc, rand) = (K::new(k), Opc::new([7; 16]), Rand::new(rand));
        let standard = Milenage::new(&k, &opc);
        let own = Milenage::with_constants(&k, &opc, Constants::new(c, r).unwrap());
        let amf = Amf::ZERO;
        let same = [
            own.f1(&rand, Sqn::ZERO, amf) == standard.f1(&rand, Sqn::ZERO, amf),
            own.f2(&rand).expose() == standard.f2(&rand).expose(),
            own.f3(&rand).expose() == standard.f3(&rand).expose(),
            own.f4(&rand).expose() == standard.f4(&rand).expose(),
            own.f5_star(&rand).expose() == standard.f5_star(&rand).expose(),
        ];
        let expected: Vec<bool> = (0..5).map(|function| function != changed).collect();
        prop_assert_eq!(same.to_vec(), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn another_implementation_agrees(
        k: [u8; 16], op: [u8; 16], rand: [u8; 16], sqn in sqns(), amf: [u8; 2],
    ) {
        let mut peer = milenage::Milenage::new_with_op(k, op);
        let opc = Opc::derive(&K::new(k), &Op::new(op));
        let ours = Milenage::new(&K::new(k), &opc);
        let (challenge, amf_value) = (Rand::new(rand), Amf::new(amf));

        let mac = peer.f1(&rand, &sqn.to_bytes(), &amf);
        prop_assert_eq!(*ours.f1(&challenge, sqn, amf_value).as_bytes(), mac);
        let mac = peer.f1star(&rand, &sqn.to_bytes(), &amf);
        prop_assert_eq!(*ours.f1_star(&challenge, sqn, amf_value).as_bytes(), mac);
        let (res, ck, ik, ak) = peer.f2345(&rand);
        prop_assert_eq!(ours.f2(&challenge).expose().to_vec(), res);
        prop_assert_eq!(*ours.f3(&challenge).expose(), ck);
        prop_assert_eq!(*ours.f4(&challenge).expose(), ik);
        prop_assert_eq!(*ours.f5(&challenge).expose(), ak);
        prop_assert_eq!(*ours.f5_star(&challenge).expose(), peer.f5star(&rand));
    }
}

fn own_constants() -> Constants {
    Constants::new([[0x11; 16]; 5], [1, 2, 3, 4, 5]).unwrap()
}

/// Each with a RAND and a number of its own.
fn check_side_by_side<A: HomeAlgorithm>(
    keys: &[A],
    rand: Rand,
    sqn: Sqn,
    amf: Amf,
) -> Result<(), TestCaseError> {
    let inputs = keys.iter().zip(0_u8..).map(|(algorithm, number)| {
        let mut octets = *rand.as_bytes();
        octets[0] ^= number;
        let rand = Rand::new(octets);
        let sqn = Sqn::new(sqn.get() ^ u64::from(number)).unwrap();
        (algorithm, rand, sqn)
    });
    let inputs: Vec<_> = inputs.collect();
    let job = |&(algorithm, rand, sqn): &(_, _, _)| Job::new(algorithm, rand, sqn, amf);
    let mut jobs: Vec<Job<'_, A>> = inputs.iter().map(job).collect();
    batch::vectors(&mut jobs);
    for ((algorithm, rand, sqn), job) in inputs.into_iter().zip(jobs) {
        let (autn, response) = algorithm.challenge(&rand, sqn, amf);
        let vector = job.into_vector().unwrap();
        prop_assert_eq!((vector.rand, vector.autn), (rand, autn));
        prop_assert_eq!(vector.xres.expose(), response.res.expose());
        prop_assert_eq!(vector.ck.expose(), response.ck.expose());
        prop_assert_eq!(vector.ik.expose(), response.ik.expose());
    }
    Ok(())
}

fn unmask(concealed: [u8; 6], ak: &Ak) -> Sqn {
    let mut octets = concealed;
    for (octet, mask) in octets.iter_mut().zip(ak.expose()) {
        *octet ^= mask;
    }
    Sqn::from_bytes(octets)
}

#[test]
fn a_network_is_its_digits_on_the_wire() {
    for (mcc, mnc, wire) in [
        ("208", "93", [0x02, 0xf8, 0x39]),
        ("001", "01", [0x00, 0xf1, 0x10]),
        ("310", "410", [0x13, 0x00, 0x14]),
    ] {
        assert_eq!(Plmn::new(mcc, mnc).unwrap().to_bytes(), wire);
    }
    for (mcc, mnc) in [
        ("20", "93"),
        ("208", "9"),
        ("208", "9301"),
        ("2o8", "93"),
        ("208", ""),
    ] {
        assert!(Plmn::new(mcc, mnc).is_err(), "{mcc}-{mnc}");
    }
    assert_ne!(Plmn::new("001", "01"), Plmn::new("001", "010"));
}

#[test]
fn numbers_beyond_their_width_are_refused() {
    assert!(Sqn::new(1 << 48).is_err());
    assert!(Ind::new(32).is_err());
    assert!(IndLength::new(6).is_err());
    assert_eq!(IndLength::ZERO.max_seq(), Sqn::MAX.get());
}
