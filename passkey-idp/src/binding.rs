//! What is signed: the challenge that ties a passkey's signature to an order.
//!
//! ```
//! use passkey_idp::binding::{Binding, Scheme};
//! use passkey_idp::Instant;
//!
//! let binding = Binding {
//!     rp_id: "idp.example",
//!     application: "demo",
//!     order: "Y2hhbGxlbmdl",
//!     requested_user: None,
//!     nonce: "bm9uY2U",
//!     expires_at: Instant::from_unix_seconds(1_800_000_300),
//!     media_type: "text/plain",
//!     text: "I owe you 10 kronor",
//!     data: None,
//! };
//! assert_ne!(binding.challenge(Scheme::V0), binding.challenge(Scheme::V1));
//! ```

use ring::digest::{Context, SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::Instant;

/// How the parts of an order become one challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Scheme {
    /// Uyulala's, octet by octet: parts between line feeds. It is ambiguous, because text and data may
    /// hold line feeds themselves, and it leaves out where and until when. For its clients only.
    #[serde(rename = "v0")]
    V0,
    /// Ours: every part with its length. No two orders have the same challenge.
    #[serde(rename = "v1")]
    V1,
}

/// The parts of an order that a signature is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "its parts are what a scheme is about"
)]
pub struct Binding<'a> {
    /// Where passkeys belong (WebAuthn §4, RP ID).
    pub rp_id: &'a str,
    /// Which application asks.
    pub application: &'a str,
    /// The order's identifier, as the client was shown it.
    pub order: &'a str,
    /// The user who is asked, if it is one in particular.
    pub requested_user: Option<&'a str>,
    /// The nonce, as the client was shown it.
    pub nonce: &'a str,
    /// Until when it can be signed.
    pub expires_at: Instant,
    /// What the text is: empty if there is none to be signed.
    pub media_type: &'a str,
    /// The text that is shown.
    pub text: &'a str,
    /// What is signed beside the text.
    pub data: Option<&'a [u8]>,
}

impl Binding<'_> {
    /// The challenge that is given to the authenticator.
    pub fn challenge(&self, scheme: Scheme) -> [u8; 32] {
        let context = match scheme {
            Scheme::V0 => self.joined(),
            Scheme::V1 => self.framed(),
        };
        let mut challenge = [0; 32];
        for (place, octet) in challenge.iter_mut().zip(context.finish().as_ref()) {
            *place = *octet;
        }
        challenge
    }

    fn joined(&self) -> Context {
        let user = self.requested_user.unwrap_or_default();
        let mut context = Context::new(&SHA256);
        for part in [user, self.application, self.order, self.nonce, self.text] {
            context.update(part.as_bytes());
            context.update(b"\n");
        }
        context.update(self.data.unwrap_or_default());
        context
    }

    fn framed(&self) -> Context {
        let user = self
            .requested_user
            .map(|user| [b"\x01", user.as_bytes()].concat());
        let data = self.data.map(|data| digest(&SHA256, data));
        let mut context = Context::new(&SHA256);
        context.update(PREFIX);
        for part in [
            self.rp_id.as_bytes(),
            self.application.as_bytes(),
            self.order.as_bytes(),
            user.as_deref().unwrap_or(b"\x00"),
            self.nonce.as_bytes(),
            &self.expires_at.unix_millis().to_be_bytes(),
            self.media_type.as_bytes(),
            self.text.as_bytes(),
            data.as_ref().map_or(b"", AsRef::as_ref),
        ] {
            // Nothing that is signed comes near 4 GiB; if it did, it would not verify.
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            context.update(&length.to_be_bytes());
            context.update(part);
        }
        context
    }
}

