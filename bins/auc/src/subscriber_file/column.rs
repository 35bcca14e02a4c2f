//! The columns, under their names in every form.

use crate::AlgorithmName;

/// What the header of a CSV file may name.
pub(super) const KNOWN: &str = "imsi, algorithm, k, opc, op, constants, topc, top, iterations, \
     amf, sqn and res_length";

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Imsi,
    Algorithm,
    K,
    Opc,
    Op,
    Constants,
    Topc,
    Top,
    Iterations,
    Amf,
    Sqn,
    ResLength,
}

impl Column {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "imsi" => Some(Self::Imsi),
            "algorithm" => Some(Self::Algorithm),
            "k" | "ki" => Some(Self::K),
            "opc" => Some(Self::Opc),
            "op" => Some(Self::Op),
            "constants" => Some(Self::Constants),
            "topc" => Some(Self::Topc),
            "top" => Some(Self::Top),
            "iterations" => Some(Self::Iterations),
            "amf" => Some(Self::Amf),
            "sqn" => Some(Self::Sqn),
            "res_length" | "res_len" => Some(Self::ResLength),
            _ => None,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Imsi => "imsi",
            Self::Algorithm => "algorithm",
            Self::K => "k",
            Self::Opc => "opc",
            Self::Op => "op",
            Self::Constants => "constants",
            Self::Topc => "topc",
            Self::Top => "top",
            Self::Iterations => "iterations",
            Self::Amf => "amf",
            Self::Sqn => "sqn",
            Self::ResLength => "res_length",
        }
    }

    pub(super) const fn form(self, algorithm: AlgorithmName) -> &'static str {
        match (self, algorithm) {
            (Self::Imsi, _) => "6 to 15 decimal digits",
            (Self::Algorithm, _) => "milenage, tuak or xor",
            (Self::K, AlgorithmName::Tuak) => "32 or 64 hexadecimal digits",
            (Self::K | Self::Opc | Self::Op, _) => "32 hexadecimal digits",
            (Self::Constants, _) => {
                "c1/r1 to c5/r5, each 32 hexadecimal digits, a slash, and 0 to 127, no two alike"
            }
            (Self::Topc | Self::Top, _) => "64 hexadecimal digits",
            (Self::Iterations, _) => "a number from 1 to 255",
            (Self::Amf, _) => "4 hexadecimal digits",
            (Self::Sqn, _) => "12 hexadecimal digits",
            (Self::ResLength, AlgorithmName::Milenage) => "a number from 4 to 8",
            (Self::ResLength, AlgorithmName::Tuak) => "4, 8 or 16",
            (Self::ResLength, AlgorithmName::Xor) => "a number from 4 to 16",
        }
    }

    /// Whether it says something to this algorithm.
    pub(super) const fn belongs_to(self, algorithm: AlgorithmName) -> bool {
        match self {
            Self::Opc | Self::Op | Self::Constants => matches!(algorithm, AlgorithmName::Milenage),
            Self::Topc | Self::Top | Self::Iterations => matches!(algorithm, AlgorithmName::Tuak),
            Self::Imsi | Self::Algorithm | Self::K | Self::Amf | Self::Sqn | Self::ResLength => {
                true
            }
        }
    }
}
