//! The test algorithm of TS 34.108 §8.1.2, which every test USIM has. **It protects nothing**: one
//! look at a challenge and its answer gives K away. Hence the feature's name.

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    Ak, Amf, Autn, Auts, Ck, Ik, K, Mac, Rand, Res, Sqn,
    algorithm::{Algorithm, CardAlgorithm, HomeAlgorithm, Response},
    challenge::{conceal, reveal},
};

/// One test subscriber's XOR algorithm; RES has 16 octets.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Xor(u128);

impl Xor {
    /// The functions under `k`.
    pub fn new(k: &K) -> Self {
        Self(u128::from_be_bytes(*k.expose()))
    }

    /// XDOUT = K ⊕ RAND.
    fn xdout(&self, rand: &Rand) -> Zeroizing<u128> {
        Zeroizing::new(self.0 ^ u128::from_be_bytes(*rand.as_bytes()))
    }
}

impl Algorithm for Xor {
    fn respond(&self, rand: &Rand) -> Response {
        let xdout = self.xdout(rand);
        Response {
            res: Res::from_slice(&xdout.to_be_bytes()).expect("16 octets are allowed"),
            ck: Ck::new(xdout.rotate_left(8).to_be_bytes()),
            ik: Ik::new(xdout.rotate_left(16).to_be_bytes()),
        }
    }
}

impl HomeAlgorithm for Xor {
    fn challenge(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> (Autn, Response) {
        let xdout = self.xdout(rand);
        let concealed = conceal(sqn, &anonymity_key(&xdout));
        let autn = Autn::from_parts(concealed, amf, mac(&xdout, sqn, amf));
        (autn, self.respond(rand))
    }

    fn open_auts(&self, rand: &Rand, auts: &Auts) -> (Sqn, Mac) {
        let xdout = self.xdout(rand);
        let sqn = reveal(auts.concealed_sqn(), &anonymity_key(&xdout));
        (sqn, mac(&xdout, sqn, Amf::ZERO))
    }
}

impl CardAlgorithm for Xor {
    fn open_autn(&self, rand: &Rand, autn: &Autn) -> (Sqn, Mac, Response) {
        let xdout = self.xdout(rand);
        let sqn = reveal(autn.concealed_sqn(), &anonymity_key(&xdout));
        (sqn, mac(&xdout, sqn, autn.amf()), self.respond(rand))
    }

    fn auts(&self, rand: &Rand, sqn_ms: Sqn) -> Auts {
        let xdout = self.xdout(rand);
        let concealed = conceal(sqn_ms, &anonymity_key(&xdout));
        Auts::from_parts(concealed, mac(&xdout, sqn_ms, Amf::ZERO))
    }
}

impl fmt::Debug for Xor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Xor([redacted])")
    }
}

/// f1 and f1*: the first 64 bits of XDOUT, and SQN ‖ AMF.
fn mac(xdout: &u128, sqn: Sqn, amf: Amf) -> Mac {
    let amf = u16::from_be_bytes(*amf.as_bytes());
    let cdout = sqn.get() << 16 | u64::from(amf);
    let [mac @ .., _, _, _, _, _, _, _, _] = (xdout ^ u128::from(cdout) << 64).to_be_bytes();
    Mac::new(mac)
}

/// f5 and f5*: bits 24 to 71 of XDOUT.
fn anonymity_key(xdout: &u128) -> Ak {
    let [_, _, _, ak @ .., _, _, _, _, _, _, _] = xdout.to_be_bytes();
    Ak::new(ak)
}
