//! PowerShell on a line: cmdlets, and scripts of `pwsh`.
//!
//! Owns which words are a script block, on which machine it runs, and which files cmdlets write.
//! Never reads the language: a pipeline of cmdlets with quoted words is what a shell reads as well.

use super::Classifier;
use super::exec_context::ExecContext;
use super::operands::into;
use crate::guard::place::ShellState;
use crate::guard::shell::Word;
use crate::guard::tools::powershell;
use crate::guard::verdict::{Class, Reach, RuleName};
use crate::model::resource::Resource;

/// Options of `pwsh` before a script.
const SCRIPTS: [&str; 3] = ["-command", "-c", "-commandwithargs"];

/// Cmdlets of PowerShell for files.
const CMDLETS: [&str; 12] = [
    "Remove-Item",
    "Set-Content",
    "Add-Content",
    "Clear-Content",
    "Out-File",
    "Move-Item",
    "Copy-Item",
    "Rename-Item",
    "New-Item",
    "Tee-Object",
    "Export-Csv",
    "Export-Clixml",
];
/// Switches of theirs, which take no value.
const SWITCHES: [&str; 8] = [
    "-recurse",
    "-force",
    "-append",
    "-nonewline",
    "-passthru",
    "-noclobber",
    "-notypeinformation",
    "-verbose",
];

impl Classifier<'_> {
    /// Classifies a cmdlet. Returns false for any other program.
    pub(super) fn cmdlet(
        &mut self,
        name: &str,
        words: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) -> bool {
        let rest = &words[1..];
        let Some((class, why, targets)) = powershell::classify(name, rest) else {
            return false;
        };
        if name == "Invoke-Command" && rest.iter().any(Word::may_be_several) {
            let why = "an expansion may hold a command".to_owned();
            self.push_unknown(words, why, context);
            return true;
        }
        let mut inner = context.clone();
        if let Some(Ok(host)) = powershell::machine(rest).map(|label| Resource::parse(&label)) {
            inner.within.push(host);
        }
        let open = rest.iter().position(|word| word.text == "{");
        let close = rest.iter().rposition(|word| word.text == "}");
        if let (Some(open), Some(close)) = (open, close)
            && open + 1 < close
            && !powershell::has_expression(name)
        {
            inner.through.push(name.to_owned());
            self.command_words(&rest[open + 1..close], &inner, &mut state.clone());
            return true;
        }
        let rule = matches!(class, Class::Mutating | Class::DryRun).then(|| RuleName {
            text: format!("{name} => {}", class.as_str()),
            shipped: true,
        });
        self.push_part(words, &inner, class, why, rule, targets);
        true
    }

    /// Classifies `pwsh -Command script`. Returns false if there is no script on the line.
    pub(super) fn pwsh(
        &mut self,
        words: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) -> bool {
        let is_script = |word: &Word| {
            let text = word.text.to_ascii_lowercase();
            SCRIPTS.contains(&text.as_str())
        };
        let Some(at) = words.iter().position(is_script) else {
            return false;
        };
        let script = &words[at + 1..];
        if script.is_empty() {
            return false;
        }
        self.joined_script(script, context, &mut state.clone());
        true
    }
}

/// Checks whether a cmdlet writes files that it names.
pub(super) fn is_cmdlet_for_files(name: &str) -> bool {
    CMDLETS.iter().any(|one| one.eq_ignore_ascii_case(name))
}

/// Returns what a cmdlet writes.
pub(super) fn written_by_cmdlet(name: &str, rest: &[Word]) -> Vec<(Word, Reach)> {
    let (mut plain, mut files, mut dest) = (Vec::new(), Vec::new(), None);
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        let text = word.text.to_ascii_lowercase();
        match text.as_str() {
            "-whatif" => return Vec::new(),
            switch if SWITCHES.contains(&switch) => {}
            option if option.starts_with('-') && option.len() > 1 => {
                let value = words.next().cloned();
                let begins = |full: &str| full.starts_with(option);
                match () {
                    () if ["-path", "-literalpath", "-filepath"]
                        .into_iter()
                        .any(begins) =>
                    {
                        files.extend(value);
                    }
                    () if begins("-destination") => dest = value,
                    () => {}
                }
            }
            _ => plain.push(word.clone()),
        }
    }
    let mut plain = plain.into_iter();
    if files.is_empty() {
        files.extend(plain.next());
    }
    let reach = match name {
        "remove-item" | "move-item" | "rename-item" => Reach::Below,
        _ => Reach::File,
    };
    let moves = matches!(name, "move-item" | "copy-item");
    let dest = dest.or_else(|| plain.next()).filter(|_| moves);
    let into = dest.map(|dest| into(&dest, &files, Reach::Below));
    let files = if name == "copy-item" {
        Vec::new()
    } else {
        files
    };
    let files = files.into_iter().map(|file| (file, reach));
    files.chain(into.into_iter().flatten()).collect()
}
