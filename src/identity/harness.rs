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
    /// What lets a job push: a phrase that follows "it needs".
    pub(super) right: &'static str,
}

const fn ci(
    mark: &'static str,
    agent: &'static str,
    parts: &'static [&'static str],
    right: &'static str,
) -> Ci {
    Ci {
        mark,
        agent,
        parts,
        right,
    }
}

/// In order of preference: the last one is set by many.
pub(super) const CIS: [Ci; 11] = [
    ci(
        "GITHUB_ACTIONS",
        "github-actions",
        &["GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_JOB"],
        "`permissions: contents: write` for the job, and a checkout that keeps its credentials",
    ),
    ci(
        "GITLAB_CI",
        "gitlab-ci",
        &["CI_JOB_ID"],
        "a project access token with write_repository in the URL of the remote, or job tokens that \
         may push (Settings, CI/CD, Job token permissions)",
    ),
    ci(
        "BUILDKITE",
        "buildkite",
        &["BUILDKITE_JOB_ID"],
        "an SSH key of the agent that may write to the repository",
    ),
    ci(
        "CIRCLECI",
        "circleci",
        &["CIRCLE_WORKFLOW_JOB_ID"],
        "a deploy key with write access (the checkout key reads only)",
    ),
    ci(
        "TF_BUILD",
        "azure-pipelines",
        &["BUILD_BUILDID", "SYSTEM_JOBID"],
        "Contribute and Create branch for the build service, and `persistCredentials: true` in the \
         checkout step",
    ),
    // The steps of a workflow are containers of one job.
    ci(
        "CI_WORKFLOW_NUMBER",
        "woodpecker",
        &["CI_PIPELINE_NUMBER", "CI_WORKFLOW_NUMBER"],
        "a token that may write to the repository, in the URL of the remote",
    ),
    ci(
        "DRONE",
        "drone",
        &["DRONE_BUILD_NUMBER", "DRONE_STAGE_NUMBER"],
        "a token that may write to the repository, in the URL of the remote",
    ),
    ci(
        "JENKINS_URL",
        "jenkins",
        &["JOB_NAME", "BUILD_NUMBER"],
        "credentials that may write to the repository (withCredentials, or sshagent)",
    ),
    ci(
        "BITBUCKET_BUILD_NUMBER",
        "bitbucket",
        &["BITBUCKET_BUILD_NUMBER", "BITBUCKET_STEP_UUID"],
        "a repository access token with the scope repository:write",
    ),
    ci(
        "TEAMCITY_VERSION",
        "teamcity",
        &["TEAMCITY_BUILDCONF_NAME", "BUILD_NUMBER"],
        "an SSH key that may write to the repository (build feature SSH agent)",
    ),
    ci(
        "CI",
        "ci",
        &["CI_PIPELINE_NUMBER", "CI_STEP_NUMBER"],
        "credentials that may write to the repository",
    ),
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
