//! Instants for people: [`When`].
//!
//! Owns how an instant is spelled: the time of day, and how far away that is. Never reads the
//! clock or the time zone.

use chrono::{DateTime, FixedOffset};

use crate::model::time::Timestamp;

/// How instants are spelled for a reader at a certain moment, in a certain time zone.
#[derive(Clone, Copy)]
pub struct When {
    /// The moment at which the reader looks.
    pub now: Timestamp,
    local: fn(Timestamp) -> DateTime<FixedOffset>,
}

impl When {
    /// Takes the moment of the reader, and what puts an instant into the reader's time zone.
    pub const fn new(now: Timestamp, local: fn(Timestamp) -> DateTime<FixedOffset>) -> Self {
        Self { now, local }
    }

    /// Returns `10:04, 3 min ago` or `10:19, in 12 min`; with the date unless that is today.
    pub fn both(&self, at: Timestamp) -> String {
        let clock = spell((self.local)(at), (self.local)(self.now));
        format!("{clock}, {}", self.relative(at))
    }

    /// Returns `3 min ago`, `in 12 min` or `now`.
    pub fn relative(&self, at: Timestamp) -> String {
        if at > self.now {
            return format!("in {}", span(at.secs_since(self.now)));
        }
        match self.now.secs_since(at) {
            0 => "now".to_owned(),
            secs => format!("{} ago", span(secs)),
        }
    }
}

fn spell(at: DateTime<FixedOffset>, now: DateTime<FixedOffset>) -> String {
    let format = if at.date_naive() == now.date_naive() {
        "%H:%M"
    } else {
        "%Y-%m-%d %H:%M"
    };
    at.format(format).to_string()
}

/// Returns one unit, rounded to the nearest: `45 s`, `12 min`, `3 h`, `2 d`.
fn span(secs: u64) -> String {
    let nearest = |unit_secs: u64| (secs + unit_secs / 2) / unit_secs;
    match secs {
        0..60 => format!("{secs} s"),
        60..3570 => format!("{} min", nearest(60)),
        3570..84_600 => format!("{} h", nearest(3600)),
        _ => format!("{} d", nearest(86_400)),
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
            assert_eq!(span(secs), text);
        }
    }

    #[test]
    fn before_and_after_now() {
        let now = Timestamp::from_millis(1_000_000_000);
        let when = When::new(now, |at| at.to_utc().fixed_offset());
        assert_eq!(when.relative(now), "now");
        assert_eq!(when.relative(now.minus_secs(180)), "3 min ago");
        assert_eq!(when.relative(now.plus_secs(720)), "in 12 min");
    }

    #[test]
    fn the_date_only_where_it_is_not_today() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap();
        let now = at("2026-11-21T10:07:00+01:00");
        assert_eq!(spell(at("2026-11-21T10:04:59+01:00"), now), "10:04");
        assert_eq!(
            spell(at("2026-11-20T23:59:00+01:00"), now),
            "2026-11-20 23:59"
        );
    }
}
