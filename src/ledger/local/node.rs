//! The node id, the random name of this clone.
//!
//! Owns the file `<git>/presence/node`, which the first write makes ([`ensure`]). Its first line is
//! the id; a copied clone takes a new one, and keeps its former ids on the lines below. Never makes
//! an id for a command that only reads, nor in the place of something that is no file.

use std::cell::RefCell;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use crate::clock::Clock;
use crate::ledger::layout::{NODE_FILE, UNFINISHED_PREFIX, bytes_max};
use crate::ledger::local::folder::Folder;
use crate::ledger::local::writers::Writers;
use crate::ledger::objects::sync::sync_dirs;
use crate::ledger::plain::Access;
use crate::model::id::NodeId;

/// The most former ids that are kept. A clone is not copied more often than this while changes of
/// it wait to be pushed.
const FORMER_MAX: usize = 16;

/// Returns the node id, if this clone has one.
pub(crate) fn read(folder: &Folder) -> Option<NodeId> {
    open(folder).map(|(_, id)| id)
}

/// Opens the file of the node id, and reads the id.
fn open(folder: &Folder) -> Option<(File, NodeId)> {
    let file = folder
        .open()
        .and_then(|dir| dir.file(NODE_FILE, Access::Read));
    let file = file.ok()?;
    let mut text = String::new();
    let mut start = (&file).take(bytes_max(NODE_FILE));
    start.read_to_string(&mut text).ok()?;
    let id = NodeId::parse(text.lines().next()?)?;
    Some((file, id))
}

/// The node id as this process read it last.
///
/// The file is only replaced as a whole, and the one that was read stays open, so that no other
/// gets its number: while it has the name, the id is the same.
#[derive(Default)]
pub(crate) struct KnownNode(RefCell<Option<(File, NodeId)>>);

impl KnownNode {
    /// Returns the node id, if this clone has one.
    pub(crate) fn read(&self, folder: &Folder) -> Option<NodeId> {
        let mut known = self.0.borrow_mut();
        // Only on Unix a file is known by its number.
        known.take_if(|(file, _)| cfg!(not(unix)) || !folder.has_file(NODE_FILE, file));
        if known.is_none() {
            *known = open(folder);
        }
        known.as_ref().map(|(_, id)| *id)
    }
}

/// Returns the former ids of this clone, newest first.
pub(crate) fn read_former(folder: &Folder) -> Vec<NodeId> {
    let text = folder.text(NODE_FILE);
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
    folder: &Folder,
    writers: &Writers,
    clock: &dyn Clock,
    renaming: Renaming,
    durable: bool,
) -> std::io::Result<()> {
    let _alone = writers.alone(clock)?;
    let before = folder.read(NODE_FILE)?;
    let before = String::from_utf8_lossy(&before);
    let before = before.lines().map(str::to_owned);
    let lines: Vec<String> = match renaming {
        Renaming::TakeNew => std::iter::once(clock.random().to_string())
            .chain(before.take(FORMER_MAX))
            .collect(),
        Renaming::ForgetFormer => before.take(1).collect(),
    };
    let file = folder.open()?.file(NODE_FILE, Access::Read)?;
    let permissions = file.metadata()?.permissions();
    write(folder, &lines, durable, |file| {
        file.set_permissions(permissions)
    })
}

fn write(
    folder: &Folder,
    lines: &[String],
    durable: bool,
    permit: impl FnOnce(&File) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let text = lines.join("\n") + "\n";
    let content = (Access::NewForAll, UNFINISHED_PREFIX, text.as_bytes());
    let dir = folder.open()?;
    dir.replace(NODE_FILE, content, |file| {
        permit(file)?;
        match durable {
            true => file.sync_all(),
            false => Ok(()),
        }
    })?;
    match durable {
        true => dir.sync(),
        false => Ok(()),
    }
}

/// Returns the node id, and makes one if there is none. All processes that do so at the same time
/// get the same id. Fails if the file exists and is no plain file, or cannot be read: its id may
/// be in use.
pub(crate) fn ensure(
    folder: &Folder,
    writers: &Writers,
    clock: &dyn Clock,
    durable: bool,
) -> std::io::Result<NodeId> {
    if let Some(id) = read(folder) {
        return Ok(id);
    }
    folder.ensure()?;
    let _alone = writers.alone(clock)?;
    match folder.read(NODE_FILE) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    if let Some(id) = read(folder) {
        return Ok(id);
    }
    // An id that a crash cut off is replaced: sessions under another id expire.
    let sharing = folder.sharing();
    write(folder, &[clock.random().to_string()], durable, |file| {
        sharing.apply_to(file)
    })?;
    if durable && let Some(above) = folder.path().parent().map(Path::to_owned) {
        sync_dirs(&[above])?;
    }
    read(folder).ok_or_else(|| std::io::Error::other("the node id cannot be read back"))
}
