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
}

impl Watch {
    /// Starts to watch the entries of these folders, as far as they exist.
    pub fn on(folders: &[PathBuf]) -> Self {
        let (tell, changes) = channel();
        let noted = move |event: notify::Result<Event>| {
            // Reading is not a change.
            if !event.is_ok_and(|event| event.kind.is_access()) {
                // The receiver is gone.
                let _ = tell.send(());
            }
        };
        let mut watcher = recommended_watcher(noted).ok();
        if let Some(watcher) = &mut watcher {
            for folder in folders {
                // A folder that cannot be watched is polled.
                let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
            }
        }
        Self { changes, watcher }
    }

    /// Waits until something changes, for at most this long.
    pub fn wait(&self, at_most: Duration) {
        let lost = match (&self.watcher, self.changes.recv_timeout(at_most)) {
            (Some(_), Ok(())) => {
                thread::sleep(SETTLES);
                while self.changes.try_recv().is_ok() {}
                false
            }
            (Some(_), Err(RecvTimeoutError::Timeout)) => false,
            (None, _) | (_, Err(RecvTimeoutError::Disconnected)) => true,
        };
        if lost {
            thread::sleep(at_most);
        }
    }
}
