//! Wrappers whose command no rule can find: shells, `xargs`, `find`, `eval`, `trap`; and shell
//! builtins.
//!
//! Owns which words these programs take for a command. Never classifies that command itself.

use super::exec_context::{ExecContext, Input};
use super::scripts::{ScriptFile, script_file};
use super::{Classifier, env_split, find_files};
use crate::guard::invocation::Invocation;
use crate::guard::named::Named;
use crate::guard::place::ShellState;
use crate::guard::shell::Word;
use crate::guard::targets::Targets;
use crate::guard::verdict::Class;

const SHELLS: [&str; 14] = [
    "sh", "bash", "zsh", "dash", "ksh", "ash", "rbash", "mksh", "yash", "posh", "lksh", "ksh93",
    "csh", "tcsh",
];
/// Programs that start others, besides shells.
const STARTERS: [&str; 9] = [
    "eval",
    "source",
    ".",
    "env",
    "pwsh",
    "powershell",
    "xargs",
    "find",
    "trap",
];
/// Long options of shells that take the next word.
const SHELL_TAKES: [&str; 2] = ["--rcfile", "--init-file"];
const SHELL_FLAGS: [&str; 7] = [
    "--login",
    "--norc",
    "--noprofile",
    "--posix",
    "--restricted",
    "--verbose",
    "--noediting",
];
const FIND_RUNS: [&str; 4] = ["-exec", "-execdir", "-ok", "-okdir"];

