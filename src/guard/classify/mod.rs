//! Classification of a command line.
//!
//! [`Classifier`] collects the parts of a [`Verdict`] while the line is walked over.
//!
//! Owns how one part is recorded. Never knows a program except through the rules, and through
//! `wrappers` where rules do not suffice.

mod apply_rule;
mod asked;
mod command;
mod env_split;
mod exec_context;
mod file_verbs;
mod files;
mod find_files;
mod git;
mod git_writes;
mod hidden;
mod moves;
mod operands;
mod powershell;
mod scripts;
mod sdk;
mod tasks;
mod values;
mod variables;
mod walk;
mod wrappers;

pub(super) use wrappers::starts_others;

use exec_context::ExecContext;

use super::place::{Place, ShellState};
use super::rules::Rules;
use super::shell::Word;
use super::targets::Targets;
use super::verdict::{Class, PATCHERS, Part, PatchCall, RuleName, UnnamedWrite, Verdict, Write};
use crate::model::resource::Resource;

/// At most this many commands of one line are classified.
const COMMANDS_MAX: usize = 512;
/// At most this many commands that files have are classified.
const FILE_COMMANDS_MAX: usize = 128;
/// At most this many folders that a line enters are told.
const FOLDERS_MAX: usize = 256;
/// A command is shown with about this many bytes.
const COMMAND_BYTES_MAX: usize = 240;

/// A longer word is taken for an argument, and not for a verb.
const VERB_BYTES_MAX: usize = 24;

/// Verdict in the making.
struct Classifier<'r> {
    rules: &'r Rules,
    place: &'r Place,
    parts: Vec<Part>,
    /// Folders that the line enters, absolute, as it spells them.
    folders: Vec<String>,
    /// Calls of the program that applies patches.
    patches: Vec<PatchCall>,
    /// Files that commands and redirections write.
    writes: Vec<Write>,
    /// Those of which it is not known which ones they are.
    unnamed_writes: Vec<UnnamedWrite>,
    /// Number of commands seen so far, to bound the work.
    commands: usize,
    /// Whether this classifies what may be a command.
    is_trial: bool,
    /// Number of functions that were followed.
    calls: usize,
    /// Number of commands that files have.
    file_commands: usize,
    /// Number of bytes that were read to find tasks.
    task_bytes: usize,
    /// Number of files that were asked for.
    reads: usize,
    /// Number of rounds of loops that were walked over.
    rounds: usize,
    /// Number of words that were tried as the beginning of a command.
    trials: usize,
}

/// Classifies a command line.
pub(super) fn line(line: &str, rules: &Rules, place: &Place) -> Verdict {
    let mut classifier = Classifier::new(rules, place);
    let context = ExecContext::top_level();
    classifier.script(line, "the line", &context, &mut ShellState::new(place));
    classifier.verdict()
}

/// Classifies a program with its arguments.
pub(super) fn arguments(arguments: &[String], rules: &Rules, place: &Place) -> Verdict {
    let mut classifier = Classifier::new(rules, place);
    let words: Vec<Word> = arguments.iter().map(Word::literal).collect();
    classifier.command_words(
        &words,
        &ExecContext::top_level(),
        &mut ShellState::new(place),
    );
    classifier.verdict()
}

impl<'r> Classifier<'r> {
    fn new(rules: &'r Rules, place: &'r Place) -> Self {
        Self {
            rules,
            place,
            parts: Vec::new(),
            folders: Vec::new(),
            patches: Vec::new(),
            writes: Vec::new(),
            unnamed_writes: Vec::new(),
            commands: 0,
            is_trial: false,
            calls: 0,
            file_commands: 0,
            task_bytes: 0,
            reads: 0,
            rounds: 0,
            trials: 0,
        }
    }

    fn verdict(self) -> Verdict {
        Verdict {
            parts: self.parts,
            folders: self.folders,
            patches: self.patches,
            writes: self.writes,
            unnamed_writes: self.unnamed_writes,
        }
    }

    /// Records the folder that the line enters.
    fn note_folder(&mut self, state: &ShellState) {
        if let Some(at) = &state.at
            && self.folders.len() < FOLDERS_MAX
            && !self.folders.contains(at)
        {
            self.folders.push(at.clone());
        }
    }

    /// Records a call of the program that applies patches, if these words may be one.
    fn note_patch(&mut self, words: &[Word], state: &ShellState) {
        let is_patcher =
            |word: &Word| program_of(word).is_some_and(|name| PATCHERS.contains(&name));
        let shows = |word: &Word| matches!(word.known(), Some("-h" | "--help" | "--version"));
        if self.patches.len() < FOLDERS_MAX && words.iter().any(is_patcher) {
            let is_certain = words.first().is_some_and(is_patcher) && !words.iter().any(shows);
            let dir = state.at.clone();
            self.patches.push(PatchCall { dir, is_certain });
        }
    }

