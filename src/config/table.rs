//! Table of all settings.
//!
//! Owns [`SETTINGS`]: key, accepted values, default, meaning and setter of each, one row a setting.
//! The reader, its errors and the table in docs/guide.md come from here. Never reads a file itself.

use super::values::{self, put, span};
use super::{Color, Config};
use crate::model::time::Ttl;

const SECS_A_DAY: u64 = 24 * 60 * 60;
const WAIT_GRACE_SECS_MAX: u64 = 10 * 60;
const RETENTION_DAYS_MAX: u64 = 365;
const DEADLINE_SECS_MAX: u64 = 60;
/// A caller waits no longer than this for a first look.
const FIRST_LOOK_SECS_MAX: u64 = 60 * 60;
const PUSHES_PER_MINUTE_MAX: usize = 60;

const BOOLEAN: &str = "true or false";
const COLOR: &str = "auto, always, never";
const SPAN: &str = "0 to 24h, written as 30 or 2m";
const DAYS: &str = "1d to 365d, written as 7d";

/// One setting: a row of the table.
#[derive(Debug)]
pub struct Setting {
    /// The key in camelCase, as the documentation spells it: `presence.clockSkew`.
    pub key: &'static str,
    /// The accepted values, in words for an error and for the documentation.
    pub allowed: &'static str,
    /// What holds where nothing is configured.
    pub default: Unset,
    /// What the setting does, as a fragment without a full stop.
    pub meaning: &'static str,
    /// Reads a value and stores it; returns false if the value is not accepted.
    pub(super) set: fn(&mut Config, &str) -> bool,
}

