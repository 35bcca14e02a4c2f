use std::collections::HashMap;

use aka::{
    Amf, K, Milenage, Opc, Rand, Sqn,
    algorithm::HomeAlgorithm as _,
    kdf::{
        eap_prime::{EapKeys, prime_keys},
        eps::{self, AlgorithmKey},
        five_g::{AccessType, HomeKeys},
        gba::{Ks, NafId, NafKey, UaProtocol},
    },
};

use super::*;

const NAF: Naf<'_> = Naf {
    fqdn: "naf.example.com",
    ua: [1, 0, 0, 0, 2],
};

fn vector() -> Vector {
    let milenage = Milenage::new(&K::new([0x46; 16]), &Opc::new([0xcd; 16]));
    let (rand, sqn) = (Rand::new([0x23; 16]), Sqn::new(0x1234).unwrap());
    let (autn, expected) = milenage.challenge(&rand, sqn, Amf::SEPARATED);
    Vector {
        rand,
        xres: expected.res,
        ck: expected.ck,
        ik: expected.ik,
        autn,
    }
}

fn imsi() -> Imsi {
    "001010000000001".parse().unwrap()
}

fn derived() -> HashMap<&'static str, Derivation> {
    let imsi = imsi();
    let serving = Plmn::new("208", "93").unwrap();
    let hierarchy = Hierarchy::new(&imsi, MncLength::Two)
        .with_serving(serving)
        .with_naf(NAF);
    let all = hierarchy.derivations(&vector());
    all.into_iter().map(|one| (one.name(), one)).collect()
}

#[test]
fn every_derivation_gives_what_aka_gives() {
    let (vector, derived) = (vector(), derived());
    let (ck, ik, autn, rand) = (&vector.ck, &vector.ik, &vector.autn, &vector.rand);
    let is = |name: &str, expected: &[u8]| {
        let output = derived[name].expose_output();
        assert_eq!(hex::encode(&*output), hex::encode(expected), "{name}");
    };
    let serving = Plmn::new("208", "93").unwrap();
    let kasme = eps::kasme(ck, ik, &serving, autn);
    is("KASME", kasme.expose());
    let kenb = kasme.kenb(0);
    is("KeNB", kenb.expose());
    is("NH (EPS)", kasme.first_nh(&kenb).expose());
    let nas = kasme.algorithm_key(AlgorithmKey::NasEncryption, 2);
    is("KNASenc (EEA2)", nas.expose());
    let nas = kasme.algorithm_key(AlgorithmKey::NasIntegrity, 2);
    is("KNASint (EIA2)", nas.expose());

    let network = ServingNetworkName::from(&serving);
    let home = HomeKeys::new(ck, ik, network);
    let (kausf, xres_star) = (home.kausf(autn), home.res_star(rand, &vector.xres));
    is("KAUSF", kausf.expose());
    is("XRES*", xres_star.expose());
    is("HXRES*", xres_star.hash(rand).as_bytes());
    is("KSEAF", kausf.kseaf(&network).expose());
    let supi = imsi();
    let supi = supi.as_str();
    let kamf = kausf.kseaf(&network).kamf(supi, &[0, 0]);
    is("KAMF", kamf.expose());
    let kgnb = kamf.kgnb(0, AccessType::ThreeGpp);
    is("KgNB", kgnb.expose());
    is("NH (5GS)", kamf.first_nh(&kgnb).expose());
    let nas = kamf.algorithm_key(AlgorithmKey::NasEncryption, 2);
    is("KNASenc (NEA2)", nas.expose());
    let nas = kamf.algorithm_key(AlgorithmKey::NasIntegrity, 2);
    is("KNASint (NIA2)", nas.expose());
    is("KAKMA", kausf.kakma(supi).expose());
    is("A-TID", kausf.a_tid(supi).as_bytes());
    is(
        "KAF",
        kausf
            .kakma(supi)
            .kaf(NAF.fqdn, UaProtocol::new(NAF.ua))
            .expose(),
    );

    let impi = "001010000000001@ims.mnc001.mcc001.3gppnetwork.org";
    let ks = Ks::new(ck, ik);
    let (fqdn, ua) = (NAF.fqdn, UaProtocol::new(NAF.ua));
    let naf = |which| ks.naf_key(which, rand, impi, NafId { fqdn, ua });
    is("Ks_NAF", naf(NafKey::Me).expose());
    is("Ks_int_NAF", naf(NafKey::Internal).expose());
    assert_eq!(derived.len(), 21, "the two others are compared below");
}

#[test]
fn the_keys_of_eap_aka_prime_are_akas_too() {
    let (vector, derived) = (vector(), derived());
    let (ck, ik, autn) = (&vector.ck, &vector.ik, &vector.autn);
    let is = |name: &str, expected: &[u8]| {
        let output = derived[name].expose_output();
        assert_eq!(hex::encode(&*output), hex::encode(expected), "{name}");
    };
    let (ck_prime, ik_prime) = prime_keys(ck, ik, b"WLAN", autn);
    let primes = [&ck_prime.expose()[..], ik_prime.expose()].concat();
    is("CK'IK'", &primes);
    let identity = b"6001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org";
    let keys = EapKeys::derive(&ck_prime, &ik_prime, identity);
    let master = [
        &keys.k_encr()[..],
        keys.k_aut(),
        keys.k_re(),
        keys.msk(),
        keys.emsk(),
    ];
    is("MK (EAP-AKA')", &master.concat());
}

#[test]
fn s_is_shown_in_its_parts() {
    let derived = derived();
    let concealed = hex::encode(vector().autn.concealed_sqn());
    let kasme = &derived["KASME"];
    let parts = format!("FC 10, P0 02f839, L0 0003, P1 {concealed}, L1 0006");
    assert_eq!(*kasme.expose_parts(), parts);
    let s = hex::decode(format!("1002f8390003{concealed}0006")).unwrap();
    assert_eq!(*kasme.expose_s(), s);
    assert!(
        derived["HXRES*"]
            .expose_parts()
            .starts_with(&"23".repeat(16))
    );
    assert_eq!(format!("{kasme:?}"), "Derivation(KASME, [redacted])");
}
