//! A subscriber with its key expanded, on the best kernel there is.

use core::fmt;

use zeroize::ZeroizeOnDrop;

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
use super::aarch64;
#[cfg(target_arch = "x86_64")]
use super::x86_64;
use super::{Constants, portable};
#[cfg(target_arch = "x86_64")]
use crate::cpu::AesNi;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
use crate::cpu::Armv8Aes;
use crate::{
    Ak, Amf, Autn, Auts, K, Mac, Opc, Rand, Sqn,
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
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    Armv8(aarch64::Keyed),
    Portable(portable::Keyed),
}

/// The same operation of whichever kernel it is.
macro_rules! on_kernel {
    ($prepared:ident, $keyed:ident => $operation:expr) => {
        match &$prepared.0 {
            #[cfg(target_arch = "x86_64")]
            Kernel::AesNi($keyed) => $operation,
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Kernel::Armv8($keyed) => $operation,
            Kernel::Portable($keyed) => $operation,
        }
    };
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
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        if let (None, Some(proof)) = (own, Armv8Aes::detect()) {
            return Self(Kernel::Armv8(aarch64::Keyed::new(proof, k, opc)));
        }
        let constants = own.unwrap_or(Constants::STANDARD);
        Self(Kernel::Portable(portable::Keyed::new(k, opc, constants)))
    }

    /// MAC-A and MAC-S for the same SQN and AMF.
    pub(super) fn macs(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> (Mac, Mac) {
        on_kernel!(self, keyed => keyed.macs(rand, sqn, amf))
    }

    /// AK and AK*.
    pub(super) fn anonymity_keys(&self, rand: &Rand) -> (Ak, Ak) {
        on_kernel!(self, keyed => keyed.anonymity_keys(rand))
    }
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

/// All kernels wipe what they hold.
impl ZeroizeOnDrop for Prepared {}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use std::{string::ToString as _, vec::Vec};

    use proptest::prelude::*;

    use super::*;

    /// The subscriber on every kernel that this processor has, but for the portable one.
    fn kernels(k: &[u8; 16], opc: &[u8; 16]) -> Vec<Prepared> {
        #[cfg(target_arch = "x86_64")]
        let kernel = AesNi::detect().map(|proof| Kernel::AesNi(x86_64::Keyed::new(proof, k, opc)));
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        let kernel =
            Armv8Aes::detect().map(|proof| Kernel::Armv8(aarch64::Keyed::new(proof, k, opc)));
        #[cfg(not(any(
            target_arch = "x86_64",
            all(target_arch = "aarch64", target_endian = "little")
        )))]
        let kernel = None;
        kernel.into_iter().map(Prepared).collect()
    }

    /// Everything that a kernel computes, in a form that compares.
    fn all_of(prepared: &Prepared, rand: &Rand, sqn: Sqn, amf: Amf, token: [u8; 16]) -> Vec<u8> {
        let autn = Autn::new(token);
        let [auts @ .., _, _] = token;
        let (mac_a, mac_s) = prepared.macs(rand, sqn, amf);
        let (ak, ak_star) = prepared.anonymity_keys(rand);
        let (made, expected) = prepared.challenge(rand, sqn, amf);
        let (opened, code, answer) = prepared.open_autn(rand, &autn);
        let (ms, mac) = prepared.open_auts(rand, &Auts::new(auts));
        let alone = prepared.respond(rand);
        let mut all = [
            &mac_a.as_bytes()[..],
            mac_s.as_bytes(),
            ak.expose(),
            ak_star.expose(),
            made.as_bytes(),
            &opened.to_bytes(),
            code.as_bytes(),
            prepared.auts(rand, sqn).as_bytes(),
            &ms.to_bytes(),
            mac.as_bytes(),
        ]
        .concat();
        for response in [expected, answer, alone] {
            all.extend(response.res.expose());
            all.extend(response.ck.expose());
            all.extend(response.ik.expose());
        }
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn every_kernel_computes_what_the_portable_one_does(
            k: [u8; 16], opc: [u8; 16], rand: [u8; 16], sqn in 0..1_u64 << 48, amf: [u8; 2],
            token: [u8; 16],
        ) {
            let standard = Constants::STANDARD;
            let portable = Prepared(Kernel::Portable(portable::Keyed::new(&k, &opc, standard)));
            let (rand, sqn, amf) = (Rand::new(rand), Sqn::new(sqn).unwrap(), Amf::new(amf));
            let expected = all_of(&portable, &rand, sqn, amf, token);
            for kernel in kernels(&k, &opc) {
                prop_assert_eq!(all_of(&kernel, &rand, sqn, amf, token), expected.clone());
            }
        }
    }

    #[test]
    fn a_processor_with_the_instructions_has_their_kernel_chosen() {
        let chosen = Prepared::new(&K::new([1; 16]), &Opc::new([2; 16]));
        let portable = matches!(chosen.0, Kernel::Portable(_));
        assert_eq!(portable, kernels(&[1; 16], &[2; 16]).is_empty());
        let own = Constants::new([[7; 16]; 5], [1, 2, 3, 4, 5]).map_err(|wrong| wrong.to_string());
        let own = Prepared::with_constants(&K::new([1; 16]), &Opc::new([2; 16]), own.unwrap());
        assert!(matches!(own.0, Kernel::Portable(_)));
    }
}
