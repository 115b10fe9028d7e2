//! Another process of this machine, for whoever lives as long as it does.
//!
//! Owns how it is told from a later one with its number, and how one rests until it is looked at
//! again. Never ends it.

#![expect(
    clippy::disallowed_methods,
    reason = "the world is read here, for the host"
)]

use std::time::Duration;

use super::Host;
use crate::model::actor::Process;

impl Host {
    /// The process with this number, where its start can be known.
    #[cfg(target_os = "linux")]
    pub fn process(&self, pid: u32) -> Option<Process> {
        let number = i32::try_from(pid).ok()?;
        let stat = procfs::process::Process::new(number).ok()?.stat().ok()?;
        Some(Process {
            pid,
            started_at: super::started_at(&stat),
            host_id: self.host_id(),
            boot_id: self.boot_id()?,
        })
    }

    #[cfg(not(target_os = "linux"))]
    pub fn process(&self, _: u32) -> Option<Process> {
        None
    }

    pub fn rest(&self, span: Duration) {
        std::thread::sleep(span);
    }
}
