//! Commands that run beside the work of this process, and what they print: [`Job`].
//!
//! Owns their limits: each is a process group of its own, is killed as a group when its job ends or
//! is dropped, and, where the system can do that, when this process is; of what it prints the end
//! is kept, however much it is. Never decides what to run.

use std::ffi::OsString;
use std::io::{Read, Write as _};
use std::path::Path;
use std::process::{ChildStdin, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::child::command_for;
use super::not_started::NotStarted;

/// How much is read at once.
const CHUNK: usize = 64 * 1024;
/// How long the rest of what a command printed is waited for once it has ended.
const REST_WITHIN: Duration = Duration::from_secs(1);
const POLL: Duration = Duration::from_millis(5);

/// A running command, without our streams.
pub struct Job {
    child: std::process::Child,
    kept: Arc<Mutex<Kept>>,
    code: Option<Option<i32>>,
}

/// What a command printed, as far as it is kept.
#[derive(Default)]
struct Kept {
    /// The first bytes of its output.
    head: Vec<u8>,
    /// The last bytes of its output and its errors.
    tail: Vec<u8>,
    /// How many streams are open.
    open: usize,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobEnd {
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// The first bytes of its output, without its errors.
    pub head: Vec<u8>,
    /// The last bytes of all that it printed.
    pub tail: Vec<u8>,
}

impl Job {
    /// Starts `words` in `dir` with these variables in addition to our environment; `input` comes
    /// through its standard input. At most `bytes_max` of what it prints are kept. The caller is
    /// the thread that lives for as long as this process.
    pub fn start(
        words: &[OsString],
        env: &[(String, String)],
        dir: &Path,
        input: Vec<u8>,
        bytes_max: usize,
    ) -> Result<Self, NotStarted> {
        let program = words.first().map(|word| word.to_string_lossy());
        let program = program.unwrap_or_default().into_owned();
        let Some(mut command) = command_for(words) else {
            let error = std::io::ErrorKind::InvalidInput.into();
            return Err(NotStarted::of(&program, &error));
        };
        for (name, value) in env {
            command.env(name, value);
        }
        command
            .current_dir(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let spawned = command.spawn();
        let mut child = spawned.map_err(|error| NotStarted::of(&program, &error))?;
        let kept = Arc::new(Mutex::new(Kept {
            open: 2,
            ..Kept::default()
        }));
        if let Some(stdin) = child.stdin.take() {
            feed(stdin, input);
        }
        if let Some(out) = child.stdout.take() {
            read(out, &kept, bytes_max, true);
        }
        if let Some(err) = child.stderr.take() {
            read(err, &kept, bytes_max, false);
        }
        Ok(Self {
            child,
            kept,
            code: None,
        })
    }

    /// Returns how the command ended; `None` while it runs. What it started and left behind is
    /// ended with it.
    pub fn ended(&mut self) -> Option<JobEnd> {
        if self.code.is_none() {
            let status = self.child.try_wait().ok().flatten()?;
            self.kill();
            self.code = Some(status.code());
            let until = Instant::now() + REST_WITHIN;
            while self.lock().open > 0 && Instant::now() < until {
                std::thread::sleep(POLL);
            }
        }
        let code = self.code.flatten();
        let kept = self.lock();
        let (head, tail) = (kept.head.clone(), kept.tail.clone());
        Some(JobEnd { code, head, tail })
    }

    /// Kills the command and all of its process group.
    pub fn kill(&mut self) {
        #[cfg(unix)]
        {
            let pid = i32::try_from(self.child.id()).ok();
            if let Some(group) = pid.and_then(rustix::process::Pid::from_raw) {
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            }
        }
        let _ = self.child.kill();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if self.code.is_none() {
            self.kill();
            let _ = self.child.wait();
        }
    }
}

/// Writes the input in the background: a command need not read it.
fn feed(mut stdin: ChildStdin, input: Vec<u8>) {
    std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
}

/// Reads a stream to its end, and keeps what may be kept.
fn read(
    mut from: impl Read + Send + 'static,
    kept: &Arc<Mutex<Kept>>,
    bytes_max: usize,
    is_out: bool,
) {
    let kept = Arc::clone(kept);
    std::thread::spawn(move || {
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = from.read(&mut chunk);
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            match read {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => {
                    kept.open -= 1;
                    return;
                }
                Ok(count) => {
                    let new = &chunk[..count];
                    if is_out {
                        let room = bytes_max.saturating_sub(kept.head.len());
                        kept.head.extend_from_slice(&new[..room.min(count)]);
                    }
                    kept.tail.extend_from_slice(new);
                    let excess = kept.tail.len().saturating_sub(bytes_max);
                    kept.tail.drain(..excess);
                }
            }
        }
    });
}
