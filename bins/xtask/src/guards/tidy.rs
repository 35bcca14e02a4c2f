//! What rustc and clippy do not forbid, or would let a line switch off.

use std::fs;
use std::path::{Path, PathBuf};

use super::attacks;
use crate::console::Console;
use crate::invocation::Invocation;
use crate::step::Outcome;
use crate::tally::Tally;
use crate::workspace;

/// What no source file may hold, and what to do instead. Written in halves, so that this is none.
const WORDS: [(&str, &str); 6] = [
    (
        concat!("[all", "ow("),
        "write #[expect(lint, reason = \"...\")]",
    ),
    (concat!("TO", "DO"), "do it, or file an issue"),
    (concat!("FIX", "ME"), "mend it, or file an issue"),
    (concat!("XX", "X:"), "mend it, or file an issue"),
    (concat!("to", "do!("), "do it"),
    (concat!("unimple", "mented!("), "do it"),
];

/// Lines before the tests of a file; past this it is about more than one thing.
const LONGEST: usize = 600;

/// What the top level of the repository holds besides files whose names begin with a dot.
const TOP: [&str; 19] = [
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "aka",
    "bins",
    "clippy.toml",
    "deny.toml",
    "docs",
    "endorse",
    "fuzz",
    "passkey-idp",
    "rustfmt.toml",
    "typos.toml",
    "usim",
];

pub(crate) fn run(console: &Console) -> Outcome {
    let root = workspace::root();
    let mut findings = strays(&tracked(console));
    let mut texts = Vec::new();
    for path in sources(&root) {
        let shown = path.strip_prefix(&root).unwrap_or(&path);
        let text = super::read(&path);
        if is_rust(&path) {
            findings.extend(look(&shown.display().to_string(), &text));
        }
        texts.push(text);
    }
    findings.extend(attacks::missing(&root, &texts));
    if findings.is_empty() {
        Outcome::Passed(Tally::PASSED)
    } else {
        Outcome::failed(findings.join("\n"))
    }
}

/// The names that git keeps; none where this is no checkout of git's.
fn tracked(console: &Console) -> String {
    match Invocation::new("git").args(["ls-files"]).run(console) {
        Ok(finished) if finished.success => finished.output,
        _ => String::new(),
    }
}

fn strays(tracked: &str) -> Vec<String> {
    let top = tracked.lines().map(|path| {
        let name = path.split('/').next().unwrap_or(path);
        (name, path)
    });
    top.filter(|(name, _)| !name.starts_with('.') && !TOP.contains(name))
        .map(|(_, path)| format!("{path}: has no place at the top level"))
        .collect()
}

fn look(path: &str, text: &str) -> Vec<String> {
    let words = (1..).zip(text.lines()).flat_map(|(number, line)| {
        let found = WORDS
            .into_iter()
            .filter(move |(word, _)| line.contains(word));
        found.map(move |(word, instead)| format!("{path}:{number}: `{word}`: {instead}"))
    });
    let is_test = path.contains("/tests");
    let code = text
        .lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .count();
    let long = (code > LONGEST && !is_test)
        .then(|| format!("{path}: {code} lines before its tests: split it"));
    words.chain(long).collect()
}

/// Every file with code or scripts of the checkout, what is built or hidden left out.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            found.extend(sources(&path));
        } else if is_rust(&path) || path.extension().is_some_and(|end| end == "mjs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silenced_lint_is_found_with_its_place() {
        let text = ["fn one() {}", concat!("#![all", "ow(dead_code)]")].join("\n");
        let findings = look("a.rs", &text);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].starts_with("a.rs:2: "), "{findings:?}");
    }

    #[test]
    fn a_stray_file_at_the_top_is_found() {
        let tracked = ".ci/run\nREADME.md\naka/src/lib.rs\nopc\n";
        assert_eq!(strays(tracked), ["opc: has no place at the top level"]);
    }

    #[test]
    fn a_file_is_measured_without_its_tests() {
        let code = "let x = 1;\n".repeat(LONGEST);
        assert_eq!(
            look("a.rs", &format!("{code}#[cfg(test)]\n{code}")),
            Vec::<String>::new()
        );
        assert_eq!(look("a.rs", &format!("{code}one more")).len(), 1);
    }
}
