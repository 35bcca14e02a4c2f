//! JSON (RFC 8259) as signed things need it: no member twice, no endless nesting, nothing guessed.
//!
//! Nothing is copied: a [`Document`] is the text and a list of where its values stand.

use std::borrow::Cow;

mod parse;
mod string;
mod write;

pub use write::ObjectWriter;

/// The largest integer that every JSON implementation keeps exactly: 2^53.
pub const MAX_INTEGER: u64 = 1 << 53;

/// How many members one object may have.
pub const MAX_MEMBERS: usize = 64;

/// Text is not a JSON document, or not one that everybody reads alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidJson {
    /// The octets are not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// The text begins with a byte order mark.
    #[error("the text begins with a byte order mark")]
    ByteOrderMark,
    /// The text ends within a value.
    #[error("the text ends within a value")]
    UnexpectedEnd,
    /// A character stands where the grammar has no place for it.
    #[error("a character is out of place")]
    UnexpectedCharacter,
    /// Something follows the value.
    #[error("something follows the value")]
    TrailingText,
    /// A number is not written as JSON writes it.
    #[error("a number is not written as JSON writes it")]
    Number,
    /// A control character stands in a string without an escape.
    #[error("a control character in a string is not escaped")]
    ControlCharacter,
    /// An escape sequence is unknown, or half of a surrogate pair.
    #[error("an escape sequence is invalid")]
    Escape,
    /// An object has the same member twice.
    #[error("an object has the same member twice")]
    DuplicateMember,
    /// Values are nested deeper than the caller allows.
    #[error("nested too deep")]
    TooDeep,
    /// There are more values, or more members in one object, than allowed.
    #[error("too many values")]
    TooManyValues,
}

/// How much a document may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    depth: u8,
    values: usize,
}

impl Bounds {
    /// For a JWS header: 4 levels.
    pub const HEADER: Self = Self::new(4, 256);
    /// For a token's payload: 8 levels.
    pub const PAYLOAD: Self = Self::new(8, 1024);

    /// At most `depth` levels of objects and arrays, and `values` values, names included.
    pub const fn new(depth: u8, values: usize) -> Self {
        Self { depth, values }
    }
}

/// A JSON text that has been checked from end to end.
#[derive(Clone, Debug)]
pub struct Document<'t> {
    text: &'t str,
    nodes: Vec<Node>,
}

/// One value of a document, names of members included.
#[derive(Clone, Copy, Debug)]
struct Node {
    kind: Kind,
    start: usize,
    end: usize,
    /// How many nodes it takes, with all that is inside; at least one.
    size: usize,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 8259 §3 has closed the set")]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl<'t> Document<'t> {
    /// Checks all of `octets`.
    ///
    /// ```
    /// use strict_jws::json::{Bounds, Document, InvalidJson};
    ///
    /// let document = Document::parse(br#"{"exp":1300819380}"#, Bounds::PAYLOAD)?;
    /// let exp = document.root().member("exp").and_then(|value| value.integer());
    /// assert_eq!(exp, Some(1_300_819_380));
    ///
    /// let twice = Document::parse(br#"{"exp":1,"exp":2}"#, Bounds::PAYLOAD);
    /// assert_eq!(twice.err(), Some(InvalidJson::DuplicateMember));
    /// # Ok::<(), InvalidJson>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidJson`], for the first thing that is wrong.
    pub fn parse(octets: &'t [u8], bounds: Bounds) -> Result<Self, InvalidJson> {
        if octets.starts_with(b"\xef\xbb\xbf") {
            return Err(InvalidJson::ByteOrderMark);
        }
        let Ok(text) = std::str::from_utf8(octets) else {
            return Err(InvalidJson::NotUtf8);
        };
        let nodes = parse::nodes(text, bounds)?;
        Ok(Self { text, nodes })
    }

    /// The document's value.
    pub fn root(&self) -> Value<'_> {
        Value {
            text: self.text,
            nodes: &self.nodes,
        }
    }
}

/// A value within a document.
#[derive(Clone, Copy, Debug)]
pub struct Value<'d> {
    text: &'d str,
    /// This value's node, and those after it.
    nodes: &'d [Node],
}

impl<'d> Value<'d> {
    /// What it is.
    pub fn kind(&self) -> Kind {
        self.node().map_or(Kind::Null, |node| node.kind)
    }

    /// The string, with its escapes resolved; `None` for anything else.
    pub fn string(&self) -> Option<Cow<'d, str>> {
        (self.kind() == Kind::String).then(|| string::unescaped(self.quoted()))
    }

    /// The number, if it is an integer from 0 to 2^53 written without sign, fraction and exponent.
    pub fn integer(&self) -> Option<u64> {
        if self.kind() != Kind::Number {
            return None;
        }
        let value = self.raw().parse().ok()?;
        (value <= MAX_INTEGER).then_some(value)
    }

    /// `true` or `false`; `None` for anything else.
    pub fn boolean(&self) -> Option<bool> {
        (self.kind() == Kind::Boolean).then(|| self.raw() == "true")
    }

    /// The members of an object in their order; none for anything else.
    pub fn members(&self) -> Members<'d> {
        Members {
            text: self.text,
            nodes: self.inside(Kind::Object),
        }
    }

    /// The value of the member `name`.
    pub fn member(&self, name: &str) -> Option<Value<'d>> {
        self.members()
            .find_map(|(found, value)| (found == name).then_some(value))
    }

    /// The elements of an array in their order; none for anything else.
    pub fn elements(&self) -> Elements<'d> {
        Elements {
            text: self.text,
            nodes: self.inside(Kind::Array),
        }
    }

    /// The value as it stands in the text.
    pub fn raw(&self) -> &'d str {
        self.node()
            .and_then(|node| self.text.get(node.start..node.end))
            .unwrap_or_default()
    }

    /// What stands between a string's quotes.
    fn quoted(&self) -> &'d str {
        let raw = self.raw();
        raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default()
    }

    fn node(&self) -> Option<&'d Node> {
        self.nodes.first()
    }

    /// The nodes inside this one, if it is of this kind.
    fn inside(&self, kind: Kind) -> &'d [Node] {
        match self.nodes.split_first() {
            Some((node, rest)) if node.kind == kind => {
                rest.get(..node.size - 1).unwrap_or_default()
            }
            _ => &[],
        }
    }
}

/// The members of an object.
#[derive(Clone, Debug)]
pub struct Members<'d> {
    text: &'d str,
    nodes: &'d [Node],
}

impl<'d> Iterator for Members<'d> {
    type Item = (Cow<'d, str>, Value<'d>);

    fn next(&mut self) -> Option<Self::Item> {
        let name = take(self.text, &mut self.nodes)?;
        let value = take(self.text, &mut self.nodes)?;
        Some((string::unescaped(name.quoted()), value))
    }
}

/// The elements of an array.
#[derive(Clone, Debug)]
pub struct Elements<'d> {
    text: &'d str,
    nodes: &'d [Node],
}

impl<'d> Iterator for Elements<'d> {
    type Item = Value<'d>;

    fn next(&mut self) -> Option<Self::Item> {
        take(self.text, &mut self.nodes)
    }
}

/// The first value of `nodes`, which then begin after it.
fn take<'d>(text: &'d str, nodes: &mut &'d [Node]) -> Option<Value<'d>> {
    let (own, rest) = nodes.split_at_checked(nodes.first()?.size)?;
    *nodes = rest;
    Some(Value { text, nodes: own })
}

#[cfg(test)]
mod tests;
