//! Application protocol data units: commands, answers, status words and logical channels
//! (ISO/IEC 7816-4 §5, ETSI TS 102 221 §10).

mod channel;
mod command;
mod response;
mod status;

pub use channel::{Channel, InvalidChannel};
pub use command::{Command, CommandError, InvalidCommand, MAX_COMMAND, MAX_RESPONSE};
pub use response::Response;
pub use status::{Meaning, StatusWord};
