//! What sync costs, as whole processes, next to plain Git in the same rounds.
//!
//! `cargo bench --bench sync [-- --report-only] [-- --rounds <n>]`; ends with 1 when a limit is
//! missed, unless `--report-only`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark spawns processes, reads the clock and prints"
)]

mod measure;
#[path = "measure/remote.rs"]
mod remote;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use measure::{
    Place, Plan, Runner, judge, median, millis, print_times, run, runner, under, verdict,
};
use remote::{clone, git, hub, new_commit};

const ROUNDS: usize = 30;
const PEERS: usize = 10;
const FEW: usize = 100;
const MANY: usize = 2000;
const FIRST: usize = 1000;
/// What a command may cost more for a remote that it does not wait for.
const NO_WAIT_MILLIS_MAX: f64 = 20.0;

const REFSPEC: &str = "+refs/presence/*:refs/presence-remote/origin/*";

const CLAIM: &str = "claim, confirmed";
const CLAIM_SYNCED: &str = "claim, confirmed, fsync on";
const PUSH_FETCH: &str = "git push of one ref, git fetch";
const NOTHING_FEW: &str = "sync, nothing new, 100 refs";
const FETCH_FEW: &str = "git fetch, nothing new, 100 refs";
const NOTHING_MANY: &str = "sync, nothing new, 2000 refs";
const FETCH_MANY: &str = "git fetch, nothing new, 2000 refs";
const ONE_OF_MANY: &str = "sync --push-only, 1 of 2000 refs";
const PUSH_OF_MANY: &str = "git push of 1 of 2000 refs";
const LIST: &str = "list, no remote";
const LIST_STALE: &str = "list, view is stale";
const BEAT: &str = "heartbeat, no remote";
const BEAT_PUSHED: &str = "heartbeat, pushed behind";
const FIRST_FILES: &str = "first sync of 1000 refs, files";
const FIRST_REFTABLE: &str = "first sync of 1000 refs, reftable";
const SSH_CLAIM: &str = "claim over ssh, within a minute of another";
const SSH_PUSH: &str = "git push over ssh";

const RATIOS: [(&str, &str, Option<f64>); 7] = [
    (CLAIM, PUSH_FETCH, Some(1.3)),
    (CLAIM_SYNCED, PUSH_FETCH, None),
    (NOTHING_FEW, FETCH_FEW, Some(1.2)),
    (NOTHING_MANY, FETCH_MANY, Some(0.5)),
    (ONE_OF_MANY, PUSH_OF_MANY, Some(1.2)),
    (FIRST_REFTABLE, FIRST_FILES, Some(1.5)),
    (SSH_CLAIM, SSH_PUSH, Some(0.4)),
];

fn claims(root: &Path) -> Vec<Runner> {
    let hub = hub(root, PEERS);
    let ours = clone(root, &hub, "claims");
    let plain = clone(root, &hub, "plain");
    let claim = |name: &str, fsync: &'static str| {
        let ours = ours.clone();
        runner(name, move |round| {
            let line = format!("claim infra:bench --purpose round-{round}-{fsync}");
            let command = under(ours.presence(1, &line), &[("presence.fsync", fsync)]);
            millis(|| run(command))
        })
    };
    let push_fetch = runner(PUSH_FETCH, move |round| {
        new_commit(&plain, round);
        millis(|| {
            run(git(&plain, "push --quiet origin refs/presence/plain/one"));
            run(git(&plain, &format!("fetch --quiet origin {REFSPEC}")));
        })
    });
    vec![
        claim(CLAIM, "false"),
        push_fetch,
        claim(CLAIM_SYNCED, "true"),
    ]
}

