//! Files that a command writes.
//!
//! Owns which words of the commands for files name what they change, and which redirections write.
//! What is in the repository meets the claims of paths, as an edit does; what belongs to the system
//! is a change of the machine. Never looks at a disk.

use super::Classifier;
use super::exec_context::ExecContext;
use super::operands::{plain, values};
use super::{file_verbs, find_files, git_writes};
use crate::guard::named::Named;
use crate::guard::place::ShellState;
use crate::guard::shell::{self, Word};
use crate::guard::targets::Targets;
use crate::guard::verdict::{Class, Reach, RuleName, UnnamedWrite, Write};

/// At most this many files of a line are told.
const WRITES_MAX: usize = 256;
/// At most this many sets of files are told of which the names are not known.
const UNNAMED_MAX: usize = 16;
/// At most this many `..` of a path are looked at.
const PARENTS_MAX: usize = 8;
/// At most this many variables lead to what made a folder.
const DEPTH_MAX: usize = 3;
/// Variables with a folder for what is soon gone.
const SCRATCH: [&str; 3] = ["TEMP", "TEMPDIR", "RUNNER_TEMP"];
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
        for (file, reach) in file_verbs::written(name, rest) {
            self.note_write((name, &file, reach), words, context, state);
        }
        if name == "find" && rest.iter().any(|word| word.text == "-delete") {
            self.note_deleted(rest, context, state);
        }
        if name == "git" {
            self.note_written_by_git(words, context, state);
        }
        for file in touched_by(name, rest) {
            self.note_system(file, words, context, state);
        }
    }

    /// Notes what `find -delete` deletes.
    fn note_deleted(&mut self, rest: &[Word], context: &ExecContext, state: &ShellState) {
        let (is_all, pattern) = (find_files::is_all(rest), find_files::pattern(rest));
        for start in find_files::starts(rest) {
            if is_all {
                self.note_write(("find", &start, Reach::Below), rest, context, state);
                continue;
            }
            let found = state.named(&start, self.place).into_iter();
            let found = found
                .map(|one| find_files::some_in(one, &pattern))
                .collect();
            let mut own = state.clone();
            own.files.insert(find_files::FOUND.to_owned(), found);
            let found = Word::variable(find_files::FOUND, &start.excerpt);
            self.note_write(("find", &found, Reach::File), rest, context, &own);
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
            let file = match state.expanded(file, self.place).as_deref() {
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
        self.note_on_the_way(file, state);
        for named in state.named(file, self.place) {
            let (path, pattern) = match named {
                Named::File(path) => (path, None),
                Named::Matching { folder, pattern } => (folder, Some(pattern)),
                Named::Some { folder, pattern } => {
                    self.note_unnamed(name, Some((folder, pattern)), file, (context, state));
                    continue;
                }
                Named::Below(folder) => {
                    let within = Some((folder, "**".to_owned()));
                    self.note_unnamed(name, within, file, (context, state));
                    continue;
                }
                Named::Anywhere if is_scratch(file, state, 0) => continue,
                Named::Anywhere => {
                    self.note_unnamed(name, None, file, (context, state));
                    continue;
                }
            };
            let write = Write {
                program: name.to_owned(),
                path,
                pattern,
                reach,
                claimed: Vec::new(),
            };
            self.add_write(write, context);
        }
    }

    /// Records a file that is written.
    pub(super) fn add_write(&mut self, mut write: Write, context: &ExecContext) {
        write.claimed.extend(context.claimed.iter().cloned());
        if self.writes.contains(&write) {
            return;
        }
        if self.writes.len() < WRITES_MAX {
            return self.writes.push(write);
        }
        let rest = UnnamedWrite {
            program: write.program,
            within: None,
            why: format!("it writes more than {WRITES_MAX} files; run it in pieces"),
            is_from_file: false,
            is_rest: true,
        };
        self.add_unnamed(rest);
    }

    fn note_unnamed(
        &mut self,
        name: &str,
        within: Option<(String, String)>,
        file: &Word,
        (context, state): (&ExecContext, &ShellState),
    ) {
        let why = match &state.dir {
            _ if within.is_some() || file.dynamic => {
                format!("which files {name} writes is not known: {}", file.excerpt)
            }
            Err(why) => format!("{name} writes {}, and {why}", file.excerpt),
            Ok(_) => format!("{name} writes {}, wherever that is", file.excerpt),
        };
        self.add_unnamed(UnnamedWrite {
            program: name.to_owned(),
            within,
            why,
            is_from_file: context.files > 0,
            is_rest: false,
        });
    }

    /// Records that a command may write any file.
    pub(super) fn note_anywhere(&mut self, name: &str, why: String, context: &ExecContext) {
        self.add_unnamed(UnnamedWrite {
            program: name.to_owned(),
            within: None,
            why,
            is_from_file: context.files > 0,
            is_rest: false,
        });
    }

    /// Records files of which it is not known which ones they are.
    pub(super) fn add_unnamed(&mut self, write: UnnamedWrite) {
        let all = &mut self.unnamed_writes;
        let is_known = all
            .iter()
            .any(|one| one.within == write.within && one.is_rest == write.is_rest);
        match all.len() < UNNAMED_MAX {
            _ if is_known => {}
            true => all.push(write),
            false => {
                if let Some(last) = all.last_mut() {
                    last.within = None;
                    last.is_rest |= write.is_rest;
                }
            }
        }
    }

    /// Records the folder before `..` in a path: it may be a link, and then `..` is not what the
    /// letters say.
    pub(super) fn note_on_the_way(&mut self, path: &Word, state: &ShellState) {
        let Some(text) = path.known().filter(|text| text.contains("/..")) else {
            return;
        };
        let begun = text.match_indices("/..").map(|(at, _)| &text[..at]);
        let begun = begun.filter(|begun| !begun.is_empty() && !begun.ends_with(".."));
        for folder in begun.take(PARENTS_MAX) {
            let mut there = state.clone();
            there.change_dir(&Word::literal(folder), self.place);
            self.note_folder(&there);
        }
    }
}

/// Checks whether a variable has a folder for what is soon gone, by its name.
fn is_scratch_name(name: &str) -> bool {
    SCRATCH.contains(&name) || name.to_ascii_lowercase().contains("tmp")
}

/// Checks whether a word names something in a folder for what is soon gone.
fn is_scratch(word: &Word, state: &ShellState, depth: usize) -> bool {
    let is_made = |list: &shell::ListBox| {
        let first = list.0.chains.first().and_then(|chain| chain.links.first());
        let first = first.and_then(|(_, pipeline)| pipeline.commands.first());
        match first {
            Some(shell::Command::Simple(simple)) => {
                simple.words.first().and_then(Word::known) == Some("mktemp")
            }
            _ => false,
        }
    };
    let spelled = word.excerpt.trim_start_matches(['"', '$', '{']);
    let name = spelled.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let name = name.into_iter().next().unwrap_or_default();
    let begins = word.text.is_empty() && word.excerpt.contains('$');
    let set = state.variables.get(name).filter(|_| depth < DEPTH_MAX);
    word.commands.first().is_some_and(is_made) && word.text.is_empty()
        || begins && set.is_none() && is_scratch_name(name)
        || begins && set.is_some_and(|value| is_scratch(value, state, depth + 1))
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
