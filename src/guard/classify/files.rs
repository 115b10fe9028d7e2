//! Files that a command writes.
//!
//! Owns which words of the commands for files name what they change, and which redirections write.
//! What is in the repository meets the claims of paths, as an edit does; what belongs to the system
//! is a change of the machine. Never looks at a disk.

use super::Classifier;
use super::exec_context::ExecContext;
use super::git_writes;
use super::operands::{plain, values};
use crate::guard::place::ShellState;
use crate::guard::shell::{self, Word};
use crate::guard::targets::Targets;
use crate::guard::verdict::{Class, Reach, RuleName, Write};

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
        for (file, reach) in written_by(name, rest) {
            self.note_write((name, file, reach), words, context, state);
        }
        if name == "git" {
            self.note_written_by_git(words, context, state);
        }
        for file in touched_by(name, rest) {
            self.note_system(file, words, context, state);
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
            self.note_write((name, &file, Reach::File), words, context, state);
        }
    }

    /// Notes what `git` writes, or loses of what was changed, in the folder in which it runs.
    fn note_written_by_git(&mut self, words: &[Word], context: &ExecContext, state: &ShellState) {
        let (dirs, rest) = git_writes::without_options(&words[1..]);
        let mut state = state.clone();
        for dir in dirs {
            state.enter(dir, self.place);
        }
        for (file, reach) in git_writes::written(rest) {
            self.note_write(("git", &file, reach), words, context, &state);
        }
    }

    /// Records a change of a file of the system. Returns false for any other file.
    fn note_system(
        &mut self,
        file: &Word,
        words: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) -> bool {
        let (Some(host), Some(path)) = (&state.host, self.path_of(file, state)) else {
            return false;
        };
        let is_below = |folder: &&str| {
            let rest = path.strip_prefix(*folder);
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let is_own = self.place.root.iter().any(|root| is_below(&root.as_str()));
        let is_system = SYSTEM.iter().any(&is_below) && !FREE.iter().any(is_below);
        if !is_system || is_own || context.inside.is_some() || self.is_trial {
            return false;
        }
        let mut targets = Targets {
            is_local: true,
            ..Targets::default()
        };
        targets.add_label(&format!("host:{host}"));
        let why = "it changes a file of the system".to_owned();
        let rule = RuleName {
            text: "a file of the system => mutating host:{host}".to_owned(),
            shipped: true,
        };
        self.push_part(words, context, Class::Mutating, why, Some(rule), targets);
        true
    }

    /// Returns the absolute path of a file, as far as it is certain.
    fn path_of(&self, file: &Word, state: &ShellState) -> Option<String> {
        let path = state.absolute(file, self.place);
        path.or_else(|| file.text.starts_with('/').then(|| file.text.clone()))
    }

    fn note_write(
        &mut self,
        (name, file, reach): (&str, &Word, Reach),
        words: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) {
        // Elsewhere it is not a file of this machine.
        if state.host.is_none() || self.note_system(file, words, context, state) {
            return;
        }
        let Some(path) = self.path_of(file, state) else {
            return;
        };
        let is_whole = file.known().is_some();
        if is_whole && self.writes.len() < WRITES_MAX && !context.covered {
            let write = Write {
                program: name.to_owned(),
                path,
                reach,
            };
            if !self.writes.contains(&write) {
                self.writes.push(write);
            }
        }
    }
}

/// Returns the words that name what a command changes, and how much of that.
fn written_by<'w>(name: &str, rest: &'w [Word]) -> Vec<(&'w Word, Reach)> {
    let plain = || plain(rest);
    let has = |options: &[&str]| {
        rest.iter()
            .any(|word| options.iter().any(|option| word.text == *option))
    };
    let (files, reach) = match name {
        "tee" | "truncate" | "shred" | "unlink" | "rmdir" => (plain(), Reach::File),
        "rm" if rest.iter().any(is_recursive) => (plain(), Reach::Below),
        "rm" => (plain(), Reach::File),
        // What is moved may be a folder.
        "mv" => (plain(), Reach::Below),
        "cp" | "install" | "ln" => (plain().pop().into_iter().collect(), Reach::File),
        "curl" | "wget" | "gpg" => {
            let options: &[&str] = match name {
                "curl" => &["-o", "--output"],
                "wget" => &["-O", "--output-document"],
                _ => &["-o", "--output"],
            };
            (values(rest, options), Reach::File)
        }
        "sed" | "perl" => {
            let in_place = |word: &Word| {
                let text = word.text.as_str();
                text.starts_with("--in-place") || is_in_place(text)
            };
            let is_in_place = rest.iter().any(in_place);
            let has_script = has(&["-e", "--expression", "-f", "--file"]) || name == "perl";
            let skipped = usize::from(!has_script);
            match is_in_place {
                true => (plain().into_iter().skip(skipped).collect(), Reach::File),
                false => (Vec::new(), Reach::File),
            }
        }
        _ => (Vec::new(), Reach::File),
    };
    files.into_iter().map(|file| (file, reach)).collect()
}

/// Returns the words that name what a command makes, or changes in another way than its text.
fn touched_by<'w>(name: &str, rest: &'w [Word]) -> Vec<&'w Word> {
    let unpacks = |word: &Word| {
        let text = word.text.as_str();
        let letters = text.strip_prefix('-').unwrap_or(text);
        let is_long = text.starts_with("--");
        !is_long && letters.starts_with(['x', 'z', 'j', 'J', 'v', 'p']) && letters.contains('x')
            || matches!(text, "--extract" | "--get")
    };
    match name {
        "chown" | "chmod" | "chgrp" => plain(rest).into_iter().skip(1).collect(),
        "mkdir" | "touch" => plain(rest),
        "tar" | "bsdtar" if rest.iter().any(unpacks) => values(rest, &["-C", "--directory"]),
        "unzip" => values(rest, &["-d"]),
        _ => Vec::new(),
    }
}

/// Checks whether a word is an option of `rm` for folders.
fn is_recursive(word: &Word) -> bool {
    let text = word.text.as_str();
    let letters = text.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
    text == "--recursive" || letters.is_some_and(|letters| letters.contains(['r', 'R']))
}

/// Checks whether an option of letters has the one for editing in place.
fn is_in_place(text: &str) -> bool {
    let letters = text.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
    letters.is_some_and(|letters| {
        letters.starts_with('i') || letters.len() <= 4 && letters.contains('i')
    })
}
