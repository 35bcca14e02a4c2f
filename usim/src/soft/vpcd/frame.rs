//! Frames of the reader's protocol: two octets of length, and so many octets.

/// What a reader asks of its card.
#[derive(Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the protocol has no more")]
pub enum Request<'a> {
    /// The supply is switched off.
    PowerOff,
    /// The supply is switched on.
    PowerOn,
    /// The card is reset.
    Reset,
    /// The answer to reset is asked for.
    Atr,
    /// A command APDU.
    Command(&'a [u8]),
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::PowerOff => f.write_str("PowerOff"),
            Self::PowerOn => f.write_str("PowerOn"),
            Self::Reset => f.write_str("Reset"),
            Self::Atr => f.write_str("Atr"),
            Self::Command(command) => write!(f, "Command({} octets)", command.len()),
        }
    }
}

/// Collects octets as they come and takes requests out of them, without an allocation a frame.
///
/// ```
/// use usim::soft::vpcd::{Frames, Request};
///
/// let mut frames = Frames::new();
/// frames.space()[..4].copy_from_slice(&[0x00, 0x01, 0x04, 0x00]);
/// frames.received(4);
/// assert_eq!(frames.next_request(), Some(Request::Atr));
/// assert_eq!(frames.next_request(), None); // one octet of the next length
/// ```
pub struct Frames {
    octets: Box<[u8]>,
    from: usize,
    to: usize,
}

impl Frames {
    /// Room for the longest frame.
    const SIZE: usize = 2 + 65_535;

    /// Nothing received yet.
    pub fn new() -> Self {
        Self {
            octets: vec![0; Self::SIZE].into(),
            from: 0,
            to: 0,
        }
    }

    /// Where the next octets are to be read to; never empty once no request is left.
    pub fn space(&mut self) -> &mut [u8] {
        if self.from > 0 {
            self.octets.copy_within(self.from..self.to, 0);
            (self.from, self.to) = (0, self.to.saturating_sub(self.from));
        }
        self.octets.get_mut(self.to..).unwrap_or_default()
    }

    /// So many octets were read to the [space](Frames::space).
    pub fn received(&mut self, size: usize) {
        self.to = self.to.saturating_add(size).min(self.octets.len());
    }

    /// The next request that is there as a whole; empty frames and unknown controls are skipped.
    pub fn next_request(&mut self) -> Option<Request<'_>> {
        loop {
            let (start, end) = self.frame()?;
            self.from = end;
            // looked at twice, because a borrow may not leave a loop
            if self
                .octets
                .get(start..end)
                .is_some_and(|frame| request(frame).is_some())
            {
                return self.octets.get(start..end).and_then(request);
            }
        }
    }

    /// Where the payload of the first frame lies.
    fn frame(&self) -> Option<(usize, usize)> {
        let waiting = self.octets.get(self.from..self.to)?;
        let (length, rest) = waiting.split_first_chunk()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let start = self.from.saturating_add(2);
        (rest.len() >= length).then(|| (start, start.saturating_add(length)))
    }
}

impl Default for Frames {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Frames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frames")
            .field("octets", &self.to.saturating_sub(self.from))
            .finish()
    }
}

const fn request(frame: &[u8]) -> Option<Request<'_>> {
    match frame {
        [0x00] => Some(Request::PowerOff),
        [0x01] => Some(Request::PowerOn),
        [0x02] => Some(Request::Reset),
        [0x04] => Some(Request::Atr),
        [] | [_] => None,
        command => Some(Request::Command(command)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn feed(frames: &mut Frames, octets: &[u8]) {
        frames.space()[..octets.len()].copy_from_slice(octets);
        frames.received(octets.len());
    }

    #[test]
    fn controls_and_commands_are_told_apart() {
        let mut frames = Frames::new();
        feed(
            &mut frames,
            b"\x00\x01\x00\x00\x01\x01\x00\x01\x02\x00\x01\x04\x00\x02\x00\xa4",
        );
        let expected = [
            Request::PowerOff,
            Request::PowerOn,
            Request::Reset,
            Request::Atr,
            Request::Command(&[0x00, 0xa4]),
        ];
        for request in expected {
            assert_eq!(frames.next_request(), Some(request));
        }
        assert_eq!(frames.next_request(), None);
    }

    #[test]
    fn empty_frames_and_unknown_controls_are_skipped() {
        let mut frames = Frames::new();
        feed(&mut frames, b"\x00\x00\x00\x01\x03\x00\x01\xff\x00\x01\x04");
        assert_eq!(frames.next_request(), Some(Request::Atr));
        assert_eq!(frames.next_request(), None);
    }

    #[test]
    fn the_longest_frame_fits() {
        let mut frames = Frames::new();
        let mut octets = vec![0xff; 2 + 65_535];
        octets[2..].fill(0x11);
        feed(&mut frames, &octets);
        assert_eq!(frames.next_request(), Some(Request::Command(&octets[2..])));
        assert_eq!(frames.space().len(), 2 + 65_535);
    }

    proptest! {
        #[test]
        fn commands_survive_any_cut(
            commands in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 2..40), 0..8),
            cuts in proptest::collection::vec(1_usize..9, 1..9),
        ) {
            let mut stream = Vec::new();
            for command in &commands {
                stream.extend_from_slice(&u16::try_from(command.len()).unwrap().to_be_bytes());
                stream.extend_from_slice(command);
            }
            let mut frames = Frames::new();
            let mut seen = Vec::new();
            let mut cuts = cuts.iter().cycle();
            while !stream.is_empty() {
                let size = stream.len().min(*cuts.next().unwrap());
                feed(&mut frames, &stream[..size]);
                stream.drain(..size);
                while let Some(request) = frames.next_request() {
                    let Request::Command(command) = request else {
                        panic!("{request:?}")
                    };
                    seen.push(command.to_vec());
                }
            }
            prop_assert_eq!(seen, commands);
        }
    }
}
