//! The records of a list of tasks: `list.toml` and `task-<id>.toml`.
//!
//! Owns their shapes on disk, and their conversion from and to the model. Never decides what may be
//! taken, never touches Git.

use serde::Deserialize;
use toml::value::Datetime;

use crate::ledger::records::wire::{Lines, Rest, instant, known_format, malformed, parse};
use crate::model::id::{NodeId, SessionId};
use crate::model::message::Text;
use crate::model::message::address::Address;
use crate::model::resource::Resource;
use crate::model::task::{
    Attempt, AttemptState, FINISHED_MAX, Finished, Key, LastWords, NEEDS_MAX, Name, Task, TaskId,
    TaskSpec, Workflow,
};
use crate::model::text::{Purpose, harmless_name};
use crate::model::unreadable::Defect;

/// The most bytes of a digest of a failure, and of a work tree with what it may be compared by.
const DIGEST_BYTES_MAX: usize = 256;
const TREE_BYTES_MAX: usize = 512;
/// Stands for a clone that an older record does not name, and is that of none.
const NO_NODE: NodeId = NodeId::from_bytes([0; 16]);

/// What a list says besides its tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListRecord {
    /// The tasks that are over, the last one last.
    pub finished: Vec<Finished>,
    /// What there is to say of workflows.
    pub workflows: Vec<Workflow>,
    /// Whether nothing new is given out.
    pub is_drained: bool,
}

#[derive(Deserialize)]
struct ListWire {
    format: u64,
    #[serde(default)]
    drained: bool,
    #[serde(default)]
    finished: Vec<FinishedWire>,
    #[serde(default)]
    workflows: Vec<WorkflowWire>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Deserialize)]
struct FinishedWire {
    id: String,
    done: bool,
    key: Option<String>,
    workflow: Option<String>,
}

#[derive(Deserialize)]
struct WorkflowWire {
    name: String,
    description: Option<String>,
}

#[derive(Deserialize)]
struct TaskWire {
    format: u64,
    id: String,
    title: String,
    text: Option<String>,
    #[serde(default)]
    needs: Vec<String>,
    priority: u8,
    #[serde(default)]
    claims: Vec<String>,
    key: Option<String>,
    to: Option<String>,
    #[serde(default)]
    checks: Vec<String>,
    workflow: Option<String>,
    #[serde(default)]
    after: Vec<String>,
    by: String,
    node: Option<String>,
    added_at: Datetime,
    blocked: Option<String>,
    #[serde(default)]
    attempts: u32,
    last_by: Option<String>,
    last_at: Option<Datetime>,
    last_words: Option<String>,
    attempt: Option<AttemptWire>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Deserialize)]
struct AttemptWire {
    state: String,
    number: u32,
    by: String,
    session: Option<String>,
    check: Option<String>,
    since: Datetime,
    #[serde(default)]
    failed: u32,
    #[serde(default)]
    unjudged: u32,
    #[serde(default)]
    interrupted: u32,
    failure: Option<String>,
    tree: Option<String>,
    said: Option<String>,
}

fn id(field: &str, text: &str) -> Result<TaskId, Defect> {
    TaskId::parse(text).ok_or_else(|| malformed(format!("{field}: no id of a task")))
}

/// Reads the record of a list from TOML, and the fields that this version does not know.
pub fn decode_list(bytes: &[u8]) -> Result<(ListRecord, Rest), Defect> {
    let wire: ListWire = parse(bytes)?;
    known_format(wire.format)?;
    if wire.finished.len() > FINISHED_MAX {
        return Err(malformed("it remembers too many tasks"));
    }
    let finished = wire.finished.into_iter().map(|over| {
        Ok(Finished {
            id: id("finished", &over.id)?,
            is_done: over.done,
            key: over.key.as_deref().and_then(Key::from_record),
            workflow: over.workflow.as_deref().and_then(Name::parse),
        })
    });
    let workflows = wire.workflows.into_iter().filter_map(|one| {
        Some(Workflow {
            name: Name::parse(&one.name)?,
            description: one.description.as_deref().map(Purpose::from_record),
        })
    });
    let record = ListRecord {
        finished: finished.collect::<Result<_, Defect>>()?,
        workflows: workflows.collect(),
        is_drained: wire.drained,
    };
    Ok((record, wire.rest))
}

