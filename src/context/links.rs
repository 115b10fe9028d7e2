//! Links on the way to a path.
//!
//! Owns which they are and where they lead. Never opens a file.

use std::path::{Component, Path, PathBuf};

/// Returns the links on the way to an absolute path, which need not exist: each as spelled, with
/// what it leads to. Both are absolute.
pub fn links_on(path: &str) -> Vec<(String, String)> {
    let mut links = Vec::new();
    let (mut spelled, mut real) = (PathBuf::new(), PathBuf::new());
    for part in Path::new(path).components() {
        spelled.push(part);
        real.push(part);
        if !matches!(part, Component::Normal(_)) || !real.is_symlink() {
            continue;
        }
        let Ok(target) = real.canonicalize() else {
            break;
        };
        let (Some(link), Some(to)) = (spelled.to_str(), target.to_str()) else {
            break;
        };
        links.push((link.to_owned(), to.to_owned()));
        real = target;
    }
    links
}
