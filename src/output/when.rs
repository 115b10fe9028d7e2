//! Instants for people.
//!
//! Owns how an instant is told: where the clock stands, and how far away that is. Never reads the
//! clock.

use chrono::{DateTime, FixedOffset};

use crate::host::Host;
use crate::model::time::Timestamp;

/// `10:04, 3 min ago` or `10:19, in 12 min`; with the date where that is not today's.
pub fn both(at: Timestamp, now: Timestamp) -> String {
    format!("{}, {}", clock(at, now), relative(at, now))
}

/// `3 min ago`, `in 12 min`, `now`.
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    if at > now {
        format!("in {}", span(at.secs_since(now)))
    } else {
        match now.secs_since(at) {
            0 => "now".to_owned(),
            secs => format!("{} ago", span(secs)),
        }
    }
}

pub fn clock(at: Timestamp, now: Timestamp) -> String {
    spell(Host::local(at), Host::local(now))
}

fn spell(at: DateTime<FixedOffset>, now: DateTime<FixedOffset>) -> String {
    let format = match at.date_naive() == now.date_naive() {
        true => "%H:%M",
        false => "%Y-%m-%d %H:%M",
    };
    at.format(format).to_string()
}

/// One unit, to the nearest: `45 s`, `12 min`, `3 h`, `2 d`.
pub fn span(secs: u64) -> String {
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
        assert_eq!(relative(now, now), "now");
        assert_eq!(relative(now.minus_secs(180), now), "3 min ago");
        assert_eq!(relative(now.plus_secs(720), now), "in 12 min");
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
