//! `mcp`, as a client of the protocol meets it.
//!
//! Owns a client that talks to a server beside the test ([`Client`]): the handshake, the tools,
//! whose calls they are, and what a broken client may send. The command lines that calls stand for
//! are tested next to the code.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::machines::Team;
use crate::servers::process::soon;
use crate::world::{ALICE, World};

const BINARY: &str = env!("CARGO_BIN_EXE_git-presence");
/// Longer than any call takes.
const ANSWERS_WITHIN: Duration = Duration::from_secs(60);

struct Client {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
    next_id: u64,
}

impl Client {
    /// A server in this folder, and the handshake with it.
    fn greeting(world: &World) -> Self {
        let mut client = Self::silent(world);
        let hello = client.ask(
            "initialize",
            json!({ "protocolVersion": "2025-06-18", "capabilities": {},
                    "clientInfo": { "name": "test", "version": "1" } }),
        );
        assert_eq!(hello["result"]["serverInfo"]["name"], "git-presence");
        client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        client
    }

    fn silent(world: &World) -> Self {
        let mut child = world
            .command(BINARY)
            .arg("mcp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let (told, lines) = channel();
        let output = BufReader::new(child.stdout.take().expect("its answers"));
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = told.send(serde_json::from_str(&line).expect("a line is JSON"));
            }
        });
        Self {
            input: child.stdin.take(),
            child,
            lines,
            next_id: 1,
        }
    }

    fn send(&mut self, message: &Value) {
        self.send_raw(format!("{message}\n").as_bytes());
    }

    fn send_raw(&mut self, bytes: &[u8]) {
        // It may have ended.
        let _ = self.input.as_mut().expect("stdin").write_all(bytes);
    }

    fn begin(&mut self, method: &str, params: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        loop {
            let line = self.lines.recv_timeout(ANSWERS_WITHIN).expect("an answer");
            if line["id"] == id {
                return line;
            }
        }
    }

    /// The result of a call.
    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self.ask(
            "tools/call",
            json!({ "name": tool, "arguments": arguments }),
        );
        answer["result"].clone()
    }

    /// The structure of a call that succeeds.
    fn done(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], false, "{tool}: {result}");
        result["structuredContent"].clone()
    }

    /// Its exit code, once it has ended.
    fn ended(&mut self) -> Option<i32> {
        let child = RefCell::new(&mut self.child);
        let has_ended = || child.borrow_mut().try_wait().expect("our child").is_some();
        assert!(soon(has_ended), "it ends");
        self.child.wait().expect("our child").code()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().expect("text")
}

#[test]
fn the_handshake_needs_no_repository() {
    let world = World::empty();
    let mut client = Client::greeting(&world);
    let tools = client.ask("tools/list", json!({}))["result"]["tools"].clone();
    let names: Vec<_> = tools
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| &tool["name"])
        .collect();
    assert_eq!(
        names,
        [
            "board",
            "claim",
            "release",
            "turn",
            "tell",
            "inbox",
            "task_next",
            "task_done"
        ]
    );
    let result = client.call("board", json!({}));
    assert_eq!(result["isError"], true);
    assert_eq!(
        result["structuredContent"]["error"]["kind"],
        "no_repository"
    );
    assert!(text(&result).contains("hint:"), "{result}");
    drop(client.input.take());
    assert_eq!(client.ended(), Some(0));
}

#[test]
fn tools_answer_as_verbs_do() {
    let world = World::new().with("GIT_PRESENCE_SESSION", ALICE);
    let mut client = Client::greeting(&world);
    let claimed = client.done(
        "claim",
        json!({ "resources": ["path:src/net"], "purpose": "retry loop" }),
    );
    assert_eq!(claimed["claims"][0]["resource"], "path:src/net");
    world.bob("peek path:src/net/dns.rs").says("retry loop");

    let by_verb = world.anyone("status --json");
    let by_verb: Value = serde_json::from_str(&by_verb.out).unwrap();
    assert_eq!(client.done("board", json!({})), by_verb);
    let rows = world.anyone("peek --json path:src");
    let rows: Value = serde_json::from_str(&rows.out).unwrap();
    let board = client.done("board", json!({ "resources": ["path:src"] }));
    assert_eq!(board, json!({ "board": rows }));

    world
        .bob("claim -x stack:dns --purpose \"move the zone\"")
        .done();
    let refused = client.call(
        "claim",
        json!({ "resources": ["stack:dns"], "purpose": "x", "exclusive": true }),
    );
    assert_eq!(refused["isError"], true);
    assert_eq!(refused["structuredContent"]["error"]["kind"], "refused");
    assert!(
        text(&refused).contains("git presence"),
        "the next step: {refused}"
    );

    client.done("release", json!({ "resources": ["path:src/net"] }));
    world.bob("peek path:src/net").says("free");
}

