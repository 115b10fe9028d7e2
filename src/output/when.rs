//! Instants for people: [`When`].
//!
//! Owns how an instant is spelled: the time of day, and how far away that is. Never reads the
//! clock or the time zone.

use std::fmt;

use chrono::{DateTime, FixedOffset, Timelike as _};

use crate::model::time::Timestamp;

/// How old what is recent is at most.
const RECENT_SECS: u64 = 60;
/// How many bytes `2026-11-21T10:15:00.000Z` has.
const INSTANT_BYTES: usize = 24;

/// How instants are spelled for a reader at a certain moment, in a certain time zone.
#[derive(Clone, Copy)]
pub struct When {
    /// The moment at which the reader looks.
    pub now: Timestamp,
    local_now: DateTime<FixedOffset>,
    local: fn(Timestamp) -> DateTime<FixedOffset>,
}

impl When {
    /// Takes the moment of the reader, and what puts an instant into the reader's time zone.
    pub fn new(now: Timestamp, local: fn(Timestamp) -> DateTime<FixedOffset>) -> Self {
        Self {
            now,
            local_now: local(now),
            local,
        }
    }

    /// Returns `10:04, 3 min ago` or `10:19, in 12 min`; with the date unless that is today.
    pub fn both(&self, at: Timestamp) -> impl fmt::Display + use<> {
        let clock = Clock {
            at: (self.local)(at),
            now: self.local_now,
        };
        Both(clock, self.distance(at))
    }

    /// Returns `2026-11-21 10:04:05`.
    pub fn exact(&self, at: Timestamp) -> impl fmt::Display + use<> {
        (self.local)(at).format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Returns `10:04`; with the date unless that is today.
    pub fn clock(&self, at: Timestamp) -> impl fmt::Display + use<> {
        Clock {
            at: (self.local)(at),
            now: self.local_now,
        }
    }

    /// Returns `3 min ago`, `in 12 min` or `now`.
    pub fn relative(&self, at: Timestamp) -> impl fmt::Display + use<> {
        self.distance(at)
    }

    /// Returns how long ago that is, shortly, for a column that is about the past: `45s`, `12m`.
    pub fn since(&self, at: Timestamp) -> String {
        match at > self.now {
            true => format!("in {}", Short(at.secs_since(self.now))),
            false if self.now.secs_since(at) == 0 => "now".to_owned(),
            false => Short(self.now.secs_since(at)).to_string(),
        }
    }

    /// Returns true if that is less than a minute ago, or to come.
    pub fn is_recent(&self, at: Timestamp) -> bool {
        self.now.secs_since(at) < RECENT_SECS
    }

    /// Returns how long ago a session was heard of, for a column, and that its program runs if that
    /// is not recent.
    pub fn seen(&self, at: Timestamp, runs: bool) -> String {
        match runs && !self.is_recent(at) {
            true => format!("runs, {}", self.since(at)),
            false => self.since(at),
        }
    }

    /// Returns how long there is until then, shortly, for a column that is about what ends.
    pub fn left(&self, at: Timestamp) -> String {
        match at > self.now {
            true => Short(at.secs_since(self.now)).to_string(),
            false => format!("{} ago", Short(self.now.secs_since(at))),
        }
    }

    /// Returns a text with each instant that stands in it as this reader spells instants. What is
    /// in quotes was written by another session, and stays.
    pub fn spelled(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let (mut rest, mut is_quoted) = (text, false);
        while let Some(first) = rest.chars().next() {
            let instant = rest.get(..INSTANT_BYTES).filter(|_| !is_quoted);
            if let Some(at) = instant.and_then(instant_of) {
                out.push_str(&self.both(at).to_string());
                rest = &rest[INSTANT_BYTES..];
                continue;
            }
            let mut length = first.len_utf8();
            match first {
                '"' => is_quoted = !is_quoted,
                '\\' => length += rest[length..].chars().next().map_or(0, char::len_utf8),
                _ => {}
            }
            out.push_str(&rest[..length]);
            rest = &rest[length..];
        }
        out
    }

    const fn distance(&self, at: Timestamp) -> Distance {
        Distance { at, now: self.now }
    }
}

/// Returns the instant that a text is, as [`Timestamp::to_rfc3339`] spells it.
fn instant_of(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let is_like_one = bytes.first().is_some_and(u8::is_ascii_digit)
        && bytes.get(10) == Some(&b'T')
        && bytes.last() == Some(&b'Z');
    is_like_one.then(|| Timestamp::parse(text)).flatten()
}

struct Both(Clock, Distance);

impl fmt::Display for Both {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.0, self.1)
    }
}

