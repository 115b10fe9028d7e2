//! PowerShell on a line: cmdlets, and scripts of `pwsh`.
//!
//! Owns which words are a script block, and on which machine it runs. Never reads the language: a
//! pipeline of cmdlets with quoted words is what a shell reads as well.

use super::Classifier;
use super::exec_context::ExecContext;
use crate::guard::place::ShellState;
use crate::guard::shell::Word;
use crate::guard::tools::powershell;
use crate::guard::verdict::{Class, RuleName};
use crate::model::resource::Resource;

/// Options of `pwsh` before a script.
const SCRIPTS: [&str; 3] = ["-command", "-c", "-commandwithargs"];

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
