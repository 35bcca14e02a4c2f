//! Key derivations.

use crate::vectors::{Case, conformance};

fn octets<const N: usize>(case: &Case, name: &str) -> [u8; N] {
    let octets = hex::decode(case.text(name)).expect("hexadecimal");
    octets.try_into().expect("the right number of octets")
}

mod eps {
    use aka::{
        Amf, Autn, Mac, Plmn,
        kdf::eps::{self, Kasme},
    };

    use super::*;

    conformance! { "kasme.txt", check:
        kasme_1,
        kasme_2,
        kasme_3,
    }

    fn check(case: &Case) {
        let plmn = Plmn::new(case.text("mcc"), case.text("mnc")).expect("digits");
        let autn = Autn::from_parts(octets(case, "sqn_xor_ak"), Amf::ZERO, Mac::new([0; 8]));
        let kasme = eps::kasme(&case.get("ck"), &case.get("ik"), &plmn, &autn);
        assert_eq!(format!("{:x}", kasme.expose_hex()), case.text("kasme"));
        assert_eq!(
            format!("{:x}", kasme.kenb(0).expose_hex()),
            case.text("kenb")
        );
    }

    mod kenb {
        use super::*;

        conformance! { "kenb.txt", check:
        kenb_1,
        kenb_2,
        kenb_3,
        kenb_4,
        kenb_5,
        kenb_6,
        }

        fn check(case: &Case) {
            let count = u32::from_be_bytes(octets(case, "count"));
            let kenb = case.get::<Kasme>("kasme").kenb(count);
            assert_eq!(format!("{:x}", kenb.expose_hex()), case.text("kenb"));
        }
    }
}

mod five_g {
    use aka::kdf::five_g::{HomeKeys, ServingNetworkName};

    use super::*;

    conformance! { "five_g.txt", check:
        chain,
    }

    fn check(case: &Case) {
        let network: ServingNetworkName = case.get("network");
        let keys = HomeKeys::new(&case.get("ck"), &case.get("ik"), network);
        let kausf = keys.kausf(&case.get("autn"));
        assert_eq!(format!("{:x}", kausf.expose_hex()), case.text("kausf"));
        let xres_star = keys.res_star(&case.get("rand"), &case.get("xres"));
        assert_eq!(
            format!("{:x}", xres_star.expose_hex()),
            case.text("xres_star")
        );
        let hxres_star = xres_star.hash(&case.get("rand"));
        assert_eq!(format!("{:x}", hxres_star.hex()), case.text("hxres_star"));
        let kseaf = kausf.kseaf(&network);
        assert_eq!(format!("{:x}", kseaf.expose_hex()), case.text("kseaf"));
        let kamf = kseaf.kamf(case.text("supi"), &octets::<2>(case, "abba"));
        assert_eq!(format!("{:x}", kamf.expose_hex()), case.text("kamf"));

        let supi = case.text("supi");
        let kakma = kausf.kakma(supi);
        assert_eq!(format!("{:x}", kakma.expose_hex()), case.text("kakma"));
        assert_eq!(format!("{:x}", kausf.a_tid(supi).hex()), case.text("a_tid"));
        let kaf = kakma.kaf(case.text("af_fqdn"), case.get("ua_star"));
        assert_eq!(format!("{:x}", kaf.expose_hex()), case.text("kaf"));
    }
}

mod gba {
    use aka::kdf::gba::{Ks, NafId, NafKey, UaProtocol};

    use super::*;

    conformance! { "gba.txt", check:
        naf_1,
        naf_2,
    }

    fn check(case: &Case) {
        let ks = Ks::new(&case.get("ck"), &case.get("ik"));
        let naf = NafId {
            fqdn: case.text("fqdn"),
            ua: case.get::<UaProtocol>("ua"),
        };
        for (which, name) in [(NafKey::Me, "me"), (NafKey::Internal, "internal")] {
            let key = ks.naf_key(which, &case.get("rand"), case.text("impi"), naf);
            assert_eq!(format!("{:x}", key.expose_hex()), case.text(name));
        }
    }

    mod uicc {
        use aka::{Ik, kdf::gba};

        use super::*;

        conformance! { "gba_u.txt", check:
            bootstrapping,
        }

        fn check(case: &Case) {
            let ik: Ik = case.get("ik");
            let ks = Ks::new(&case.get("ck"), &ik);
            let tmpi = ks.tmpi(&case.get("rand"), case.text("impi"), case.text("bsf"));
            assert_eq!(tmpi.as_str(), case.text("tmpi"));
            let masked = gba::uicc_autn(&case.get("autn"), &ik);
            assert_eq!(format!("{:x}", masked.hex()), case.text("uicc_autn"));
        }
    }
}

