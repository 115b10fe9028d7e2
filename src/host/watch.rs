//! Waiting for files to change.
//!
//! Owns the watch on folders, and how long to wait where nothing can be watched: on network file
//! systems, or where all watches are taken. Never reads what changed.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _, recommended_watcher};

/// Many files change together; one look after them is enough.
const SETTLES: Duration = Duration::from_millis(5);

/// Folders in which a change is noticed.
pub struct Watch {
    changes: Receiver<()>,
    /// Watches as long as it lives. `None`: nothing can be watched.
    watcher: Option<RecommendedWatcher>,
}

impl Watch {
    /// Notice changes of the entries of these folders, as far as they are there.
    pub fn on(folders: &[PathBuf]) -> Self {
        let (tell, changes) = channel();
        let noted = move |event: notify::Result<Event>| {
            // Reading is no change.
            if !event.is_ok_and(|event| event.kind.is_access()) {
                // Nobody waits any more.
                let _ = tell.send(());
            }
        };
        let mut watcher = recommended_watcher(noted).ok();
        if let Some(watcher) = &mut watcher {
            for folder in folders {
                // What cannot be watched is looked at now and then.
                let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
            }
        }
        Self { changes, watcher }
    }

    /// Wait until something changes, for at most this long.
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
