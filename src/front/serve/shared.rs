//! What all readers of the web board share: what is shown now, and what is told.
//!
//! Owns [`Shared`]: the board is read once for a change, by one thread, and each request is
//! answered from that. Each reader of the stream has a queue of its own; one that does not read
//! loses its place, and begins anew when it comes back. Never reads the board, never waits.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::body::Bytes;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// How many may read the stream at once.
const READERS_MAX: usize = 200;
/// How many parts wait for a reader before it loses its place.
const WAITING_MAX: usize = 64;
/// How many lines are kept for readers that come back.
const LINES_MAX: usize = 256;
/// How soon a browser comes back, in milliseconds.
const RETRY_MILLIS: u64 = 1000;

/// What is shown.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// The board as a page.
    pub(super) whole: Bytes,
    /// What of that page changes.
    pub(super) board: Bytes,
    /// The answer of `status --json`.
    pub(super) status: Bytes,
}

/// What all readers share.
#[derive(Debug)]
pub(super) struct Shared {
    /// Tells the events of this server from those of one before it.
    run: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    shown: Option<Arc<Shown>>,
    /// How often what is shown has changed.
    version: u64,
    /// How many lines were told.
    told: u64,
    /// The newest of them, each as an event of the stream.
    lines: VecDeque<Bytes>,
    readers: Vec<Sender<Bytes>>,
}

/// A place in the stream: what is there already, and what comes.
pub(super) type Place = (Bytes, Receiver<Bytes>);

impl Shared {
    /// Begins with nothing to show.
    pub(super) fn new(run: String) -> Self {
        Self {
            run,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change of it is whole when a lock is left.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what is shown; `None` until the board was read for the first time.
    pub(super) fn shown(&self) -> Option<Arc<Shown>> {
        self.state().shown.clone()
    }

    /// Returns how often what is shown has changed.
    pub(super) fn version(&self) -> u64 {
        self.state().version
    }

    /// Shows something else from now on, and tells all readers.
    pub(super) fn show(&self, shown: Shown) {
        let mut state = self.state();
        state.shown = Some(Arc::new(shown));
        state.version += 1;
        let event = board_event(state.version);
        state.tell(&event);
    }

    /// Tells all readers one line, a JSON object.
    pub(super) fn tell(&self, line: &str) {
        let mut state = self.state();
        state.told += 1;
        let (run, number) = (&self.run, state.told);
        let event = format!("id: {run}-{number}\ndata: {}\n\n", line.trim_end());
        let event = Bytes::from(event);
        state.lines.push_back(event.clone());
        if state.lines.len() > LINES_MAX {
            state.lines.pop_front();
        }
        state.tell(&event);
    }

    /// Sends all readers something that says nothing, so that those that are gone are noticed.
    pub(super) fn tick(&self) {
        self.state().tell(&Bytes::from_static(b": \n\n"));
    }

    /// Returns a place in the stream, for a reader that has read up to the event `last`, if it has
    /// read before; `None` if all places are taken.
    ///
    /// It begins with the version of what is shown, so that a reader knows whether it has missed
    /// something.
    pub(super) fn place(&self, last: Option<&str>) -> Option<Place> {
        let mut state = self.state();
        state.readers.retain(|reader| !reader.is_closed());
        if state.readers.len() >= READERS_MAX {
            return None;
        }
        let mut first = format!("retry: {RETRY_MILLIS}\n\n").into_bytes();
        for line in state.after(last.and_then(|last| self.number(last))) {
            first.extend_from_slice(line);
        }
        first.extend_from_slice(&board_event(state.version));
        let (reader, rest) = channel(WAITING_MAX);
        state.readers.push(reader);
        Some((Bytes::from(first), rest))
    }

    /// Returns the number of one of our events.
    fn number(&self, id: &str) -> Option<u64> {
        let (run, number) = id.trim().rsplit_once('-')?;
        (run == self.run).then(|| number.parse().ok()).flatten()
    }
}

impl State {
    fn tell(&mut self, event: &Bytes) {
        self.readers
            .retain(|reader| reader.try_send(event.clone()).is_ok());
    }

    /// Returns the lines after a number, as far as they are kept; none for a new reader.
    fn after(&self, number: Option<u64>) -> impl Iterator<Item = &Bytes> {
        let missed = self.told.saturating_sub(number.unwrap_or(self.told));
        let missed = usize::try_from(missed).unwrap_or(usize::MAX);
        let kept = self.lines.len();
        self.lines.iter().skip(kept - missed.min(kept))
    }
}

/// Returns the event that says what version is shown.
fn board_event(version: u64) -> Bytes {
    Bytes::from(format!("event: board\ndata: {version}\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &Bytes) -> &str {
        std::str::from_utf8(bytes).expect("text")
    }

    fn shown(text: &'static str) -> Shown {
        let bytes = Bytes::from_static(text.as_bytes());
        Shown {
            whole: bytes.clone(),
            board: bytes.clone(),
            status: bytes,
        }
    }

    #[test]
    fn a_reader_is_told_what_comes_and_what_it_missed() {
        let shared = Shared::new("run".to_owned());
        shared.tell("{\"n\":1}\n");
        let (first, mut rest) = shared.place(None).expect("a place");
        let begins = "retry: 1000\n\nevent: board\ndata: 0\n\n";
        assert_eq!(text(&first), begins);
        shared.show(shown("one"));
        shared.tell("{\"n\":2}\n");
        let next = rest.try_recv().expect("the board");
        assert_eq!(text(&next), "event: board\ndata: 1\n\n");
        let next = rest.try_recv().expect("a line");
        assert_eq!(text(&next), "id: run-2\ndata: {\"n\":2}\n\n");
        let again = |last: &str| shared.place(Some(last)).expect("a place").0;
        assert_eq!(
            text(&again("run-1")),
            "retry: 1000\n\nid: run-2\ndata: {\"n\":2}\n\nevent: board\ndata: 1\n\n"
        );
        for last in ["run-2", "run-99", "other-1", "run-", "", "run-x\n"] {
            let first = again(last);
            assert_eq!(
                text(&first),
                "retry: 1000\n\nevent: board\ndata: 1\n\n",
                "{last}"
            );
        }
        assert!(text(&again("run-0")).contains("{\"n\":1}"));
    }

    #[test]
    fn one_that_does_not_read_loses_its_place_and_the_others_keep_theirs() {
        let shared = Shared::new("run".to_owned());
        let (_, mut slow) = shared.place(None).expect("a place");
        let (_, mut quick) = shared.place(None).expect("a place");
        for _ in 0..=WAITING_MAX {
            shared.tell("{}");
            assert!(quick.try_recv().is_ok());
        }
        let waits = std::iter::from_fn(|| slow.try_recv().ok()).count();
        assert_eq!((waits, slow.is_closed()), (WAITING_MAX, true));
        assert!(!quick.is_closed());
    }

    #[test]
    fn places_and_lines_are_bounded() {
        let shared = Shared::new("run".to_owned());
        let mut places: Vec<Place> = (0..READERS_MAX)
            .map(|_| shared.place(None).expect("a place"))
            .collect();
        assert!(shared.place(None).is_none());
        places.pop();
        assert!(shared.place(None).is_some(), "its reader is gone");
        for _ in 0..=LINES_MAX {
            shared.tell("{}");
        }
        assert_eq!(shared.state().lines.len(), LINES_MAX);
        let (first, _) = shared.place(Some("run-0")).expect("a place");
        assert_eq!(text(&first).matches("data: {}").count(), LINES_MAX);
    }
}
