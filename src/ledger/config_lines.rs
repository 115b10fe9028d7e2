//! The lines of Git configuration that `init` adds, and those that earlier versions added.
//!
//! Owns [`ConfigLines`]: adding a line to the `config` of the repository, under a section of its
//! own at the end, and removing such lines, which leaves every other byte as it was. Takes the lock
//! that Git takes. Never touches another line or file, and never adds a refspec: then the user's
//! own `git fetch` would write tracking refs, and fail beside a sync that moves one.

use std::io::Write as _;

use gix::lock::acquire::Fail;

use crate::ledger::error::LedgerError;
use crate::ledger::local::folder::FolderError;
use crate::ledger::store::Ledger;

const CONFIG: &str = "config";
/// The mark at the end of a section header that tells these sections from the user's.
const MARK: &str = " # git presence init";
/// How a refspec begins, below such a header: earlier versions added one.
const FETCH: &str = "\tfetch = ";
/// How the lines below such a header begin.
const OUR_KEYS: [&str; 2] = ["\tremote = ", FETCH];
/// A line end that `add` puts at the end of a file that lacks one. The space, which means nothing
/// to Git, tells it from a line end of the user's.
const OUR_LINE_END: &str = "\n ";

/// The header of the section that is added.
fn header() -> String {
    format!("[presence]{MARK}")
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Returns a value as Git writes it: in quotes if it has more than plain characters.
fn value(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "+-_./:*".contains(c);
    match text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("\"{}\"", escaped(text)),
    }
}

/// Returns `text` with the lines that it lacks, and those lines.
fn with_remote(text: &str, remote: &str) -> (String, Vec<String>) {
    let (header, line) = (header(), format!("\tremote = {}", value(remote)));
    let mut out = text.to_owned();
    if has(text, &header, &line) {
        return (out, Vec::new());
    }
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str(OUR_LINE_END);
    }
    out.push_str(&format!("{header}\n{line}\n"));
    (out, vec![header, line])
}

/// Whether a section with this header, marked or not, has this line.
fn has(text: &str, header: &str, line: &str) -> bool {
    let kind = |line: &str| {
        let line = line.trim();
        let end = line.starts_with('[').then(|| line.rfind(']'))??;
        Some(line[..=end].to_owned())
    };
    let mut section = None;
    text.lines().any(|found| {
        section = kind(found).or_else(|| section.take());
        section == kind(header) && found.trim() == line.trim()
    })
}

/// Returns `text` without our lines that begin with one of `keys`, and those lines, for any remote.
/// The mark identifies them: the remote may have another name by now, or none.
fn without_ours(text: &str, keys: &[&str]) -> (String, Vec<String>) {
    let (mut out, mut removed) = (text.to_owned(), Vec::new());
    let lines: Vec<&str> = text.lines().collect();
    for pair in lines.windows(2) {
        let header = pair[0].trim_start();
        let is_ours = header.ends_with(MARK) && keys.iter().any(|k| pair[1].starts_with(k));
        if let Some(rest) = is_ours.then(|| without(&out, header, pair[1])).flatten() {
            out = rest;
            removed.extend([header.to_owned(), pair[1].to_owned()]);
        }
    }
    (out, removed)
}

/// Returns `text` without `line`, and without the section header above it if nothing else is in
/// that section; `None` if `text` does not have them.
fn without(text: &str, header: &str, line: &str) -> Option<String> {
    let start = text.find(&format!("{header}\n{line}\n"))?;
    let line_start = start + header.len() + 1;
    let after = &text[line_start + line.len() + 1..];
    // A section to which the user added lines stays.
    let is_alone = after.is_empty() || after.trim_start_matches([' ', '\t']).starts_with('[');
    if !is_alone {
        return Some(format!("{}{after}", &text[..line_start]));
    }
    let before = &text[..start];
    // Lines that the user added below need the line end that `add` made.
    let ours = before.strip_suffix(OUR_LINE_END);
    let before = ours.filter(|_| after.is_empty()).unwrap_or(before);
    Some(format!("{before}{after}"))
}

/// The lines of Git configuration that `init` adds.
pub struct ConfigLines<'l> {
    ledger: &'l Ledger,
}

impl Ledger {
    /// Returns the lines of Git configuration that `init` adds.
    pub fn config_lines(&self) -> ConfigLines<'_> {
        ConfigLines { ledger: self }
    }
}

/// What [`ConfigLines::add`] changed.
#[derive(Debug, Default)]
pub struct Changed {
    /// The lines that it added.
    pub added: Vec<String>,
    /// The lines of an earlier version that it removed.
    pub removed: Vec<String>,
}

