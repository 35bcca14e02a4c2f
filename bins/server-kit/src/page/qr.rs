//! QR codes as SVG, drawn by the server.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// A text that fits no QR code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is too long for a QR code")]
#[non_exhaustive]
pub struct QrError;

/// `text` as a QR code (ISO/IEC 18004, error correction M) with the quiet zone of four modules,
/// one unit a module, black on white in light and in dark.
///
/// # Errors
/// `text` is longer than 2331 bytes.
pub fn svg(text: &str) -> Result<String, QrError> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_too_long| QrError)?;
    let side = code.size() + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET).map_err(|_full| QrError)?;
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>\
         <path d=\"{path}\"/></svg>"
    ))
}

const QUIET: i32 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_a_code_of_version_one() {
        let svg = svg("HELLO").expect("short");
        assert!(svg.contains("viewBox=\"0 0 29 29\""), "{svg}");
    }

    #[test]
    fn what_is_too_long_is_refused() {
        assert_eq!(svg(&"a".repeat(2332)), Err(QrError));
        assert!(svg(&"a".repeat(2331)).is_ok_and(|svg| svg.ends_with("</svg>")));
    }

    #[test]
    fn nothing_of_the_text_stands_in_the_image() {
        let svg = svg("\"><script>").expect("short");
        assert!(!svg.contains("script"));
    }
}
