//! Messages of other sessions in the answer of a hook.
//!
//! Owns that they are marked only once the answer was written ([`Handed`]). Never decides which are
//! due.

use super::Call;
use crate::app::messages::handover::{Handover, Moment, due};
use crate::context::Context;
use crate::model::board::Board;

/// Messages in an answer that was not written yet.
pub(super) struct Handed {
    pub(super) context: Box<Context>,
    pub(super) handover: Handover,
}

impl Handed {
    /// Marks them, now that the answer was written. What cannot be marked is handed over again.
    pub(super) fn mark(mut self) {
        if self.context.prepare_to_write().is_ok() {
            let _ = self.handover.is_written(&self.context);
        }
    }
}

impl Call<'_> {
    /// Returns the messages that are due, in at most `room` characters.
    pub(super) fn letters(
        &self,
        context: &Context,
        moment: Moment,
        board: Option<&Board>,
        room: usize,
    ) -> Option<Handover> {
        self.unless_it_fails(due(context, moment, board, room))
    }
}
