//! Reading the board.
//!
//! Owns how sessions and lock registers are merged into a [`Board`]. Never writes.

use std::cell::OnceCell;

use crate::ledger::error::LedgerError;
use crate::ledger::kind::AnyKind as _;
use crate::ledger::layout::KeysOf;
use crate::ledger::locks::snapshot::Snapshot;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::records::{CLAIM, STATE};
use crate::ledger::store::Ledger;
use crate::model::board::Board;
use crate::model::holding::Holding;
use crate::model::lock::Lock;
use crate::model::message::digest::MailDigest;
use crate::model::offer::Offered;
use crate::model::resource::Resource;
use crate::model::session::Session;
use crate::model::standing::Said;
use crate::model::task::{MAIN_LIST, TASK, place_of};
use crate::model::unreadable::Unreadable;

/// The claims of a board, and the records that could not be read.
#[derive(Debug)]
pub struct Held {
    /// The shared, exclusive and waiting claims.
    pub holdings: Vec<Holding>,
    /// The records that could not be read, each of which may stand for a claim.
    pub unreadable: Vec<Unreadable>,
    /// What the sessions said of resources, what has ended included.
    pub said: Vec<Said>,
    /// See [`Board::offers`].
    pub offers: Vec<Offered>,
    /// See [`Board::mail`].
    pub mail: MailDigest,
}

impl Ledger {
    /// Returns all sessions and claims that this clone knows. Records that cannot be read are
    /// listed on the board as unreadable.
    pub fn board(&self) -> Result<Board, LedgerError> {
        let mut board = self.board_of_sessions(&|_| true)?;
        board.unreadable.extend(self.unfetched(None)?);
        Ok(self.with_cells(board, self.locks().list_held()?))
    }

    /// Returns the claims on the board for which `keep` returns true, ordered by resource, then by
    /// age. Takes less time and memory than [`Ledger::board`] where there are many sessions.
    pub fn holdings(&self, keep: &dyn Fn(&Holding) -> bool) -> Result<Held, LedgerError> {
        let (mut holdings, mut said) = (Vec::<Holding>::new(), Vec::new());
        let read = self.read_sessions(&|_| true, &mut |session, pending| {
            said.extend(Said::all_of(&session));
            for mut holding in Holding::all_of(session, &pending).filter(keep) {
                // The sessions of one clone mostly work in the same place.
                if let Some(last) = holdings.last() {
                    holding.share_place(last);
                }
                holdings.push(holding);
            }
        })?;
        let mut unreadable = read.unreadable;
        unreadable.extend(self.unfetched(None)?);
        let rest = Board {
            unreadable,
            ..Board::default()
        };
        let rest = self.with_cells(rest, self.locks().list_held()?);
        holdings.extend(rest.locks.iter().map(Holding::of_lock).filter(keep));
        Holding::sort(&mut holdings);
        Ok(Held {
            holdings,
            unreadable: rest.unreadable,
            said,
            offers: rest.offers,
            mail: read.mail,
        })
    }

    /// Passes each session to `each` as it is read, and returns the locks that can be read.
    /// Nothing is kept or sorted, so it takes the least time of all that reads the whole board.
    pub fn each_session(&self, each: &mut dyn FnMut(&Session)) -> Result<Vec<Lock>, LedgerError> {
        self.read_sessions(&|_| true, &mut |session, _| each(&session))?;
        let cells = self.locks().list_held()?.into_iter();
        Ok(cells
            .filter_map(Result::ok)
            .flat_map(|read| read.cell.locks)
            .collect())
    }

    /// Returns the part of the board that may matter to `resources`. A session is left out by the
    /// file names in its tree, without reading its records, if none of its claims and states has a
    /// key in question. Only the cells of the resources are read.
    pub fn board_about(&self, resources: &[Resource]) -> Result<Board, LedgerError> {
        // Without a session there is no key to compare.
        let keys = OnceCell::new();
        let may_matter = |key: &str| keys.get_or_init(|| KeysOf::new(resources)).have(key);
        let wanted = |files: &[TreeFile]| {
            let key = |name| CLAIM.key_in(name).or_else(|| STATE.key_in(name));
            let mut keys = files.iter().filter_map(|file| key(&file.name));
            keys.any(may_matter)
        };
        let mut board = self.board_of_sessions(&wanted)?;
        board.unreadable.extend(self.unfetched(Some(resources))?);
        Ok(self.with_cells(board, self.cells_about(resources)?))
    }

    /// Adds the exclusive claims, offers and lists to the board.
    pub(in crate::ledger) fn with_cells(
        &self,
        mut board: Board,
        cells: Vec<Result<Snapshot, Unreadable>>,
    ) -> Board {
        for cell in cells {
            match cell {
                Ok(read) => {
                    if let Some(list) = self.list_of(&read) {
                        board.lists.push((list, read.cell.clone()));
                    }
                    board.locks.extend(read.cell.locks);
                    board.offers.extend(read.cell.offers);
                }
                Err(unreadable) => board.unreadable.push(unreadable),
            }
        }
        board
    }

    /// Returns the list whose register was read, if it has tasks and its name is known: it stands
    /// in no record of the register but the locks.
    fn list_of(&self, read: &Snapshot) -> Option<Resource> {
        if read.cell.tasks.tasks.is_empty() {
            return None;
        }
        let mut named = read.cell.locks.iter();
        let named = named.find_map(|lock| place_of(&lock.resource).map(|(list, _)| list));
        let list = Resource::parse(&format!("{TASK}:{}", named.unwrap_or(MAIN_LIST))).ok()?;
        (self.table.cell_ref(&list) == read.name).then_some(list)
    }
}
