//! The generic bootstrapping architecture as state machines (TS 33.220, TS 24.109): text of fields
//! and bodies in and out, no I/O.
//!
//! A terminal agrees with its home's BSF on a key by AKA (Ub: [`Terminal`]), and proves itself with
//! what comes of it to any server that the home knows, a NAF (Ua: [`naf`]). The keys themselves are
//! in [`kdf::gba`](crate::kdf::gba).
//!
//! ```
//! use aka::{Milenage, K, Opc, Rand, Sqn, Amf, algorithm::HomeAlgorithm, card::{Card, Outcome}};
//! use aka::gba::{BootstrappingInfo, Terminal};
//! use aka::http_digest::{AkaNonce, Algorithm, Challenge, Cnonce, Credentials, Password, Qop, Sent};
//! use aka::kdf::gba::{Ks, NafId, NafKey, UaProtocol};
//!
//! let milenage = Milenage::new(&K::new([1; 16]), &Opc::new([2; 16]));
//! let impi = "001010000000001@ims.mnc001.mcc001.3gppnetwork.org";
//! let terminal = Terminal::new(impi, "bsf.home1.net", "/")?;
//! let asks = terminal.credentials().to_string(); // GET /, Authorization: ...
//! assert!(asks.parse::<Credentials>()?.protection.is_none());
//!
//! // the BSF, with a vector of its home, answers 401, WWW-Authenticate: ...
//! let (autn, expected) = milenage.challenge(&Rand::new([3; 16]), Sqn::new(32)?, Amf::SEPARATED);
//! let nonce = AkaNonce::new(Rand::new([3; 16]), autn, Vec::new()).text();
//! let challenge = Challenge::new("bsf.home1.net".parse()?, nonce, Algorithm::AkaV1Md5, Qop::AuthInt);
//!
//! // the SIM is asked once, and the terminal answers
//! let challenged = terminal.challenged(&challenge.to_string())?;
//! let outcome = Card::default().authenticate(&milenage, challenged.rand(), challenged.autn())?;
//! let Outcome::Success { res, ck, ik, .. } = outcome else { unreachable!("a new card") };
//! let answered = challenged.answer(&res, Cnonce::new([4; 16]));
//!
//! // the BSF checks it once, and proves itself with its answer
//! let answer: Credentials = answered.credentials().to_string().parse()?;
//! let password = Password::of_res(&expected.res);
//! assert!(answer.verify(&password, Sent::GET));
//! let body = BootstrappingInfo::new("AwMDAwMDAwMDAwMDAwMDAw==@bsf.home1.net", "2030-01-01T00:00:00Z".parse()?).to_string();
//! let information = answer.information(&password, body.as_bytes()).map(|info| info.to_string());
//!
//! // now both have Ks
//! let session = answered.finish(information.as_deref(), body.as_bytes())?;
//! let naf = NafId { fqdn: "naf.home1.net", ua: UaProtocol::HTTP_DIGEST };
//! let ks_naf = Ks::new(&ck, &ik).naf_key(NafKey::Me, &session.rand, impi, naf);
//! # assert_eq!(ks_naf.expose().len(), 32);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod information;
pub mod naf;
mod terminal;
mod time;

pub use information::{BootstrappingInfo, InvalidInfo};
pub use terminal::{Answered, Challenged, Resynchronising, Session, Terminal, UbError};
pub use time::{InvalidTime, UnixTime};

#[cfg(test)]
mod tests;
