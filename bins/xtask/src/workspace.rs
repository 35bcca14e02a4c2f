//! Where the checkout lies and what it consists of.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The checkout's folder.
pub(crate) fn root() -> PathBuf {
    // Asked at run time: a build folder shared between checkouts may run another one's binary.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .unwrap_or_else(|| OsString::from(env!("CARGO_MANIFEST_DIR")));
    let manifest = PathBuf::from(manifest);
    manifest
        .ancestors()
        .nth(2)
        .map_or_else(|| manifest.clone(), Path::to_path_buf)
}

/// The build folder that this very program lies in, whatever chose it.
pub(crate) fn target() -> PathBuf {
    let beside_debug = std::env::current_exe()
        .ok()
        .and_then(|own| own.ancestors().nth(2).map(Path::to_path_buf));
    beside_debug.unwrap_or_else(|| root().join("target"))
}

/// A crate that others may depend on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Library {
    /// Its name.
    pub(crate) name: String,
    /// Its features, `default` left out.
    pub(crate) features: Vec<String>,
}

/// The workspace's members that can be published, in the order of their paths.
pub(crate) fn libraries() -> Vec<Library> {
    let mut found: Vec<Library> = manifests(&root(), 2)
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .filter_map(|manifest| library(&manifest))
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

fn manifests(folder: &Path, depth: u8) -> Vec<PathBuf> {
    let Some(depth) = depth.checked_sub(1) else {
        return Vec::new();
    };
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let folders = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir());
    folders
        .flat_map(|path| {
            let own = Some(path.join("Cargo.toml")).filter(|manifest| manifest.is_file());
            own.into_iter().chain(manifests(&path, depth))
        })
        .collect()
}

/// Reads as much of a manifest as the guards need; ours keep to one key a line.
fn library(manifest: &str) -> Option<Library> {
    let mut section = "";
    let mut name = None;
    let mut features = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') && line.ends_with(']') {
            section = line;
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        match (section, key.trim()) {
            ("[package]", "publish") if value.trim() == "false" => return None,
            ("[package]", "name") => name = Some(value.trim().trim_matches('"').to_owned()),
            ("[features]", key) if key != "default" && !key.starts_with(['#', '"']) => {
                features.push(key.to_owned());
            }
            _ => {}
        }
    }
    name.map(|name| Library { name, features })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_read_with_its_features() {
        let manifest = "[package]\nname = \"usim\"\n[features]\ndefault = []\n# why = not\n\
                        pcsc = [\"dep:pcsc\"]\nsoft = [\n  \"dep:toml\",\n]\n[dependencies]\nhex = \"1\"\n";
        let expected = Library {
            name: "usim".to_owned(),
            features: vec!["pcsc".to_owned(), "soft".to_owned()],
        };
        assert_eq!(library(manifest), Some(expected));
    }

    #[test]
    fn what_is_not_published_is_no_library() {
        assert_eq!(
            library("[package]\nname = \"auc\"\npublish = false\n"),
            None
        );
    }

    #[test]
    fn this_workspace_publishes_aka_and_usim() {
        let names: Vec<String> = libraries()
            .into_iter()
            .map(|library| library.name)
            .collect();
        assert!(names.contains(&"aka".to_owned()), "{names:?}");
        assert!(names.contains(&"usim".to_owned()), "{names:?}");
    }
}
