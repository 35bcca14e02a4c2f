//! The words of the pages, one value a language, so that none can lack a word.

mod english;
mod swedish;

pub(crate) use english::ENGLISH;
pub(crate) use swedish::SWEDISH;

/// A sentence with a place for one value, written `{}`.
#[derive(Debug, Clone, Copy)]
pub struct Phrase(&'static str);

impl Phrase {
    /// The sentence with `value` in its place.
    pub fn with(self, value: &str) -> String {
        self.0.replacen("{}", value, 1)
    }

    /// What stands before and after the place.
    pub(crate) fn around(self) -> (&'static str, &'static str) {
        self.0.split_once("{}").unwrap_or((self.0, ""))
    }
}

macro_rules! words {
    ($($name:ident: $kind:ty,)*) => {
        /// Every word of the pages in one language.
        #[derive(Debug, Clone, Copy)]
        #[non_exhaustive]
        #[expect(missing_docs, reason = "the names say what the words are for")]
        pub struct Words {
            $(pub $name: $kind,)*
        }
    };
}

words! {
    skip: &'static str,
    sign_in_to: Phrase,
    sign_for: Phrase,
    register_with: Phrase,
    asks_sign_in: Phrase,
    asks_signature: Phrase,
    asks_register: Phrase,
    answer_goes_to: Phrase,
    message: &'static str,
    message_advice: &'static str,
    text_to_sign: &'static str,
    data: &'static str,
    data_type: &'static str,
    data_size: &'static str,
    bytes: &'static str,
    data_hash: &'static str,
    data_content: &'static str,
    data_cut: &'static str,
    hidden_character: &'static str,
    approve_sign_in: &'static str,
    approve_signature: &'static str,
    approve_register: &'static str,
    reject: &'static str,
    cancel: &'static str,
    time_left: &'static str,
    seconds: &'static str,
    other_device: &'static str,
    this_device: &'static str,
    needs_script: &'static str,
    key_name: &'static str,
    key_name_advice: &'static str,
    account: &'static str,
    account_advice: &'static str,
    use_phone: &'static str,
    scan: &'static str,
    qr_alternative: &'static str,
    number_shown: &'static str,
    state: &'static str,
    state_waiting: &'static str,
    state_viewed: &'static str,
    state_signed: &'static str,
    state_rejected: &'static str,
    state_expired: &'static str,
    number_title: &'static str,
    number_label: &'static str,
    number_advice: Phrase,
    number_wrong: &'static str,
    next: &'static str,
    consent_title: Phrase,
    consent_list: Phrase,
    consent_remembered: &'static str,
    allow: &'static str,
    deny: &'static str,
    scope_openid: &'static str,
    scope_profile: &'static str,
    scope_email: &'static str,
    scope_phone: &'static str,
    scope_address: &'static str,
    scope_offline: &'static str,
    device_title: &'static str,
    device_advice: &'static str,
    device_label: &'static str,
    device_wrong: &'static str,
    device_asks: Phrase,
    device_may: Phrase,
    direct_may: Phrase,
    logout_title: &'static str,
    logout_asked: Phrase,
    logout_advice: &'static str,
    logout_stay: &'static str,
    logout_leave: &'static str,
    stayed: &'static str,
    handover_title: &'static str,
    handover_text: &'static str,
    signed: &'static str,
    registered: &'static str,
    rejected: &'static str,
    signed_out: &'static str,
    expired: &'static str,
    answered: &'static str,
    cancelled: &'static str,
    elsewhere: &'static str,
    elsewhere_advice: &'static str,
    needs_code: &'static str,
    needs_code_advice: &'static str,
    opening_title: &'static str,
    opening_advice: &'static str,
    code_old: &'static str,
    code_old_advice: &'static str,
    mismatched: &'static str,
    invalid: &'static str,
    invalid_advice: &'static str,
    refused: &'static str,
    refused_advice: &'static str,
    not_found: &'static str,
    too_many: &'static str,
    too_many_advice: &'static str,
    failed: &'static str,
    failed_advice: &'static str,
    close_page: &'static str,
    start_again: &'static str,
    go_back: &'static str,
    reference: &'static str,
    error_not_allowed: &'static str,
    error_invalid_state: &'static str,
    error_security: &'static str,
    error_abort: &'static str,
    error_not_supported: &'static str,
    error_constraint: &'static str,
    error_other: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_phrase_has_its_place_once_in_each_language() {
        for words in [&ENGLISH, &SWEDISH] {
            let shown = format!("{words:?}");
            let phrases = shown.matches("Phrase(").count();
            assert_eq!(shown.matches("{}").count(), phrases);
            assert_eq!(phrases, 14);
        }
    }

    #[test]
    fn no_word_is_left_in_english() {
        let english = format!("{ENGLISH:?}");
        let swedish = format!("{SWEDISH:?}");
        for (one, other) in english
            .split('"')
            .zip(swedish.split('"'))
            .skip(1)
            .step_by(2)
        {
            let same_in_both = ["bytes", "SHA-256"].contains(&one);
            assert!(one != other || same_in_both, "{one}");
        }
    }
}
