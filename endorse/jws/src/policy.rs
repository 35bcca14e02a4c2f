//! What a verifier expects before it has looked.

/// What a verifier expects of a token's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    typ: Expected,
    max_len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Exactly(&'static str),
    Absent,
    AbsentOrJwt,
}

impl Policy {
    /// How long a token may be unless the policy says otherwise: 8 KiB.
    pub const DEFAULT_MAX_LEN: usize = 8 * 1024;

    /// Tokens whose `typ` is exactly this (RFC 8725 §3.11), such as `at+jwt`.
    pub const fn typed(typ: &'static str) -> Self {
        Self::new(Expected::Exactly(typ))
    }

    /// Tokens without `typ`.
    pub const fn untyped() -> Self {
        Self::new(Expected::Absent)
    }

    /// Tokens without `typ` or with `JWT`, as OpenID providers issue ID tokens. It does not tell one
    /// kind of token from another: the claims must.
    pub const fn untyped_or_jwt() -> Self {
        Self::new(Expected::AbsentOrJwt)
    }

    /// With another limit on the length of a token, in octets.
    #[must_use]
    pub const fn with_max_len(mut self, octets: usize) -> Self {
        self.max_len = octets;
        self
    }

    /// The limit on the length of a token, in octets.
    pub const fn max_len(&self) -> usize {
        self.max_len
    }

    const fn new(typ: Expected) -> Self {
        Self {
            typ,
            max_len: Self::DEFAULT_MAX_LEN,
        }
    }

    /// Whether a header with this `typ`, or with none, is what is expected.
    pub(crate) fn expects(&self, typ: Option<&str>) -> bool {
        match (self.typ, typ) {
            (Expected::Exactly(expected), Some(found)) => expected == found,
            (Expected::Absent | Expected::AbsentOrJwt, None) => true,
            (Expected::AbsentOrJwt, Some(found)) => found == "JWT",
            (Expected::Exactly(_), None) | (Expected::Absent, Some(_)) => false,
        }
    }
}
