//! Watch on folders.
//!
//! [`Watch`] owns the waiting for files to change, and how long to wait if nothing can be watched:
//! on network file systems, or when the system has no watches left. Never reads what changed.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _, recommended_watcher};

/// Several files often change together. After this span, one check is enough.
const SETTLES: Duration = Duration::from_millis(5);

/// Notices changes in folders.
pub struct Watch {
    changes: Receiver<()>,
    /// Watches for as long as it lives. `None` if nothing can be watched.
    watcher: Option<RecommendedWatcher>,
    folders: Vec<PathBuf>,
    /// Whether one of the folders did not exist when it was looked for last.
    lacks_some: bool,
}

impl Watch {
    /// Starts to watch the entries of these folders. For one that does not exist, the folder above
    /// it is watched until it does.
    pub fn on(folders: &[PathBuf]) -> Self {
        let (tell, changes) = channel();
        let noted = move |event: notify::Result<Event>| {
            // Reading is not a change.
            if !event.is_ok_and(|event| event.kind.is_access()) {
                // The receiver is gone.
                let _ = tell.send(());
            }
        };
        let mut watch = Self {
            changes,
            watcher: recommended_watcher(noted).ok(),
            folders: folders.to_vec(),
            lacks_some: false,
        };
        watch.arm();
        watch
    }

    /// Waits until something changes, for at most this long. Returns true if something may have
    /// changed, and false if it would have been noticed.
    pub fn wait(&mut self, at_most: Duration) -> bool {
        let (is_lost, may_differ) = match (&self.watcher, self.changes.recv_timeout(at_most)) {
            (Some(_), Ok(())) => {
                thread::sleep(SETTLES);
                while self.changes.try_recv().is_ok() {}
                (false, true)
            }
            (Some(_), Err(RecvTimeoutError::Timeout)) => (false, false),
            (None, _) | (_, Err(RecvTimeoutError::Disconnected)) => (true, true),
        };
        if is_lost {
            thread::sleep(at_most);
        }
        if may_differ || self.lacks_some {
            self.arm();
        }
        may_differ
    }

    /// Watches all folders, before the caller looks at what is in them: one may be new, or another
    /// one under its name. Git removes a folder of refs that it has packed.
    fn arm(&mut self) {
        self.lacks_some = false;
        for folder in &self.folders {
            let nearest = folder.ancestors().find(|folder| folder.is_dir());
            self.lacks_some |= nearest != Some(folder);
            if let (Some(watcher), Some(nearest)) = (&mut self.watcher, nearest) {
                // A folder that cannot be watched is polled.
                let _ = watcher.watch(nearest, RecursiveMode::NonRecursive);
            }
        }
    }
}
