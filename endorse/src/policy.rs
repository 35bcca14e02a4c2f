//! What a service demands beyond a token that is right.

use std::collections::HashSet;
use std::fmt;

use strict_jws::UnixTime;

use crate::{Endorsement, Imei, Imsi, Refusal};

/// Something a service demands of a token that has been verified. It must not change anything: later
/// policies may refuse the token still.
pub trait Policy: fmt::Debug + Send + Sync {
    /// Whether the token may pass.
    ///
    /// # Errors
    /// Why it may not: [`Refusal::Policy`] where nothing else fits.
    fn check(&self, endorsement: &Endorsement, now: UnixTime) -> Result<(), Refusal>;
}

/// Lets known SIMs pass, each in its own device: a SIM stolen from one is of no use in another.
///
/// ```
/// use endorse::SimPairs;
///
/// let staff = SimPairs::new()
///     .allow("001010000000001".parse()?, "490154203237518".parse()?)
///     .allow_in_any_device("001010000000002".parse()?);
/// # Ok::<(), endorse::InvalidIdentity>(())
/// ```
#[derive(Clone, Default)]
pub struct SimPairs {
    pairs: HashSet<(Imsi, Option<Imei>)>,
}

impl SimPairs {
    /// Lets no SIM pass.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets this SIM pass in this device.
    #[must_use]
    pub fn allow(mut self, imsi: Imsi, imei: Imei) -> Self {
        self.pairs.insert((imsi, Some(imei)));
        self
    }

    /// Lets this SIM pass in any device, and in one that is not told.
    #[must_use]
    pub fn allow_in_any_device(mut self, imsi: Imsi) -> Self {
        self.pairs.insert((imsi, None));
        self
    }
}

impl Policy for SimPairs {
    fn check(&self, endorsement: &Endorsement, _now: UnixTime) -> Result<(), Refusal> {
        let sim = endorsement.sim();
        let imsi = sim.imsi.clone().ok_or(Refusal::SimNotAllowed)?;
        let here = (imsi.clone(), sim.imei.clone());
        if self.pairs.contains(&here) || self.pairs.contains(&(imsi, None)) {
            Ok(())
        } else {
            Err(Refusal::SimNotAllowed)
        }
    }
}

impl fmt::Debug for SimPairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SimPairs({})", self.pairs.len())
    }
}
