//! Values under the standards' names.

use std::fmt;

use aka::{Amf, Rand, Sqn, algorithm::CardAlgorithm as _, algorithm::HomeAlgorithm as _};
use zeroize::Zeroizing;

use super::{Explanation, TuakExplanation};
use crate::{Keys, ResLength};

/// An intermediate value, which is a secret: wiped on drop, never shown by `Debug`.
#[derive(Clone)]
pub struct Value {
    name: &'static str,
    octets: Zeroizing<Vec<u8>>,
}

impl Value {
    pub(super) fn new(name: &'static str, octets: impl AsRef<[u8]>) -> Self {
        let octets = Zeroizing::new(octets.as_ref().to_vec());
        Self { name, octets }
    }

    /// The standard's name of it.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its octets, most significant first.
    pub fn expose(&self) -> &[u8] {
        &self.octets
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({}, [redacted])", self.name)
    }
}

/// Everything on the way from a subscriber's keys to a vector and to an AUTS: what is particular to
/// the algorithm, then what every algorithm has.
pub fn of_vector(
    keys: &Keys,
    res_length: ResLength,
    rand: &Rand,
    sqn: Sqn,
    amf: Amf,
) -> Vec<Value> {
    let mut values = match keys {
        Keys::Milenage { k, opc, constants } => {
            let explained = Explanation::with_constants((k, opc), *constants, rand, sqn, amf);
            explained.values()
        }
        Keys::Tuak {
            key,
            topc,
            iterations,
        } => {
            let explained = TuakExplanation::new((key, topc, *iterations), res_length, rand);
            explained.values(sqn, amf)
        }
        Keys::Xor { k } => xor(k.expose(), rand, sqn, amf),
    };
    values.extend(of_functions(keys, res_length, rand, sqn, amf));
    values
}

/// TS 34.108 §8.1.2.
fn xor(k: &[u8; 16], rand: &Rand, sqn: Sqn, amf: Amf) -> Vec<Value> {
    let pairs = k.iter().zip(rand.as_bytes());
    let xdout: Zeroizing<Vec<u8>> = Zeroizing::new(pairs.map(|(k, rand)| k ^ rand).collect());
    let cdout = [&sqn.to_bytes()[..], amf.as_bytes()].concat();
    vec![Value::new("XDOUT", &*xdout), Value::new("CDOUT", cdout)]
}

fn of_functions(keys: &Keys, res_length: ResLength, rand: &Rand, sqn: Sqn, amf: Amf) -> [Value; 9] {
    let functions = keys.functions(res_length);
    let (autn, expected) = functions.challenge(rand, sqn, amf);
    let auts = functions.auts(rand, sqn);
    let mask = |concealed: [u8; 6]| {
        let pairs = concealed.into_iter().zip(sqn.to_bytes());
        Zeroizing::new(pairs.map(|(a, b)| a ^ b).collect::<Vec<u8>>())
    };
    [
        Value::new("MAC-A", autn.mac().as_bytes()),
        Value::new("MAC-S", auts.mac().as_bytes()),
        Value::new("XRES", res_length.cut(&expected.res).expose()),
        Value::new("CK", expected.ck.expose()),
        Value::new("IK", expected.ik.expose()),
        Value::new("AK", &*mask(autn.concealed_sqn())),
        Value::new("AK*", &*mask(auts.concealed_sqn())),
        Value::new("AUTN", autn.as_bytes()),
        Value::new("AUTS", auts.as_bytes()),
    ]
}
