//! What a person is told of evidence that verifies.

use jiff::Timestamp;
use passkey_idp::Instant;
use passkey_idp::evidence::{Act, Statement, Verified};
use passkey_idp::random::Digest;
use passkey_idp::visible::is_unseen;
use passkey_idp::webauthn::Octets;

use super::Maker;

/// The report, a line for each thing.
pub(crate) fn of(verified: &Verified, maker: Maker) -> String {
    let statement = &verified.statement;
    let mut report = String::new();
    let mut line = |name: &str, value: &str| {
        report.extend([format!("{name:9} {}\n", shown(value))]);
    };
    let (word, known) = match maker {
        Maker::Named => ("proven", "one of those named"),
        Maker::Anyone | Maker::Unknown => ("whole", "not compared with a known one"),
    };
    line(word, act(statement.act));
    if maker != Maker::Named {
        line(
            "maker",
            "unknown: anybody makes such a package with a key of their own",
        );
    }
    line("when", &time(statement.signed_at));
    line("user", &user(verified));
    line("passkey", &passkey(statement));
    line("model", &model(statement));
    line(
        "asked by",
        &format!("{} at {}", statement.application, statement.rp_id),
    );
    line("order", &order(statement));
    if !statement.text.is_empty() {
        line("text", &text_line(statement));
    }
    for text in statement.text.lines() {
        line("        |", text);
    }
    line("data", &data_line(statement.data.as_ref()));
    let key = verified.server_key.thumbprint();
    line("server", &format!("key {key}, {known}"));
    for check in checks(verified) {
        line("checked", &check);
    }
    report
}

/// What a package has passed that verifies, in the order of the checks.
fn checks(verified: &Verified) -> Vec<String> {
    let statement = &verified.statement;
    let key = verified.server_key.algorithm().name();
    let asked = match statement.requested_user {
        Some(_) => "the user is the one who was asked",
        None => "whoever came was asked",
    };
    let present = if verified.uv {
        "the user was present, and verified by PIN or biometrics"
    } else {
        "the user was present"
    };
    let passkey = match statement.act {
        Act::SignIn | Act::Sign => {
            let algorithm = statement.public_key.algorithm().name();
            format!("the passkey's signature, {algorithm}")
        }
        Act::Register => {
            "the passkey, its public key and its model are those that were registered".to_owned()
        }
    };
    vec![
        "the package is whole, and in its one form".to_owned(),
        format!("the server's signature, {key}"),
        "it was signed between the order and its end".to_owned(),
        asked.to_owned(),
        "the challenge is that of the text, the data and the order".to_owned(),
        "the page that asked is one of the relying party's".to_owned(),
        format!("the passkey belongs to {}", statement.rp_id),
        present.to_owned(),
        passkey,
    ]
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
    let algorithm = statement.public_key.algorithm().name();
    format!("{}, {algorithm}", statement.credential_id)
}

/// The authenticator itself says its model only when the passkey is made.
fn model(statement: &Statement) -> String {
    let known = match statement.act {
        Act::Register => "compared with what the authenticator says",
        Act::SignIn | Act::Sign => "as the server says",
    };
    format!("{}, {known}", statement.aaguid)
}

fn order(statement: &Statement) -> String {
    let [from, until] = [statement.placed_at, statement.expires_at].map(time);
    format!("{}, from {from} until {until}", statement.order)
}

fn text_line(statement: &Statement) -> String {
    let octets = statement.text.len();
    format!("{} of {octets} octets", statement.media_type)
}

fn data_line(data: Option<&Octets>) -> String {
    let Some(data) = data else {
        return "none".to_owned();
    };
    let data = data.as_slice();
    let hex = hex::encode(Digest::sha256(data).as_bytes());
    format!("{} octets, SHA-256 {hex}", data.len())
}

/// Text in which nothing commands a terminal, turns directions or hides.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\t' || is_unseen(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_commands_a_terminal_or_hides() {
        assert_eq!(shown("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(shown("10\u{202e}01\u{200b}"), "10\\u{202e}01\\u{200b}");
        assert_eq!(
            shown("a\u{fe0f}\u{e000}\u{3164}\u{2800}"),
            "a\\u{fe0f}\\u{e000}\\u{3164}\\u{2800}"
        );
        assert_eq!(shown("räksmörgås\t🔑"), "räksmörgås\t🔑");
    }
}
