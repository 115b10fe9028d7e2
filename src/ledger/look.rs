//! A look at what is in the place of a repository, before it is opened.
//!
//! Owns which files of a Git folder may be opened: plain ones of a sensible size, and no link that
//! Git would not follow. A pipe would make a hook wait, a device has no end, and a stranger can
//! commit links to both. Never opens one of them.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// The name of the Git folder in a work tree.
const GIT_FOLDER: &str = ".git";
/// The most bytes of a file with one line.
const LINE_BYTES_MAX: u64 = 64 * 1024;
/// The most bytes of a file of settings.
const SETTINGS_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// What users name where they want no settings.
const NOTHING: &str = "/dev/null";
/// Where files are not what they look like: some have the size 0 and no end.
const UNREAL: [&str; 3] = ["/proc", "/dev", "/sys"];
/// The word in front of the path of a file of settings that belongs to another one.
const INCLUDE: &[u8] = b"include";
/// How far included files are followed, as by Git.
const INCLUDES_DEPTH_MAX: usize = 10;
/// The most files that one includes, with those that they include.
const INCLUDES_MAX: usize = 100;
/// The most refs that name the next one, as Git follows them.
const LINKS_MAX: usize = 5;
/// How far files with the path of a Git folder are followed.
const FOLLOWED_MAX: usize = 2;

/// What is odd about a Git folder.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OddFile {
    pub path: PathBuf,
    pub what: &'static str,
}

/// The result of the look from a folder upwards.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Looked {
    /// A search from here meets no odd file. It is further up if a folder looked like a bare
    /// repository and is none.
    From(PathBuf),
    /// The repository that a search would find has an odd file.
    Odd(OddFile),
}

/// Looks at all that a search for a repository from `dir` would open.
pub(super) fn upwards(dir: &Path) -> Looked {
    let mut start = dir;
    for at in dir.ancestors() {
        let entry = at.join(GIT_FOLDER);
        if entry.symlink_metadata().is_ok() {
            if let Err(odd) = of_git_folder(&entry) {
                return Looked::Odd(odd);
            }
            if entry.is_file() || has_head(&entry) {
                break;
            }
        }
        if has_head(at) {
            match of_git_folder(at) {
                Ok(()) if is_complete(at) => break,
                Ok(()) => {}
                // As for Git: without a head it is a folder like any other.
                Err(_) => start = at.parent().unwrap_or(at),
            }
        }
    }
    Looked::From(start.to_owned())
}

/// Checks what is opened of a repository that is named: a Git folder or a work tree.
pub(super) fn of_named(path: &Path) -> Result<(), OddFile> {
    of_git_folder(&path.join(GIT_FOLDER))?;
    match has_head(path) {
        true => of_git_folder(path),
        false => Ok(()),
    }
}

/// Checks the files of a Git folder, or of the one to which the file `git_dir` leads.
pub(super) fn of_git_folder(git_dir: &Path) -> Result<(), OddFile> {
    let mut dir = git_dir.to_owned();
    for _ in 0..FOLLOWED_MAX {
        if !dir.is_dir() {
            file(&dir, LINE_BYTES_MAX)?;
            let Some(to) = read_line(&dir) else {
                return Ok(());
            };
            let to = to.strip_prefix("gitdir:").unwrap_or(&to).trim().to_owned();
            dir = dir.parent().unwrap_or(&dir).join(to);
        }
        head(&dir.join("HEAD"))?;
        for name in ["commondir", "gitdir"] {
            file(&dir.join(name), LINE_BYTES_MAX)?;
        }
        file(&dir.join("objects/info/alternates"), SETTINGS_BYTES_MAX)?;
        for name in ["config", "config.worktree"] {
            let settings = dir.join(name);
            if file(&settings, SETTINGS_BYTES_MAX)? {
                included(&settings, None, INCLUDES_DEPTH_MAX, &mut { INCLUDES_MAX })?;
            }
        }
        file(&dir.join("packed-refs"), u64::MAX)?;
        match read_line(&dir.join("commondir")) {
            Some(common) => dir = dir.join(common),
            None => break,
        }
    }
    Ok(())
}

