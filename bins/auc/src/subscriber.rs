//! Who the centre knows, and with which keys.

use std::{collections::HashMap, fmt};

use aka::{Amf, Imsi, K, Opc, Res, Sqn};

use crate::{Functions, Keys};

/// One subscriber of the home: its keys and how its vectors are made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Subscriber {
    /// Who it is.
    pub imsi: Imsi,
    /// Its long-term keys, and which algorithm set they are for.
    pub keys: Keys,
    /// The authentication management field of its vectors.
    pub amf: Amf,
    /// The highest sequence number that was used before the centre knew it.
    pub sqn: Sqn,
    /// How many octets its RES has.
    pub res_length: ResLength,
}

impl Subscriber {
    /// A subscriber of MILENAGE with the separation bit set in its AMF (as EPS, 5GS and EAP-AKA'
    /// need it), no sequence number used, and 8 octets of RES.
    pub const fn new(imsi: Imsi, k: K, opc: Opc) -> Self {
        Self::with_keys(imsi, Keys::milenage(k, opc))
    }

    /// The same with the keys of any algorithm set, and RES as long as that usually makes it.
    pub const fn with_keys(imsi: Imsi, keys: Keys) -> Self {
        let res_length = keys.algorithm().usual_res();
        Self {
            imsi,
            keys,
            amf: Amf::SEPARATED,
            sqn: Sqn::ZERO,
            res_length,
        }
    }

    /// The subscriber's functions.
    pub fn functions(&self) -> Functions {
        self.keys.functions(self.res_length)
    }

    /// The same with another AMF.
    #[must_use]
    pub const fn with_amf(mut self, amf: Amf) -> Self {
        self.amf = amf;
        self
    }

    /// The same with the highest sequence number used so far.
    #[must_use]
    pub const fn with_sqn(mut self, sqn: Sqn) -> Self {
        self.sqn = sqn;
        self
    }

    /// The same with a shorter RES.
    #[must_use]
    pub const fn with_res_length(mut self, res_length: ResLength) -> Self {
        self.res_length = res_length;
        self
    }
}

/// How many octets RES has: 4 to 16 (TS 33.102 §6.3.7). MILENAGE makes 8, of which an operator may
/// use fewer; TUAK makes 4, 8 or 16; XOR 16, of which fewer may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResLength(u8);

impl ResLength {
    /// All 8 octets of MILENAGE, and what TUAK usually makes.
    pub const FULL: Self = Self(8);
    /// The 16 octets that AKA has room for.
    pub const LONGEST: Self = Self(16);

    /// Takes a number of octets; `None` outside 4 to 16.
    pub const fn new(octets: u8) -> Option<Self> {
        if octets < 4 || octets > Self::LONGEST.0 {
            None
        } else {
            Some(Self(octets))
        }
    }

    /// The number of octets, 4 to 16.
    pub const fn octets(self) -> u8 {
        self.0
    }

    /// The front part of `res` that goes out; all of it where it has no more octets.
    pub fn cut(self, res: &Res) -> Res {
        let front = res.expose().get(..usize::from(self.0));
        front
            .and_then(|front| Res::from_slice(front).ok())
            .unwrap_or_else(|| res.clone())
    }
}

/// All subscribers of a home.
#[derive(Clone, Default)]
pub struct Subscribers(HashMap<Imsi, Subscriber>);

impl Subscribers {
    /// Adds one; `false`, and nothing changes, when its IMSI is known already.
    #[must_use]
    pub fn insert(&mut self, subscriber: Subscriber) -> bool {
        let known = self.0.contains_key(&subscriber.imsi);
        if !known {
            self.0.insert(subscriber.imsi, subscriber);
        }
        !known
    }

    /// The subscriber with this IMSI.
    pub fn get(&self, imsi: &Imsi) -> Option<&Subscriber> {
        self.0.get(imsi)
    }

    /// Every subscriber with the highest sequence number that was used before, as
    /// [`Journal::open`](crate::Journal::open) takes them.
    pub fn numbers(&self) -> impl Iterator<Item = (Imsi, Sqn)> {
        self.0.values().map(|known| (known.imsi, known.sqn))
    }

    /// Every subscriber, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Subscriber> {
        self.0.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Subscribers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscribers({})", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_imsi_is_not_replaced() {
        let subscriber = |k| {
            Subscriber::new(
                "001010000000001".parse().unwrap(),
                K::new([k; 16]),
                Opc::new([0; 16]),
            )
        };
        let mut subscribers = Subscribers::default();

        assert!(subscribers.insert(subscriber(1)));
        assert!(!subscribers.insert(subscriber(2)));

        let imsi = "001010000000001".parse().unwrap();
        assert_eq!(subscribers.get(&imsi).unwrap().keys.expose_k(), [1; 16]);
        assert_eq!(subscribers.len(), 1);
    }

    #[test]
    fn res_is_cut_from_the_front() {
        let res = Res::from_f2([1, 2, 3, 4, 5, 6, 7, 8]);

        assert_eq!(ResLength::new(4).unwrap().cut(&res).expose(), [1, 2, 3, 4]);
        assert_eq!(ResLength::FULL.cut(&res).expose().len(), 8);
        assert_eq!(ResLength::new(3), None);
        assert_eq!(ResLength::LONGEST.cut(&res).expose().len(), 8);
        assert_eq!(ResLength::new(17), None);
    }
}