#[test]
fn turns_messages_and_tasks() {
    let world = World::new().with("GIT_PRESENCE_SESSION", ALICE);
    let mut client = Client::greeting(&world);
    client.done("turn", json!({ "action": "take" }));
    world.bob("turn").says("alice");
    client.done(
        "turn",
        json!({ "action": "pass", "status": "half", "next": "the rest" }),
    );
    world.bob("turn take").says("the rest");
    assert!(client.done("turn", json!({})).is_object());

    world
        .bob(&format!("tell {ALICE} --ask -m \"which zone?\""))
        .done();
    let inbox = client.done("inbox", json!({}));
    let id = inbox["inbox"][0]["id"].as_str().expect("an id").to_owned();
    client.done(
        "tell",
        json!({ "text": "the second\nof both", "reply_to": id }),
    );
    world.bob("inbox").says("the second");
    client.done("inbox", json!({ "mark_read": true }));
    assert_eq!(client.done("inbox", json!({})), json!({ "inbox": [] }));

    world.bob("task add \"write the docs\"").done();
    let taken = client.done("task_next", json!({}));
    let task = taken["tasks"][0]["id"].as_str().expect("a task").to_owned();
    client.done("task_done", json!({ "id": &task, "result": "written" }));
    let none = client.call("task_next", json!({}));
    assert!(text(&none).contains("no task"), "{none}");
    world.bob("log").says("written");
}

