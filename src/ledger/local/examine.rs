//! The examination of the files of this clone, for `doctor`.
//!
//! Owns what is reported about `<git>/presence`: things that are no plain files, files that are too
//! large, and what this user may not read or write; and the repair, which moves a foreign thing
//! aside. Removes only what a killed process left unfinished; never changes an owner or a mode.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::UNIX_EPOCH;

use crate::ledger::layout::{self, REPLACED, SEEN};
use crate::ledger::local::folder::Folder;
use crate::ledger::plain::{Foreign, Odd, PlainDir, check_access, own_user, owner_and_mode};
use crate::model::finding::{Finding, Repaired, repairable};
use crate::model::time::Timestamp;

const MOVES: &str = "--repair moves it aside";
const MOVES_NODE: &str = "--repair moves it aside; this clone then takes a new node id, and its \
                          sessions so far expire";

/// The age in seconds at which an unfinished file is taken for abandoned.
const UNFINISHED_SECS_MAX: u64 = 60 * 60;
/// How many things of one name are moved aside at one time.
const NAMES_MAX: u32 = 100;

/// Examines the folder and the files in it. With `repair`, moves aside what is foreign.
pub(in crate::ledger) fn examine(folder: &Folder, now: Timestamp, repair: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut opened = folder.open();
    if let Err(error) = &opened
        && let Some(foreign) = Foreign::of(error)
    {
        let fix = || set_folder_aside(folder.path(), now);
        findings.push(repairable(foreign.to_string(), MOVES, repair, fix));
        opened = folder.open();
    }
    match opened {
        Ok(dir) => {
            examine_names(folder, &dir, now, repair, &mut findings);
            examine_unfinished(&dir, now, repair, &mut findings);
            let kept = dir.open_below(layout::KEPT);
            let hours = kept.and_then(|kept| Ok((kept.names()?, kept)));
            for hour in hours.iter().flat_map(|(names, kept)| {
                let opened = names.iter().map(|name| kept.open_below(name));
                opened.flatten()
            }) {
                examine_unfinished(&hour, now, repair, &mut findings);
            }
            findings.extend(access_finding(folder, &dir));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let above = folder.path().parent().unwrap_or(folder.path());
            let what = format!("{} cannot be made", folder.path().display());
            findings.extend(denied(folder, &what, above, true));
        }
        Err(error) if Foreign::of(&error).is_some() => {}
        Err(error) => {
            let what = format!("{} cannot be opened", folder.path().display());
            findings.push(cannot(folder, &what, folder.path(), &error));
        }
    }
    findings
}

fn examine_names(
    folder: &Folder,
    dir: &PlainDir,
    now: Timestamp,
    repair: bool,
    findings: &mut Vec<Finding>,
) {
    let mut names = dir.names().unwrap_or_default();
    names.sort_unstable();
    for name in names {
        let Some(odd) = odd_of(dir, &name) else {
            continue;
        };
        let path = dir.path().join(&name);
        let advice = match name.as_str() {
            layout::NODE_FILE => MOVES_NODE,
            _ => MOVES,
        };
        let fix = || set_aside(folder, dir, &name, now).map_err(|error| error.to_string());
        let what = Foreign { path, odd }.to_string();
        findings.push(repairable(what, advice, repair, fix));
    }
}

/// Returns what is odd about a name that this program uses.
fn odd_of(dir: &PlainDir, name: &str) -> Option<Odd> {
    if name == REPLACED || name == layout::KEPT {
        return match dir.odd(name) {
            Some(Odd::Folder) => None,
            Some(Odd::Link) => Some(Odd::Link),
            _ => Some(Odd::NoFolder),
        };
    }
    if !layout::is_own_file(name) {
        return None;
    }
    let bytes_max = layout::bytes_max(name);
    let is_large = || {
        let meta = dir.path().join(name).symlink_metadata();
        !layout::is_locked(name) && meta.is_ok_and(|meta| meta.len() > bytes_max)
    };
    dir.odd(name)
        .or_else(|| is_large().then_some(Odd::Large { bytes_max }))
}

