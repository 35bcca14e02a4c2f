//! RADIUS as far as EAP needs it (RFC 2865, RFC 3579, the keys of RFC 2548), for both ends.

use anyhow::{Context as _, Result, bail, ensure};
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};

/// The shared secret of every test.
pub const SECRET: &str = "testing123";

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// From the client.
    Request = 1,
    /// The peer is let in.
    Accept = 2,
    /// It is not.
    Reject = 3,
    /// There is more to say.
    Challenge = 11,
}

/// A packet; `Debug` shows what it is, and no value.
#[derive(Clone)]
pub struct Message {
    code: Code,
    identifier: u8,
    authenticator: [u8; 16],
    attributes: Vec<(u8, Vec<u8>)>,
}

const USER_NAME: u8 = 1;
const STATE: u8 = 24;
const VENDOR: u8 = 26;
const NAS_IDENTIFIER: u8 = 32;
const EAP_MESSAGE: u8 = 79;
const MESSAGE_AUTHENTICATOR: u8 = 80;
/// Microsoft's number, and its two keys.
const MPPE: [u8; 4] = 311_u32.to_be_bytes();
const SEND_KEY: u8 = 16;
const RECV_KEY: u8 = 17;
/// Of type, length, salt and three blocks.
const KEY_SIZE: u8 = 52;

impl Message {
    /// An answer to a request that has this identifier; it says nothing yet.
    #[must_use]
    pub const fn answer(code: Code, identifier: u8) -> Self {
        Self::new(code, identifier, [0; 16])
    }

    const fn new(code: Code, identifier: u8, authenticator: [u8; 16]) -> Self {
        Self {
            code,
            identifier,
            authenticator,
            attributes: Vec::new(),
        }
    }

    /// A client's request that carries EAP.
    #[must_use]
    pub fn request(identifier: u8, authenticator: [u8; 16], user: &[u8], eap: &[u8]) -> Self {
        Self::new(Code::Request, identifier, authenticator)
            .with(USER_NAME, user)
            .with(NAS_IDENTIFIER, b"counterparts")
            .with_eap(eap)
    }

    fn with(mut self, kind: u8, value: &[u8]) -> Self {
        self.attributes.push((kind, value.to_vec()));
        self
    }

    /// Carries an EAP packet, in as many attributes as it takes.
    #[must_use]
    pub fn with_eap(self, packet: &[u8]) -> Self {
        let parts = packet.chunks(253);
        parts.fold(self, |message, part| message.with(EAP_MESSAGE, part))
    }

    /// Carries what ties a conversation together.
    #[must_use]
    pub fn with_state(self, state: &[u8]) -> Self {
        self.with(STATE, state)
    }

    /// Carries the two halves of an MSK to the request's sender (RFC 2548 §2.4.2, §2.4.3).
    #[must_use]
    pub fn with_keys(self, msk: &[u8; 64], request: &[u8; 16]) -> Self {
        let (halves, _) = msk.as_chunks::<32>();
        let kinds = [(RECV_KEY, [0x81, 0]), (SEND_KEY, [0x82, 0])];
        let keys = kinds.into_iter().zip(halves);
        keys.fold(self, |message, ((kind, salt), key)| {
            let clear = [&[32][..], key, &[0; 15]].concat();
            let hidden = hide(&clear, request, salt);
            let value = [&MPPE[..], &[kind, KEY_SIZE], &salt, &hidden].concat();
            message.with(VENDOR, &value)
        })
    }

    /// What it is.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// What pairs an answer with its request.
    #[must_use]
    pub const fn identifier(&self) -> u8 {
        self.identifier
    }

    /// What a request's answer is made for.
    #[must_use]
    pub const fn authenticator(&self) -> &[u8; 16] {
        &self.authenticator
    }

    /// The EAP packet it carries, put together.
    #[must_use]
    pub fn eap(&self) -> Vec<u8> {
        self.all(EAP_MESSAGE).flatten().copied().collect()
    }

