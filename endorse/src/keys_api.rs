//! SORACOM's Keys API: a SIM is proven by RES, and later calls by signatures under CK.
//!
//! A device asks for a challenge ([`KeyRequest`], [`KeyChallenge`]), answers it ([`KeyAnswer`]), and from
//! then on signs its calls ([`ProvisioningCall`], [`Signed`]) with CK, which never travels. There are two
//! families of clients, which differ in their bodies; both are read here.
//!
//! ```
//! use endorse::keys_api::{ProvisioningCall, Signed, sign};
//!
//! let (body, ck) = (br#"{"keyId":"rFhF18J_KdHsGDI4Fp7xZg","requestParameters":null}"#, [7; 16]);
//! let signature = sign(body, 1_795_320_497_335, &ck); // on the device
//!
//! let call = ProvisioningCall::read(body)?; // at the server
//! assert_eq!(call.key_id(), "rFhF18J_KdHsGDI4Fp7xZg");
//! let signed = Signed::new(body, "1795320497335", Some("SHA-256"), &signature)?;
//! assert!(signed.is_by(&ck));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod call;
mod challenge;
mod signature;

pub use call::ProvisioningCall;
pub use challenge::{KeyAnswer, KeyChallenge, KeyRequest, Resynchronisation};
pub use signature::{ALGORITHM, InvalidSignature, Signed, application_key, sign};