fn nothing_new(root: &Path, refs: usize, names: [&'static str; 2]) -> Vec<Runner> {
    let hub = hub(root, refs);
    let ours = clone(root, &hub, &format!("ours-{refs}"));
    let plain = clone(root, &hub, &format!("plain-{refs}"));
    vec![
        runner(names[0], move |_| millis(|| run(ours.presence(1, "sync")))),
        runner(names[1], move |_| {
            millis(|| run(git(&plain, &format!("fetch --quiet origin {REFSPEC}"))))
        }),
    ]
}

fn one_of_many(root: &Path) -> Vec<Runner> {
    let hub = hub(root, MANY - 2);
    let ours = clone(root, &hub, "one-of-many");
    let plain = clone(root, &hub, "one-of-many-plain");
    vec![
        runner(ONE_OF_MANY, move |round| {
            let line = format!("claim infra:bench --ttl 1h --purpose round-{round}");
            let claim = ours.presence(1, &line);
            run(under(claim, &[("presence.autoSync", "false")]));
            millis(|| run(ours.presence(1, "sync --push-only")))
        }),
        runner(PUSH_OF_MANY, move |round| {
            new_commit(&plain, round);
            millis(|| {
                run(git(&plain, "push --quiet origin refs/presence/plain/one"));
            })
        }),
    ]
}

/// What does not wait for the remote, next to the same without one.
fn no_wait(root: &Path) -> Vec<Runner> {
    let hub = hub(root, PEERS + 1);
    let ours = clone(root, &hub, "no-wait");
    ours.git("config presence.staleAfter 0");
    ours.git("config presence.pushesPerMinute 60");
    run(ours.presence(1, "claim infra:bench --purpose bench --ttl 10s"));
    let alone = Place::new(root, "alone");
    alone.git(&format!(
        "fetch --quiet {} refs/presence/*:refs/presence/*",
        ours.dir.display()
    ));
    run(alone.presence(1, "claim infra:bench --purpose bench --ttl 10s"));
    let verb = |name: &str, place: &Place, line: &'static str| {
        let place = place.clone();
        runner(name, move |_| {
            let time = millis(|| run(place.presence(1, line)));
            // What goes on in the background must not delay the next.
            std::thread::sleep(Duration::from_millis(60));
            time
        })
    };
    vec![
        verb(LIST, &alone, "list"),
        verb(LIST_STALE, &ours, "list"),
        verb(BEAT, &alone, "heartbeat --throttle 0"),
        verb(BEAT_PUSHED, &ours, "heartbeat --throttle 0"),
    ]
}

fn first_sync(root: &Path) -> Vec<Runner> {
    let hub = hub(root, FIRST);
    let first = |name: &str, format: &'static str| {
        let (root, hub) = (root.to_owned(), hub.clone());
        runner(name, move |round| {
            let name = format!("first-{format}-{round}");
            let place = Place::new(&root, &name);
            std::fs::remove_dir_all(place.dir.join(".git")).expect("a new beginning");
            place.git(&format!("init --quiet --ref-format={format}"));
            place.git("config presence.fsync false");
            place.git(&format!("remote add origin {}", hub.dir.display()));
            let time = millis(|| run(place.presence(1, "sync")));
            std::fs::remove_dir_all(place.dir).expect("it goes");
            time
        })
    };
    vec![
        first(FIRST_FILES, "files"),
        first(FIRST_REFTABLE, "reftable"),
    ]
}

/// A server for ssh on loopback, with a key of its own; ended when dropped.
struct Sshd {
    child: Child,
    ssh: PathBuf,
    port: u16,
}

