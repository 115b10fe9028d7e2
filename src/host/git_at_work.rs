//! Whether Git works in a repository now, [`git_at_work`].
//!
//! Owns the look through the process table that tells a ref lock in use from one that a killed
//! process left behind. Never ends a process.

use std::path::PathBuf;

/// Subcommands of Git that can hold a ref lock for longer than a moment.
#[cfg(target_os = "linux")]
const WRITERS: [&str; 14] = [
    "clone",
    "fetch",
    "gc",
    "maintenance",
    "pack-refs",
    "prune",
    "pull",
    "push",
    "rebase",
    "receive-pack",
    "remote",
    "repack",
    "submodule",
    "update-ref",
];

/// This program, which has verbs of these names: what it lets Git do is in the table by itself.
#[cfg(target_os = "linux")]
const OWN_NAME: &str = "git-presence";
#[cfg(target_os = "linux")]
const OWN_VERB: &str = "presence";

/// Returns true if a process of Git that writes refs works in one of `places` (the Git folder and
/// the work trees of one repository), and `None` if that cannot be known.
///
/// A process works where its current folder is, or in the Git folder that its arguments name. One
/// that cannot be read belongs to another user, and counts.
#[cfg(target_os = "linux")]
pub fn git_at_work(places: &[PathBuf]) -> Option<bool> {
    let all = procfs::process::all_processes().ok()?;
    let is_inside = |path: &std::path::Path| places.iter().any(|place| path.starts_with(place));
    let named: Vec<String> = places.iter().map(|p| p.display().to_string()).collect();
    for process in all.flatten() {
        let Ok(stat) = process.stat() else { continue };
        if !stat.comm.starts_with("git") || stat.state == 'Z' {
            continue;
        }
        let Ok(words) = process.cmdline() else {
            continue;
        };
        if stat.comm == OWN_NAME || !has_writer(&words) {
            continue;
        }
        let names = |word: &String| named.iter().any(|place| word.contains(place));
        let works_here = match process.cwd() {
            Ok(cwd) => is_inside(&cwd),
            Err(_) => true,
        };
        if works_here || words.iter().any(names) {
            return Some(true);
        }
    }
    Some(false)
}

/// Checks whether a command line has such a subcommand, and not as a verb of this program.
#[cfg(target_os = "linux")]
fn has_writer(words: &[String]) -> bool {
    let is_writer = |at: usize| WRITERS.contains(&words[at].as_str());
    let is_verb =
        |at: usize| at >= 2 && words[at - 1] == OWN_VERB && !words[at - 2].starts_with('-');
    (0..words.len()).any(|at| is_writer(at) && !is_verb(at))
}

/// The process table has no portable form.
#[cfg(not(target_os = "linux"))]
pub fn git_at_work(_: &[PathBuf]) -> Option<bool> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_verb_of_this_program_is_no_subcommand_of_git() {
        let writes = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            has_writer(&words)
        };
        for line in [
            "git gc",
            "git -C presence gc",
            "git fetch presence",
            "/bin/git pull",
        ] {
            assert!(writes(line), "{line}");
        }
        for line in ["git presence gc", "git presence push x main", "git status"] {
            assert!(!writes(line), "{line}");
        }
    }
}
