//! Tasks and scripts of a project.
//!
//! Owns which word of a runner is a task and which word is a script, and what is judged of it: what
//! its file has, or else its name. Files are read by the function of the caller only, and nothing
//! in them is run.

use super::asked::{Asked, SHOWS, TAKES};
use super::exec_context::ExecContext;
use super::sdk::sdk_that_changes;
use super::{Classifier, FILE_COMMANDS_MAX};
use crate::guard::files::FILE_BYTES_MAX;
use crate::guard::place::{ShellState, folder};
use crate::guard::shell::Word;
use crate::guard::tasks::{Recipe, Runner, TaskFile, included, is_for_shell, names};

/// At most this many files of one line are read.
const READS_MAX: usize = 16;
/// At most this many files lead from one to the next.
const FILES_MAX: usize = 3;
/// At most this many tasks of a line are followed.
const TASKS_MAX: usize = 32;
/// At most this many bytes of files are read for the tasks of a line.
const TASK_BYTES_MAX: usize = 512 << 10;
/// Runners of other kinds, whose files are not read.
const OTHERS: [&str; 17] = [
    "nx", "turbo", "lerna", "rush", "ant", "invoke", "inv", "fab", "mage", "bazel", "bazelisk",
    "earthly", "nix", "cap", "mina", "dep", "cargo",
];
/// Interpreters of scripts that are not read.
const INTERPRETERS: [&str; 16] = [
    "python", "python2", "python3", "py", "node", "nodejs", "ruby", "perl", "php", "tsx",
    "ts-node", "bun", "lua", "Rscript", "groovy", "pypy3",
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
        if let Some(module) = module_of(name, rest)
            && self.rules.program(&module[0].text).is_some()
        {
            let inner = context.started_by(name);
            self.command_words(module, &inner, &mut state.clone());
            return true;
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
                self.walk_script(file, &text, &inner, &mut state);
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

    /// Classifies a script that is sourced, and applies what it does to this shell. Returns false
    /// if it cannot be read and its name tells nothing.
    pub(super) fn sourced(
        &mut self,
        file: &Word,
        words: &[Word],
        context: &ExecContext,
        state: &mut ShellState,
    ) -> bool {
        let Some(text) = self.read(file, context, state) else {
            state.lose_dir("a script that is sourced may change the folder".to_owned());
            return self.by_name(words, &script_name(file), context);
        };
        let before = self.parts.len();
        self.walk_script(file, &text, &through(context, &script_name(file)), state);
        self.parts.len() > before
    }

    /// Walks over the text of a script in a file.
    fn walk_script(
        &mut self,
        file: &Word,
        text: &str,
        context: &ExecContext,
        state: &mut ShellState,
    ) {
        let path = state.absolute(file, self.place);
        let outer = std::mem::replace(
            &mut state.script_folder,
            path.map(|path| format!("/{}", folder(&path).trim_start_matches('/'))),
        );
        self.script(text, "the script", context, state);
        state.script_folder = outer;
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
            self.push_reading(words, "it shows what it would run", context);
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
        let file = text.as_deref().map(|text| TaskFile::of(runner, text));
        let mut is_known = false;
        for (task, word) in tasks.iter().zip(asked.tasks.iter().map(Some).chain([None])) {
            let file = file.as_ref().filter(|_| task.is_some() || word.is_none());
            let recipe = file.and_then(|file| self.found_task(file, *task, &asked, context));
            is_known |= match (file, recipe) {
                (Some(file), Some(recipe)) => {
                    let inner = through(context, &format!("{name} {}", task.unwrap_or_default()));
                    let mut seen: Vec<String> = task.iter().map(|&task| task.to_owned()).collect();
                    self.recipe(file, &recipe, &asked, &inner, &state, &mut seen);
                    true
                }
                _ => match word {
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

    /// Returns the recipe of a task. Records as unknown what would take too long to find.
    fn found_task(
        &mut self,
        file: &TaskFile<'_>,
        task: Option<&str>,
        asked: &Asked,
        context: &ExecContext,
    ) -> Option<Recipe> {
        let before = self.task_bytes;
        if before <= TASK_BYTES_MAX {
            self.task_bytes += file.bytes_a_task();
        }
        match (before > TASK_BYTES_MAX, self.task_bytes > TASK_BYTES_MAX) {
            (true, _) => None,
            (false, true) => {
                let why = "the files of its tasks are longer than is read".to_owned();
                let task = Word::literal(task.unwrap_or_default());
                self.push_unknown(&[task], why, context);
                None
            }
            (false, false) => file.recipe(task, &asked.given),
        }
    }

    /// Classifies what a task runs, after what it needs. Returns false if that is more than is
    /// followed.
    fn recipe(
        &mut self,
        file: &TaskFile<'_>,
        recipe: &Recipe,
        asked: &Asked,
        context: &ExecContext,
        state: &ShellState,
        seen: &mut Vec<String>,
    ) -> bool {
        for need in &recipe.needs {
            if self.file_commands > FILE_COMMANDS_MAX {
                return false;
            }
            // A runner runs a task once, whatever needs it.
            if seen.contains(need) {
                continue;
            }
            if seen.len() > TASKS_MAX {
                let why = format!("it needs more than {TASKS_MAX} tasks");
                self.push_unknown(&[Word::literal(need)], why, context);
                return false;
            }
            seen.push(need.clone());
            if let Some(needed) = self.found_task(file, Some(need), asked, context)
                && !self.recipe(file, &needed, asked, context, state, seen)
            {
                return false;
            }
        }
        for script in &recipe.scripts {
            if self.file_commands > FILE_COMMANDS_MAX {
                return false;
            }
            let mut own = state.clone();
            own.literals.clear();
            self.script(script, "the task", context, &mut own);
        }
        true
    }

    /// Classifies a call of a runner whose file is not read, by the names of its tasks.
    fn other_runner(&mut self, name: &str, words: &[Word], context: &ExecContext) -> bool {
        let shows = |word: &Word| word.known().is_some_and(|text| SHOWS.contains(&text));
        let asks_for = |first: &str| words.get(1).and_then(Word::known) == Some(first);
        let is_idle = match name {
            "bazel" | "bazelisk" | "nix" => !asks_for("run"),
            "cargo" => !asks_for("xtask") && !asks_for("make"),
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
        let text = match &asked.file {
            Some(file) => self.read(file, context, state),
            None => {
                let files = runner.files().iter();
                let mut files = files.map(|name| Word::literal(*name));
                files.find_map(|file| self.read(&file, context, state))
            }
        }?;
        Some(match runner {
            Runner::Make => self.with_included(text, context, state),
            _ => text,
        })
    }

    /// Returns a Makefile with the files that it includes behind it, as long as all of it is short.
    fn with_included(&mut self, text: String, context: &ExecContext, state: &ShellState) -> String {
        let mut all = text.clone();
        for name in included(&text) {
            let Some(more) = self.read(&Word::literal(name), context, state) else {
                continue;
            };
            if all.len() + more.len() < FILE_BYTES_MAX {
                all.push('\n');
                all.push_str(&more);
            }
        }
        all
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

/// Returns the module that `python -m` runs, with its arguments.
fn module_of<'w>(name: &str, rest: &'w [Word]) -> Option<&'w [Word]> {
    let is_python = name.starts_with("python") || matches!(name, "py" | "pypy3");
    let at = rest.iter().position(|word| !is_flag(word))?;
    let runs = at > 0 && rest[at - 1].known() == Some("-m");
    (is_python && runs).then(|| &rest[at..])
}

/// Checks whether a word is an option.
fn is_flag(word: &Word) -> bool {
    word.text.starts_with('-')
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
