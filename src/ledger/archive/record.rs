//! The file of an archive: the histories of the sessions that ended on one day.
//!
//! Owns its TOML, and how histories are added to it. Never touches Git.

use serde::{Deserialize, Serialize};

use crate::ledger::records::wire;
use crate::model::unreadable::Defect;

/// The format that this version writes.
const FORMAT: u64 = 1;

/// The histories of the sessions that ended on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::ledger) struct Day {
    format: u64,
    #[serde(default, rename = "session")]
    pub(in crate::ledger) sessions: Vec<Past>,
}

/// The history of one session, without its heartbeats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::ledger) struct Past {
    /// The session id.
    pub(in crate::ledger) id: String,
    /// The object id of its last commit.
    pub(in crate::ledger) tip: String,
    /// Its events, newest first.
    #[serde(default, rename = "event")]
    pub(in crate::ledger) events: Vec<PastEvent>,
}

/// A commit of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::ledger) struct PastEvent {
    /// The object id that the commit had.
    pub(in crate::ledger) commit: String,
    /// Its time, in seconds since 1970 UTC.
    pub(in crate::ledger) seconds: i64,
    /// Its message.
    pub(in crate::ledger) message: String,
}

impl Past {
    /// Returns about how many bytes it takes in a file.
    pub(in crate::ledger) fn size(&self) -> usize {
        let text = |event: &PastEvent| event.commit.len() + event.message.len();
        self.id.len() + self.tip.len() + self.events.iter().map(text).sum::<usize>()
    }
}

impl Default for Day {
    fn default() -> Self {
        Self {
            format: FORMAT,
            sessions: Vec::new(),
        }
    }
}

impl Day {
    /// Reads a file. Fails for a newer format, and for what is none.
    pub(in crate::ledger) fn read(bytes: &[u8]) -> Result<Self, Defect> {
        let day: Self = wire::parse(bytes)?;
        wire::known_format(day.format)?;
        Ok(day)
    }

    /// Returns the file.
    pub(in crate::ledger) fn write(&self) -> Result<Vec<u8>, Defect> {
        let text = toml::to_string_pretty(self).map_err(wire::malformed)?;
        Ok(text.into_bytes())
    }

    /// Returns about how many bytes the file has.
    pub(in crate::ledger) fn size(&self) -> usize {
        self.sessions.iter().map(Past::size).sum()
    }

    /// Adds a history; one that ends with the same commit is there already. Returns whether it is
    /// new.
    pub(in crate::ledger) fn add(&mut self, past: Past) -> bool {
        let is_new = !self.sessions.iter().any(|known| known.tip == past.tip);
        if is_new {
            self.sessions.push(past);
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn past(tip: &str, message: &str) -> Past {
        Past {
            id: "s".to_owned(),
            tip: tip.to_owned(),
            events: vec![PastEvent {
                commit: tip.to_owned(),
                seconds: 7,
                message: message.to_owned(),
            }],
        }
    }

    #[test]
    fn a_history_is_added_once() {
        let mut day = Day::default();
        assert!(day.add(past("a", "x")));
        assert!(!day.add(past("a", "x")));
        assert!(day.add(past("b", "x")));
        assert_eq!(day.sessions.len(), 2);
    }

    #[test]
    fn a_newer_format_is_told_from_damage() {
        assert_eq!(Day::read(b"format = 2\n"), Err(Defect::Newer { format: 2 }));
        assert!(matches!(
            Day::read(b"nonsense"),
            Err(Defect::Malformed { .. })
        ));
        assert_eq!(Day::read(b"format = 1\n"), Ok(Day::default()));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(message in any::<String>()) {
            let mut day = Day::default();
            day.add(past("a", &message));
            let bytes = day.write().unwrap();
            prop_assert_eq!(Day::read(&bytes), Ok(day));
        }
    }
}
