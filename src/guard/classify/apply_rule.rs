//! Application of a rule to the command that it matches.
//!
//! Owns how an [`Effect`] becomes a class with its reason, and which targets the command has. Never
//! chooses the rule.

use super::exec_context::{ExecContext, Input};
use super::{Classifier, variables};
use crate::guard::invocation::Invocation;
use crate::guard::place::ShellState;
use crate::guard::rules::rule::{Dialect, Effect, Rule};
use crate::guard::shell::Word;
use crate::guard::targets::Targets;
use crate::guard::tools::{copies, git_push, sql};
use crate::guard::verdict::Class;

impl Classifier<'_> {
    /// Records the command with the class and the targets that `rule` gives it.
    pub(super) fn apply_rule(
        &mut self,
        invocation: &Invocation<'_>,
        rule: &Rule,
        words: &[Word],
        context: &ExecContext,
        state: &ShellState,
    ) {
        let mut targets = Targets::default();
        let (class, why) = match &rule.effect {
            Effect::Mutating => (Class::Mutating, "it changes infrastructure".to_owned()),
            Effect::Reading => (
                Class::Reading,
                "it changes nothing that others can see".to_owned(),
            ),
            Effect::DryRun => (Class::DryRun, "it shows what it would change".to_owned()),
            Effect::Ignore => (Class::Unmatched, "a rule ignores it".to_owned()),
            Effect::Covered => (Class::Reading, "it claims before it acts".to_owned()),
            Effect::Unknown => {
                let why = "the line does not say what it does".to_owned();
                (Class::Unknown(why.clone()), why)
            }
            Effect::Inside => {
                let why = "the line does not have the command that it runs".to_owned();
                (Class::Unknown(why.clone()), why)
            }
            Effect::Sql(dialect, options) => {
                classify_sql(invocation, *dialect, options, &context.stdin)
            }
            Effect::RemoteCopy => {
                let (class, why) = copies::classify(invocation, &mut targets);
                (class, why)
            }
            Effect::Push => {
                let (class, why, branches) = git_push::classify(invocation, self.place, state);
                targets = branches;
                (class, why)
            }
        };
        let (class, why) = match path_doubt(words, &class, state) {
            Some(doubt) => (Class::Unknown(doubt.clone()), doubt),
            None => (class, why),
        };
        let mut within = context.clone();
        if matches!(class, Class::Mutating | Class::Unknown(_)) {
            match &invocation.doubt {
                Some(why) => targets.incomplete(why),
                None => self.fill(&rule.resources, invocation, state, &mut targets),
            }
            for template in &rule.resources {
                template.kinds().for_each(|kind| targets.add_kind(kind));
            }
            let mut around = Targets::default();
            self.fill(&rule.within, invocation, state, &mut around);
            within.within.extend(around.resources);
            around
                .places
                .into_iter()
                .for_each(|place| targets.at(Some(place)));
            targets.is_local = invocation.is_local(state);
            if let Some(why) = rule.more.reason() {
                targets.incomplete(why);
            }
        }
        let name = Some(rule.name.clone());
        self.push_part(words, &within, class, why, name, targets);
    }
}

/// Returns why it is not certain that a command only reads.
fn path_doubt(words: &[Word], class: &Class, state: &ShellState) -> Option<String> {
    let program = words.first()?;
    let only_reads = matches!(class, Class::Reading | Class::DryRun);
    only_reads.then(|| variables::path_doubt(program, state))?
}

/// Options that run SQL besides the script, or a program.
const FIRST_SQL: [&str; 2] = ["--init-command", "--init-command-add"];
const OUTPUTS: [&str; 2] = ["-o", "--output"];
/// Options that give a variable of `psql` a value.
const VARIABLES: [&str; 3] = ["-v", "--set", "--variable"];

/// Classifies the SQL in the values of `options`, or in standard input.
fn classify_sql(
    invocation: &Invocation<'_>,
    dialect: Dialect,
    options: &[String],
    stdin: &Input,
) -> (Class, String) {
    let mut worst: Option<(Class, String)> = None;
    let names: Vec<&str> = options.iter().map(String::as_str).collect();
    let values = values_of(invocation, &names);
    let (scripts, is_input) = match (values.is_empty(), stdin) {
        (true, Input::Text(text)) => (vec![text], true),
        _ => (values, false),
    };
    let variables = values_of(invocation, &VARIABLES);
    // A client puts the values of variables into what it reads from standard input.
    let is_odd = |name: &str| {
        is_input
            && variables.iter().any(|set| {
                let is_plain = |c: char| c.is_alphanumeric() || "_.-".contains(c);
                match set.text.split_once('=') {
                    Some((of, value)) => {
                        of == name && (set.dynamic || !value.chars().all(is_plain))
                    }
                    None => set.dynamic,
                }
            })
    };
    let nothing_given = scripts.is_empty();
    let first = match dialect {
        Dialect::Mysql => values_of(invocation, &FIRST_SQL),
        _ => Vec::new(),
    };
    for script in scripts.into_iter().chain(first) {
        let classified = match script.known() {
            Some(script) => sql::classify(script, dialect, &is_odd),
            None => {
                let (class, why) = sql::classify(&script.text, dialect, &is_odd);
                let open = "the statement holds an expansion".to_owned();
                match class {
                    Class::Mutating => (class, why),
                    _ => (Class::Unknown(open.clone()), open),
                }
            }
        };
        if worst.as_ref().is_none_or(|worst| classified.0 > worst.0) {
            worst = Some(classified);
        }
    }
    let pipes = |word: &&Word| word.text.trim_start().starts_with('|');
    let doubt = match (nothing_given, dialect) {
        (true, _) => Some("the line does not have the statements"),
        (false, Dialect::Postgres) if values_of(invocation, &OUTPUTS).iter().any(pipes) => {
            Some("the output goes to a program")
        }
        _ => None,
    };
    let doubted = doubt.map(|why| (Class::Unknown(why.to_owned()), why.to_owned()));
    let all = worst.into_iter().chain(doubted);
    let nothing = (Class::Reading, "it only reads".to_owned());
    all.reduce(|a, b| if b.0 > a.0 { b } else { a })
        .unwrap_or(nothing)
}

fn values_of<'i>(invocation: &'i Invocation<'_>, names: &'i [&'i str]) -> Vec<&'i Word> {
    let numbers = names.iter().filter_map(|name| name.parse().ok());
    let words = numbers.filter_map(|number| invocation.word(number));
    let values = names.iter().flat_map(|name| invocation.values(name));
    values.chain(words).collect()
}