/// Checks files of settings of the user and of the machine, which are read with those of any
/// repository: a pipe would be waited for without end. No file, and `/dev/null`, are fine.
pub(super) fn of_user_settings(files: &[PathBuf], home: Option<&Path>) -> Result<(), OddFile> {
    for settings in files {
        let is_nothing = settings
            .canonicalize()
            .is_ok_and(|real| real == Path::new(NOTHING));
        if !is_nothing && file(settings, SETTINGS_BYTES_MAX)? {
            included(settings, home, INCLUDES_DEPTH_MAX, &mut { INCLUDES_MAX })?;
        }
    }
    Ok(())
}

/// Checks the files that a file of settings includes, and those that they include. A file that
/// cannot be parsed includes none. A path below the home of the user is followed with `home`.
fn included(
    settings: &Path,
    home: Option<&Path>,
    depth: usize,
    left: &mut usize,
) -> Result<(), OddFile> {
    let Some(text) = std::fs::read(settings).ok().filter(|_| depth > 0) else {
        return Ok(());
    };
    if !text
        .windows(INCLUDE.len())
        .any(|word| word.eq_ignore_ascii_case(INCLUDE))
    {
        return Ok(());
    }
    let options = gix::config::file::init::Options::default();
    let parsed = gix::config::File::from_bytes_no_includes(
        &text,
        gix::config::file::Metadata::default(),
        options,
    );
    let Ok(parsed) = parsed else { return Ok(()) };
    let dir = settings.parent().unwrap_or(settings);
    for section in parsed.sections() {
        let name = section.header().name();
        if !name.eq_ignore_ascii_case(INCLUDE) && !name.eq_ignore_ascii_case(b"includeif") {
            continue;
        }
        for path in section.values("path") {
            // A path below a home is not one that the repository made.
            let Ok(path) = gix::path::from_bstr(&path) else {
                continue;
            };
            let path = match (path.strip_prefix("~"), home) {
                (Ok(below), Some(home)) => home.join(below),
                _ => dir.join(path),
            };
            *left = left.saturating_sub(1);
            if *left == 0 {
                return Err(odd(&path, "is included after too many other files"));
            }
            file(&path, SETTINGS_BYTES_MAX)?;
            included(&path, home, depth - 1, left)?;
        }
    }
    Ok(())
}

fn has_head(dir: &Path) -> bool {
    dir.join("HEAD").symlink_metadata().is_ok()
}

fn is_complete(dir: &Path) -> bool {
    let has_common = dir.join("commondir").exists();
    has_common || dir.join("objects").is_dir() && dir.join("refs").is_dir()
}

/// Checks a head: a file, or a link that names a ref, as old versions of Git made it.
fn head(path: &Path) -> Result<(), OddFile> {
    match path.read_link() {
        Ok(to) if !to.starts_with("refs") => Err(odd(path, "is a link that names no ref")),
        _ => file(path, LINE_BYTES_MAX).map(drop),
    }
}

/// Returns true if the refs from `HEAD` on can be read without waiting: an archive can bring a pipe
/// in the place of a branch. Refs in a reftable are no files of their own.
pub(super) fn head_is_plain(git_dir: &Path, common_dir: &Path) -> bool {
    let mut path = git_dir.join("HEAD");
    for _ in 0..LINKS_MAX {
        match file(&path, LINE_BYTES_MAX) {
            Err(_) => return false,
            // Packed, or yet to be born.
            Ok(false) => return true,
            Ok(true) => {}
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        match text.trim_end().strip_prefix("ref: ") {
            Some(next) => {
                let own = git_dir.join(next);
                let is_own = own.symlink_metadata().is_ok();
                path = if is_own { own } else { common_dir.join(next) };
            }
            None => return true,
        }
    }
    false
}

/// Checks a file that may be a link to one, and returns whether it is there.
fn file(path: &Path, bytes_max: u64) -> Result<bool, OddFile> {
    let mut meta = path.symlink_metadata();
    if meta.as_ref().is_ok_and(Metadata::is_symlink) {
        let to = path.canonicalize().unwrap_or_default();
        if UNREAL.iter().any(|above| to.starts_with(above)) && !to.starts_with("/dev/shm") {
            return Err(odd(path, "is a link to what is no file"));
        }
        meta = path.metadata();
    }
    match meta {
        Ok(meta) if !meta.is_file() && !meta.is_dir() => {
            Err(odd(path, "is a pipe, a socket or a device"))
        }
        Ok(meta) if meta.len() > bytes_max => Err(odd(path, "is too large")),
        found => Ok(found.is_ok()),
    }
}

/// Reads a file of one line that was checked.
fn read_line(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.trim_end().to_owned())
}

