//! Scripts by name: what `source`, `eval` and shells read.
//!
//! Owns which word is a file that is not examined, and which one is a script from a pipe. Never
//! reads a file.

use super::Classifier;
use super::exec_context::{ExecContext, Input};
use super::moves::has_only_settings;
use crate::guard::place::ShellState;
use crate::guard::shell::Word;
use crate::guard::targets::Targets;
use crate::guard::verdict::Class;

/// Names under which a process has its open files.
const OPEN_FILES: [&str; 2] = ["/dev/fd", "/proc/"];

/// What a word is for a program that reads a script from it.
pub(super) enum ScriptFile {
    /// A file, which is not examined.
    File,
    /// Standard input.
    Input,
    /// Something else that is not certain; the text says why.
    Uncertain(String),
}

/// Returns what a word is for a program that reads a script from it.
pub(super) fn script_file(word: &Word) -> ScriptFile {
    if word.is_file {
        return ScriptFile::Uncertain(format!("the script comes from {}", word.excerpt));
    }
    let uncertain =
        || ScriptFile::Uncertain(format!("the script is an expansion: {}", word.excerpt));
    let path = match word.known() {
        Some(path) => path,
        // In `"$DIR/setup.sh"` it is a file, wherever that is.
        None if word.commands.is_empty() && !word.may_be_several() && word.tail.contains('/') => {
            word.tail.as_str()
        }
        None => return uncertain(),
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    if matches!(path, "-" | "/dev/stdin") || path.starts_with("/dev/fd/0") {
        return ScriptFile::Input;
    }
    let is_open = OPEN_FILES.iter().any(|folder| path.starts_with(folder));
    let is_odd = name.is_empty() || name.bytes().all(|b| b.is_ascii_digit()) || name == "stdin";
    match word.known() {
        Some(_) if is_open => ScriptFile::Uncertain(format!("the script comes from {path}")),
        None if is_odd => uncertain(),
        _ => ScriptFile::File,
    }
}

impl Classifier<'_> {
    /// Classifies `source file` and `. file`, which run in this shell.
    pub(super) fn source(
        &mut self,
        words: &[Word],
        rest: &[Word],
        context: &ExecContext,
        state: &mut ShellState,
    ) {
        let file = rest.iter().find(|word| word.known() != Some("--"));
        let unmatched = |why: &str| (Class::Unmatched, why.to_owned());
        let (class, why) = match file.map(script_file) {
            None => unmatched("it is given no script"),
            Some(ScriptFile::File) => {
                let script = file.filter(|file| !has_only_settings(file));
                if script.is_some_and(|script| self.sourced(script, words, context, state)) {
                    return;
                }
                unmatched("the script runs nothing that rules know")
            }
            Some(ScriptFile::Uncertain(why)) => {
                state.lose_dir("a script that is sourced may change the folder".to_owned());
                return self.push_unknown(words, why, context);
            }
            Some(ScriptFile::Input) => return self.input_script(words, context, context, state),
        };
        self.push_part(words, context, class, why, None, Targets::default());
    }

    /// Classifies a script that comes from standard input.
    pub(super) fn input_script(
        &mut self,
        words: &[Word],
        outer: &ExecContext,
        context: &ExecContext,
        state: &mut ShellState,
    ) {
        match &outer.stdin {
            Input::Text(text) => {
                let text = [text.clone()];
                self.joined_script(&text, &context.with_stdin(Input::Elsewhere), state);
            }
            Input::Elsewhere => {
                state.lose_dir("a script that is not known may change the folder".to_owned());
                let why = "its script comes from standard input".to_owned();
                self.push_unknown(words, why, outer);
            }
            Input::Inherited => {
                state.lose_dir("a script that is not known may change the folder".to_owned());
                let why = "the line does not have its script".to_owned();
                self.push_unknown(words, why, outer);
            }
        }
    }
}
