//! Agent harnesses and CI systems that the environment reveals.
//!
//! Owns the tables of variables and what each stands for, and of the harnesses' programs. Never
//! reads the environment, never chooses between two.

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

/// In order of preference: the last one is set by many.
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

/// The program of a harness in the process table.
pub(super) struct Program {
    pub(super) agent: &'static str,
    /// Its names. One that ends with `-` is the beginning of a name: Codex has the name of its
    /// platform behind that.
    pub(super) names: &'static [&'static str],
    /// The npm package whose scripts it runs, if it has one.
    pub(super) package: Option<&'static str>,
}

const fn program(
    agent: &'static str,
    names: &'static [&'static str],
    package: Option<&'static str>,
) -> Program {
    Program {
        agent,
        names,
        package,
    }
}

pub(super) const PROGRAMS: [Program; 12] = [
    program(
        "claude-code",
        &["claude", "claude-code"],
        Some("@anthropic-ai/claude-code"),
    ),
    program("codex", &["codex", "codex-"], Some("@openai/codex")),
    program("gemini-cli", &["gemini"], Some("@google/gemini-cli")),
    program("cursor", &["cursor-agent"], None),
    program("opencode", &["opencode"], Some("opencode-ai")),
    program("copilot", &["copilot"], Some("@github/copilot")),
    program("qwen-code", &["qwen"], Some("@qwen-code/qwen-code")),
    program("amp", &["amp"], Some("@sourcegraph/amp")),
    program("augment", &["auggie"], Some("@augmentcode/auggie")),
    program("antigravity", &["antigravity"], None),
    program("crush", &["crush"], None),
    program("aider", &["aider"], None),
];
