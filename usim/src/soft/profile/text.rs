//! A profile as TOML. Errors name the key, never the value: it may be a secret.

use std::str::FromStr;

use aka::{
    IndLength, K, MncLength, Op, Opc, Sqn,
    card::{Policy, SeqArray},
    kdf::gsm::SresFunction,
};
use toml::{Table, Value};

use super::{Algorithm, Enabled, Isim, PinValues, Profile};
use crate::{
    file::{msisdn::Msisdn, spn::ServiceProvider},
    soft::{Quirk, Quirks},
    transport::Protocol,
};

/// A profile cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// The text is no TOML.
    #[error("line {line} is not TOML")]
    Syntax {
        /// The line, counted from 1.
        line: usize,
    },
    /// A key has a value that it cannot have.
    #[error("{key}: {problem}")]
    Key {
        /// The key, with those of its tables before it.
        key: String,
        /// What is wrong with it.
        problem: Problem,
    },
}

/// What is wrong with a key of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// There is no such key.
    #[error("there is no such key")]
    Unknown,
    /// Another key asks for this one.
    #[error("is missing")]
    Missing,
    /// Another key excludes this one.
    #[error("excludes another key that is there as well")]
    Conflict,
    /// It should be something else.
    #[error("expected {0}")]
    Expected(&'static str),
}

pub(super) fn parse(profile: &str) -> Result<Profile, ProfileError> {
    let table = profile.parse::<Table>().map_err(|error| {
        let before = error.span().and_then(|span| profile.get(..span.start));
        ProfileError::Syntax {
            line: before.unwrap_or_default().matches('\n').count() + 1,
        }
    })?;
    let mut keys = Keys {
        table,
        path: String::new(),
    };
    let profile = read(&mut keys)?;
    keys.finish()?;
    Ok(profile)
}

fn read(keys: &mut Keys) -> Result<Profile, ProfileError> {
    let default = Profile::default();
    let imsi = keys
        .parsed("imsi", "6 to 15 digits")?
        .unwrap_or(default.imsi);
    let mnc_length = keys.with("mnc-length", "2 or 3", mnc_length)?;
    let mut profile = Profile::with_imsi(imsi, mnc_length.unwrap_or(default.mnc_length));
    read_keys(keys, &mut profile)?;
    read_sqn(keys, &mut profile)?;
    read_files(keys, &mut profile)?;
    read_isim(keys, &mut profile)?;
    for (name, values) in [
        ("pin1", &mut profile.pins.pin1),
        ("pin2", &mut profile.pins.pin2),
        ("universal-pin", &mut profile.pins.universal),
    ] {
        read_pin(keys, name, values)?;
    }
    if let Some(protocol) = keys.with("protocol", "\"T=0\" or \"T=1\"", protocol)? {
        profile.protocol = protocol;
    }
    if let Some(quirks) = keys.with("quirks", "a list of names of quirks", quirks)? {
        profile.quirks = quirks;
    }
    Ok(profile)
}

fn read_keys(keys: &mut Keys, profile: &mut Profile) -> Result<(), ProfileError> {
    const HEX: &str = "32 hexadecimal digits";
    let (k, op, opc) = (
        keys.parsed::<K>("k", HEX)?,
        keys.parsed::<Op>("op", HEX)?,
        keys.parsed::<Opc>("opc", HEX)?,
    );
    if let Some(Named::Xor) = keys.with("algorithm", "\"milenage\" or \"xor\"", named)? {
        let conflicts = [("op", op.is_some()), ("opc", opc.is_some())];
        if let Some((key, _)) = conflicts.iter().find(|(_, given)| *given) {
            return Err(keys.wrong(key, Problem::Conflict));
        }
        let k = k.ok_or_else(|| keys.wrong("k", Problem::Missing))?;
        profile.algorithm = Algorithm::Xor { k };
        return Ok(());
    }
    profile.algorithm = match (k, op, opc) {
        (None, None, None) => return Ok(()),
        (_, Some(_), Some(_)) => return Err(keys.wrong("op", Problem::Conflict)),
        (None, _, _) => return Err(keys.wrong("k", Problem::Missing)),
        (Some(_), None, None) => return Err(keys.wrong("opc", Problem::Missing)),
        (Some(k), Some(op), None) => Algorithm::Milenage {
            opc: Opc::derive(&k, &op),
            k,
        },
        (Some(k), None, Some(opc)) => Algorithm::Milenage { k, opc },
    };
    Ok(())
}

