//! The random name of this clone.
//!
//! Owns the file `<git>/presence/node`: made once, on the first write, by whichever process is
//! first. Never made by a reading verb.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

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
pub fn ensure(
    folder: &Path,
    sharing: Sharing,
    durable: bool,
    fresh: RandomId,
) -> std::io::Result<NodeId> {
    if let Some(id) = read(folder) {
        return Ok(id);
    }
    std::fs::create_dir_all(folder)?;
    sharing.apply(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(file, "{fresh}")?;
    if durable {
        file.as_file().sync_all()?;
    }
    let path = folder.join(NODE_FILE);
    // Judged only once the name is taken: another process may have made it a moment ago.
    let placed = match file.persist_noclobber(&path) {
        Err(taken) if taken.error.kind() == ErrorKind::AlreadyExists => {
            if let Some(id) = read(folder) {
                return Ok(id);
            }
            // A power cut left it unreadable: what was written under the old name lapses by itself.
            taken.file.persist(&path)
        }
        placed => placed,
    };
    placed.map_err(|lost| lost.error)?;
    sharing.apply(&path)?;
    if durable {
        let above = folder.parent().map(Path::to_owned);
        let folders: Vec<PathBuf> = above.into_iter().chain([folder.to_owned()]).collect();
        sync_dirs(&folders)?;
    }
    read(folder).ok_or_else(|| std::io::Error::other("the node id cannot be read back"))
}
