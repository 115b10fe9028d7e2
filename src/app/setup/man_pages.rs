//! Installing and removing manual pages.
//!
//! Owns where they go: a folder that the user names, or the one that `man` finds by itself. Never
//! makes a page.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Kind};
use crate::host::Host;

/// The installed pages.
#[derive(Debug)]
pub struct Pages {
    /// Their folder.
    pub dir: PathBuf,
    /// How many.
    pub count: usize,
}

/// The removed pages.
#[derive(Debug)]
pub struct RemovedPages {
    /// Their folder.
    pub dir: PathBuf,
    /// How many there were.
    pub count: usize,
}

/// Writes `pages`, each a file name and a text, into `dir` or the default folder.
pub fn install(
    host: Host,
    dir: Option<PathBuf>,
    pages: &[(String, String)],
) -> Result<Pages, Failure> {
    let dir = match dir {
        Some(dir) => dir,
        None => default_dir(host)?,
    };
    let count = pages.len();
    write(&dir, pages).map_err(|error| {
        let text = format!("cannot install pages in {}: {error}", dir.display());
        Failure::new(Kind::Broken, anyhow::anyhow!(text)).hint("name another folder: --dir <dir>")
    })?;
    Ok(Pages { dir, count })
}

/// Removes what [`install`] wrote into `dir` or the default folder: files of these names.
///
/// # Errors
///
/// [`Kind::Broken`] if one is there and cannot be removed.
pub fn uninstall(
    host: Host,
    dir: Option<PathBuf>,
    pages: &[(String, String)],
) -> Result<RemovedPages, Failure> {
    let dir = match dir {
        Some(dir) => dir,
        None => default_dir(host)?,
    };
    let mut count = 0;
    for (name, _) in pages {
        match host.remove_file(&dir.join(name)) {
            Ok(()) => count += 1,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                let text = format!("cannot remove {} in {}: {error}", name, dir.display());
                return Err(Failure::new(Kind::Broken, anyhow::anyhow!(text))
                    .hint("name another folder: --dir <dir>"));
            }
        }
    }
    // Folders that were made for the pages go with them; one with anything else in it stays.
    let mut folders = dir.ancestors().take(2);
    if count > 0 {
        let _ = folders.all(|folder| host.remove_empty_dir(folder).is_ok());
    }
    Ok(RemovedPages { dir, count })
}

fn default_dir(host: Host) -> Result<PathBuf, Failure> {
    let data = host.env("XDG_DATA_HOME").map(PathBuf::from);
    let data = data.or_else(|| host.home().map(|home| home.join(".local/share")));
    data.map(|data| data.join("man/man1"))
        .ok_or_else(|| Failure::usage("HOME is not set").hint("name the folder: --dir <dir>"))
}

fn write(dir: &Path, pages: &[(String, String)]) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    let write = |(name, text): &(String, String)| std::fs::write(dir.join(name), text);
    pages.iter().try_for_each(write)
}