const PREFIX: &[u8] = b"passkey-idp/sign/v1";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn example() -> Binding<'static> {
        Binding {
            rp_id: "idp.example",
            application: "app",
            order: "order",
            requested_user: Some("user"),
            nonce: "nonce",
            expires_at: Instant::from_unix_millis(0x0102),
            media_type: "text/plain",
            text: "text",
            data: Some(b"data"),
        }
    }

    fn sha256(octets: &[u8]) -> Vec<u8> {
        digest(&SHA256, octets).as_ref().to_vec()
    }

    #[test]
    fn v0_is_the_parts_between_line_feeds() {
        let binding = example();
        let expected = sha256(b"user\napp\norder\nnonce\ntext\ndata");
        assert_eq!(binding.challenge(Scheme::V0), *expected);
        let open = Binding {
            requested_user: None,
            data: None,
            text: "",
            ..binding
        };
        assert_eq!(
            open.challenge(Scheme::V0),
            *sha256(b"\napp\norder\nnonce\n\n")
        );
    }

    #[test]
    fn v0_cannot_tell_where_the_text_ends() {
        let one = Binding {
            text: "a\nb",
            data: Some(b""),
            ..example()
        };
        let other = Binding {
            text: "a",
            data: Some(b"b\n"),
            ..example()
        };
        assert_eq!(one.challenge(Scheme::V0), other.challenge(Scheme::V0));
        assert_ne!(one.challenge(Scheme::V1), other.challenge(Scheme::V1));
    }

    #[test]
    fn v1_is_the_prefix_and_each_part_with_its_length() {
        let mut octets = b"passkey-idp/sign/v1".to_vec();
        for part in [
            b"idp.example".as_slice(),
            b"app",
            b"order",
            b"\x01user",
            b"nonce",
            b"\0\0\0\0\0\0\x01\x02",
            b"text/plain",
            b"text",
            &sha256(b"data"),
        ] {
            octets.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
            octets.extend(part);
        }
        assert_eq!(example().challenge(Scheme::V1), *sha256(&octets));
    }

    #[test]
    fn v1_tells_nothing_from_what_is_empty() {
        let nobody = Binding {
            requested_user: None,
            ..example()
        };
        let empty = Binding {
            requested_user: Some(""),
            ..example()
        };
        assert_ne!(nobody.challenge(Scheme::V1), empty.challenge(Scheme::V1));
        let none = Binding {
            data: None,
            ..example()
        };
        let empty = Binding {
            data: Some(b""),
            ..example()
        };
        assert_ne!(none.challenge(Scheme::V1), empty.challenge(Scheme::V1));
    }

    /// Texts that are likely to run into each other.
    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ab\n\0]{0,3}",
            Just(String::new()),
            Just("\u{1}a".to_owned())
        ]
    }

    #[derive(Clone, Debug, PartialEq)]
    struct Parts {
        texts: [String; 6],
        user: Option<String>,
        expires_at: u64,
        data: Option<Vec<u8>>,
    }

    impl Parts {
        fn challenge(&self) -> [u8; 32] {
            let [rp_id, application, order, nonce, media_type, text] = &self.texts;
            let binding = Binding {
                rp_id,
                application,
                order,
                requested_user: self.user.as_deref(),
                nonce,
                expires_at: Instant::from_unix_millis(self.expires_at),
                media_type,
                text,
                data: self.data.as_deref(),
            };
            binding.challenge(Scheme::V1)
        }
    }

    prop_compose! {
        fn parts()(
            texts in [texts(), texts(), texts(), texts(), texts(), texts()],
            user in proptest::option::of(texts()),
            expires_at in 0_u64..3,
            data in proptest::option::of(proptest::collection::vec(0_u8..2, 0..3)),
        ) -> Parts {
            Parts { texts, user, expires_at, data }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2048))]

        #[test]
        fn v1_is_the_same_for_the_same_parts_only(one in parts(), other in parts()) {
            prop_assert_eq!(one == other, one.challenge() == other.challenge());
        }

        #[test]
        fn v1_notices_a_character_that_moves_to_the_next_part(one in parts(), from in 0_usize..5) {
            let mut other = one.clone();
            if let Some(moved) = other.texts[from].pop() {
                other.texts[from + 1].insert(0, moved);
                prop_assert_ne!(one.challenge(), other.challenge());
            }
        }
    }
}
