//! Changes of the working directory of the shell.
//!
//! Owns where `cd` and its like lead, and which words in front of a builtin leave it in this shell.
//! Where that is not certain, the folder is not known afterwards. Never looks at a disk.

use super::Classifier;
use super::exec_context::ExecContext;
use crate::guard::place::ShellState;
use crate::guard::shell::Word;

/// Words before a command that runs in this shell all the same.
const IN_FRONT: [&str; 5] = ["builtin", "command", "time", "noglob", "nocorrect"];
/// Builtins that change the shell itself.
const BUILTINS: [&str; 18] = [
    "cd", "chdir", "pushd", "popd", "export", "declare", "typeset", "local", "readonly", "alias",
    "unset", "hash", "eval", "source", ".", "builtin", "command", "trap",
];
/// Parts of the names of scripts with settings, which are sourced and stay where they are.
const SETTINGS: [&str; 12] = [
    "env", "activate", "rc", "profile", "conf", "setting", "var", "cred", "secret", "complet",
    "alias", "nvm.sh",
];

/// At most this many calls of functions are followed.
const CALLS_MAX: usize = 64;
/// At most this many arguments of a function are known to it.
const ARGUMENTS_MAX: usize = 9;

impl Classifier<'_> {
    /// Applies what a call of a function of the line does to the folder, and notes the files that
    /// it writes there.
    pub(super) fn call_function(
        &mut self,
        name: &str,
        rest: &[Word],
        context: &ExecContext,
        state: &mut ShellState,
    ) {
        let Some(body) = state.functions.get(name).cloned() else {
            return;
        };
        self.calls += 1;
        if self.calls > CALLS_MAX {
            let why = format!("{name} is a function, and more are called than are followed");
            self.note_anywhere(name, why, context);
            if state.has_moving_function {
                state.lose_dir(format!("{name} is a function, and may change the folder"));
            }
            return;
        }
        let mut own = state.clone();
        own.functions.remove(name);
        for (at, word) in rest.iter().enumerate().take(ARGUMENTS_MAX) {
            own.assign(&(at + 1).to_string(), word.clone());
        }
        self.trial(context, &mut own, |trial, context, own| {
            for list in body.0.iter() {
                trial.list(list, context, own);
            }
        });
        if state.has_moving_function {
            (state.dir, state.at) = (own.dir, own.at);
            state.has_moved |= own.has_moved;
        }
    }

    /// Walks over what is judged elsewhere, for the folders and the files in it.
    pub(super) fn trial(
        &mut self,
        context: &ExecContext,
        state: &mut ShellState,
        walk: impl FnOnce(&mut Classifier<'_>, &ExecContext, &mut ShellState),
    ) {
        let mut trial = Classifier::new(self.rules, self.place);
        trial.is_trial = true;
        trial.calls = self.calls;
        walk(&mut trial, context, state);
        self.calls = trial.calls;
        self.folders.extend(trial.folders);
        for write in trial.writes {
            self.add_write(write, context);
        }
        for write in trial.unnamed_writes {
            self.add_unnamed(write);
        }
    }

    /// Classifies a builtin behind a word that leaves it in this shell. Returns false for any other
    /// command.
    pub(super) fn in_this_shell(
        &mut self,
        name: &str,
        rest: &[Word],
        context: &ExecContext,
        state: &mut ShellState,
    ) -> bool {
        let Some(words) = of_this_shell(name, rest) else {
            return false;
        };
        let inner = context.started_by(name);
        // `builtin` and `command` start no function.
        let passes = matches!(name, "builtin" | "command");
        let passed = words.first().filter(|_| passes).map(|word| &word.text);
        let hidden = passed.and_then(|name| state.functions.remove_entry(name));
        self.command_words(words, &inner, state);
        state.functions.extend(hidden);
        true
    }

    /// Applies `cd`, `pushd` or `popd`.
    pub(super) fn change_dir(&mut self, name: &str, rest: &[Word], state: &mut ShellState) {
        let is_option = |word: &&Word| word.text.starts_with('-') && word.text.len() > 1;
        let options = rest.iter().take_while(is_option).count();
        let (options, targets) = rest.split_at(options);
        let is_plain = |word: &&Word| match word.known() {
            Some("-L" | "-e" | "-@" | "-Le" | "-eL" | "--") => true,
            Some("-P" | "-Pe" | "-eP") => name != "pushd",
            _ => false,
        };
        let is_real = options.iter().any(|word| word.text.contains('P'));
        let by_number = |text: &str| name == "pushd" && text.starts_with('+');
        match (options.iter().all(|word| is_plain(&word)), targets) {
            (true, [target])
                if name != "popd"
                    && target
                        .known()
                        .is_none_or(|text| text != "-" && !by_number(text))
                    && !is_searched(target, state) =>
            {
                let before = state.clone();
                match is_real {
                    true => state.enter(target, self.place),
                    false => state.change_dir(target, self.place),
                }
                self.note_on_the_way(target, &before);
                self.note_folder(state);
            }
            _ => state.lose_dir(format!("the target of {name} is not known")),
        }
    }
}

/// Checks whether a folder is searched in those that `CDPATH` names.
fn is_searched(target: &Word, state: &ShellState) -> bool {
    let begins = ["/", "./", "../", "~"];
    let is_here = begins.iter().any(|begin| target.text.starts_with(begin))
        || matches!(target.known(), Some("." | ".."));
    let is_set = |value: &Word| value.dynamic || !value.text.is_empty();
    !is_here && state.variables.get("CDPATH").is_some_and(is_set)
}

/// Returns the builtin that `name` with these words runs in this shell, with its words.
fn of_this_shell<'w>(name: &str, rest: &'w [Word]) -> Option<&'w [Word]> {
    if !IN_FRONT.contains(&name) {
        return None;
    }
    let is_flag = |word: &&Word| matches!(word.known(), Some("-p" | "--"));
    let flags = rest.iter().take_while(is_flag).count();
    let words = &rest[flags..];
    let builtin = words.first().and_then(Word::known)?;
    BUILTINS.contains(&builtin).then_some(words)
}

/// Checks whether a script that is sourced only has settings, by its name.
pub(super) fn has_only_settings(file: &Word) -> bool {
    let path = match file.dynamic {
        true => file.tail.as_str(),
        false => file.text.as_str(),
    };
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    SETTINGS.iter().any(|part| name.contains(part))
}
