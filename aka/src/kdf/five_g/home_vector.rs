//! What a home gives to the serving side of 5G AKA.

use super::{HomeKeys, Kausf, ResStar, ServingNetworkName};
use crate::{Autn, Rand, network::Vector};

/// A 5G home environment authentication vector, 5G HE AV (TS 33.501 §6.1.3.2).
///
/// ```
/// use aka::{Amf, K, Milenage, Opc, Rand, kdf::five_g::{HomeVector, ServingNetworkName}};
/// # #[cfg(feature = "std")] {
/// use aka::{Imsi, Sqn, network::{Home, MemoryStore, Request}};
///
/// let milenage = Milenage::new(&K::new([1; 16]), &Opc::new([2; 16]));
/// let imsi: Imsi = "001010000000001".parse()?;
/// let home = Home::new(MemoryStore::new().with(imsi, Sqn::ZERO));
/// // in earnest: Rand::generate(getrandom::fill)?
/// let request = Request::new(Rand::new([3; 16]), Amf::SEPARATED);
/// let vector = home.vector(&milenage, &imsi, request)?;
///
/// let network: ServingNetworkName = "5G:mnc001.mcc001.3gppnetwork.org".parse()?;
/// let vector = HomeVector::new(&vector, &network);
/// // what the serving network gets of it, beside RAND and AUTN
/// let (hxres_star, kseaf) = (vector.xres_star.hash(&vector.rand), vector.kausf.kseaf(&network));
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "TS 33.501 §6.1.3.2 closes the set"
)]
pub struct HomeVector {
    /// The challenge.
    pub rand: Rand,
    /// The token that proves the home to the card.
    pub autn: Autn,
    /// What the terminal shall answer.
    pub xres_star: ResStar,
    /// The key of the home, from which all others come.
    pub kausf: Kausf,
}

impl HomeVector {
    /// That of `vector`, whose AMF must have the separation bit ([`Amf::SEPARATED`]), for one
    /// serving network.
    ///
    /// [`Amf::SEPARATED`]: crate::Amf::SEPARATED
    pub fn new(vector: &Vector, network: &ServingNetworkName) -> Self {
        let Vector {
            rand,
            xres,
            ck,
            ik,
            autn,
        } = vector;
        let (kausf, xres_star) = HomeKeys::new(ck, ik, *network).both(rand, autn, xres);
        Self {
            rand: *rand,
            autn: *autn,
            xres_star,
            kausf,
        }
    }
}
