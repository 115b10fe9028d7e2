//! High-water marks of fencing tokens that the remote has lost.
//!
//! Owns the marks in `<git>/presence/floors.toml`, which is written when a lock register of the
//! remote is gone or went back, as after a restored backup: the next grant of this clone is then
//! above any token that a holder may still use. Most clones have no such file. A file that cannot
//! be read counts as none, because tokens also grow with the clock; so does a token that no clock
//! can have given. Never lowers a mark.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::locks::set_back::SetBackWire;
use crate::ledger::refs::tips::Tip;
use crate::ledger::store::Ledger;
use crate::model::token::Token;

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Wire {
    floors: BTreeMap<String, u64>,
    /// The lists of tasks that went back, by the names of their registers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) lists: BTreeMap<String, SetBackWire>,
}

impl Ledger {
    /// Stores the high-water mark of the lock register `name` if it went back from `old` to `new`.
    ///
    /// Returns the stored token, or `None` if the register did not go back. Fails if the file
    /// cannot be written.
    pub(in crate::ledger) fn raise_high_water(
        &self,
        name: &str,
        old: Option<&Tip>,
        new: Option<&Tip>,
    ) -> Result<Option<Token>, LedgerError> {
        let is_cell = self
            .table
            .of(name)
            .is_some_and(|namespace| !namespace.is_owned());
        if !is_cell || old == new {
            return Ok(None);
        }
        let was = self.high_water_at(name, old).max(self.high_water_of(name));
        // A register that was free for long was removed, and begins above the floor.
        let floor = match new {
            None => self.floor(),
            Some(_) => Token::default(),
        };
        if was <= self.high_water_at(name, new).max(floor) {
            return Ok(None);
        }
        let mut wire = self.floors();
        wire.floors.insert(name.to_owned(), was.number());
        self.folder.replace(layout::FLOORS_FILE, &wire)?;
        Ok(Some(was))
    }

    /// Returns the stored high-water mark of the lock register `name`, 0 if there is none.
    pub(in crate::ledger) fn high_water_of(&self, name: &str) -> Token {
        let number = self.floors().floors.get(name).copied();
        self.believed(Token::new(number.unwrap_or_default()))
    }

    /// Returns the high-water mark in one state of a register, 0 if it cannot be read or granted.
    pub(in crate::ledger) fn high_water_at(&self, name: &str, tip: Option<&Tip>) -> Token {
        let cell = tip.and_then(|tip| self.fill_cell(name, *tip).ok());
        let read = cell.map(|read| self.believed(read.cell.high_water));
        read.unwrap_or_default()
    }

    pub(super) fn floors(&self) -> Wire {
        // Most clones have none, and it is looked for with every register.
        if !self.folder.has(layout::FLOORS_FILE) {
            return Wire::default();
        }
        toml::from_str(&self.folder.text(layout::FLOORS_FILE)).unwrap_or_default()
    }
}
