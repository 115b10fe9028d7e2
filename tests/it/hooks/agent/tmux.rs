//! Agents below one tmux server: what one of them does or suffers takes nothing from another, and
//! each is told what it lost.
//!
//! A stand-in harness is a shell under its name that lives in a pane and runs what is written into
//! its pipe. The server of the test has a socket of its own, and was started by an agent, whose
//! variables all panes inherit. What waits here waits for a program to do a line, with a bound.

use std::path::PathBuf;

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::{Value, json};

use super::succession::{hook, runs, start};
use crate::said::holds;
use crate::world::{World, needs};

/// Runs each script whose path comes through a pipe, and writes what it said beside it.
const DRIVER: &str = "echo $$ > $1.pid\nexec 3<>$1\n\
     while IFS= read -r script <&3; do\n\
     . $script >$script.out 2>&1 3>&-\n: >$script.done\ndone\n";
/// The same, until the file is there or ten seconds are over.
const AWAIT: &str = "for i in $(seq 200); do test -e $FILE && exit 0; sleep 0.05; done; exit 1";

/// A tmux server, which ends with the test.
struct Server {
    world: World,
}

impl Server {
    /// Starts one as a command of an agent, which claims something first and then ends.
    fn start() -> Self {
        let world = World::new();
        world.write(".git/driver", DRIVER);
        for name in ["claude", "codex"] {
            world.harness(name, "").done();
        }
        let server = Self { world };
        let begins = runs(
            "zero",
            &format!("{} new-session -d -s agents sleep 1000", server.tmux()),
        );
        let lines = start(&server.world, "zero", "startup")
            + &runs(
                "zero",
                "git-presence claim path:zero --purpose p >/dev/null",
            )
            + &begins;
        server.world.harness("claude", &lines).done();
        server
    }

    fn tmux(&self) -> String {
        let socket = self.world.root().join("tmux");
        format!("tmux -f /dev/null -S {}", socket.display())
    }

    /// Starts a harness in the shell of a window of its own.
    fn agent(&self, harness: &'static str, name: &'static str) -> Agent<'_> {
        let line = format!("{} new-window -d -t agents", self.tmux());
        let agent = self.prepared(harness, name);
        let shell = format!("{line} '{}; sleep 1000'", agent.line());
        self.world.sh(&shell).done();
        agent.is_there();
        agent
    }

    fn prepared(&self, harness: &'static str, name: &'static str) -> Agent<'_> {
        let pipe = self.world.root().join(format!("pipe-{name}"));
        self.world.sh(&format!("mkfifo {}", pipe.display())).done();
        Agent {
            server: self,
            harness,
            name,
            pipe,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let root = self.world.root().display().to_string();
        let line = format!(
            "kill -9 $(cat {root}/pipe-*.pid); {} kill-server",
            self.tmux()
        );
        // What has ended needs no end.
        let _ = self.world.sh(&format!("{line}; true"));
    }
}

/// A harness that lives in a pane, or in the shell of another one.
struct Agent<'s> {
    server: &'s Server,
    harness: &'static str,
    name: &'static str,
    pipe: PathBuf,
}

impl Agent<'_> {
    /// The command that is this harness.
    fn line(&self) -> String {
        let world = &self.server.world;
        let program = world.root().join(self.harness);
        format!("{} .git/driver {}", program.display(), self.pipe.display())
    }

    fn is_there(&self) {
        let file = format!("{}.pid", self.pipe.display());
        let line = AWAIT.replace("$FILE", &file);
        self.server.world.sh(&line).done();
    }

    /// Sends lines to the harness, which runs them.
    fn sends(&self, lines: &str) -> String {
        let world = &self.server.world;
        let number = world.root().read_dir().expect("a folder").count();
        let script = world.root().join(format!("{}-{number}.sh", self.name));
        let now = world.now().to_rfc3339();
        let lines = format!("export GIT_PRESENCE_TEST_NOW={now}\n{lines}");
        std::fs::write(&script, lines).expect("a script");
        let (pipe, script) = (self.pipe.display(), script.display().to_string());
        let sends = format!("timeout 10 sh -c 'echo {script} > {pipe}'");
        world.sh(&sends).done();
        script
    }

    /// Runs lines, and returns what was said.
    fn does(&self, lines: &str) -> String {
        let script = self.sends(lines);
        self.said(&script)
    }

    fn said(&self, script: &str) -> String {
        let line = AWAIT.replace("$FILE", &format!("{script}.done"));
        self.server.world.sh(&line).done();
        std::fs::read_to_string(format!("{script}.out")).expect("what was said")
    }

    fn signals(&self, signal: &str) {
        let line = format!("kill -{signal} $(cat {}.pid)", self.pipe.display());
        self.server.world.sh(&line).done();
    }
}

