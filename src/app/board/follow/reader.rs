//! Where the reader is, in memory and in its cursor.
//!
//! Owns [`Reader`]: where it begins, and when its cursor moves: after a line was written, so that a
//! process that is killed in between tells a line twice, with the same id, and loses none.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use super::request::{Request, Start, Until};
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::ledger::{After, Batch, Cursor, FollowLock, Followed, Position, Taken};
use crate::model::event::{Entry, Event};
use crate::model::id::CursorName;
use crate::model::resource::Resource;
use crate::model::stream::{Gap, is_news, merged};
use crate::model::text::name as shown;

/// What stands for the line of a gap among the commits whose lines were written.
const GAP: &str = "gap";
/// At most so many events are told where the place of the reader is gone.
const COUNT_AFTER_GAP: usize = 100;
/// How many are told to a reader that was never here and asks for what is here.
const COUNT_AT_FIRST: usize = 20;
/// How long another follower of the cursor may take to end.
const TAKEN_WITHIN: Duration = Duration::from_millis(1200);
const TAKE_EVERY: Duration = Duration::from_millis(50);
/// The fewest digits of an id.
const DIGITS_MIN: usize = 7;

/// A reader of the history.
pub(super) struct Reader<'r> {
    position: Position,
    /// What was told after the position.
    written: HashSet<String>,
    cursor: Option<Cursor<'r>>,
    busy: Option<Vec<Resource>>,
    /// What was saved last.
    saved: Option<(Position, Vec<Resource>)>,
    _lock: Option<FollowLock>,
    has_looked: bool,
}

impl<'r> Reader<'r> {
    /// Begins, and returns what there is to tell at once.
    pub(super) fn begin(
        context: &'r Context,
        request: &'r Request,
    ) -> Result<(Self, Option<Batch>), Failure> {
        let now = context.now();
        match &request.start {
            Start::Now => Ok((Self::at(context.ledger.position_now(now)?), None)),
            Start::Since(since) => {
                let batch = context.ledger.news_from(*since, now)?;
                Ok((Self::at(batch.next.clone()), Some(batch)))
            }
            Start::After(id) => {
                let batch = after(context, request, id)?;
                Ok((Self::at(batch.next.clone()), Some(batch)))
            }
            Start::Cursor(name) => {
                let cursor = context.ledger.cursor(name);
                let lock = take(context, name, &cursor)?;
                Self::at_cursor(context, request, cursor, lock)
            }
        }
    }

    fn at(position: Position) -> Self {
        Self {
            position,
            written: HashSet::new(),
            cursor: None,
            busy: None,
            saved: None,
            _lock: None,
            has_looked: true,
        }
    }

    fn at_cursor(
        context: &Context,
        request: &Request,
        cursor: Cursor<'r>,
        lock: FollowLock,
    ) -> Result<(Self, Option<Batch>), Failure> {
        let now = context.now();
        let (mut reader, batch) = match cursor.read() {
            Followed::At(stand) => {
                let mut reader = Self::at(stand.position);
                reader.written = stand.written;
                reader.busy = Some(stand.busy);
                reader.has_looked = false;
                let batch = reader.look(context)?;
                (reader, Some(batch))
            }
            Followed::New => {
                let position = context.ledger.position_now(now)?;
                cursor.write(&position, &[])?;
                // Who asks for what is here is shown the newest of it.
                let batch = match request.until {
                    Until::CaughtUp => Some(newest(context, request, &position, None)?),
                    Until::First(_) | Until::Interrupted => None,
                };
                (Self::at(position), batch)
            }
            Followed::Lost => {
                let position = context.ledger.position_now(now)?;
                cursor.write(&position, &[])?;
                let gap = Some(Gap::CursorLost);
                let batch = newest(context, request, &position, gap)?;
                (Self::at(position), Some(batch))
            }
        };
        reader.cursor = Some(cursor);
        reader._lock = Some(lock);
        Ok((reader, batch))
    }

    /// Returns what is new.
    pub(super) fn look(&mut self, context: &Context) -> Result<Batch, Failure> {
        let after_pause = !std::mem::replace(&mut self.has_looked, true);
        let now = context.now();
        Ok(context
            .ledger
            .news_since(&self.position, now, after_pause)?)
    }

    /// Returns true if the line of a commit was written before.
    pub(super) fn was_written(&self, commit: &str) -> bool {
        self.written.contains(commit)
    }

    /// Returns true if the gap after the position was told before.
    pub(super) fn has_told_gap(&self) -> bool {
        self.written.contains(GAP)
    }

    /// Notes that the line of a gap was written. Fails if the cursor cannot be moved.
    pub(super) fn note_gap(&mut self) -> Result<(), Failure> {
        self.note_written(&[GAP])
    }

