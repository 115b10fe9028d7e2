//! Which rule wins, and why: harnesses inside harnesses, CI jobs, people.
//!
//! Owns the made-up facts that the tests below this room start from.

/// Jobs of CI systems.
mod ci;

use super::*;

fn vars(set: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    set.iter().map(owned).collect()
}

pub(super) fn ancestor(pid: u32, name: &str, env: &[(&str, &str)]) -> Ancestor {
    Ancestor {
        pid,
        name: name.to_owned(),
        args: Vec::new(),
        started_at: Timestamp::from_millis(i64::from(pid) * 1000),
        since_boot_millis: i64::from(pid),
        env: Some(vars(env)),
    }
}

pub(super) fn facts(env: &[(&str, &str)], ancestors: Vec<Ancestor>) -> Facts {
    Facts {
        flag: None,
        env: vars(env),
        user: "wizard".to_owned(),
        host: "devvm".to_owned(),
        host_id: "h".to_owned(),
        boot_id: Some("b".to_owned()),
        ancestors,
        terminal: None,
    }
}

/// The id, the rule, the agent and the process that stands for the session.
fn check(facts: &Facts, id: &str, rule: Rule, agent: Option<&str>, pid: Option<u32>) {
    let me = resolve(facts).unwrap();
    assert_eq!(me.id.as_str(), id, "{:?}", me.explanation);
    assert_eq!(me.rule, rule);
    assert_eq!(me.agent.as_deref(), agent);
    assert_eq!(me.process.map(|process| process.pid), pid);
}

const CLAUDE: (&str, &str) = ("CLAUDE_CODE_SESSION_ID", "5f0c");
const CODEX: (&str, &str) = ("CODEX_THREAD_ID", "0199");

fn claude_id() -> String {
    format!("wizard@devvm@{}", short_hash("claude-code\u{0}5f0c"))
}

fn codex_id() -> String {
    format!("wizard@devvm@{}", short_hash("codex\u{0}0199"))
}

#[test]
fn the_first_rule_that_applies_wins() {
    let all = [
        (SESSION_VAR, "mine"),
        CLAUDE,
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_RUN_ID", "1"),
        ("GITHUB_RUN_ATTEMPT", "2"),
        ("GITHUB_JOB", "build"),
    ];
    let mut flagged = facts(&all, vec![]);
    flagged.flag = Some("given".to_owned());
    check(&flagged, "given", Rule::Flag, Some("claude-code"), None);
    let agent = Some("claude-code");
    check(&facts(&all, vec![]), "mine", Rule::Variable, agent, None);
    check(
        &facts(&all[1..], vec![]),
        &claude_id(),
        Rule::Harness,
        agent,
        None,
    );
    let ci = "github-actions-1-2-build";
    check(
        &facts(&all[2..], vec![]),
        ci,
        Rule::Ci,
        Some("github-actions"),
        None,
    );
    check(
        &facts(&[], vec![]),
        "wizard@devvm",
        Rule::Person,
        None,
        None,
    );
}

#[test]
fn of_two_inherited_harnesses_the_innermost_wins() {
    // claude -> shell -> codex -> shell -> git presence
    let inside = |inner, outer, agent: &str| {
        vec![
            ancestor(50, "sh", &[inner, outer]),
            ancestor(40, agent, &[outer]),
            ancestor(30, "sh", &[outer]),
            ancestor(20, "outer", &[]),
        ]
    };
    let both = [CLAUDE, CODEX];
    let codex = facts(&both, inside(CODEX, CLAUDE, "codex"));
    check(&codex, &codex_id(), Rule::Harness, Some("codex"), Some(40));
    let claude = facts(&both, inside(CLAUDE, CODEX, "claude"));
    check(
        &claude,
        &claude_id(),
        Rule::Harness,
        Some("claude-code"),
        Some(40),
    );
    // Where the processes may not be read, the order of the table decides.
    check(
        &facts(&both, vec![]),
        &claude_id(),
        Rule::Harness,
        Some("claude-code"),
        None,
    );
    assert!(needs_ancestors(None, &vars(&both)));
    assert!(needs_ancestors(None, &vars(&both[..1])));
    assert!(!needs_ancestors(None, &vars(&[(SESSION_VAR, "x"), CLAUDE])));
    assert!(!needs_ancestors(Some("x"), &vars(&both)));
}

