//! Key derivations: what the systems make of RES, CK and IK.
//!
//! | system | module |
//! |---|---|
//! | GSM (TS 33.102 §6.8.1.2) | [`gsm`] |
//! | EPS (TS 33.401 Annex A) | [`eps`] |
//! | 5GS (TS 33.501 Annex A) | [`five_g`] |
//! | GBA (TS 33.220 Annex B) | [`gba`] |
//! | AKMA (TS 33.535 Annex A) | [`akma`] |
//! | EAP-AKA' (TS 33.402 Annex A, RFC 9048) | [`eap_prime`] |
//!
//! Where two keys come of the same one, the type that holds it is keyed once.

pub mod akma;
pub mod eap_prime;
pub mod eps;
pub mod five_g;
mod function;
pub mod gba;
pub mod gsm;
