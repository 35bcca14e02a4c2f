//! Key derivations beside those of another implementation, on random inputs.

use aka::{
    Amf, Autn, Ck, Ik, K, Milenage, Opc, Plmn, Rand, Sqn,
    algorithm::{CardAlgorithm, HomeAlgorithm},
    kdf::{
        eps::{self, AlgorithmKey, Kasme, Kenb, Nh},
        five_g::{AccessType, HomeKeys, Kamf, ServingNetworkName},
    },
};
use oxirush_security::{
    CipheringAlgorithm, IntegrityAlgorithm, NasCount, milenage, nas_5gs, nas_eps,
};
use proptest::prelude::*;

const NETWORK: &str = "5G:mnc093.mcc208.3gppnetwork.org";

proptest! {
    #[test]
    fn autn_and_auts_agree(k: [u8; 16], opc: [u8; 16], rand: [u8; 16], sqn in 0..1_u64 << 48, amf: [u8; 2]) {
        let ours = Milenage::new(&K::new(k), &Opc::new(opc));
        let theirs = milenage::Milenage::new(
            &milenage::K::from_slice(&k).unwrap(),
            &milenage::Opc::from_slice(&opc).unwrap(),
        );
        let peer_rand = oxirush_security::Rand::from_slice(&rand).unwrap();
        let peer_sqn = milenage::Sqn::try_from(sqn).unwrap();
        let peer_amf = milenage::Amf::new(&amf);
        let (rand, sqn, amf) = (Rand::new(rand), Sqn::new(sqn).unwrap(), Amf::new(amf));

        let (autn, response) = ours.challenge(&rand, sqn, amf);
        let vector = theirs.authentication_vector(&peer_rand, &peer_sqn, &peer_amf);
        prop_assert_eq!(autn.as_bytes(), vector.autn().as_octets());
        prop_assert_eq!(response.res.expose(), vector.xres().as_octets());
        prop_assert_eq!(response.ck.expose(), vector.ck().as_octets());
        prop_assert_eq!(response.ik.expose(), vector.ik().as_octets());
        let auts = ours.auts(&rand, sqn);
        let peer_auts = theirs.auts(&peer_rand, &peer_sqn);
        prop_assert_eq!(auts.as_bytes(), peer_auts.as_octets());
    }

    #[test]
    fn the_5g_home_vector_agrees(ck: [u8; 16], ik: [u8; 16], rand: [u8; 16], autn: [u8; 16], res: [u8; 8]) {
        let network: ServingNetworkName = NETWORK.parse().unwrap();
        let keys = HomeKeys::new(&Ck::new(ck), &Ik::new(ik), network);
        let peer_ck = oxirush_security::Ck::from_slice(&ck).unwrap();
        let peer_ik = oxirush_security::Ik::from_slice(&ik).unwrap();
        let peer_autn = oxirush_security::Autn::from_slice(&autn).unwrap();
        let kausf = keys.kausf(&Autn::new(autn));
        let peer = nas_5gs::derive_kausf(&peer_ck, &peer_ik, NETWORK.as_bytes(), &peer_autn);
        prop_assert_eq!(*kausf.expose(), *peer.unwrap().as_octets());

        let peer_rand = oxirush_security::Rand::from_slice(&rand).unwrap();
        let peer = nas_5gs::compute_res_star(&peer_ck, &peer_ik, NETWORK.as_bytes(), &peer_rand, &res);
        let peer = peer.unwrap();
        let res_star = keys.res_star(&Rand::new(rand), &aka::Res::from_slice(&res).unwrap());
        prop_assert_eq!(res_star.expose(), peer.as_octets());
        let hres_star = nas_5gs::compute_hres_star(&peer_rand, &peer);
        prop_assert_eq!(*res_star.hash(&Rand::new(rand)).as_bytes(), *hres_star.as_octets());
    }

    #[test]
    fn the_keys_below_kamf_agree(kamf: [u8; 32]) {
        let ours = Kamf::new(kamf);
        let peer = nas_5gs::KAmf::from_slice(&kamf).unwrap();
        let nas_encryption = nas_5gs::derive_knas_enc(&peer, CipheringAlgorithm::NEA2);
        prop_assert_eq!(*ours.algorithm_key(AlgorithmKey::NasEncryption, 2).expose(), *nas_encryption.as_octets());
        let nas_integrity = nas_5gs::derive_knas_int(&peer, IntegrityAlgorithm::NIA2);
        prop_assert_eq!(*ours.algorithm_key(AlgorithmKey::NasIntegrity, 2).expose(), *nas_integrity.as_octets());
        let kgnb = ours.kgnb(0, AccessType::ThreeGpp);
        let peer_kgnb = nas_5gs::derive_kgnb(&peer, NasCount::ZERO);
        prop_assert_eq!(*kgnb.expose(), *peer_kgnb.as_octets());
        let kn3iwf = nas_5gs::derive_kn3iwf(&peer, NasCount::ZERO);
        prop_assert_eq!(*ours.kgnb(0, AccessType::NonThreeGpp).expose(), *kn3iwf.as_octets());
        let peer_nh = nas_5gs::derive_nh(&peer, &peer_kgnb);
        let nh = ours.first_nh(&kgnb);
        prop_assert_eq!(*nh.expose(), *peer_nh.as_octets());
        prop_assert_eq!(*ours.next_nh(&nh).expose(), *nas_5gs::derive_nh(&peer, &peer_nh).as_octets());
        let rrc = nas_5gs::derive_krrc_int(&peer_kgnb, IntegrityAlgorithm::NIA2);
        prop_assert_eq!(*kgnb.algorithm_key(AlgorithmKey::RrcIntegrity, 2).expose(), *rrc.as_octets());
    }

    #[test]
    fn the_keys_below_kasme_agree(kasme: [u8; 32], pci in 0..504_u16, earfcn_dl in 0..262_144_u32) {
        let ours = Kasme::new(kasme);
        let peer = nas_eps::KAsme::from_slice(&kasme).unwrap();
        let kenb: Kenb = ours.kenb(0);
        let peer_kenb = nas_eps::derive_kenb(&peer, NasCount::ZERO);
        prop_assert_eq!(*kenb.expose(), *peer_kenb.as_octets());
        let nh: Nh = ours.first_nh(&kenb);
        let peer_nh = nas_eps::derive_nh(&peer, &peer_kenb);
        prop_assert_eq!(*nh.expose(), *peer_nh.as_octets());
        let star = nas_eps::derive_kenb_star(&peer_kenb, pci, earfcn_dl).unwrap();
        prop_assert_eq!(*kenb.star(pci, earfcn_dl).expose(), *star.as_octets());
        let star = nas_eps::derive_kenb_star(&peer_nh, pci, earfcn_dl).unwrap();
        prop_assert_eq!(*nh.star(pci, earfcn_dl).expose(), *star.as_octets());
        let rrc = nas_eps::derive_krrc_enc(&peer_kenb, CipheringAlgorithm::NEA2);
        prop_assert_eq!(*kenb.algorithm_key(AlgorithmKey::RrcEncryption, 2).expose(), *rrc.as_octets());
        let user_plane = nas_eps::derive_kup_int(&peer_kenb, IntegrityAlgorithm::NIA2);
        prop_assert_eq!(*kenb.algorithm_key(AlgorithmKey::UserPlaneIntegrity, 2).expose(), *user_plane.as_octets());
    }
}

#[test]
fn kasme_depends_on_the_serving_network() {
    let (ck, ik, autn) = (Ck::new([1; 16]), Ik::new([2; 16]), Autn::new([3; 16]));
    let of = |mnc| eps::kasme(&ck, &ik, &Plmn::new("001", mnc).unwrap(), &autn);
    assert_ne!(of("01").expose(), of("010").expose());
}
