//! The table of the kinds of event.
//!
//! Owns [`KINDS`]: the word of each kind, its meaning, and how it is made of what was recorded.
//! Never knows how an event is stored.

use super::{Details, EventKind, LifeStep};

/// How one kind of event is recorded.
#[derive(Debug)]
pub struct KindRow {
    /// The word in the history.
    pub word: &'static str,
    /// What happened, for the documentation.
    pub meaning: &'static str,
    pub(super) read: fn(Details) -> Option<EventKind>,
}

/// The kinds of event that this version records.
///
/// The last part of a row makes the kind of what was recorded. It returns `None` where something
/// is missing that every writer of this kind records.
pub const KINDS: [KindRow; 19] = [
    row("claim", "at least one resource was claimed", |details| {
        Some(EventKind::Claimed {
            purpose: details.purpose?,
            token: details.token,
        })
    }),
    row(
        "renew",
        "all named resources were held already; purpose and time to live are new. In a register \
         also a heartbeat",
        |details| {
            Some(EventKind::Renewed {
                purpose: details.purpose,
                token: details.token,
            })
        },
    ),
    row(
        "wait",
        "a session queued a request for exclusive claims",
        |details| {
            let purpose = details.purpose?;
            Some(EventKind::Queued { purpose })
        },
    ),
    row("release", "claims were released", |details| {
        let (token, to) = (details.token, details.to);
        Some(EventKind::Released { token, to })
    }),
    row("heartbeat", "a heartbeat and nothing else", |_| {
        Some(EventKind::Heartbeat)
    }),
    row(
        "lapse",
        "a heartbeat, or a release, that found expired claims only",
        |_| Some(EventKind::Expired),
    ),
    row(
        "supersede",
        "a newer session of the same process replaced this one. All its claims are released; in a \
         register, they are those of the newer one, under the same token",
        |details| Some(EventKind::Superseded { by: details.by? }),
    ),
    row(
        "clear",
        "shared claims of a session whose program has ended were released by another session, with \
         the reason",
        |details| {
            Some(EventKind::Cleared {
                by: details.by?,
                reason: details.purpose?,
            })
        },
    ),
    row(
        "takeover",
        "in a register: granted over an expired lease, or one whose process is dead",
        |details| {
            Some(EventKind::TakenOver {
                from: details.from,
                purpose: details.purpose?,
                token: details.token?,
            })
        },
    ),
    row(
        "override",
        "in a register: taken from its holder by `release --force`, with the reason",
        |details| {
            Some(EventKind::Overridden {
                holder: details.from.into_iter().next()?,
                reason: details.purpose?,
                token: details.token?,
            })
        },
    ),
    row(
        "bypass",
        "a push or another action went on despite claims of other sessions, with the reason; no \
         claim changes",
        |details| {
            Some(EventKind::Bypassed {
                holders: details.from,
                around: details.around,
                reason: details.purpose?,
            })
        },
    ),
    row(
        "rename",
        "the clone took a new node id: this session continues from a ref under the old one, which \
         is the parent; the resources are those that moved",
        |_| Some(EventKind::Reidentified),
    ),
    row(
        "message",
        "a session sent a message to others; the purpose is its first line",
        |details| {
            Some(EventKind::Messaged {
                subject: details.purpose?,
                to: details.addresses,
            })
        },
    ),
    row(
        "state",
        "a session said of resources what is true of them; `cleared` ends what it, or with a reason \
         another session, had said",
        |details| {
            Some(EventKind::StateSaid {
                word: details.state?,
                version: details.version,
                notes: details.purpose,
                over: details.from,
            })
        },
    ),
    row(
        "task",
        "in a list of tasks: a task was added, taken, handed back, blocked, done, dropped or changed, \
         or the list was drained",
        |details| {
            Some(EventKind::Task {
                transition: details.transition?,
                words: details.purpose,
                token: details.token,
            })
        },
    ),
    row(
        "start",
        "a session began; the purpose says how",
        |details| lived(LifeStep::Start, details),
    ),
    row(
        "resume",
        "a session went on in another process, or after its end; the purpose says how",
        |details| lived(LifeStep::Resume, details),
    ),
    row(
        "end",
        "a session ended and released what it had; the purpose says how. `auto-detected` was found \
         by `sessions reconcile`",
        |details| lived(LifeStep::End, details),
    ),
    row(
        "repair",
        "`doctor --repair` dropped unreadable records",
        |details| {
            let token = details.token;
            Some(EventKind::Repaired { token })
        },
    ),
];

fn lived(step: LifeStep, details: Details) -> Option<EventKind> {
    let how = details.purpose?;
    Some(EventKind::Lived { step, how })
}

const fn row(
    word: &'static str,
    meaning: &'static str,
    read: fn(Details) -> Option<EventKind>,
) -> KindRow {
    KindRow {
        word,
        meaning,
        read,
    }
}
