//! A subscriber as a row of the table, its keys sealed, and back.

use std::num::NonZeroU8;

use aka::{
    Amf, K, Opc, Sqn,
    milenage::Constants,
    tuak::{Key, Topc},
};
use server_kit::seal::{SealError, Sealer};
use sqlx::{
    Any, Row as _,
    any::{AnyArguments, AnyRow},
    query::Query,
};
use zeroize::Zeroizing;

use super::SqlError;
use crate::{
    AlgorithmName, Keys, ResLength, Subscriber, XorForTests,
    keys::{constants_from_octets, constants_to_octets},
};

/// In the order in which [`Sealed::bind`] gives them.
pub(super) const COLUMNS: [&str; 9] = [
    "imsi",
    "k",
    "opc",
    "amf",
    "sqn",
    "res_length",
    "algorithm",
    "iterations",
    "constants",
];

/// What a sealed key is bound to. Its algorithm is part of that: whoever could pass a subscriber
/// of MILENAGE off as one of XOR would have the home give K away.
struct Place<'a> {
    imsi: &'a str,
    algorithm: AlgorithmName,
}

impl Place<'_> {
    fn of(&self, column: &str) -> String {
        let imsi = self.imsi;
        match self.algorithm {
            AlgorithmName::Milenage => format!("auc/subscriber/{imsi}/{column}"),
            AlgorithmName::Tuak | AlgorithmName::Xor => {
                let algorithm = self.algorithm.name();
                format!("auc/subscriber/{imsi}/{algorithm}/{column}")
            }
        }
    }
}

/// A subscriber's keys as they are stored.
pub(super) struct Sealed<'a> {
    subscriber: &'a Subscriber,
    k: Vec<u8>,
    operator: Vec<u8>,
    constants: Vec<u8>,
}

impl<'a> Sealed<'a> {
    pub(super) fn new(sealer: &Sealer, subscriber: &'a Subscriber) -> Result<Self, SealError> {
        let keys = &subscriber.keys;
        let place = Place {
            imsi: subscriber.imsi.as_str(),
            algorithm: keys.algorithm(),
        };
        let constants = match keys {
            Keys::Milenage { constants, .. } => constants_to_octets(constants),
            Keys::Tuak { .. } | Keys::Xor { .. } => Zeroizing::default(),
        };
        let constants = if constants.is_empty() {
            Vec::new()
        } else {
            sealer.seal(&place.of("constants"), &constants)?
        };
        Ok(Self {
            subscriber,
            k: sealer.seal(&place.of("k"), keys.expose_k())?,
            operator: sealer.seal(&place.of("opc"), keys.expose_operator())?,
            constants,
        })
    }

    pub(super) fn bind(self, query: Query<'_, Any, AnyArguments>) -> Query<'_, Any, AnyArguments> {
        let Subscriber {
            imsi,
            keys,
            amf,
            sqn,
            res_length,
        } = self.subscriber;
        let iterations = match keys {
            Keys::Tuak { iterations, .. } => i64::from(iterations.get()),
            Keys::Milenage { .. } | Keys::Xor { .. } => 1,
        };
        query
            .bind(imsi.as_str().to_owned())
            .bind(self.k)
            .bind(self.operator)
            .bind(i64::from(u16::from_be_bytes(*amf.as_bytes())))
            .bind(sqn.get().cast_signed())
            .bind(i64::from(res_length.octets()))
            .bind(keys.algorithm().name())
            .bind(iterations)
            .bind(self.constants)
    }
}

/// A row that was read, with what opens its keys.
pub(super) struct Stored<'a> {
    pub(super) row: &'a AnyRow,
    pub(super) sealer: &'a Sealer,
    pub(super) xor: XorForTests,
}

impl Stored<'_> {
    pub(super) fn subscriber(&self) -> Result<Subscriber, SqlError> {
        let text: String = self.row.try_get("imsi")?;
        let imsi = text.parse().ok().ok_or(SqlError::Damaged("imsi"))?;
        Ok(Subscriber::with_keys(imsi, self.keys(&text)?)
            .with_amf(Amf::new(self.number::<u16>("amf")?.to_be_bytes()))
            .with_sqn(self.sqn()?)
            .with_res_length(self.res_length()?))
    }

    fn keys(&self, imsi: &str) -> Result<Keys, SqlError> {
        let name: String = self.row.try_get("algorithm")?;
        let algorithm = AlgorithmName::named(&name).ok_or(SqlError::Damaged("algorithm"))?;
        let place = &Place { imsi, algorithm };
        match (algorithm, self.xor) {
            (AlgorithmName::Milenage, _) => self.milenage(place),
            (AlgorithmName::Tuak, _) => self.tuak(place),
            (AlgorithmName::Xor, XorForTests::DangerAllowed) => {
                Ok(Keys::danger_xor_for_tests(self.k(place)?))
            }
            (AlgorithmName::Xor, XorForTests::Refused) => Err(SqlError::XorForTests),
        }
    }

    fn milenage(&self, place: &Place<'_>) -> Result<Keys, SqlError> {
        let opc = Opc::from_slice(&self.opened(place, "opc")?);
        let opc = opc.map_err(|_length| SqlError::Damaged("opc"))?;
        Ok(Keys::milenage_with(
            self.k(place)?,
            opc,
            self.constants(place)?,
        ))
    }

    fn tuak(&self, place: &Place<'_>) -> Result<Keys, SqlError> {
        let key = Key::from_slice(&self.opened(place, "k")?);
        let topc = Topc::from_slice(&self.opened(place, "opc")?);
        Ok(Keys::tuak(
            key.map_err(|_length| SqlError::Damaged("k"))?,
            topc.map_err(|_length| SqlError::Damaged("opc"))?,
            self.iterations()?,
        ))
    }

    fn k(&self, place: &Place<'_>) -> Result<K, SqlError> {
        let k = K::from_slice(&self.opened(place, "k")?);
        k.map_err(|_length| SqlError::Damaged("k"))
    }

    fn constants(&self, place: &Place<'_>) -> Result<Constants, SqlError> {
        let sealed: Vec<u8> = self.row.try_get("constants")?;
        if sealed.is_empty() {
            return Ok(Constants::STANDARD);
        }
        let octets = self.sealer.open(&place.of("constants"), &sealed)?;
        constants_from_octets(&octets).ok_or(SqlError::Damaged("constants"))
    }

    fn opened(
        &self,
        place: &Place<'_>,
        column: &'static str,
    ) -> Result<Zeroizing<Vec<u8>>, SqlError> {
        let sealed: Vec<u8> = self.row.try_get(column)?;
        Ok(self.sealer.open(&place.of(column), &sealed)?)
    }

    fn iterations(&self) -> Result<NonZeroU8, SqlError> {
        NonZeroU8::new(self.number("iterations")?).ok_or(SqlError::Damaged("iterations"))
    }

    fn sqn(&self) -> Result<Sqn, SqlError> {
        let sqn = Sqn::new(self.number("sqn")?);
        sqn.map_err(|_too_long| SqlError::Damaged("sqn"))
    }

    fn res_length(&self) -> Result<ResLength, SqlError> {
        ResLength::new(self.number("res_length")?).ok_or(SqlError::Damaged("res_length"))
    }

    fn number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, SqlError> {
        let number: i64 = self.row.try_get(column)?;
        number.try_into().ok().ok_or(SqlError::Damaged(column))
    }
}
