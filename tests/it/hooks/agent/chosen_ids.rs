//! Agents that were started with one `GIT_PRESENCE_SESSION`: told at their start, and told apart.
//!
//! A stand-in harness is a shell under its name, which goes on until the test ends it: a session
//! whose harness is gone is in no other one's way.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;

use super::{context, payload, send};
use crate::said::{Said, holds};
use crate::world::World;

/// A session of Claude Code under the id that a user chose.
struct Agent<'w> {
    world: &'w World,
    id: &'static str,
}

impl Agent<'_> {
    fn place(&self) -> World {
        self.world
            .with("GIT_PRESENCE_SESSION", "mine")
            .with("CLAUDE_CODE_SESSION_ID", self.id)
            .with("CLAUDECODE", "1")
    }

    fn hook(&self, event: &str, more: &serde_json::Value) -> Said {
        let mut payload = payload(self.world, "claude", event);
        payload["session_id"] = self.id.into();
        for (key, value) in more.as_object().unwrap() {
            payload[key] = value.clone();
        }
        send(&self.place(), "claude", event, &payload)
    }

    fn starts(&self) -> String {
        context(&self.hook("SessionStart", &json!({"source": "startup"})))
    }

    fn runs(&self, line: &str) -> Said {
        self.place().anyone(line)
    }

    fn whoami(&self) -> String {
        self.runs("whoami").done().out.trim_end().to_owned()
    }
}

fn two(world: &World) -> (Agent<'_>, Agent<'_>) {
    let agent = |id| Agent { world, id };
    (agent("one"), agent("two"))
}

#[test]
fn the_second_agent_is_told_at_its_start_and_has_an_id_of_its_own() {
    let world = World::new();
    let (one, two) = two(&world);
    holds(&one.starts(), contains("another agent").not());
    let told = two.starts();
    let id = two.whoami();
    assert!(
        id.starts_with("mine@") && id.len() == "mine@".len() + 8,
        "{id}"
    );
    holds(
        &told,
        "Tell the user: GIT_PRESENCE_SESSION=\"mine\" is set for this agent and is used by another \
         agent (\"claude-code\") here.",
    );
    holds(&told, contains(format!("this session is \"{id}\" instead")));
    holds(&told, "git config presence.sharedSession true");
    assert_eq!(one.whoami(), "mine");
    two.runs("whoami --explain")
        .says("another session uses that id here");
    // The first one hears of it, once.
    let told = context(&one.hook("UserPromptSubmit", &json!({})));
    holds(
        &told,
        "Tell the user: another agent was started with the session id of this one",
    );
    holds(&told, contains(format!("and is \"{id}\" now")));
    two.starts();
    assert_eq!(context(&one.hook("UserPromptSubmit", &json!({}))), "");
}

/// Commands and hooks of a session are the same session, whichever comes first.
#[test]
fn neither_ends_or_renews_claims_of_the_other() {
    let world = World::new();
    let (one, two) = two(&world);
    one.runs("claim path:src --purpose p").done();
    two.runs("claim -x stack:dns --purpose p")
        .says("Claimed stack:dns")
        .warns("GIT_PRESENCE_SESSION=mine is used by another agent (claude-code) here");
    two.runs("claim path:src --purpose p")
        .says("ALSO CLAIMED BY mine (claude-code, ");
    two.runs("release path:src").done();
    one.runs("list --mine")
        .says(contains("path:src").and(contains("stack:dns").not()));
    one.runs("release --all-mine").omits("stack:dns");
    let told = context(&one.hook("UserPromptSubmit", &json!({})));
    holds(&told, contains(format!("claimed by \"{}\"", two.whoami())));
    two.hook("SessionEnd", &json!({"reason": "logout"})).done();
    world.carol("list").says("Nothing is claimed.");
}

#[test]
fn what_run_starts_acts_as_its_session() {
    let world = World::new();
    let (one, two) = two(&world);
    one.starts();
    two.starts();
    let said = two.runs("run stack:dns --purpose p -- git presence whoami");
    holds(&said.out, contains(format!("{}+run-", two.whoami())));
    let said = one.runs("run stack:dns --purpose p -- git presence whoami");
    holds(&said.out, contains("mine+run-"));
}

#[test]
fn an_agent_inside_an_agent_is_another_session() {
    let world = World::new();
    let (one, _) = two(&world);
    one.starts();
    one.runs("claim path:src --purpose p").done();
    let inner = one.place().sh(
        "bash -c 'export CLAUDE_CODE_SESSION_ID=inner; git-presence whoami; \
         git-presence claim node:x --purpose p >/dev/null; git-presence release --all-mine; true'",
    );
    holds(
        &inner.done().out,
        contains("mine@").and(contains("path:src").not()),
    );
    one.runs("list --mine").says("path:src");
}