    /// Checks that none of these is another machine.
    fn are_here<'a>(&self, mut touched: impl Iterator<Item = &'a Resource>) -> bool {
        let here = self.place.host.as_deref();
        let is_away = |one: &Resource| {
            let machine = one.label().strip_prefix("host:");
            machine.is_some_and(|machine| Some(machine) != here)
        };
        !touched.any(is_away)
    }

    /// Records a command whose effect is not certain.
    fn push_unknown(&mut self, words: &[Word], why: String, context: &ExecContext) {
        let class = Class::Unknown(why.clone());
        self.push_part(words, context, class, why, None, Targets::default());
    }

    /// Records a command that changes nothing that others can see.
    fn push_reading(&mut self, words: &[Word], why: &str, context: &ExecContext) {
        let (class, why) = (Class::Reading, why.to_owned());
        self.push_part(words, context, class, why, None, Targets::default());
    }

    /// Records a command that no rule matches.
    fn push_unmatched(&mut self, words: &[Word], why: String, context: &ExecContext) {
        let class = Class::Unmatched;
        self.push_part(words, context, class, why, None, Targets::default());
    }

    /// Records a command. Inside something that any command may change, a command that no rule
    /// knows counts as mutating.
    fn push_part(
        &mut self,
        words: &[Word],
        context: &ExecContext,
        mut class: Class,
        mut why: String,
        mut rule: Option<RuleName>,
        mut targets: Targets,
    ) {
        let mut around = Vec::new();
        if let (Class::Unmatched, Some(inside)) = (&class, &context.inside) {
            class = Class::Mutating;
            why = format!("{why}, and it may change what it runs in");
            rule = Some(inside.name.clone());
            targets = inside.targets.clone();
        } else if let (Class::Mutating, Some(inside)) = (&class, &context.inside) {
            targets.is_local &= inside.targets.is_local;
            match targets.resources.is_empty() {
                true => targets.add_all(&inside.targets),
                false => around.extend(inside.targets.resources.iter().cloned()),
            }
        }
        let is_silent = targets.resources.is_empty() && targets.unnamed.is_empty();
        if class == Class::Mutating && is_silent {
            targets.incomplete("nothing on the line names what it touches");
        }
        let program = words.first().and_then(program_of);
        let mut within: Vec<Resource> = Vec::new();
        for resource in context.within.iter().chain(&around) {
            if !within.contains(resource) {
                within.push(resource.clone());
            }
        }
        let is_local = class == Class::Mutating && targets.is_local;
        let touched = targets.resources.iter().chain(&within);
        let is_local = is_local && self.are_here(touched);
        self.parts.push(Part {
            command: written(words),
            program: program.unwrap_or_default().to_owned(),
            verb: verb_of(words).unwrap_or_default().to_owned(),
            class,
            is_local,
            resources: targets.resources,
            within,
            unnamed: targets.unnamed,
            kinds: targets.kinds,
            places: targets.places,
            why,
            rule,
            through: context.through.clone(),
            is_from_file: context.files > 0,
            covered: context.covered,
        });
    }
}

/// Returns the name of a program without folder and `.exe`. The folder may be an expansion.
fn program_of(word: &Word) -> Option<&str> {
    let path = if word.dynamic {
        Some(&word.tail).filter(|tail| tail.contains('/'))?
    } else {
        &word.text
    };
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let name = without_version(name);
    Some(name).filter(|name| !word.dynamic || !name.is_empty())
}

/// Returns the word behind a program, if it can be nothing but a verb.
fn verb_of(words: &[Word]) -> Option<&str> {
    let (program, verb) = (words.first()?.known()?, words.get(1)?.known()?);
    let is_script = program.contains(['/', '.', '\\']);
    let is_letter = |c: char| c.is_ascii_lowercase() || matches!(c, '-' | ':');
    let is_verb = verb.starts_with(|c: char| c.is_ascii_lowercase()) && verb.chars().all(is_letter);
    (!is_script && is_verb && verb.len() <= VERB_BYTES_MAX).then_some(verb)
}

/// Returns the name of a package without its version, as in `npx serverless@3`.
fn without_version(name: &str) -> &str {
    let is_version = |version: &str| {
        let is_number = version.starts_with(|c: char| c.is_ascii_digit());
        is_number || matches!(version, "latest" | "next" | "canary" | "beta")
    };
    match name.split_once('@') {
        Some((plain, version)) if !plain.is_empty() && is_version(version) => plain,
        _ => name,
    }
}

/// Returns the command as written, shortened.
fn written(words: &[Word]) -> String {
    let mut text = String::new();
    for word in words {
        if text.len() > COMMAND_BYTES_MAX {
            text.push_str(" …");
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&word.excerpt);
    }
    text
}
