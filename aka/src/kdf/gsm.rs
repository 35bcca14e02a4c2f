//! GSM: the conversion functions c2 to c5 (TS 33.102 §6.8.1.2) and the SRES functions
//! of GSM-MILENAGE (TS 55.205 §4). The function c1 is the identity: a GSM RAND is a UMTS RAND.

use zeroize::Zeroizing;

use crate::{Ck, Ik, Kc, Res, Sres};

/// How SRES comes from RES: the operator's choice (TS 55.205 §4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "TS 55.205 §4 closes the set")]
pub enum SresFunction {
    /// Number 1: the four quarters of the zero-padded RES added modulo 2, which is c2.
    #[default]
    Folded,
    /// Number 2: the first four octets of RES.
    Truncated,
}

/// SRES = c2(RES), or the alternative.
///
/// ```
/// use aka::{Res, kdf::gsm::{self, SresFunction}};
///
/// let res: Res = "a54211d5e3ba50bf".parse()?;
/// assert_eq!(format!("{:x}", gsm::sres(&res, SresFunction::Folded).expose_hex()), "46f8416a");
/// assert_eq!(format!("{:x}", gsm::sres(&res, SresFunction::Truncated).expose_hex()), "a54211d5");
/// # Ok::<(), aka::InvalidHex>(())
/// ```
pub fn sres(res: &Res, function: SresFunction) -> Sres {
    let quarters = match function {
        SresFunction::Folded => 4,
        SresFunction::Truncated => 1,
    };
    let mut sres = Zeroizing::new([0; 4]);
    for quarter in res.expose().chunks(4).take(quarters) {
        for (octet, part) in sres.iter_mut().zip(quarter) {
            *octet ^= part;
        }
    }
    Sres::new(*sres)
}

/// Kc = c3(CK, IK): the four halves added modulo 2.
pub fn c3(ck: &Ck, ik: &Ik) -> Kc {
    let sum = u128::from_be_bytes(*ck.expose()) ^ u128::from_be_bytes(*ik.expose());
    let sum = Zeroizing::new((sum ^ sum.rotate_left(64)).to_be_bytes());
    let [kc @ .., _, _, _, _, _, _, _, _] = *sum;
    Kc::new(kc)
}

/// CK = c4(Kc) = Kc ‖ Kc.
pub fn c4(kc: &Kc) -> Ck {
    let half = u128::from(u64::from_be_bytes(*kc.expose()));
    Ck::new((half << 64 | half).to_be_bytes())
}

/// IK = c5(Kc) = Kc1 ⊕ Kc2 ‖ Kc ‖ Kc1 ⊕ Kc2, Kc1 and Kc2 being the halves of Kc.
pub fn c5(kc: &Kc) -> Ik {
    let kc = u64::from_be_bytes(*kc.expose());
    let edge = u128::from((kc >> 32) ^ (kc & 0xffff_ffff));
    Ik::new((edge << 96 | u128::from(kc) << 32 | edge).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    #[test]
    fn c2_folds_a_res_of_any_size_as_if_padded_with_zeros() {
        let res = |hex: &str| hex.parse::<Res>().unwrap();
        let folded = |hex| format!("{:x}", sres(&res(hex), SresFunction::Folded).expose_hex());
        assert_eq!(folded("01020304"), "01020304");
        assert_eq!(folded("0102030410"), "11020304");
        assert_eq!(folded("0102030410203040f0f0f0f011111111"), "f0c3d2a5");
    }

    #[test]
    fn c4_and_c5_repeat_and_mix_kc() {
        let kc: Kc = "0123456789abcdef".parse().unwrap();
        assert_eq!(
            format!("{:x}", c4(&kc).expose_hex()),
            "0123456789abcdef0123456789abcdef"
        );
        assert_eq!(
            format!("{:x}", c5(&kc).expose_hex()),
            "888888880123456789abcdef88888888"
        );
    }

    #[test]
    fn c3_undoes_c4_and_c5() {
        let kc: Kc = "eae4be823af9a08b".parse().unwrap();
        assert_eq!(c3(&c4(&kc), &c5(&kc)).expose(), kc.expose());
    }
}
