//! Variables that decide what a command does.
//!
//! Owns which variables carry a command, arguments, or the place of programs, and what follows when
//! a line sets one. Never looks at a variable that the line does not set, except for arguments.

use super::Classifier;
use super::exec_context::ExecContext;
use crate::guard::place::ShellState;
use crate::guard::shell::{self, Chain, Command, Word, quote};

/// Ends of the names of variables whose value is a command.
const COMMANDS: [&str; 11] = [
    "EDITOR",
    "PAGER",
    "VISUAL",
    "BROWSER",
    "_COMMAND",
    "_SSH",
    "_RSH",
    "ASKPASS",
    "_DIFF",
    "LESSOPEN",
    "LESSCLOSE",
];
/// Variables whose value a shell expands when it starts, or before it prints.
const EXPANDED: [&str; 6] = ["PS0", "PS1", "PS2", "PS4", "ENV", "BASH_ENV"];
/// The beginning of the name under which a shell hands on a function.
const FUNCTION: &str = "BASH_FUNC_";

/// Programs that take arguments from variables: `TF_CLI_ARGS`, `TF_CLI_ARGS_init`.
const TERRAFORM: [&str; 3] = ["terraform", "tofu", "terragrunt"];
const TERRAFORM_ARGUMENTS: &str = "TF_CLI_ARGS";
/// Beginnings of folders in which programs are installed, in the settings of a shell.
const INSTALLED: [&str; 26] = [
    "$PATH",
    "${PATH",
    "$HOME",
    "${HOME",
    "~",
    "/usr/",
    "/bin",
    "/sbin",
    "/opt/",
    "/home/",
    "/root/",
    "/nix/",
    "/snap/",
    "/Users/",
    "/Library/",
    "/Applications/",
    "$GOPATH",
    "$GOBIN",
    "$(go env",
    "$CARGO_HOME",
    "$VIRTUAL_ENV",
    "$PYENV_ROOT",
    "$NVM_DIR",
    "$JAVA_HOME",
    "$(npm ",
    "node_modules/.bin",
];

impl Classifier<'_> {
    /// Classifies the command in the value of a variable that the line sets. Such a value is mostly
    /// harmless, so only what changes something is recorded.
    pub(super) fn carried(
        &mut self,
        name: &str,
        value: &Word,
        context: &ExecContext,
        state: &ShellState,
    ) {
        let is_expanded = EXPANDED.contains(&name);
        let is_command = COMMANDS.iter().any(|end| name.ends_with(end));
        if is_expanded && value.is_file || name.starts_with(FUNCTION) {
            let why = format!("{name} holds a script");
            return self.push_unknown(std::slice::from_ref(value), why, context);
        }
        let Some(text) = value.known().filter(|_| is_expanded || is_command) else {
            return;
        };
        let script = match is_expanded {
            true => format!(": \"{}\"", text.replace('"', "\\\"")),
            // Programs put a file behind the value; `less` reads from `|command`.
            false => text.trim_start_matches(['|', '-']).to_owned(),
        };
        // A single word is a program that is given nothing to change.
        if text.contains(char::is_whitespace) || is_expanded {
            self.add_changes(&script, context, state);
        }
    }

    /// Adds the parts of a script that change something.
    pub(super) fn add_changes(&mut self, script: &str, context: &ExecContext, state: &ShellState) {
        let mut context = context.clone();
        context.depth += 1;
        let mut trial = Classifier::new(self.rules, self.place);
        trial.is_trial = true;
        trial.commands = self.commands;
        trial.script(script, "a value", &context, &mut state.clone());
        self.commands = trial.commands;
        self.folders.extend(trial.folders);
        let changes = trial.parts.into_iter();
        self.parts
            .extend(changes.filter(|part| part.class == crate::guard::Class::Mutating));
    }
}

/// Returns the words of a command with the arguments that variables carry to it. Fails with the
/// reason if nothing of them is certain.
pub(super) fn with_arguments(
    name: &str,
    words: &[Word],
    state: &ShellState,
) -> Result<Option<Vec<Word>>, String> {
    let is_verb = |word: &Word| !word.text.starts_with('-');
    let at = words.iter().skip(1).position(is_verb).map(|at| at + 1);
    let Some((at, verb)) = at.and_then(|at| Some((at, words.get(at)?))) else {
        return Ok(None);
    };
    if !TERRAFORM.contains(&name) {
        return Ok(None);
    }
    let own = format!("{TERRAFORM_ARGUMENTS}_{}", verb.text);
    let mut added = Vec::new();
    for variable in [TERRAFORM_ARGUMENTS, own.as_str()] {
        match state.variables.get(variable) {
            None => {}
            Some(value) if value.dynamic && value.text.is_empty() => {
                return Err(format!("{variable} carries arguments, and is an expansion"));
            }
            Some(value) => added.extend(split(&value.text).unwrap_or_default()),
        }
    }
    if added.is_empty() {
        return Ok(None);
    }
    let (before, after) = words.split_at(at + 1);
    Ok(Some([before, &added, after].concat()))
}

/// Splits a text into words as a shell does; `None` if it has more than words in it.
fn split(text: &str) -> Option<Vec<Word>> {
    let list = shell::parse(&format!("x {text}"), 0).ok()?;
    let [Chain { links, .. }] = list.chains.as_slice() else {
        return None;
    };
    let [(_, pipeline)] = links.as_slice() else {
        return None;
    };
    match pipeline.commands.as_slice() {
        [Command::Simple(simple)] => Some(simple.words.get(1..)?.to_vec()),
        _ => None,
    }
}

/// Returns why it is not certain what a program without a folder is: the line puts folders into
/// `PATH` in which no programs are installed.
pub(super) fn path_doubt(program: &Word, state: &ShellState) -> Option<String> {
    let value = state.variables.get("PATH")?;
    if program.text.contains('/') || program.tail.contains('/') {
        return None;
    }
    // Of an expansion only the spelling is known, with the name of the variable.
    let written = value.known().unwrap_or_else(|| {
        let spelled = value.excerpt.split_once('=');
        spelled.map_or(value.excerpt.as_str(), |(_, value)| value)
    });
    let written = written.replace(['"', '\''], "");
    let mut folders: Vec<&str> = written.split(':').collect();
    if written.ends_with('…') {
        folders.pop();
    }
    let is_installed = |folder: &&str| INSTALLED.iter().any(|start| folder.starts_with(start));
    let odd = folders.into_iter().find(|folder| !is_installed(folder))?;
    Some(format!("the line puts {} into PATH", quote(odd)))
}
