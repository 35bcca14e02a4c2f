//! Ways in which a card makes its AUTS, the standard's first.

use aka::{Amf, Auts, Rand, Sqn};

use super::{Deviation, autn::any_amf, keys::Functions};

pub(super) fn explain(functions: &Functions, rand: &Rand, auts: &Auts) -> Option<(Sqn, Deviation)> {
    let concealed = auts.concealed_sqn();
    let sqn = functions.revealed_star(rand, concealed);
    let by_f5 = functions.revealed(rand, concealed);
    let clear = Sqn::from_bytes(concealed);
    let signed = |sqn| functions.mac_s(rand, sqn, Amf::ZERO).verify(auts.mac());
    if signed(sqn) {
        return Some((sqn, Deviation::None));
    }
    if signed(by_f5) {
        return Some((by_f5, Deviation::ConcealedWithF5));
    }
    if signed(clear) {
        return Some((clear, Deviation::NotConcealed));
    }
    let by_f1 = functions.mac_a(rand, sqn, Amf::ZERO);
    by_f1
        .verify(auts.mac())
        .then_some((sqn, Deviation::SignedWithF1))
}

/// Over which AMF its MAC was made.
pub(super) fn find_amf(functions: &Functions, rand: &Rand, auts: &Auts) -> Option<(Sqn, Amf)> {
    let sqn = functions.revealed_star(rand, auts.concealed_sqn());
    let amf = any_amf(|amf| functions.mac_s(rand, sqn, amf), auts.mac())?;
    Some((sqn, amf))
}
