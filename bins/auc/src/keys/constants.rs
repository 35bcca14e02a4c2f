//! An operator's constants as text and as octets.

use aka::milenage::{Constants, InvalidConstants};
use zeroize::Zeroizing;

/// Text is not the form of MILENAGE's constants; the text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidConstantsText {
    /// It is not five pairs of 32 hexadecimal digits and a number.
    #[error("expected five pairs C/R: 32 hexadecimal digits, a slash, and 0 to 127")]
    Form,
    /// The standard forbids these (TS 35.206 §5.3).
    #[error(transparent)]
    Values(#[from] InvalidConstants),
}

/// Reads c1/r1 to c5/r5, with blanks between the pairs: each c as 32 hexadecimal digits, each r as
/// a decimal number.
///
/// # Errors
/// [`InvalidConstantsText`].
pub fn constants_from_text(text: &str) -> Result<Constants, InvalidConstantsText> {
    let (mut c, mut r) = ([[0; 16]; 5], [0; 5]);
    let mut pairs = text.split_ascii_whitespace();
    for (c, r) in c.iter_mut().zip(&mut r) {
        (*c, *r) = pairs
            .next()
            .and_then(pair)
            .ok_or(InvalidConstantsText::Form)?;
    }
    if pairs.next().is_some() {
        return Err(InvalidConstantsText::Form);
    }
    Ok(Constants::new(c, r)?)
}

fn pair(text: &str) -> Option<([u8; 16], u8)> {
    let (c, r) = text.split_once('/')?;
    // the form of any 16 octets; a Rand is no secret
    let c: aka::Rand = c.parse().ok()?;
    Some((*c.as_bytes(), r.parse().ok()?))
}

/// Writes what [`constants_from_text`] reads.
pub fn constants_to_text(constants: &Constants) -> Zeroizing<String> {
    let (c, r) = constants.expose();
    let pairs = c.iter().zip(r);
    let pairs: Vec<String> = pairs
        .map(|(c, r)| format!("{:x}/{r}", aka::Rand::new(*c).hex()))
        .collect();
    Zeroizing::new(pairs.join(" "))
}

#[cfg(feature = "sql")]
/// Five times 16 octets of c and one of r; nothing for the standard's.
pub(crate) fn constants_to_octets(constants: &Constants) -> Zeroizing<Vec<u8>> {
    if *constants == Constants::STANDARD {
        return Zeroizing::default();
    }
    let (c, r) = constants.expose();
    let pairs = c.iter().zip(r);
    Zeroizing::new(
        pairs
            .flat_map(|(c, r)| c.iter().copied().chain([r]))
            .collect(),
    )
}

#[cfg(feature = "sql")]
/// Reads what [`constants_to_octets`] wrote.
pub(crate) fn constants_from_octets(octets: &[u8]) -> Option<Constants> {
    if octets.is_empty() {
        return Some(Constants::STANDARD);
    }
    let (pairs, rest) = octets.as_chunks::<17>();
    let pairs = <&[[u8; 17]; 5]>::try_from(pairs).ok()?;
    let c = pairs.map(|[c @ .., _]| c);
    let r = pairs.map(|[.., r]| r);
    Constants::new(c, r).ok().filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STANDARD: &str = "00000000000000000000000000000000/64 \
        00000000000000000000000000000001/0 00000000000000000000000000000002/32 \
        00000000000000000000000000000004/64 00000000000000000000000000000008/96";

    #[test]
    fn the_standards_constants_read_as_such() {
        assert_eq!(constants_from_text(STANDARD), Ok(Constants::STANDARD));
        assert_eq!(*constants_to_text(&Constants::STANDARD), STANDARD);
    }

    #[cfg(feature = "sql")]
    #[test]
    fn octets_come_back_and_the_standards_need_none() {
        let own = Constants::new([[7; 16]; 5], [0, 1, 2, 3, 127]).unwrap();
        let octets = constants_to_octets(&own);
        assert_eq!(octets.len(), 85);
        assert_eq!(constants_from_octets(&octets), Some(own));
        assert_eq!(constants_from_octets(&octets[..84]), None);
        assert!(constants_to_octets(&Constants::STANDARD).is_empty());
        assert_eq!(constants_from_octets(&[]), Some(Constants::STANDARD));
    }

    #[test]
    fn other_text_is_refused_and_not_repeated() {
        let form = Err(InvalidConstantsText::Form);
        assert_eq!(constants_from_text(&STANDARD.replace('/', ":")), form);
        assert_eq!(constants_from_text(&STANDARD[..60]), form);
        assert_eq!(constants_from_text(&format!("{STANDARD} {STANDARD}")), form);
        let equal = STANDARD.replace("4/64", "0/64");
        let wrong = Err(InvalidConstants::EqualPairs(1, 4).into());
        assert_eq!(constants_from_text(&equal), wrong);
        let far = STANDARD.replace("/96", "/128");
        assert_eq!(
            constants_from_text(&far),
            Err(InvalidConstants::Rotation(5).into())
        );
    }
}
