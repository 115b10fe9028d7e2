//! Hooks where there is a remote, which no hook waits for.

use super::{context, payload, send};
use crate::machines::Team;
use crate::said::holds;
use crate::world::World;

const CLAUDE: &str = "5f0c9a3e-7d3b-4b63-9b0a-2f6c1de0a001";

#[test]
fn no_hook_waits_for_a_remote_that_does_not_answer() {
    let world = World::new()
        .with("CLAUDE_CODE_SESSION_ID", CLAUDE)
        .with("GIT_SSH_COMMAND", "sleep 5; false");
    world.git("config presence.autoSync false");
    world.git("remote add origin ssh://nowhere.invalid/repo");
    world.anyone("claim node:x --purpose p").done();
    world.git("config presence.autoSync true");
    for event in [
        "SessionStart",
        "UserPromptSubmit",
        "PreToolUse",
        "PostToolUse",
        "Stop",
        "SessionEnd",
    ] {
        world.later("10m");
        world.write("payload", payload(&world, "claude", event).to_string());
        let hook = format!("timeout 4 git-presence hook claude {event} < payload");
        world.sh(&hook).done();
    }
    world.anyone("list --mine").says("Nothing is claimed");
}

#[test]
fn the_remote_is_told_in_the_background() {
    let world = World::new().with("CLAUDE_CODE_SESSION_ID", CLAUDE);
    world.git("init --quiet --bare ../board.git");
    world.git("remote add origin ../board.git");
    world
        .anyone("claim node:x --purpose p")
        .says("confirmed by origin");
    let other = world.at("other");
    other.git("init --quiet");
    other.git("remote add origin ../board.git");
    other.bob("sync").done();
    other.bob("list").says("node:x");
    send(
        &world,
        "claude",
        "SessionEnd",
        &payload(&world, "claude", "SessionEnd"),
    )
    .is_silent();
    let told = "for i in $(seq 100); do git-presence sync >/dev/null; \
                git-presence list | grep -q 'Nothing is claimed' && exit 0; sleep 0.1; done; exit 1";
    other.with("GIT_PRESENCE_SESSION", "bob").sh(told).done();
}

/// A session that starts on old code is told so, by what was fetched last.
#[test]
fn a_session_that_starts_behind_its_upstream_is_told_to_pull() {
    let (_team, a, b) = Team::pair();
    let start = || {
        let payload = payload(&a, "claude", "SessionStart");
        context(&send(&a, "claude", "SessionStart", &payload))
    };
    b.git("commit --quiet --allow-empty -m one");
    b.git("commit --quiet --allow-empty -m two");
    b.git("push --quiet origin HEAD:main");
    assert!(!start().contains("behind"), "nothing was fetched");
    a.git("fetch --quiet");
    holds(
        &start(),
        "Pull first (git pull): the branch \"main\" here is 2 commits behind \"origin/main\", as of \
         the last fetch.",
    );
    a.git("merge --quiet --ff-only origin/main");
    assert!(!start().contains("behind"));
}
