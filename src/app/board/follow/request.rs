//! What is asked of `log` that goes on, and what it tells.
//!
//! Owns [`Request`]: where it begins and when it ends; [`Told`], one line; and [`Sink`], where
//! lines go. Never reads the history.

use std::time::Duration;

use crate::app::board::aside::Aside;
use crate::app::board::log::Query;
use crate::failure::Failure;
use crate::model::event::Entry;
use crate::model::id::CursorName;
use crate::model::resource::Resource;
use crate::model::stream::Gap;
use crate::model::time::Timestamp;

/// Where it begins.
#[derive(Clone, Debug)]
pub enum Start {
    /// With what happens from now on.
    Now,
    /// With what happened from then on.
    Since(Timestamp),
    /// After the event of this commit: its id, or the first digits of it.
    After(String),
    /// Where the cursor is.
    Cursor(CursorName),
}

/// When it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// At once, with what is here.
    CaughtUp,
    /// With the first event, or after this long.
    First(Duration),
    /// When it is interrupted, or its reader is gone.
    Interrupted,
}

/// What is asked for.
pub struct Request {
    /// Which events; `count` is at most how many.
    pub query: Query,
    /// Where it begins.
    pub start: Start,
    /// When it ends.
    pub until: Until,
}

/// One line.
#[derive(Debug)]
pub enum Told {
    /// An event.
    Event {
        /// The event.
        entry: Box<Entry>,
        /// Why it concerns the session that asks, if it asks for that.
        concern: Option<&'static str>,
        /// What the board says of it.
        aside: Aside,
    },
    /// What the session waits for is free, and no event says so: a claim expired.
    Free {
        /// What is free.
        resource: Resource,
        /// When that was seen.
        at: Timestamp,
    },
    /// Something that happened before is not shown.
    Gap {
        /// Why.
        why: Gap,
        /// When that was seen.
        at: Timestamp,
    },
}

/// What came of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It was written.
    Written,
    /// No process reads any more.
    Gone,
}

/// Where lines go.
pub struct Sink<'s> {
    /// Writes one line.
    pub tell: &'s dyn Fn(&Told) -> Result<Heard, Failure>,
    /// Shows one line to the user that is none of the answer.
    pub notify: fn(&str),
}

/// What was told.
#[derive(Debug)]
pub struct Followed {
    /// How many lines there were.
    pub lines: usize,
    /// Whether it only told what was here.
    pub has_caught_up: bool,
}