/// Moves a thing into the folder of what was replaced, under a name that is free there.
fn set_aside(folder: &Folder, dir: &PlainDir, name: &str, now: Timestamp) -> io::Result<String> {
    let below = match name {
        REPLACED => None,
        _ => Some(dir.below(REPLACED, folder.sharing())?),
    };
    let to_dir = below.as_ref().unwrap_or(dir);
    let first = format!("{name}-{}", now.as_millis());
    let more = (1..NAMES_MAX).map(|n| format!("{first}-{n}"));
    let mut free = std::iter::once(first.clone()).chain(more);
    let to = free.find(|to| to_dir.kind(to).is_err());
    let to = to.ok_or(ErrorKind::AlreadyExists)?;
    dir.rename(name, to_dir, &to)?;
    Ok(format!("moved to {}", to_dir.path().join(to).display()))
}

fn set_folder_aside(path: &Path, now: Timestamp) -> Repaired {
    let to = path.with_file_name(format!("{}-{}", layout::FOLDER, now.as_millis()));
    match std::fs::rename(path, &to) {
        Ok(()) => Ok(format!("moved to {}", to.display())),
        Err(error) => Err(error.to_string()),
    }
}

/// Reports files that a process was writing when it was killed.
fn examine_unfinished(dir: &PlainDir, now: Timestamp, repair: bool, findings: &mut Vec<Finding>) {
    for name in dir.names().unwrap_or_default() {
        let path = dir.path().join(&name);
        let is_old = || {
            let written = path.symlink_metadata().and_then(|meta| meta.modified());
            let since = written.map(|at| at.duration_since(UNIX_EPOCH));
            let Ok(Ok(since)) = since else {
                return false;
            };
            let at = Timestamp::from_millis(0).plus_secs(since.as_secs());
            now.secs_since(at) > UNFINISHED_SECS_MAX
        };
        if name.starts_with(layout::UNFINISHED_PREFIX) && dir.odd(&name).is_none() && is_old() {
            let what = format!(
                "{} was left behind by a process that is gone",
                path.display()
            );
            let fix = || match dir.remove(&name) {
                Ok(()) => Ok("removed".to_owned()),
                Err(error) => Err(error.to_string()),
            };
            findings.push(repairable(what, "--repair removes it", repair, fix));
        }
    }
}

/// Returns the first thing that this user may not use: the folder, or a file in it.
fn access_finding(folder: &Folder, dir: &PlainDir) -> Option<Finding> {
    let what = format!("{} cannot be written", folder.path().display());
    if let Some(finding) = denied(folder, &what, folder.path(), true) {
        return Some(finding);
    }
    let mut names = dir.names().unwrap_or_default();
    names.sort_unstable();
    let plain = |name: &String| layout::is_own_file(name) && dir.odd(name).is_none();
    names.into_iter().filter(plain).find_map(|name| {
        let writes = layout::is_locked(&name) || name == SEEN;
        let path = dir.path().join(&name);
        let verb = if writes { "written" } else { "read" };
        let what = format!("{} cannot be {verb}", path.display());
        denied(folder, &what, &path, writes)
    })
}

fn denied(folder: &Folder, what: &str, path: &Path, writes: bool) -> Option<Finding> {
    let error = check_access(path, writes).err()?;
    Some(cannot(folder, what, path, &error))
}

/// Returns the finding that this user may not use a path, with a command that helps.
fn cannot(folder: &Folder, what: &str, path: &Path, error: &io::Error) -> Finding {
    let owned = owner_and_mode(path);
    let (owner, is_own) = owned.unwrap_or_default();
    let owner = match owner.is_empty() {
        true => owner,
        false => format!(" ({owner})"),
    };
    let quoted = path.display();
    let advice = match (error.kind(), own_user()) {
        (ErrorKind::ReadOnlyFilesystem, _) => {
            "mount it for writing, or keep the board elsewhere: presence.ledger".to_owned()
        }
        _ if is_own => format!("chmod -R u+rwX '{quoted}'"),
        _ if folder.sharing().bits() != 0 => {
            format!("its owner can share it: chmod -R g+rwX '{quoted}'")
        }
        (_, Some(user)) => format!("sudo chown -R {user} '{quoted}'"),
        (_, None) => "let this user write there".to_owned(),
    };
    Finding::problem(format!("{what}: {error}{owner}"), advice)
}
