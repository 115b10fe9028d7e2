//! The tools of the server for agents: [`TOOLS`].
//!
//! Owns their names, what a model is told of them, and the command line that a call stands for
//! ([`words`]): what a tool does is what that verb does. Never runs anything.

use std::sync::Arc;

use rmcp::model::{Tool, ToolAnnotations};
use rmcp::schemars::{self, JsonSchema};
use serde_json::{Map, Value};

use super::arguments::{
    Arguments, Board, Claim, Inbox, Release, TaskDone, TaskNext, Tell, Turn, Words,
};

/// One tool.
pub(super) struct ToolOf {
    name: &'static str,
    about: &'static str,
    /// Whether it changes nothing.
    reads: bool,
    /// Whether a second call with the same arguments changes nothing more.
    is_idempotent: bool,
    schema: fn() -> Map<String, Value>,
    words: fn(Value) -> Result<Words, serde_json::Error>,
}

/// All tools, in the order in which they are listed.
pub(super) const TOOLS: [ToolOf; 8] = [
    ToolOf {
        reads: true,
        ..tool::<Board>(
            "board",
            "Who is changing what right now: your claims, those of others, turns, messages, tasks. \
             With resources: who holds each of them. Look before you change something.",
        )
    },
    tool::<Claim>(
        "claim",
        "Claim what you are about to change, all or none, and see who else claims it. Claim before \
         you edit, push or apply.",
    ),
    tool::<Release>(
        "release",
        "Release what you are done with; without resources, all that you claim.",
    ),
    tool::<Turn>(
        "turn",
        "Who has the turn in a room and who is next; take the turn, or pass it on with what the \
         next one has to know.",
    ),
    ToolOf {
        is_idempotent: false,
        ..tool::<Tell>("tell", "Send a message to other sessions, or answer one.")
    },
    tool::<Inbox>(
        "inbox",
        "The messages to you that you have not read; to mark them as read, say so.",
    ),
    ToolOf {
        is_idempotent: false,
        ..tool::<TaskNext>(
            "task_next",
            "Take the next task that is ready, with all that it claims.",
        )
    },
    tool::<TaskDone>("task_done", "Finish a task that you hold."),
];

const fn tool<A: Arguments>(name: &'static str, about: &'static str) -> ToolOf {
    ToolOf {
        name,
        about,
        reads: false,
        is_idempotent: true,
        schema: || schema_of::<A>(),
        words: |arguments| serde_json::from_value::<A>(arguments).map(A::words),
    }
}

/// Returns the schema of the arguments. What may be left out is not said to be null as well: some
/// models are told of one type only.
fn schema_of<A: JsonSchema>() -> Map<String, Value> {
    let schema = schemars::SchemaGenerator::default().into_root_schema_for::<A>();
    let Value::Object(mut schema) = Value::from(schema) else {
        return Map::new();
    };
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for property in properties.into_iter().flat_map(Map::values_mut) {
        let of = property["type"].as_array();
        let of = of
            .and_then(|of| of.iter().find(|one| *one != "null"))
            .cloned();
        if let (Some(of), Some(property)) = (of, property.as_object_mut()) {
            property.insert("type".to_owned(), of);
            property.remove("default");
        }
    }
    schema
}

impl ToolOf {
    /// Returns what a model is told of it.
    pub(super) fn described(&self) -> Tool {
        let hints = ToolAnnotations::new()
            .read_only(self.reads)
            .destructive(false)
            .idempotent(self.is_idempotent)
            .open_world(false);
        Tool::new(self.name, self.about, Arc::new((self.schema)())).with_annotations(hints)
    }
}

/// Why a call stands for no command line.
#[derive(Debug)]
pub(super) enum Wrong {
    /// There is no such tool.
    NoTool,
    /// The arguments are not those of the tool.
    Arguments(serde_json::Error),
}

/// Returns the command line that a call stands for.
pub(super) fn words(name: &str, arguments: Map<String, Value>) -> Result<Words, Wrong> {
    let tool = TOOLS.iter().find(|tool| tool.name == name);
    let tool = tool.ok_or(Wrong::NoTool)?;
    (tool.words)(Value::Object(arguments)).map_err(Wrong::Arguments)
}