    /// Notes that the lines of these commits were written, or are not asked for. Fails if the
    /// cursor cannot be moved.
    pub(super) fn note_written(&mut self, commits: &[&str]) -> Result<(), Failure> {
        if let Some(cursor) = &self.cursor {
            cursor.note_written(commits)?;
        }
        self.written
            .extend(commits.iter().map(|id| (*id).to_owned()));
        Ok(())
    }

    /// Moves to `next`: all before it was told.
    pub(super) fn advance(&mut self, next: Position) {
        self.position = next;
    }

    /// Saves the cursor if it has moved. Fails if it cannot be written.
    pub(super) fn save(&mut self, busy: &[Resource]) -> Result<(), Failure> {
        let has_told = !self.written.is_empty();
        self.written.clear();
        let Some(cursor) = &self.cursor else {
            return Ok(());
        };
        let is_saved = |(position, known): &(Position, Vec<Resource>)| {
            position.is_at(&self.position) && known == busy
        };
        if has_told || !self.saved.as_ref().is_some_and(is_saved) {
            cursor.write(&self.position, busy)?;
            self.saved = Some((self.position.clone(), busy.to_vec()));
        }
        Ok(())
    }

    /// Returns what was awaited and not free at the last look.
    pub(super) fn busy(&self) -> &[Resource] {
        self.busy.as_deref().unwrap_or_default()
    }

    /// Returns true if that is known from a cursor.
    pub(super) fn knows_busy(&self) -> bool {
        self.busy.is_some()
    }
}

/// Returns what came after a commit; where that is not here, the newest of all, after a gap.
fn after(context: &Context, request: &Request, id: &str) -> Result<Batch, Failure> {
    let id = id.trim().to_ascii_lowercase();
    let is_id = id.len() >= DIGITS_MIN && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_id {
        return Err(not_an_id(&id));
    }
    let now = context.now();
    match context.ledger.news_after(&id, now)? {
        After::Found(batch) => Ok(batch),
        After::Ambiguous => {
            let error = format!("more than one event has an id that begins with {id}");
            Err(Failure::usage(error).hint("give the whole id: git presence log --json"))
        }
        After::Gone => {
            let position = context.ledger.position_now(now)?;
            newest(context, request, &position, Some(Gap::Gone))
        }
    }
}

fn not_an_id(id: &str) -> Failure {
    Failure::usage(format!("{} is not the id of an event", shown(id))).hint(format!(
        "give at least {DIGITS_MIN} digits of one that git presence log shows"
    ))
}

/// Returns the newest events that are asked for, oldest first, for a reader at `position`.
fn newest(
    context: &Context,
    request: &Request,
    position: &Position,
    gap: Option<Gap>,
) -> Result<Batch, Failure> {
    let asked = request.query.count;
    let count = match (gap, request.until) {
        // A session that waits goes on from now, not through what is old.
        (Some(_), Until::First(_)) => 1,
        (Some(_), Until::CaughtUp | Until::Interrupted) => asked.min(COUNT_AFTER_GAP),
        (None, _) if asked == usize::MAX => COUNT_AT_FIRST,
        (None, _) => asked,
    };
    let wanted = |event: &Event| is_news(&event.kind) && request.query.accepts(event);
    let mut histories: BTreeMap<Option<String>, Vec<Entry>> = BTreeMap::new();
    let newest = context.ledger.events(count, None, &wanted)?;
    for entry in newest.into_iter().rev() {
        let history = histories.entry(entry.ref_name.clone());
        history.or_default().push(entry);
    }
    Ok(Batch {
        events: merged(histories.into_values().collect()),
        gap,
        unreadable: Vec::new(),
        next: position.clone(),
    })
}

/// Takes the cursor. A follower whose Git was killed needs a moment to notice that.
fn take(context: &Context, name: &CursorName, cursor: &Cursor<'_>) -> Result<FollowLock, Failure> {
    let until = context.host.elapsed() + TAKEN_WITHIN;
    loop {
        match cursor.take(context.host.pid())? {
            Taken::By(lock) => return Ok(lock),
            Taken::Other(pid) if context.host.elapsed() >= until => {
                return Err(followed_already(name, pid));
            }
            Taken::Other(_) => context.host.sleep_for(TAKE_EVERY),
        }
    }
}

fn followed_already(name: &CursorName, pid: Option<u32>) -> Failure {
    let by = pid.map_or_else(
        || "another process".to_owned(),
        |pid| format!("process {pid}"),
    );
    let error = anyhow::anyhow!("{by} follows the cursor {name} already");
    Failure::new(Kind::Refused, error).hint("use another name, or end that process first")
}