#[test]
fn a_person_who_claims_first_has_the_id() {
    let world = World::new();
    let (one, _) = two(&world);
    world
        .session("mine", "claim -x stack:dns --purpose p")
        .done();
    holds(&one.starts(), "is used by another caller here");
    one.runs("claim -x stack:dns --purpose p").refuses("mine");
    one.runs("release --all-mine").done();
    world.session("mine", "fence stack:dns").says("Yours");
}

#[test]
fn a_person_who_comes_later_is_told() {
    let world = World::new();
    let (one, _) = two(&world);
    one.starts();
    world
        .session("mine", "claim node:x --purpose p")
        .warns("GIT_PRESENCE_SESSION=mine is used by an agent here, too (claude-code)");
    world
        .session("mine", "claim node:x --purpose again")
        .done()
        .omits("by an agent here");
}

/// It is the user's to say that they are one.
#[test]
fn with_the_setting_they_are_one_session() {
    let world = World::new();
    world.git("config presence.sharedSession true");
    let (one, two) = two(&world);
    one.starts();
    holds(&two.starts(), contains("another agent").not());
    assert_eq!(two.whoami(), "mine");
    one.runs("claim path:src --purpose p").done();
    two.runs("list --mine").says("path:src");
    assert!(!world.sh("ls .git/presence").out.contains("chosen-"));
}

#[test]
fn an_agent_that_ended_leaves_the_id() {
    let world = World::new();
    let (one, two) = two(&world);
    one.starts();
    one.hook("SessionEnd", &json!({"reason": "logout"})).done();
    holds(&two.starts(), contains("another agent").not());
    assert_eq!(two.whoami(), "mine");
}

/// Where no process tells, silence does: nothing is held, and nothing was heard.
#[test]
fn one_that_was_silent_for_long_is_in_no_other_ones_way() {
    let world = World::new();
    let (one, two) = two(&world);
    one.runs("claim path:src --ttl 1h --purpose p").done();
    world.later("30m");
    assert_ne!(two.whoami(), "mine", "it still claims");
    world.later("31m");
    two.runs("claim path:src --purpose p").done();
    assert_eq!(two.whoami(), "mine");
    assert_ne!(one.whoami(), "mine", "it comes back later");
}

/// The variable is also how a hook, or an agent by our own advice, passes one session on.
#[test]
fn an_id_of_one_session_is_taken_as_it_is() {
    let world = World::new();
    for id in ["wizard@devvm@0123abcd", "mine@0123abcd", "a+run-0123abcd"] {
        for session in ["one", "two"] {
            let place = world
                .with("GIT_PRESENCE_SESSION", id)
                .with("CLAUDE_CODE_SESSION_ID", session);
            place.anyone("claim node:x --purpose p").done();
            place.anyone("whoami").says(id);
        }
    }
}

/// The file is local and of this program: what else stands there is not believed.
#[test]
fn a_file_that_cannot_be_read_is_none() {
    let world = World::new();
    let (one, two) = two(&world);
    one.starts();
    two.starts();
    let file = world.sh("ls .git/presence/chosen-*").out.trim().to_owned();
    world.write(&file, "session = 7");
    two.runs("claim node:x --purpose p").done();
    assert_eq!(two.whoami(), "mine");
}

/// What a harness sets for one process tells its sessions apart, and a cleared one goes on.
#[test]
#[cfg(target_os = "linux")]
fn in_one_process_a_session_that_goes_on_keeps_its_id() {
    let world = World::new().with("GIT_PRESENCE_SESSION", "mine");
    let start = |id: &str, source: &str| {
        let mut payload = payload(&world, "claude", "SessionStart");
        payload["session_id"] = id.into();
        payload["source"] = source.into();
        let file = world.root().join(format!("{id}.json"));
        std::fs::write(&file, payload.to_string()).unwrap();
        format!(
            "CLAUDE_CODE_SESSION_ID={id} git-presence hook claude SessionStart < {} >/dev/null\n",
            file.display()
        )
    };
    let who = |id: &str| format!("CLAUDE_CODE_SESSION_ID={id} git-presence whoami\n");
    let lines = start("a", "startup")
        + &start("b", "clear")
        + &who("b")
        + &start("c", "startup")
        + &who("c");
    let said = world.harness("claude", &lines);
    let lines = said.done().lines();
    assert_eq!(lines[0], "mine");
    assert!(lines[1].starts_with("mine@"), "{lines:?}");
    // The process has ended: the next one has the id again.
    let lines = start("d", "startup") + &who("d");
    let said = world.harness("claude", &lines);
    assert_eq!(said.done().lines(), ["mine"]);
}
