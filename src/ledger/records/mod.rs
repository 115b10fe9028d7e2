//! The table of record kinds below `refs/presence/`.
//!
//! Owns [`TABLE`], its rows of one [`Kind`] each, and the namespaces they belong to; each codec is
//! in a file of its own. A new kind needs a codec, a row here, and its name among the kinds of a
//! namespace: reading, listing, swapping, history, copies, health, new node ids and sync go by this
//! table. Never touches Git.

pub mod claim;
pub mod event;
pub mod handoff;
pub mod lock;
pub mod marks;
pub mod message;
mod plain_lines;
pub mod session;
pub mod state;
pub mod task;
#[cfg(test)]
mod tests;
pub mod wire;

use crate::ledger::kind::{FileName, Kind, Limits, Namespace, Ownership, Table};
use crate::ledger::layout;
use crate::model::claim::Claim;
use crate::model::handoff::Handoff;
use crate::model::message::Message;
use crate::model::message::marks::Marks;
use crate::model::message::outbox::MESSAGES_MAX;
use crate::model::state::{STATES_MAX, Statement};
use crate::model::task::{TASKS_MAX, Task};
use lock::Standing;
use task::ListRecord;
use wire::RECORD_BYTES_MAX;

/// A tree has at most 256 entries, and one of them is its head.
const RECORDS_MAX: usize = crate::model::lock::RECORDS_MAX;

/// The most handoffs of one register.
const HANDOFFS_MAX: usize = crate::model::handoff::KEPT_MAX;

/// A shared claim, or a queued request for an exclusive one, beside the session that made it.
pub static CLAIM: Kind<Claim> = Kind {
    noun: "claim",
    file: FileName::Hashed("claim-"),
    label: |claim| claim.resource.label().into(),
    decode: claim::decode,
    encode: claim::encode,
    limits: Limits {
        bytes_max: RECORD_BYTES_MAX,
        count_max: RECORDS_MAX,
    },
};

/// An exclusive claim or an offer, beside the cell in which it was decided.
pub static LOCK: Kind<Standing> = Kind {
    noun: "lock",
    file: FileName::Hashed("lock-"),
    label: |standing| standing.resource().label().into(),
    decode: lock::decode,
    encode: lock::encode,
    limits: Limits {
        bytes_max: RECORD_BYTES_MAX,
        // Each task of a list can be held; the tree of any other register is smaller.
        count_max: TASKS_MAX,
    },
};

/// What the last holder of a resource left for the next one, beside the locks.
pub static HANDOFF: Kind<Handoff> = Kind {
    noun: "handoff",
    file: FileName::Hashed("handoff-"),
    label: |handoff| handoff.resource.label().into(),
    decode: handoff::decode,
    encode: handoff::encode,
    limits: Limits {
        bytes_max: RECORD_BYTES_MAX,
        count_max: HANDOFFS_MAX,
    },
};

/// A task of a list, beside the locks of the list.
pub static TASK: Kind<Task> = Kind {
    noun: "task",
    file: FileName::Plain("task-"),
    label: |task| task.spec.id.as_str().into(),
    decode: task::decode,
    encode: task::encode,
    limits: Limits {
        bytes_max: RECORD_BYTES_MAX,
        count_max: TASKS_MAX,
    },
};

/// What a list says besides its tasks.
pub static LIST: Kind<ListRecord> = Kind {
    noun: "list of tasks",
    file: FileName::Plain("list"),
    label: |_| "".into(),
    decode: task::decode_list,
    encode: task::encode_list,
    limits: Limits {
        bytes_max: RECORD_BYTES_MAX,
        count_max: 1,
    },
};

/// A message, beside the session that sent it.
pub static MESSAGE: Kind<Message> = Kind {
    noun: "message",
    file: FileName::Plain("message-"),
    label: |message| message.number.to_string().into(),
    decode: message::decode,
    encode: message::encode,
    limits: Limits {
        bytes_max: RECORD_BYTES_MAX,
        count_max: 2 * MESSAGES_MAX,
    },
};

/// What a session has read, beside the session.
pub static MARKS: Kind<Marks> = Kind {
    noun: "read mark",
    file: FileName::Plain("marks"),
    label: |_| "".into(),
    decode: marks::decode,
    encode: marks::encode,
    limits: Limits {
        bytes_max: RECORD_BYTES_MAX,
        count_max: 1,
    },
};

/// What a session said of a resource, beside the session.
pub static STATE: Kind<Statement> = Kind {
    noun: "state",
    file: FileName::Hashed("state-"),
    label: |statement| statement.saying.resource.label().into(),
    decode: state::decode,
    encode: state::encode,
    limits: Limits {
        bytes_max: RECORD_BYTES_MAX,
        count_max: STATES_MAX,
    },
};

/// The namespace with one ref per session and clone.
pub static SESSIONS: Namespace = Namespace {
    noun: "session",
    folder: layout::SESSIONS_FOLDER,
    ownership: Ownership::Owned,
    head: "session.toml",
    kinds: &[&CLAIM, &MESSAGE, &MARKS, &STATE],
};

/// The namespace with one ref per resource that is held exclusively, one for all paths, and one for
/// each list of tasks.
pub static LOCKS: Namespace = Namespace {
    noun: "lock",
    folder: layout::LOCKS_FOLDER,
    ownership: Ownership::Contended {
        decides: |resource| Some(layout::cell_key(resource)),
    },
    head: "cell.toml",
    kinds: &[&LOCK, &HANDOFF, &TASK, &LIST],
};

/// All namespaces. The first contended one that decides a resource counts, so [`LOCKS`], which
/// decides every resource, is last.
pub static TABLE: Table = Table(&[&SESSIONS, &LOCKS]);