/// Writes the record of a list as TOML.
pub fn encode_list(record: &ListRecord, rest: &Rest) -> Vec<u8> {
    let mut out = Lines::default();
    if record.is_drained {
        out.line("drained", true);
    }
    let finished = record.finished.iter().map(|over| {
        let id = text(over.id.as_str());
        let key = over.key.as_ref();
        let key = key.map(|key| format!(", key = {}", text(key.as_str())));
        let key = key.unwrap_or_default();
        let workflow = over.workflow.as_ref();
        let workflow = workflow.map(|name| format!(", workflow = {}", text(name.as_str())));
        let workflow = workflow.unwrap_or_default();
        format!("{{ id = {id}, done = {}{key}{workflow} }}", over.is_done)
    });
    let finished: Vec<String> = finished.collect();
    if !finished.is_empty() {
        out.line("finished", format!("[{}]", finished.join(", ")));
    }
    let workflows = record.workflows.iter().map(|one| {
        let said = one.description.as_ref();
        let said = said.map(|said| format!(", description = {}", text(said.as_str())));
        let name = text(one.name.as_str());
        format!("{{ name = {name}{} }}", said.unwrap_or_default())
    });
    let workflows: Vec<String> = workflows.collect();
    if !workflows.is_empty() {
        out.line("workflows", format!("[{}]", workflows.join(", ")));
    }
    out.finish(rest)
}

fn text(text: &str) -> toml::Value {
    toml::Value::from(text)
}

/// Reads a task from TOML, and the fields that this version does not know. A need or a claim that
/// cannot be read makes it damaged: without it, the task could be taken too early.
pub fn decode(bytes: &[u8]) -> Result<(Task, Rest), Defect> {
    let wire: TaskWire = parse(bytes)?;
    known_format(wire.format)?;
    if wire.needs.len() > NEEDS_MAX || wire.claims.len() > NEEDS_MAX {
        return Err(malformed("it has too many needs or claims"));
    }
    let session = |field: &str, text: &str| {
        SessionId::from_record(text).map_err(|e| malformed(format!("{field}: {e}")))
    };
    let needs = wire.needs.iter().map(|need| id("needs", need));
    let claims = wire
        .claims
        .iter()
        .map(|label| Resource::from_record(label).map_err(|e| malformed(format!("claims: {e}"))));
    let last = match (wire.last_by, wire.last_at, wire.last_words) {
        (Some(by), Some(at), Some(words)) => Some(LastWords {
            by: session("last_by", &by)?,
            at: instant("last_at", at)?,
            words: Purpose::from_record(&words),
        }),
        _ => None,
    };
    let checks = wire
        .checks
        .iter()
        .map(|name| Name::parse(name).ok_or_else(|| malformed("checks: no name of a check")));
    let to = wire
        .to
        .as_deref()
        .map(|to| Address::from_record(to).ok_or_else(|| malformed("to: no address")));
    let attempt = wire.attempt.map(attempt).transpose()?;
    let node = wire.node.as_deref().and_then(NodeId::parse);
    let task = Task {
        spec: TaskSpec {
            id: id("id", &wire.id)?,
            title: Purpose::from_record(&wire.title),
            text: wire.text.as_deref().map(Text::from_record),
            needs: needs.collect::<Result<_, Defect>>()?,
            priority: wire.priority,
            claims: claims.collect::<Result<_, Defect>>()?,
            key: wire.key.as_deref().and_then(Key::from_record),
            to: to.transpose()?,
            checks: checks.collect::<Result<_, Defect>>()?,
            workflow: wire.workflow.as_deref().and_then(Name::parse),
        },
        by: session("by", &wire.by)?,
        node: node.unwrap_or(NO_NODE),
        added_at: instant("added_at", wire.added_at)?,
        after: { wire.after.iter().take(NEEDS_MAX) }
            .filter_map(|id| TaskId::parse(id))
            .collect(),
        blocked: wire.blocked.as_deref().map(Purpose::from_record),
        attempts: wire.attempts,
        last,
        attempt,
    };
    Ok((task, wire.rest))
}