/// Which session claims what.
fn board(world: &World) -> Vec<(String, String)> {
    let rows = world.carol("list --json").json();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let rows = rows.as_array().unwrap().iter();
    let mut all: Vec<_> = rows
        .map(|row| (text(row, "resource"), text(row, "session_id")))
        .collect();
    all.sort();
    all
}

fn holder<'b>(board: &'b [(String, String)], resource: &str) -> &'b str {
    let mut rows = board.iter();
    rows.find(|row| row.0 == resource).map_or("", |row| &row.1)
}

fn prompt(world: &World, harness: &str, id: &str) -> String {
    hook(world, harness, id, "UserPromptSubmit", &json!({}))
}

fn as_codex(line: &str) -> String {
    format!("CODEX_THREAD_ID=two bash -c '{line}; exit'\n")
}

fn claims(resource: &str) -> String {
    format!("git-presence claim -x {resource} --purpose p >/dev/null")
}

fn fence(resource: &str) -> String {
    format!("git-presence fence {resource}")
}

const RESOURCES: [&str; 4] = ["path:zero", "stack:inner", "stack:one", "stack:two"];

/// Three agents: one and two in panes, and one inside the shell of the first. All hold something.
fn three(server: &Server) -> [Agent<'_>; 3] {
    let world = &server.world;
    let one = server.agent("claude", "one");
    one.does(&(start(world, "one", "startup") + &runs("one", &claims("stack:one"))));
    let two = server.agent("codex", "two");
    let started = hook(
        world,
        "codex",
        "two",
        "SessionStart",
        &json!({"source": "startup"}),
    );
    two.does(&(started + &as_codex(&claims("stack:two"))));
    let inner = server.prepared("claude", "inner");
    let line = runs("one", &inner.line());
    one.does(&format!("{} &\n", line.trim_end()));
    inner.is_there();
    inner.does(&(start(world, "inner", "startup") + &runs("inner", &claims("stack:inner"))));
    let board = board(world);
    let held: Vec<&str> = board.iter().map(|row| row.0.as_str()).collect();
    assert_eq!(held, RESOURCES);
    let mut holders: Vec<&str> = board.iter().map(|row| row.1.as_str()).collect();
    holders.sort_unstable();
    holders.dedup();
    assert_eq!(holders.len(), 4, "{board:?}");
    [one, two, inner]
}

fn all_hold(one: &Agent<'_>, two: &Agent<'_>, inner: &Agent<'_>, id: &str) {
    holds(&one.does(&runs(id, &fence("stack:one"))), "Yours");
    holds(&two.does(&as_codex(&fence("stack:two"))), "Yours");
    holds(&inner.does(&runs("inner", &fence("stack:inner"))), "Yours");
}

