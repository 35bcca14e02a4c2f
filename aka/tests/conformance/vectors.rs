//! The form of the data files: `[case]`, then `name = value` lines; `#` begins a comment.

use std::str::FromStr;

/// One case of a file.
pub(crate) struct Case {
    name: &'static str,
    lines: Vec<(&'static str, &'static str)>,
}

impl Case {
    /// The value called `name`.
    pub(crate) fn text(&self, name: &str) -> &'static str {
        self.optional(name)
            .unwrap_or_else(|| panic!("{} has no {name}", self.name))
    }

    /// The value called `name`, if the case has it.
    pub(crate) fn optional(&self, name: &str) -> Option<&'static str> {
        let found = self.lines.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| *value)
    }

    /// The value called `name` as a type.
    pub(crate) fn get<T: FromStr>(&self, name: &str) -> T {
        let value = self.text(name).parse();
        value.unwrap_or_else(|_| panic!("{}: {name} is malformed", self.name))
    }
}

/// The case called `name`.
pub(crate) fn case(file: &'static str, name: &str) -> Case {
    let mut cases = cases(file).into_iter();
    let found = cases.find(|case| case.name == name);
    found.unwrap_or_else(|| panic!("no case {name}"))
}

/// The names of all cases.
pub(crate) fn names(file: &'static str) -> Vec<&'static str> {
    cases(file).into_iter().map(|case| case.name).collect()
}

fn cases(file: &'static str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            let lines = Vec::new();
            cases.push(Case { name, lines });
        } else if let Some(pair) = line.split_once(" = ") {
            cases
                .last_mut()
                .expect("a case comes first")
                .lines
                .push(pair);
        } else {
            assert_eq!(line, "", "neither a case nor a value");
        }
    }
    cases
}

/// One test for each case of a file, named like it, and one that none is left out.
macro_rules! conformance {
    ($file:literal, $check:ident: $($case:ident,)+) => {
        const FILE: &str = include_str!(concat!("../vectors/", $file));

        #[test]
        fn every_case_of_the_file_has_its_test() {
            assert_eq!($crate::vectors::names(FILE), [$(stringify!($case)),+]);
        }

        $(
            #[test]
            fn $case() {
                $check(&$crate::vectors::case(FILE, stringify!($case)));
            }
        )+
    };
}

pub(crate) use conformance;
