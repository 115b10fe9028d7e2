//! Which session goes on from which: what a harness says, and what no command can say.
//!
//! A stand-in harness is a shell under its name. What it runs is below it, as the commands and
//! hooks of a real one are.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::{Value, json};

use super::payload;
use crate::machines::{Team, at_rest};
use crate::said::holds;
use crate::world::World;

/// The line of a harness that calls a hook for the session `id`.
pub fn hook(world: &World, harness: &str, id: &str, event: &str, more: &Value) -> String {
    let mut payload = payload(world, harness, event);
    payload["session_id"] = id.into();
    for (key, value) in more.as_object().unwrap() {
        payload[key] = value.clone();
    }
    let kind = more.as_object().unwrap().values().next();
    let kind = kind.and_then(Value::as_str).unwrap_or("plain");
    let file = world
        .root()
        .join(format!("{harness}-{id}-{event}-{kind}.json"));
    std::fs::write(&file, payload.to_string()).unwrap();
    let env = env_of(harness, id);
    format!(
        "{env} git-presence hook {harness} {event} < {}\n",
        file.display()
    )
}

pub fn start(world: &World, id: &str, source: &str) -> String {
    hook(
        world,
        "claude",
        id,
        "SessionStart",
        &json!({ "source": source }),
    )
}

/// What a harness sets for its hooks and its commands.
fn env_of(harness: &str, id: &str) -> String {
    match harness {
        "claude" => format!("CLAUDECODE=1 CLAUDE_CODE_SESSION_ID={id}"),
        "codex" => format!("CODEX_THREAD_ID={id}"),
        _ => "GEMINI_CLI=1".to_owned(),
    }
}

/// The lines of a command of an agent, in a shell as its tool runs it.
pub fn runs(id: &str, line: &str) -> String {
    let env = env_of("claude", id);
    format!("{env} bash -c '{line}; exit'\n")
}

pub(super) fn claims() -> String {
    runs(
        "old",
        "git-presence claim path:src --purpose soft >/dev/null",
    ) + &runs(
        "old",
        "git-presence claim -x stack:dns --purpose hard >/dev/null",
    )
}