/// The algorithm sets by their names.
enum Named {
    Milenage,
    Xor,
}

fn named(value: &Value) -> Option<Named> {
    match value.as_str()? {
        "milenage" => Some(Named::Milenage),
        "xor" => Some(Named::Xor),
        _ => None,
    }
}

fn read_sqn(keys: &mut Keys, profile: &mut Profile) -> Result<(), ProfileError> {
    if let Some(sres) = keys.with("sres", "\"folded\" or \"truncated\"", sres)? {
        profile.sres = sres;
    }
    let Some(mut keys) = keys.table("sqn")? else {
        return Ok(());
    };
    let bits = keys.with("ind-length", "0 to 5", |value| {
        IndLength::new(u8::try_from(value.as_integer()?).ok()?).ok()
    })?;
    let mut policy = Policy::default();
    if let Some(bits) = bits {
        policy = policy.with_ind_length(bits);
    }
    if let Some(delta) = keys.with("delta", "a positive number", positive)? {
        policy = policy.with_delta(delta);
    }
    if let Some(limit) = keys.with("age-limit", "a positive number", positive)? {
        policy = policy.with_age_limit(limit);
    }
    if let Some(sqn) = keys.parsed::<Sqn>("taken", "12 hexadecimal digits")? {
        let mut slots = [0; SeqArray::SLOTS];
        let ind = usize::from(sqn.ind(policy.ind_length()).get());
        for slot in slots.iter_mut().skip(ind).take(1) {
            *slot = sqn.seq(policy.ind_length());
        }
        profile.sqn_state = SeqArray::from_array(slots).unwrap_or_default();
    }
    profile.sqn_policy = policy;
    keys.finish()
}

fn read_files(keys: &mut Keys, profile: &mut Profile) -> Result<(), ProfileError> {
    if let Some(iccid) = keys.parsed("iccid", "10 to 20 digits")? {
        profile.iccid = iccid;
    }
    if let Some(msisdn) = keys.with("msisdn", "up to 20 digits, perhaps behind a +", msisdn)? {
        profile.msisdn = Some(msisdn);
    }
    if let Some(spn) = keys.with("spn", "up to 16 characters of ASCII", |v| short(v, 16))? {
        profile.spn = ServiceProvider::new(spn);
    }
    Ok(())
}

fn read_isim(keys: &mut Keys, profile: &mut Profile) -> Result<(), ProfileError> {
    if keys.table.get("isim").and_then(Value::as_bool) == Some(false) {
        keys.table.remove("isim");
        profile.isim = None;
        return Ok(());
    }
    let Some(mut keys) = keys.table("isim")? else {
        return Ok(());
    };
    let mut isim = Isim::derived(&profile.imsi, profile.mnc_length);
    if let Some(impi) = keys.with("impi", ISIM_TEXT, identity)? {
        isim.impi = impi;
    }
    if let Some(domain) = keys.with("domain", ISIM_TEXT, identity)? {
        isim.domain = domain;
    }
    if let Some(impu) = keys.with(
        "impu",
        "a list of texts, each of 1 to 126 octets",
        identities,
    )? {
        isim.impu = impu;
    }
    profile.isim = Some(isim);
    keys.finish()
}

