//! The random name of this clone.
//!
//! Owns the file `<git>/presence/node`: made once, on the first write, by whichever process is
//! first. Never made by a reading verb.

use std::io::Write as _;
use std::path::Path;

use super::batch::sync_dirs;
use super::layout::NODE_FILE;
use super::sharing::Sharing;
use crate::model::id::{NodeId, RandomId};

/// The node id, if this clone has one.
pub fn read(folder: &Path) -> Option<NodeId> {
    let text = std::fs::read_to_string(folder.join(NODE_FILE)).ok()?;
    NodeId::parse(text.trim_end())
}

/// The node id, made from `fresh` if there is none. Of many processes that make one, one wins.
pub fn ensure(folder: &Path, sharing: Sharing, fresh: RandomId) -> std::io::Result<NodeId> {
    if let Some(id) = read(folder) {
        return Ok(id);
    }
    std::fs::create_dir_all(folder)?;
    sharing.apply(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(file, "{fresh}")?;
    file.as_file().sync_all()?;
    let path = folder.join(NODE_FILE);
    let cut_off = path.exists();
    let placed = if cut_off {
        // A power cut left it unreadable: what was written under the old name lapses by itself.
        file.persist(&path)
    } else {
        file.persist_noclobber(&path)
    };
    match placed {
        Ok(_) => {
            sharing.apply(&path)?;
            sync_dirs(&[folder.to_owned()])?;
        }
        Err(lost) if lost.error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(lost) => return Err(lost.error),
    }
    read(folder).ok_or_else(|| std::io::Error::other("the node id cannot be read back"))
}
