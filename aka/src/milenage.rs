//! MILENAGE, the example algorithm set that nearly every operator uses (TS 35.205, TS 35.206).

mod constants;
mod operations;
mod portable;
mod prepared;
mod side_by_side;
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_endian = "little")
))]
mod standard;

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod aarch64;
#[cfg(target_arch = "x86_64")]
mod x86_64;

use core::fmt;

pub use constants::{Constants, InvalidConstants};
pub use prepared::Prepared;

use crate::{
    Ak, Amf, Autn, Auts, Ck, Ik, K, Mac, Op, Opc, Rand, Res, Sqn,
    algorithm::{Algorithm, CardAlgorithm, HomeAlgorithm, Response},
    batch::Job,
};

/// One subscriber's MILENAGE: f1 to f5, f1* and f5* under K and OPc.
///
/// It keeps K and OPc only. Each operation expands the key once and computes TEMP once; those of
/// [`HomeAlgorithm`] and [`CardAlgorithm`] do all they need in one pass. [`Prepared`] keeps the
/// expanded key as well.
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
#[derive(Clone)]
pub struct Milenage {
    k: K,
    opc: Opc,
    own: Option<Constants>,
}

impl Milenage {
    /// The functions under `k` and `opc`; the constants are those of TS 35.206 §4.1.
    pub fn new(k: &K, opc: &Opc) -> Self {
        let (k, opc, own) = (k.clone(), opc.clone(), None);
        Self { k, opc, own }
    }

    /// The same with an operator's own constants.
    pub fn with_constants(k: &K, opc: &Opc, constants: Constants) -> Self {
        let own = Some(constants).filter(|own| *own != Constants::STANDARD);
        let (k, opc) = (k.clone(), opc.clone());
        Self { k, opc, own }
    }

    /// Keeps the expanded key for the operations to come.
    pub fn prepare(&self) -> Prepared {
        Prepared::expand(&self.k, &self.opc, self.own)
    }

    /// The network authentication function: MAC-A.
    pub fn f1(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> Mac {
        self.prepare().macs(rand, sqn, amf).0
    }

    /// The resynchronisation message authentication function: MAC-S; AUTS takes [`Amf::ZERO`].
    pub fn f1_star(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> Mac {
        self.prepare().macs(rand, sqn, amf).1
    }

    /// The user authentication function: RES, 8 octets.
    pub fn f2(&self, rand: &Rand) -> Res {
        self.prepare().respond(rand).res
    }

    /// The cipher key derivation function: CK.
    pub fn f3(&self, rand: &Rand) -> Ck {
        self.prepare().respond(rand).ck
    }

    /// The integrity key derivation function: IK.
    pub fn f4(&self, rand: &Rand) -> Ik {
        self.prepare().respond(rand).ik
    }

    /// The anonymity key derivation function: AK.
    pub fn f5(&self, rand: &Rand) -> Ak {
        self.prepare().anonymity_keys(rand).0
    }

    /// The anonymity key derivation function for resynchronisation: AK*.
    pub fn f5_star(&self, rand: &Rand) -> Ak {
        self.prepare().anonymity_keys(rand).1
    }
}

impl Algorithm for Milenage {
    fn respond(&self, rand: &Rand) -> Response {
        self.prepare().respond(rand)
    }
}

impl HomeAlgorithm for Milenage {
    fn challenge(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> (Autn, Response) {
        self.prepare().challenge(rand, sqn, amf)
    }

    fn open_auts(&self, rand: &Rand, auts: &Auts) -> (Sqn, Mac) {
        self.prepare().open_auts(rand, auts)
    }

    fn vectors(jobs: &mut [Job<'_, Self>]) {
        side_by_side::vectors(jobs);
    }
}

impl CardAlgorithm for Milenage {
    fn open_autn(&self, rand: &Rand, autn: &Autn) -> (Sqn, Mac, Response) {
        self.prepare().open_autn(rand, autn)
    }

    fn auts(&self, rand: &Rand, sqn_ms: Sqn) -> Auts {
        self.prepare().auts(rand, sqn_ms)
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
        let mut opc = Self::new(portable::encrypt(k.expose(), op.expose()));
        opc.add(op.expose());
        opc
    }
}
