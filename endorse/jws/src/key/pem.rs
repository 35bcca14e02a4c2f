//! PEM blocks (RFC 7468): one block, one label, nothing around it but white space.

use super::InvalidKey;
use crate::base64;

/// The octets of the only block of `text`.
pub(super) fn decode(text: &str, label: &'static str) -> Result<Vec<u8>, InvalidKey> {
    block(text, label).ok_or(InvalidKey::Pem { expected: label })
}

fn block(text: &str, label: &str) -> Option<Vec<u8>> {
    let body = text
        .trim()
        .strip_prefix(&format!("-----BEGIN {label}-----"))?
        .strip_suffix(&format!("-----END {label}-----"))?;
    let symbols: String = body.split_ascii_whitespace().collect();
    base64::decode_padded(symbols.as_bytes()).ok()
}

/// The block of `octets`, in lines of 64 symbols.
pub(super) fn encode(octets: &[u8], label: &str) -> String {
    let symbols = base64::encode_padded(octets);
    let mut lines = Vec::new();
    let mut rest = symbols.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        lines.push(line);
        rest = after;
    }
    let body = lines.join("\n");
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}