fn odd(path: &Path, what: &'static str) -> OddFile {
    let path = path.to_owned();
    OddFile { path, what }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn folder() -> std::io::Result<tempfile::TempDir> {
        let dir = tempfile::tempdir()?;
        for name in ["objects", "refs/heads"] {
            fs::create_dir_all(dir.path().join("r").join(name))?;
        }
        Ok(dir)
    }

    /// Each with whether Git would take the folder for a repository.
    #[test]
    fn a_head_is_a_file_or_a_link_that_names_a_ref() {
        for (target, is_plain) in [
            ("refs/heads/main", true),
            ("refs/heads/none", true),
            ("refs/heads/odd", false),
            ("/dev/zero", false),
            ("/proc/kmsg", false),
            ("../file", false),
        ] {
            let dir = folder().unwrap();
            let repo = dir.path().join("r");
            fs::write(repo.join("refs/heads/main"), "0").unwrap();
            symlink("/proc/version", repo.join("refs/heads/odd")).unwrap();
            symlink(target, repo.join("HEAD")).unwrap();
            assert_eq!(of_git_folder(&repo).is_ok(), is_plain, "{target}");
            let from = if is_plain { &repo } else { dir.path() };
            assert_eq!(upwards(&repo), Looked::From(from.to_owned()), "{target}");
        }
    }

    #[test]
    fn what_is_too_large_or_no_file_is_told() {
        for name in ["HEAD", "config", "commondir", "gitdir", "packed-refs"] {
            let dir = folder().unwrap();
            let git_dir = dir.path().join(".git");
            fs::rename(dir.path().join("r"), &git_dir).unwrap();
            fs::write(git_dir.join("HEAD"), "ref: refs/heads/main").unwrap();
            assert_eq!(of_named(dir.path()), Ok(()));
            let _ = fs::remove_file(git_dir.join(name));
            symlink("/dev/null", git_dir.join(name)).unwrap();
            let odd = upwards(&git_dir.join("refs"));
            let path = git_dir.join(name);
            assert!(
                matches!(odd, Looked::Odd(odd) if odd.path == path),
                "{name}"
            );
            assert!(of_named(dir.path()).is_err(), "{name}");
            fs::remove_file(&path).unwrap();
            fs::File::create(&path)
                .unwrap()
                .set_len(SETTINGS_BYTES_MAX + 1)
                .unwrap();
            let is_bounded = name != "packed-refs";
            assert_eq!(of_named(dir.path()).is_err(), is_bounded, "{name}");
        }
    }

    #[test]
    fn what_settings_include_is_looked_at_too() {
        let dir = folder().unwrap();
        let repo = dir.path().join("r");
        fs::write(repo.join("HEAD"), "ref: refs/heads/main").unwrap();
        fs::File::create(dir.path().join("big"))
            .and_then(|file| file.set_len(SETTINGS_BYTES_MAX + 1))
            .unwrap();
        fs::write(dir.path().join("small"), "[user]\n\tname = x\n").unwrap();
        fs::write(dir.path().join("next"), "[InClude]\n\tpath = big\n").unwrap();
        fs::write(
            dir.path().join("loop"),
            "[include]\n\tpath = loop\n".repeat(3),
        )
        .unwrap();
        for (settings, is_odd) in [
            ("[include]\n\tpath = ../big\n", true),
            ("[includeIf \"gitdir:/x\"]\n\tpath = ../big\n", true),
            ("[include]\n\tpath = ../next\n", true),
            ("[include]\n\tpath = ../loop\n", true),
            ("[include]\n\tpath = ../small\n", false),
            ("[include]\n\tpath = ../none\n", false),
            ("[core]\n\tpath = ../big\n", false),
        ] {
            fs::write(repo.join("config"), settings).unwrap();
            assert_eq!(of_git_folder(&repo).is_err(), is_odd, "{settings}");
        }
    }
}