impl Classifier<'_> {
    /// Applies a builtin that changes only the shell itself. Returns false for any other program.
    pub(super) fn shell_builtin(
        &mut self,
        name: &str,
        rest: &[Word],
        context: &ExecContext,
        state: &mut ShellState,
    ) -> bool {
        match name {
            "cd" | "chdir" | "pushd" | "popd" => self.change_dir(name, rest, state),
            "export" | "declare" | "typeset" | "local" | "readonly" => {
                for word in rest {
                    if let Some((name, value)) = word.assignment() {
                        self.carried(name, &value, context, state);
                        state.assign(name, value);
                    }
                }
            }
            "alias" => {
                for word in rest {
                    if let Some((name, _)) = word.text.split_once('=') {
                        let meaning = word.after(name.len() + 1);
                        state.aliases.insert(name.to_owned(), meaning);
                    }
                }
            }
            // `hash -p <path> <name>`.
            "hash" => {
                if let [option, path, name] = rest
                    && option.known() == Some("-p")
                {
                    state.aliases.insert(name.text.clone(), path.clone());
                }
            }
            "unset" => {
                for name in rest.iter().filter_map(Word::known) {
                    state.variables.remove(name);
                }
            }
            _ => return false,
        }
        true
    }

    /// Classifies what a shell, `xargs`, `find`, `eval` or `trap` starts. Returns false for any
    /// other program.
    pub(super) fn special_wrapper(
        &mut self,
        name: &str,
        words: &[Word],
        rest: &[Word],
        context: &ExecContext,
        state: &mut ShellState,
    ) -> bool {
        let inner = context.started_by(name);
        match name {
            "eval" => {
                let dashes = usize::from(rest.first().and_then(Word::known) == Some("--"));
                self.joined_script(&rest[dashes..], &inner, state);
            }
            "ssh" | "scp" | "sftp" => {
                self.option_commands(rest, context, state);
                return false;
            }
            "source" | "." => self.source(words, rest, context, state),
            "git" => return self.git(words, rest, context, state),
            "git-push" => {
                let verb = ["git", "push"].map(Word::literal);
                let words = [&verb[..], rest].concat();
                self.command_words(&words, context, state);
            }
            "env" => {
                return match env_split::split(rest) {
                    None => false,
                    Some(Err(why)) => {
                        self.push_unknown(words, why, context);
                        true
                    }
                    Some(Ok(split)) => {
                        let split = [&words[..1], &split].concat();
                        self.command_words(&split, &inner, state);
                        true
                    }
                };
            }
            "pwsh" | "powershell" => return self.pwsh(words, &inner, state),
            "Push-Location" | "Set-Location" => self.change_dir("cd", rest, state),
            "Pop-Location" => self.change_dir("popd", rest, state),
            "trap" => self.trap(rest, &inner, state),
            "xargs" => self.xargs(words, rest, &inner, state),
            "find" if rest.iter().any(is_find_run) => self.find_exec(rest, &inner, state),
            "find" if rest.iter().any(may_be_find_run) => {
                let why = "an expansion may hold a command".to_owned();
                self.push_unknown(words, why, context);
            }
            _ if SHELLS.contains(&name) => self.shell(words, rest, context, &inner, state),
            _ => return false,
        }
        true
    }

    /// Classifies words that a shell joins by blanks and reads as a script.
    pub(super) fn joined_script(
        &mut self,
        words: &[Word],
        context: &ExecContext,
        state: &mut ShellState,
    ) {
        let known: Option<Vec<String>> = words.iter().map(Word::as_script).collect();
        match known {
            Some(known) => {
                let mut context = context.clone();
                context.depth += 1;
                self.script(&known.join(" "), "the script", &context, state);
            }
            None => {
                self.push_unknown(words, "its script holds an expansion".to_owned(), context);
                state.lose_dir("a script that is not known may change the folder".to_owned());
            }
        }
    }

    /// Classifies the action of a `trap`, which runs later.
    fn trap(&mut self, rest: &[Word], context: &ExecContext, state: &mut ShellState) {
        let action = rest.iter().find(|word| word.known() != Some("--"));
        let action = action.filter(|word| !word.text.starts_with('-'));
        let mut later = state.clone();
        later.elsewhere("a trap runs later");
        if let Some(action) = action {
            later.has_moved = false;
            let script = std::slice::from_ref(action);
            self.joined_script(script, context, &mut later);
            self.trial(context, &mut state.clone(), |trial, context, state| {
                trial.joined_script(script, context, state);
            });
            if later.has_moved {
                state.lose_dir("a trap may change the folder".to_owned());
            }
        }
    }

    /// Classifies `bash [options] -c script`, `bash script`, and `bash` that reads its input.
    fn shell(
        &mut self,
        words: &[Word],
        rest: &[Word],
        outer: &ExecContext,
        context: &ExecContext,
        state: &ShellState,
    ) {
        let mut state = state.clone();
        let (asked, script) = match ShellOptions::read(rest) {
            Ok(read) => read,
            Err(why) => return self.push_unknown(words, why, outer),
        };
        let (class, why) = match (script, &outer.stdin) {
            _ if asked.only_shows => (Class::Reading, "it only shows".to_owned()),
            (Some(script), _) if asked.is_command => {
                return self.joined_script(std::slice::from_ref(script), context, &mut state);
            }
            (Some(word), _) if !asked.reads_input => match script_file(word) {
                ScriptFile::File => {
                    if self.script_file(word, words, outer, &state) {
                        return;
                    }
                    (Class::Unmatched, "the script is not examined".to_owned())
                }
                ScriptFile::Uncertain(why) => return self.push_unknown(words, why, outer),
                ScriptFile::Input => return self.input_script(words, outer, context, &mut state),
            },
            (_, Input::Text(_) | Input::Elsewhere) => {
                return self.input_script(words, outer, context, &mut state);
            }
            (_, Input::Inherited) if asked.reads_input || asked.is_command => {
                return self.input_script(words, outer, context, &mut state);
            }
            (_, Input::Inherited) => (Class::Unmatched, "a shell without a script".to_owned()),
        };
        self.push_part(words, outer, class, why, None, Targets::default());
    }

    /// Classifies the command of `xargs`, with words of the input appended or substituted.
    fn xargs(&mut self, words: &[Word], rest: &[Word], context: &ExecContext, state: &ShellState) {
        let mut state = state.clone();
        let Some(program) = self.rules.program("xargs") else {
            return self.push_unknown(words, "no rule knows xargs".to_owned(), context);
        };
        let invocation = Invocation::new(&program, rest);
        let Some(wrapped) = &invocation.wrapped else {
            let why = "xargs without a command prints its input";
            return self.push_reading(words, why, context);
        };
        if let Err(why) = invocation.is_sure() {
            return self.push_unknown(words, why, context);
        }
        let marks = ["-I", "--replace", "-i"]
            .into_iter()
            .find(|name| invocation.has(&[name]));
        let added = Word::several("words of the input");
        let mut inner = wrapped.words.clone();
        match marks {
            None => inner.push(added),
            Some(name) => {
                let mark = invocation
                    .values(name)
                    .last()
                    .map_or("{}", |mark| mark.text.as_str());
                for word in &mut inner {
                    replaced(word, mark);
                }
            }
        }
        self.command_words(&inner, &context.with_stdin(Input::Elsewhere), &mut state);
    }

    /// Classifies the commands of `find … -exec command {} \;`.
    fn find_exec(&mut self, rest: &[Word], context: &ExecContext, state: &ShellState) {
        let mut after = rest;
        let mut found = Vec::new();
        for start in find_files::starts(rest) {
            found.extend(state.named(&start, self.place));
        }
        let pattern = find_files::pattern(rest);
        let found = found
            .into_iter()
            .map(|start| find_files::some_in(start, &pattern));
        let found: Vec<Named> = found.collect();
        while let Some(at) = after.iter().position(is_find_run) {
            let is_dir = after[at].text.ends_with("dir");
            after = &after[at + 1..];
            let ends = |word: &Word| matches!(word.known(), Some(";" | "+"));
            let end = after.iter().position(ends).unwrap_or(after.len());
            let mut inner = after[..end].to_vec();
            for word in &mut inner {
                match word.known() {
                    Some("{}") => *word = Word::variable(find_files::FOUND, "{}"),
                    _ => replaced(word, "{}"),
                }
            }
            let mut own = state.clone();
            if is_dir {
                own.lose_dir("find runs it in the folder of each file".to_owned());
            }
            own.files
                .insert(find_files::FOUND.to_owned(), found.clone());
            self.command_words(&inner, context, &mut own);
            after = &after[end..];
        }
    }
}

