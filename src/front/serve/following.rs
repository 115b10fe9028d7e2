//! The lines of `log --follow`, for the stream of the pages.
//!
//! Owns the one follower of a server. It fetches from the remote now and then, as `log --follow`
//! does. Never decides which events are told.

use super::shared::Shared;
use crate::app::board::follow::{self, Heard, Request, Sink, Start, Told, Until};
use crate::app::board::log::Query;
use crate::context::{Context, OpenOptions};
use crate::failure::Failure;
use crate::host::Host;
use crate::output::Present as _;

/// Follows the board until a signal comes. Fails if it cannot be read for a while.
pub(super) fn run(
    host: Host,
    options: &OpenOptions,
    shared: &Shared,
    notify: fn(&str),
) -> Result<(), Failure> {
    let context = Context::open(host, options)?;
    let request = Request {
        query: Query {
            resource: None,
            session: None,
            since: None,
            kinds: Vec::new(),
            is_for_me: false,
            count: usize::MAX,
        },
        start: Start::Now,
        until: Until::Interrupted,
    };
    let tell = |told: &Told| {
        shared.tell(&told.line());
        Ok(Heard::Written)
    };
    let sink = Sink {
        tell: &tell,
        notify,
    };
    follow::execute(&context, &request, &sink).map(drop)
}
