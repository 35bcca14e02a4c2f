//! Writing JSON objects, member by member, in the caller's order.

/// Writes one object.
///
/// ```
/// use strict_jws::json::ObjectWriter;
///
/// let mut claims = ObjectWriter::new();
/// claims.string("iss", "https://issuer.example").integer("exp", 1_300_819_380);
/// claims.object("cnf", |cnf| {
///     cnf.string("jkt", "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
/// });
/// assert!(claims.finish().starts_with(r#"{"iss":"https://issuer.example","exp":1300819380,"#));
/// ```
///
/// That no name comes twice is the caller's duty: a verifier refuses such an object.
#[derive(Clone, Debug)]
pub struct ObjectWriter {
    text: String,
}

impl Default for ObjectWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl ObjectWriter {
    /// An object without members.
    pub fn new() -> Self {
        let mut text = String::with_capacity(256);
        text.push('{');
        Self { text }
    }

    /// Adds a string.
    pub fn string(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name);
        string(&mut self.text, value);
        self
    }

    /// Adds an integer.
    pub fn integer(&mut self, name: &str, value: u64) -> &mut Self {
        self.raw(name, &value.to_string())
    }

    /// Adds an array of strings.
    pub fn strings<'s>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = &'s str>,
    ) -> &mut Self {
        self.name(name);
        self.text.push('[');
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            string(&mut self.text, value);
        }
        self.text.push(']');
        self
    }

    /// Adds an object that `write` fills.
    pub fn object(&mut self, name: &str, write: impl FnOnce(&mut Self)) -> &mut Self {
        self.name(name);
        self.text.push('{');
        write(self);
        self.text.push('}');
        self
    }

    /// Adds a value that is JSON already.
    pub fn raw(&mut self, name: &str, json: &str) -> &mut Self {
        self.name(name);
        self.text.push_str(json);
        self
    }

    /// The object's text.
    pub fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }

    fn name(&mut self, name: &str) {
        if !self.text.ends_with('{') {
            self.text.push(',');
        }
        string(&mut self.text, name);
        self.text.push(':');
    }
}

/// Appends a string with its quotes, escaping what must be escaped (RFC 8259 §7) and no more.
fn string(text: &mut String, value: &str) {
    text.push('"');
    if value
        .bytes()
        .all(|octet| octet >= 0x20 && octet != b'"' && octet != b'\\')
    {
        text.push_str(value);
    } else {
        escaped(text, value);
    }
    text.push('"');
}

fn escaped(text: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            '\0'..='\u{1f}' => {
                let code = u32::from(character);
                text.push_str("\\u00");
                text.extend(
                    [code >> 4, code & 0x0f]
                        .map(|nibble| char::from_digit(nibble, 16).unwrap_or('0')),
                );
            }
            _ => text.push(character),
        }
    }
}
