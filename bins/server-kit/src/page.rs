//! What the pages of all servers have in common: their look, what a browser may do with them, text
//! in which nothing hides, and QR codes.
//!
//! ```
//! use server_kit::page::{Headers, Piece, pieces};
//!
//! let fields = Headers::default().fields();
//! assert!(fields.contains(&("x-content-type-options", "nosniff".to_owned())));
//! assert_eq!(pieces("\u{202e}"), [Piece::Hidden("U+202E".into())]);
//! ```

mod asset;
mod headers;
mod qr;
mod visible;

pub use asset::{Asset, ICON, STYLE, routes};
pub use headers::{Headers, Origin, OriginError};
pub use qr::{QrError, svg};
pub use visible::{Piece, pieces};
