//! The board, as it is read.
//!
//! Owns how sessions and cells come together in a [`Board`]. Never writes.

use crate::ledger::error::LedgerError;
use crate::ledger::kind::AnyKind as _;
use crate::ledger::layout;
use crate::ledger::locks::snapshot::Snapshot;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::records::CLAIM;
use crate::ledger::store::Ledger;
use crate::model::board::Board;
use crate::model::holding::Holding;
use crate::model::resource::Resource;
use crate::model::unreadable::{MayHold, Unreadable};

/// Claims, and the records that could not be read.
#[derive(Debug)]
pub struct Held {
    /// Shared, exclusive and waiting ones.
    pub holdings: Vec<Holding>,
    /// What may hold something as well.
    pub unreadable: Vec<Unreadable>,
}

impl Ledger {
    /// Everything that can be known now. What cannot be read is on the board as such.
    pub fn board(&self) -> Result<Board, LedgerError> {
        let sessions = self.board_of_sessions(&|_| true)?;
        Ok(with_cells(sessions, self.locks().list()?))
    }

    /// Returns the claims on the board that `keep` answers yes for, ordered by resource, then by
    /// age. A large board takes less time and memory than with all that is known of its sessions.
    pub fn holdings(&self, keep: &dyn Fn(&Holding) -> bool) -> Result<Held, LedgerError> {
        let mut holdings = Vec::new();
        let unreadable = self.read_sessions(&|_| true, &mut |session, pending| {
            holdings.extend(Holding::all_of(session, &pending).filter(keep));
        })?;
        let rest = Board {
            unreadable,
            ..Board::default()
        };
        let rest = with_cells(rest, self.locks().list()?);
        holdings.extend(rest.locks.iter().map(Holding::of_lock).filter(keep));
        Holding::sort(&mut holdings);
        Ok(Held {
            holdings,
            unreadable: rest.unreadable,
        })
    }

    /// The part of the board that may matter to `resources`: sessions none of whose claims has a
    /// key in question are left out after a look at their tree, and so are read in half the time;
    /// of the cells only those of the resources are read.
    pub fn board_about(&self, resources: &[Resource]) -> Result<Board, LedgerError> {
        let may_matter = |key: &str| {
            let key = MayHold::Key(key.to_owned());
            resources.iter().any(|r| layout::may_hold(&key, r))
        };
        let wanted = |files: &[TreeFile]| {
            let mut keys = files.iter().filter_map(|file| CLAIM.key_in(&file.name));
            keys.any(may_matter)
        };
        let sessions = self.board_of_sessions(&wanted)?;
        Ok(with_cells(sessions, self.cells_about(resources)?))
    }
}

/// Put the exclusive claims on the board.
fn with_cells(mut board: Board, cells: Vec<Result<Snapshot, Unreadable>>) -> Board {
    for cell in cells {
        match cell {
            Ok(read) => board.locks.extend(read.cell.locks),
            Err(unreadable) => board.unreadable.push(unreadable),
        }
    }
    board
}
