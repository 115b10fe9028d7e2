//! The board, as it is read.
//!
//! Owns how sessions and cells come together in a [`Board`]. Never writes.

use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::locks::CellRead;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::store::Ledger;
use crate::model::board::Board;
use crate::model::resource::Resource;
use crate::model::unreadable::{MayHold, Unreadable};

impl Ledger {
    /// Everything that can be known now. What cannot be read is on the board as such.
    pub fn board(&self) -> Result<Board, LedgerError> {
        let sessions = self.board_of_sessions(&|_| true)?;
        Ok(with_cells(sessions, self.locks().list()?))
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
            let mut keys = files
                .iter()
                .filter_map(|file| layout::claim_key(&file.name));
            keys.any(may_matter)
        };
        let sessions = self.board_of_sessions(&wanted)?;
        Ok(with_cells(sessions, self.cells_about(resources)?))
    }
}

/// Put the exclusive claims on the board.
fn with_cells(mut board: Board, cells: Vec<Result<CellRead, Unreadable>>) -> Board {
    for cell in cells {
        match cell {
            Ok(read) => board.locks.extend(read.cell.locks),
            Err(unreadable) => board.unreadable.push(unreadable),
        }
    }
    board
}
