//! Instants and spans.
//!
//! Owns [`Timestamp`], in UTC and whole milliseconds, [`Ttl`], how long a claim lasts, and how a
//! span is spelled (`15m`, `900`, `1h30m`). Never asks what time it is.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};

/// An instant in UTC, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The last millisecond of the year 9999.
const LAST_MILLIS: i64 = 253_402_300_799_999;
/// How far ahead of the reader's clock a record may be; beyond that its time is no time.
pub const AHEAD_SECS_MAX: u64 = 24 * 60 * 60;

impl Timestamp {
    /// Takes milliseconds since 1970-01-01 UTC; negative before.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Returns milliseconds since 1970-01-01 UTC.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Takes milliseconds since 1970-01-01 UTC; `None` before 1970, and after the year 9999, which
    /// RFC 3339 cannot spell.
    pub const fn of_calendar(millis: i64) -> Option<Self> {
        match millis {
            0..=LAST_MILLIS => Some(Self(millis)),
            _ => None,
        }
    }

    /// Parses RFC 3339, in the years 1970 to 9999; digits finer than milliseconds are dropped.
    pub fn parse(text: &str) -> Option<Self> {
        let parsed = DateTime::parse_from_rfc3339(text).ok()?;
        Self::of_calendar(parsed.timestamp_millis())
    }

    /// Returns the instant as a calendar value; outside the years 1970 to 9999, the edge of them.
    pub fn to_utc(self) -> DateTime<Utc> {
        let millis = self.0.clamp(0, LAST_MILLIS);
        DateTime::from_timestamp_millis(millis).unwrap_or_default()
    }

    /// Returns RFC 3339 in UTC with milliseconds: `2026-11-21T10:00:00.000Z`.
    pub fn to_rfc3339(self) -> String {
        self.to_utc().to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// Returns the instant `secs` later, or the last one that there is.
    pub const fn plus_secs(self, secs: u64) -> Self {
        let millis = secs.saturating_mul(1000);
        Self(self.0.saturating_add_unsigned(millis))
    }

    /// Returns the instant `secs` earlier, or the first one that there is.
    pub const fn minus_secs(self, secs: u64) -> Self {
        let millis = secs.saturating_mul(1000);
        Self(self.0.saturating_sub_unsigned(millis))
    }

    /// Returns true if the instant is in the `secs` before `now`. What is to come is not recent:
    /// the clock was ahead when it was noted.
    pub fn is_recent(self, now: Self, secs: u64) -> bool {
        self <= now && now < self.plus_secs(secs)
    }

    /// Returns true if the instant is further ahead of `now` than clocks differ in earnest.
    pub fn is_impossible(self, now: Self) -> bool {
        self > now.plus_secs(AHEAD_SECS_MAX)
    }

    /// Returns the whole seconds from `earlier` to this instant; 0 if `earlier` is later.
    pub fn secs_since(self, earlier: Self) -> u64 {
        let millis = self.0.saturating_sub(earlier.0).max(0);
        millis.unsigned_abs() / 1000
    }
}

/// How long a claim lasts without a heartbeat: 10 seconds to 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ttl(u64);

impl Ttl {
    /// 10 seconds.
    pub const MIN: Self = Self(10);
    /// 24 hours.
    pub const MAX: Self = Self(24 * 60 * 60);
    /// 15 minutes.
    pub const DEFAULT: Self = Self(15 * 60);

    /// Takes whole seconds.
    ///
    /// # Errors
    ///
    /// [`SpanError::OutOfRange`] outside [`Self::MIN`] to [`Self::MAX`].
    pub fn from_secs(secs: u64) -> Result<Self, SpanError> {
        if !(Self::MIN.0..=Self::MAX.0).contains(&secs) {
            return Err(SpanError::OutOfRange { secs });
        }
        Ok(Self(secs))
    }

    /// Parses a span as [`parse_span_secs`] does.
    ///
    /// # Errors
    ///
    /// Those of [`parse_span_secs`] and [`Self::from_secs`].
    pub fn parse(text: &str) -> Result<Self, SpanError> {
        Self::from_secs(parse_span_secs(text)?)
    }

    /// Returns whole seconds.
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// Returns how long after one renewal the next one is due: a third of the time to live, in
    /// whole seconds. If one renewal fails, the next
    /// one still comes in time.
    pub const fn renewal_interval(self) -> Duration {
        Duration::from_secs(self.0 / 3)
    }
}

/// Why a span is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpanError {
    /// It is not written as a span.
    Malformed,
    /// It is shorter or longer than a time to live may be.
    OutOfRange {
        /// Its length in seconds.
        secs: u64,
    },
}

impl fmt::Display for SpanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("a span is written as 900, 90s, 15m, 2h or 1h30m"),
            Self::OutOfRange { secs } => {
                write!(f, "{secs} s is out of range; 10s to 24h are allowed")
            }
        }
    }
}

