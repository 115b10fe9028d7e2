//! The agent harnesses whose hooks call us.
//!
//! Owns the table of their events, each as one of ours, and how an answer of ours is spoken to
//! each of them. What they do not document is not relied on. Never acts.

mod briefing;
mod edited_files;
pub mod line_diff;
mod payload;
mod response;
pub mod rules;
pub mod settings;
#[cfg(test)]
mod tests;

pub use briefing::{
    Briefing, CHARS_MAX, ChangeKind, Subject, claims_briefing, loss_briefing, objection,
    session_briefing,
};
pub use payload::{Payload, Tool, read};
pub use response::{Response, empty_response, render};

use crate::identity::HarnessSession;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harness {
    Claude,
    Codex,
    Gemini,
    Cursor,
    Copilot,
}

/// What happens in a session of an agent, whatever its harness calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookEvent {
    Start,
    Prompt,
    BeforeTool,
    AfterTool,
    /// The end of a turn, not of the session.
    Stop,
    End,
}

/// An event as a harness spells it, and as one of ours.
type Row = (&'static str, HookEvent);

const CLAUDE: [Row; 8] = [
    ("SessionStart", HookEvent::Start),
    ("UserPromptSubmit", HookEvent::Prompt),
    ("PreToolUse", HookEvent::BeforeTool),
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

/// Under names in `PascalCase` it speaks as Claude Code does; see `speak`.
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
    pub const ALL: [Self; 5] = [
        Self::Claude,
        Self::Codex,
        Self::Gemini,
        Self::Cursor,
        Self::Copilot,
    ];

    /// The word on our command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Gemini => "gemini",
            Self::Cursor => "cursor",
            Self::Copilot => "copilot",
        }
    }

    /// The agent, as identity knows it.
    pub const fn agent(self) -> &'static str {
        match self {
            Self::Claude => "claude-code",
            Self::Codex => "codex",
            Self::Gemini => "gemini-cli",
            Self::Cursor => "cursor",
            Self::Copilot => "copilot",
        }
    }

    pub fn events(self) -> &'static [Row] {
        match self {
            Self::Claude => &CLAUDE,
            Self::Codex => &CODEX,
            Self::Gemini => &GEMINI,
            Self::Cursor => &CURSOR,
            Self::Copilot => &COPILOT,
        }
    }

    /// The event that `word` names, in any spelling: `pre-tool-use`, `PreToolUse`. `None` for one
    /// that is new, or none of ours.
    pub fn event(self, word: &str) -> Option<Row> {
        let wanted = bare(word);
        let row = self.events().iter().find(|(name, _)| bare(name) == wanted);
        row.copied()
    }

    /// What is known of the session. The commands that Gemini CLI and Copilot CLI run are told that
    /// they run there and not in which session, so the process stands for it.
    pub fn session(self, payload: &Payload) -> Option<HarnessSession> {
        let by_process = matches!(self, Self::Gemini | Self::Copilot);
        if payload.session.is_none() && !by_process {
            return None;
        }
        Some(HarnessSession {
            agent: self.agent(),
            session: payload.session.clone().filter(|_| !by_process),
        })
    }

    /// Whether its model can be told something after a tool, and not before it.
    pub const fn briefs_after_tools(self) -> bool {
        matches!(self, Self::Gemini | Self::Copilot)
    }

    /// Whether the commands that it runs know by themselves which session they belong to.
    pub const fn passes_session_to_commands(self) -> bool {
        !matches!(self, Self::Cursor)
    }
}

fn bare(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}
