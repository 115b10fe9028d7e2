//! Agent harnesses whose hooks call us.
//!
//! [`Harness`] owns the table of events of each harness, as one of our [`HookEvent`]s. Behaviour
//! that a harness does not document is not relied on. Never acts.

mod briefing;
mod command_label;
mod doubt;
mod edited_files;
mod instants;
mod letters;
pub mod line_diff;
mod long_payload;
mod mcp;
mod objection;
mod offers;
mod on_edit;
mod payload;
mod pushed;
mod response;
pub mod rules;
pub mod settings;
mod shared_id;
mod signal;
mod succession;
mod tasks;
#[cfg(test)]
mod tests;
pub mod transcripts;
mod unread;
mod untold;

pub use briefing::{
    Briefing, CHARS_MAX, ToldClaims, claims_briefing, gone_briefing, session_briefing,
    team_briefing, unknown_briefing,
};
pub use doubt::{doubt, there, unread_objection};
pub use edited_files::writes_files;
pub use letters::{
    MAIL_NOT_READ, letters_briefing, owed_briefing, unmarkable_briefing, waiting_briefing,
};
pub use long_payload::PayloadBytes;
pub use objection::{ChangeKind, Subject, objection, shared_apply};
pub use offers::{held_turn_briefing, offers_briefing};
pub use on_edit::{CLAIMED_ON_EDIT, claimed_on_edit};
pub use payload::{Payload, Tool, read, read_bytes, uses_a_shell};
pub use pushed::{behind_briefing, pushed_briefing, unpushed_briefing};
pub use response::{Response, empty_response, render};
pub use shared_id::shared_id_briefing;
pub use signal::{read_signal, signal_named};
pub use succession::succession_briefing;
pub use tasks::{TaskFact, TaskPart, tasks_briefing};
pub use unread::unreadable_briefing;
pub use untold::untold_briefing;

pub use settings::TELLS_TASKS;

use crate::identity::HarnessSession;

/// A harness that can call our hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harness {
    /// Claude Code.
    Claude,
    /// Codex CLI.
    Codex,
    /// Gemini CLI.
    Gemini,
    /// Cursor.
    Cursor,
    /// Copilot CLI.
    Copilot,
}

/// Event in the session of an agent, whatever its harness calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookEvent {
    /// The session starts or is resumed.
    Start,
    /// The user sends a prompt.
    Prompt,
    /// The agent is about to use a tool.
    BeforeTool,
    /// The agent has used a tool, or tried to.
    AfterTool,
    /// A turn ends. The session goes on.
    Stop,
    /// The session ends.
    End,
}

