//! What the session that asks waits for, and when it became free without an event.
//!
//! Owns [`Freed`]: a claim that expires leaves no commit, so that only a look at the board tells.
//! Never waits.

use super::reader::Reader;
use super::request::Request;
use crate::app::board::standing;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::concern::{Standing, meet};
use crate::model::resource::Resource;

/// What was awaited and not free at the last look.
pub(super) struct Freed {
    busy: Vec<Resource>,
    /// What is awaited now.
    awaited: Vec<Resource>,
}

impl Freed {
    /// Begins with what a cursor knows, or with what is not free now.
    pub(super) fn begin(
        context: &Context,
        request: &Request,
        reader: &Reader<'_>,
    ) -> Result<Self, Failure> {
        let mut freed = Self {
            busy: reader.busy().to_vec(),
            awaited: Vec::new(),
        };
        if request.query.is_for_me && !reader.knows_busy() {
            let awaited = freed.candidates(context)?;
            let standing = standing::about(context, &[], &awaited)?;
            freed.newly(&standing, &[]);
        }
        Ok(freed)
    }

    /// Returns what is awaited now, or was at the last look.
    pub(super) fn candidates(&mut self, context: &Context) -> Result<Vec<Resource>, Failure> {
        self.awaited = match context.known_actor() {
            Some(me) => standing::awaited(context, &me)?,
            None => Vec::new(),
        };
        let mut all = self.awaited.clone();
        let before = self.busy.iter().filter(|one| !self.awaited.contains(one));
        all.extend(before.cloned());
        Ok(all)
    }

    /// Returns what is free since the last look, and of which no event tells that was told.
    pub(super) fn newly(&mut self, standing: &Standing, told: &[Resource]) -> Vec<Resource> {
        let is_free = |one: &&Resource| standing.freed.contains(one);
        let is_told = |one: &&Resource| meet(std::slice::from_ref(*one), told);
        let newly = self.busy.iter().filter(is_free).filter(|one| !is_told(one));
        let newly: Vec<Resource> = newly.cloned().collect();
        let busy = self.awaited.iter().filter(|one| !is_free(one));
        self.busy = busy.cloned().collect();
        newly
    }

    /// Returns what is awaited and not free.
    pub(super) fn busy(&self) -> &[Resource] {
        &self.busy
    }
}