    /// What ties the conversation together.
    #[must_use]
    pub fn state(&self) -> Option<&[u8]> {
        self.all(STATE).next().map(Vec::as_slice)
    }

    /// The MSK's 64 octets, as the answer to `request` carries them.
    #[must_use]
    pub fn msk(&self, request: &[u8; 16]) -> Option<Vec<u8>> {
        let key = |wanted: u8| {
            self.all(VENDOR).find_map(|value| {
                let (head, hidden) = value.split_first_chunk::<8>()?;
                let [vendor @ .., kind, KEY_SIZE, first, second] = head else {
                    return None;
                };
                let clear = reveal(hidden, request, [*first, *second]);
                let (size, rest) = clear.split_first()?;
                let ours = (vendor, *kind, *size) == (&MPPE, wanted, 32);
                rest.first_chunk::<32>().copied().filter(|_| ours)
            })
        };
        Some([key(RECV_KEY)?, key(SEND_KEY)?].concat())
    }

    fn all(&self, wanted: u8) -> impl Iterator<Item = &Vec<u8>> {
        let kept = self.attributes.iter();
        kept.filter(move |(kind, _)| *kind == wanted)
            .map(|(_, value)| value)
    }

    /// A request's octets, authenticated (RFC 3579 §3.2).
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        let authenticator = self.authenticator;
        let message = self.with(MESSAGE_AUTHENTICATOR, &[0; 16]);
        let mac = message.mac(&authenticator);
        message.octets(&authenticator, &mac)
    }

    /// An answer's octets, authenticated for who asked with `request`.
    #[must_use]
    pub fn answer_to(self, request: &[u8; 16]) -> Vec<u8> {
        let message = self.with(MESSAGE_AUTHENTICATOR, &[0; 16]);
        let mac = message.mac(request);
        message.octets(&message.authenticator_of(request, &mac), &mac)
    }

    fn mac(&self, authenticator: &[u8; 16]) -> [u8; 16] {
        let mut mac = Hmac::<Md5>::new_from_slice(SECRET.as_bytes()).expect("any length");
        mac.update(&self.octets(authenticator, &[0; 16]));
        mac.finalize().into_bytes().into()
    }

    /// The Response Authenticator (RFC 2865 §3).
    fn authenticator_of(&self, request: &[u8; 16], mac: &[u8; 16]) -> [u8; 16] {
        digest(&[&self.octets(request, mac), SECRET.as_bytes()])
    }

    /// The packet, with `mac` in the place of its Message-Authenticator.
    fn octets(&self, authenticator: &[u8; 16], mac: &[u8; 16]) -> Vec<u8> {
        let mut body = Vec::new();
        for (kind, value) in &self.attributes {
            let size = u8::try_from(value.len() + 2).expect("at most 253 octets");
            body.extend([*kind, size]);
            match *kind {
                MESSAGE_AUTHENTICATOR => body.extend(mac),
                _ => body.extend(value),
            }
        }
        let size = u16::try_from(body.len() + 20).expect("at most 4096 octets");
        let head = [number(self.code), self.identifier];
        [&head[..], &size.to_be_bytes(), authenticator, &body].concat()
    }

    /// Reads a client's request.
    ///
    /// # Errors
    /// When it is malformed, or not authenticated with [`SECRET`].
    pub fn parse(octets: &[u8]) -> Result<Self> {
        let (message, mac) = Self::read(octets)?;
        let right = message.mac(&message.authenticator) == mac;
        ensure!(right, "the request's authenticator is wrong");
        Ok(message)
    }

    /// Reads a server's answer to `request`.
    ///
    /// # Errors
    /// When it is malformed, or not authenticated with [`SECRET`].
    pub fn parse_answer(octets: &[u8], request: &[u8; 16]) -> Result<Self> {
        let (message, mac) = Self::read(octets)?;
        let right = message.mac(request) == mac
            && message.authenticator_of(request, &mac) == message.authenticator;
        ensure!(right, "the answer is not its server's");
        Ok(message)
    }

    /// The packet, and its Message-Authenticator.
    fn read(octets: &[u8]) -> Result<(Self, [u8; 16])> {
        let head = octets.split_first_chunk::<20>();
        let ([code, identifier, _, _, authenticator @ ..], mut rest) =
            head.context("a packet has 20 octets or more")?;
        let code = match code {
            1 => Code::Request,
            2 => Code::Accept,
            3 => Code::Reject,
            11 => Code::Challenge,
            other => bail!("code {other} is none of EAP's"),
        };
        let mut message = Self::new(code, *identifier, *authenticator);
        while let [kind, size, after @ ..] = rest {
            let size = usize::from(*size).checked_sub(2);
            let parts = size.and_then(|size| after.split_at_checked(size));
            let (value, after) = parts.context("an attribute is cut short")?;
            message = message.with(*kind, value);
            rest = after;
        }
        let mac = message.all(MESSAGE_AUTHENTICATOR).next();
        let mac = mac
            .context("no Message-Authenticator")?
            .as_slice()
            .try_into()?;
        Ok((message, mac))
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kinds: Vec<_> = self.attributes.iter().map(|(kind, _)| kind).collect();
        f.debug_struct("Message")
            .field("code", &self.code)
            .field("identifier", &self.identifier)
            .field("attributes", &kinds)
            .finish()
    }
}

