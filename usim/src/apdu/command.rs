//! Commands to the card, in all four cases, short and extended.

/// The longest command on the wire: header, extended Lc, 65 535 octets, extended Le.
pub const MAX_COMMAND: usize = 4 + 3 + 65_535 + 2;
/// The longest answer on the wire: 65 536 octets and the status word.
pub const MAX_RESPONSE: usize = 65_536 + 2;

/// A command that cannot be built or sent as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// More than 65 535 octets of data.
    #[error("a command carries at most 65535 octets of data")]
    TooMuchData,
    /// More than 65 536 octets asked for, or none.
    #[error("a command asks for 1 to 65536 octets")]
    InvalidExpected,
    /// The buffer is shorter than the command.
    #[error("the buffer is too small for the command")]
    BufferTooSmall,
}

/// Octets that are no command APDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a command APDU of ISO/IEC 7816-4")]
#[non_exhaustive]
pub struct InvalidCommand;

/// A command APDU (ISO/IEC 7816-3 §12.1): header, data, and how many octets are expected.
///
/// `Debug` shows the header and sizes, never the data: it may hold a PIN.
///
/// ```
/// use usim::apdu::Command;
///
/// let mut buffer = [0; 16];
/// let select = Command::new(0x00, 0xa4, 0x00, 0x04).with_data(&[0x3f, 0x00])?.expecting(256)?;
/// assert_eq!(select.encode(&mut buffer)?, [0x00, 0xa4, 0x00, 0x04, 0x02, 0x3f, 0x00, 0x00]);
/// # Ok::<(), usim::apdu::CommandError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Command<'a> {
    header: [u8; 4],
    data: &'a [u8],
    /// 0 where no data is expected (cases 1 and 3), otherwise 1 to 65 536.
    expected: u32,
    extended: bool,
}

impl<'a> Command<'a> {
    /// Starts with the header: case 1, no data either way.
    pub const fn new(cla: u8, ins: u8, p1: u8, p2: u8) -> Self {
        Self {
            header: [cla, ins, p1, p2],
            data: &[],
            expected: 0,
            extended: false,
        }
    }

    /// The same command with data; empty data leaves Lc out.
    ///
    /// # Errors
    /// [`CommandError::TooMuchData`] above 65 535 octets.
    pub fn with_data(mut self, data: &'a [u8]) -> Result<Self, CommandError> {
        if data.len() > 65_535 {
            return Err(CommandError::TooMuchData);
        }
        self.data = data;
        self.extended |= data.len() > 255;
        Ok(self)
    }

    /// The same command expecting up to `octets` octets back: 1 to 65 536 (256 is Le = 00).
    ///
    /// # Errors
    /// [`CommandError::InvalidExpected`] outside that range.
    pub fn expecting(mut self, octets: usize) -> Result<Self, CommandError> {
        let expected = u32::try_from(octets)
            .ok()
            .filter(|octets| (1..=65_536).contains(octets));
        self.expected = expected.ok_or(CommandError::InvalidExpected)?;
        self.extended |= octets > 256;
        Ok(self)
    }
}

impl<'a> Command<'a> {
    /// Takes a command apart, in any case, short or extended.
    ///
    /// # Errors
    /// [`InvalidCommand`] when the lengths do not add up.
    pub fn parse(octets: &'a [u8]) -> Result<Self, InvalidCommand> {
        let ([cla, ins, p1, p2], body) = octets.split_first_chunk().ok_or(InvalidCommand)?;
        let command = Self::new(*cla, *ins, *p1, *p2);
        match *body {
            [] => Ok(command),
            [le] => Ok(command.short(&[], Some(le))),
            [0, hi, lo] => Ok(command.long(&[], Some([hi, lo]))),
            [0, hi, lo, ref rest @ ..] => {
                command.parse_extended(u16::from_be_bytes([hi, lo]), rest)
            }
            [lc, ref rest @ ..] => command.parse_short(lc, rest),
        }
    }

