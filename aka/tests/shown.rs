//! Nothing that holds a secret prints it, neither as a value nor in an error.

use std::fmt::{Debug, Display};

use aka::{
    Ak, Amf, Autn, Auts, Ck, Ik, Imsi, K, Kc, Milenage, MncLength, Op, Opc, Rand, Res, Sqn, Sres,
    algorithm::{Algorithm as _, CardAlgorithm as _},
    card::Card,
    eap::{MkKeys, Nai, SessionKeys},
    gba::Terminal,
    http_digest::{AkaNonce, Cnonce, Password, base64},
    kdf::{
        eap_prime::{EapKeys, prime_keys},
        eps,
        five_g::{AccessType, HomeKeys, HomeVector, ServingNetworkName},
        gba::{Ks, NafId, NafKey, UaProtocol},
        gsm,
    },
    milenage::Prepared,
    network::{Home, MemoryStore, Request},
    suci::{HomeKey, HomePublicKey, NullScheme},
    tuak::{Functions, Key, Lengths},
    xor::Xor,
};

const IMSI: &str = "001010000000001";
const IMPI: &str = "001010000000001@ims.mnc001.mcc001.3gppnetwork.org";

/// What was printed, without white space, and what must not be in it.
#[derive(Default)]
struct Shown {
    text: String,
    secrets: Vec<Vec<u8>>,
}

impl Shown {
    fn print(&mut self, text: &str) {
        self.text
            .extend(text.chars().filter(|char| !char.is_whitespace()));
    }

    fn value(&mut self, value: &impl Debug) {
        self.print(&format!("{value:?} {value:#?}"));
    }

    /// A secret that `value` holds.
    fn holds(&mut self, value: &impl Debug, secret: &[u8]) {
        self.value(value);
        self.secrets.push(secret.to_vec());
    }

    fn error<T: Debug, E: Debug + Display>(&mut self, result: Result<T, E>) {
        let error = result.expect_err("it is wrong");
        self.print(&format!("{error} {error:?} {error:#?}"));
    }

    fn assert_clean(&self) {
        for secret in &self.secrets {
            assert!(!shows(&self.text, secret), "{}", self.text);
            // the search fails where it must
            for form in forms(secret) {
                assert!(shows(&format!("{}{form}", self.text), secret), "{form}");
            }
        }
    }
}

fn forms(secret: &[u8]) -> Vec<String> {
    let list: Vec<String> = secret.iter().map(u8::to_string).collect();
    let padded = base64(secret);
    let mut forms = vec![
        hex::encode(secret),
        hex::encode_upper(secret),
        list.join(","),
        padded.trim_end_matches('=').to_owned(),
    ];
    forms.extend(std::str::from_utf8(secret).map(str::to_owned));
    forms
}

fn shows(text: &str, secret: &[u8]) -> bool {
    forms(secret).iter().any(|form| text.contains(form))
}

/// Octets that are nobody else's.
fn octets<const N: usize>(seed: u8) -> [u8; N] {
    std::array::from_fn(|index| {
        let index = u8::try_from(index).expect("it is short");
        index.wrapping_mul(67).wrapping_add(seed) ^ 0x5a
    })
}

fn milenage() -> Milenage {
    Milenage::new(&K::new(octets(1)), &Opc::new(octets(2)))
}