#[test]
fn the_process_that_set_the_variable_stands_for_the_session() {
    let mut unreadable = ancestor(30, "sudo", &[]);
    unreadable.env = None;
    let chain = vec![
        ancestor(60, "git", &[CLAUDE]),
        ancestor(50, "sh", &[CLAUDE]),
        unreadable,
        ancestor(20, "init", &[]),
    ];
    check(
        &facts(&[CLAUDE], chain),
        &claude_id(),
        Rule::Harness,
        Some("claude-code"),
        Some(30),
    );
    // A person goes on in the next terminal.
    let login = ancestor(40, "bash", &[]);
    let chain = vec![ancestor(50, "make", &[]), login, ancestor(1, "init", &[])];
    check(&facts(&[], chain), "wizard@devvm", Rule::Person, None, None);
}

#[test]
fn who_chooses_a_name_can_choose_it_again() {
    let chosen = (SESSION_VAR, "dora");
    let below = |names: &[(&'static str, &'static str)], above: &str| {
        vec![ancestor(60, "sh", names), ancestor(50, above, &[])]
    };
    let by = |above: &str| facts(&[chosen], below(&[chosen], above));
    check(&by("bash"), "dora", Rule::Variable, None, None);
    // But for the session that `run` makes for its command.
    check(&by("git-presence"), "dora", Rule::Variable, None, Some(50));
    assert!(
        resolve(&by("git-presence"))
            .unwrap()
            .process
            .unwrap()
            .ends_its_session()
    );
    // A harness that uses it ends before it does.
    let chain = vec![
        ancestor(60, "sh", &[chosen, CLAUDE]),
        ancestor(50, "bash", &[CLAUDE]),
        ancestor(40, "claude", &[]),
    ];
    let inside = facts(&[chosen, CLAUDE], chain);
    let agent = Some("claude-code");
    check(&inside, "dora", Rule::Variable, agent, Some(40));
    assert!(
        !resolve(&inside)
            .unwrap()
            .process
            .unwrap()
            .ends_its_session()
    );
}

/// The process of the session, and whether the session ends with it.
fn process(facts: &Facts) -> (u32, bool) {
    let process = resolve(facts).unwrap().process.unwrap();
    (process.pid, process.ends_its_session())
}

#[test]
fn only_a_program_that_is_known_by_its_name_ends_a_session() {
    let below = |harness| {
        vec![
            ancestor(60, "git", &[CLAUDE]),
            ancestor(50, "bash", &[CLAUDE]),
            harness,
            ancestor(20, "tmux: server", &[]),
        ]
    };
    let named = facts(&[CLAUDE], below(ancestor(30, "claude", &[])));
    assert_eq!(process(&named), (30, true));
    let wrapper = facts(&[CLAUDE], below(ancestor(30, "python3", &[])));
    assert_eq!(process(&wrapper), (30, false));
    // The wrapper that set the variable is not the harness, if that is known.
    let mut above = below(ancestor(30, "direnv", &[]));
    above.insert(3, ancestor(25, "claude", &[]));
    assert_eq!(process(&facts(&[CLAUDE], above)), (25, true));
    // A launcher that starts the program of the same name is a part of the harness.
    let mut above = below(ancestor(30, "claude", &[CLAUDE]));
    above.insert(3, ancestor(25, "claude", &[]));
    assert_eq!(process(&facts(&[CLAUDE], above)), (30, true));
}

#[test]
fn a_value_that_another_agent_set_is_not_ones_own() {
    let outer = ("CLAUDE_CODE_SESSION_ID", "outer");
    // Two panes of a terminal server that an agent once started.
    let pane = |pid| {
        let above = vec![
            ancestor(60, "bash", &[CLAUDE]),
            ancestor(pid, "python3", &[outer]),
            ancestor(20, "server", &[outer]),
        ];
        facts(&[CLAUDE], above)
    };
    assert_eq!(process(&pane(31)), (31, false));
    assert_eq!(process(&pane(32)), (32, false));
    check(
        &pane(31),
        &claude_id(),
        Rule::Harness,
        Some("claude-code"),
        Some(31),
    );
    // One that sets nothing itself has what the other one set.
    let silent = |name, pid| {
        let above = vec![
            ancestor(60, "bash", &[outer]),
            ancestor(pid, name, &[outer]),
            ancestor(40, "bash", &[outer]),
            ancestor(20, "claude", &[]),
        ];
        resolve(&facts(&[outer], above)).unwrap()
    };
    let (codex, claude) = (silent("codex", 50), silent("claude", 50));
    assert_eq!(codex.agent.as_deref(), Some("codex"));
    assert_eq!(claude.agent.as_deref(), Some("claude-code"));
    assert_eq!(codex.process.map(|process| process.pid), Some(50));
    let whole = vec![ancestor(60, "bash", &[outer]), ancestor(20, "claude", &[])];
    let whole = resolve(&facts(&[outer], whole)).unwrap();
    assert_ne!(claude.id, whole.id);
    assert_ne!(silent("claude", 51).id, claude.id);
}

