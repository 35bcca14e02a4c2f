//! Key derivations beside those of another implementation, on random inputs.

use aka::{
    Amf, Autn, Ck, Ik, K, Milenage, Opc, Plmn, Rand, Sqn,
    algorithm::{CardAlgorithm, HomeAlgorithm},
    kdf::{
        eps::{self, AlgorithmKey, Kasme, Kenb, Nh},
        five_g::{
            self, AccessType, HomeKeys, Kamf, Kausf, Kgnb, Mobility, ServingNetworkName,
            TargetCell, TnapUse,
        },
    },
};
use oxirush_security::{
    CipheringAlgorithm, IntegrityAlgorithm, NasCount, milenage, nas_5gs, nas_eps,
};
use proptest::prelude::*;

const NETWORK: &str = "5G:mnc093.mcc208.3gppnetwork.org";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

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
        prop_assert_eq!(ours.open_auts(&rand, &auts), (sqn, auts.mac()));
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
    fn keys_of_mobility_agree(kamf: [u8; 32], kasme: [u8; 32], nh: [u8; 32], count in 0..1_u32 << 24) {
        let (ours, eps) = (Kamf::new(kamf), Kasme::new(kasme));
        let peer = nas_5gs::KAmf::from_slice(&kamf).unwrap();
        let peer_eps = nas_eps::KAsme::from_slice(&kasme).unwrap();
        let peer_count = NasCount::new(count).unwrap();
        let idle = Mobility::Idle { uplink_nas_count: count };
        let handover = Mobility::Handover { downlink_nas_count: count };
        prop_assert_eq!(*ours.prime(idle).expose(), *nas_5gs::derive_kamf_prime_idle(&peer, peer_count).as_octets());
        prop_assert_eq!(*ours.prime(handover).expose(), *nas_5gs::derive_kamf_prime_handover(&peer, peer_count).as_octets());
        prop_assert_eq!(*ours.kasme(idle).expose(), *nas_5gs::derive_mapped_kasme_idle(&peer, peer_count).as_octets());
        prop_assert_eq!(*ours.kasme(handover).expose(), *nas_5gs::derive_mapped_kasme_handover(&peer, peer_count).as_octets());
        prop_assert_eq!(*ours.kasme_srvcc(count).expose(), *nas_5gs::derive_kasme_srvcc(&peer, peer_count).as_octets());
        let back = Kamf::of_idle_kasme(&eps, count);
        prop_assert_eq!(*back.expose(), *nas_5gs::derive_mapped_kamf_idle(&peer_eps, peer_count).as_octets());
        let back = Kamf::of_handover_kasme(&eps, &Nh::new(nh));
        let peer_nh = nas_eps::Nh::from_slice(&nh).unwrap();
        prop_assert_eq!(*back.expose(), *nas_5gs::derive_mapped_kamf_handover(&peer_eps, &peer_nh).as_octets());
    }

    #[test]
    fn keys_of_other_nodes_agree(key: [u8; 32], pci in 0..504_u16, frequency in 0..262_144_u32, counter: u16, v4: [u8; 4], v6: [u8; 16]) {
        let ours = Kgnb::new(key);
        let peer = nas_5gs::KGnb::from_slice(&key).unwrap();
        let star = nas_5gs::derive_kng_ran_star(&peer, pci, frequency).unwrap();
        let gnb = TargetCell::gnb(pci, frequency).unwrap();
        prop_assert_eq!(*ours.star(gnb).expose(), *star.as_octets());
        prop_assert_eq!(*five_g::Nh::new(key).star(gnb).expose(), *star.as_octets());
        let star = nas_5gs::derive_kng_ran_star_ng_enb(&peer, pci, frequency).unwrap();
        prop_assert_eq!(*ours.star(TargetCell::ng_enb(pci, frequency).unwrap()).expose(), *star.as_octets());
        prop_assert_eq!(*ours.ksn(counter).expose(), *nas_5gs::derive_ksn(&peer, counter).as_octets());
        let kiab = nas_5gs::derive_kiab(&peer, nas_5gs::IabIpAddress::V4(v4), nas_5gs::IabIpAddress::V6(v6));
        prop_assert_eq!(*ours.kiab(v4.into(), v6.into()).expose(), *kiab.as_octets());
        let ktngf = nas_5gs::KN3iwf::from_slice(&key).unwrap();
        for (of, peer_of) in [
            (TnapUse::Ipsec, nas_5gs::TnapKeyUsage::Ipsec),
            (TnapUse::AccessPoint, nas_5gs::TnapKeyUsage::Tnap),
            (TnapUse::FastTransition, nas_5gs::TnapKeyUsage::FastTransition),
        ] {
            let tnap = nas_5gs::derive_tnap_usage_key(&ktngf, peer_of);
            prop_assert_eq!(*ours.tnap_key(of).expose(), *tnap.as_octets());
        }
    }

    #[test]
    fn codes_of_updates_by_the_home_agree(kausf: [u8; 32], header: u8, data: Vec<u8>, counter in 1..=u16::MAX) {
        let ours = Kausf::new(kausf);
        let peer = nas_5gs::KAusf::from_slice(&kausf).unwrap();
        let count = counter.try_into().unwrap();
        let mac = nas_5gs::derive_sor_mac_ausf(&peer, &[header], counter, Some(&data)).unwrap();
        prop_assert_eq!(*ours.sor_mac(header, count, Some(&data)).as_bytes(), mac);
        let mac = nas_5gs::derive_sor_mac_ausf(&peer, &[header], counter, None).unwrap();
        prop_assert_eq!(*ours.sor_mac(header, count, None).as_bytes(), mac);
        let mac = nas_5gs::derive_sor_mac_ue(&peer, counter).unwrap();
        prop_assert_eq!(*ours.sor_acknowledgement(count).as_bytes(), mac);
        let mac = nas_5gs::derive_upu_mac_ausf(&peer, &data, counter).unwrap();
        prop_assert_eq!(*ours.upu_mac(&data, count).as_bytes(), mac);
        let mac = nas_5gs::derive_upu_mac_ue(&peer, counter).unwrap();
        prop_assert_eq!(*ours.upu_acknowledgement(count).as_bytes(), mac);
    }

    #[test]
    fn keys_taken_in_once_are_those_taken_in_each_time(key: [u8; 32], encryption in 0..16_u8, integrity in 0..16_u8) {
        let (kamf, kgnb) = (Kamf::new(key), Kgnb::new(key));
        let [first, second] = kamf.nas_keys(encryption, integrity);
        prop_assert_eq!(*first.expose(), *kamf.algorithm_key(AlgorithmKey::NasEncryption, encryption).expose());
        prop_assert_eq!(*second.expose(), *kamf.algorithm_key(AlgorithmKey::NasIntegrity, integrity).expose());
        let keys = kgnb.radio_keys(encryption, integrity);
        for (key, purpose, algorithm) in [
            (keys.rrc_encryption, AlgorithmKey::RrcEncryption, encryption),
            (keys.rrc_integrity, AlgorithmKey::RrcIntegrity, integrity),
            (keys.user_plane_encryption, AlgorithmKey::UserPlaneEncryption, encryption),
            (keys.user_plane_integrity, AlgorithmKey::UserPlaneIntegrity, integrity),
        ] {
            prop_assert_eq!(*key.expose(), *kgnb.algorithm_key(purpose, algorithm).expose());
        }
        let kausf = Kausf::new(key);
        let (kakma, a_tid) = kausf.akma("001010000000001");
        prop_assert_eq!(*kakma.expose(), *kausf.kakma("001010000000001").expose());
        prop_assert_eq!(a_tid, kausf.a_tid("001010000000001"));
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
