//! Tasks and scripts of a project.
//!
//! Owns which word of a runner is a task and which word is a script, and what is judged of it: what
//! its file has, or else its name. Files are read by the function of the caller only, and nothing
//! in them is run.

use super::asked::{Asked, SHOWS, TAKES};
use super::exec_context::{ExecContext, Input};
use super::{Classifier, FILE_COMMANDS_MAX};
use crate::guard::place::ShellState;
use crate::guard::shell::Word;
use crate::guard::targets::Targets;
use crate::guard::tasks::{Recipe, Runner, is_for_shell, names};
use crate::guard::verdict::Class;

/// At most this many files of one line are read.
const READS_MAX: usize = 16;
/// At most this many files lead from one to the next.
const FILES_MAX: usize = 3;
/// At most this many tasks of a line are followed.
const TASKS_MAX: usize = 32;
/// Runners of other kinds, whose files are not read.
const OTHERS: [&str; 16] = [
    "nx", "turbo", "lerna", "rush", "ant", "invoke", "inv", "fab", "mage", "bazel", "bazelisk",
    "earthly", "nix", "cap", "mina", "dep",
];
/// Interpreters of scripts that are not read.
const INTERPRETERS: [&str; 16] = [
    "python", "python2", "python3", "py", "node", "nodejs", "ruby", "perl", "php", "tsx",
    "ts-node", "bun", "lua", "Rscript", "groovy", "pypy3",
];
/// Libraries that change what others can see.
const SDKS: [&str; 20] = [
    "boto3",
    "aws-sdk",
    "google.cloud",
    "@google-cloud",
    "azure.",
    "@azure",
    "kubernetes",
    "psycopg",
    "sqlalchemy",
    "pymysql",
    "pymongo",
    "mongodb",
    "mongoose",
    "sqlite",
    "mysql",
    "redis",
    "paramiko",
    "stripe",
    "docker",
    "cloudflare",
];
/// Parts of the names of methods, and of statements, that change something.
const ACTS: [&str; 20] = [
    "delete",
    "update",
    "create_",
    "create(",
    "put_",
    "terminate",
    "drop ",
    "insert",
    "remove",
    "restart",
    "reboot",
    "truncate",
    "flush",
    "scale",
    "stop_",
    "start_",
    ".set(",
    "patch_",
    "alter ",
    "run_",
];