    /// Writes the command to the front of `buffer` and returns that part.
    ///
    /// # Errors
    /// [`CommandError::BufferTooSmall`]; [`MAX_COMMAND`] octets are always enough.
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], CommandError> {
        let mut writer = Writer { buffer, size: 0 };
        writer.put(&self.header)?;
        let [_, _, expected_high, expected_low] = self.expected.to_be_bytes();
        if self.extended && (!self.data.is_empty() || self.expected > 0) {
            writer.put(&[0])?;
            if !self.data.is_empty() {
                let [.., high, low] = self.data.len().to_be_bytes();
                writer.put(&[high, low])?;
                writer.put(self.data)?;
            }
            if self.expected > 0 {
                writer.put(&[expected_high, expected_low])?;
            }
        } else {
            if !self.data.is_empty() {
                let [.., low] = self.data.len().to_be_bytes();
                writer.put(&[low])?;
                writer.put(self.data)?;
            }
            if self.expected > 0 {
                writer.put(&[expected_low])?;
            }
        }
        let Writer { buffer, size } = writer;
        buffer.get(..size).ok_or(CommandError::BufferTooSmall)
    }

    /// The same command with another class octet, as for another logical channel.
    #[must_use]
    pub const fn with_class(mut self, cla: u8) -> Self {
        self.header[0] = cla;
        self
    }

    /// The same command expecting no octets back.
    #[must_use]
    pub const fn without_expected(mut self) -> Self {
        self.expected = 0;
        self
    }

    /// The same command with this Le octet; 00 stands for 256.
    #[must_use]
    pub fn expecting_short(mut self, le: u8) -> Self {
        self.expected = if le == 0 { 256 } else { u32::from(le) };
        self
    }

    /// How many octets [`encode`](Command::encode) writes.
    pub const fn encoded_len(&self) -> usize {
        let (data, expected) = (self.data.len(), self.expected > 0);
        match (self.extended, data, expected) {
            (_, 0, false) => 4,
            (false, 0, true) => 5,
            (false, _, false) => 5 + data,
            (false, _, true) => 6 + data,
            (true, 0, true) => 7,
            (true, _, false) => 7 + data,
            (true, _, true) => 9 + data,
        }
    }

    /// The class octet CLA.
    pub const fn cla(&self) -> u8 {
        self.header[0]
    }

    /// The instruction octet INS.
    pub const fn ins(&self) -> u8 {
        self.header[1]
    }

    /// The first parameter P1.
    pub const fn p1(&self) -> u8 {
        self.header[2]
    }

    /// The second parameter P2.
    pub const fn p2(&self) -> u8 {
        self.header[3]
    }

    /// The data; empty in cases 1 and 2.
    pub const fn data(&self) -> &'a [u8] {
        self.data
    }

    /// How many octets are expected back at most, 1 to 65 536; `None` in cases 1 and 3.
    pub fn expected(&self) -> Option<usize> {
        usize::try_from(self.expected)
            .ok()
            .filter(|octets| *octets > 0)
    }

    /// Whether the lengths are of the extended form.
    pub const fn is_extended(&self) -> bool {
        self.extended
    }

    fn parse_short(self, lc: u8, rest: &'a [u8]) -> Result<Self, InvalidCommand> {
        let (data, le) = rest
            .split_at_checked(usize::from(lc))
            .ok_or(InvalidCommand)?;
        match *le {
            _ if lc == 0 => Err(InvalidCommand),
            [] => Ok(self.short(data, None)),
            [le] => Ok(self.short(data, Some(le))),
            _ => Err(InvalidCommand),
        }
    }

    fn parse_extended(self, lc: u16, rest: &'a [u8]) -> Result<Self, InvalidCommand> {
        let (data, le) = rest
            .split_at_checked(usize::from(lc))
            .ok_or(InvalidCommand)?;
        match *le {
            _ if lc == 0 => Err(InvalidCommand),
            [] => Ok(self.long(data, None)),
            [high, low] => Ok(self.long(data, Some([high, low]))),
            _ => Err(InvalidCommand),
        }
    }

    fn short(mut self, data: &'a [u8], le: Option<u8>) -> Self {
        self.data = data;
        match le {
            Some(le) => self.expecting_short(le),
            None => self,
        }
    }

    fn long(mut self, data: &'a [u8], le: Option<[u8; 2]>) -> Self {
        let le = le.map(u16::from_be_bytes);
        self.data = data;
        self.expected = le.map_or(0, |le| if le == 0 { 65_536 } else { u32::from(le) });
        self.extended = true;
        self
    }
}

impl std::fmt::Debug for Command<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [cla, ins, p1, p2] = self.header;
        f.debug_struct("Command")
            .field(
                "header",
                &format_args!("{cla:02X} {ins:02X} {p1:02X} {p2:02X}"),
            )
            .field("octets", &self.data.len())
            .field("expected", &self.expected)
            .finish()
    }
}

/// Fills the caller's buffer from the front.
struct Writer<'b> {
    buffer: &'b mut [u8],
    size: usize,
}

impl Writer<'_> {
    fn put(&mut self, octets: &[u8]) -> Result<(), CommandError> {
        let free = self
            .buffer
            .get_mut(self.size..)
            .and_then(|free| free.get_mut(..octets.len()));
        free.ok_or(CommandError::BufferTooSmall)?
            .copy_from_slice(octets);
        self.size += octets.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
