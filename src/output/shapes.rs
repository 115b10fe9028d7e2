//! The JSON shapes that several answers share: [`Claim`], [`Event`], [`Record`], instants.
//!
//! Owns their fields. The doc comment of a field is its meaning in `docs/json.md`. Never knows a
//! report.

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::model::claim::Mode;
use crate::model::event::{Around, DetailsRef, Entry, EventKind};
use crate::model::holding::{Asker, Holding};
use crate::model::id::SessionId;
use crate::model::message::MessageId;
use crate::model::resource::Resource;
use crate::model::state::{Version, Word};
use crate::model::text::{Purpose, is_unsafe};
use crate::model::time::Timestamp;
use crate::model::token::Token;
use crate::model::transition::TaskState;
use crate::model::unreadable::Unreadable;

/// An instant: a string, RFC 3339 in UTC with milliseconds.
#[derive(Clone, Copy)]
pub(super) struct At(pub Timestamp);

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339())
    }
}

/// A claim, or a lock of one resource, as one session has it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Claim<'a> {
    /// the session that holds it
    session_id: &'a str,
    /// the label, in canonical spelling
    resource: &'a str,
    /// the purpose, one line
    purpose: &'a str,
    /// `shared`; `exclusive`: no other session can have it; `waiting`: a queued request for an
    /// exclusive claim, which holds nothing
    mode: &'static str,
    /// when it was claimed, or granted; a renewal keeps it
    claimed_at: At,
    /// the last heartbeat of its session; of an exclusive claim, the last renewal
    seen_at: At,
    /// when it expires without another heartbeat
    expires_at: At,
    /// the user of the session
    user: &'a str,
    /// the machine of the session
    host: &'a str,
    /// the harness or CI system, if known
    agent: Option<&'a str>,
    /// the path of the work tree of the session when it was heard of last, if known
    folder: Option<&'a str>,
    /// the branch that it had checked out, if known
    branch: Option<&'a str>,
    /// whether the program of the session has certainly ended; known of this machine only, and only
    /// by `list`, `peek`, `sessions`, `status` and failures
    gone: bool,
    /// whether the remote has this claim; `true` without a remote, because this repository decides
    confirmed: bool,
    /// the fencing token; present with `exclusive` only
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<u64>,
    /// whether it is the caller's session; absent in `held_by` of a failure, in `granted`, in
    /// `others` of a hook and in `fence`
    #[serde(skip_serializing_if = "Option::is_none")]
    is_me: Option<bool>,
}

impl<'a> Claim<'a> {
    /// Takes a claim as it is on the board.
    pub(super) fn of(holding: &'a Holding) -> Self {
        Self {
            session_id: holding.session.as_str(),
            resource: holding.resource.label(),
            purpose: holding.purpose.as_str(),
            mode: holding.mode.as_str(),
            claimed_at: At(holding.claimed_at),
            seen_at: At(holding.seen_at),
            expires_at: At(holding.expires_at),
            user: &holding.user,
            host: &holding.host,
            agent: holding.agent.as_deref(),
            folder: holding.whereabouts.folder.as_deref(),
            branch: holding.whereabouts.branch.as_deref(),
            gone: holding.is_gone,
            confirmed: holding.confirmed,
            token: holding.token.map(Token::number),
            is_me: None,
        }
    }

    /// Takes a claim as the session that asks sees it.
    pub(super) fn seen_by(me: &Asker, holding: &'a Holding) -> Self {
        Self {
            is_me: Some(me.owns(holding)),
            ..Self::of(holding)
        }
    }
}

/// An event of the log.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Event<'a> {
    /// when it was recorded
    at: At,
    /// what happened, one of the words below
    event: &'a str,
    /// the session that it happened to
    session_id: &'a str,
    /// labels
    resources: Vec<&'a str>,
    /// labels of claims that had expired and were dropped
    #[serde(rename = "lapsed")]
    expired: Vec<&'a str>,
    /// the purpose or reason, if there is one
    purpose: Option<&'a str>,
    /// the session that caused it, if that is another one
    by: Option<&'a str>,
    /// as in a claim: how it was claimed, held or wanted; null for an event that is not about that
    mode: Option<&'static str>,
    /// the fencing token of an exclusive claim, of several the last one; null otherwise
    token: Option<u64>,
    /// the former holders for a `takeover` or an `override`, the present ones for a `bypass`, and
    /// for a `state` those whose `frozen` was lifted by force
    from: Vec<&'a str>,
    /// the claims that were bypassed, 64 at most; empty if an older version recorded the event
    around: Vec<BypassedClaim<'a>>,
    /// the session that it is offered to; the addresses of a message, and the sessions at them
    to: Vec<&'a str>,
    /// the id of a message, as long as it is there; null otherwise
    message_id: Option<&'a str>,
    /// what a session said is true of the resources, for `state`; null otherwise
    state: Option<&'a str>,
    /// when a `frozen` ends or ended, as far as its session still says so; null otherwise
    frozen_until: Option<At>,
    /// the version that it named; null otherwise
    version: Option<&'a str>,
    /// the state of a task before, for `task`; null otherwise
    from_state: Option<&'static str>,
    /// the state of a task after that; null otherwise
    to_state: Option<&'static str>,
    /// why a task changed its state; null otherwise
    cause: Option<&'static str>,
    /// the full object id of the commit that recorded it
    id: &'a str,
    /// the ref whose history it is in, by its name at the remote; null for what is in an archive
    #[serde(rename = "ref")]
    ref_name: Option<&'a str>,
    /// the same as `id`
    commit: &'a str,
}

/// A claim that a bypass went around.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct BypassedClaim<'a> {
    /// who held it
    session_id: &'a str,
    /// the label
    resource: &'a str,
}

