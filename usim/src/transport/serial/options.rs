//! How a modem is spoken to.

use std::time::Duration;

use crate::transport::serial::ClassOctet;

/// How a modem is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Bits a second; USB modems do not care.
    pub baud_rate: u32,
    /// How long the modem may take for an answer.
    pub timeout: Duration,
    /// Which way to the SIM is taken.
    pub access: Access,
    /// What +CGLA carries in the class octet.
    pub class: ClassOctet,
}

impl Default for Options {
    /// 115 200 bits a second, 5 seconds, the best way that works.
    fn default() -> Self {
        Self {
            baud_rate: 115_200,
            timeout: Duration::from_secs(5),
            access: Access::Auto,
            class: ClassOctet::Channel,
        }
    }
}

impl Options {
    /// With another bit rate.
    #[must_use]
    pub fn with_baud_rate(mut self, baud_rate: u32) -> Self {
        self.baud_rate = baud_rate;
        self
    }

    /// With another time limit for an answer.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// With a certain way to the SIM.
    #[must_use]
    pub fn with_access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// With another class octet in +CGLA.
    #[must_use]
    pub fn with_class(mut self, class: ClassOctet) -> Self {
        self.class = class;
        self
    }
}

/// The ways to a modem's SIM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access {
    /// The first of the others that works.
    #[default]
    Auto,
    /// Logical channels by +CCHO and +CGLA, the basic one by +CSIM.
    Channels,
    /// Everything by +CSIM, logical channels by MANAGE CHANNEL.
    Generic,
    /// Everything by +CSIM, without logical channels.
    BasicChannel,
    /// Files of the USIM by +CRSM, read only.
    Restricted,
}
