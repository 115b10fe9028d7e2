//! The use case of `guard learn`: which commands the rules should know.
//!
//! Owns the count of the commands of which the rules could not tell what they change ([`Learned`]),
//! and the rule that is proposed for each. Only this clone is counted. Never adds a rule, never
//! writes.

use std::collections::BTreeMap;

use crate::app::hooks::guard;
use crate::context::Context;
use crate::failure::Failure;
use crate::guard::{self as rules, Class, Place, Rules, classify_arguments};
use crate::ledger::{AuditEntry, Disposition};

/// At most this many commands are shown.
const SHOWN_MAX: usize = 10;

/// Beginnings of verbs that change something, whatever the program is.
const CHANGES: [&str; 30] = [
    "apply",
    "create",
    "delete",
    "deploy",
    "destroy",
    "disable",
    "drop",
    "enable",
    "import",
    "install",
    "migrate",
    "promote",
    "publish",
    "push",
    "release",
    "remove",
    "reset",
    "restart",
    "restore",
    "rm",
    "rollback",
    "scale",
    "set",
    "start",
    "stop",
    "sync",
    "uninstall",
    "up",
    "update",
    "upgrade",
];
/// Beginnings of verbs that only look.
const READS: [&str; 20] = [
    "check", "describe", "diff", "export", "fmt", "format", "get", "help", "info", "inspect",
    "lint", "list", "log", "ls", "plan", "search", "show", "status", "validate", "version",
];

/// The commands that the rules should know.
#[derive(Debug)]
pub struct Learned {
    /// The most frequent ones, the most frequent first.
    pub most: Vec<Lesson>,
    /// How many others there are.
    pub more: usize,
}

/// A command of which the rules could not tell what it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// The program.
    pub program: String,
    /// Its first verb; empty if it has none.
    pub verb: String,
    /// How often it was not certain whether it changes anything.
    pub unknown: usize,
    /// How often no rule knew it.
    pub unmatched: usize,
    /// A rule for `presence.guard`, for the user to accept or to change.
    pub rule: String,
}

/// Counts what the hooks of this clone could not judge, and the rules still cannot.
pub fn execute(context: &Context) -> Result<Learned, Failure> {
    let rules = guard::rules(context)?;
    Ok(learned(&context.ledger.audit_log().since(None), &rules))
}

/// Counts entries by program and verb, and proposes a rule for each.
fn learned(seen: &[AuditEntry], rules: &Rules) -> Learned {
    let mut counts: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for one in seen {
        let (unknown, unmatched) = match one.fate {
            Disposition::Doubted => (1, 0),
            Disposition::Unmatched => (0, 1),
            _ => continue,
        };
        let count = counts.entry((&one.tool, &one.verb)).or_default();
        *count = (count.0 + unknown, count.1 + unmatched);
    }
    let lesson = |((program, verb), (unknown, unmatched)): ((&str, &str), (usize, usize))| {
        let rule = rule_for(program, verb);
        let is_rule = rules::check(&rule).is_ok() && !is_known(program, verb, rules);
        is_rule.then(|| Lesson {
            program: program.to_owned(),
            verb: verb.to_owned(),
            unknown,
            unmatched,
            rule,
        })
    };
    let mut most: Vec<Lesson> = counts.into_iter().filter_map(lesson).collect();
    most.sort_by_key(|one| std::cmp::Reverse(one.unknown + one.unmatched));
    let more = most.len().saturating_sub(SHOWN_MAX);
    most.truncate(SHOWN_MAX);
    Learned { most, more }
}

/// Checks whether a rule knows it: one that was added since it was counted, or one that is only not
/// certain of some calls. A proposal for all calls would switch that one off, and so would one for
/// a whole program that has rules.
fn is_known(program: &str, verb: &str, rules: &Rules) -> bool {
    if verb.is_empty() && rules::is_known(program, rules) {
        return true;
    }
    let mut words = vec![program.to_owned(), verb.to_owned()];
    words.retain(|word| !word.is_empty());
    let verdict = classify_arguments(&words, rules, &Place::default());
    let decided = |part: &rules::Part| match part.class {
        Class::Unknown(_) => false,
        Class::Unmatched | Class::Reading | Class::DryRun | Class::Mutating => part.rule.is_some(),
    };
    verdict.parts.first().is_some_and(decided)
}

/// Returns the rule that is proposed for a command.
fn rule_for(program: &str, verb: &str) -> String {
    let begins = |words: &[&str]| words.iter().any(|word| verb.starts_with(word));
    let class = match verb {
        _ if begins(&CHANGES) => "mutating ?",
        _ if begins(&READS) => "reading",
        _ => "ignore",
    };
    match verb {
        "" => format!("{program} => {class}"),
        verb => format!("{program} {verb} => {class}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::SessionId;
    use crate::model::time::Timestamp;

    fn entry(tool: &str, verb: &str, fate: Disposition) -> AuditEntry {
        AuditEntry {
            at: Timestamp::parse("2026-01-01T00:00:00Z").unwrap(),
            session: SessionId::from_record("a").unwrap(),
            agent: String::new(),
            tool: tool.to_owned(),
            verb: verb.to_owned(),
            resources: Vec::new(),
            covered: false,
            contested: false,
            fate,
        }
    }

    #[test]
    fn the_most_frequent_come_first_and_what_a_rule_knows_by_now_is_left_out() {
        use Disposition::{Doubted, Ran, Unmatched};
        let mut seen = vec![
            entry("mytool", "deploy-all", Unmatched),
            entry("mytool", "deploy-all", Unmatched),
            entry("mytool", "show", Unmatched),
            entry("helm", "odd", Doubted),
            entry("helm", "odd", Doubted),
            entry("helm", "odd", Doubted),
            entry("kubectl", "delete", Ran),
            entry("", "", Doubted),
            entry("known", "go", Unmatched),
            // A rule for these would switch off what the shipped ones know.
            entry("kubectl", "", Doubted),
            entry("terraform", "", Doubted),
            entry("psql", "", Doubted),
            entry("bash", "", Doubted),
            entry("sudo", "", Doubted),
            entry("kubectl", "drain", Doubted),
            entry("git", "push", Doubted),
        ];
        let rules = Rules::with(["known => ignore"]).unwrap();
        let told = |learned: &Learned| -> Vec<String> {
            let of = |one: &Lesson| format!("{} {}", one.unknown + one.unmatched, one.rule);
            learned.most.iter().map(of).collect()
        };
        let learned = learned(&seen, &rules);
        let expected = [
            "3 helm odd => ignore",
            "2 mytool deploy-all => mutating ?",
            "1 mytool show => reading",
        ];
        assert_eq!(told(&learned), expected);
        for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] {
            seen.push(entry(name, "", Unmatched));
        }
        let learned = super::learned(&seen, &rules);
        assert_eq!((learned.most.len(), learned.more), (SHOWN_MAX, 3));
        for one in &learned.most {
            rules::check(&one.rule).unwrap();
        }
    }
}
