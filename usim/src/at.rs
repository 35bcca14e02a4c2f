//! AT commands to the SIM of a modem (3GPP TS 27.007 §8.17 to §8.18, §8.43 to §8.46), without any
//! I/O.
//!
//! A [`Request`] is a line that can be written to a modem: it is made of octets and numbers only,
//! so that nothing a caller passes can become another command. A [`Dialogue`] takes whatever the
//! modem writes, in pieces of any size, and says when the answer is complete.
//!
//! ```
//! use usim::at::{Dialogue, Request};
//!
//! let mut dialogue = Dialogue::new();
//! let written = dialogue.ask(&Request::csim(&[0x00, 0xa4, 0x00, 0x0c, 0x02, 0x3f, 0x00]));
//! assert_eq!(written, b"AT+CSIM=14,\"00A4000C023F00\"\r");
//! assert!(dialogue.hear(b"\r\n+CREG: 1\r\n+CSIM: 4,\"90").is_none());
//! let reply = dialogue.hear(b"00\"\r\n\r\nOK\r\n").expect("the answer is complete")?;
//! let mut answer = [0; 258];
//! assert_eq!(reply.apdu(&mut answer)?, 2);
//! assert_eq!(answer[..2], [0x90, 0x00]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod dialogue;
mod refusal;
mod reply;
mod request;
mod restricted;

pub use dialogue::Dialogue;
pub use refusal::{CmeError, Refusal};
pub use reply::{InvalidReply, Reply};
pub use request::{Facility, Request};
pub use restricted::{Plan, RestrictedAccess};

#[cfg(test)]
mod tests;
