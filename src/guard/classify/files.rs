//! Files that a command writes.
//!
//! Owns which words of the commands for files name what they change, and which redirections write.
//! What is in the repository meets the claims of paths, as an edit does; what belongs to the system
//! is a change of the machine. Never looks at a disk.

use super::Classifier;
use super::exec_context::ExecContext;
use crate::guard::place::ShellState;
use crate::guard::shell::{self, Word};
use crate::guard::targets::Targets;
use crate::guard::verdict::{Class, RuleName, Write};

/// At most this many files of a line are told.
const WRITES_MAX: usize = 256;
/// Folders of the system.
const SYSTEM: [&str; 13] = [
    "/etc",
    "/usr",
    "/var",
    "/opt",
    "/boot",
    "/lib",
    "/lib64",
    "/bin",
    "/sbin",
    "/srv",
    "/sys",
    "/proc/sys",
    "/Library",
];
/// Folders below them that are for any use.
const FREE: [&str; 4] = [
    "/var/tmp",
    "/var/folders",
    "/usr/local/src",
    "/opt/homebrew",
];
/// Files that keep nothing.
const IDLE: [&str; 4] = ["/dev/", "/tmp/", "/proc/self", "/var/tmp/"];

/// Options of commands for files that take a value.
const TAKES: [&str; 9] = [
    "-t",
    "--target-directory",
    "-s",
    "--size",
    "-S",
    "-m",
    "-o",
    "-g",
    "--suffix",
];

impl Classifier<'_> {
    /// Notes the files that a command writes by its words.
    pub(super) fn note_written(
        &mut self,
        name: &str,
        words: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) {
        let rest = &words[1..];
        for file in written_by(name, rest) {
            self.note_write(name, file, words, context, state);
        }
    }

    /// Notes the files that redirections write.
    pub(super) fn note_redirected(
        &mut self,
        from: &shell::Redirections,
        words: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) {
        for file in &from.written {
            let file = match state.expanded(file).as_deref() {
                Some([one]) => one.clone(),
                _ => file.clone(),
            };
            let is_idle = IDLE.iter().any(|idle| file.text.starts_with(idle));
            if context.inside.is_some() && !is_idle {
                let why = format!("it writes {}", file.excerpt);
                self.push_unmatched(words, why, context);
            }
            let name = words
                .first()
                .and_then(super::program_of)
                .unwrap_or_default();
            self.note_write(name, &file, words, context, state);
        }
    }

    fn note_write(
        &mut self,
        name: &str,
        file: &Word,
        words: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) {
        // Elsewhere it is not a file of this machine.
        let Some(host) = &state.host else {
            return;
        };
        let path = match state.absolute(file, self.place) {
            Some(path) => path,
            None if file.text.starts_with('/') => file.text.clone(),
            None => return,
        };
        let is_below = |folder: &&str| {
            let rest = path.strip_prefix(*folder);
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let is_own = self.place.root.iter().any(|root| is_below(&root.as_str()));
        let is_system = SYSTEM.iter().any(&is_below) && !FREE.iter().any(is_below);
        if is_system && !is_own && context.inside.is_none() && !self.is_trial {
            let mut targets = Targets::default();
            targets.add_label(&format!("host:{host}"));
            let why = "it changes a file of the system".to_owned();
            let rule = RuleName {
                text: "a file of the system => mutating host:{host}".to_owned(),
                shipped: true,
            };
            return self.push_part(words, context, Class::Mutating, why, Some(rule), targets);
        }
        let is_whole = file.known().is_some();
        if is_whole && self.writes.len() < WRITES_MAX && !context.covered {
            let write = Write {
                program: name.to_owned(),
                path,
            };
            if !self.writes.contains(&write) {
                self.writes.push(write);
            }
        }
    }
}

/// Returns the words that name what a command changes.
fn written_by<'w>(name: &str, rest: &'w [Word]) -> Vec<&'w Word> {
    let plain = || plain(rest);
    let has = |options: &[&str]| {
        rest.iter()
            .any(|word| options.iter().any(|option| word.text == *option))
    };
    match name {
        "tee" | "truncate" | "shred" | "unlink" | "rmdir" => plain(),
        "rm" => plain(),
        "mv" => plain(),
        "cp" | "install" | "ln" => plain().pop().into_iter().collect(),
        "sed" | "perl" => {
            let in_place = |word: &Word| {
                let text = word.text.as_str();
                text.starts_with("--in-place") || is_in_place(text)
            };
            let is_in_place = rest.iter().any(in_place);
            let has_script = has(&["-e", "--expression", "-f", "--file"]) || name == "perl";
            let skipped = usize::from(!has_script);
            match is_in_place {
                true => plain().into_iter().skip(skipped).collect(),
                false => Vec::new(),
            }
        }
        "git" => git_written(rest),
        _ => Vec::new(),
    }
}

/// Checks whether an option of letters has the one for editing in place.
fn is_in_place(text: &str) -> bool {
    let letters = text.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
    letters.is_some_and(|letters| {
        letters.starts_with('i') || letters.len() <= 4 && letters.contains('i')
    })
}

/// Returns the words that are neither options nor their values.
fn plain(rest: &[Word]) -> Vec<&Word> {
    let mut found = Vec::new();
    let mut is_value = false;
    let mut is_end = false;
    for word in rest {
        if std::mem::take(&mut is_value) {
            continue;
        }
        match word.text.as_str() {
            "--" if !is_end => is_end = true,
            text if !is_end && text.starts_with('-') && text.len() > 1 => {
                is_value = TAKES.contains(&text) || matches!(text, "-e" | "--expression");
            }
            _ => found.push(word),
        }
    }
    found
}

/// Returns the words of `git mv`, `git rm`, `git restore` and `git checkout -- path`.
fn git_written(rest: &[Word]) -> Vec<&Word> {
    let after = |count: usize| rest.get(count..).unwrap_or_default();
    match rest.first().and_then(Word::known) {
        Some("mv" | "rm" | "restore") => plain(after(1)),
        Some("checkout") => match rest.iter().position(|word| word.text == "--") {
            Some(at) => after(at + 1).iter().collect(),
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}
