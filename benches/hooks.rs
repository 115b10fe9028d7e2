//! What hooks cost, as whole processes, next to `git --version` in the same rounds: those that
//! decide locally, a heartbeat that is not due, and the end of a session whose remote does not
//! answer.
//!
//! `cargo bench --bench hooks [-- --report-only] [-- --rounds <n>]`; ends with 1 when a limit is
//! missed, unless `--report-only`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark spawns processes, reads the clock and prints"
)]

mod measure;
#[path = "measure/memory.rs"]
mod memory;

use std::fs::File;
use std::net::TcpListener;
use std::process::{Command, ExitCode};

use measure::{
    Place, Plan, Runner, judge, median, millis, print_times, run, runner, under, verdict,
};
use memory::peak_mib;

const ROUNDS: usize = 100;
const SESSIONS: usize = 100;
const MEMORY_MIB_MAX: f64 = 15.0;
const END_MILLIS_MAX: f64 = 300.0;
const MAKES_MILLIS_MAX: f64 = 10.0;
/// As much of a Makefile as is examined.
const MAKEFILE_BYTES: usize = 64 << 10;
/// The session that is asked; it holds a claim, as all others do.
const ME: usize = 7;

const GIT_VERSION: &str = "git --version";
const START: &str = "session-start";
const PROMPT: &str = "user-prompt-submit";
const READS: &str = "pre-tool-use, a command that reads";
const CHANGES: &str = "pre-tool-use, a command that changes something";
const MAKES: &str = "pre-tool-use, make with a Makefile of 64 KiB";
const USED: &str = "post-tool-use, not due";
const STOP: &str = "stop, not due";
const BEAT: &str = "heartbeat, not due";
const PRE_APPLY: &str = "pre-apply";
const PRE_PUSH: &str = "pre-push";
const END: &str = "session-end, the remote does not answer";

const DECIDES: Option<f64> = Some(2.5);
const RESTS: Option<f64> = Some(1.5);
const RATIOS: [(&str, &str, Option<f64>); 9] = [
    (START, GIT_VERSION, DECIDES),
    (PROMPT, GIT_VERSION, DECIDES),
    (READS, GIT_VERSION, DECIDES),
    (CHANGES, GIT_VERSION, DECIDES),
    (PRE_APPLY, GIT_VERSION, DECIDES),
    (PRE_PUSH, GIT_VERSION, DECIDES),
    (USED, GIT_VERSION, RESTS),
    (STOP, GIT_VERSION, None),
    (BEAT, GIT_VERSION, RESTS),
];

/// The hooks of a harness, with the tool that each is told of.
const HOOKS: [(&str, &str, &str); 6] = [
    (START, "session-start", ""),
    (PROMPT, "user-prompt-submit", ""),
    (READS, "pre-tool-use", "cargo test --lib 2>&1 | tail -5"),
    (CHANGES, "pre-tool-use", "kubectl apply -f deploy.yaml"),
    (USED, "post-tool-use", "ls -la"),
    (STOP, "stop", ""),
];

/// A hook of Claude Code, with its payload on standard input.
fn hook(place: &Place, event: &str, tool: &str) -> Command {
    let payload = format!(
        "{{\"session_id\":\"bench\",\"cwd\":{:?},\"tool_name\":\"Bash\",\
         \"tool_input\":{{\"command\":{tool:?}}},\"background_tasks\":[]}}",
        place.dir
    );
    let mut command = place.presence(ME, &format!("hook claude {event}"));
    command.stdin(input(place, &payload));
    command
}

