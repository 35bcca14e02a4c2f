//! An identity provider without passwords.
//!
//! [`pages`] is what people see.
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

pub mod pages;