impl Classifier<'_> {
    /// Classifies a call of a runner, a script or an interpreter of one. Returns false if the words
    /// are something else.
    pub(super) fn task(
        &mut self,
        name: &str,
        words: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) -> bool {
        let rest = &words[1..];
        if let Some(runner) = Runner::of(name) {
            return self.runner(runner, name, words, context, state);
        }
        if OTHERS.contains(&name) {
            return self.other_runner(name, words, context);
        }
        if INTERPRETERS.contains(&name) {
            let script = rest.iter().find(|word| !word.text.starts_with('-'));
            let is_code = rest
                .iter()
                .any(|word| matches!(word.known(), Some("-c" | "-e" | "-m")));
            if let Some(sdk) = sdk_that_changes(rest, &context.stdin) {
                let why = format!("its code calls {sdk}, and what it changes is not known");
                self.push_unknown(words, why, context);
                return true;
            }
            return match script.filter(|_| !is_code) {
                Some(script) => self.by_name(words, &script_name(script), context),
                None => false,
            };
        }
        let is_path = words[0].text.contains('/') || name.ends_with(".sh");
        if is_path || words[0].tail.contains('/') {
            return self.script_file(&words[0], words, context, state);
        }
        false
    }

    /// Classifies the script in a file. Returns false if nothing is known of it.
    pub(super) fn script_file(
        &mut self,
        file: &Word,
        words: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) -> bool {
        let is_named_shell = file.text.ends_with(".sh") || words.first() != Some(file);
        if let Some(text) = self.read(file, context, state) {
            let first = text.lines().next().unwrap_or_default();
            let is_shell = match first.starts_with("#!") {
                true => is_for_shell(first),
                false => is_named_shell,
            };
            if is_shell {
                let inner = through(context, &script_name(file));
                let before = self.parts.len();
                let mut state = state.clone();
                state.literals.clear();
                self.script(&text, "the script", &inner, &mut state);
                if self.parts.len() == before {
                    self.push_unmatched(
                        words,
                        "the script runs nothing that rules know".to_owned(),
                        context,
                    );
                }
                return true;
            }
        }
        self.by_name(words, &script_name(file), context)
    }

    /// Records a command as uncertain if the name of what it runs says that it changes something.
    fn by_name(&mut self, words: &[Word], name: &str, context: &ExecContext) -> bool {
        let Some(word) = names::telling(name) else {
            return false;
        };
        if context.inside.is_some() {
            return false;
        }
        let why = format!("its name says {word}, and what it runs is not known");
        self.push_unknown(words, why, context);
        true
    }

    /// Classifies a call of a runner whose file can be read.
    fn runner(
        &mut self,
        runner: Runner,
        name: &str,
        words: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) -> bool {
        let Some(asked) = Asked::of(runner, &words[1..]) else {
            return false;
        };
        if asked.only_shows {
            let why = "it shows what it would run".to_owned();
            self.push_part(
                words,
                context,
                Class::Reading,
                why,
                None,
                Targets::default(),
            );
            return true;
        }
        let mut state = state.clone();
        if let Some(dir) = &asked.dir {
            state.enter(dir, self.place);
            self.note_folder(&state);
        }
        let tasks: Vec<Option<&str>> = match asked.tasks.is_empty() {
            true if matches!(
                runner,
                Runner::Make | Runner::Just | Runner::Task | Runner::Rake
            ) =>
            {
                vec![None]
            }
            true => return false,
            false => asked.tasks.iter().map(Word::known).collect(),
        };
        let text = self.file_of(runner, &asked, context, &state);
        let mut is_known = false;
        for (task, word) in tasks.iter().zip(asked.tasks.iter().map(Some).chain([None])) {
            let recipe = text
                .as_ref()
                .filter(|_| task.is_some() || word.is_none())
                .and_then(|text| runner.recipe(text, *task, &asked.given));
            is_known |= match recipe {
                Some(recipe) => {
                    let text = text.as_deref().unwrap_or_default();
                    let inner = through(context, &format!("{name} {}", task.unwrap_or_default()));
                    let mut left = TASKS_MAX;
                    self.recipe((runner, text), &recipe, &asked, &inner, &state, &mut left);
                    true
                }
                None => match word {
                    Some(word) => self.by_name(words, &script_name(word), context),
                    None => false,
                },
            };
        }
        if is_known && !self.parts.iter().any(|part| !part.through.is_empty()) && text.is_some() {
            let why = "what it runs changes nothing that rules know".to_owned();
            self.push_unmatched(words, why, context);
        }
        is_known
    }

    /// Classifies what a task runs, after what it needs.
    fn recipe(
        &mut self,
        (runner, text): (Runner, &str),
        recipe: &Recipe,
        asked: &Asked,
        context: &ExecContext,
        state: &ShellState,
        left: &mut usize,
    ) {
        for need in &recipe.needs {
            let Some(rest) = left.checked_sub(1) else {
                return;
            };
            *left = rest;
            if let Some(needed) = runner.recipe(text, Some(need), &asked.given) {
                self.recipe((runner, text), &needed, asked, context, state, left);
            }
        }
        for script in &recipe.scripts {
            if self.file_commands > FILE_COMMANDS_MAX {
                return;
            }
            let mut own = state.clone();
            own.literals.clear();
            self.script(script, "the task", context, &mut own);
        }
    }

    /// Classifies a call of a runner whose file is not read, by the names of its tasks.
    fn other_runner(&mut self, name: &str, words: &[Word], context: &ExecContext) -> bool {
        let shows = |word: &Word| word.known().is_some_and(|text| SHOWS.contains(&text));
        let asks_for = |first: &str| words.get(1).and_then(Word::known) == Some(first);
        let is_idle = match name {
            "bazel" | "bazelisk" | "nix" => !asks_for("run"),
            _ => false,
        };
        if is_idle || words.iter().any(shows) {
            return false;
        }
        let mut is_value = false;
        for word in &words[1..] {
            let text = word.text.as_str();
            if std::mem::take(&mut is_value) {
                continue;
            }
            is_value = TAKES.contains(&text);
            if text == "--" {
                break;
            }
            if !text.starts_with('-') && self.by_name(words, text, context) {
                return true;
            }
        }
        false
    }

    /// Reads the file of a runner where it would run.
    fn file_of(
        &mut self,
        runner: Runner,
        asked: &Asked,
        context: &ExecContext,
        state: &ShellState,
    ) -> Option<String> {
        if let Some(file) = &asked.file {
            return self.read(file, context, state);
        }
        let files = runner.files().iter();
        let mut files = files.map(|name| Word::literal(*name));
        files.find_map(|file| self.read(&file, context, state))
    }

    /// Reads a file by the function of the caller.
    fn read(&mut self, file: &Word, context: &ExecContext, state: &ShellState) -> Option<String> {
        let files = self.place.files.as_ref()?;
        if self.is_trial
            || context.files >= FILES_MAX
            || self.reads >= READS_MAX
            || state.host.is_none()
        {
            return None;
        }
        let path = state.absolute(file, self.place)?;
        self.reads += 1;
        files.read(&path)
    }
}

/// Returns the library of a cloud, a cluster or a database that code on the line uses to change
/// something.
fn sdk_that_changes(rest: &[Word], stdin: &Input) -> Option<&'static str> {
    let codes = rest.windows(2).filter_map(|pair| match pair {
        [option, code] if matches!(option.text.as_str(), "-c" | "-e" | "--eval") => Some(code),
        _ => None,
    });
    let read = match stdin {
        Input::Text(text) => Some(text),
        Input::Inherited | Input::Elsewhere => None,
    };
    codes.chain(read).find_map(|code| {
        let text: Vec<&str> = code.certain_parts().collect();
        let text = text.join(" ").to_lowercase();
        let changes = ACTS.iter().any(|act| text.contains(act));
        let sdk = SDKS.iter().find(|sdk| text.contains(**sdk));
        sdk.copied().filter(|_| changes)
    })
}

/// Returns the context of what a file runs.
fn through(context: &ExecContext, name: &str) -> ExecContext {
    let mut inner = context.nested();
    inner.through.push(name.trim().to_owned());
    inner.files += 1;
    inner
}

/// Returns the certain end of the name of a script.
fn script_name(word: &Word) -> String {
    let path = match word.known() {
        Some(path) => path,
        None => &word.tail,
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    name.to_owned()
}