/// An event as the harness spells it, and as one of ours.
type Row = (&'static str, HookEvent);

const CLAUDE: [Row; 9] = [
    ("SessionStart", HookEvent::Start),
    ("UserPromptSubmit", HookEvent::Prompt),
    ("PreToolUse", HookEvent::BeforeTool),
    // A shell line inside a skill, which `PreToolUse` does not see.
    ("PreSkillShellCommand", HookEvent::BeforeTool),
    ("PostToolUse", HookEvent::AfterTool),
    ("PostToolUseFailure", HookEvent::AfterTool),
    ("Stop", HookEvent::Stop),
    ("StopFailure", HookEvent::Stop),
    ("SessionEnd", HookEvent::End),
];

const CODEX: [Row; 7] = [
    ("SessionStart", HookEvent::Start),
    ("UserPromptSubmit", HookEvent::Prompt),
    ("PreToolUse", HookEvent::BeforeTool),
    ("PostToolUse", HookEvent::AfterTool),
    ("Stop", HookEvent::Stop),
    ("Interrupt", HookEvent::Stop),
    ("SessionEnd", HookEvent::End),
];

const GEMINI: [Row; 6] = [
    ("SessionStart", HookEvent::Start),
    ("BeforeAgent", HookEvent::Prompt),
    ("BeforeTool", HookEvent::BeforeTool),
    ("AfterTool", HookEvent::AfterTool),
    ("AfterAgent", HookEvent::Stop),
    ("SessionEnd", HookEvent::End),
];

const CURSOR: [Row; 9] = [
    ("sessionStart", HookEvent::Start),
    ("beforeSubmitPrompt", HookEvent::Prompt),
    ("beforeShellExecution", HookEvent::BeforeTool),
    ("preToolUse", HookEvent::BeforeTool),
    ("postToolUse", HookEvent::AfterTool),
    ("postToolUseFailure", HookEvent::AfterTool),
    ("afterShellExecution", HookEvent::AfterTool),
    ("stop", HookEvent::Stop),
    ("sessionEnd", HookEvent::End),
];

/// Events with names in `PascalCase` are answered in the format of Claude Code; see `response`.
const COPILOT: [Row; 9] = [
    ("sessionStart", HookEvent::Start),
    ("userPromptSubmitted", HookEvent::Prompt),
    ("userPromptSubmit", HookEvent::Prompt),
    ("preToolUse", HookEvent::BeforeTool),
    ("postToolUse", HookEvent::AfterTool),
    ("postToolUseFailure", HookEvent::AfterTool),
    ("agentStop", HookEvent::Stop),
    ("stop", HookEvent::Stop),
    ("sessionEnd", HookEvent::End),
];

impl Harness {
    /// All harnesses, in the order in which help and `doctor` list them.
    pub const ALL: [Self; 5] = [
        Self::Claude,
        Self::Codex,
        Self::Gemini,
        Self::Cursor,
        Self::Copilot,
    ];

    /// Returns the word on our command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Gemini => "gemini",
            Self::Cursor => "cursor",
            Self::Copilot => "copilot",
        }
    }

    /// Returns the name of the agent in session records.
    pub const fn agent(self) -> &'static str {
        match self {
            Self::Claude => "claude-code",
            Self::Codex => "codex",
            Self::Gemini => "gemini-cli",
            Self::Cursor => "cursor",
            Self::Copilot => "copilot",
        }
    }

    /// Returns the events of this harness.
    pub fn events(self) -> &'static [Row] {
        match self {
            Self::Claude => &CLAUDE,
            Self::Codex => &CODEX,
            Self::Gemini => &GEMINI,
            Self::Cursor => &CURSOR,
            Self::Copilot => &COPILOT,
        }
    }

    /// Finds the event that `word` names in any spelling: `pre-tool-use`, `PreToolUse`. Returns
    /// `None` for an unknown event.
    pub fn event(self, word: &str) -> Option<Row> {
        let wanted = bare(word);
        let row = self.events().iter().find(|(name, _)| bare(name) == wanted);
        row.copied()
    }

    /// Returns what the payload says about the session; `None` if it names none. Gemini CLI and
    /// Copilot CLI do not tell their commands which session they belong to, so the process of the
    /// harness identifies it.
    pub fn session(self, payload: &Payload) -> Option<HarnessSession> {
        let by_process = self.is_known_by_process();
        if payload.session.is_none() && !by_process {
            return None;
        }
        Some(HarnessSession {
            agent: self.agent(),
            session: payload.session.clone().filter(|_| !by_process),
        })
    }

    /// Returns true if the process of the harness stands for the session.
    pub const fn is_known_by_process(self) -> bool {
        matches!(self, Self::Gemini | Self::Copilot)
    }

    /// Returns true if the model can be told something only after a tool, not before it.
    pub const fn briefs_after_tools(self) -> bool {
        matches!(self, Self::Gemini | Self::Copilot)
    }

    /// Returns true if a turn can be made to go on at the event `name`. One that failed, or that
    /// the user interrupted, is over.
    pub fn can_go_on(self, name: &str) -> bool {
        self != Self::Copilot && matches!(&*bare(name), "stop" | "afteragent")
    }

    /// Returns true if the commands that the harness runs know which session they belong to.
    pub const fn passes_session_to_commands(self) -> bool {
        !matches!(self, Self::Cursor)
    }
}

/// Returns the letters and digits of a name in lower case.
fn bare(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}
