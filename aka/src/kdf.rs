//! Key derivations: what the systems make of RES, CK and IK.

pub mod gsm;