/// Parses a span and returns its seconds: bare seconds (`900`), or numbers with units (`90s`,
/// `15m`, `1h30m`, `2d`).
///
/// # Errors
///
/// [`SpanError::Malformed`] if it is not written so, or is longer than a `u64` holds.
pub fn parse_span_secs(text: &str) -> Result<u64, SpanError> {
    if let Ok(secs) = text.parse::<u64>() {
        return Ok(secs);
    }
    let mut total: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: u64 = rest[..digits].parse().map_err(|_| SpanError::Malformed)?;
        let unit_secs = match rest[digits..].chars().next() {
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 60 * 60,
            Some('d') => 24 * 60 * 60,
            _ => return Err(SpanError::Malformed),
        };
        total = number
            .checked_mul(unit_secs)
            .and_then(|secs| total.checked_add(secs))
            .ok_or(SpanError::Malformed)?;
        rest = &rest[digits + 1..];
    }
    if text.is_empty() {
        return Err(SpanError::Malformed);
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans() {
        let good = [
            ("900", 900),
            ("90s", 90),
            ("15m", 900),
            ("1h30m", 5400),
            ("2d", 172_800),
            ("0", 0),
        ];
        for (text, secs) in good {
            assert_eq!(parse_span_secs(text), Ok(secs), "{text}");
        }
        for text in [
            "",
            "m",
            "15 m",
            "-1",
            "1.5h",
            "15min",
            "1h30",
            "99999999999999999999s",
            "é",
            "5é",
        ] {
            assert_eq!(parse_span_secs(text), Err(SpanError::Malformed), "{text:?}");
        }
    }

    #[test]
    fn a_ttl_is_between_ten_seconds_and_a_day() {
        for (text, ok) in [
            ("9", false),
            ("10s", true),
            ("24h", true),
            ("86401", false),
            ("0", false),
        ] {
            assert_eq!(Ttl::parse(text).is_ok(), ok, "{text}");
        }
    }

    #[test]
    fn a_third_of_the_time_to_live_is_between_renewals() {
        for (secs, interval_secs) in [(10, 3), (11, 3), (12, 4), (900, 300)] {
            let interval = Ttl::from_secs(secs).unwrap().renewal_interval();
            assert_eq!(interval, Duration::from_secs(interval_secs), "{secs} s");
        }
        assert!(Ttl::MIN.renewal_interval() * 3 <= Duration::from_secs(Ttl::MIN.as_secs()));
    }

    #[test]
    fn instants_are_spelled_in_utc_with_milliseconds() {
        let at = Timestamp::parse("2026-11-21T11:00:00.1239+01:00").unwrap();
        assert_eq!(at.to_rfc3339(), "2026-11-21T10:00:00.123Z");
        assert_eq!(at.plus_secs(900).to_rfc3339(), "2026-11-21T10:15:00.123Z");
        assert_eq!(at.secs_since(at.plus_secs(5)), 0);
        assert_eq!(at.plus_secs(5).secs_since(at), 5);
        assert_eq!(Timestamp::parse("yesterday"), None);
    }

    #[test]
    fn every_instant_is_spelled_with_four_digits_of_year() {
        for (millis, text) in [
            (i64::MIN, "1970-01-01T00:00:00.000Z"),
            (-1, "1970-01-01T00:00:00.000Z"),
            (LAST_MILLIS, "9999-12-31T23:59:59.999Z"),
            (LAST_MILLIS + 1, "9999-12-31T23:59:59.999Z"),
            (i64::MAX, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Timestamp::from_millis(millis).to_rfc3339(), text);
        }
        assert_eq!(Timestamp::of_calendar(-1), None);
        assert_eq!(Timestamp::of_calendar(LAST_MILLIS + 1), None);
        assert_eq!(Timestamp::parse("1969-12-31T23:59:59Z"), None);
        assert_eq!(Timestamp::parse("9999-12-31T23:59:59-01:00"), None);
    }

    #[test]
    fn what_is_to_come_is_not_recent() {
        let now = Timestamp::from_millis(1_000_000);
        assert!(now.is_recent(now, 1));
        assert!(now.minus_secs(9).is_recent(now, 10));
        assert!(!now.minus_secs(10).is_recent(now, 10));
        assert!(!now.plus_secs(1).is_recent(now, 10));
        assert!(!now.plus_secs(AHEAD_SECS_MAX).is_impossible(now));
        assert!(now.plus_secs(AHEAD_SECS_MAX + 1).is_impossible(now));
    }

    proptest! {
        #[test]
        fn no_span_and_no_instant_panics(text in any::<String>(), millis in any::<i64>(), secs in any::<u64>()) {
            let _ = parse_span_secs(&text);
            let at = Timestamp::from_millis(millis);
            prop_assert!(at.plus_secs(secs) >= at);
            prop_assert!(at.minus_secs(secs) <= at);
            let _ = at.to_rfc3339();
        }
    }
}
