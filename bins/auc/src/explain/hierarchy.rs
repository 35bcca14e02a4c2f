//! The keys that the systems make of a vector, each with its S.

use aka::{Imsi, MncLength, Plmn, kdf::five_g::ServingNetworkName, network::Vector};

use super::Derivation;

/// Who asks for what: everything that enters the derivations beside the vector.
#[derive(Clone, Debug)]
pub struct Hierarchy<'a> {
    imsi: &'a Imsi,
    home: Plmn,
    serving: Plmn,
    access_network: &'a str,
    naf: Option<Naf<'a>>,
}

/// A network application function, or an application function of AKMA, and its protocol.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "TS 33.220 §B.3 closes the set")]
pub struct Naf<'a> {
    /// Its domain name.
    pub fqdn: &'a str,
    /// The Ua security protocol identifier.
    pub ua: [u8; 5],
}

impl<'a> Hierarchy<'a> {
    /// For a subscriber at home, over WLAN.
    pub fn new(imsi: &'a Imsi, mnc_length: MncLength) -> Self {
        let home = imsi.plmn(mnc_length);
        Self {
            imsi,
            home,
            serving: home,
            access_network: "WLAN",
            naf: None,
        }
    }

    /// The same elsewhere.
    #[must_use]
    pub fn with_serving(self, serving: Plmn) -> Self {
        Self { serving, ..self }
    }

    /// The same over another access network of EAP-AKA' (TS 24.302 §8.1.1).
    #[must_use]
    pub fn with_access_network(self, access_network: &'a str) -> Self {
        Self {
            access_network,
            ..self
        }
    }

    /// With keys for an application.
    #[must_use]
    pub fn with_naf(self, naf: Naf<'a>) -> Self {
        let naf = Some(naf);
        Self { naf, ..self }
    }

    /// Every derivation from the vector on.
    pub fn derivations(&self, vector: &Vector) -> Vec<Derivation> {
        let ck_ik = &[&vector.ck.expose()[..], vector.ik.expose()].concat();
        let ck_ik = &zeroize::Zeroizing::new(ck_ik.clone());
        let mut all = self.eps(vector, ck_ik);
        all.extend(self.five_g(vector, ck_ik));
        all.extend(self.eap_prime(vector, ck_ik));
        if let Some(naf) = self.naf {
            all.extend(self.gba(vector, ck_ik, naf));
        }
        all
    }

    /// TS 33.401 Annex A.
    fn eps(&self, vector: &Vector, ck_ik: &[u8]) -> Vec<Derivation> {
        let concealed = vector.autn.concealed_sqn();
        let plmn = self.serving.to_bytes();
        let kasme = Derivation::kdf("KASME", ck_ik, 0x10, &[&plmn, &concealed]);
        let key = kasme.expose_output();
        let kenb = Derivation::kdf("KeNB", &key, 0x11, &[&[0; 4]]);
        let nh = Derivation::kdf("NH (EPS)", &key, 0x12, &[&kenb.expose_output()]);
        let nas = |name, kind| Derivation::kdf_128(name, &key, 0x15, &[&[kind], &[2]]);
        let keys = [nas("KNASenc (EEA2)", 1), nas("KNASint (EIA2)", 2)];
        [kasme, kenb, nh].into_iter().chain(keys).collect()
    }

    /// TS 33.501 Annex A, and TS 33.535 Annex A.
    fn five_g(&self, vector: &Vector, ck_ik: &[u8]) -> Vec<Derivation> {
        let (name, supi) = (ServingNetworkName::from(&self.serving), self.supi());
        let (name, rand) = (name.as_str().as_bytes(), vector.rand.as_bytes());
        let concealed = vector.autn.concealed_sqn();
        let kausf = Derivation::kdf("KAUSF", ck_ik, 0x6a, &[name, &concealed]);
        let xres = [name, rand, vector.xres.expose()];
        let xres_star = Derivation::kdf_128("XRES*", ck_ik, 0x6b, &xres);
        let hxres_star = Derivation::hash_128("HXRES*", &[rand, &xres_star.expose_output()]);
        let key = kausf.expose_output();
        let kseaf = Derivation::kdf("KSEAF", &key, 0x6c, &[name]);
        let kamf = Derivation::kdf("KAMF", &kseaf.expose_output(), 0x6d, &[supi, &[0, 0]]);
        let kakma = Derivation::kdf("KAKMA", &key, 0x80, &[b"AKMA", supi]);
        let a_tid = Derivation::kdf("A-TID", &key, 0x81, &[b"A-TID", supi]);
        let below = below_kamf(&kamf.expose_output());
        [kausf, xres_star, hxres_star, kseaf, kamf]
            .into_iter()
            .chain(below)
            .chain([kakma, a_tid])
            .collect()
    }

    /// TS 33.402 Annex A, and RFC 9048 §3.3 for the permanent identity.
    fn eap_prime(&self, vector: &Vector, ck_ik: &[u8]) -> [Derivation; 2] {
        let concealed = vector.autn.concealed_sqn();
        let name = self.access_network.as_bytes();
        let primes = Derivation::kdf("CK'IK'", ck_ik, 0x20, &[name, &concealed]);
        // PRF' takes IK' first
        let mut key = primes.expose_output();
        key.rotate_left(16);
        let realm = self.domain("nai.epc");
        let identity = format!("6{}@{realm}", self.imsi.as_str());
        let parts: [&[u8]; 2] = [b"EAP-AKA'", identity.as_bytes()];
        [primes, Derivation::prf("MK (EAP-AKA')", &key, &parts, 208)]
    }

    /// TS 33.220 §B.3, and TS 33.535 §A.4.
    fn gba(&self, vector: &Vector, ck_ik: &[u8], naf: Naf<'_>) -> [Derivation; 3] {
        let impi = format!("{}@{}", self.imsi.as_str(), self.domain("ims"));
        let id = [naf.fqdn.as_bytes(), &naf.ua].concat();
        let parameters = |label| [label, &vector.rand.as_bytes()[..], impi.as_bytes(), &id];
        let kausf = self.five_g(vector, ck_ik).into_iter();
        let mut kakma = kausf.filter(|derivation| derivation.name() == "KAKMA");
        let kakma = kakma.next().map(|kakma| kakma.expose_output());
        [
            Derivation::kdf("Ks_NAF", ck_ik, 0x01, &parameters(b"gba-me")),
            Derivation::kdf("Ks_int_NAF", ck_ik, 0x01, &parameters(b"gba-u")),
            Derivation::kdf("KAF", &kakma.unwrap_or_default(), 0x82, &[&id]),
        ]
    }

    fn supi(&self) -> &[u8] {
        self.imsi.as_str().as_bytes()
    }

    /// TS 23.003 §13.2, §19.2.
    fn domain(&self, what: &str) -> String {
        let (mcc, mnc) = (self.home.mcc(), self.home.mnc());
        format!("{what}.mnc{mnc:0>3}.mcc{mcc}.3gppnetwork.org")
    }
}

fn below_kamf(kamf: &[u8]) -> [Derivation; 4] {
    let kgnb = Derivation::kdf("KgNB", kamf, 0x6e, &[&[0; 4], &[1]]);
    let nh = Derivation::kdf("NH (5GS)", kamf, 0x6f, &[&kgnb.expose_output()]);
    let nas = |name, kind| Derivation::kdf_128(name, kamf, 0x69, &[&[kind], &[2]]);
    let keys = [nas("KNASenc (NEA2)", 1), nas("KNASint (NIA2)", 2)];
    let [encryption, integrity] = keys;
    [kgnb, nh, encryption, integrity]
}

#[cfg(test)]
mod tests;
