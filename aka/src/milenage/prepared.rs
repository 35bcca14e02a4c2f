//! A subscriber with its key expanded, on the best kernel there is.

use core::fmt;

use zeroize::ZeroizeOnDrop;

#[cfg(target_arch = "x86_64")]
use super::x86_64;
use super::{Constants, portable};
#[cfg(target_arch = "x86_64")]
use crate::cpu::AesNi;
use crate::{
    Amf, Autn, Auts, K, Mac, Opc, Rand, Sqn,
    algorithm::{Algorithm, CardAlgorithm, HomeAlgorithm, Response},
};

/// A subscriber's MILENAGE with the key schedule kept: faster for many operations with the same
/// keys, at the price of 200 octets of secrets in memory as long as it lives.
///
/// [`Milenage`](super::Milenage) does the same with the keys only, and expands them each time.
///
/// ```
/// use aka::{K, Opc, Rand, algorithm::Algorithm, milenage::Prepared};
///
/// let subscriber = Prepared::new(&K::new([1; 16]), &Opc::new([2; 16]));
/// let responses = [3, 4, 5].map(|octet| subscriber.respond(&Rand::new([octet; 16])));
/// assert_ne!(responses[0].res.expose(), responses[1].res.expose());
/// ```
#[derive(Clone)]
pub struct Prepared(Kernel);

#[derive(Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "it lives on the stack, and the large one is rare"
)]
enum Kernel {
    #[cfg(target_arch = "x86_64")]
    AesNi(x86_64::Keyed),
    Portable(portable::Keyed),
}

impl Prepared {
    /// Expands `k`; the constants are those of TS 35.206 §4.1.
    pub fn new(k: &K, opc: &Opc) -> Self {
        Self::expand(k, opc, None)
    }

    /// The same with an operator's own constants.
    pub fn with_constants(k: &K, opc: &Opc, constants: Constants) -> Self {
        Self::expand(k, opc, Some(constants))
    }

    #[inline]
    pub(super) fn expand(k: &K, opc: &Opc, own: Option<Constants>) -> Self {
        let (k, opc) = (k.expose(), opc.expose());
        #[cfg(target_arch = "x86_64")]
        if let (None, Some(proof)) = (own, AesNi::detect()) {
            return Self(Kernel::AesNi(x86_64::Keyed::new(proof, k, opc)));
        }
        let constants = own.unwrap_or(Constants::STANDARD);
        Self(Kernel::Portable(portable::Keyed::new(k, opc, constants)))
    }
}

/// The same operation of whichever kernel it is.
macro_rules! on_kernel {
    ($prepared:ident, $keyed:ident => $operation:expr) => {
        match &$prepared.0 {
            #[cfg(target_arch = "x86_64")]
            Kernel::AesNi($keyed) => $operation,
            Kernel::Portable($keyed) => $operation,
        }
    };
}

impl Algorithm for Prepared {
    fn respond(&self, rand: &Rand) -> Response {
        on_kernel!(self, keyed => keyed.respond(rand))
    }
}

impl HomeAlgorithm for Prepared {
    fn challenge(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> (Autn, Response) {
        on_kernel!(self, keyed => keyed.challenge(rand, sqn, amf))
    }

    fn open_auts(&self, rand: &Rand, auts: &Auts) -> (Sqn, Mac) {
        on_kernel!(self, keyed => keyed.open_auts(rand, auts))
    }
}

impl CardAlgorithm for Prepared {
    fn open_autn(&self, rand: &Rand, autn: &Autn) -> (Sqn, Mac, Response) {
        on_kernel!(self, keyed => keyed.open_autn(rand, autn))
    }

    fn auts(&self, rand: &Rand, sqn_ms: Sqn) -> Auts {
        on_kernel!(self, keyed => keyed.auts(rand, sqn_ms))
    }
}

/// Both kernels wipe what they hold.
impl ZeroizeOnDrop for Prepared {}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared([redacted])")
    }
}
