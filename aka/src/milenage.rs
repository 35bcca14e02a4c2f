//! MILENAGE, the example algorithm set that nearly every operator uses (TS 35.205, TS 35.206).

mod constants;
mod portable;

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

pub use constants::{Constants, InvalidConstants};

use crate::{
    Ak, Amf, Autn, Auts, Ck, Ik, K, Mac, Op, Opc, Rand, Res, Sqn,
    algorithm::{Algorithm, CardAlgorithm, HomeAlgorithm, Response},
    challenge::{conceal, reveal},
};
use constants::Pair;
use portable::Cipher;

/// A 128-bit value of TS 35.206, its bit 0 the most significant one; wiped on drop.
type Block = Zeroizing<u128>;

/// One subscriber's MILENAGE: f1 to f5, f1* and f5* under K and OPc.
///
/// The key schedule is computed once, here; the combined operations of [`HomeAlgorithm`] and
/// [`CardAlgorithm`] compute TEMP once.
///
/// ```
/// use aka::{K, Milenage, Op, Opc, Rand};
///
/// // TS 35.208 §4.3, test set 1
/// let k: K = "465b5ce8b199b49faa5f0a2ee238a6bc".parse()?;
/// let op: Op = "cdc202d5123e20f62b6d676ac72cb318".parse()?;
/// let rand: Rand = "23553cbe9637a89d218ae64dae47bf35".parse()?;
///
/// let milenage = Milenage::new(&k, &Opc::derive(&k, &op));
/// assert_eq!(format!("{:x}", milenage.f2(&rand).expose_hex()), "a54211d5e3ba50bf");
/// # Ok::<(), aka::InvalidHex>(())
/// ```
#[derive(Clone, ZeroizeOnDrop)]
pub struct Milenage {
    cipher: Cipher,
    opc: u128,
    #[zeroize(skip)]
    constants: Constants,
}

impl Milenage {
    /// Expands `k`; the constants are those of TS 35.206 §4.1.
    pub fn new(k: &K, opc: &Opc) -> Self {
        Self::with_constants(k, opc, Constants::STANDARD)
    }

    /// The same with an operator's own constants.
    pub fn with_constants(k: &K, opc: &Opc, constants: Constants) -> Self {
        Self {
            cipher: Cipher::new(k.expose()),
            opc: u128::from_be_bytes(*opc.expose()),
            constants,
        }
    }

