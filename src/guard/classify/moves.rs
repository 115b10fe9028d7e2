//! Changes of the working directory of the shell.
//!
//! Owns where `cd` and its like lead, and which words in front of a builtin leave it in this shell.
//! Where that is not certain, the folder is not known afterwards. Never looks at a disk.

use super::Classifier;
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

impl Classifier<'_> {
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
                match is_real {
                    true => state.enter(target, self.place),
                    false => state.change_dir(target, self.place),
                }
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
pub(super) fn of_this_shell<'w>(name: &str, rest: &'w [Word]) -> Option<&'w [Word]> {
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
