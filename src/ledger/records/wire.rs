//! The TOML format that all records share.
//!
//! Owns the format number, the size limit, the values that several records have, and the order in
//! which fields are written ([`Lines`]). Unknown fields are kept; a record of a newer format is
//! recognised and not changed. Never knows a kind of record, never touches Git.

use chrono::NaiveDate;
use serde::Deserialize;
use toml::value::{Datetime, Offset};

pub use crate::ledger::kind::Rest;
use crate::ledger::records::plain_lines;
use crate::model::actor::{Process, ProcessRole};
use crate::model::id::LABEL_BYTES_MAX;
use crate::model::text::{harmless, harmless_name};
use crate::model::time::Timestamp;
use crate::model::unreadable::Defect;

/// The format that this version writes, and the newest that it reads.
const FORMAT: u64 = 1;
const FIRST_LINE: &str = "format = 1\n";
/// The most bytes of one record; a larger blob is not one.
pub const RECORD_BYTES_MAX: u64 = 64 * 1024;
/// The most bytes of a short text in a record: user, host, agent, worktree, branch.
const WORD_BYTES_MAX: usize = 255;

/// The stored word for [`ProcessRole::Terminal`].
const TERMINAL: &str = "terminal";

#[derive(Deserialize)]
struct Probe {
    format: u64,
}

/// Parses a record as TOML. Fails with [`Defect::Newer`] for a record of a newer format.
pub fn parse<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Defect> {
    let text = std::str::from_utf8(bytes).map_err(|_| Defect::NotUtf8)?;
    if let Some(read) = plain_lines::read(text) {
        return Ok(read);
    }
    // A newer format may well lack a field that this one needs: then only its number counts.
    toml::from_str(text).map_err(|error| match toml::from_str(text) {
        Ok(Probe { format }) if format > FORMAT => Defect::Newer { format },
        _ => malformed(error.message()),
    })
}

/// Returns the defect of a record whose content is wrong, with a detail that is safe to print.
pub fn malformed(detail: impl ToString) -> Defect {
    Defect::Malformed {
        detail: harmless(&detail.to_string(), WORD_BYTES_MAX),
    }
}

/// Checks that this version reads the format `format`.
pub fn known_format(format: u64) -> Result<(), Defect> {
    match format {
        FORMAT => Ok(()),
        newer if newer > FORMAT => Err(Defect::Newer { format }),
        other => Err(malformed(format!("format {other}"))),
    }
}

/// Converts a TOML date-time; fails if it lacks a date, a time or an offset, or is before 1970.
/// `field` is its name in the error.
pub fn instant(field: &str, value: Datetime) -> Result<Timestamp, Defect> {
    to_timestamp(value).ok_or_else(|| {
        malformed(format!(
            "{field} is not an instant with an offset in the years 1970 to 9999"
        ))
    })
}

/// Converts from the parts: parsing a text would be slow, and every reader does this for every
/// record.
fn to_timestamp(value: Datetime) -> Option<Timestamp> {
    let (date, time) = (value.date?, value.time?);
    let offset_secs = match value.offset? {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes) * 60,
    };
    let date = NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())?;
    let (second, nano) = (time.second.unwrap_or(0), time.nanosecond.unwrap_or(0));
    let at = date.and_hms_nano_opt(time.hour.into(), time.minute.into(), second.into(), nano)?;
    Timestamp::of_calendar(at.and_utc().timestamp_millis() - offset_secs * 1000)
}

/// Returns a short text of a record, harmless and cut to 255 bytes.
pub fn word(text: String) -> String {
    harmless_name(&text, WORD_BYTES_MAX)
}

/// Whether these bytes start like every record that this version writes.
pub fn opens_with_this_format(bytes: &[u8]) -> bool {
    bytes.starts_with(FIRST_LINE.as_bytes())
}

/// The fields of a process in a record.
#[derive(Debug, Deserialize)]
pub struct ProcessWire {
    pid: Option<u32>,
    started_at: Option<Datetime>,
    host_id: Option<String>,
    boot_id: Option<String>,
    process_role: Option<String>,
}

impl ProcessWire {
    /// Returns the process of a session; `None` unless the record has all four values that tell
    /// one from another.
    pub fn read(self) -> Result<Option<Process>, Defect> {
        match (self.pid, self.started_at, self.host_id, self.boot_id) {
            (Some(pid), Some(started_at), Some(host_id), Some(boot_id)) => Ok(Some(Process {
                pid,
                started_at: instant("started_at", started_at)?,
                host_id: word(host_id),
                boot_id: word(boot_id),
                role: read_role(self.process_role.as_deref()),
            })),
            _ => Ok(None),
        }
    }
}

/// Returns the role for its stored word; of a word from a later version nothing follows.
pub fn read_role(word: Option<&str>) -> ProcessRole {
    match word {
        None => ProcessRole::Program,
        Some(TERMINAL) => ProcessRole::Terminal,
        Some(_) => ProcessRole::Caller,
    }
}

/// Returns the stored word of a role; the first role has none.
pub const fn role_word(role: ProcessRole) -> Option<&'static str> {
    match role {
        ProcessRole::Program => None,
        ProcessRole::Caller => Some("caller"),
        ProcessRole::Terminal => Some(TERMINAL),
    }
}

/// A record under construction, line by line: `toml` by itself would sort the keys.
pub struct Lines(String);

impl Default for Lines {
    fn default() -> Self {
        Self(FIRST_LINE.to_owned())
    }
}

impl Lines {
    /// Begins a record of another format.
    pub fn of_format(format: u64) -> Self {
        Self(format!("format = {format}\n"))
    }

    /// Adds a field whose value is valid TOML as it is displayed.
    pub fn line(&mut self, key: &str, value: impl std::fmt::Display) {
        self.0.push_str(&format!("{key} = {value}\n"));
    }

    /// Adds a field with a text as its value.
    pub fn text(&mut self, key: &str, value: &str) {
        self.line(key, toml::Value::from(value));
    }

    /// Adds a field with a short text as its value, if there is one.
    pub fn maybe(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, &harmless_name(value, LABEL_BYTES_MAX));
        }
    }

    /// Adds the fields of a process, if it is known.
    pub fn process(&mut self, process: Option<&Process>) {
        if let Some(process) = process {
            self.text("host_id", &process.host_id);
            self.text("boot_id", &process.boot_id);
            self.line("pid", process.pid);
            self.line("started_at", process.started_at.to_rfc3339());
            self.maybe("process_role", role_word(process.role));
        }
    }

    /// Adds the fields that this version does not know, and returns the bytes of the record.
    pub fn finish(mut self, rest: &Rest) -> Vec<u8> {
        // TOML requires scalars before tables; `rest` was read from TOML, so it can be written.
        self.0.push_str(&toml::to_string(rest).unwrap_or_default());
        self.0.into_bytes()
    }
}
