//! The modem's numbers for what it opened, and our channels.

use crate::apdu::Channel;

/// What the class octet of a command carries in +CGLA.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClassOctet {
    /// The channel, when the modem numbers its sessions by channel; most modems set it
    /// themselves, some want it.
    #[default]
    Channel,
    /// The basic channel: the modem puts in the right one.
    Basic,
}

/// The open sessions.
#[derive(Debug, Default)]
pub(super) struct Sessions(Vec<Open>);

#[derive(Clone, Copy, Debug)]
struct Open {
    channel: Channel,
    session: u32,
    class: ClassOctet,
}

impl Sessions {
    /// Gives a session a channel: its own number where that can be, otherwise the lowest free
    /// one; `None` when there are too many.
    pub(super) fn add(&mut self, session: u32, class: ClassOctet) -> Option<Channel> {
        let same = u8::try_from(session).ok().filter(|number| *number > 0);
        let same = same.and_then(|number| Channel::new(number).ok());
        let is_free = |channel: &Channel| self.find(*channel).is_none();
        let free = || {
            (1..=Channel::MAX.number()).find_map(|number| Channel::new(number).ok().filter(is_free))
        };
        let (channel, class) = match same.filter(is_free) {
            Some(channel) => (channel, class),
            None => (free()?, ClassOctet::Basic),
        };
        self.0.push(Open {
            channel,
            session,
            class,
        });
        Some(channel)
    }

    pub(super) fn remove(&mut self, channel: Channel) -> Option<u32> {
        let place = self.0.iter().position(|open| open.channel == channel)?;
        Some(self.0.swap_remove(place).session)
    }

    /// Forgets all; their session numbers.
    pub(super) fn clear(&mut self) -> Vec<u32> {
        let all = std::mem::take(&mut self.0);
        all.into_iter().map(|open| open.session).collect()
    }

    pub(super) fn find(&self, channel: Channel) -> Option<u32> {
        self.open(channel).map(|open| open.session)
    }

    /// The class octet that a command of class `cla` is sent with.
    pub(super) fn class(&self, channel: Channel, cla: u8) -> u8 {
        match self.open(channel).map(|open| open.class) {
            Some(ClassOctet::Basic) => Channel::BASIC.apply(cla),
            Some(ClassOctet::Channel) | None => channel.apply(cla),
        }
    }

    fn open(&self, channel: Channel) -> Option<&Open> {
        self.0.iter().find(|open| open.channel == channel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_its_own_number_as_channel_where_that_can_be() {
        let mut sessions = Sessions::default();
        let mut add = |session| {
            sessions
                .add(session, ClassOctet::Channel)
                .map(Channel::number)
        };
        assert_eq!(add(2), Some(2));
        assert_eq!(add(2), Some(1));
        assert_eq!(add(0), Some(3));
        assert_eq!(add(4711), Some(4));
        assert_eq!((5..=19).map(add).last(), Some(Some(19)));
        assert_eq!(sessions.add(20, ClassOctet::Channel), None);
        assert_eq!(sessions.find(Channel::new(4).unwrap()), Some(4711));
    }

    #[test]
    fn the_class_octet_names_the_channel_unless_the_number_is_not_the_modems() {
        let mut sessions = Sessions::default();
        let own = sessions.add(2, ClassOctet::Channel).unwrap();
        let other = sessions.add(4711, ClassOctet::Channel).unwrap();
        let basic = sessions.add(3, ClassOctet::Basic).unwrap();
        assert_eq!(sessions.class(own, 0x02), 0x02);
        assert_eq!(sessions.class(own, 0x80), 0x82);
        assert_eq!(sessions.class(other, 0x01), 0x00);
        assert_eq!(sessions.class(basic, 0x83), 0x80);
    }
}
