//! The highest tokens that a remote gave out and does not know of any more.
//!
//! Owns `<git>/presence/floors.toml`: written when a cell there is gone or went back, as after a
//! restored backup, so that the next grant from here is above what somebody may still be carrying.
//! Mostly there is no such file. One that cannot be read counts as none: tokens are also times.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::refs::tips::Tip;
use crate::ledger::store::Ledger;
use crate::model::token::Token;

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Wire {
    floors: BTreeMap<String, u64>,
}

impl Ledger {
    /// Keep the token of a cell in mind where it was `old` and is `new` now, and that went back.
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
        if was <= self.high_water_at(name, new) {
            return Ok(None);
        }
        let mut wire = self.floors();
        wire.floors.insert(name.to_owned(), was.number());
        self.folder.replace(layout::FLOORS_FILE, &wire)?;
        Ok(Some(was))
    }

    /// The token below which nothing is granted, whatever the cell says.
    pub(in crate::ledger) fn high_water_of(&self, name: &str) -> Token {
        let number = self.floors().floors.get(name).copied();
        Token::new(number.unwrap_or_default())
    }

    /// What cannot be read gave out nothing that is known.
    fn high_water_at(&self, name: &str, tip: Option<&Tip>) -> Token {
        let cell = tip.and_then(|tip| self.fill_cell(name, *tip).ok());
        cell.map_or(Token::default(), |read| read.cell.high_water)
    }

    fn floors(&self) -> Wire {
        toml::from_str(&self.folder.text(layout::FLOORS_FILE)).unwrap_or_default()
    }
}
