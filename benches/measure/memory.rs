//! How much memory a process holds.
//!
//! Owns the reading of its peak, from the kernel. Never judges it.

use std::io::{Read as _, Write as _};
use std::process::Command;

/// The most memory that a process ever held, in MiB: it is read while the process waits to print
/// its answer into a pipe that is full. `None` where the kernel does not tell.
pub(crate) fn peak_mib(mut command: Command) -> Option<f64> {
    let (mut reader, writer) = std::io::pipe().ok()?;
    fill(&writer)?;
    command.stdout(writer);
    let mut child = command.spawn().expect("it starts");
    drop(command);
    let status = format!("/proc/{}/status", child.id());
    let mut found = None;
    for _ in 0..200 {
        std::thread::sleep(std::time::Duration::from_millis(2));
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
        let kib =
            line("VmHWM:").and_then(|kib| kib.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        let waits = line("State:").is_some_and(|state| state.trim().starts_with('S'));
        if waits && found.is_some() && found == kib {
            break;
        }
        found = kib;
    }
    let _ = reader.read_to_end(&mut Vec::new());
    assert!(child.wait().expect("it ends").success());
    found.map(|kib| kib / 1024.0)
}

/// Write into a pipe until it takes no more.
fn fill(pipe: &std::io::PipeWriter) -> Option<()> {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    let flags = fcntl_getfl(pipe).ok()?;
    fcntl_setfl(pipe, flags | OFlags::NONBLOCK).ok()?;
    let mut writer = pipe;
    while writer.write(&[0; 512]).is_ok() {}
    fcntl_setfl(pipe, flags).ok()
}
