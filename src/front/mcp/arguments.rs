//! The arguments of the tools, and the command line that each stands for.
//!
//! Owns their names, their descriptions for a model, and what becomes of each: an option with its
//! value in one word, or a name behind two dashes, so that no value is ever an option. Never runs
//! anything.

use rmcp::schemars::{self, JsonSchema};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The longest that a call may wait for another session: harnesses give up on a call after a
/// minute.
const WAIT_MAX_SECS: u16 = 40;

/// A command line without the name of the program.
pub(super) type Words = Vec<String>;

/// What the arguments of a tool are.
pub(super) trait Arguments: DeserializeOwned + JsonSchema {
    /// Returns the command line that they stand for.
    fn words(self) -> Words;
}

/// A command line that grows.
struct Line(Words);

impl Line {
    fn of(verb: &[&str]) -> Self {
        Self(verb.iter().map(|&word| word.to_owned()).collect())
    }

    /// Adds `--name=value`, if there is a value: in one word, so that it is never an option.
    fn option(mut self, name: &str, value: Option<impl std::fmt::Display>) -> Self {
        self.0
            .extend(value.map(|value| format!("--{name}={value}")));
        self
    }

    fn flag(mut self, name: &str, is_set: bool) -> Self {
        self.0.extend(is_set.then(|| format!("--{name}")));
        self
    }

    fn wait(self, secs: Option<u16>) -> Self {
        let secs = secs.filter(|secs| *secs > 0);
        self.option(
            "wait",
            secs.map(|secs| format!("{}s", secs.min(WAIT_MAX_SECS))),
        )
    }

    /// Ends it with what is no option, whatever it begins with.
    fn names(mut self, names: Vec<String>) -> Words {
        if !names.is_empty() {
            self.0.push("--".to_owned());
            self.0.extend(names);
        }
        self.0
    }
}

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Board {
    /// Only what is known of these, such as "path:src/net" or "stack:infra/dns".
    #[serde(default)]
    resources: Vec<String>,
}

