//! From the fields of one subscriber, in whatever form they came, to the subscriber.

use std::str::FromStr;

use aka::{
    Amf, K, Op, Opc, Sqn,
    milenage::Constants,
    tuak::{self, Top, Topc},
};
use zeroize::Zeroizing;

use super::{Problem, column::Column};
use crate::{AlgorithmName, Keys, ResLength, Subscriber, XorForTests, constants_from_text};

/// The fields of one subscriber that are not empty; wiped on drop.
#[derive(Default)]
pub(super) struct Record(Vec<(Column, Zeroizing<String>)>);

impl Record {
    pub(super) fn push(&mut self, column: Column, text: impl Into<String>) {
        let text = Zeroizing::new(text.into());
        if !text.is_empty() {
            self.0.push((column, text));
        }
    }

    pub(super) fn subscriber(&self, xor: XorForTests) -> Result<Subscriber, Problem> {
        let algorithm = self.algorithm()?;
        let fields = Fields {
            record: self,
            algorithm,
        };
        fields.check()?;
        let keys = fields.keys(xor)?;
        let imsi = fields.required(Column::Imsi)?;
        let amf = fields.parsed(Column::Amf)?.unwrap_or(Amf::SEPARATED);
        let sqn = fields.parsed(Column::Sqn)?.unwrap_or(Sqn::ZERO);
        Ok(Subscriber::with_keys(imsi, keys)
            .with_amf(amf)
            .with_sqn(sqn)
            .with_res_length(fields.res_length()?))
    }

    /// As it is named, or else as the operator's field tells.
    fn algorithm(&self) -> Result<AlgorithmName, Problem> {
        if let Some(name) = self.text(Column::Algorithm) {
            let wrong = wrong(Column::Algorithm, AlgorithmName::Milenage);
            return AlgorithmName::named(name).ok_or(wrong);
        }
        let tuak = [Column::Topc, Column::Top].map(|column| self.text(column));
        Ok(if tuak.iter().any(Option::is_some) {
            AlgorithmName::Tuak
        } else {
            AlgorithmName::Milenage
        })
    }

    fn text(&self, column: Column) -> Option<&str> {
        let mut fields = self.0.iter();
        let field = fields.find(|(present, _)| *present == column);
        field.map(|(_, text)| text.as_str())
    }
}

/// A record whose algorithm is known.
struct Fields<'a> {
    record: &'a Record,
    algorithm: AlgorithmName,
}

impl Fields<'_> {
    fn check(&self) -> Result<(), Problem> {
        let mut columns = self.record.0.iter().map(|(column, _)| *column);
        match columns.find(|column| !column.belongs_to(self.algorithm)) {
            None => Ok(()),
            Some(column) => Err(Problem::Misplaced {
                column: column.name(),
                algorithm: self.algorithm.name(),
            }),
        }
    }

    fn keys(&self, xor: XorForTests) -> Result<Keys, Problem> {
        match (self.algorithm, xor) {
            (AlgorithmName::Milenage, _) => self.milenage(),
            (AlgorithmName::Tuak, _) => self.tuak(),
            (AlgorithmName::Xor, XorForTests::DangerAllowed) => {
                self.required(Column::K).map(Keys::danger_xor_for_tests)
            }
            (AlgorithmName::Xor, XorForTests::Refused) => Err(Problem::XorForTests),
        }
    }

    fn milenage(&self) -> Result<Keys, Problem> {
        let k = self.required::<K>(Column::K)?;
        let opc = match self.either::<Opc, Op>(Column::Opc, Column::Op)? {
            Ok(opc) => opc,
            Err(op) => Opc::derive(&k, &op),
        };
        let constants = match self.record.text(Column::Constants) {
            None => Constants::STANDARD,
            Some(text) => constants_from_text(text)
                .ok()
                .ok_or_else(|| wrong(Column::Constants, self.algorithm))?,
        };
        Ok(Keys::milenage_with(k, opc, constants))
    }

    fn tuak(&self) -> Result<Keys, Problem> {
        let key = self.required::<tuak::Key>(Column::K)?;
        let iterations = self
            .parsed(Column::Iterations)?
            .unwrap_or(tuak::Functions::ONE_ITERATION);
        let topc = match self.either::<Topc, Top>(Column::Topc, Column::Top)? {
            Ok(topc) => topc,
            Err(top) => Topc::derive(&key, &top, iterations),
        };
        Ok(Keys::tuak(key, topc, iterations))
    }

    /// The subscriber's field, or the network's that it can be derived from.
    fn either<A: FromStr, B: FromStr>(
        &self,
        own: Column,
        network: Column,
    ) -> Result<Result<A, B>, Problem> {
        match (self.parsed(own)?, self.parsed(network)?) {
            (Some(own), None) => Ok(Ok(own)),
            (None, Some(network)) => Ok(Err(network)),
            (Some(_), Some(_)) => Err(Problem::BothOperatorFields),
            (None, None) => Err(Problem::Missing { column: own.name() }),
        }
    }

    fn res_length(&self) -> Result<ResLength, Problem> {
        let Some(octets) = self.parsed(Column::ResLength)? else {
            return Ok(self.algorithm.usual_res());
        };
        ResLength::new(octets)
            .filter(|length| self.algorithm.makes(*length))
            .ok_or_else(|| wrong(Column::ResLength, self.algorithm))
    }

    fn required<T: FromStr>(&self, column: Column) -> Result<T, Problem> {
        let missing = Problem::Missing {
            column: column.name(),
        };
        self.parsed(column)?.ok_or(missing)
    }

    fn parsed<T: FromStr>(&self, column: Column) -> Result<Option<T>, Problem> {
        let parse = |text: &str| text.parse::<T>().ok();
        let text = self.record.text(column);
        text.map(|text| parse(text).ok_or_else(|| wrong(column, self.algorithm)))
            .transpose()
    }
}

pub(super) const fn wrong(column: Column, algorithm: AlgorithmName) -> Problem {
    Problem::Field {
        column: column.name(),
        form: column.form(algorithm),
    }
}