/// `/clear`, compaction and a resumption, by each of the three in turn.
#[test]
fn what_a_harness_says_of_one_agent_ends_nothing_of_the_others() {
    if !needs("tmux") {
        return;
    }
    let server = Server::start();
    let world = &server.world;
    let [one, two, inner] = three(&server);
    all_hold(&one, &two, &inner, "one");
    // The one around another is cleared.
    let ended = hook(
        world,
        "claude",
        "one",
        "SessionEnd",
        &json!({"reason": "clear"}),
    );
    let said = one.does(&(ended + &start(world, "next", "clear")));
    holds(
        &said,
        contains("this conversation held \\\"stack:one\\\" exclusively").count(1),
    );
    let now = board(world);
    let held: Vec<&str> = now.iter().map(|row| row.0.as_str()).collect();
    assert_eq!(held, ["path:zero", "stack:inner", "stack:two"]);
    one.does(&runs("next", &claims("stack:one")));
    // Each goes on: a compaction under the same id, a resumption under another one.
    let before = board(world);
    let compact = |harness: &str, id: &str| {
        hook(
            world,
            harness,
            id,
            "SessionStart",
            &json!({"source": "compact"}),
        )
    };
    for (agent, harness, id) in [(&one, "claude", "next"), (&two, "codex", "two")] {
        let said = agent.does(&compact(harness, id));
        holds(&said, contains("released").not());
    }
    assert_eq!(board(world), before);
    let said = inner.does(&start(world, "inner-2", "resume"));
    holds(
        &said,
        contains("under another session id, you held \\\"stack:inner\\\" exclusively").count(1),
    );
    holds(
        &inner.does(&runs("inner-2", &fence("stack:inner"))),
        "Yours",
    );
    holds(&one.does(&runs("next", &fence("stack:one"))), "Yours");
    holds(&two.does(&as_codex(&fence("stack:two"))), "Yours");
    let after = board(world);
    for resource in ["path:zero", "stack:one", "stack:two"] {
        assert_eq!(holder(&after, resource), holder(&before, resource));
    }
    for (agent, harness, id) in [(&one, "claude", "next"), (&two, "codex", "two")] {
        let said = agent.does(&prompt(world, harness, id));
        holds(&said, contains("no longer holds").not());
    }
}

/// A crash and a sleep: what is lost is lost by them alone, and told to the one that lost it.
#[test]
fn a_crash_and_a_sleep_of_one_agent_cost_that_one_alone_and_it_is_told() {
    if !needs("tmux") {
        return;
    }
    let server = Server::start();
    let world = &server.world;
    let [one, two, inner] = three(&server);
    let before = board(world);
    // The one around another is killed; the inner one lives on.
    one.signals("KILL");
    holds(&inner.does(&runs("inner", &fence("stack:inner"))), "Yours");
    holds(&two.does(&as_codex(&fence("stack:two"))), "Yours");
    assert_eq!(board(world), before);
    // It comes back in another pane, and has what it had.
    let again = server.agent("claude", "again");
    let said = again.does(&start(world, "one", "resume"));
    holds(&said, contains("released").not());
    all_hold(&again, &two, &inner, "one");
    // The machine sleeps for the inner one, while the others go on.
    inner.signals("STOP");
    world.later("10m");
    let beats = |id: &str| runs(id, "git-presence heartbeat");
    again.does(&beats("one"));
    two.does(&as_codex("git-presence heartbeat"));
    world.later("10m");
    world
        .session("bob", "claim -x stack:inner --purpose mine")
        .says("Claimed stack:inner exclusively");
    inner.signals("CONT");
    let said = inner.does(&prompt(world, "claude", "inner"));
    holds(
        &said,
        contains("no longer holds \\\"stack:inner\\\": taken over by \\\"bob\\\"").count(1),
    );
    let said = inner.does(&prompt(world, "claude", "inner"));
    holds(&said, contains("no longer holds").not());
    for (agent, harness, id) in [(&again, "claude", "one"), (&two, "codex", "two")] {
        let said = agent.does(&prompt(world, harness, id));
        holds(&said, contains("no longer holds").not());
    }
    holds(&again.does(&runs("one", &fence("stack:one"))), "Yours");
    holds(&two.does(&as_codex(&fence("stack:two"))), "Yours");
    assert_eq!(holder(&board(world), "stack:inner"), "bob");
}
