//! The one thread that reads the board for all who look at its pages.
//!
//! Owns when it is read again, and how often that may fail. Never answers a request.

use std::io::{Error, ErrorKind};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::page::{Parts, Seen};
use super::shared::Shared;
use crate::app::board::changes::{Changes, Next};
use crate::app::board::follow::Heard;
use crate::app::board::log::{self, Query};
use crate::app::board::status;
use crate::app::sessions::list as sessions;
use crate::clock::Clock as _;
use crate::config::ColorWhen;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::host::Host;
use crate::model::text::name;
use crate::model::time::Timestamp;
use crate::output::Terminal;

/// How many events a page has.
const EVENTS_SHOWN: usize = 15;
/// After so long in which every look failed, it ends.
const FAILS_FOR: Duration = Duration::from_secs(10);
/// Nothing is cut for a page.
const WIDTH: usize = 65_535;

/// Reads the board whenever it may have changed, until a signal comes or one of the others fails.
/// `begins` is called once it was read for the first time.
pub(super) fn run(
    context: &Context,
    shared: &Shared,
    begins: &dyn Fn() -> Result<Heard, Failure>,
    failed: &Receiver<Failure>,
) -> Result<(), Failure> {
    let mut changes = Changes::watch(context);
    let mut ends_at = None;
    let mut before = None;
    let mut failing_since = None;
    let failure = std::cell::Cell::new(None);
    let is_over = || {
        let came = failed.try_recv().ok();
        let is_over = came.is_some();
        if is_over {
            failure.set(came);
        }
        is_over
    };
    while changes.next(ends_at, &is_over) == Next::Look {
        match look(context) {
            Ok((parts, next)) => {
                failing_since = None;
                ends_at = next;
                let is_first = before.is_none();
                if before.as_ref() != Some(&parts) {
                    shared.show(parts.shown(shared.version() + 1));
                    before = Some(parts);
                }
                if is_first && begins()? == Heard::Gone {
                    return Ok(());
                }
            }
            // What cannot be read now may be readable at the next look.
            Err(failure) => {
                let now = context.host.elapsed();
                let since = *failing_since.get_or_insert(now);
                if before.is_none() || now >= since + FAILS_FOR {
                    return Err(failure);
                }
                ends_at = None;
                changes.again();
            }
        }
    }
    failure.take().map_or(Ok(()), Err)
}

/// Returns what is on the board, and when the first thing on it ends.
fn look(context: &Context) -> Result<(Parts, Option<Timestamp>), Failure> {
    let status = status::execute(context)?;
    let query = Query {
        resource: None,
        session: None,
        since: None,
        kinds: Vec::new(),
        is_for_me: false,
        count: EVENTS_SHOWN,
    };
    let everyone = sessions::execute(context, false)?;
    let log = log::execute(context, &query)?;
    let terminal = Terminal {
        color: ColorWhen::Never,
        width: WIDTH,
        is_watched: false,
        local: Host::local,
    };
    let claims = status.mine.iter().chain(&status.others);
    let ends = claims.map(|held| held.expires_at);
    let ends = ends.chain(status.offers.iter().map(|one| one.offered.until));
    let next = ends.filter(|at| *at > status.now).min();
    is_there(context)?;
    let seen = Seen {
        status,
        everyone,
        log,
    };
    Ok((Parts::of(&seen, &terminal), next))
}

/// Fails if the repository is gone: what is read of it then is an empty board, and no one has
/// released anything.
fn is_there(context: &Context) -> Result<(), Failure> {
    let dir = &context.ledger_dir;
    if dir.is_dir() {
        return Ok(());
    }
    let error = format!("the repository at {} is gone", name(&dir.to_string_lossy()));
    let error = Error::new(ErrorKind::NotFound, error);
    Err(Failure::new(Kind::NoRepository, error)
        .hint("start it again where the board is kept: git presence serve"))
}
