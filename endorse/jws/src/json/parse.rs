//! The grammar of RFC 8259, and what it leaves open: members must differ, nesting must end.

use super::{Bounds, InvalidJson, Kind, MAX_MEMBERS, Node, string};

/// Where the values of `text` stand, in the order of the text.
pub(super) fn nodes(text: &str, bounds: Bounds) -> Result<Vec<Node>, InvalidJson> {
    let mut parser = Parser {
        text,
        at: 0,
        nodes: Vec::with_capacity(32),
        bounds,
    };
    parser.space();
    parser.value(0)?;
    parser.space();
    match parser.peek() {
        None => Ok(parser.nodes),
        Some(_) => Err(InvalidJson::TrailingText),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    nodes: Vec<Node>,
    bounds: Bounds,
}

impl Parser<'_> {
    /// A value inside of `depth` others; recursion ends at the bound.
    fn value(&mut self, depth: u8) -> Result<(), InvalidJson> {
        match self.peek().ok_or(InvalidJson::UnexpectedEnd)? {
            b'{' => self.container(Kind::Object, depth),
            b'[' => self.container(Kind::Array, depth),
            b'"' => self.string(),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word("true", Kind::Boolean),
            b'f' => self.word("false", Kind::Boolean),
            b'n' => self.word("null", Kind::Null),
            _ => Err(InvalidJson::UnexpectedCharacter),
        }
    }

    fn container(&mut self, kind: Kind, depth: u8) -> Result<(), InvalidJson> {
        if depth == self.bounds.depth {
            return Err(InvalidJson::TooDeep);
        }
        let place = self.open(kind)?;
        self.at += 1;
        self.space();
        let close = if kind == Kind::Object { b'}' } else { b']' };
        if self.peek() == Some(close) {
            self.at += 1;
        } else {
            self.items(place, close, depth + 1)?;
        }
        self.close(place);
        Ok(())
    }

    /// One or more members or elements, and the closing bracket.
    fn items(&mut self, place: usize, close: u8, depth: u8) -> Result<(), InvalidJson> {
        loop {
            if close == b'}' {
                self.name(place)?;
            }
            self.value(depth)?;
            self.space();
            match self.next()? {
                b',' => self.space(),
                found if found == close => return Ok(()),
                _ => return Err(InvalidJson::UnexpectedCharacter),
            }
        }
    }

    /// A member's name, unlike the earlier ones of the object at `place`, and its colon.
    fn name(&mut self, place: usize) -> Result<(), InvalidJson> {
        match self.peek() {
            Some(b'"') => {}
            Some(_) => return Err(InvalidJson::UnexpectedCharacter),
            None => return Err(InvalidJson::UnexpectedEnd),
        }
        let name = self.nodes.len();
        self.string()?;
        self.is_new(place + 1, name)?;
        self.space();
        if self.next()? != b':' {
            return Err(InvalidJson::UnexpectedCharacter);
        }
        self.space();
        Ok(())
    }

    /// Compares the name at `name` with the names from `first` on. Names and values take turns.
    fn is_new(&self, first: usize, name: usize) -> Result<(), InvalidJson> {
        let new = self.quoted(name);
        let mut at = first;
        for _ in 0..MAX_MEMBERS {
            if at >= name {
                return Ok(());
            }
            if string::same(self.quoted(at), new) {
                return Err(InvalidJson::DuplicateMember);
            }
            let value = at + 1;
            at = value + self.nodes.get(value).map_or(1, |node| node.size);
        }
        Err(InvalidJson::TooManyValues)
    }

    fn quoted(&self, place: usize) -> &str {
        self.nodes
            .get(place)
            .and_then(|node| self.text.get(node.start + 1..node.end.saturating_sub(1)))
            .unwrap_or_default()
    }

    fn string(&mut self) -> Result<(), InvalidJson> {
        let place = self.open(Kind::String)?;
        let after = self.text.get(self.at + 1..).unwrap_or_default();
        self.at += 1 + string::length(after.as_bytes())?;
        self.close(place);
        Ok(())
    }

    fn number(&mut self) -> Result<(), InvalidJson> {
        let place = self.open(Kind::Number)?;
        self.skip_if(b"-");
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.skip_if(b".") {
            self.digits()?;
        }
        if self.skip_if(b"eE") {
            self.skip_if(b"+-");
            self.digits()?;
        }
        if self.peek().is_some_and(|next| next.is_ascii_alphanumeric()) {
            return Err(InvalidJson::Number);
        }
        self.close(place);
        Ok(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), InvalidJson> {
        let start = self.at;
        while self.peek().is_some_and(|next| next.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start {
            return Err(InvalidJson::Number);
        }
        Ok(())
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<(), InvalidJson> {
        let place = self.open(kind)?;
        if !self
            .text
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(word))
        {
            return Err(InvalidJson::UnexpectedCharacter);
        }
        self.at += word.len();
        self.close(place);
        Ok(())
    }

    /// Begins a node here.
    fn open(&mut self, kind: Kind) -> Result<usize, InvalidJson> {
        let place = self.nodes.len();
        if place >= self.bounds.values {
            return Err(InvalidJson::TooManyValues);
        }
        self.nodes.push(Node {
            kind,
            start: self.at,
            end: self.at,
            size: 1,
        });
        Ok(place)
    }

    /// Ends the node at `place` here.
    fn close(&mut self, place: usize) {
        let (end, size) = (self.at, self.nodes.len() - place);
        if let Some(node) = self.nodes.get_mut(place) {
            node.end = end;
            node.size = size;
        }
    }

    fn space(&mut self) {
        while self.skip_if(b" \t\n\r") {}
    }

    fn skip_if(&mut self, any: &[u8]) -> bool {
        let found = self.peek().is_some_and(|next| any.contains(&next));
        self.at += usize::from(found);
        found
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Result<u8, InvalidJson> {
        let next = self.peek().ok_or(InvalidJson::UnexpectedEnd)?;
        self.at += 1;
        Ok(next)
    }
}
