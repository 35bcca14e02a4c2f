//! 3GPP Authentication and Key Agreement (AKA): what a SIM and its home network compute to prove
//! themselves to each other, on both sides, with the sequence numbers done right.
//!
//! Pure computation: no I/O, no clock, no randomness of its own, `no_std`, no allocation. Secrets
//! are wiped on drop, compared in constant time and shown by no `Debug`.
//!
//! # From K and OPc to a verified RES\*
//!
//! A subscriber and its home share a key K; the operator adds OPc. The home makes a challenge, RAND and
//! AUTN; the card checks that AUTN is its home's and fresh, and answers RES. In 5G the terminal binds
//! that answer to the network it stands in, RES\*, and the home compares.
//!
//! ```
//! # #[cfg(feature = "std")] {
//! use aka::{Amf, Imsi, K, MncLength, Milenage, Op, Opc, Rand, Sqn};
//! use aka::card::{Card, Outcome};
//! use aka::kdf::five_g::{HomeKeys, HomeVector, ServingNetworkName};
//! use aka::network::{Home, MemoryStore, Request};
//!
//! // 1. Both sides know the subscriber's keys; who has OP derives OPc once.
//! let k: K = "465b5ce8b199b49faa5f0a2ee238a6bc".parse()?;
//! let op: Op = "cdc202d5123e20f62b6d676ac72cb318".parse()?;
//! let milenage = Milenage::new(&k, &Opc::derive(&k, &op));
//!
//! // 2. The home makes a vector; its sequence number is stored before it exists.
//! let imsi: Imsi = "001010000000001".parse()?;
//! let home = Home::new(MemoryStore::new().with(imsi, Sqn::ZERO));
//! let rand = Rand::new([0x23; 16]); // in earnest: Rand::generate(getrandom::fill)?
//! let vector = home.vector(&milenage, &imsi, Request::new(rand, Amf::SEPARATED))?;
//!
//! // 3. It binds the vector to the serving network, which gets RAND, AUTN and HXRES* of it.
//! let network = ServingNetworkName::from(&imsi.plmn(MncLength::Two));
//! let home_vector = HomeVector::new(&vector, &network);
//!
//! // 4. The card checks RAND and AUTN, and answers.
//! let mut card = Card::default();
//! match card.authenticate(&milenage, &vector.rand, &vector.autn)? {
//!     Outcome::Success { res, ck, ik, .. } => {
//!         // 5. The terminal makes RES* of RES, and the home verifies it in constant time.
//!         let res_star = HomeKeys::new(&ck, &ik, network).res_star(&vector.rand, &res);
//!         assert!(home_vector.xres_star.verify(&res_star));
//!         // 6. Both have K_SEAF now, and all keys below it.
//!         let _kseaf = home_vector.kausf.kseaf(&network);
//!     }
//!     // The card has seen higher numbers: follow it, and ask again.
//!     Outcome::SyncFailure(auts) => {
//!         home.resynchronise(&milenage, &imsi, &vector.rand, &auts)?;
//!     }
//! }
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Without 5G step 4 is the last: `vector.verify(&res)` compares RES itself. What sequence numbers are for,
//! and how not to get them wrong, is [a chapter of its own](guide::sequence_numbers); the programs in
//! `examples/` show a vector, a resynchronisation, a batch and 5G AKA.
//!
//! # Where things are
//!
//! | you want | look at |
//! |---|---|
//! | f1 to f5, f1\*, f5\*, OP to OPc (TS 35.206) | [`milenage`] |
//! | the same on Keccak (TS 35.231) | [`tuak`] |
//! | to check RAND and AUTN as a card does (TS 33.102 §6.3.3) | [`card`] |
//! | vectors, resynchronisation, a store of SQN (TS 33.102 §6.3.2, §6.3.5) | [`network`] |
//! | vectors of many subscribers at once | [`batch`] |
//! | GSM triplets | [`network::Triplet`] |
//! | the conversions c2 to c5 (TS 33.102 §6.8.1.2) | [`kdf::gsm`] |
//! | keys of EPS, 5GS, GBA, AKMA, EAP-AKA' | [`kdf`] |
//! | HTTP digest with a SIM's answers; GBA as state machines | `http_digest`, `gba` |
//! | an algorithm set of your own | [`algorithm`] |
//! | how sequence numbers work | [`guide::sequence_numbers`] |
//! | a clause of a standard | [`guide::clauses`] |
//!
//! The values stand at the root, under the standards' names. All of fixed size parse from octets
//! and from hexadecimal text; what goes over the air prints with `hex()`, what is secret only with
//! `expose_hex()`.
//!
//! # Kernels
//!
//! What the processor has is found out at run time: AES-NI, VAES, AVX2, AVX-512 and the SHA
//! extensions of x86-64, the AES instructions of ARMv8; otherwise, and for an operator's own
//! constants, the crate `aes`. `RUSTFLAGS="--cfg aka_portable"` switches all of that off, and
//! `--cfg 'aka_widest="128"'` or `"256"` what works on wider vectors. After each kernel the vector
//! registers are wiped.
//!
//! # Features
//!
//! - `eap`: EAP-SIM, EAP-AKA and EAP-AKA' (RFC 4186, 4187, 9048): packets, keys, peer and server.
//! - `gba`: bootstrapping with a BSF and authentication with a NAF (TS 24.109), without I/O.
//! - `http-digest`: HTTP digest with AKA's passwords (RFC 3310, 4169); needs `alloc`.
//! - `suci`: concealed identities (TS 33.501 Annex C).
//! - `xor-for-tests`: the algorithm of test USIMs (TS 34.108 §8.1.2), which protects nothing.
//! - `std`: [`network::MemoryStore`](https://docs.rs/aka/latest/aka/network/struct.MemoryStore.html).
#![no_std]
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

#[cfg(feature = "http-digest")]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod algorithm;
pub mod batch;
pub mod card;
mod challenge;
mod cpu;
#[cfg(feature = "eap")]
pub mod eap;
#[cfg(feature = "gba")]
pub mod gba;
pub mod guide;
#[cfg(feature = "http-digest")]
pub mod http_digest;
mod identity;
pub mod kdf;
mod keccak;
mod key;
pub mod milenage;
pub mod network;
mod octets;
mod response;
mod sha256;
mod sqn;
#[cfg(feature = "suci")]
pub mod suci;
pub mod tuak;
#[cfg(feature = "xor-for-tests")]
pub mod xor;

pub use challenge::{Amf, Autn, Auts, Mac, Rand};
pub use identity::{Imsi, InvalidIdentity, MncLength, Plmn};
pub use key::{K, Op, Opc};
pub use milenage::Milenage;
pub use octets::{Hex, InvalidHex, InvalidLength};
pub use response::{Ak, Ck, Ik, InvalidRes, Kc, Res, Sres};
pub use sqn::{Ind, IndLength, InvalidSqn, Sqn};
