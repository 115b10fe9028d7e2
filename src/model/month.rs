//! A month of the calendar, in UTC.
//!
//! Owns [`Month`]: how it is spelled, compared and counted. Never reads a clock.

use std::fmt;

use chrono::Datelike as _;

use super::time::Timestamp;

const MONTHS_A_YEAR: i32 = 12;

/// A month, spelled `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// The months since the year 0.
    count: i32,
}

impl Month {
    /// Returns the month of an instant.
    pub fn of(at: Timestamp) -> Self {
        let date = at.to_utc();
        let month = i32::try_from(date.month0()).unwrap_or_default();
        Self {
            count: date.year() * MONTHS_A_YEAR + month,
        }
    }

    /// Parses four digits, a dash and two digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let is_number = |text: &str, digits| {
            text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !is_number(year, 4) || !is_number(month, 2) {
            return None;
        }
        let (year, month): (i32, i32) = (year.parse().ok()?, month.parse().ok()?);
        (1..=MONTHS_A_YEAR).contains(&month).then_some(Self {
            count: year * MONTHS_A_YEAR + month - 1,
        })
    }

    /// Returns the months from `earlier` to this one; negative if `earlier` is later.
    pub fn since(self, earlier: Self) -> i32 {
        self.count - earlier.count
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = (self.count / MONTHS_A_YEAR, self.count % MONTHS_A_YEAR + 1);
        write!(f, "{year:04}-{month:02}")
    }
}

/// Returns the day of the month of an instant in UTC, from 1.
pub fn day(at: Timestamp) -> u32 {
    at.to_utc().day()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn months_are_spelled_counted_and_ordered() {
        let last = at("2026-12-31T23:59:59.999Z");
        assert_eq!(Month::of(last).to_string(), "2026-12");
        assert_eq!(day(last), 31);
        let first = at("2027-01-01T00:00:00Z");
        assert_eq!(Month::of(first).to_string(), "2027-01");
        assert_eq!(day(first), 1);
        assert_eq!(Month::of(first).since(Month::of(last)), 1);
        assert_eq!(Month::of(last).since(Month::of(first)), -1);
        assert!(Month::of(last) < Month::of(first));
        let whole_year = Month::parse("2026-01").unwrap();
        assert_eq!(Month::of(first).since(whole_year), 12);
    }

    #[test]
    fn only_four_and_two_digits_are_a_month() {
        for good in ["2026-11", "1970-01", "9999-12"] {
            assert_eq!(
                Month::parse(good).map(|m| m.to_string()).as_deref(),
                Some(good)
            );
        }
        for bad in [
            "2026-13",
            "2026-00",
            "2026-1",
            "26-11",
            "2026",
            "",
            "+026-11",
            "2026-11-01",
        ] {
            assert_eq!(Month::parse(bad), None, "{bad}");
        }
    }
}
