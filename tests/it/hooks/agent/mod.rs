//! The hooks of agent harnesses: what each sends, what each is answered.
//!
//! The payloads in `fixtures/harness` are what harnesses document that they send, every event of
//! each; those in `fixtures/captured` are what some of them did send. `shapes` holds the
//! answers against what they document that they read.

mod audit;
mod beats;
mod beside;
mod captured;
mod chosen_ids;
mod discards;
mod edits;
mod enforced;
mod hostile;
mod ingest;
mod kept;
mod on_edit;
mod plugin;
mod remote;
mod replay;
mod session;
mod shapes;
mod stacks;
pub mod succession;
mod tmux;
mod trees;
mod turn_end;
mod unnamed;
mod unrelated;
mod wired;

use std::path::Path;

use serde_json::{Value, json};

use crate::said::Said;
use crate::world::World;

pub const HARNESSES: [&str; 5] = ["claude", "codex", "gemini", "cursor", "copilot"];

/// The payload of an event, sent from where `world` stands.
pub fn payload(world: &World, harness: &str, event: &str) -> Value {
    let name = format!("tests/it/fixtures/harness/{harness}/{event}.json");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.replace(
        "\"CWD\"",
        &format!("{:?}", world.dir().display().to_string()),
    );
    serde_json::from_str(&text).unwrap()
}

/// The events of a harness of which there is a payload.
pub fn events(harness: &str) -> Vec<String> {
    let folder = format!("tests/it/fixtures/harness/{harness}");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let names = std::fs::read_dir(folder).unwrap().map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        name.trim_end_matches(".json").to_owned()
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// Send a payload to the hook of its event.
pub fn send(world: &World, harness: &str, event: &str, payload: &Value) -> Said {
    let input = payload.to_string();
    world.anyone_with_input(&format!("hook {harness} {event}"), input.as_bytes())
}

/// What the model is told, wherever the harness wants that.
pub fn context(said: &Said) -> String {
    said.done();
    if said.out.is_empty() {
        return String::new();
    }
    let answer = said.json();
    let places = [
        &answer["hookSpecificOutput"]["additionalContext"],
        &answer["additional_context"],
        &answer["additionalContext"],
        &answer["agent_message"],
        &answer["systemMessage"],
    ];
    let told = places.into_iter().find_map(Value::as_str);
    told.unwrap_or_default().to_owned()
}

/// A session of Claude Code.
pub struct Agent<'w> {
    pub world: &'w World,
    pub id: &'static str,
    /// In a process of its own, and not in that of the test.
    pub is_apart: bool,
}

impl Agent<'_> {
    pub fn with(&self, event: &str, more: Value) -> Said {
        let mut payload = payload(self.world, "claude", event);
        payload["session_id"] = self.id.into();
        for (key, value) in more.as_object().unwrap() {
            payload[key] = value.clone();
        }
        if self.is_apart {
            let file = format!("{}.json", self.id);
            self.world.write(&file, payload.to_string());
            return self.runs(&format!("hook claude {event} < {file}"));
        }
        send(&self.place(), "claude", event, &payload)
    }

    pub fn hook(&self, event: &str) -> Said {
        self.with(event, json!({}))
    }

    fn place(&self) -> World {
        self.world
            .with("CLAUDE_CODE_SESSION_ID", self.id)
            .with("CLAUDECODE", "1")
    }

    /// A command that the agent runs.
    pub fn runs(&self, line: &str) -> Said {
        match self.is_apart {
            true => {
                let env = format!("env CLAUDECODE=1 CLAUDE_CODE_SESSION_ID={}", self.id);
                self.world.sh(&format!("{env} git-presence {line}; exit"))
            }
            false => self.place().anyone(line),
        }
    }
}

pub fn two(world: &World) -> (Agent<'_>, Agent<'_>) {
    let agent = |id, is_apart| Agent {
        world,
        id,
        is_apart,
    };
    (agent("first", false), agent("second", true))
}
