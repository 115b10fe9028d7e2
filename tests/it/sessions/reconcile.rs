//! `sessions reconcile`: what is recorded against what runs, with a real tmux and real processes.
//!
//! A stand-in harness is a shell under the name of one that sleeps in a pane. The server of the
//! test has a socket of its own. What waits here waits for a program to be there, with a bound.

use std::path::PathBuf;

use serde_json::Value;

use crate::said::holds;
use crate::world::{World, needs};

/// Until the file is there, or ten seconds are over.
const AWAIT: &str = "for i in $(seq 200); do test -s $FILE && exit 0; sleep 0.05; done; exit 1";
/// Until the process is gone, or ten seconds are over.
const GONE: &str =
    "for i in $(seq 200); do kill -0 $PID 2>/dev/null || exit 0; sleep 0.05; done; exit 1";

/// A tmux server, which ends with the test.
struct Panes {
    world: World,
}

impl Panes {
    fn start(name: &str) -> Self {
        let world = World::new();
        world.harness("claude", "").done();
        let socket = world.root().join("tmux");
        let set = format!("{},1,0", socket.display());
        let panes = Self {
            world: world.with("TMUX", set),
        };
        panes.tmux(&format!("new-session -d -s '{name}' sleep 1000"));
        panes
    }

    fn tmux(&self, line: &str) {
        let socket = self.world.root().join("tmux");
        let line = format!(
            "env -u TMUX tmux -f /dev/null -S {} {line}",
            socket.display()
        );
        self.world.sh(&line).done();
    }

    /// Starts a harness in a window of its own, which claims `resource` under its own id, if it is
    /// given one. Returns its pid.
    fn harness(&self, name: &str, claims: Option<&str>) -> String {
        let world = &self.world;
        let (file, script) = (world.root().join(format!("{name}.pid")), self.script(name));
        let now = world.now().to_rfc3339();
        let claim = claims.map_or_else(String::new, |resource| {
            format!(
                "GIT_PRESENCE_TEST_NOW={now} CLAUDE_CODE_SESSION_ID={name} CLAUDECODE=1 \
                 git-presence claim {resource} --purpose p >{}.out 2>&1\n",
                script.display()
            )
        });
        let lines = format!(
            "{claim}echo $$ >{}\nwhile :; do sleep 1000; done\n",
            file.display()
        );
        std::fs::write(&script, lines).expect("a script");
        let program = world.root().join("claude");
        self.tmux(&format!(
            "new-window -d -c {} {} {}",
            world.dir().display(),
            program.display(),
            script.display()
        ));
        let line = AWAIT.replace("$FILE", &file.display().to_string());
        world.sh(&line).done();
        std::fs::read_to_string(file)
            .expect("a pid")
            .trim()
            .to_owned()
    }

    fn script(&self, name: &str) -> PathBuf {
        self.world.root().join(format!("{name}.sh"))
    }

    fn kills(&self, pid: &str) {
        let line = format!("kill -9 {pid}; {}", GONE.replace("$PID", pid));
        self.world.sh(&line).done();
    }

