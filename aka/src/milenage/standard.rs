//! One subscriber at a time under the standard constants, once for each set of AES instructions.

/// The constants of the key schedule (FIPS 197 §5.2).
pub(super) const ROUND_CONSTANTS: [u8; 10] =
    [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1b, 0x36];

/// Makes `Keyed`, a subscriber's expanded key and OPc, compiled for a set of features.
///
/// Where it stands there must be the type `Block` and, for it, `load` and `store`, `zero`, `xor`,
/// `rotate_32`, `rotate_64` and `rotate_96` (to the left), `last_octet` (nothing before it),
/// `halves` (bits 0 to 63 and 64 to 127), `doubled` (the same 64 bits twice), `encrypt`,
/// `next_round_key`, and `wipe_registers`.
///
/// The `unsafe` in it enters functions compiled for the features. A `Keyed` comes of a `$proof`
/// only, and that exists only where the processor has them.
macro_rules! standard {
    ($proof:ty, #[$features:meta]) => {
        /// A subscriber's expanded key and OPc; a value exists only where there is its proof.
        #[derive(Clone)]
        pub(in crate::milenage) struct Keyed(Expanded);

        /// Enters; what is left in the vector registers is wiped.
        macro_rules! enter {
            ($call:expr) => {{
                // SAFETY: the caller holds the proof, or a value that was made with it.
                unsafe {
                    let made = $call;
                    wipe_registers();
                    made
                }
            }};
        }

        impl Keyed {
            pub(in crate::milenage) fn new(_proof: $proof, k: &Octets, opc: &Octets) -> Self {
                Self(enter!(Expanded::new(k, opc)))
            }

            pub(in crate::milenage) fn macs(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> (Mac, Mac) {
                enter!(self.0.macs(rand, sqn, amf))
            }

            pub(in crate::milenage) fn anonymity_keys(&self, rand: &Rand) -> (Ak, Ak) {
                enter!(self.0.anonymity_keys(rand))
            }

            pub(in crate::milenage) fn respond(&self, rand: &Rand) -> Response {
                enter!(self.0.respond(rand))
            }

            pub(in crate::milenage) fn challenge(
                &self,
                rand: &Rand,
                sqn: Sqn,
                amf: Amf,
            ) -> (Autn, Response) {
                enter!(self.0.challenge(rand, sqn, amf))
            }

            pub(in crate::milenage) fn open_auts(&self, rand: &Rand, auts: &Auts) -> (Sqn, Mac) {
                enter!(self.0.open_auts(rand, auts))
            }

            pub(in crate::milenage) fn open_autn(
                &self,
                rand: &Rand,
                autn: &Autn,
            ) -> (Sqn, Mac, Response) {
                enter!(self.0.open_autn(rand, autn))
            }

            pub(in crate::milenage) fn auts(&self, rand: &Rand, sqn_ms: Sqn) -> Auts {
                enter!(self.0.auts(rand, sqn_ms))
            }
        }

        #[derive(Clone)]
        struct Expanded {
            schedule: [Block; 11],
            opc: Block,
        }

        impl Expanded {
            #[$features]
            fn new(k: &Octets, opc: &Octets) -> Self {
                let mut schedule = [zero(); 11];
                let mut key = load(k);
                schedule[0] = key;
                for (slot, constant) in schedule.iter_mut().skip(1).zip(ROUND_CONSTANTS) {
                    key = next_round_key(key, constant);
                    *slot = key;
                }
                let opc = load(opc);
                Self { schedule, opc }
            }

            /// TEMP = E(RAND ⊕ OPc).
            #[$features]
            #[inline]
            fn temp(&self, rand: Block) -> Block {
                encrypt(&self.schedule, xor(rand, self.opc))
            }

            /// r1 = 64, c1 = 0.
            #[$features]
            #[inline]
            fn out1(&self, temp: Block, in1: Block) -> Block {
                let rotated = rotate_64(xor(in1, self.opc));
                xor(encrypt(&self.schedule, xor(temp, rotated)), self.opc)
            }

            /// r2 = 0, c2 = 1.
            #[$features]
            #[inline]
            fn out2(&self, temp: Block) -> Block {
                self.out(xor(temp, self.opc), 1)
            }

            /// r3 = 32, c3 = 2.
            #[$features]
            #[inline]
            fn out3(&self, temp: Block) -> Block {
                self.out(rotate_32(xor(temp, self.opc)), 2)
            }

            /// r4 = 64, c4 = 4.
            #[$features]
            #[inline]
            fn out4(&self, temp: Block) -> Block {
                self.out(rotate_64(xor(temp, self.opc)), 4)
            }

            /// r5 = 96, c5 = 8.
            #[$features]
            #[inline]
            fn out5(&self, temp: Block) -> Block {
                self.out(rotate_96(xor(temp, self.opc)), 8)
            }

            #[$features]
            #[inline]
            fn out(&self, rotated: Block, constant: u8) -> Block {
                let block = xor(rotated, last_octet(constant));
                xor(encrypt(&self.schedule, block), self.opc)
            }
        }

        operations!(Expanded, #[$features]);

        impl Drop for Expanded {
            fn drop(&mut self) {
                // SAFETY: a value exists only where the features do.
                let zero = unsafe { zero() };
                self.schedule = [zero; 11];
                self.opc = zero;
                zeroize::optimization_barrier(self);
            }
        }
    };
}

pub(super) use standard;