/// Writes a task as TOML.
pub fn encode(task: &Task, rest: &Rest) -> Vec<u8> {
    let mut out = Lines::default();
    spec(&mut out, &task.spec);
    let after = task.after.iter().map(ToString::to_string);
    names(&mut out, "after", after.collect());
    out.text("by", task.by.as_str());
    out.text("node", &task.node.to_string());
    out.line("added_at", task.added_at.to_rfc3339());
    if let Some(blocked) = &task.blocked {
        out.text("blocked", blocked.as_str());
    }
    out.line("attempts", task.attempts);
    if let Some(last) = &task.last {
        out.text("last_by", last.by.as_str());
        out.line("last_at", last.at.to_rfc3339());
        out.text("last_words", last.words.as_str());
    }
    if let Some(attempt) = &task.attempt {
        out.line("attempt", attempt_table(attempt));
    }
    out.finish(rest)
}

/// Reads an attempt. One of a state that this version does not know makes the task damaged: without
/// it, a command could be started twice.
fn attempt(wire: AttemptWire) -> Result<Attempt, Defect> {
    let session =
        |text: &str| SessionId::from_record(text).map_err(|e| malformed(format!("attempt: {e}")));
    let state = AttemptState::parse(&wire.state);
    Ok(Attempt {
        state: state.ok_or_else(|| malformed("attempt: no state of an attempt"))?,
        number: wire.number,
        by: session(&wire.by)?,
        session: wire.session.as_deref().map(session).transpose()?,
        check: wire.check.as_deref().and_then(Name::parse),
        since: instant("attempt", wire.since)?,
        failed: wire.failed,
        unjudged: wire.unjudged,
        interrupted: wire.interrupted,
        failure: wire
            .failure
            .map(|text| harmless_name(&text, DIGEST_BYTES_MAX)),
        tree: wire.tree.map(|text| harmless_name(&text, TREE_BYTES_MAX)),
        said: wire.said.as_deref().map(Text::from_record),
    })
}

fn attempt_table(attempt: &Attempt) -> toml::Value {
    let mut table = toml::Table::new();
    let mut put = |key: &str, value: toml::Value| table.insert(key.to_owned(), value);
    let since = attempt.since.to_rfc3339().parse::<Datetime>();
    put("state", text(attempt.state.as_str()));
    put("number", toml::Value::from(attempt.number));
    put("by", text(attempt.by.as_str()));
    if let Ok(since) = since {
        put("since", toml::Value::Datetime(since));
    }
    for (key, count) in [
        ("failed", attempt.failed),
        ("unjudged", attempt.unjudged),
        ("interrupted", attempt.interrupted),
    ] {
        put(key, toml::Value::from(count));
    }
    let words = [
        ("session", attempt.session.as_ref().map(SessionId::as_str)),
        ("check", attempt.check.as_ref().map(Name::as_str)),
        ("failure", attempt.failure.as_deref()),
        ("tree", attempt.tree.as_deref()),
        ("said", attempt.said.as_ref().map(Text::as_str)),
    ];
    for (key, word) in words {
        if let Some(word) = word {
            put(key, text(word));
        }
    }
    toml::Value::Table(table)
}

fn spec(out: &mut Lines, spec: &TaskSpec) {
    out.text("id", spec.id.as_str());
    out.text("title", spec.title.as_str());
    if let Some(text) = &spec.text {
        out.text("text", text.as_str());
    }
    let needs = spec.needs.iter().map(ToString::to_string);
    names(out, "needs", needs.collect());
    out.line("priority", spec.priority);
    let labels = spec.claims.iter().map(|claim| claim.label().to_owned());
    names(out, "claims", labels.collect());
    if let Some(key) = &spec.key {
        out.text("key", key.as_str());
    }
    if let Some(to) = &spec.to {
        out.text("to", &to.to_string());
    }
    let checks = spec.checks.iter().map(ToString::to_string);
    names(out, "checks", checks.collect());
    if let Some(workflow) = &spec.workflow {
        out.text("workflow", workflow.as_str());
    }
}

fn names(out: &mut Lines, key: &str, all: Vec<String>) {
    if !all.is_empty() {
        out.line(key, toml::Value::from(all));
    }
}