    /// The network authentication function: MAC-A.
    pub fn f1(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> Mac {
        mac_a(&self.out1(&self.temp(rand), sqn, amf))
    }

    /// The resynchronisation message authentication function: MAC-S; AUTS takes [`Amf::ZERO`].
    pub fn f1_star(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> Mac {
        mac_s(&self.out1(&self.temp(rand), sqn, amf))
    }

    /// The user authentication function: RES, 8 octets.
    pub fn f2(&self, rand: &Rand) -> Res {
        res(&self.out2(&self.temp(rand)))
    }

    /// The cipher key derivation function: CK.
    pub fn f3(&self, rand: &Rand) -> Ck {
        Ck::new(self.out3(&self.temp(rand)).to_be_bytes())
    }

    /// The integrity key derivation function: IK.
    pub fn f4(&self, rand: &Rand) -> Ik {
        Ik::new(self.out4(&self.temp(rand)).to_be_bytes())
    }

    /// The anonymity key derivation function: AK.
    pub fn f5(&self, rand: &Rand) -> Ak {
        anonymity_key(&self.out2(&self.temp(rand)))
    }

    /// The anonymity key derivation function for resynchronisation: AK*.
    pub fn f5_star(&self, rand: &Rand) -> Ak {
        anonymity_key(&self.out5(&self.temp(rand)))
    }

    /// TEMP = E(RAND ⊕ OPc).
    fn temp(&self, rand: &Rand) -> Block {
        self.encrypt(u128::from_be_bytes(*rand.as_bytes()) ^ self.opc)
    }

    /// OUT1 = E(TEMP ⊕ rot(IN1 ⊕ OPc, r1) ⊕ c1) ⊕ OPc, where IN1 = SQN ‖ AMF ‖ SQN ‖ AMF.
    fn out1(&self, temp: &Block, sqn: Sqn, amf: Amf) -> Block {
        let half = u128::from(sqn.get()) << 16 | u128::from(u16::from_be_bytes(*amf.as_bytes()));
        let in1 = half << 64 | half;
        let Pair { c, r } = self.constants.0[0];
        self.masked(**temp ^ (in1 ^ self.opc).rotate_left(r.into()) ^ c)
    }

    fn out2(&self, temp: &Block) -> Block {
        self.out(temp, self.constants.0[1])
    }

    fn out3(&self, temp: &Block) -> Block {
        self.out(temp, self.constants.0[2])
    }

    fn out4(&self, temp: &Block) -> Block {
        self.out(temp, self.constants.0[3])
    }

    fn out5(&self, temp: &Block) -> Block {
        self.out(temp, self.constants.0[4])
    }

    /// OUT2 to OUT5 = E(rot(TEMP ⊕ OPc, r) ⊕ c) ⊕ OPc.
    fn out(&self, temp: &Block, Pair { c, r }: Pair) -> Block {
        self.masked((**temp ^ self.opc).rotate_left(r.into()) ^ c)
    }

    fn masked(&self, block: u128) -> Block {
        let mut out = self.encrypt(block);
        *out ^= self.opc;
        out
    }

    fn encrypt(&self, block: u128) -> Block {
        let octets = Zeroizing::new(self.cipher.encrypt(block.to_be_bytes()));
        Zeroizing::new(u128::from_be_bytes(*octets))
    }

    fn response(&self, temp: &Block, out2: &Block) -> Response {
        Response {
            res: res(out2),
            ck: Ck::new(self.out3(temp).to_be_bytes()),
            ik: Ik::new(self.out4(temp).to_be_bytes()),
        }
    }
}

impl Algorithm for Milenage {
    fn respond(&self, rand: &Rand) -> Response {
        let temp = self.temp(rand);
        self.response(&temp, &self.out2(&temp))
    }
}

impl HomeAlgorithm for Milenage {
    fn challenge(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> (Autn, Response) {
        let temp = self.temp(rand);
        let out2 = self.out2(&temp);
        let mac = mac_a(&self.out1(&temp, sqn, amf));
        let autn = Autn::from_parts(conceal(sqn, &anonymity_key(&out2)), amf, mac);
        (autn, self.response(&temp, &out2))
    }

    fn open_auts(&self, rand: &Rand, auts: &Auts) -> (Sqn, Mac) {
        let temp = self.temp(rand);
        let ak = anonymity_key(&self.out5(&temp));
        let sqn = reveal(auts.concealed_sqn(), &ak);
        (sqn, mac_s(&self.out1(&temp, sqn, Amf::ZERO)))
    }
}

impl CardAlgorithm for Milenage {
    fn open_autn(&self, rand: &Rand, autn: &Autn) -> (Sqn, Mac, Response) {
        let temp = self.temp(rand);
        let out2 = self.out2(&temp);
        let sqn = reveal(autn.concealed_sqn(), &anonymity_key(&out2));
        let mac = mac_a(&self.out1(&temp, sqn, autn.amf()));
        (sqn, mac, self.response(&temp, &out2))
    }

    fn auts(&self, rand: &Rand, sqn_ms: Sqn) -> Auts {
        let temp = self.temp(rand);
        let mac = mac_s(&self.out1(&temp, sqn_ms, Amf::ZERO));
        let ak = anonymity_key(&self.out5(&temp));
        Auts::from_parts(conceal(sqn_ms, &ak), mac)
    }
}

impl fmt::Debug for Milenage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Milenage([redacted])")
    }
}

impl Opc {
    /// OPc = OP ⊕ E(OP) under K (TS 35.206 §4.1).
    pub fn derive(k: &K, op: &Op) -> Self {
        let mut opc = Cipher::new(k.expose()).encrypt(*op.expose());
        for (octet, mask) in opc.iter_mut().zip(op.expose()) {
            *octet ^= mask;
        }
        let derived = Self::new(opc);
        opc.zeroize();
        derived
    }
}

/// Bits 0 to 63 of OUT1.
fn mac_a(out1: &Block) -> Mac {
    Mac::new(halves(out1).0)
}

/// Bits 64 to 127 of OUT1.
fn mac_s(out1: &Block) -> Mac {
    Mac::new(halves(out1).1)
}

/// Bits 64 to 127 of OUT2.
fn res(out2: &Block) -> Res {
    Res::from_f2(halves(out2).1)
}

/// Bits 0 to 47 of OUT2, or of OUT5.
fn anonymity_key(out: &Block) -> Ak {
    let (front, _) = halves(out);
    let [ak @ .., _, _] = front;
    Ak::new(ak)
}

fn halves(block: &Block) -> ([u8; 8], [u8; 8]) {
    let [front @ .., _, _, _, _, _, _, _, _] = block.to_be_bytes();
    let [_, _, _, _, _, _, _, _, back @ ..] = block.to_be_bytes();
    (front, back)
}
