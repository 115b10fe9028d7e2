//! Times and tokens in records that no right clock can have written.
//!
//! Owns the check of a record that was read against the clock of the reader: what claims to have
//! happened more than a day from now is damaged, so it is neither believed nor free. Never reads a
//! clock by itself, never judges what this clone wrote last: its next write says the right time.

use crate::ledger::layout;
use crate::ledger::records::{CLAIM, STATE};
use crate::ledger::sessions::read::Stored;
use crate::ledger::store::Ledger;
use crate::ledger::tree::unreadable;
use crate::model::lock::LockRegister;
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::token::Token;
use crate::model::unreadable::Defect;

impl Ledger {
    /// Whether a session has no time that is impossible.
    pub(in crate::ledger) fn is_in_time(&self, session: &Session) -> bool {
        let claimed = session.claims.iter().map(|claim| claim.claimed_at);
        let said = session.states.iter().map(|said| said.at);
        { claimed.chain(said) }
            .chain([session.seen_at])
            .all(|at| self.impossible("", at).is_none())
    }

    /// Judges the times of the session that was read under the ref `name`. A claim or a state with
    /// an impossible time becomes a damaged record; so does the whole session if its own is.
    pub(in crate::ledger) fn judge_session(
        &self,
        name: &str,
        mut stored: Stored,
    ) -> Result<Stored, Defect> {
        let is_own_ref = || layout::own_name(name) == name && self.is_ours(&stored.session);
        if self.is_in_time(&stored.session) || is_own_ref() {
            return Ok(stored);
        }
        if let Some(defect) = self.impossible("seen_at", stored.session.seen_at) {
            return Err(defect);
        }
        for entry in &stored.claims {
            if let Some(defect) = self.impossible("claimed_at", entry.record.claimed_at) {
                let damaged = unreadable(name, &CLAIM, &entry.file, defect);
                stored.unreadable.push(damaged);
            }
        }
        for entry in &stored.states {
            if let Some(defect) = self.impossible("at", entry.record.at) {
                let damaged = unreadable(name, &STATE, &entry.file, defect);
                stored.unreadable.push(damaged);
            }
        }
        let is_possible = |at| self.impossible("", at).is_none();
        stored.states.retain(|entry| is_possible(entry.record.at));
        stored.session.states.retain(|said| is_possible(said.at));
        stored
            .claims
            .retain(|entry| is_possible(entry.record.claimed_at));
        let claims = &mut stored.session.claims;
        claims.retain(|claim| is_possible(claim.claimed_at));
        Ok(stored)
    }

    /// Returns a token that a register can have granted: 0 in the place of an impossible one.
    pub(in crate::ledger) fn believed(&self, token: Token) -> Token {
        match self.is_impossible(token) {
            true => Token::default(),
            false => token,
        }
    }

    fn is_impossible(&self, token: Token) -> bool {
        self.judge.is_some_and(|now| token.is_impossible(now()))
    }

    /// Returns a register whose high-water mark it cannot have granted with one that is above
    /// `floor` and its locks; `None` if the mark is possible, or a lock is not: a session may hold
    /// that.
    pub(in crate::ledger) fn without_impossible(
        &self,
        register: &LockRegister,
        floor: Token,
    ) -> Option<LockRegister> {
        let after = LockRegister {
            high_water: tokens_of(register).fold(floor, Token::max),
            ..register.clone()
        };
        let is_replaced = self.is_impossible(register.high_water);
        (is_replaced && self.judge_register(&after).is_ok()).then_some(after)
    }

    /// Judges the times and tokens of a lock register: with an impossible one it is damaged as a
    /// whole.
    pub(in crate::ledger) fn judge_register(&self, register: &LockRegister) -> Result<(), Defect> {
        for lock in &register.locks {
            let times = [
                ("granted_at", lock.granted_at),
                ("renewed_at", lock.renewed_at),
            ];
            if let Some(defect) = times
                .into_iter()
                .find_map(|(key, at)| self.impossible(key, at))
            {
                return Err(defect);
            }
        }
        let mut offers = register.offers.iter();
        if let Some(defect) = offers.find_map(|one| self.impossible("renewed_at", one.at)) {
            return Err(defect);
        }
        let token = tokens_of(register).fold(register.high_water, Token::max);
        match self.judge {
            Some(now) if self.is_impossible(token) => {
                let ahead_secs = token.ahead_secs_of(now());
                Err(Defect::Malformed {
                    detail: format!("token {token} is {ahead_secs} s ahead of any clock"),
                })
            }
            _ => Ok(()),
        }
    }

    /// Returns the defect of a time that is more than a day ahead.
    pub(in crate::ledger) fn impossible(&self, key: &str, at: Timestamp) -> Option<Defect> {
        let now = self.judge?();
        at.is_impossible(now).then(|| Defect::Malformed {
            detail: format!(
                "{key} is {} s ahead of the clock here: a clock was or is wrong",
                at.secs_since(now)
            ),
        })
    }
}

fn tokens_of(register: &LockRegister) -> impl Iterator<Item = Token> {
    let offered = register.offers.iter().map(|offered| offered.token);
    register.locks.iter().map(|lock| lock.token).chain(offered)
}
