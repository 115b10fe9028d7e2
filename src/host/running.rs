//! All processes of this machine that a caller asks for.
//!
//! Owns [`Running`] and how a process of this user is told from one of another user, or inside a
//! container. Never ends a process, never reads its memory.

use std::collections::HashMap;
use std::path::PathBuf;

use super::Host;
use crate::identity::Ancestor;

/// At most this many processes are looked at.
#[cfg(target_os = "linux")]
const LOOKS_MAX: usize = 32 * 1024;

/// A process that was asked for.
#[derive(Clone, Debug)]
pub struct Running {
    /// The process; its variables are not read.
    pub process: Ancestor,
    /// The process that started it.
    pub parent: u32,
    /// Whether it is of this user, and not inside a container.
    pub is_ours: bool,
    /// The folder that it works in, if that may be known.
    pub folder: Option<PathBuf>,
}

/// What runs on this machine.
#[derive(Clone, Debug, Default)]
pub struct Processes {
    /// Those that were asked for.
    pub found: Vec<Running>,
    /// Of each process the one that started it.
    pub parents: HashMap<u32, u32>,
}

impl Processes {
    /// Returns `pid` and the processes above it, nearest first.
    pub fn line_of(&self, pid: u32) -> Vec<u32> {
        let mut line = vec![pid];
        while let Some(above) = line.last().and_then(|last| self.parents.get(last)) {
            if *above == 0 || line.contains(above) {
                break;
            }
            line.push(*above);
        }
        line
    }
}

impl Host {
    /// Returns the processes of this machine for which `is_wanted` returns true.
    #[cfg(target_os = "linux")]
    pub fn processes(&self, is_wanted: &dyn Fn(&Ancestor) -> bool) -> Processes {
        let mut all = Processes::default();
        let Ok(entries) = std::fs::read_dir("/proc") else {
            return all;
        };
        let mut numbers: Vec<u32> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .take(LOOKS_MAX)
            .collect();
        numbers.sort_unstable();
        let own_namespace = namespace_of("self");
        let booted = super::process::booted_at_millis();
        for pid in numbers {
            let Some((process, parent)) = super::process::look_at(pid, booted) else {
                continue;
            };
            all.parents.insert(pid, parent);
            if is_wanted(&process) {
                let folder = pid.to_string();
                let is_of_user = owner_of(&folder) == Some(rustix::process::geteuid().as_raw());
                let namespace = namespace_of(&folder);
                all.found.push(Running {
                    is_ours: is_of_user && namespace.is_some() && namespace == own_namespace,
                    folder: std::fs::read_link(format!("/proc/{folder}/cwd")).ok(),
                    process,
                    parent,
                });
            }
        }
        all
    }

    /// Not known here.
    #[cfg(not(target_os = "linux"))]
    pub fn processes(&self, _: &dyn Fn(&Ancestor) -> bool) -> Processes {
        Processes::default()
    }
}

#[cfg(target_os = "linux")]
fn owner_of(folder: &str) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    let meta = std::fs::metadata(format!("/proc/{folder}")).ok()?;
    Some(meta.uid())
}

/// Returns the namespace in which a process has its number: a container has its own.
#[cfg(target_os = "linux")]
fn namespace_of(folder: &str) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{folder}/ns/pid")).ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_found_and_is_ours() {
        let pid = std::process::id();
        let all = Host.processes(&|process| process.pid == pid);
        let [found] = &all.found[..] else {
            panic!("{:?}", all.found)
        };
        assert!(found.is_ours && found.folder.is_some());
        assert_eq!(all.parents[&pid], found.parent);
        assert_eq!(all.line_of(pid)[..2], [pid, found.parent]);
        let known = Host.process(pid).unwrap();
        assert_eq!(found.process.started_at, known.started_at);
    }

    #[test]
    fn a_line_of_processes_ends() {
        let parents = [(3, 2), (2, 1), (1, 0), (8, 9), (9, 8)]
            .into_iter()
            .collect();
        let all = Processes {
            parents,
            ..Processes::default()
        };
        assert_eq!(all.line_of(3), [3, 2, 1]);
        assert_eq!(all.line_of(8), [8, 9]);
        assert_eq!(all.line_of(77), [77]);
    }
}
