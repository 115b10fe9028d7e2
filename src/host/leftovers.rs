//! Processes that were started with a certain variable, and are still there.
//!
//! Owns how they are found and ended: commands of a supervisor that was killed. Only processes with
//! exactly that mark are ended, and never this one.

use super::Host;

impl Host {
    /// Returns the ids of the processes whose variable `name` begins with `mark`; `None` where
    /// processes cannot be listed.
    #[cfg(target_os = "linux")]
    pub fn processes_with(&self, name: &str, mark: &str) -> Option<Vec<u32>> {
        let wanted = format!("{name}={mark}");
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc").ok()?.flatten() {
            let id = entry.file_name().to_str().and_then(|id| id.parse().ok());
            let Some(pid) = id.filter(|pid| *pid != self.pid()) else {
                continue;
            };
            // That of another user cannot be read, and is not one of ours.
            let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            let mut variables = environment.split(|byte| *byte == 0);
            if variables.any(|variable| variable.starts_with(wanted.as_bytes())) {
                found.push(pid);
            }
        }
        Some(found)
    }

    #[cfg(not(target_os = "linux"))]
    pub fn processes_with(&self, _: &str, _: &str) -> Option<Vec<u32>> {
        None
    }

    /// Kills a process. One that is gone, or of another user, is left alone.
    pub fn kill(&self, pid: u32) {
        #[cfg(unix)]
        {
            let pid = i32::try_from(pid).ok();
            if let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) {
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
        }
        #[cfg(not(unix))]
        let _ = pid;
    }
}