fn read_pin(keys: &mut Keys, name: &str, pin: &mut PinValues) -> Result<(), ProfileError> {
    let Some(mut keys) = keys.table(name)? else {
        return Ok(());
    };
    let value = |value: &Value, puk: bool| {
        let text = value.as_str()?;
        PinValues::new(
            if puk { "0000" } else { text },
            if puk { text } else { "00000000" },
            Enabled::No,
        )
    };
    if let Some(given) = keys.with("pin", "4 to 8 digits", |v| value(v, false))? {
        pin.pin = given.pin;
    }
    if let Some(given) = keys.with("puk", "8 digits", |v| value(v, true))? {
        pin.puk = given.puk;
    }
    if let Some(enabled) = keys.with("enabled", "true or false", Value::as_bool)? {
        pin.enabled = if enabled { Enabled::Yes } else { Enabled::No };
    }
    keys.finish()
}

const ISIM_TEXT: &str = "1 to 126 octets of text";

/// The keys of one table; what is asked for is taken out, what stays is unknown.
struct Keys {
    table: Table,
    path: String,
}

impl Keys {
    fn with<T>(
        &mut self,
        key: &str,
        expected: &'static str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<Option<T>, ProfileError> {
        let Some(value) = self.table.remove(key) else {
            return Ok(None);
        };
        let read = read(&value);
        read.ok_or_else(|| self.wrong(key, Problem::Expected(expected)))
            .map(Some)
    }

    fn parsed<T: FromStr>(
        &mut self,
        key: &str,
        expected: &'static str,
    ) -> Result<Option<T>, ProfileError> {
        self.with(key, expected, |value| value.as_str()?.parse().ok())
    }

    fn table(&mut self, key: &str) -> Result<Option<Self>, ProfileError> {
        match self.table.remove(key) {
            None => Ok(None),
            Some(Value::Table(table)) => Ok(Some(Self {
                table,
                path: format!("{}{key}.", self.path),
            })),
            Some(_) => Err(self.wrong(key, Problem::Expected("a table"))),
        }
    }

    fn wrong(&self, key: &str, problem: Problem) -> ProfileError {
        ProfileError::Key {
            key: format!("{}{key}", self.path),
            problem,
        }
    }

    fn finish(self) -> Result<(), ProfileError> {
        match self.table.keys().next() {
            None => Ok(()),
            Some(key) => Err(self.wrong(key, Problem::Unknown)),
        }
    }
}

fn mnc_length(value: &Value) -> Option<MncLength> {
    match value.as_integer()? {
        2 => Some(MncLength::Two),
        3 => Some(MncLength::Three),
        _ => None,
    }
}

fn protocol(value: &Value) -> Option<Protocol> {
    match value.as_str()? {
        "T=0" => Some(Protocol::T0),
        "T=1" => Some(Protocol::T1),
        _ => None,
    }
}

fn sres(value: &Value) -> Option<SresFunction> {
    match value.as_str()? {
        "folded" => Some(SresFunction::Folded),
        "truncated" => Some(SresFunction::Truncated),
        _ => None,
    }
}

fn quirks(value: &Value) -> Option<Quirks> {
    let names = value.as_array()?.iter();
    names
        .map(|name| name.as_str()?.parse::<Quirk>().ok())
        .collect()
}

fn positive(value: &Value) -> Option<u64> {
    u64::try_from(value.as_integer()?)
        .ok()
        .filter(|number| *number > 0)
}

fn msisdn(value: &Value) -> Option<Msisdn> {
    Msisdn::new(value.as_str()?).ok()
}

fn short(value: &Value, size: usize) -> Option<String> {
    let text = value.as_str()?;
    (text.len() <= size && text.is_ascii()).then(|| text.to_owned())
}

fn identity(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    (1..=126).contains(&text.len()).then(|| text.to_owned())
}

fn identities(value: &Value) -> Option<Vec<String>> {
    let texts: Option<Vec<_>> = value.as_array()?.iter().map(identity).collect();
    texts.filter(|texts| !texts.is_empty())
}
