//! Which language a page speaks.

use super::words::{self, Words};

/// A language that the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Swedish.
    Swedish,
}

impl Language {
    /// The first language we speak of `ui_locales` (OpenID Connect Core §3.1.2.1: in order of
    /// preference), then of `Accept-Language` (RFC 9110 §12.5.4: by weight), then English.
    ///
    /// ```
    /// use passkey_server::pages::Language;
    ///
    /// assert_eq!(Language::choose(Some("fi sv-FI"), "en"), Language::Swedish);
    /// assert_eq!(Language::choose(None, "en;q=0.5, sv;q=0.9"), Language::Swedish);
    /// assert_eq!(Language::choose(None, "de"), Language::English);
    /// ```
    pub fn choose(ui_locales: Option<&str>, accept_language: &str) -> Self {
        let mut wanted = ui_locales.unwrap_or_default().split(' ');
        wanted
            .find_map(Self::named)
            .or_else(|| Self::accepted(accept_language))
            .unwrap_or_default()
    }

    /// The tag of the language (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Swedish => "sv",
        }
    }

    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::English => &words::ENGLISH,
            Self::Swedish => &words::SWEDISH,
        }
    }

    fn named(tag: &str) -> Option<Self> {
        let primary = tag.trim().split('-').next()?;
        [Self::English, Self::Swedish]
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for range in header.split(',').take(MOST_RANGES) {
            let mut parts = range.split(';');
            let Some(language) = parts.next().and_then(Self::named) else {
                continue;
            };
            let weight = parts.find_map(weight).unwrap_or(1.0);
            if weight > best.map_or(0.0, |(_, heaviest)| heaviest) {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }
}

fn weight(parameter: &str) -> Option<f32> {
    parameter.trim().strip_prefix("q=")?.parse().ok()
}

/// A longer list is nobody's.
const MOST_RANGES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_with_weight_zero_is_not_wanted() {
        assert_eq!(Language::choose(None, "sv;q=0, fi"), Language::English);
    }

    #[test]
    fn equal_weights_go_by_order() {
        assert_eq!(Language::choose(None, "sv, en"), Language::Swedish);
        assert_eq!(Language::choose(None, "en, sv"), Language::English);
    }

    #[test]
    fn what_is_no_list_of_languages_is_english() {
        for header in ["", ";;;", "q=1", "*", ",,,", "sv;q=nan"] {
            assert_eq!(
                Language::choose(None, header),
                Language::English,
                "{header}"
            );
        }
    }

    #[test]
    fn case_and_region_do_not_matter() {
        assert_eq!(Language::choose(Some("SV-se"), ""), Language::Swedish);
    }
}
