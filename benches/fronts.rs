//! The front ends: how soon a page of `serve` begins to come, and what a hundred readers cost.
//!
//! `cargo bench --bench fronts [-- --report-only] [-- --rounds <n>]`; ends with 1 when a limit is
//! missed, unless `--report-only`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    dead_code,
    reason = "a benchmark spawns processes, reads the clock and prints; not all of `measure` is used"
)]

mod measure;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ExitCode, Stdio};
use std::time::{Duration, Instant};

use measure::{Place, Plan, median, run, verdict};

const ROUNDS: usize = 200;
const SESSIONS: usize = 100;
const READERS: usize = 100;
const WRITER: usize = 7;
const READER: usize = 8;
/// From a request to the first byte of the whole page.
const FIRST_BYTE_MILLIS: f64 = 20.0;
/// The memory of the server with a hundred readers.
const MEMORY_MIB: f64 = 30.0;
/// From the start of a claim to the event that tells a page to load.
const TOLD_MILLIS: f64 = 200.0;

/// A server, and what lets in.
struct Server {
    child: Child,
    port: u16,
    token: String,
}

impl Server {
    fn begin(place: &Place) -> Self {
        let mut command = place.presence(READER, "serve --json");
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("its answer");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let said: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        let port = said["port"].as_u64().expect("a port");
        let url = said["url"].as_str().expect("a URL");
        let (_, token) = url.split_once("token=").expect("a token");
        Self {
            child,
            port: port.try_into().expect("a port"),
            token: token.to_owned(),
        }
    }

    fn ask(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let (port, token) = (self.port, &self.token);
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        .expect("it is sent");
        stream
    }

    /// A value in KiB of what the kernel says of the process.
    fn memory_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let mut lines = status.lines();
        let kib = lines.find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        kib.and_then(|kib| kib.parse::<f64>().ok())
            .map_or(f64::NAN, |kib| kib / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn millis(from: Instant) -> f64 {
    from.elapsed().as_secs_f64() * 1000.0
}

/// Reads a stream until a line begins so.
fn until(lines: &mut BufReader<TcpStream>, begins: &str) {
    let mut line = String::new();
    while !line.starts_with(begins) {
        line.clear();
        assert!(lines.read_line(&mut line).expect("a line") > 0, "it ended");
    }
}

fn main() -> ExitCode {
    let plan = Plan::asked(ROUNDS);
    let root = measure::folder();
    let place = Place::with_sessions(root.path(), SESSIONS);
    let server = Server::begin(&place);
    let mut firsts = Vec::new();
    for _ in 0..plan.rounds {
        let began = Instant::now();
        let mut stream = server.ask("/");
        stream.read_exact(&mut [0]).expect("a byte");
        firsts.push(millis(began));
    }
    let alone = server.memory_mib();
    let mut readers: Vec<_> = (0..READERS)
        .map(|_| BufReader::new(server.ask("/events")))
        .collect();
    for reader in &mut readers {
        until(reader, "event: board");
    }
    let mut told = Vec::new();
    for round in 0..plan.rounds.min(20) {
        let began = Instant::now();
        run(place.presence(WRITER, &format!("claim infra:said-{round} --purpose build")));
        for reader in &mut readers {
            until(reader, "event: board");
        }
        told.push(millis(began));
        // What else changes with it is told before the next one begins.
        std::thread::sleep(Duration::from_millis(500));
        for reader in &mut readers {
            let stream = reader.get_ref();
            stream
                .set_read_timeout(Some(Duration::from_millis(1)))
                .expect("a socket");
            let mut rest = Vec::new();
            let _ = reader.read_to_end(&mut rest);
            reader.get_ref().set_read_timeout(None).expect("a socket");
        }
    }
    println!("serve, {SESSIONS} live sessions, {READERS} readers of the stream");
    let mut all_met = verdict(
        "from a request to the first byte of the page, in the median",
        median(&firsts),
        " ms",
        Some(FIRST_BYTE_MILLIS),
    );
    all_met &= verdict(
        "from the start of a claim until all readers are told, in the median",
        median(&told),
        " ms",
        Some(TOLD_MILLIS),
    );
    verdict("memory without a reader", alone, " MiB", None);
    all_met &= verdict(
        "memory at most",
        server.memory_mib(),
        " MiB",
        Some(MEMORY_MIB),
    );
    ExitCode::from(u8::from(!all_met && !plan.report_only))
}
