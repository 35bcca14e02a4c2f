//! A trace as lines of text.

use std::{
    fmt,
    io::{self, Write},
};

use crate::transport::{TransportErrorKind, trace::Sink};

/// A trace as lines of text: `> COMMAND`, then `< ANSWER` or `! KIND`, as
/// [`Replay::from_text`](crate::transport::replay::Replay::from_text) reads them; the answer to
/// reset is a comment.
pub struct Text<W>(W);

impl<W: Write + Send> Text<W> {
    /// Writes to this.
    pub fn new(writer: W) -> Self {
        Self(writer)
    }
}

impl<W: Write + Send> Sink for Text<W> {
    fn atr(&mut self, atr: &[u8]) -> io::Result<()> {
        writeln!(self.0, "# ATR {}", hex::encode_upper(atr))
    }

    fn exchange(
        &mut self,
        command: &[u8],
        answer: Result<&[u8], TransportErrorKind>,
    ) -> io::Result<()> {
        let command = hex::encode_upper(command);
        match answer {
            Ok(answer) => writeln!(self.0, "> {command}\n< {}", hex::encode_upper(answer)),
            Err(kind) => writeln!(self.0, "> {command}\n! {kind:?}"),
        }
    }
}

impl<W> fmt::Debug for Text<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text")
    }
}
