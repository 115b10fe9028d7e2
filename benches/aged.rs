//! What the board of a team costs after `--days` days: the first look of a new clone, over a link
//! of `--kbytes` KB/s.
//!
//! `cargo bench --bench aged [-- --days <n>] [-- --kbytes <n>]`. It judges nothing: the figures
//! are for docs/operations.md.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark spawns processes, reads the clock and prints"
)]

#[expect(dead_code, reason = "each benchmark uses a part of it")]
#[path = "measure/aged.rs"]
mod aged;
#[expect(dead_code, reason = "each benchmark uses a part of it")]
mod measure;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Instant, SystemTime};

use aged::Aged;
use git_presence::model::time::Timestamp;
use measure::Place;

/// The most commands until a new clone is up to date.
const COMMANDS_MAX: usize = 12;

fn main() {
    let days = asked("--days").unwrap_or(2);
    let kbytes = asked("--kbytes").unwrap_or(1000);
    let root = measure::folder();
    let hub = hub(root.path(), days);
    throttle(root.path(), kbytes);
    let clone = Place::new(root.path(), "new");
    clone.git(&format!("remote add origin file://{}", hub.dir.display()));
    for n in 0..COMMANDS_MAX {
        let line = match n {
            0 => "claim node:first --purpose first",
            _ => "sync",
        };
        let begun = Instant::now();
        let mut command = clone.presence(1, line);
        let output = command.stdout(Stdio::piped()).output().expect("it starts");
        println!("{line}: {:.1} s", begun.elapsed().as_secs_f64());
        for said in [output.stdout, output.stderr] {
            print!("{}", String::from_utf8_lossy(&said));
        }
        let here = clone.git_fed("for-each-ref --format=%(refname) refs/presence-remote", b"");
        println!("refs here: {}", here.lines().count());
        if here.lines().count() > hub.refs {
            break;
        }
    }
}

/// A bare remote with an aged board.
struct Hub {
    dir: std::path::PathBuf,
    refs: usize,
}

fn hub(root: &Path, days: usize) -> Hub {
    let place = Place::new(root, "hub.git");
    place.git("config core.bare true");
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970");
    let now = i64::try_from(now.as_millis()).expect("a time");
    let aged = Aged::of_days(Timestamp::from_millis(now), days);
    let mut command = place.command("git");
    command.args(["fast-import", "--quiet", "--done"]);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("git starts");
    let mut stdin = std::io::BufWriter::new(child.stdin.take().expect("its input"));
    aged.write(&mut stdin).expect("it reads");
    drop(stdin);
    assert!(child.wait().expect("it ends").success(), "fast-import");
    place.git("pack-refs --all");
    place.git("repack -adq");
    let size = place.git_fed("count-objects -v", b"");
    println!("{days} days: {} refs\n{size}", aged.refs());
    Hub {
        dir: place.dir,
        refs: aged.refs(),
    }
}

/// Makes every answer of the hub that has a pack as slow as a link of this speed.
fn throttle(root: &Path, kbytes: usize) {
    let script = root.join("slow");
    let text = format!(
        "#!/bin/sh\n\"$@\" | while :; do\n  n=$(head -c {0} | tee /dev/fd/3 | wc -c)\n  [ \"$n\" -gt 0 ] \
         || exit 0\n  sleep 0.1\ndone 3>&1\n",
        kbytes * 100
    );
    std::fs::write(&script, text).expect("a script");
    let mut chmod = Command::new("chmod");
    measure::run({
        chmod.arg("+x").arg(&script);
        chmod
    });
    let config = format!("[uploadpack]\n\tpackObjectsHook = {}\n", script.display());
    std::fs::write(root.join(".gitconfig"), config).expect("a configuration");
}

fn asked(option: &str) -> Option<usize> {
    let words: Vec<String> = std::env::args().collect();
    let at = words.iter().position(|word| word == option)?;
    words.get(at + 1)?.parse().ok()
}
