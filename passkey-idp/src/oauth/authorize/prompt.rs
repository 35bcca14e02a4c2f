//! What a user must, or must not, be asked (OpenID Connect Core §3.1.2.1).

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The `prompt` of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "the combinations that make a difference"
)]
pub enum Prompt {
    /// Whatever is needed.
    #[default]
    Needed,
    /// Nothing at all (`none`).
    Nothing,
    /// To sign in, even if they have (`login` or `select_account`).
    SignIn,
    /// To consent, even if they have (`consent`).
    Consent,
    /// Both.
    SignInAndConsent,
}

/// Text is no list of prompts that go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("prompt is none alone, or some of login, select_account and consent")]
#[non_exhaustive]
pub struct InvalidPrompt;

impl Prompt {
    /// Whether the user has to sign in again.
    pub fn wants_sign_in(self) -> bool {
        matches!(self, Self::SignIn | Self::SignInAndConsent)
    }

    /// Whether the user has to consent again.
    pub fn wants_consent(self) -> bool {
        matches!(self, Self::Consent | Self::SignInAndConsent)
    }
}

impl FromStr for Prompt {
    type Err = InvalidPrompt;

    fn from_str(text: &str) -> Result<Self, InvalidPrompt> {
        let words: Vec<&str> = text.split(' ').collect();
        if words == ["none"] {
            return Ok(Self::Nothing);
        }
        let known = ["login", "select_account", "consent"];
        if words.iter().any(|word| !known.contains(word)) {
            return Err(InvalidPrompt);
        }
        let consent = words.contains(&"consent");
        let sign_in = words.iter().any(|word| *word != "consent");
        Ok(match (sign_in, consent) {
            (true, true) => Self::SignInAndConsent,
            (true, false) => Self::SignIn,
            (false, _) => Self::Consent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_go_together_but_for_none() {
        for (text, prompt) in [
            ("none", Prompt::Nothing),
            ("login", Prompt::SignIn),
            ("select_account", Prompt::SignIn),
            ("consent", Prompt::Consent),
            ("consent login", Prompt::SignInAndConsent),
        ] {
            assert_eq!(text.parse(), Ok(prompt), "{text}");
        }
        for text in [
            "",
            "none login",
            "login none",
            "create",
            "login  consent",
            "Login",
        ] {
            assert_eq!(text.parse::<Prompt>(), Err(InvalidPrompt), "{text}");
        }
    }
}
