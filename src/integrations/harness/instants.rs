//! Instants as a model is told them: the time of day, and how far away that is.
//!
//! Owns the spelling ([`near`]). The time of day stands first, in UTC: a harness shows a text again
//! when a session is resumed. Never reads a clock.

use crate::model::time::Timestamp;

const MINUTE_SECS: u64 = 60;
const HOUR_SECS: u64 = 60 * MINUTE_SECS;
const DAY_SECS: u64 = 24 * HOUR_SECS;

/// Returns `02:29 UTC, in 15 min` or `02:11 UTC, 3 min ago`; with the date unless that is today.
pub(super) fn near(at: Timestamp, now: Timestamp) -> String {
    let (day, clock) = (at.to_utc().date_naive(), at.to_utc().format("%H:%M"));
    let clock = match day == now.to_utc().date_naive() {
        true => format!("{clock} UTC"),
        false => format!("{day} {clock} UTC"),
    };
    match (at.secs_since(now), now.secs_since(at)) {
        (0, 0) => format!("{clock}, now"),
        (0, ago) => format!("{clock}, {} ago", span(ago)),
        (left, _) => format!("{clock}, in {}", span(left)),
    }
}

fn span(secs: u64) -> String {
    let nearest = |unit_secs: u64| (secs + unit_secs / 2) / unit_secs;
    match secs {
        0..MINUTE_SECS => format!("{secs} s"),
        MINUTE_SECS..HOUR_SECS => format!("{} min", nearest(MINUTE_SECS)),
        HOUR_SECS..DAY_SECS => format!("{} h", nearest(HOUR_SECS)),
        _ => format!("{} d", nearest(DAY_SECS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_stands_first_and_the_date_only_where_it_is_not_today() {
        // 2025-11-21T10:00:00Z.
        let now = Timestamp::from_millis(1_763_719_200_000);
        let before = |secs: i64| Timestamp::from_millis(1_763_719_200_000 - 1000 * secs);
        for (at, expected) in [
            (now, "10:00 UTC, now"),
            (now.plus_secs(30), "10:00 UTC, in 30 s"),
            (now.plus_secs(15 * 60), "10:15 UTC, in 15 min"),
            (now.plus_secs(86_400), "2025-11-22 10:00 UTC, in 1 d"),
            (before(180), "09:57 UTC, 3 min ago"),
            (before(7200), "08:00 UTC, 2 h ago"),
        ] {
            assert_eq!(near(at, now), expected);
        }
    }
}
