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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_beyond_19_are_refused() {
        assert_eq!(Channel::new(19), Ok(Channel::MAX));
        assert_eq!(Channel::new(20), Err(InvalidChannel));
    }

    #[test]
    fn every_channel_is_read_back_from_the_class_that_carries_it() {
        for number in 0..=19 {
            let channel = Channel::new(number).unwrap();
            for cla in [0x00, 0x80] {
                let carried = channel.apply(cla);
                assert_eq!(Channel::of_class(carried), Some(channel));
                assert_eq!(carried & 0x80, cla, "still interindustry or proprietary");
            }
        }
    }

    #[test]
    fn channels_from_4_on_are_in_the_further_class() {
        assert_eq!(Channel::new(3).unwrap().apply(0x00), 0x03);
        assert_eq!(Channel::new(4).unwrap().apply(0x00), 0x40);
        assert_eq!(Channel::new(19).unwrap().apply(0x00), 0x4f);
        assert_eq!(Channel::new(4).unwrap().apply(0x80), 0xc0);
    }

    #[test]
    fn a_command_moves_from_any_channel_to_any_other() {
        let channel = Channel::new(2).unwrap();
        assert_eq!(channel.apply(0x01), 0x02);
        assert_eq!(channel.apply(0x4f), 0x02);
        assert_eq!(Channel::BASIC.apply(0xcf), 0x80);
    }

    #[test]
    fn class_a0_has_no_channels() {
        assert_eq!(Channel::of_class(0xa0), None);
        assert_eq!(Channel::MAX.apply(0xa0), 0xa0);
    }
}