const fn number(code: Code) -> u8 {
    match code {
        Code::Request => 1,
        Code::Accept => 2,
        Code::Reject => 3,
        Code::Challenge => 11,
    }
}

fn digest(parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Md5::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// A stream of MD5 over the octets that went over the wire before (RFC 2548 §2.4.2).
fn hide(clear: &[u8], request: &[u8; 16], salt: [u8; 2]) -> Vec<u8> {
    let mut mask = digest(&[SECRET.as_bytes(), request, &salt]);
    let mut hidden = Vec::new();
    for block in clear.chunks(16) {
        let block: Vec<u8> = block.iter().zip(mask).map(|(one, two)| one ^ two).collect();
        mask = digest(&[SECRET.as_bytes(), &block]);
        hidden.extend(block);
    }
    hidden
}

fn reveal(hidden: &[u8], request: &[u8; 16], salt: [u8; 2]) -> Vec<u8> {
    let mut mask = digest(&[SECRET.as_bytes(), request, &salt]);
    let mut clear = Vec::new();
    for block in hidden.chunks(16) {
        clear.extend(block.iter().zip(mask).map(|(one, two)| one ^ two));
        mask = digest(&[SECRET.as_bytes(), block]);
    }
    clear
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_with_keys_is_read_by_who_asked_and_by_nobody_else() {
        let asked = [7; 16];
        let msk: [u8; 64] = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let accept = Message::answer(Code::Accept, 9)
            .with_eap(&[3; 300])
            .with_state(b"a")
            .with_keys(&msk, &asked);
        let octets = accept.answer_to(&asked);
        let read = Message::parse_answer(&octets, &asked).unwrap();
        assert_eq!((read.code(), read.identifier()), (Code::Accept, 9));
        assert_eq!(read.eap(), [3; 300]);
        assert_eq!(read.state(), Some(&b"a"[..]));
        assert_eq!(read.msk(&asked).unwrap(), msk);
        assert!(Message::parse_answer(&octets, &[8; 16]).is_err());
    }

    #[test]
    fn a_request_is_read_unless_a_bit_of_it_changed() {
        let octets = Message::request(3, [5; 16], b"user", b"packet").encode();
        assert_eq!(Message::parse(&octets).unwrap().eap(), b"packet");
        for at in (0..octets.len()).filter(|at| !(2..4).contains(at)) {
            let mut changed = octets.clone();
            changed[at] ^= 1;
            assert!(Message::parse(&changed).is_err(), "octet {at}");
        }
    }
}