#[test]
fn algorithms_and_the_parties_of_aka() {
    let mut shown = Shown::default();
    let (k, opc) = (K::new(octets(1)), Opc::new(octets(2)));
    shown.holds(&k, k.expose());
    shown.holds(&opc, opc.expose());
    shown.holds(&Op::new(octets(3)), &octets::<16>(3));
    shown.value(&milenage());
    shown.value(&Prepared::new(&k, &opc));
    shown.value(&Xor::new(&k));
    let key = Key::from_slice(&octets::<32>(4)).unwrap();
    shown.holds(&key, key.expose());
    let top = aka::tuak::Top::new(octets(5));
    shown.holds(&top, top.expose());
    let topc = aka::tuak::Topc::derive(&key, &top, std::num::NonZeroU8::MIN);
    shown.holds(&topc, topc.expose());
    let tuak = Functions::new(&key, &topc, Lengths::default(), std::num::NonZeroU8::MIN);
    shown.value(&tuak);
    let rand = Rand::new(octets(6));
    for output in [tuak.f2(&rand), tuak.f3(&rand), tuak.f4(&rand)] {
        shown.holds(&output, output.expose());
    }

    let imsi: Imsi = IMSI.parse().unwrap();
    shown.holds(&imsi, imsi.as_str().as_bytes());
    let home = Home::new(MemoryStore::new().with(imsi, Sqn::ZERO));
    shown.value(&home);
    let request = Request::new(rand, Amf::SEPARATED);
    shown.holds(&request, rand.as_bytes());
    let vector = home.vector(&milenage(), &imsi, request).unwrap();
    shown.holds(&vector, vector.xres.expose());
    shown.holds(&vector.autn, vector.autn.as_bytes());
    let mut card = Card::default();
    let outcome = card.authenticate(&milenage(), &rand, &vector.autn);
    shown.value(&outcome);
    shown.value(&card);
    let again = card.authenticate(&milenage(), &rand, &vector.autn);
    shown.value(&again);
    let auts = milenage().auts(&rand, Sqn::new(0x1234_5678).unwrap());
    shown.holds(&auts, auts.as_bytes());
    shown.error(card.authenticate(&milenage(), &rand, &Autn::new(octets(7))));
    shown.error(home.resynchronise(&milenage(), &imsi, &rand, &Auts::new(octets(8))));
    shown.error(home.vector(&milenage(), &"99999123456".parse().unwrap(), request));
    shown.assert_clean();
}

#[test]
fn keys_that_are_derived() {
    let mut shown = Shown::default();
    let rand = Rand::new(octets(1));
    let autn = Autn::new(octets(2));
    let response = milenage().respond(&rand);
    let (res, ck, ik) = (
        response.res.clone(),
        response.ck.clone(),
        response.ik.clone(),
    );
    shown.value(&response);
    shown.holds(&res, res.expose());
    shown.holds(&ck, ck.expose());
    shown.holds(&ik, ik.expose());
    let kc = gsm::c3(&ck, &ik);
    shown.holds(&kc, kc.expose());
    let sres = gsm::sres(&res, gsm::SresFunction::Folded);
    shown.holds(&sres, sres.expose());

    let imsi: Imsi = IMSI.parse().unwrap();
    let plmn = imsi.plmn(MncLength::Two);
    let kasme = eps::kasme(&ck, &ik, &plmn, &autn);
    let kenb = kasme.kenb(7);
    let nh = kasme.first_nh(&kenb);
    let traffic = kenb.algorithm_key(eps::AlgorithmKey::RrcIntegrity, 2);
    shown.holds(&kasme, kasme.expose());
    shown.holds(&kenb, kenb.expose());
    shown.holds(&nh, nh.expose());
    shown.holds(&traffic, traffic.expose());

    let network = ServingNetworkName::from(&plmn);
    let keys = HomeKeys::new(&ck, &ik, network);
    let (kausf, res_star) = keys.both(&rand, &autn, &res);
    let kseaf = kausf.kseaf(&network);
    let kamf = kseaf.kamf(IMSI, &[0, 0]);
    let kgnb = kamf.kgnb(7, AccessType::ThreeGpp);
    let kakma = kausf.kakma(IMSI);
    let kaf = kakma.kaf("af.example.com", UaProtocol::HTTP_DIGEST);
    shown.value(&keys);
    shown.holds(&kausf, kausf.expose());
    shown.holds(&res_star, res_star.expose());
    shown.holds(&kseaf, kseaf.expose());
    shown.holds(&kamf, kamf.expose());
    shown.holds(&kgnb, kgnb.expose());
    shown.holds(&kakma, kakma.expose());
    shown.holds(&kaf, kaf.expose());
    shown.value(&kgnb.radio_keys(1, 2));
    let home = Home::new(MemoryStore::new().with(imsi, Sqn::ZERO));
    let vector = home.vector(&milenage(), &imsi, Request::new(rand, Amf::SEPARATED));
    shown.value(&HomeVector::new(&vector.unwrap(), &network));
    shown.assert_clean();
}