impl ConfigLines<'_> {
    /// Adds the lines for `remote` that the configuration lacks, and removes the refspecs that an
    /// earlier version added. Returns both. Fails if another process holds Git's lock on the file.
    pub fn add(&self, remote: Option<&str>) -> Result<Changed, LedgerError> {
        self.ledger.edit_config(|text| {
            let (text, removed) = without_ours(text, &[FETCH]);
            let (text, added) = match remote {
                Some(remote) => with_remote(&text, remote),
                None => (text, Vec::new()),
            };
            (text, Changed { added, removed })
        })
    }

    /// Removes the lines that this or an earlier version added. Returns the lines that it removed.
    /// Fails if another process holds Git's lock on the file.
    pub fn remove(&self) -> Result<Vec<String>, LedgerError> {
        self.ledger
            .edit_config(|text| without_ours(text, &OUR_KEYS))
    }

    /// Returns the refspecs that an earlier version added; none where the file cannot be read.
    pub fn refspecs(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.ledger.common_dir.join(CONFIG));
        without_ours(&text.unwrap_or_default(), &[FETCH]).1
    }

    /// Removes the refspecs that an earlier version added. Returns the lines that it removed.
    /// Fails if another process holds Git's lock on the file.
    pub fn remove_refspecs(&self) -> Result<Vec<String>, LedgerError> {
        self.ledger.edit_config(|text| without_ours(text, &[FETCH]))
    }
}

impl Ledger {
    fn edit_config<T>(&self, edit: impl FnOnce(&str) -> (String, T)) -> Result<T, LedgerError> {
        self.may_write()?;
        // As Git does: the file behind a symbolic link has the settings.
        let path = self.common_dir.join(CONFIG);
        let path = path.canonicalize().unwrap_or(path);
        let failed = |source: std::io::Error| FolderError::Failed {
            path: path.clone(),
            source,
        };
        let lock = gix::lock::File::acquire_to_update_resource(&path, Fail::Immediately, None, 0);
        let mut lock = lock.map_err(|error| failed(std::io::Error::other(error.to_string())))?;
        let text = std::fs::read_to_string(&path).map_err(failed)?;
        let (changed, said) = edit(&text);
        if changed == text {
            return Ok(said);
        }
        lock.with_mut(|file| file.write_all(changed.as_bytes()))
            .map_err(failed)?;
        let lock = lock.close().map_err(failed)?;
        let mode = path.metadata().map_err(failed)?.permissions();
        std::fs::set_permissions(lock.lock_path(), mode).map_err(failed)?;
        lock.commit().map_err(|error| failed(error.error))?;
        Ok(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "[presence] # git presence init\n\tremote = origin\n";
    /// What an earlier version added as well.
    const OLD: &str = "[remote \"origin\"] # git presence init\n\
                       \tfetch = +refs/presence/*:refs/presence-remote/origin/*\n";
    const TEXTS: [&str; 7] = [
        "",
        "[core]\n\tbare = false\n",
        "[core]\n\tbare = false",
        "[core]\r\n\tbare = false\r\n",
        "[remote \"origin\"]\n\turl = x\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n",
        "[presence]\n\tttl = 5m\n# the end\n\n",
        "[branch \"main\"]\n\tremote = origin\n",
    ];

    fn without_all(text: &str) -> (String, Vec<String>) {
        without_ours(text, &OUR_KEYS)
    }

    #[test]
    fn what_is_added_can_be_removed_to_the_byte() {
        for text in TEXTS {
            let (with, added) = with_remote(text, "origin");
            assert_eq!(added.len(), 2);
            assert!(with.starts_with(text));
            assert_eq!(
                with_remote(&with, "origin"),
                (with.clone(), vec![]),
                "once is enough"
            );
            assert_eq!(without_all(&with).0, text, "{with:?}");
        }
    }

    #[test]
    fn the_refspec_of_an_earlier_version_is_removed_alone() {
        for text in TEXTS {
            let (with, _) = with_remote(text, "origin");
            let old = format!("{with}{OLD}");
            let (rest, removed) = without_ours(&old, &[FETCH]);
            assert_eq!((rest, removed.len()), (with, 2), "{old:?}");
            assert_eq!(without_all(&old).0, text, "{old:?}");
        }
        // One that the user wrote is the user's.
        let theirs = OLD.replace(MARK, "");
        assert_eq!(without_all(&theirs), (theirs.clone(), vec![]));
    }

    #[test]
    fn a_line_of_the_user_is_enough() {
        let text = "[presence]\n\tttl = 5m\n\tremote = origin\n";
        assert_eq!(with_remote(text, "origin"), (text.to_owned(), vec![]));
    }

    #[test]
    fn what_the_user_wrote_since_stays() {
        let (with, _) = with_remote("[core]\n", "origin");
        assert_eq!(with, format!("[core]\n{LINES}"));
        let more = with.replace("= origin\n", "= origin\n\tttl = 5m\n") + "[user]\n\tname = x\n";
        let (rest, removed) = without_all(&more);
        assert_eq!(
            rest,
            "[core]\n[presence] # git presence init\n\tttl = 5m\n[user]\n\tname = x\n"
        );
        assert_eq!(removed.len(), 2);
        assert_eq!(without_all(&rest), (rest.clone(), vec![]));
    }

    #[test]
    fn what_follows_begins_on_a_line_of_its_own() {
        let text = "[core]\n\tbare = false";
        let more = with_remote(text, "origin").0 + "[user]\n\tname = x\n";
        let (rest, _) = without_all(&more);
        assert_eq!(rest, format!("{text}\n [user]\n\tname = x\n"));
    }

    #[test]
    fn names_are_quoted() {
        let (with, _) = with_remote("", "a\"b\\c");
        assert!(with.contains("remote = \"a\\\"b\\\\c\"\n"), "{with}");
    }
}
