//! The lines of Git configuration that `init` adds, so that the user's own `git fetch` fetches the
//! board.
//!
//! Owns [`ConfigLines`]: adding these lines to the `config` of the repository, each under a section
//! of its own at the end, and removing them, which leaves every other byte as it was. Takes the
//! lock that Git takes. Never touches another line or file.

use std::io::Write as _;

use gix::lock::acquire::Fail;

use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::local::folder::FolderError;
use crate::ledger::store::Ledger;

const CONFIG: &str = "config";
/// The mark at the end of a section header that tells these sections from the user's.
const MARK: &str = " # git presence init";
/// How the lines below such a header begin.
const OUR_KEYS: [&str; 2] = ["\tremote = ", "\tfetch = "];
/// A line end that `add` puts at the end of a file that lacks one. The space, which means nothing
/// to Git, tells it from a line end of the user's.
const OUR_LINE_END: &str = "\n ";

/// A section with the one line in it.
struct Wire {
    header: String,
    line: String,
}

fn wires(remote: &str) -> [Wire; 2] {
    [
        Wire {
            header: format!("[presence]{MARK}"),
            line: format!("\tremote = {}", value(remote)),
        },
        Wire {
            header: format!("[remote \"{}\"]{MARK}", escaped(remote)),
            line: format!("\tfetch = {}", value(&layout::fetch_refspec(remote))),
        },
    ]
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
fn with_wires(text: &str, remote: &str) -> (String, Vec<String>) {
    let (mut out, mut added) = (text.to_owned(), Vec::new());
    for Wire { header, line } in wires(remote) {
        if has(text, &header, &line) {
            continue;
        }
        if !out.is_empty() && !out.ends_with('\n') {
            out.push_str(OUR_LINE_END);
        }
        out.push_str(&format!("{header}\n{line}\n"));
        added.extend([header, line]);
    }
    (out, added)
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

/// Returns `text` without the lines of `with_wires`, and those lines, for any remote. The mark
/// identifies them: the remote may have another name by now, or none.
fn without_wires(text: &str) -> (String, Vec<String>) {
    let (mut out, mut removed) = (text.to_owned(), Vec::new());
    let lines: Vec<&str> = text.lines().collect();
    for pair in lines.windows(2) {
        let header = pair[0].trim_start();
        let is_ours = header.ends_with(MARK) && OUR_KEYS.iter().any(|k| pair[1].starts_with(k));
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

impl ConfigLines<'_> {
    /// Adds the lines for `remote` that the configuration lacks. Returns the lines that it added.
    /// Fails if another process holds Git's lock on the file.
    pub fn add(&self, remote: &str) -> Result<Vec<String>, LedgerError> {
        self.ledger.edit_config(|text| with_wires(text, remote))
    }

    /// Removes the lines that [`ConfigLines::add`] added. Returns the lines that it removed. Fails
    /// if another process holds Git's lock on the file.
    pub fn remove(&self) -> Result<Vec<String>, LedgerError> {
        self.ledger.edit_config(without_wires)
    }
}

impl Ledger {
    fn edit_config(
        &self,
        edit: impl FnOnce(&str) -> (String, Vec<String>),
    ) -> Result<Vec<String>, LedgerError> {
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
        let (changed, lines) = edit(&text);
        if changed == text {
            return Ok(lines);
        }
        lock.with_mut(|file| file.write_all(changed.as_bytes()))
            .map_err(failed)?;
        let lock = lock.close().map_err(failed)?;
        let mode = path.metadata().map_err(failed)?.permissions();
        std::fs::set_permissions(lock.lock_path(), mode).map_err(failed)?;
        lock.commit().map_err(|error| failed(error.error))?;
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "[presence] # git presence init\n\tremote = origin\n\
                         [remote \"origin\"] # git presence init\n\
                         \tfetch = +refs/presence/*:refs/presence-remote/origin/*\n";

    #[test]
    fn what_is_added_can_be_removed_to_the_byte() {
        for text in [
            "",
            "[core]\n\tbare = false\n",
            "[core]\n\tbare = false",
            "[core]\r\n\tbare = false\r\n",
            "[remote \"origin\"]\n\turl = x\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n",
            "[presence]\n\tttl = 5m\n# the end\n\n",
            "[branch \"main\"]\n\tremote = origin\n",
        ] {
            let (with, added) = with_wires(text, "origin");
            assert_eq!(added.len(), 4);
            assert!(with.starts_with(text));
            assert_eq!(
                with_wires(&with, "origin"),
                (with.clone(), vec![]),
                "once is enough"
            );
            assert_eq!(without_wires(&with).0, text, "{with:?}");
        }
    }

    #[test]
    fn a_line_of_the_user_is_enough() {
        let text =
            "[remote \"origin\"]\n\tfetch = +refs/presence/*:refs/presence-remote/origin/*\n";
        let (with, added) = with_wires(text, "origin");
        assert_eq!(
            added,
            ["[presence] # git presence init", "\tremote = origin"]
        );
        assert_eq!(without_wires(&with).0, text);
    }

    #[test]
    fn what_the_user_wrote_since_stays() {
        let (with, _) = with_wires("[core]\n", "origin");
        assert_eq!(with, format!("[core]\n{LINES}"));
        let more = with.replace("= origin\n", "= origin\n\tttl = 5m\n") + "[user]\n\tname = x\n";
        let (rest, removed) = without_wires(&more);
        assert_eq!(
            rest,
            "[core]\n[presence] # git presence init\n\tttl = 5m\n[user]\n\tname = x\n"
        );
        assert_eq!(removed.len(), 4);
        assert_eq!(without_wires(&rest), (rest.clone(), vec![]));
    }

    #[test]
    fn what_follows_begins_on_a_line_of_its_own() {
        let text = "[core]\n\tbare = false";
        let more = with_wires(text, "origin").0 + "[user]\n\tname = x\n";
        let (rest, _) = without_wires(&more);
        assert_eq!(rest, format!("{text}\n [user]\n\tname = x\n"));
    }

    #[test]
    fn names_are_quoted() {
        let (with, _) = with_wires("", "a\"b\\c");
        assert!(with.contains("[remote \"a\\\"b\\\\c\"] #"), "{with}");
        assert!(with.contains("remote = \"a\\\"b\\\\c\"\n"), "{with}");
    }
}