impl Arguments for Board {
    fn words(self) -> Words {
        match self.resources.is_empty() {
            true => Line::of(&["status"]).0,
            false => Line::of(&["peek"]).names(self.resources),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    /// What you are about to change: "path:src/net", "branch:main", "stack:infra/dns".
    #[schemars(length(min = 1))]
    resources: Vec<String>,
    /// What for, in one line that others read.
    purpose: String,
    /// Whether no other session may have it until you release it or it expires.
    #[serde(default)]
    exclusive: bool,
    /// Whether to claim nothing if another session holds it.
    #[serde(default)]
    refuse: bool,
    /// How long it lasts without a heartbeat, such as "15m".
    #[serde(default)]
    ttl: Option<String>,
    /// How many seconds to wait until no other session claims it, at most 40.
    #[serde(default)]
    wait_seconds: Option<u16>,
}

impl Arguments for Claim {
    fn words(self) -> Words {
        Line::of(&["claim"])
            .option("purpose", Some(self.purpose))
            .flag("exclusive", self.exclusive)
            .flag("refuse", self.refuse)
            .option("ttl", self.ttl)
            .wait(self.wait_seconds)
            .names(self.resources)
    }
}

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Release {
    /// What to release; without them, all that you claim.
    #[serde(default)]
    resources: Vec<String>,
    /// How things stand, for the next holder.
    #[serde(default)]
    status: Option<String>,
    /// What is to be done next, for the next holder.
    #[serde(default)]
    next: Option<String>,
}

impl Arguments for Release {
    fn words(self) -> Words {
        Line::of(&["release"])
            .flag("all-mine", self.resources.is_empty())
            .option("status", self.status)
            .option("next", self.next)
            .names(self.resources)
    }
}

/// What is done about a turn.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[schemars(crate = "schemars")]
#[serde(rename_all = "lowercase")]
enum TurnDone {
    #[default]
    Show,
    Take,
    Pass,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Turn {
    /// Whether to show who has it, to take it, or to pass it on.
    #[serde(default)]
    action: TurnDone,
    /// The room, if it is not "main".
    #[serde(default)]
    room: Option<String>,
    /// To pass: how things stand.
    #[serde(default)]
    status: Option<String>,
    /// To pass: what is to be done next.
    #[serde(default)]
    next: Option<String>,
    /// To pass: the session that is to have it, if not the next in line.
    #[serde(default)]
    to: Option<String>,
    /// To take: how many seconds to wait for it, at most 40.
    #[serde(default)]
    wait_seconds: Option<u16>,
}

impl Arguments for Turn {
    /// What does not go with the action is handed on, so that the verb says so.
    fn words(self) -> Words {
        let verb: &[&str] = match self.action {
            TurnDone::Show => &["turn"],
            TurnDone::Take => &["turn", "take"],
            TurnDone::Pass => &["turn", "pass"],
        };
        Line::of(verb)
            .option("status", self.status)
            .option("next", self.next)
            .option("to", self.to)
            .wait(self.wait_seconds)
            .names(self.room.into_iter().collect())
    }
}

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Tell {
    /// Whom: session ids, "user@host", a resource (those who claim it), or "all".
    #[serde(default)]
    to: Vec<String>,
    /// What to say; its first line is the subject.
    text: String,
    /// Whether you need an answer.
    #[serde(default)]
    ask: bool,
    /// Whether it is handed over at once.
    #[serde(default)]
    urgent: bool,
    /// The id of the message that this answers; its sender gets it.
    #[serde(default)]
    reply_to: Option<String>,
    /// The resource that it is about.
    #[serde(default)]
    about: Option<String>,
}

impl Arguments for Tell {
    fn words(self) -> Words {
        let (subject, rest) = match self.text.trim().split_once('\n') {
            Some((subject, rest)) => (subject.trim_end().to_owned(), Some(rest.trim().to_owned())),
            None => (self.text, None),
        };
        Line::of(&["tell"])
            .option("message", Some(subject))
            .option("message", rest.filter(|rest| !rest.is_empty()))
            .flag("ask", self.ask)
            .flag("urgent", self.urgent)
            .option("reply", self.reply_to)
            .option("about", self.about)
            .names(self.to)
    }
}

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct Inbox {
    /// Whether to mark what is unread as read instead of showing it.
    #[serde(default)]
    mark_read: bool,
    /// Whether to show what was read, too.
    #[serde(default)]
    all: bool,
    /// How many seconds to wait until there is a message, at most 40.
    #[serde(default)]
    wait_seconds: Option<u16>,
}

impl Arguments for Inbox {
    fn words(self) -> Words {
        Line::of(&["inbox"])
            .flag("ack", self.mark_read)
            .flag("all", self.all)
            .wait(self.wait_seconds)
            .0
    }
}

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct TaskNext {
    /// The list, if it is not "main".
    #[serde(default)]
    list: Option<String>,
    /// How many seconds to wait until one can be taken, at most 40.
    #[serde(default)]
    wait_seconds: Option<u16>,
}

impl Arguments for TaskNext {
    fn words(self) -> Words {
        Line::of(&["task", "next"])
            .option("list", self.list)
            .wait(self.wait_seconds)
            .0
    }
}

#[derive(Deserialize, JsonSchema)]
#[schemars(crate = "schemars")]
#[serde(deny_unknown_fields)]
pub(super) struct TaskDone {
    /// The task, if you hold more than one.
    #[serde(default)]
    id: Option<String>,
    /// What came of it, in one line.
    #[serde(default)]
    result: Option<String>,
    /// The list, if it is not "main".
    #[serde(default)]
    list: Option<String>,
}

impl Arguments for TaskDone {
    fn words(self) -> Words {
        Line::of(&["task", "done"])
            .option("list", self.list)
            .option("message", self.result)
            .names(self.id.into_iter().collect())
    }
}
