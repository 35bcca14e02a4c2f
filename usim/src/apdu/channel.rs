//! Logical channels and the class octet that carries them.

/// A logical channel has a number from 0 to 19.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a logical channel has a number from 0 to 19")]
#[non_exhaustive]
pub struct InvalidChannel;

/// A logical channel: 0, the basic one, to 19 (TS 102 221 §10.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel(u8);

impl Channel {
    /// Channel 0, which is always open.
    pub const BASIC: Self = Self(0);
    /// The highest channel.
    pub const MAX: Self = Self(19);

    /// Takes a number from 0 to 19.
    ///
    /// # Errors
    /// [`InvalidChannel`] for a greater one.
    pub const fn new(number: u8) -> Result<Self, InvalidChannel> {
        if number > Self::MAX.0 {
            Err(InvalidChannel)
        } else {
            Ok(Self(number))
        }
    }

    /// The channel that an interindustry class octet names; `None` for a proprietary class
    /// without channels (such as `A0` of TS 51.011) or a reserved one.
    pub const fn of_class(cla: u8) -> Option<Self> {
        match cla & 0xf0 {
            0x00 | 0x80 => Some(Self(cla & 0x03)),
            0x40..=0x70 | 0xc0..=0xf0 => Some(Self(4 + (cla & 0x0f))),
            _ => None,
        }
    }

    /// The class octet that sends a command of class `cla` on this channel (TS 102 221 §10.1.1).
    ///
    /// Classes without channels (`A0`) come back as they are.
    pub const fn apply(self, cla: u8) -> u8 {
        let proprietary = cla & 0x80;
        match (Self::of_class(cla), self.0) {
            (None, _) => cla,
            (Some(_), 0..=3) => proprietary | self.0,
            (Some(_), _) => proprietary | 0x40 | (self.0 - 4),
        }
    }

    /// The number, 0 to 19.
    pub const fn number(self) -> u8 {
        self.0
    }
}
