//! Words that are nearly those of this program, or those of other tools.
//!
//! Owns which verb of a verb, and which option, is meant by one that there is not: by a slip of the
//! finger, or by its meaning. Never where another name may well be meant. Never parses a line.

use clap::Command;

use crate::model::meant::is_slip;

/// From how many letters on a replaced one is taken for a slip: shorter words are others too often.
const REPLACED_MIN: usize = 5;

/// What is meant by a word that says what a verb does without one.
pub(super) const ITSELF: &str = "";

/// Words for a verb of a verb: the verb, the words, what is meant.
const SUBVERBS: &[(&str, &[&str], &str)] = &[
    (
        "turn",
        &[
            "give", "hand", "handoff", "handover", "yield", "release", "done", "end",
        ],
        "pass",
    ),
    (
        "turn",
        &[
            "get", "grab", "claim", "acquire", "start", "begin", "lock", "next", "wait",
        ],
        "take",
    ),
    (
        "turn",
        &[
            "list", "ls", "show", "status", "info", "view", "look", "peek", "who", "queue",
        ],
        ITSELF,
    ),
    ("task", &["new", "create", "open"], "add"),
    ("task", &["take", "claim", "begin", "grab", "do"], "start"),
    (
        "task",
        &["finish", "complete", "close", "end", "resolve"],
        "done",
    ),
    ("task", &["release", "return", "unclaim"], "back"),
    ("task", &["cancel", "delete", "remove", "rm"], "drop"),
    ("task", &["view", "info", "cat", "get"], "show"),
    ("task", &["ls", "all"], "list"),
    ("task", &["history", "events"], "log"),
    ("task", &["pause", "stop"], "drain"),
    ("task", &["resume", "continue"], "undrain"),
];

/// Words for options, and which of ours are meant, the first one that the verb has.
const OPTIONS: &[(&[&str], &[&str])] = &[
    (&["lock", "excl", "alone", "mutex"], &["exclusive"]),
    (
        &["timeout", "block", "max-wait", "wait-for"],
        &["wait", "for"],
    ),
    (
        &[
            "expire", "expires", "expiry", "lease", "duration", "lasts", "for",
        ],
        &["ttl", "until", "for"],
    ),
    (
        &[
            "text",
            "body",
            "msg",
            "note",
            "notes",
            "comment",
            "description",
            "message",
            "why",
        ],
        &["message", "purpose", "status"],
    ),
    (&["all"], &["all-mine"]),
    (&["steal", "override", "overwrite", "take"], &["force"]),
    (&["limit", "count", "max", "lines"], &["max-count"]),
    (&["as", "user", "name", "agent", "id", "who"], &["session"]),
    (&["format", "output", "porcelain"], &["json"]),
    (&["kind"], &["type", "event"]),
    (&["no-wait", "fail", "strict"], &["refuse"]),
    (&["live", "tail", "watch"], &["follow", "watch"]),
];

/// Returns the verb of `verb` that a word is with a slip of the finger.
fn subverb_slipped(verb: &Command, word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    let mut all = verb.get_subcommands().map(Command::get_name);
    all.find(|name| *name != lower && is_near(&lower, name))
        .map(str::to_owned)
}

/// Returns the verb of `verb` that is meant by a word; [`ITSELF`] if it is `verb` alone.
pub(super) fn subverb_meant(verb: &Command, word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    let of_meaning = SUBVERBS
        .iter()
        .find(|(of, words, _)| *of == verb.get_name() && words.contains(&lower.as_str()));
    let of_meaning = of_meaning.map(|(.., meant)| (*meant).to_owned());
    of_meaning.or_else(|| subverb_slipped(verb, word))
}

/// Returns the option of `verb`, with its dashes, that is meant by one that it has not.
pub(super) fn option_meant(verb: &Command, typed: &str) -> Option<String> {
    let typed = typed.strip_prefix("--")?.to_lowercase();
    let all: Vec<&str> = verb
        .get_arguments()
        .filter(|argument| !argument.is_hide_set())
        .filter_map(clap::Arg::get_long)
        .collect();
    let slipped = all.iter().find(|long| is_near(&typed, long));
    let meant = || {
        let mut fitting = OPTIONS
            .iter()
            .filter(|(words, _)| words.contains(&typed.as_str()));
        fitting.find_map(|(_, ours)| ours.iter().find(|one| all.contains(*one)))
    };
    slipped.or_else(meant).map(|long| format!("--{long}"))
}

/// Checks whether a word is another one but for a slip of the finger: a letter too few, too many or
/// another one, or two that are swapped. Dashes do not count.
pub(super) fn is_near(typed: &str, known: &str) -> bool {
    let (typed, known) = (typed.replace('-', ""), known.replace('-', ""));
    let differing = typed
        .chars()
        .zip(known.chars())
        .filter(|(a, b)| a != b)
        .count();
    let is_replaced = typed.chars().count() == known.chars().count()
        && known.len() >= REPLACED_MIN
        && differing == 1;
    typed == known || is_slip(&typed, &known) || is_replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verb(name: &str) -> Command {
        let command = crate::cli::command();
        command.find_subcommand(name).cloned().unwrap()
    }

    #[test]
    fn a_verb_of_a_verb_is_found_by_its_meaning_and_by_a_slip() {
        for (of, typed, meant) in [
            ("turn", "pas", Some("pass")),
            ("turn", "tkae", Some("take")),
            ("turn", "handoff", Some("pass")),
            ("turn", "next", Some("take")),
            ("turn", "list", Some(ITSELF)),
            ("turn", "main", None),
            ("turn", "infra", None),
            ("task", "finish", Some("done")),
            ("task", "dnoe", Some("done")),
            ("task", "shwo", Some("show")),
            ("task", "later", None),
            ("task", "undrian", Some("undrain")),
        ] {
            assert_eq!(
                subverb_meant(&verb(of), typed).as_deref(),
                meant,
                "{of} {typed}"
            );
        }
    }

    #[test]
    fn an_option_is_found_by_its_meaning_and_by_a_slip() {
        for (of, typed, meant) in [
            ("claim", "--exclusve", Some("--exclusive")),
            ("claim", "--purpsoe", Some("--purpose")),
            ("claim", "--lock", Some("--exclusive")),
            ("claim", "--timeout", Some("--wait")),
            ("claim", "--expires", Some("--ttl")),
            ("claim", "--oversharde", Some("--over-shared")),
            ("release", "--all", Some("--all-mine")),
            ("release", "--steal", Some("--force")),
            ("tell", "--text", Some("--message")),
            ("log", "--limit", Some("--max-count")),
            ("log", "--folow", Some("--follow")),
            ("status", "--limit", None),
            ("claim", "--frobnicate", None),
        ] {
            assert_eq!(
                option_meant(&verb(of), typed).as_deref(),
                meant,
                "{of} {typed}"
            );
        }
    }
}
