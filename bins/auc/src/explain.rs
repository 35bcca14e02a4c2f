//! Every intermediate value of a vector, and what goes into every key derivation, for comparing
//! with another implementation.
//!
//! All of it follows the standards' formulas one by one, with as little in common as possible with
//! the functions that the centre uses: tests have the two check each other.
//!
//! ```
//! use aka::{Amf, Sqn};
//! use auc::explain::Explanation;
//!
//! // TS 35.208 §4.3, test set 1
//! let explained = Explanation::new(
//!     &"465b5ce8b199b49faa5f0a2ee238a6bc".parse()?,
//!     &"cd63cb71954a9f4e48a5994e37a02baf".parse()?,
//!     &"23553cbe9637a89d218ae64dae47bf35".parse()?,
//!     "ff9bb4d0b607".parse::<Sqn>()?,
//!     "b9b9".parse::<Amf>()?,
//! );
//! assert_eq!(hex::encode(explained.out1().expose()), "4a9ffac354dfafb301cfaf9ec4e871e9");
//! # Ok::<(), aka::InvalidHex>(())
//! ```

mod derivation;
mod hierarchy;
mod keccak;
mod milenage;
mod tuak;
mod value;

pub use derivation::Derivation;
pub use hierarchy::{Hierarchy, Naf};
pub use milenage::{Block, Explanation};
pub use tuak::TuakExplanation;
pub use value::{Value, of_vector};