/// What is told, in a file: a pipe would have to be fed while it is measured.
fn input(place: &Place, text: &str) -> File {
    let hash = text.bytes().fold(0_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let path = place.dir.join(format!(".git/payload-{hash}"));
    if !path.exists() {
        std::fs::write(&path, text).expect("the payload");
    }
    File::open(path).expect("the payload")
}

fn pre_push(place: &Place) -> Command {
    let line = "refs/heads/main 1111111111111111111111111111111111111111 refs/heads/main \
                0000000000000000000000000000000000000000\n";
    let tip = place.git_fed("rev-parse HEAD", b"");
    let line = line.replace(&"1".repeat(40), &tip);
    let mut command = place.presence(ME, "hook pre-push origin ../elsewhere");
    command.stdin(input(place, &line));
    command
}

fn timed(place: &Place, name: &str, command: impl Fn(&Place) -> Command + 'static) -> Runner {
    let place = place.clone();
    runner(name, move |_| {
        let command = command(&place);
        millis(|| run(command))
    })
}

fn runners(place: &Place) -> Vec<Runner> {
    let mut all: Vec<Runner> = HOOKS
        .iter()
        .map(|(name, event, tool)| timed(place, name, |place| hook(place, event, tool)))
        .collect();
    all.push(timed(place, BEAT, |place| place.presence(ME, "heartbeat")));
    all.push(timed(place, PRE_APPLY, |place| {
        place.presence(ME, "hook pre-apply infra:free")
    }));
    all.push(timed(place, PRE_PUSH, pre_push));
    all.push(timed(place, GIT_VERSION, |place| {
        let mut command = place.command("git");
        command.arg("--version");
        command
    }));
    all
}

/// The end of a session that holds something, while its remote takes a connection and is silent.
/// What is left to do there is done by a process in the background.
fn session_end(place: &Place, rounds: usize) -> f64 {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("its address").port();
    let settings = [
        ("remote.origin.url", &*format!("git://127.0.0.1:{port}/x")),
        ("presence.syncDeadline", "3s"),
    ];
    let times: Vec<f64> = (0..rounds)
        .map(|round| {
            let claim = format!("claim infra:end-{round} --purpose bench");
            run(place.presence(ME, &claim));
            let command = under(hook(place, "session-end", ""), &settings);
            millis(|| run(command))
        })
        .collect();
    median(&times)
}

/// A call of `make` whose target needs as many others as are followed, in a Makefile that is as
/// long as one may be.
fn makes(place: &Place, rounds: usize) -> f64 {
    let mut text = String::from("KUBECTL := kubectl --context prod\ndeploy: t0\n");
    for task in 0_usize.. {
        if text.len() + 1024 > MAKEFILE_BYTES {
            break;
        }
        text.push_str(&format!("t{task}: t{}\n", task + 1));
        for pod in 0..8 {
            let line = format!("\t$(KUBECTL) get pods -n ns{pod} $(A) && echo \"$(shell x)\"\n");
            text.push_str(&line);
        }
    }
    std::fs::write(place.dir.join("Makefile"), text).expect("a Makefile");
    let times: Vec<f64> = (0..rounds)
        .map(|_| {
            let command = hook(place, "pre-tool-use", "make deploy");
            millis(|| run(command))
        })
        .collect();
    median(&times)
}

fn main() -> ExitCode {
    let plan = Plan::asked(ROUNDS);
    let root = measure::folder();
    let place = Place::with_sessions(root.path(), SESSIONS);
    place.git("commit --quiet --allow-empty -m first");
    let mut runners = runners(&place);
    plan.measure(&mut runners);
    println!(
        "{} rounds, {SESSIONS} live sessions, page cache warm, presence.fsync=false",
        plan.rounds
    );
    print_times(&runners);
    let mut all_met = judge(&runners, &RATIOS);
    println!("\n{:66}", "peak memory");
    // Of those that answer: it is read while they do.
    for (name, event, tool) in HOOKS.iter().take(4).filter(|(name, ..)| *name != READS) {
        match peak_mib(hook(&place, event, tool)) {
            Some(mib) => all_met &= verdict(name, mib, " MiB", Some(MEMORY_MIB_MAX)),
            None => println!("{name:66} unknown here"),
        }
    }
    println!("\n{:66}", "wall time");
    let made = makes(&place, plan.rounds);
    all_met &= verdict(MAKES, made, " ms", Some(MAKES_MILLIS_MAX));
    let end = session_end(&place, (plan.rounds / 10).max(2));
    all_met &= verdict(END, end, " ms", Some(END_MILLIS_MAX));
    ExitCode::from(u8::from(!all_met && !plan.report_only))
}