impl<'a> Event<'a> {
    /// Takes an event as it stands in the history.
    pub(super) fn of(entry: &'a Entry) -> Self {
        Self::beside(entry, (None, None))
    }

    /// Takes an event with what the board says of it: the id of a message, the end of a freeze.
    pub(super) fn beside(
        entry: &'a Entry,
        (message, frozen_until): (Option<&'a MessageId>, Option<Timestamp>),
    ) -> Self {
        let event = &entry.event;
        let details = event.kind.details();
        let moved = details.transition;
        let around = |around: &'a Around| BypassedClaim {
            session_id: around.session.as_str(),
            resource: around.resource.label(),
        };
        Self {
            at: At(entry.at),
            event: event.kind.word(),
            session_id: event.session.as_str(),
            resources: labels(&event.resources),
            expired: labels(&event.expired),
            purpose: details.purpose.map(Purpose::as_str),
            by: details.by.map(SessionId::as_str),
            mode: mode_of(&event.kind).map(Mode::as_str),
            token: details.token.map(Token::number),
            from: details.from.iter().map(SessionId::as_str).collect(),
            around: details.around.iter().map(around).collect(),
            to: recipients(details),
            message_id: message.map(MessageId::as_str),
            state: details.state.map(Word::as_str),
            frozen_until: frozen_until.map(At),
            version: details.version.map(Version::as_str),
            from_state: moved.and_then(|moved| moved.from).map(TaskState::as_str),
            to_state: moved.and_then(|moved| moved.to).map(TaskState::as_str),
            cause: moved.map(|moved| moved.cause.as_str()),
            id: &entry.commit,
            ref_name: entry.ref_name.as_deref(),
            commit: &entry.commit,
        }
    }
}

/// Returns to whom an event is.
fn recipients(details: DetailsRef<'_>) -> Vec<&str> {
    let offered = details.to.map(SessionId::as_str).into_iter();
    let addressed = details.addresses.iter().map(String::as_str);
    offered.chain(addressed).collect()
}

/// Returns how the resources of an event were claimed, held or wanted; `None` for an event that is
/// not about that.
pub(super) const fn mode_of(kind: &EventKind) -> Option<Mode> {
    match kind {
        EventKind::Claimed { token: None, .. }
        | EventKind::Renewed { token: None, .. }
        | EventKind::Released { token: None, .. } => Some(Mode::Shared),
        EventKind::Claimed { .. }
        | EventKind::Renewed { .. }
        | EventKind::Released { .. }
        | EventKind::TakenOver { .. }
        | EventKind::Overridden { .. } => Some(Mode::Exclusive),
        EventKind::Queued { .. } => Some(Mode::Waiting),
        _ => None,
    }
}

/// A record that cannot be read.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Record<'a> {
    /// the ref, and the file below it
    place: &'a str,
    /// what is wrong with it, for people
    defect: String,
}

impl<'a> Record<'a> {
    /// Takes a record that the ledger could not read.
    pub(super) fn of(unreadable: &'a Unreadable) -> Self {
        Self {
            place: &unreadable.place,
            defect: unreadable.defect.to_string(),
        }
    }

    /// Takes all of a list.
    pub(super) fn all(list: &'a [Unreadable]) -> Vec<Self> {
        list.iter().map(Self::of).collect()
    }
}

/// Returns the labels of `resources`.
pub(super) fn labels(resources: &[Resource]) -> Vec<&str> {
    resources.iter().map(Resource::label).collect()
}

/// Returns a shape as a value, its fields in alphabetical order.
pub(super) fn value(shape: &impl Serialize) -> Value {
    // Fields are strings and nothing here fails by itself, so there is always a value.
    serde_json::to_value(shape).unwrap_or_default()
}

/// Returns a value as one line that is safe to print.
pub(super) fn line(value: &Value) -> String {
    let mut out = String::new();
    push_safely(&mut out, &value.to_string());
    out.push('\n');
    out
}

/// Returns a list of shapes as one line that is safe to print. They are spelled one after the
/// other, which takes far less memory than a value of them all; a shape names its fields in
/// alphabetical order.
pub(super) fn line_of_list(list: impl Iterator<Item = impl Serialize>) -> String {
    let mut out = String::from("[");
    for (n, shape) in list.enumerate() {
        if n > 0 {
            out.push(',');
        }
        // Fields are strings and nothing here fails by itself.
        push_safely(&mut out, &serde_json::to_string(&shape).unwrap_or_default());
    }
    out.push_str("]\n");
    out
}

/// Inside a JSON string an escape means the same, and does nothing to a terminal.
fn push_safely(out: &mut String, json: &str) {
    // A loop without a way out takes many bytes at a time.
    let is_plain = json
        .bytes()
        .fold(true, |all, b| all & matches!(b, 0x20..0x7f));
    if is_plain {
        out.push_str(json);
        return;
    }
    let mut rest = json;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_unsafe(*c)) {
        out.push_str(&rest[..at]);
        for unit in c.encode_utf16(&mut [0; 2]) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
        rest = &rest[at + c.len_utf8()..];
    }
    out.push_str(rest);
}

#[cfg(test)]
impl schemars::JsonSchema for At {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "At".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<Claim<'_>>("claim"),
        whole::<Event<'_>>("event"),
        whole::<Record<'_>>("unreadable"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_one_line_however_it_is_spelled() {
        for list in [
            &[][..],
            &["a"],
            &["a\u{202e}b", "\u{1b}[2J\"\\", "\u{e0041}é", ""],
        ] {
            let at_once = line(&value(&list));
            assert_eq!(line_of_list(list.iter()), at_once);
            assert!(!at_once.trim_end().chars().any(is_unsafe), "{at_once}");
        }
    }
}
