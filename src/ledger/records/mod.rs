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
pub mod session;
pub mod state;
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
use lock::Standing;
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
        count_max: RECORDS_MAX,
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

/// The namespace with one ref per resource that is held exclusively, and one for all paths.
pub static LOCKS: Namespace = Namespace {
    noun: "lock",
    folder: layout::LOCKS_FOLDER,
    ownership: Ownership::Contended {
        decides: |resource| Some(layout::cell_key(resource)),
    },
    head: "cell.toml",
    kinds: &[&LOCK, &HANDOFF],
};

/// All namespaces. The first contended one that decides a resource counts, so [`LOCKS`], which
/// decides every resource, is last.
pub static TABLE: Table = Table(&[&SESSIONS, &LOCKS]);
