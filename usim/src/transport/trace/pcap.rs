//! A trace for Wireshark: GSMTAP in UDP in IPv4 in a pcap file.

use std::{
    fmt,
    io::{self, Write},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::transport::{TransportErrorKind, trace::Sink};

/// A trace as a pcap file that Wireshark reads: each exchange is a GSMTAP packet of type SIM, the
/// command with the answer behind it, sent from and to 127.0.0.1, UDP port 4729.
///
/// A command that met an error has no answer and no packet.
///
/// ```
/// use usim::transport::{Transport, replay::Replay, trace::{Pcap, Trace}};
///
/// let card = Replay::from_text("> 00A4000C023F00\n< 9000")?;
/// let mut file = Vec::new();
/// let mut card = Trace::new(card, Pcap::new(&mut file)?);
/// card.transmit(&[0x00, 0xa4, 0x00, 0x0c, 0x02, 0x3f, 0x00], &mut [0; 2])?;
/// assert!(file.ends_with(b"\x00\xa4\x00\x0c\x02\x3f\x00\x90\x00"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Pcap<W> {
    writer: W,
    clock: fn() -> SystemTime,
}

/// The file's header: microseconds, version 2.4, packets up to 65 535 octets, raw IPv4 (228).
const HEADER: [u8; 24] = [
    0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 228,
];
const PORT: u16 = 4729;
const IP_HEADER: u16 = 20;
const UDP_HEADER: u16 = 8;
const GSMTAP_HEADER: u16 = 16;

impl<W: Write + Send> Pcap<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// What writing meets.
    pub fn new(writer: W) -> io::Result<Self> {
        Self::with_clock(writer, now)
    }

    /// Begins a file whose packets get their times from `clock`.
    ///
    /// # Errors
    /// What writing meets.
    pub fn with_clock(mut writer: W, clock: fn() -> SystemTime) -> io::Result<Self> {
        writer.write_all(&HEADER)?;
        Ok(Self { writer, clock })
    }

    fn packet(&mut self, command: &[u8], answer: &[u8]) -> io::Result<()> {
        let mut octets = [command, answer].concat();
        octets.truncate(usize::from(
            u16::MAX - IP_HEADER - UDP_HEADER - GSMTAP_HEADER,
        ));
        let size = u16::try_from(octets.len()).unwrap_or_default();
        let udp_size = UDP_HEADER + GSMTAP_HEADER + size;
        let time = (self.clock)()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let seconds = u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        let size = u32::from(IP_HEADER + udp_size).to_be_bytes();
        let record = [
            &seconds.to_be_bytes()[..],
            &time.subsec_micros().to_be_bytes(),
            &size,
            &size,
            &ip_header(IP_HEADER + udp_size),
            &udp_header(udp_size),
            &GSMTAP,
            &octets,
        ];
        // In one piece, so that a program that is killed leaves a readable file.
        self.writer.write_all(&record.concat())
    }
}

impl<W: Write + Send> Sink for Pcap<W> {
    /// Leaves it out: Wireshark up to 4.0 takes it for a command.
    fn atr(&mut self, _atr: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn exchange(
        &mut self,
        command: &[u8],
        answer: Result<&[u8], TransportErrorKind>,
    ) -> io::Result<()> {
        answer.map_or(Ok(()), |answer| self.packet(command, answer))
    }
}

/// From 127.0.0.1 to itself, protocol UDP (RFC 791).
fn ip_header(size: u16) -> [u8; 20] {
    let [high, low] = size.to_be_bytes();
    let mut header = [
        0x45, 0, high, low, 0, 0, 0x40, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1,
    ];
    let [sum_high, sum_low] = checksum(&header).to_be_bytes();
    header[10] = sum_high;
    header[11] = sum_low;
    header
}

/// The Internet checksum (RFC 1071).
fn checksum(header: &[u8; 20]) -> u16 {
    let (words, _none) = header.as_chunks::<2>();
    let sum: u32 = words
        .iter()
        .map(|word| u32::from(u16::from_be_bytes(*word)))
        .sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    !u16::try_from(folded).unwrap_or_default()
}

/// Without a checksum (RFC 768).
fn udp_header(size: u16) -> [u8; 8] {
    let ([p0, p1], [s0, s1]) = (PORT.to_be_bytes(), size.to_be_bytes());
    [p0, p1, p0, p1, s0, s1, 0, 0]
}

/// Version 2, 4 words, type SIM, subtype APDU.
const GSMTAP: [u8; 16] = [2, 4, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

#[expect(
    clippy::disallowed_methods,
    reason = "a trace says when, which is nobody's decision"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

impl<W> fmt::Debug for Pcap<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pcap")
    }
}