#[test]
fn keys_of_eap() {
    let mut shown = Shown::default();
    let autn = Autn::new(octets(2));
    let response = milenage().respond(&Rand::new(octets(1)));
    let (ck, ik) = (response.ck, response.ik);

    let keys = MkKeys::aka(&ck, &ik, IMSI.as_bytes());
    shown.holds(&keys, keys.mk());
    shown
        .secrets
        .extend([keys.k_encr().to_vec(), keys.k_aut().to_vec()]);
    shown
        .secrets
        .extend([keys.msk().to_vec(), keys.emsk().to_vec()]);
    let (ck_prime, ik_prime) = prime_keys(&ck, &ik, b"WLAN", &autn);
    shown.holds(&ck_prime, ck_prime.expose());
    shown.holds(&ik_prime, ik_prime.expose());
    let keys = EapKeys::derive(&ck_prime, &ik_prime, IMSI.as_bytes());
    shown.holds(&keys, keys.k_re());
    shown
        .secrets
        .extend([keys.msk().to_vec(), keys.emsk().to_vec()]);
    let session = SessionKeys::aka(&ck, &ik, IMSI.as_bytes());
    shown.holds(&session, session.k_encr());
    shown.value(&session.mac_key());
    shown.holds(&Nai::new(IMPI.as_bytes()), IMPI.as_bytes());
    shown.assert_clean();
}

#[test]
fn gba_and_http_digest() {
    let mut shown = Shown::default();
    let rand = Rand::new(octets(1));
    let autn = Autn::new(octets(2));
    let response = milenage().respond(&rand);
    let (res, ck, ik) = (response.res, response.ck, response.ik);
    let ks = Ks::new(&ck, &ik);
    let ua = UaProtocol::HTTP_DIGEST;
    let naf = NafId {
        fqdn: "naf.example.com",
        ua,
    };
    let ks_naf = ks.naf_key(NafKey::Me, &rand, IMPI, naf);
    let tmpi = ks.tmpi(&rand, IMPI, "bsf.example.com");
    shown.holds(&ks, ck.expose());
    shown.secrets.push(ik.expose().to_vec());
    shown.holds(&ks_naf, ks_naf.expose());
    shown.holds(&tmpi, tmpi.as_str().as_bytes());
    for password in [Password::of_res(&res), Password::akav2(&res, &ik, &ck)] {
        shown.holds(&password, res.expose());
    }
    shown.value(&Password::of_ks_naf(&ks_naf));

    let nonce = AkaNonce::new(rand, autn, Vec::new());
    shown.holds(&nonce, rand.as_bytes());
    shown.holds(&nonce.text(), nonce.text().as_str().as_bytes());
    let terminal = || Terminal::new(IMPI, "bsf.example.com", "/").unwrap();
    shown.holds(&terminal(), IMPI.as_bytes());
    shown.error(terminal().challenged(&hex::encode(octets::<16>(1))));
    let challenge = format!(
        "Digest realm=\"bsf.example.com\", nonce=\"{}\", algorithm=AKAv1-MD5, qop=\"auth-int\"",
        nonce.text().as_str()
    );
    let challenged = terminal().challenged(&challenge).unwrap();
    shown.value(&challenged);
    shown.value(&challenged.answer(&res, Cnonce::new(octets(3))));
    shown.assert_clean();
}

#[test]
fn concealed_identities() {
    let mut shown = Shown::default();
    let private = HomeKey::profile_a(octets(4));
    shown.holds(&private, &octets::<32>(4));
    shown.value(&HomePublicKey::profile_a(octets(5)));
    shown.error(private.reveal(&octets::<60>(4), &mut [0; 40]));
    shown.error(HomeKey::profile_b(&[0xff; 32]));
    shown.value(&NullScheme::Refuse);
    shown.assert_clean();
}

#[test]
fn errors_of_texts_and_octets_that_are_wrong() {
    let mut shown = Shown::default();
    let digits = hex::encode(octets::<16>(9));
    let wrong = format!("{}g", &digits[..31]);
    shown.secrets.push(wrong.as_bytes().to_vec());
    shown.secrets.push(octets::<15>(9).to_vec());
    macro_rules! refuse {
        ($($type:ty),+) => {$(
            shown.error(wrong.parse::<$type>());
            shown.error(<$type>::from_slice(&octets::<15>(9)));
        )+};
    }
    refuse!(K, Op, Opc, Ck, Ik, Ak, Kc, Sres, Rand, Autn, Amf);
    shown.error(wrong.parse::<Res>());
    shown.error(Res::from_slice(&octets::<17>(9)));
    shown.error(wrong.parse::<Imsi>());
    shown.error(wrong.parse::<Sqn>());
    shown.error(wrong.parse::<ServingNetworkName>());
    shown.error(Key::from_slice(&octets::<15>(9)));
    shown.assert_clean();
}
