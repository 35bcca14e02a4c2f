//! What a BSF tells a terminal in the end: `application/vnd.3gpp.bsf+xml` (TS 24.109 annex C).

use alloc::{borrow::ToOwned, string::String};
use core::{fmt, str::FromStr};

use super::time::UnixTime;

/// A body is no bootstrapping information.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is no bootstrapping information")]
#[non_exhaustive]
pub struct InvalidInfo;

/// The name of a bootstrapping and when its keys end.
///
/// ```
/// use aka::gba::BootstrappingInfo;
///
/// let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
///     <BootstrappingInfo xmlns=\"uri:3gpp-gba\"><btid>AQID@bsf.home1.net</btid>\
///     <lifetime>2030-01-01T00:00:00Z</lifetime></BootstrappingInfo>";
/// let info: BootstrappingInfo = body.parse()?;
/// assert_eq!(info.btid(), "AQID@bsf.home1.net");
/// assert_eq!(info.lifetime().get(), 1_893_456_000);
/// # Ok::<(), aka::gba::InvalidInfo>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct BootstrappingInfo {
    btid: String,
    lifetime: UnixTime,
}

impl BootstrappingInfo {
    /// The media type.
    pub const MEDIA_TYPE: &str = "application/vnd.3gpp.bsf+xml";

    /// Puts both together; a B-TID has printable ASCII without `<`, `&` and quotes, and what else
    /// is in it is left out.
    pub fn new(btid: &str, lifetime: UnixTime) -> Self {
        let btid = btid.chars().filter(|c| is_plain(*c)).collect();
        Self { btid, lifetime }
    }

    /// The bootstrapping transaction identifier B-TID.
    pub fn btid(&self) -> &str {
        &self.btid
    }

    /// When the keys end.
    pub const fn lifetime(&self) -> UnixTime {
        self.lifetime
    }
}

/// Does not show the B-TID, by which a terminal can be followed.
impl fmt::Debug for BootstrappingInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut info = f.debug_struct("BootstrappingInfo");
        info.field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for BootstrappingInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
        writeln!(f, "<BootstrappingInfo xmlns=\"{NAMESPACE}\">")?;
        writeln!(f, "<btid>{}</btid>", self.btid)?;
        writeln!(f, "<lifetime>{}</lifetime>", self.lifetime)?;
        f.write_str("</BootstrappingInfo>\n")
    }
}

impl FromStr for BootstrappingInfo {
    type Err = InvalidInfo;

    /// Reads the elements that the standard names, with or without a prefix. Document types, CDATA
    /// and references are refused.
    fn from_str(body: &str) -> Result<Self, InvalidInfo> {
        parse(body).ok_or(InvalidInfo)
    }
}

fn parse(body: &str) -> Option<BootstrappingInfo> {
    if body.len() > LONGEST || body.contains("<!") || body.contains('&') {
        return None;
    }
    let root = body.trim_start_matches('\u{feff}').trim();
    let root = match root.strip_prefix("<?xml") {
        Some(prolog) => prolog.split_once("?>")?.1.trim_start(),
        None => root,
    };
    let (attributes, content) = element(root, "BootstrappingInfo")?;
    if !attributes.contains(NAMESPACE) {
        return None;
    }
    let btid = element_within(content, "btid")?.trim();
    let lifetime = element_within(content, "lifetime")?.trim().parse().ok()?;
    if btid.is_empty() || !btid.chars().all(is_plain) {
        return None;
    }
    Some(BootstrappingInfo {
        btid: btid.to_owned(),
        lifetime,
    })
}

/// The attributes and the content of the element that `text` begins and ends with.
fn element<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let (tag, rest) = text.strip_prefix('<')?.split_once('>')?;
    let (qualified, attributes) = match tag.split_once(|c: char| c.is_ascii_whitespace()) {
        Some((qualified, attributes)) => (qualified, attributes),
        None => (tag, ""),
    };
    let local = qualified.rsplit(':').next()?;
    let (content, end) = rest.rsplit_once("</")?;
    let end = end.strip_suffix('>')?.trim_end();
    (local == name && end == qualified).then_some((attributes, content))
}

/// The text of the only element of this name within `content`.
fn element_within<'a>(content: &'a str, name: &str) -> Option<&'a str> {
    let mut found = None;
    for (at, _) in content.match_indices('<') {
        let tag = content.get(at + 1..)?;
        let tag = tag.split(['>', ' ', '\t', '\r', '\n']).next()?;
        if tag.rsplit(':').next() != Some(name) || tag.starts_with('/') {
            continue;
        }
        let (_, rest) = content.get(at..)?.split_once('>')?;
        let (text, end) = rest.split_once('<')?;
        let closes = end.strip_prefix('/')?.strip_prefix(tag)?;
        if !closes.trim_start().starts_with('>') || found.replace(text).is_some() {
            return None;
        }
    }
    found
}

fn is_plain(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '<' | '>' | '&' | '"' | '\'' | '\\')
}

const NAMESPACE: &str = "uri:3gpp-gba";
const LONGEST: usize = 16 * 1024;