mod eap_prime {
    use aka::kdf::eap_prime::{EapKeys, prime_keys};

    use super::*;

    conformance! { "eap_aka_prime.txt", check:
        rfc_9048_case_1,
        rfc_9048_case_2,
        rfc_9048_case_3,
        rfc_9048_case_4,
    }

    fn check(case: &Case) {
        let (ck, ik) = (case.get("ck"), case.get("ik"));
        let network = case.text("network_name").as_bytes();
        let (ck, ik) = prime_keys(&ck, &ik, network, &case.get("autn"));
        assert_eq!(format!("{:x}", ck.expose_hex()), case.text("ck_prime"));
        assert_eq!(format!("{:x}", ik.expose_hex()), case.text("ik_prime"));
        let keys = EapKeys::derive(&ck, &ik, case.text("identity").as_bytes());
        assert_eq!(hex::encode(keys.k_encr()), case.text("k_encr"));
        assert_eq!(hex::encode(keys.k_aut()), case.text("k_aut"));
        assert_eq!(hex::encode(keys.k_re()), case.text("k_re"));
        assert_eq!(hex::encode(keys.msk()), case.text("msk"));
        assert_eq!(hex::encode(keys.emsk()), case.text("emsk"));
    }
}

#[cfg(feature = "eap")]
mod eap_aka_prime_both_sides {
    use aka::{
        Kc,
        card::Outcome,
        eap::{Answer, Event, Identities, Nai, NetworkName, Next, Packet, Peer, Server, Step},
        network::Vector,
    };

    use super::*;

    conformance! { "eap_aka_prime.txt", check:
        rfc_9048_case_1,
        rfc_9048_case_2,
        rfc_9048_case_3,
        rfc_9048_case_4,
    }

    /// The vector as server and peer use it: what they send each other, and their keys.
    fn check(case: &Case) {
        let identity = case.text("identity").as_bytes();
        let network = case.text("network_name").as_bytes();
        let vector = Vector {
            rand: case.get("rand"),
            xres: case.get("res"),
            ck: case.get("ck"),
            ik: case.get("ik"),
            autn: case.get("autn"),
        };
        let mut server = Server::aka_prime(NetworkName::new(network).expect("a name"), &[7; 32]);
        let mut room = [0; 1500];
        server
            .start(Some(&Nai::new(identity).expect("an identity")), &mut room)
            .expect("it begins");
        let step = server.answer(&Answer::Vector(&vector), Next::NONE, &mut room);
        let Ok(Step::Send(request)) = step else {
            panic!("{step:?} is no challenge");
        };
        let attributes = Packet::parse(request).expect("a packet").attributes();
        assert_eq!(attributes.kdf_input(), Some(network));
        let names = Identities {
            permanent: identity,
            pseudonym: None,
        };
        let mut peer = Peer::aka_prime(names, Some(network));
        let mut room_of_peer = [0; 1500];
        let Ok(Event::Challenge(challenge)) = peer.receive(request, &mut room_of_peer) else {
            panic!("the card must be asked");
        };
        let said = Outcome::Success {
            res: vector.xres.clone(),
            ck: vector.ck.clone(),
            ik: vector.ik.clone(),
            kc: Kc::new([0; 8]),
        };
        let response = challenge.answer(Ok(said)).expect("room").to_vec();
        let step = server.receive(&response, &mut room).expect("a step");
        assert!(matches!(step, Step::Success(_)), "{step:?}");
        let both = server.keys().into_iter().chain(peer.keys());
        assert_eq!(both.clone().count(), 2);
        for keys in both {
            assert_eq!(hex::encode(keys.k_encr()), case.text("k_encr"));
            assert_eq!(hex::encode(keys.msk()), case.text("msk"));
            assert_eq!(hex::encode(keys.emsk()), case.text("emsk"));
        }
    }
}

#[cfg(feature = "eap")]
mod eap_aka {
    use aka::eap::MkKeys;

    use super::*;

    conformance! { "eap_aka.txt", check:
        keys_of_rfc_4187,
    }

    fn check(case: &Case) {
        let identity = case.text("identity").as_bytes();
        let keys = MkKeys::aka(&case.get("ck"), &case.get("ik"), identity);
        assert_eq!(hex::encode(keys.mk()), case.text("mk"));
        assert_eq!(hex::encode(keys.k_encr()), case.text("k_encr"));
        assert_eq!(hex::encode(keys.k_aut()), case.text("k_aut"));
        assert_eq!(hex::encode(keys.msk()), case.text("msk"));
        assert_eq!(hex::encode(keys.emsk()), case.text("emsk"));
    }
}
