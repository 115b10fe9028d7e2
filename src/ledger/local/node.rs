//! The node id, the random name of this clone.
//!
//! Owns the file `<git>/presence/node`, which the first write makes ([`ensure`]). Its first line is
//! the id; a copied clone takes a new one, and keeps its former ids on the lines below. Never makes
//! an id for a command that only reads.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::clock::Clock;
use crate::ledger::layout::NODE_FILE;
use crate::ledger::local::folder::Folder;
use crate::ledger::local::writers::Writers;
use crate::ledger::objects::write::sync_dirs;
use crate::model::id::NodeId;

/// The most former ids that are kept. A clone is not copied more often than this while changes of
/// it wait to be pushed.
const FORMER_MAX: usize = 16;

/// Returns the node id, if this clone has one.
pub(crate) fn read(folder: &Path) -> Option<NodeId> {
    let text = std::fs::read_to_string(folder.join(NODE_FILE)).ok()?;
    NodeId::parse(text.lines().next()?)
}

/// Returns the former ids of this clone, newest first.
pub(crate) fn read_former(folder: &Path) -> Vec<NodeId> {
    let text = std::fs::read_to_string(folder.join(NODE_FILE)).unwrap_or_default();
    text.lines().skip(1).filter_map(NodeId::parse).collect()
}

/// A change of the ids of this clone.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Renaming {
    /// Takes a new id, while no process writes under the old one.
    TakeNew,
    /// Forgets the former ids, because no ref is left under one.
    ForgetFormer,
}

/// Changes the ids of this clone, while no process writes. Fails with the kind `WouldBlock` if
/// another process writes for some seconds.
pub(crate) fn rename(
    folder: &Path,
    writers: &Writers,
    clock: &dyn Clock,
    renaming: Renaming,
    durable: bool,
) -> std::io::Result<()> {
    let _alone = writers.alone(clock)?;
    let before = std::fs::read_to_string(folder.join(NODE_FILE))?;
    let before = before.lines().map(str::to_owned);
    let lines: Vec<String> = match renaming {
        Renaming::TakeNew => std::iter::once(clock.random().to_string())
            .chain(before.take(FORMER_MAX))
            .collect(),
        Renaming::ForgetFormer => before.take(1).collect(),
    };
    write(folder, &lines, durable)
}

fn write(folder: &Path, lines: &[String], durable: bool) -> std::io::Result<()> {
    let path = folder.join(NODE_FILE);
    let mut file = tempfile::Builder::new().tempfile_in(folder)?;
    file.write_all((lines.join("\n") + "\n").as_bytes())?;
    file.as_file()
        .set_permissions(path.metadata()?.permissions())?;
    if durable {
        file.as_file().sync_all()?;
    }
    file.persist(&path).map_err(|error| error.error)?;
    match durable {
        true => sync_dirs(&[folder.to_owned()]),
        false => Ok(()),
    }
}

/// Returns the node id, and makes one if there is none. All processes that do so at the same time
/// get the same id.
pub(crate) fn ensure(
    folder: &Folder,
    writers: &Writers,
    clock: &dyn Clock,
    durable: bool,
) -> std::io::Result<NodeId> {
    let sharing = folder.sharing();
    let folder = folder.path();
    if let Some(id) = read(folder) {
        return Ok(id);
    }
    std::fs::create_dir_all(folder)?;
    sharing.apply(folder)?;
    let _alone = writers.alone(clock)?;
    if let Some(id) = read(folder) {
        return Ok(id);
    }
    // An id that a crash cut off is replaced: sessions under another id expire.
    let path = folder.join(NODE_FILE);
    let mut file = File::create(&path)?;
    file.write_all(format!("{}\n", clock.random()).as_bytes())?;
    sharing.apply(&path)?;
    if durable {
        file.sync_all()?;
        let above = folder.parent().map(Path::to_owned);
        let folders: Vec<PathBuf> = above.into_iter().chain([folder.to_owned()]).collect();
        sync_dirs(&folders)?;
    }
    read(folder).ok_or_else(|| std::io::Error::other("the node id cannot be read back"))
}
