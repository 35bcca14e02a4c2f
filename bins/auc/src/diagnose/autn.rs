//! Ways in which a home makes its AUTN, the standard's first.

use aka::{Amf, Autn, Mac, Rand, Sqn};

use super::{Deviation, keys::Functions};

pub(super) fn explain(functions: &Functions, rand: &Rand, autn: &Autn) -> Option<(Sqn, Deviation)> {
    let concealed = autn.concealed_sqn();
    let sqn = functions.revealed(rand, concealed);
    let clear = Sqn::from_bytes(concealed);
    let fits = |sqn, amf| functions.mac_a(rand, sqn, amf).verify(autn.mac());
    if fits(sqn, autn.amf()) {
        return Some((sqn, Deviation::None));
    }
    fits(clear, autn.amf()).then_some((clear, Deviation::NotConcealed))
}

/// Over which AMF its MAC was made.
pub(super) fn find_amf(functions: &Functions, rand: &Rand, autn: &Autn) -> Option<(Sqn, Amf)> {
    let sqn = functions.revealed(rand, autn.concealed_sqn());
    let amf = any_amf(|amf| functions.mac_a(rand, sqn, amf), autn.mac())?;
    Some((sqn, amf))
}

/// The AMF over which `make` gives `mac`: 16 bits are tried out quickly.
pub(super) fn any_amf(make: impl Fn(Amf) -> Mac, mac: Mac) -> Option<Amf> {
    (0..=u16::MAX)
        .map(|amf| Amf::new(amf.to_be_bytes()))
        .find(|amf| make(*amf).verify(mac))
}
