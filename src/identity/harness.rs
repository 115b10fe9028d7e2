//! Agent harnesses and CI systems that the environment reveals.
//!
//! Owns the tables of variables and what each stands for. Never reads the environment, never
//! chooses between two.

/// A variable that reveals an agent harness.
pub(super) struct Harness {
    pub(super) variable: &'static str,
    pub(super) agent: &'static str,
    pub(super) value: Value,
}

/// What the value of such a variable says.
pub(super) enum Value {
    /// The harness's own session id.
    Id,
    /// Nothing: the variable only says that the harness runs. Its process stands for the session.
    Mark,
    /// The name of the agent.
    Name,
}

const fn id(variable: &'static str, agent: &'static str) -> Harness {
    Harness {
        variable,
        agent,
        value: Value::Id,
    }
}

const fn mark(variable: &'static str, agent: &'static str) -> Harness {
    Harness {
        variable,
        agent,
        value: Value::Mark,
    }
}

const fn name(variable: &'static str) -> Harness {
    Harness {
        variable,
        agent: "agent",
        value: Value::Name,
    }
}

/// In order of preference, if the same process set two.
pub(super) const HARNESSES: [Harness; 17] = [
    id("CLAUDE_CODE_SESSION_ID", "claude-code"),
    id("CODEX_THREAD_ID", "codex"),
    id("GEMINI_SESSION_ID", "gemini-cli"),
    id("AMP_CURRENT_THREAD_ID", "amp"),
    id("CURSOR_TRACE_ID", "cursor"),
    mark("CLAUDECODE", "claude-code"),
    mark("GEMINI_CLI", "gemini-cli"),
    mark("CURSOR_AGENT", "cursor"),
    mark("OPENCODE", "opencode"),
    mark("COPILOT_CLI", "copilot"),
    mark("COPILOT_AGENT", "copilot"),
    mark("QWEN_CODE", "qwen-code"),
    mark("AUGMENT_AGENT", "augment"),
    mark("ANTIGRAVITY_AGENT", "antigravity"),
    mark("CRUSH", "crush"),
    name("AI_AGENT"),
    name("AGENT"),
];

/// A CI system: the variable that reveals it, and those that together name one run of a job.
pub(super) struct Ci {
    pub(super) mark: &'static str,
    pub(super) agent: &'static str,
    pub(super) parts: &'static [&'static str],
}

pub(super) const CIS: [Ci; 6] = [
    Ci {
        mark: "GITHUB_ACTIONS",
        agent: "github-actions",
        parts: &["GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_JOB"],
    },
    Ci {
        mark: "GITLAB_CI",
        agent: "gitlab-ci",
        parts: &["CI_JOB_ID"],
    },
    Ci {
        mark: "BUILDKITE",
        agent: "buildkite",
        parts: &["BUILDKITE_JOB_ID"],
    },
    Ci {
        mark: "CIRCLECI",
        agent: "circleci",
        parts: &["CIRCLE_WORKFLOW_JOB_ID"],
    },
    Ci {
        mark: "TF_BUILD",
        agent: "azure-pipelines",
        parts: &["BUILD_BUILDID", "SYSTEM_JOBID"],
    },
    Ci {
        mark: "CI",
        agent: "ci",
        parts: &["CI_PIPELINE_NUMBER", "CI_STEP_NUMBER"],
    },
];

/// Harnesses that run one session at a time in a process. A new session id in the same process
/// means that the old session ended (`/clear`).
pub const ONE_SESSION_A_PROCESS: [&str; 2] = ["claude-code", "gemini-cli"];
