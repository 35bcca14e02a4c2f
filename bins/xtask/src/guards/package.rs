//! Builds each library from what would be published.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use crate::console::Console;
use crate::invocation::Invocation;
use crate::step::{Outcome, check};
use crate::workspace;

pub(crate) fn run(console: &Console) -> Outcome {
    let libraries = workspace::libraries().into_iter();
    let names: Vec<String> = libraries.map(|library| library.name).collect();
    if let Err(error) = forget(&names) {
        return Outcome::failed(format!("an earlier package cannot be removed: {error}\n"));
    }
    let package = Invocation::cargo().args(["package", "--quiet", "--allow-dirty"]);
    check(
        console,
        package.args(names.iter().map(|name| format!("--package={name}"))),
    )
}

/// Cargo takes the sources of a version that it has unpacked once for the same ever after, which is
/// right for what is published and wrong for what is yet to be.
fn forget(names: &[String]) -> io::Result<()> {
    for registry in folders(&cargo_home().join("registry/src"), |name| {
        name.starts_with('-')
    }) {
        remove(&registry, names)?;
    }
    remove(&workspace::target().join("debug/.fingerprint"), names)
}

fn remove(folder: &Path, names: &[String]) -> io::Result<()> {
    let is_ours = |entry: &str| {
        let (name, _) = entry.rsplit_once('-').unwrap_or((entry, ""));
        names.iter().any(|known| known == name)
    };
    folders(folder, is_ours)
        .iter()
        .try_for_each(fs::remove_dir_all)
}

fn folders(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let wanted = entries.filter(|entry| entry.file_name().to_str().is_some_and(&is_wanted));
    wanted.map(|entry| entry.path()).collect()
}

fn cargo_home() -> PathBuf {
    let home = || env::home_dir().unwrap_or_default().join(".cargo");
    env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_the_named_libraries_go_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let all = ["aka-0.1.0", "aka-41f2", "aka-more-0.1.0", "ring-0.17.14"];
        for name in all {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        remove(folder.path(), &["aka".to_owned()]).unwrap();
        let mut left = folders(folder.path(), |_| true);
        left.sort();
        let left: Vec<_> = left.iter().filter_map(|path| path.file_name()).collect();
        assert_eq!(left, ["aka-more-0.1.0", "ring-0.17.14"]);
    }
}