/// The claims on the board, each with its session and its token.
fn board(world: &World) -> Vec<(String, String, Value)> {
    let list = world.carol("list --json").json();
    let mut all: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap().to_owned();
            (text("resource"), text("session_id"), row["token"].clone())
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// A clone in which something was claimed before: from then on starts are recorded.
pub(super) fn known() -> World {
    let world = World::new();
    world.alice("claim node:z --purpose p").done();
    world.alice("release node:z").done();
    world
}

fn id_of(world: &World, id: &str) -> String {
    let me = world.with("CLAUDE_CODE_SESSION_ID", id).anyone("whoami");
    me.done().out.trim_end().to_owned()
}

#[test]
fn after_clear_what_was_held_is_released_and_the_model_is_told() {
    let world = World::new();
    let lines = start(&world, "old", "startup") + &claims() + &start(&world, "new", "clear");
    let said = world.harness("claude", &lines);
    holds(
        &said.out,
        "Before it was cleared, this conversation held \\\"stack:dns\\\" exclusively; and \\\"path:src\\\". All \
         of it is released. Claim again what you go on with: git presence claim --exclusive \
         stack:dns",
    );
    assert_eq!(board(&world), []);
    let log = world.carol("log --json").json();
    let log = log.as_array().unwrap();
    let superseded = log
        .iter()
        .find(|entry| entry["event"] == "supersede")
        .unwrap();
    assert_eq!(superseded["session_id"], id_of(&world, "old"));
    assert_eq!(superseded["by"], id_of(&world, "new"));
}

#[test]
fn what_goes_on_keeps_its_claims_and_tokens_under_the_new_id() {
    for source in ["compact", "resume", "fork"] {
        let world = World::new();
        world
            .harness("claude", &(start(&world, "old", "startup") + &claims()))
            .done();
        let before = board(&world);
        let world = World::new();
        let lines = start(&world, "old", "startup")
            + &claims()
            + &runs("old", "git-presence list --json > .git/before")
            + &start(&world, "new", source)
            + &runs(
                "new",
                "git-presence fence stack:dns >/dev/null || echo no fence",
            )
            + &runs(
                "old",
                "git-presence fence stack:dns >/dev/null && echo two fences",
            );
        let said = world.harness("claude", &lines);
        holds(
            &said.out,
            "under another session id, you held \\\"stack:dns\\\" exclusively; and \\\"path:src\\\".",
        );
        holds(
            &said.out,
            contains("fence\n").not().and(contains("fences").not()),
        );
        let rows: Value = serde_json::from_str(&world.read(".git/before")).unwrap();
        let after = board(&world);
        assert_eq!(after.len(), before.len());
        for (resource, session, token) in &after {
            assert_eq!(*session, id_of(&world, "new"), "{resource}");
            let mut rows = rows.as_array().unwrap().iter();
            let row = rows.find(|row| row["resource"] == **resource).unwrap();
            assert_eq!(row["token"], *token, "{resource}");
        }
    }
}

#[test]
fn at_a_remote_it_moves_in_the_background() {
    let (_team, a, b) = Team::pair();
    let lines = start(&a, "old", "startup") + &claims() + &start(&a, "new", "resume");
    let said = a.harness("claude", &lines);
    holds(
        &said.out,
        "the exclusive claims move now, with their tokens",
    );
    at_rest(&a);
    a.with("CLAUDE_CODE_SESSION_ID", "new")
        .anyone("fence stack:dns --remote")
        .says("Yours");
    b.bob("claim -x stack:dns --purpose p")
        .refuses(&*id_of(&a, "new"));
}

/// Neither a start that says nothing of a session before it, nor a command, ends a session.
#[test]
fn without_a_word_of_the_harness_nothing_is_released() {
    let world = World::new();
    let lines = start(&world, "old", "startup")
        + &claims()
        + &start(&world, "new", "startup")
        + &runs("new", "git-presence claim node:y --purpose p >/dev/null")
        + &runs(
            "new",
            "git-presence heartbeat; git-presence release --all-mine >/dev/null",
        );
    let said = world.harness("claude", &lines);
    holds(&said.out, contains("held").not());
    let held: Vec<_> = board(&world).into_iter().map(|row| row.0).collect();
    assert_eq!(held, ["path:src", "stack:dns"]);
}

/// Of two sessions in one process, either may be the one that was cleared.
#[test]
fn two_sessions_in_one_process_end_nothing_of_each_other() {
    let world = known();
    let lines = start(&world, "old", "startup")
        + &start(&world, "beside", "startup")
        + &claims()
        + &start(&world, "new", "clear");
    world.harness("claude", &lines).done();
    assert_eq!(board(&world).len(), 2);
    // Until one of them has ended.
    let world = known();
    let ended = hook(
        &world,
        "claude",
        "beside",
        "SessionEnd",
        &json!({"reason": "other"}),
    );
    let lines = start(&world, "old", "startup")
        + &start(&world, "beside", "startup")
        + &claims()
        + &ended
        + &start(&world, "new", "clear");
    world.harness("claude", &lines).done();
    assert_eq!(board(&world), []);
}

/// An agent in the shell of an agent: under the name of the harness, and under none.
#[test]
fn an_agent_inside_an_agent_ends_nothing_of_it() {
    for name in ["claude", "unknown-wrapper"] {
        let world = World::new();
        let inner = start(&world, "inner", "clear")
            + &runs(
                "inner",
                "git-presence claim node:inner --purpose p >/dev/null",
            )
            + &runs("inner", "git-presence release --all-mine >/dev/null")
            + &hook(
                &world,
                "claude",
                "inner",
                "SessionEnd",
                &json!({"reason": "clear"}),
            );
        let inner_file = world.root().join("inner.sh");
        std::fs::write(&inner_file, inner).unwrap();
        let line = format!(
            "{} {}",
            world.root().join(name).display(),
            inner_file.display()
        );
        let lines = start(&world, "old", "startup")
            + &claims()
            + &runs("old", &line)
            + &runs("old", "git-presence fence stack:dns");
        let said = world.harness(name, &lines);
        holds(&said.out, "Yours");
        assert_eq!(board(&world).len(), 2, "{name}");
    }
}

/// One that tells its commands nothing is known by its program, and not by what it inherited.
#[test]
fn an_agent_that_sets_nothing_is_not_the_one_around_it() {
    let world = World::new();
    world.harness("codex", "").done();
    let codex = world.root().join("codex");
    let who = format!(
        "{} -c \"git-presence whoami --json; exit\"",
        codex.display()
    );
    let said = world.harness("claude", &runs("old", &who));
    let who = said.json();
    assert_eq!(who["agent"], "codex");
    assert_ne!(who["session_id"], id_of(&world, "old"));
    let said = world.harness("claude", &runs("old", "git-presence whoami --json"));
    assert_eq!(said.json()["session_id"], id_of(&world, "old"));
}

/// A harness whose process is the session keeps its id when it is cleared.
#[test]
fn a_session_that_is_a_process_is_cleared_too() {
    let world = World::new();
    let start = |source: &str| {
        let more = json!({ "source": source });
        hook(&world, "gemini", "any", "SessionStart", &more)
    };
    let env = env_of("gemini", "");
    let claims = format!(
        "{env} git-presence claim path:src --purpose p >/dev/null\n\
         {env} git-presence claim -x stack:dns --purpose p >/dev/null\n"
    );
    let said = world.harness("gemini", &(start("startup") + &claims + &start("compact")));
    holds(&said.out, contains("held stack:dns").not());
    assert_eq!(board(&world).len(), 2);
    let world2 = World::new();
    let start = |source: &str| {
        let more = json!({ "source": source });
        hook(&world2, "gemini", "any", "SessionStart", &more)
    };
    let said = world2.harness("gemini", &(start("startup") + &claims + &start("clear")));
    holds(
        &said.out,
        "this conversation held \\\"stack:dns\\\" exclusively; and \\\"path:src\\\".",
    );
    assert_eq!(board(&world2), []);
}

/// What ends because it goes on elsewhere is kept until that starts.
#[test]
fn an_end_that_says_resume_releases_nothing() {
    let world = World::new();
    let ended = |reason: &str| {
        hook(
            &world,
            "claude",
            "old",
            "SessionEnd",
            &json!({"reason": reason}),
        )
    };
    let lines = start(&world, "old", "startup") + &claims() + &ended("resume");
    world.harness("claude", &lines).done();
    assert_eq!(board(&world).len(), 2);
    world.harness("claude", &ended("logout")).done();
    assert_eq!(board(&world), []);
}

/// A writer that knows less of a session erases nothing.
#[test]
fn a_claim_by_the_id_alone_keeps_agent_and_process() {
    let world = World::new();
    let id = id_of(&world, "old");
    let lines = start(&world, "old", "startup")
        + &claims()
        + &format!("git-presence claim node:a --purpose p --session {id} >/dev/null\n")
        + &format!("git-presence claim -x stack:dns --purpose p --session {id} >/dev/null\n")
        + &start(&world, "new", "clear");
    world.harness("claude", &lines).done();
    assert_eq!(board(&world), []);
    // It was never written by the agent itself.
    let world = known();
    let lines = start(&world, "old", "startup")
        + &format!("git-presence claim node:a --purpose p --session {id} >/dev/null\n")
        + &start(&world, "new", "clear");
    world.harness("claude", &lines).done();
    assert_eq!(board(&world), []);
}