/// The server starts once with its harness; the session of the harness changes.
#[test]
fn calls_are_those_of_the_session_that_runs_now() {
    let world = World::new();
    let script = r#"
        hook() { printf '%s' "$2" | git presence hook claude "$1" >/dev/null; }
        call() {
            printf '{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":"claim","arguments":{"resources":["%s"],"purpose":"x"}}}\n' "$1" "$2" >&3
            for _ in $(seq 500); do grep -q "\"id\":$1," out && return; sleep 0.02; done
            echo "no answer to $1" >&2; exit 1
        }
        export CLAUDECODE=1 CLAUDE_CODE_SESSION_ID=one
        hook session-start '{"hook_event_name":"SessionStart","session_id":"one","cwd":"'"$PWD"'","source":"startup"}'
        mkfifo in
        git presence mcp <in >out &
        exec 3>in
        echo '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}' >&3
        echo '{"jsonrpc":"2.0","method":"notifications/initialized"}' >&3
        call 1 path:a
        git presence whoami
        hook session-end '{"hook_event_name":"SessionEnd","session_id":"one","cwd":"'"$PWD"'","reason":"clear"}'
        export CLAUDE_CODE_SESSION_ID=two
        hook session-start '{"hook_event_name":"SessionStart","session_id":"two","cwd":"'"$PWD"'","source":"clear"}'
        call 2 path:b
        git presence whoami
        exec 3>&-
        wait
        git presence list --all --json
    "#;
    let said = world.harness("claude", script);
    said.done();
    let mut lines = said.out.lines();
    let session = |line: Option<&str>| {
        let line = line.expect("a line").to_owned();
        line.split_whitespace().next().expect("an id").to_owned()
    };
    let (one, two) = (session(lines.next()), session(lines.next()));
    assert_ne!(one, two);
    let rest: Vec<&str> = lines.collect();
    let board: Value = serde_json::from_str(rest.last().expect("the list")).expect("JSON");
    let held: Vec<_> = { board.as_array().unwrap().iter() }
        .map(|claim| {
            (
                claim["resource"].as_str().unwrap(),
                claim["session_id"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(held, [("path:b", two.as_str())], "{}", said.out);
}

#[test]
fn a_named_session_stays() {
    let world = World::new();
    let mut client = Client::greeting(&world.with("GIT_PRESENCE_SESSION", "wizard@devvm@tools"));
    let claimed = client.done("claim", json!({ "resources": ["path:a"], "purpose": "x" }));
    assert_eq!(claimed["session_id"], "wizard@devvm@tools");
}

#[test]
fn what_is_claimed_over_the_protocol_is_seen_in_another_clone() {
    let team = Team::new();
    let (a, b) = (team.clone_to("a"), team.clone_to("b"));
    let mut client = Client::greeting(&a.with("GIT_PRESENCE_SESSION", ALICE));
    let claimed = client.done(
        "claim",
        json!({ "resources": ["stack:dns"], "purpose": "x", "exclusive": true }),
    );
    assert_eq!(claimed["guarantee"], "confirmed", "{claimed}");
    b.bob("claim -x stack:dns --purpose y").exits(3);
}

#[test]
fn a_broken_client_harms_nothing() {
    let world = World::new().with("GIT_PRESENCE_SESSION", ALICE);
    let mut client = Client::greeting(&world);
    client.send_raw(b"garbage\n{\"jsonrpc\":\"2.0\"}\n[]\nnull\n\xff\xfe\n\n");
    client.send_raw(format!("{}\n", "[".repeat(100_000)).as_bytes());
    client.send_raw(
        &[
            b"{\"jsonrpc\":\"2.0\",\"id\":\"".as_slice(),
            &vec![b'x'; 3 << 20],
            b"\"}\n",
        ]
        .concat(),
    );
    client.send(&json!({ "jsonrpc": "2.0", "id": 70, "method": "no/such" }));
    client.send(&json!({ "jsonrpc": "2.0", "id": 71, "method": "tools/call", "params": 7 }));
    client.send(
        &json!({ "jsonrpc": "2.0", "method": "notifications/cancelled",
                         "params": { "requestId": 999 } }),
    );
    let wrong = client.call("claim", json!({ "resources": [] , "purpose": "x" }));
    assert_eq!(wrong["isError"], true, "{wrong}");
    for odd in [
        "--force",
        "--exclusive",
        "--",
        "\u{1b}[31mred",
        "path:\u{202e}a",
        "",
    ] {
        let result = client.call("claim", json!({ "resources": [odd], "purpose": "x" }));
        assert_eq!(result["isError"], true, "{odd}: {result}");
        assert!(!text(&result).contains('\u{1b}'), "{result}");
    }
    assert_eq!(client.done("release", json!({}))["released"], json!([]));
    drop(client.input.take());
    assert_eq!(client.ended(), Some(0));
}

#[test]
fn calls_before_the_handshake_change_nothing() {
    let world = World::new().with("GIT_PRESENCE_SESSION", ALICE);
    let mut client = Client::silent(&world);
    client.begin(
        "tools/call",
        json!({ "name": "claim", "arguments": { "resources": ["path:a"], "purpose": "x" } }),
    );
    drop(client.input.take());
    client.ended();
    world.bob("list").says("Nothing is claimed");
}

#[test]
fn a_call_that_waits_ends_in_time_and_with_a_signal() {
    let world = World::new().with("GIT_PRESENCE_SESSION", ALICE);
    world
        .bob("claim -x stack:dns --purpose \"move the zone\"")
        .done();
    let mut client = Client::greeting(&world);
    let waits = json!({ "resources": ["stack:dns"], "purpose": "x", "exclusive": true,
                        "wait_seconds": 1 });
    let result = client.call("claim", waits);
    assert_eq!(result["isError"], true, "{result}");
    let waits = json!({ "name": "claim", "arguments": { "resources": ["stack:dns"],
        "purpose": "x", "exclusive": true, "wait_seconds": 40 } });
    client.begin("tools/call", waits);
    let waiting = || world.bob("list --json").out.contains("\"waiting\"");
    assert!(soon(waiting), "it waits");
    let pid = i32::try_from(client.child.id())
        .ok()
        .and_then(Pid::from_raw);
    kill_process(pid.expect("a pid"), Signal::TERM).expect("it is ours");
    assert_eq!(client.ended(), Some(0));
}
