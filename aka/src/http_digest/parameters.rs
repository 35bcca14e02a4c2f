//! The grammar that all three fields share (RFC 9110 §11.2): names, `=`, tokens and quoted text.

use alloc::vec::Vec;

use super::quoted::{Quoted, is_plain};

/// The most octets of a field that is read.
pub const LONGEST_FIELD: usize = 4096;

/// A field is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidField {
    /// It is longer than [`LONGEST_FIELD`].
    #[error("the field has more than {LONGEST_FIELD} octets")]
    TooLong,
    /// Its scheme is not `Digest`.
    #[error("the scheme is not Digest")]
    Scheme,
    /// It is no list of `name=value`.
    #[error("the field is no list of parameters")]
    Grammar,
    /// A parameter is there twice.
    #[error("a parameter is there twice")]
    Twice,
    /// A parameter is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A parameter has not its form.
    #[error("{0} has not its form")]
    Parameter(&'static str),
}

/// The parameters of a field, each once.
pub(super) struct Parameters<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Parameters<'a> {
    /// Of `Digest name=value, ...`.
    pub(super) fn of_scheme(field: &'a str) -> Result<Self, InvalidField> {
        let scheme = field.get(..SCHEME.len());
        if !scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME)) {
            return Err(InvalidField::Scheme);
        }
        Self::parse(field.get(SCHEME.len()..).unwrap_or_default())
    }

    /// Of `name=value, ...`.
    pub(super) fn parse(list: &'a str) -> Result<Self, InvalidField> {
        if list.len() > LONGEST_FIELD {
            return Err(InvalidField::TooLong);
        }
        let mut parameters = Self(Vec::new());
        let mut rest = list.trim_matches(BLANKS);
        while !rest.is_empty() {
            rest = parameters.take(rest)?;
        }
        Ok(parameters)
    }

    /// Takes the first parameter of `list` in; returns what follows its comma.
    fn take(&mut self, list: &'a str) -> Result<&'a str, InvalidField> {
        let (name, rest) = list.split_once('=').ok_or(InvalidField::Grammar)?;
        let name = name.trim_end_matches(BLANKS);
        let (value, rest) = value(rest.trim_start_matches(BLANKS))?;
        if !is_token(name) {
            return Err(InvalidField::Grammar);
        }
        if self.get(name).is_some() {
            return Err(InvalidField::Twice);
        }
        self.0.push((name, value));
        let rest = rest.trim_start_matches(BLANKS);
        match rest.strip_prefix(',') {
            Some(rest) => match rest.trim_start_matches(BLANKS) {
                "" => Err(InvalidField::Grammar),
                rest => Ok(rest),
            },
            None if rest.is_empty() => Ok(rest),
            None => Err(InvalidField::Grammar),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        let mut named = self.0.iter();
        let found = named.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    }

    pub(super) fn need(&self, name: &'static str) -> Result<&'a str, InvalidField> {
        self.get(name).ok_or(InvalidField::Missing(name))
    }

    pub(super) fn need_text(&self, name: &'static str) -> Result<Quoted, InvalidField> {
        self.need(name).map(text)
    }

    pub(super) fn get_text(&self, name: &str) -> Option<Quoted> {
        self.get(name).map(text)
    }

    /// A parameter in its own form, if it is there.
    pub(super) fn get_as<T: core::str::FromStr>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, InvalidField> {
        let parsed = self.get(name).map(|value| value.parse().ok());
        match parsed {
            Some(None) => Err(InvalidField::Parameter(name)),
            Some(parsed) => Ok(parsed),
            None => Ok(None),
        }
    }
}

/// What a list holds was found to be plain already.
fn text(value: &str) -> Quoted {
    Quoted::of_ascii(value.into())
}

/// A token, or text in quotes, and what follows it.
fn value(rest: &str) -> Result<(&str, &str), InvalidField> {
    let (value, rest, fits): (_, _, fn(u8) -> bool) = if let Some(rest) = rest.strip_prefix('"') {
        let (value, rest) = rest.split_once('"').ok_or(InvalidField::Grammar)?;
        (value, rest, is_plain)
    } else {
        let end = rest.find([',', ' ', '\t']).unwrap_or(rest.len());
        let (value, rest) = rest.split_at(end);
        if value.is_empty() {
            return Err(InvalidField::Grammar);
        }
        (value, rest, is_token_octet)
    };
    if value.bytes().all(fits) {
        Ok((value, rest))
    } else {
        Err(InvalidField::Grammar)
    }
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_octet)
}

fn is_token_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet)
}

/// What goes before a list in `WWW-Authenticate` and `Authorization`.
pub(super) const SCHEME: &str = "Digest ";
const BLANKS: [char; 2] = [' ', '\t'];
