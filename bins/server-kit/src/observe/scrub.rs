//! The last line of defence: what looks like a key or an identity does not reach the log.

use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

/// A writer that blanks runs of digits before they are written.
///
/// Runs of 14 or more decimal digits (IMSI, ICCID, IMEI) and of 16 or more hexadecimal ones (RAND,
/// AUTN, RES, keys, digests) become `[redacted]`. No log statement should hold one in the first
/// place; this catches the one that does. A fingerprint with colons passes.
#[derive(Debug, Clone)]
pub struct Scrubbed<W> {
    inner: W,
}

impl<W> Scrubbed<W> {
    /// Blanks what is written to `inner`; one write must hold whole lines.
    pub fn new(inner: W) -> Self {
        Self { inner }
    }
}

impl<W: Write> Write for Scrubbed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write_all(&scrub(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Scrubbed<M> {
    type Writer = Scrubbed<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Scrubbed::new(self.inner.make_writer())
    }
}

const DECIMAL_RUN: usize = 14;
const HEX_RUN: usize = 16;

fn scrub(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for run in bytes.chunk_by(|a, b| a.is_ascii_hexdigit() == b.is_ascii_hexdigit()) {
        if is_secret(run) {
            out.extend_from_slice(b"[redacted]");
        } else {
            out.extend_from_slice(run);
        }
    }
    out
}

fn is_secret(run: &[u8]) -> bool {
    run.first().is_some_and(u8::is_ascii_hexdigit)
        && (run.len() >= HEX_RUN
            || run
                .split(|byte| !byte.is_ascii_digit())
                .any(|digits| digits.len() >= DECIMAL_RUN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrubbed(text: &str) -> String {
        String::from_utf8(scrub(text.as_bytes())).unwrap()
    }

    #[test]
    fn identities_and_keys_are_blanked() {
        assert_eq!(scrubbed("imsi=001010000000001 x"), "imsi=[redacted] x");
        assert_eq!(scrubbed("imsi=00101000000001,"), "imsi=[redacted],");
        assert_eq!(scrubbed("res=A54211D5E3BA50BF"), "res=[redacted]");
        assert_eq!(
            scrubbed("/v1/sims/8900100000000000001F/x"),
            "/v1/sims/[redacted]/x"
        );
        assert_eq!(
            scrubbed("rand=23553cbe9637a89d218ae64dae47bf35&"),
            "rand=[redacted]&"
        );
    }

    #[test]
    fn what_people_need_stays() {
        for text in [
            "2026-11-22T04:55:56.123456Z  INFO usim_server: ready",
            "fingerprint=BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23",
            "sw=9862 took=1234567us port=8443",
        ] {
            assert_eq!(scrubbed(text), text);
        }
    }

    #[test]
    fn the_writer_reports_what_it_was_given() {
        let mut out = Vec::new();
        let written = Scrubbed::new(&mut out)
            .write(b"k=00112233445566778899")
            .unwrap();
        assert_eq!(written, 22);
        assert_eq!(out, b"k=[redacted]");
    }
}
