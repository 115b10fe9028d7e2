//! What messages cost, as whole processes: to send one, next to a claim, without a remote and with
//! one; and what the hooks of an agent cost with 200 messages on the board, none of them unread for
//! it, also when another session just got one, next to `git --version`.
//!
//! `cargo bench --bench messages [-- --report-only] [-- --rounds <n>]`; ends with 1 when a limit is
//! missed, unless `--report-only`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark spawns processes, reads the clock and prints"
)]

#[expect(dead_code, reason = "other benchmarks use more of it")]
mod measure;
#[path = "measure/remote.rs"]
#[expect(dead_code, reason = "other benchmarks use more of it")]
mod remote;

use std::fs::File;
use std::process::{Command, ExitCode};

use measure::{Place, Plan, Runner, judge, millis, print_times, run, runner};

const ROUNDS: usize = 40;
const SESSIONS: usize = 100;
/// How many each session has sent before.
const SENT: usize = 2;
/// The session whose hooks are asked, and the one to which the messages are.
const ME: usize = 7;
const OTHER: usize = 50;

const GIT_VERSION: &str = "git --version";
const CLAIM: &str = "claim";
const TELL: &str = "tell";
const CLAIM_THERE: &str = "claim, confirmed by a remote";
const TELL_THERE: &str = "tell, confirmed by a remote";
const PROMPT: &str = "user-prompt-submit, nothing unread";
const PROMPT_AFTER_ONE: &str = "user-prompt-submit, after a message to another";
const USED: &str = "post-tool-use, nothing unread";

const RATIOS: [(&str, &str, Option<f64>); 5] = [
    (TELL, CLAIM, Some(1.2)),
    (TELL_THERE, CLAIM_THERE, Some(1.1)),
    (PROMPT, GIT_VERSION, Some(2.5)),
    (PROMPT_AFTER_ONE, GIT_VERSION, Some(2.5)),
    (USED, GIT_VERSION, Some(1.5)),
];

/// Sends a message as one of many sessions: one alone sends only so many within ten minutes.
fn tell(place: &Place, round: usize) -> Command {
    let from = (round + OTHER + 1) % SESSIONS;
    let line = format!("tell wizard@devvm@{OTHER} -m round-{round}");
    place.presence(from, &line)
}

fn claim(place: &Place, round: usize) -> Command {
    let from = (round + OTHER + 1) % SESSIONS;
    let line = format!("claim infra:round-{round} --purpose bench");
    place.presence(from, &line)
}

fn hook(place: &Place, event: &str) -> Command {
    let payload = format!(
        "{{\"session_id\":\"bench\",\"cwd\":{:?},\"tool_name\":\"Bash\",\
         \"tool_input\":{{\"command\":\"ls -la\"}}}}",
        place.dir
    );
    let path = place.dir.join(".git/payload-messages");
    std::fs::write(&path, payload).expect("the payload");
    let mut command = place.presence(ME, &format!("hook claude {event}"));
    command.stdin(File::open(path).expect("the payload"));
    command
}

/// Measures a prompt for the first time after another session got a message.
fn after_one(place: &Place) -> Runner {
    let place = place.clone();
    runner(PROMPT_AFTER_ONE, move |round| {
        run(tell(&place, round));
        let command = hook(&place, "user-prompt-submit");
        millis(|| run(command))
    })
}

fn timed(
    place: &Place,
    name: &str,
    command: impl Fn(&Place, usize) -> Command + 'static,
) -> Runner {
    let place = place.clone();
    runner(name, move |round| {
        let command = command(&place, round);
        millis(|| run(command))
    })
}

fn main() -> ExitCode {
    let plan = Plan::asked(ROUNDS);
    let root = measure::folder();
    let place = Place::with_sessions(root.path(), SESSIONS);
    for session in (0..SESSIONS).filter(|session| *session != OTHER) {
        for n in 0..SENT {
            let line = format!("tell wizard@devvm@{OTHER} -m message-{n}");
            run(place.presence(session, &line));
        }
    }
    let hub = remote::hub(&root.path().join("there"), SESSIONS);
    let clone = remote::clone(root.path(), &hub, "clone");
    let mut runners = vec![
        timed(&place, PROMPT, |place, _| hook(place, "user-prompt-submit")),
        after_one(&place),
        timed(&place, USED, |place, _| hook(place, "post-tool-use")),
        timed(&place, GIT_VERSION, |place, _| {
            let mut command = place.command("git");
            command.arg("--version");
            command
        }),
        timed(&place, CLAIM, claim),
        timed(&place, TELL, tell),
        timed(&clone, CLAIM_THERE, claim),
        timed(&clone, TELL_THERE, tell),
    ];
    plan.measure(&mut runners);
    println!(
        "{} rounds, {SESSIONS} live sessions, {} messages, page cache warm, presence.fsync=false",
        plan.rounds,
        SENT * SESSIONS
    );
    print_times(&runners);
    let all_met = judge(&runners, &RATIOS);
    ExitCode::from(u8::from(!all_met && !plan.report_only))
}
