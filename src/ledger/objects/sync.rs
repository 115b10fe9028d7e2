//! Syncing files and folders to disk.
//!
//! Owns how several are synced at once. Never writes.

use std::fs::File;
use std::io;
use std::path::PathBuf;

/// Syncs files in parallel, so that a journaling file system commits once for all of them.
pub(super) fn sync_at_once(files: &[&File]) -> io::Result<()> {
    let [others @ .., last] = files else {
        return Ok(());
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = others
            .iter()
            .map(|file| scope.spawn(|| file.sync_all()))
            .collect();
        let mut result = last.sync_all();
        for thread in threads {
            let died = || io::Error::other("a thread that was to sync a file died");
            result = result.and(thread.join().unwrap_or_else(|_| Err(died())));
        }
        result
    })
}

/// Syncs the entries of folders to disk. Does nothing on Windows, which has no such call.
pub(crate) fn sync_dirs(folders: &[PathBuf]) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    // Git removes a folder that it has emptied, beside us: what was in it is in a pack by then.
    let is_gone = |opened: &io::Result<File>| matches!(opened, Err(error) if error.kind() == io::ErrorKind::NotFound);
    let opened = folders.iter().map(File::open);
    let open: Vec<File> = opened
        .filter(|one| !is_gone(one))
        .collect::<io::Result<_>>()?;
    sync_at_once(&open.iter().collect::<Vec<_>>())
}
