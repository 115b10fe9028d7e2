//! All that any kind of event can say: [`Details`].
//!
//! Owns the shape that every kind is recorded from and shown by. Never knows which kind says what.

use crate::model::id::SessionId;
use crate::model::resource::Resource;
use crate::model::state::{Version, Word};
use crate::model::text::Purpose;
use crate::model::token::Token;
use crate::model::transition::Transition;

/// A claim of another session that was bypassed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Around {
    /// The session that held it.
    pub session: SessionId,
    /// What was held.
    pub resource: Resource,
}

/// All that any kind of event can say, for code that records or shows every kind alike.
///
/// What a field means depends on the kind; rules match the variants of the kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// A purpose or a reason.
    pub purpose: Option<Purpose>,
    /// The session that caused it, if that is another one.
    pub by: Option<SessionId>,
    /// Sessions that held it before, or that hold it.
    pub from: Vec<SessionId>,
    /// Claims that were bypassed.
    pub around: Vec<Around>,
    /// A fencing token.
    pub token: Option<Token>,
    /// The session that it is offered to.
    pub to: Option<SessionId>,
    /// To whom a message is, as addresses are stored, with the sessions that it reached.
    pub addresses: Vec<String>,
    /// What is true of the resources.
    pub state: Option<Word>,
    /// The version that is meant by that.
    pub version: Option<Version>,
    /// From which state to which a task moved, and why.
    pub transition: Option<Transition>,
}

/// Borrowed [`Details`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DetailsRef<'e> {
    /// See [`Details::purpose`].
    pub purpose: Option<&'e Purpose>,
    /// See [`Details::by`].
    pub by: Option<&'e SessionId>,
    /// See [`Details::from`].
    pub from: &'e [SessionId],
    /// See [`Details::around`].
    pub around: &'e [Around],
    /// See [`Details::token`].
    pub token: Option<Token>,
    /// See [`Details::to`].
    pub to: Option<&'e SessionId>,
    /// See [`Details::addresses`].
    pub addresses: &'e [String],
    /// See [`Details::state`].
    pub state: Option<&'e Word>,
    /// See [`Details::version`].
    pub version: Option<&'e Version>,
    /// See [`Details::transition`].
    pub transition: Option<Transition>,
}

impl Details {
    /// Returns the same, borrowed.
    pub fn borrowed(&self) -> DetailsRef<'_> {
        DetailsRef {
            purpose: self.purpose.as_ref(),
            by: self.by.as_ref(),
            from: &self.from,
            around: &self.around,
            token: self.token,
            to: self.to.as_ref(),
            addresses: &self.addresses,
            state: self.state.as_ref(),
            version: self.version.as_ref(),
            transition: self.transition,
        }
    }
}