/// What holds where a setting is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unset {
    /// A value that could be written down.
    Value(&'static str),
    /// A rule, in words.
    Rule(&'static str),
}

/// All settings, in the order in which they are documented.
pub static SETTINGS: &[Setting] = &[
    Setting {
        key: "presence.ledger",
        allowed: "a path; a relative one starts at the top of the repository",
        default: Unset::Rule("this repository"),
        meaning: "keep the board in another repository; one board can serve many repositories",
        set: |config, value| put(&mut config.ledger, Some(Some(value.to_owned()))),
    },
    Setting {
        key: "presence.project",
        allowed: "a name, such as shop or team/shop; empty for none",
        default: Unset::Rule(
            "if the board is kept in another repository: the last part of the URL of the remote, \
             or else the name of the folder",
        ),
        meaning: "what stands in front of the paths and branches of this repository on a board \
                  that several repositories share",
        set: |config, value| put(&mut config.project, Some(Some(value.to_owned()))),
    },
    Setting {
        key: "presence.ttl",
        allowed: "10s to 24h, written as 900, 15m or 1h30m",
        default: Unset::Value("15m"),
        meaning: "how long a claim lasts without a heartbeat",
        set: |config, value| put(&mut config.ttl, Ttl::parse(value).ok()),
    },
    Setting {
        key: "presence.heartbeat",
        allowed: "0 to 24h, written as 120 or 2m",
        default: Unset::Value("2m"),
        meaning: "the shortest time between two written heartbeats; a third of the shortest claim \
                  if that is less",
        set: |config, value| put(&mut config.heartbeat_secs, span(value, 0..=SECS_A_DAY)),
    },
    Setting {
        key: "presence.onConflict",
        allowed: "warn, refuse",
        default: Unset::Value("warn"),
        meaning: "what `claim` does when another session holds the resource",
        set: |config, value| put(&mut config.on_conflict, values::on_conflict(value)),
    },
    Setting {
        key: "presence.clockSkew",
        allowed: SPAN,
        default: Unset::Value("30s"),
        meaning: "how far clocks may differ; an expired exclusive claim can be taken over after \
                  this much longer",
        set: |config, value| put(&mut config.clock_skew_secs, span(value, 0..=SECS_A_DAY)),
    },
    Setting {
        key: "presence.waitGrace",
        allowed: "0 to 10m",
        default: Unset::Value("30s"),
        meaning: "how long a wait that ended without the resource keeps its place in the queue",
        set: |config, value| {
            let secs = span(value, 0..=WAIT_GRACE_SECS_MAX);
            put(&mut config.wait_grace_secs, secs)
        },
    },
    Setting {
        key: "presence.fsync",
        allowed: BOOLEAN,
        default: Unset::Value("true"),
        meaning: "whether a reported write survives a power cut",
        set: |config, value| put(&mut config.fsync, values::boolean(value)),
    },
    Setting {
        key: "presence.prePush",
        allowed: "off, warn, exclusive, block",
        default: Unset::Value("exclusive"),
        meaning: "what the pre-push hook does about claims of other sessions: skip the check, warn, \
                  stop the push on exclusive claims, stop it on any claim",
        set: |config, value| put(&mut config.pre_push, values::pre_push(value)),
    },
    Setting {
        key: "presence.requireClaim",
        allowed: BOOLEAN,
        default: Unset::Value("false"),
        meaning: "whether `hook pre-apply` requires that your session claims the resources; the \
                  older word for `presence.requireClaimFor=pipeline`",
        set: |config, value| put(&mut config.required.apply, values::boolean(value)),
    },
    Setting {
        key: "presence.requireClaimFor",
        allowed: "edit, commit, push, pipeline; several with commas between them; empty for none",
        default: Unset::Rule("none"),
        meaning: "what needs a claim of your own: an edit by an agent (of the file, as \
                  `presence.enforce` says), a commit (of its files, by `hook pre-commit`), a push \
                  (of its files, or else of the branch, by `hook pre-push`), what calls `hook pre-apply` (of its resources)",
        set: |config, value| config.required.take(values::required(value)),
    },
    Setting {
        key: "presence.remote",
        allowed: "the name of a remote",
        default: Unset::Rule("`origin`, or the only remote"),
        meaning: "the remote through which the board is shared",
        set: |config, value| put(&mut config.sync.remote, Some(Some(value.to_owned()))),
    },
    Setting {
        key: "presence.autoSync",
        allowed: BOOLEAN,
        default: Unset::Value("true"),
        meaning: "whether verbs push and fetch without being asked to",
        set: |config, value| put(&mut config.sync.auto, values::boolean(value)),
    },
    Setting {
        key: "presence.staleAfter",
        allowed: SPAN,
        default: Unset::Value("30s"),
        meaning: "how old the last fetch may be before a reading verb starts a new one in the \
                  background",
        set: |config, value| {
            put(
                &mut config.sync.stale_after_secs,
                span(value, 0..=SECS_A_DAY),
            )
        },
    },
    Setting {
        key: "presence.syncDeadline",
        allowed: "1s to 60s",
        default: Unset::Value("3s"),
        meaning: "how long `claim` and `release` wait for the remote",
        set: |config, value| {
            put(
                &mut config.sync.deadline_secs,
                span(value, 1..=DEADLINE_SECS_MAX),
            )
        },
    },
    Setting {
        key: "presence.firstLook",
        allowed: "1s to 1h",
        default: Unset::Value("20s"),
        meaning: "how long `claim` waits while the remote answers and this clone has not seen all \
                  of it yet",
        set: |config, value| {
            put(
                &mut config.sync.first_look_secs,
                span(value, 1..=FIRST_LOOK_SECS_MAX),
            )
        },
    },
    Setting {
        key: "presence.pushesPerMinute",
        allowed: "0 to 60",
        default: Unset::Value("4"),
        meaning: "how many pushes a minute this clone makes in the background",
        set: |config, value| {
            let count = values::count(value, PUSHES_PER_MINUTE_MAX);
            put(&mut config.sync.pushes_per_minute, count)
        },
    },
    Setting {
        key: "presence.sshMultiplex",
        allowed: BOOLEAN,
        default: Unset::Value("true"),
        meaning: "whether ssh calls share one connection, kept open for a minute",
        set: |config, value| put(&mut config.sync.ssh_multiplex, values::boolean(value)),
    },
    Setting {
        key: "presence.retention",
        allowed: DAYS,
        default: Unset::Value("7d"),
        meaning: "how long a silent session stays on the board; one of this clone that released \
                  everything stays for a day",
        set: |config, value| put(&mut config.sync.retention.silent_secs, days(value)),
    },
    Setting {
        key: "presence.lockRetention",
        allowed: DAYS,
        default: Unset::Value("30d"),
        meaning: "how long the board keeps the register of a resource that is no longer held \
                  exclusively",
        set: |config, value| put(&mut config.sync.retention.free_secs, days(value)),
    },
    Setting {
        key: "presence.archive",
        allowed: "local, remote, none",
        default: Unset::Value("local"),
        meaning: "where the histories of sessions go that left the board: into this clone, to the \
                  remote as well, or nowhere",
        set: |config, value| put(&mut config.sync.archive, values::archive(value)),
    },
    Setting {
        key: "presence.enforce",
        allowed: "off, warn, ask, deny",
        default: Unset::Value("warn"),
        meaning: "what an agent's hook does before a command that changes what the agent does not \
                  claim or another session claims, and before an edit of a file that another \
                  session claims",
        set: |config, value| put(&mut config.agents.enforce, values::Enforce::parse(value)),
    },
    Setting {
        key: "presence.guard",
        allowed: "a rule; the key may be repeated",
        default: Unset::Rule("none"),
        meaning: "what command lines change, besides the [shipped rules](guard.md)",
        // The guard reads its rules where it needs them, and names the one that it cannot read.
        set: |_, _| true,
    },
    Setting {
        key: "presence.guardOff",
        allowed: "names of families of shipped rules, such as http or machines",
        default: Unset::Rule("none"),
        meaning: "which shipped rules about command lines do not count; `git presence guard list` \
                  names them",
        set: |_, _| true,
    },
    Setting {
        key: "presence.guardAlone",
        allowed: BOOLEAN,
        default: Unset::Value("false"),
        meaning: "whether a command that changes this machine alone, such as a service or a local \
                  container, needs a claim also while no other session of the machine lives",
        set: |config, value| put(&mut config.agents.guard_alone, values::boolean(value)),
    },
    Setting {
        key: "presence.claimOnEdit",
        allowed: BOOLEAN,
        default: Unset::Value("false"),
        meaning: "whether the first edit of a file by an agent claims it, shared, unless another \
                  session claims it",
        set: |config, value| put(&mut config.agents.claim_on_edit, values::boolean(value)),
    },
    Setting {
        key: "presence.sessionPattern",
        allowed: "a name of tmux sessions, such as agents-*; empty for none",
        default: Unset::Rule("none"),
        meaning: "what else `sessions reconcile` takes for a session than the harnesses that it \
                  knows: each pane of a session of tmux with such a name",
        set: |config, value| {
            let pattern = Some(value.to_owned()).filter(|value| !value.is_empty());
            put(&mut config.session_pattern, Some(pattern))
        },
    },
    Setting {
        key: "presence.sharedSession",
        allowed: BOOLEAN,
        default: Unset::Value("false"),
        meaning: "whether agents that were started with one `GIT_PRESENCE_SESSION` are one session; \
                  else the first one has that id, and each later one is told apart by a suffix",
        set: |config, value| put(&mut config.shared_session, values::boolean(value)),
    },
    Setting {
        key: "presence.keeper",
        allowed: BOOLEAN,
        default: Unset::Value("false"),
        meaning: "whether the claims of an agent are renewed for as long as its harness runs",
        set: |config, value| put(&mut config.agents.keeper, values::boolean(value)),
    },
    Setting {
        key: "presence.inbox",
        allowed: "off, prompt, stop",
        default: Unset::Value("stop"),
        meaning: "when messages are handed over to an agent: never; when it starts, at a prompt and \
                  after a tool; or also when a turn is about to end, which then goes on",
        set: |config, value| put(&mut config.agents.inbox, values::inbox(value)),
    },
    Setting {
        key: "presence.acceptWork",
        allowed: "mine, team",
        default: Unset::Value("mine"),
        meaning: "whose tasks `task run` works on: those that were made in this clone, or in any",
        set: |config, value| put(&mut config.agents.accept_work, values::accept_work(value)),
    },
    Setting {
        key: "color.presence",
        allowed: COLOR,
        default: Unset::Rule("`color.ui`"),
        meaning: "when to colour the output; the variable `NO_COLOR` turns colour off",
        set: |config, value| {
            config.color_source = Color::Presence;
            put(&mut config.color, values::color(value))
        },
    },
    Setting {
        key: "color.ui",
        allowed: COLOR,
        default: Unset::Value("auto"),
        meaning: "the same, for Git and all its commands",
        set: |config, value| match config.color_source {
            Color::Presence => true,
            Color::Git => put(&mut config.color, values::color(value)),
        },
    },
];

/// Reads a time span of whole days or more, in seconds.
fn days(value: &str) -> Option<u64> {
    span(value, SECS_A_DAY..=RETENTION_DAYS_MAX * SECS_A_DAY)
}
