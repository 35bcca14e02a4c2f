//! What the pages of all servers have in common: their look, what a browser may do with them, and QR
//! codes.
//!
//! ```
//! use server_kit::page::Headers;
//!
//! let fields = Headers::default().fields();
//! assert!(fields.contains(&("x-content-type-options", "nosniff".to_owned())));
//! ```

mod asset;
mod headers;
mod qr;

pub use asset::{Asset, ICON, STYLE, routes};
pub use headers::{Headers, Origin, OriginError};
pub use qr::{QrError, svg};