    fn transcripts(&self) -> PathBuf {
        let spell = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let top = self.world.dir().canonicalize().expect("a folder");
        let project: String = top.display().to_string().chars().map(spell).collect();
        let folder = self.world.home().join(".claude/projects").join(project);
        std::fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    fn transcript(&self, name: &str) -> PathBuf {
        let file = self.transcripts().join(format!("{name}.jsonl"));
        std::fs::write(&file, "{\"half a li").expect("a transcript");
        file
    }

    fn reconciles(&self, options: &str) -> Vec<(String, String)> {
        let line = format!("sessions reconcile --once --emit-diff {options}");
        let said = self.world.alice(&line).done().json();
        let text = |drift: &Value, key: &str| drift[key].as_str().expect(key).to_owned();
        let mut all: Vec<(String, String)> = { said["drifts"].as_array().expect("drifts").iter() }
            .map(|drift| (text(drift, "class"), text(drift, "action")))
            .collect();
        all.sort();
        all
    }

    /// All refs of the repository, and the files in the folder of this clone.
    fn state(&self) -> String {
        let refs = self.world.git("for-each-ref");
        let files = self
            .world
            .sh("cd .git/presence && cat reconciled.toml; ls")
            .out;
        format!("{refs}\n{files}")
    }
}

impl Drop for Panes {
    fn drop(&mut self) {
        let root = self.world.root().display().to_string();
        let socket = format!("env -u TMUX tmux -S {root}/tmux kill-server");
        // What has ended needs no end.
        let _ = self
            .world
            .sh(&format!("{socket}; kill -9 $(cat {root}/*.pid); true"));
    }
}

fn pairs(wanted: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(class, action): &(&str, &str)| ((*class).to_owned(), (*action).to_owned());
    wanted.iter().map(owned).collect()
}

/// The invariants: nothing was started, ended or committed besides refs of sessions.
fn touches_sessions_alone(world: &World, runs: &str) {
    assert_eq!(world.git("rev-list --count HEAD"), "1");
    assert_eq!(world.git("status --porcelain"), "");
    world.sh(&format!("kill -0 {runs}")).done();
    let refs = world.git("for-each-ref --format=%(refname)");
    let is_ours = |name: &str| name.starts_with("refs/heads/") || name.contains("/sessions/");
    assert!(refs.lines().all(is_ours), "{refs}");
}

#[test]
fn four_panes_four_drifts_each_told_once() {
    if !needs("tmux") {
        return;
    }
    let panes = Panes::start("agents");
    let world = &panes.world;
    let killed = panes.harness("killed", Some("stack:one"));
    panes.harness("written", Some("stack:two"));
    panes.harness("lost", Some("stack:three"));
    let lost = panes.transcript("lost");
    world.later("2m");
    // The transcript that is lost later is recorded now.
    let first = panes.reconciles("");
    assert_eq!(
        first,
        pairs(&[("materialized", "recorded")]),
        "{}",
        panes.state()
    );
    assert_eq!(panes.reconciles(""), []);
    panes.kills(&killed);
    let new = panes.harness("new", None);
    let written = panes.transcript("written");
    let size = written.metadata().expect("a file").len();
    std::fs::remove_file(lost).expect("a transcript");
    world.later("2m");
    let wanted = [
        ("gone", "ended"),
        ("materialized", "recorded"),
        ("stale", "told"),
        ("unknown", "registered"),
    ];
    let before = panes.state();
    assert_eq!(panes.reconciles("--dry-run"), pairs(&wanted));
    assert_eq!(panes.state(), before, "a dry run writes nothing");
    assert_eq!(panes.reconciles(""), pairs(&wanted));
    assert_eq!(panes.reconciles(""), []);
    let rows = world.alice("sessions --all --json").json();
    let of = |status: &str| {
        let rows = rows.as_array().expect("rows").iter();
        rows.filter(|row| row["status"] == status).count()
    };
    assert_eq!(
        (of("ended"), of("working"), of("idle")),
        (1, 2, 1),
        "{rows}"
    );
    let panes_known = rows.as_array().expect("rows").iter();
    assert_eq!(
        panes_known.filter(|row| !row["pane"].is_null()).count(),
        3,
        "{rows}"
    );
    world.alice("list").says("stack:two").omits("stack:one");
    world
        .alice("log")
        .says("auto-detected: pid")
        .says("auto-registered: claude as pid");
    assert_eq!(written.metadata().expect("a file").len(), size);
    touches_sessions_alone(world, &new);
    // Only a purge forgets what is lost.
    assert_eq!(
        panes.reconciles("--purge"),
        pairs(&[("stale", "forgotten")])
    );
    assert_eq!(panes.reconciles("--purge"), []);
}

#[test]
fn without_a_server_or_with_hostile_names_it_goes_on() {
    if !needs("tmux") {
        return;
    }
    let panes = Panes::start("agents");
    let world = &panes.world;
    let title = format!("\u{1b}[31m\t1 %9 x {}", "y".repeat(2000));
    panes.tmux(&format!("rename-window -t agents \"{title}\""));
    panes.tmux(&format!("select-pane -t agents -T \"{title}\""));
    world.git("config presence.sessionPattern agents");
    assert_eq!(panes.reconciles(""), pairs(&[("unknown", "registered")]));
    assert_eq!(panes.reconciles(""), []);
    panes.tmux("kill-server");
    world.later("2m");
    // Its process went with the server.
    let gone = panes.reconciles("");
    assert!(
        gone.is_empty() || gone == pairs(&[("gone", "ended")]),
        "{gone:?}"
    );
    let nowhere = world.with("TMUX", "/nowhere/socket,1,0");
    nowhere.alice("sessions reconcile").says("No drift");
    let without = world.with("PATH", world.root().display().to_string());
    without.alice("sessions reconcile").says("No drift");
}

#[test]
fn a_transcript_is_never_read_however_long_it_is() {
    let panes = World::new();
    let world = &panes;
    let spell = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let top = world
        .dir()
        .canonicalize()
        .expect("a folder")
        .display()
        .to_string();
    let project: String = top.chars().map(spell).collect();
    let folder = world.home().join(".claude/projects").join(project);
    std::fs::create_dir_all(&folder).expect("a folder");
    let claims = "CLAUDECODE=1 CLAUDE_CODE_SESSION_ID=long git-presence claim stack:x -p p";
    world.harness("claude", claims).done();
    let file = std::fs::File::create(folder.join("long.jsonl")).expect("a file");
    file.set_len(1 << 30).expect("a long file");
    world.later("1m");
    let said = world.alice("sessions reconcile --once --emit-diff").json();
    assert_eq!(said["drifts"][0]["class"], "gone", "{said}");
    // The session ended before its transcript was seen; nothing is left to say.
    let said = world.alice("sessions reconcile --once --emit-diff").json();
    assert_eq!(said["drifts"], serde_json::json!([]));
    holds(&world.alice("sessions reconcile").out, "No drift");
}

#[test]
fn what_another_process_did_a_moment_ago_counts() {
    let world = World::new();
    let claims = "CLAUDECODE=1 CLAUDE_CODE_SESSION_ID=s git-presence claim stack:x -p p";
    world.harness("claude", claims).done();
    world.later("3s");
    world.alice("sessions reconcile").says("No drift");
    world.later("3s");
    world.alice("sessions reconcile").says("gone");
    world.alice("list --json").says("[]");
}
