//! What AKA asks of MILENAGE, in terms of TEMP and OUT1 to OUT5.

use crate::{Ak, Amf, Autn, Ck, Ik, Res, Sqn, algorithm::Response};

/// A 128-bit value of TS 35.206, its bit 0 first.
pub(super) type Octets = [u8; 16];

/// Makes the operations of a type with `temp` and `out1` to `out5`, compiled for a set of features.
///
/// Where it stands there must be `load` and `store` for blocks, `halves` (bits 0 to 63 and 64 to
/// 127), and `doubled` (the same 64 bits twice).
macro_rules! operations {
    ($type:ty $(, #[$features:meta])?) => {
        impl $type {
            /// MAC-A and MAC-S for the same SQN and AMF.
            $(#[$features])?
            pub(super) fn macs(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> (Mac, Mac) {
                let temp = self.temp(load(rand.as_bytes()));
                let (mac_a, mac_s) = halves(self.out1(temp, doubled(in1(sqn, amf))));
                (Mac::new(mac_a.to_be_bytes()), Mac::new(mac_s.to_be_bytes()))
            }

            /// AK and AK*.
            $(#[$features])?
            pub(super) fn anonymity_keys(&self, rand: &Rand) -> (Ak, Ak) {
                let temp = self.temp(load(rand.as_bytes()));
                let (ak, _) = halves(self.out2(temp));
                let (ak_star, _) = halves(self.out5(temp));
                (anonymity_key(ak), anonymity_key(ak_star))
            }

            $(#[$features])?
            pub(super) fn respond(&self, rand: &Rand) -> Response {
                let temp = self.temp(load(rand.as_bytes()));
                let (_, res) = halves(self.out2(temp));
                response(res, store(self.out3(temp)), store(self.out4(temp)))
            }

            $(#[$features])?
            pub(super) fn challenge(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> (Autn, Response) {
                let temp = self.temp(load(rand.as_bytes()));
                let (ak, res) = halves(self.out2(temp));
                let (mac, _) = halves(self.out1(temp, doubled(in1(sqn, amf))));
                let response = response(res, store(self.out3(temp)), store(self.out4(temp)));
                (autn(sqn, ak, amf, mac), response)
            }

            $(#[$features])?
            pub(super) fn open_autn(&self, rand: &Rand, autn: &Autn) -> (Sqn, Mac, Response) {
                let temp = self.temp(load(rand.as_bytes()));
                let (ak, res) = halves(self.out2(temp));
                let sqn = masked(Sqn::from_bytes(autn.concealed_sqn()), ak);
                let (mac, _) = halves(self.out1(temp, doubled(in1(sqn, autn.amf()))));
                let response = response(res, store(self.out3(temp)), store(self.out4(temp)));
                (sqn, Mac::new(mac.to_be_bytes()), response)
            }

            $(#[$features])?
            pub(super) fn auts(&self, rand: &Rand, sqn_ms: Sqn) -> Auts {
                let temp = self.temp(load(rand.as_bytes()));
                let (ak_star, _) = halves(self.out5(temp));
                let (_, mac) = halves(self.out1(temp, doubled(in1(sqn_ms, Amf::ZERO))));
                let concealed = masked(sqn_ms, ak_star).to_bytes();
                Auts::from_parts(concealed, Mac::new(mac.to_be_bytes()))
            }

            $(#[$features])?
            pub(super) fn open_auts(&self, rand: &Rand, auts: &Auts) -> (Sqn, Mac) {
                let temp = self.temp(load(rand.as_bytes()));
                let (ak_star, _) = halves(self.out5(temp));
                let sqn = masked(Sqn::from_bytes(auts.concealed_sqn()), ak_star);
                let (_, mac) = halves(self.out1(temp, doubled(in1(sqn, Amf::ZERO))));
                (sqn, Mac::new(mac.to_be_bytes()))
            }
        }
    };
}

pub(super) use operations;

/// Half of the input of f1 and f1*: SQN ‖ AMF.
#[inline]
pub(super) fn in1(sqn: Sqn, amf: Amf) -> u64 {
    sqn.get() << 16 | u64::from(u16::from_be_bytes(*amf.as_bytes()))
}

/// AK, at the front of `out`.
#[inline]
pub(super) fn anonymity_key(out: u64) -> Ak {
    let [ak @ .., _, _] = out.to_be_bytes();
    Ak::new(ak)
}

/// SQN ⊕ AK and back; AK is the first 48 bits of `out`.
#[inline]
pub(super) fn masked(sqn: Sqn, out: u64) -> Sqn {
    Sqn::new(sqn.get() ^ out >> 16).unwrap_or(Sqn::ZERO)
}

/// AUTN, with AK at the front of `out`.
#[inline]
pub(super) fn autn(sqn: Sqn, out: u64, amf: Amf, mac: u64) -> Autn {
    let concealed = in1(masked(sqn, out), amf);
    Autn::new((u128::from(concealed) << 64 | u128::from(mac)).to_be_bytes())
}

#[inline]
pub(super) fn response(res: u64, ck: Octets, ik: Octets) -> Response {
    Response {
        res: Res::from_f2(res.to_be_bytes()),
        ck: Ck::new(ck),
        ik: Ik::new(ik),
    }
}
