//! Pages that name the test of each attack: the tests are there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What is said of each test that a page `docs/*-attacks.md` names and no source has.
pub(super) fn missing(root: &Path, texts: &[String]) -> Vec<String> {
    let functions = functions(texts);
    let pages = fs::read_dir(root.join("docs")).into_iter().flatten();
    let paths = pages.flatten().map(|page| page.path());
    let pages = paths.filter(|path| path.to_string_lossy().ends_with("-attacks.md"));
    pages
        .flat_map(|path| {
            let shown = path.display().to_string();
            let named = named(&super::read(&path));
            let lost = named
                .into_iter()
                .filter(|name| !functions.contains(name.as_str()));
            lost.map(move |name| format!("{shown}: there is no test {name}"))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The names of all functions, in Rust and in the scripts beside it.
fn functions(texts: &[String]) -> BTreeSet<&str> {
    let words = texts.iter().flat_map(|text| {
        let places = ["fn ", "function "].map(|word| text.split(word).skip(1));
        places.into_iter().flatten()
    });
    words
        .filter_map(|rest| rest.split(|letter| !is_of_a_name(letter)).next())
        .collect()
}

/// The functions in `module::function`, between back-ticks.
fn named(page: &str) -> Vec<String> {
    let spans = page.split('`').skip(1).step_by(2);
    let names = spans.filter_map(|span| span.rsplit_once("::").map(|(_, name)| name));
    names
        .filter(|name| name.contains('_') && name.chars().all(is_of_a_name))
        .map(str::to_owned)
        .collect()
}

fn is_of_a_name(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_between_back_ticks_are_found() {
        let page = "| `a b::one_test`, `mod::Type` | `two::other_test` | one::no_test |";
        assert_eq!(named(page), ["one_test", "other_test"]);
    }

    #[test]
    fn functions_of_both_languages_are_found() {
        let text = "async fn one_test() {}\nasync function other_test(browser) {}";
        let texts = [text.to_owned()];
        let found: Vec<_> = functions(&texts).into_iter().collect();
        assert_eq!(found, ["one_test", "other_test"]);
    }
}