#[test]
fn processes_are_read_up_to_the_harness_and_to_what_it_inherited() {
    let env = vars(&[CLAUDE]);
    let mut above = vec![ancestor(60, "bash", &[CLAUDE])];
    assert!(!is_enough(&above, &env));
    above.push(ancestor(50, "claude", &[]));
    assert!(!is_enough(&above, &env), "a launcher may be above");
    above.push(ancestor(40, "zsh", &[]));
    assert!(is_enough(&above, &env));
    above[1] = ancestor(50, "claude", &[CLAUDE]);
    above[2] = ancestor(40, "zsh", &[CLAUDE]);
    assert!(!is_enough(&above, &env));
    // What decides nothing here may be set everywhere.
    let env = vars(&[CLAUDE, ("GITHUB_JOB", "x")]);
    let job = ("GITHUB_JOB", "x");
    let above = [
        ancestor(60, "claude", &[job]),
        ancestor(50, "runner", &[job]),
    ];
    assert!(is_enough(&above, &env));
}

#[test]
fn a_person_is_known_by_the_terminal() {
    let mut person = facts(&[], vec![]);
    person.terminal = Some(Process {
        pid: 9,
        started_at: Timestamp::from_millis(0),
        host_id: "h".to_owned(),
        boot_id: "b".to_owned(),
        role: ProcessRole::Terminal,
    });
    assert_eq!(process(&person), (9, false));
    let job = [("GITLAB_CI", "true"), ("CI_JOB_ID", "77")];
    let job = facts(&job, vec![ancestor(9, "sh", &[])]);
    assert_eq!(resolve(&job).unwrap().process, None);
}

#[test]
fn a_mark_without_an_id_is_one_session_per_process() {
    let mark = ("OPENCODE", "1");
    let session = |pid| {
        let chain = vec![ancestor(90, "sh", &[mark]), ancestor(pid, "opencode", &[])];
        resolve(&facts(&[mark], chain)).unwrap().id
    };
    assert_eq!(session(7), session(7));
    assert_ne!(session(7), session(8));
    let named = facts(
        &[("AI_AGENT", "aider@1.2")],
        vec![ancestor(9, "aider", &[])],
    );
    assert_eq!(resolve(&named).unwrap().agent.as_deref(), Some("aider"));
}

#[test]
fn odd_names_make_a_harmless_label() {
    let mut odd = facts(&[], vec![]);
    odd.user = "wiz\u{1b}[31mard".to_owned();
    odd.host = "h".repeat(300);
    let me = resolve(&odd).unwrap();
    assert!(me.id.as_str().starts_with("wiz\\u{1b}[31mard@hhh"));
    assert!(me.id.as_str().len() < 255);
    for bad in ["", "a\nb", &"x".repeat(256)] {
        let mut given = facts(&[], vec![]);
        given.flag = Some(bad.to_owned());
        assert!(resolve(&given).is_err(), "{bad:?}");
    }
}

#[test]
fn every_variable_that_decides_is_read() {
    let read = variables();
    for harness in &HARNESSES {
        assert!(read.contains(&harness.variable));
    }
    for ci in &CIS {
        assert!(read.contains(&ci.mark) && ci.parts.iter().all(|part| read.contains(part)));
    }
}

#[test]
fn a_session_that_a_process_stands_for_keeps_its_id_when_the_clock_is_set() {
    let id_at = |wall_millis: i64, since_boot_millis: i64| {
        let mut process = ancestor(8, "gemini", &[]);
        process.started_at = Timestamp::from_millis(wall_millis);
        process.since_boot_millis = since_boot_millis;
        let facts = facts(&[("GEMINI_CLI", "1")], vec![process]);
        resolve(&facts).unwrap().id
    };
    assert_eq!(id_at(5_000, 70), id_at(65_000, 70));
    assert_ne!(id_at(5_000, 70), id_at(5_000, 80));
}