struct Clock {
    at: DateTime<FixedOffset>,
    now: DateTime<FixedOffset>,
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at;
        if at.date_naive() == self.now.date_naive() {
            return write!(f, "{:02}:{:02}", at.hour(), at.minute());
        }
        at.format("%Y-%m-%d %H:%M").fmt(f)
    }
}

struct Distance {
    at: Timestamp,
    now: Timestamp,
}

impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at > self.now {
            return write!(f, "in {}", Span(self.at.secs_since(self.now)));
        }
        match self.now.secs_since(self.at) {
            0 => f.write_str("now"),
            secs => write!(f, "{} ago", Span(secs)),
        }
    }
}

/// Seconds in one unit without a space, as [`Span`] rounds them: `45s`, `12m`, `3h`, `2d`.
struct Short(u64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = Span(self.0).to_string();
        let (count, unit) = span.split_once(' ').unwrap_or((&span, ""));
        write!(f, "{count}{}", unit.get(..1).unwrap_or_default())
    }
}

/// Seconds in one unit, rounded to the nearest: `45 s`, `12 min`, `3 h`, `2 d`.
struct Span(u64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(secs) = *self;
        let nearest = |unit_secs: u64| (secs + unit_secs / 2) / unit_secs;
        match secs {
            0..60 => write!(f, "{secs} s"),
            60..3570 => write!(f, "{} min", nearest(60)),
            3570..84_600 => write!(f, "{} h", nearest(3600)),
            _ => write!(f, "{} d", nearest(86_400)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_in_one_unit() {
        for (secs, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (89, "1 min"),
            (90, "2 min"),
            (3569, "59 min"),
            (3570, "1 h"),
            (7200, "2 h"),
            (200_000, "2 d"),
        ] {
            assert_eq!(Span(secs).to_string(), text);
        }
    }

    #[test]
    fn before_and_after_now() {
        let now = Timestamp::from_millis(1_000_000_000);
        let when = When::new(now, |at| at.to_utc().fixed_offset());
        let relative = |at| when.relative(at).to_string();
        assert_eq!(relative(now), "now");
        assert_eq!(relative(now.minus_secs(180)), "3 min ago");
        assert_eq!(relative(now.plus_secs(720)), "in 12 min");
        let since = |at| when.since(at);
        let left = |at| when.left(at);
        assert_eq!((since(now), left(now)), ("now".into(), "0s ago".into()));
        assert_eq!(since(now.minus_secs(180)), "3m");
        assert_eq!(since(now.plus_secs(7200)), "in 2h");
        assert_eq!(left(now.plus_secs(720)), "12m");
        assert_eq!(left(now.minus_secs(59)), "59s ago");
    }

    #[test]
    fn instants_in_a_text_are_those_of_the_reader() {
        let now = Timestamp::parse("2026-11-21T10:07:00.000Z").unwrap();
        let when = When::new(now, |at| at.to_utc().fixed_offset());
        for (text, spelled) in [
            (
                "expired at 2026-11-21T10:04:00.000Z",
                "expired at 10:04, 3 min ago",
            ),
            (
                "until 2026-11-21T10:09:00.000Z: \"é\"",
                "until 10:09, in 2 min: \"é\"",
            ),
            (
                "\"at 2026-11-21T10:04:00.000Z\"",
                "\"at 2026-11-21T10:04:00.000Z\"",
            ),
            (
                r#""\" 2026-11-21T10:04:00.000Z""#,
                r#""\" 2026-11-21T10:04:00.000Z""#,
            ),
            ("9999-99-99T99:99:99.999Z", "9999-99-99T99:99:99.999Z"),
            ("ünïcode, and no instant", "ünïcode, and no instant"),
        ] {
            assert_eq!(when.spelled(text), spelled);
        }
    }

    #[test]
    fn the_date_only_where_it_is_not_today() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap();
        let now = at("2026-11-21T10:07:00+01:00");
        let spell = |at, now| Clock { at, now }.to_string();
        assert_eq!(spell(at("2026-11-21T10:04:59+01:00"), now), "10:04");
        assert_eq!(
            spell(at("2026-11-20T23:59:00+01:00"), now),
            "2026-11-20 23:59"
        );
    }
}
