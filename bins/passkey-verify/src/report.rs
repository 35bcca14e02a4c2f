//! What a person is told of evidence that verifies.

use jiff::Timestamp;
use passkey_idp::Instant;
use passkey_idp::evidence::{Act, Statement, Verified};
use passkey_idp::random::Digest;

/// The report, a line for each thing.
pub(crate) fn of(verified: &Verified, trusted: bool) -> String {
    let statement = &verified.statement;
    let mut report = String::new();
    let mut line = |name: &str, value: &str| {
        report.extend([format!("{name:9} {}\n", shown(value))]);
    };
    line("proven", act(statement.act));
    line("when", &time(statement.signed_at));
    line("user", &user(verified));
    line("passkey", &passkey(statement));
    line(
        "asked by",
        &format!("{} at {}", statement.application, statement.rp_id),
    );
    line("order", &statement.order.to_string());
    if !statement.text.is_empty() {
        line(
            "text",
            &format!(
                "{} of {} octets",
                statement.media_type,
                statement.text.len()
            ),
        );
    }
    for text in statement.text.lines() {
        line("        |", text);
    }
    if let Some(data) = &statement.data {
        line("data", &data_line(data.as_slice()));
    }
    let key = verified.server_key.thumbprint();
    let known = if trusted {
        "one of those named"
    } else {
        "not compared with a known one"
    };
    line("server", &format!("key {key}, {known}"));
    report
}

const fn act(act: Act) -> &'static str {
    match act {
        Act::SignIn => "signed in",
        Act::Sign => "signed a text",
        Act::Register => "registered the passkey",
    }
}

fn time(instant: Instant) -> String {
    let millis = i64::try_from(instant.unix_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(millis).map_or_else(|_| format!("{millis} ms"), |at| at.to_string())
}

fn user(verified: &Verified) -> String {
    let how = if verified.uv {
        "verified by PIN or biometrics"
    } else {
        "present"
    };
    format!("{}, {how}", verified.statement.user)
}

fn passkey(statement: &Statement) -> String {
    let algorithm = statement.public_key.algorithm();
    format!(
        "{}, {algorithm:?}, model {}",
        statement.credential_id, statement.aaguid
    )
}

fn data_line(data: &[u8]) -> String {
    let digest = Digest::sha256(data);
    let hex = hex::encode(digest.as_bytes());
    format!("{} octets, SHA-256 {hex}", data.len())
}

/// Text in which nothing commands a terminal, turns directions or hides.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\t' || is_invisible(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Unicode's bidirectional controls, joiners, and spaces of no width.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_commands_a_terminal_or_hides() {
        assert_eq!(shown("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(shown("10\u{202e}01\u{200b}"), "10\\u{202e}01\\u{200b}");
        assert_eq!(shown("räksmörgås\t🔑"), "räksmörgås\t🔑");
    }
}