/// What the options of a shell ask for.
#[derive(Default)]
struct ShellOptions {
    /// `-c`: the next word is the script.
    is_command: bool,
    /// `-s`: the script comes from standard input.
    reads_input: bool,
    /// `--help` or `--version`.
    only_shows: bool,
}

impl ShellOptions {
    /// Returns the options and the word after them. Fails with the reason if an option is not
    /// known.
    fn read(words: &[Word]) -> Result<(Self, Option<&Word>), String> {
        let mut asked = Self::default();
        let mut at = 0;
        while let Some(text) = words.get(at).and_then(Word::known) {
            if !(text.starts_with(['-', '+']) && text.len() > 1) {
                break;
            }
            at += 1;
            match text {
                "--" => break,
                "--help" | "--version" => asked.only_shows = true,
                _ if SHELL_FLAGS.contains(&text) => {}
                _ if SHELL_TAKES.contains(&text) => {
                    if let Some(file) = words.get(at).filter(|word| word.is_file) {
                        return Err(format!("the script comes from {}", file.excerpt));
                    }
                    at += 1;
                }
                _ if text.starts_with("--") => {
                    return Err(format!("unknown option {text}"));
                }
                _ => {
                    asked.is_command |= text.starts_with('-') && text.contains('c');
                    asked.reads_input |= text.starts_with('-') && text.contains('s');
                    // `-o pipefail`, and `-euo pipefail` as well.
                    at += text.bytes().filter(|b| matches!(b, b'o' | b'O')).count();
                }
            }
        }
        Ok((asked, words.get(at)))
    }
}

/// Checks whether a program starts others in a way that no rule describes.
pub(in crate::guard) fn starts_others(name: &str) -> bool {
    SHELLS.contains(&name) || STARTERS.contains(&name)
}

/// Checks whether a program is a shell.
pub(super) fn is_shell(name: &str) -> bool {
    SHELLS.contains(&name)
}

fn is_find_run(word: &Word) -> bool {
    word.known().is_some_and(|text| FIND_RUNS.contains(&text))
}

/// Checks whether a word that becomes several may have one that begins with a dash.
fn may_be_find_run(word: &Word) -> bool {
    let written = word.excerpt.replace(['\'', '"', '\\'], "");
    let is_certain = written.contains('{') && !written.ends_with('…');
    let has_dash = ["{-", ",-", "$"].iter().any(|mark| written.contains(mark));
    word.may_be_several() && (has_dash || !is_certain)
}

/// Makes a word uncertain from where `mark` stands.
fn replaced(word: &mut Word, mark: &str) {
    if mark.is_empty() {
        return;
    }
    if let Some(at) = word.text.find(mark) {
        word.text.truncate(at);
        word.dynamic = true;
    }
}