impl Sshd {
    /// `None` where it is not installed.
    fn start(root: &Path) -> Option<Self> {
        let program = Path::new("/usr/sbin/sshd");
        if !program.exists() {
            println!("sshd is not installed: ssh is not measured");
            return None;
        }
        let dir = root.join("sshd");
        std::fs::create_dir_all(&dir).expect("a folder");
        let _ = std::fs::create_dir_all("/run/sshd");
        for key in ["host", "user"] {
            let mut keygen = Command::new("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]);
            run({
                keygen.arg(dir.join(key));
                keygen
            });
        }
        std::fs::copy(dir.join("user.pub"), dir.join("authorized")).expect("a copy");
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = port.local_addr().expect("its address").port();
        let d = dir.display();
        // A deep shell: else bash reads the start files of the user who runs this, at each call.
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {d}/host\nPidFile none\n\
             AuthorizedKeysFile {d}/authorized\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n\
             SetEnv SHLVL=5\n"
        );
        std::fs::write(dir.join("config"), config).expect("a configuration");
        let client = format!(
            "Host *\n  Port {port}\n  IdentityFile {d}/user\n  IdentitiesOnly yes\n  \
             StrictHostKeyChecking no\n  UserKnownHostsFile {d}/known\n  LogLevel ERROR\n"
        );
        std::fs::write(dir.join("client"), client).expect("a configuration");
        // ssh looks for its configuration in the folder of the user, whatever HOME says.
        let bin = dir.join("bin");
        std::fs::create_dir_all(&bin).expect("a folder");
        let script = format!("#!/bin/sh\nexec /usr/bin/ssh -F {d}/client \"$@\"\n");
        std::fs::write(bin.join("ssh"), script).expect("a script");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(bin.join("ssh"), mode).expect("its mode");
        let mut sshd = Command::new(program);
        sshd.args(["-D", "-e", "-f"]).arg(dir.join("config"));
        let child = sshd.stderr(Stdio::null()).spawn().expect("sshd starts");
        for _ in 0..200 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Self {
            child,
            ssh: bin,
            port,
        })
    }

    fn path(&self) -> std::ffi::OsString {
        let mut path = self.ssh.clone().into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        path
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn over_ssh(root: &Path, sshd: &Sshd) -> Vec<Runner> {
    let hub = hub(root, PEERS + 2);
    let user = std::env::var("USER").unwrap_or_else(|_| "root".to_owned());
    let url = format!("ssh://{user}@127.0.0.1:{}{}", sshd.port, hub.dir.display());
    let place = |name: &str| {
        // A short path: a socket has to fit into it.
        let place = Place::new(root, name);
        place.git(&format!("remote add origin {url}"));
        place.git("config presence.syncDeadline 20s");
        place
    };
    let (ours, plain) = (place("s"), place("p"));
    let (path, plain_path) = (sshd.path(), sshd.path());
    vec![
        runner(SSH_CLAIM, move |round| {
            let line = format!("claim infra:bench --purpose round-{round}");
            let mut command = ours.presence(1, &line);
            command.env("PATH", &path);
            millis(|| run(command))
        }),
        runner(SSH_PUSH, move |round| {
            new_commit(&plain, round);
            let mut command = git(&plain, "push --quiet origin refs/presence/plain/one");
            command.env("PATH", &plain_path);
            millis(|| run(command))
        }),
    ]
}

fn main() -> ExitCode {
    let plan = Plan::asked(ROUNDS);
    let root = measure::folder();
    let root = root.path();
    let mut runners = claims(root);
    runners.extend(nothing_new(root, FEW, [NOTHING_FEW, FETCH_FEW]));
    runners.extend(nothing_new(root, MANY, [NOTHING_MANY, FETCH_MANY]));
    runners.extend(one_of_many(root));
    runners.extend(no_wait(root));
    runners.extend(first_sync(root));
    let sshd = Sshd::start(root);
    if let Some(sshd) = &sshd {
        runners.extend(over_ssh(root, sshd));
    }
    plan.measure(&mut runners);
    println!(
        "{} rounds, page cache warm, presence.fsync=false",
        plan.rounds
    );
    print_times(&runners);
    let has = |name: &str| runners.iter().any(|runner| runner.name == name);
    let ratios: Vec<_> = RATIOS.into_iter().filter(|(ours, ..)| has(ours)).collect();
    let mut all_met = judge(&runners, &ratios);
    let time = |name: &str| {
        let found = runners.iter().find(|runner| runner.name == name);
        median(&found.expect("it was measured").times)
    };
    println!("\n{:66}", "added by a remote that is not waited for");
    for (with, without) in [(LIST_STALE, LIST), (BEAT_PUSHED, BEAT)] {
        let added = time(with) - time(without);
        all_met &= verdict(with, added, " ms", Some(NO_WAIT_MILLIS_MAX));
    }
    ExitCode::from(u8::from(!all_met && !plan.report_only))
}
