//! When a host asks to come back: [`come_back_secs`].
//!
//! Owns how `Retry-After` is read from what git reports of the headers of an answer, and how the
//! same is read from the words of a server. Never waits.

use chrono::DateTime;

/// The longest time that a host is obeyed.
const SECS_MAX: u64 = 60 * 60;
/// What git puts in front of a header that it received, when it traces.
const HEADER: &str = "<= Recv header:";
/// What stands before a number of seconds, minutes or hours, in lower case.
const LEADS: [&str; 6] = [
    "try again in ",
    "try again after ",
    "retry after ",
    "retry in ",
    "come back in ",
    "please wait ",
];

/// Separates what git traces of its requests from what it and the server say.
pub(in crate::git) fn untraced(stderr: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut said, mut traced) = (Vec::new(), Vec::new());
    for line in stderr.split_inclusive(|byte| *byte == b'\n') {
        // `10:00:00.123456 http.c:845   <= Recv header: …`
        let is_trace = line.first().is_some_and(u8::is_ascii_digit)
            && line.get(15..23).is_some_and(|at| at == b" http.c:");
        if is_trace { &mut traced } else { &mut said }.extend_from_slice(line);
    }
    (said, traced)
}

/// Returns in how many seconds the host asks to come back, by the headers that git traced or else
/// by the words of the server; at most an hour.
pub(in crate::git) fn come_back_secs(traced: &[u8], words: &str) -> Option<u64> {
    let traced = String::from_utf8_lossy(traced);
    let header = |name: &str| {
        let lines = traced
            .lines()
            .rev()
            .filter_map(|line| line.split_once(HEADER));
        let mut fields = lines.filter_map(|(_, field)| field.split_once(':'));
        let (_, value) = fields.find(|(found, _)| found.trim().eq_ignore_ascii_case(name))?;
        Some(value.trim().to_owned())
    };
    let by_header = header("retry-after").and_then(|value| {
        let instant = |text: &str| DateTime::parse_from_rfc2822(text).ok();
        match value.parse() {
            Ok(secs) => Some(secs),
            Err(_) => {
                let wait = instant(&value)? - instant(&header("date")?)?;
                u64::try_from(wait.num_seconds()).ok()
            }
        }
    });
    let secs = by_header.or_else(|| in_words(&words.to_lowercase()))?;
    (secs > 0).then(|| secs.min(SECS_MAX))
}

fn in_words(words: &str) -> Option<u64> {
    let behind = |lead: &&str| Some(&words[words.find(*lead)? + lead.len()..]);
    let text = LEADS.iter().find_map(behind)?;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let count: u64 = text[..digits].parse().ok()?;
    let unit = text[digits..].trim_start();
    let secs = match unit.bytes().next() {
        Some(b'm') if !unit.starts_with("ms") && !unit.starts_with("milli") => 60,
        Some(b'h') => 3600,
        _ => 1,
    };
    count.checked_mul(secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_words() {
        let line =
            |text: &str| format!("10:00:00.123456 http.c:845              {HEADER} {text}\n");
        let traced = |fields: &[&str]| fields.iter().map(|f| line(f)).collect::<String>();
        let by_header = |fields: &[&str]| come_back_secs(traced(fields).as_bytes(), "");
        assert_eq!(by_header(&["Retry-After: 42"]), Some(42));
        assert_eq!(by_header(&["retry-after: 86400"]), Some(SECS_MAX));
        assert_eq!(by_header(&["retry-after: soon"]), None);
        assert_eq!(by_header(&["retry-after: 0"]), None);
        let dates = [
            "Date: Wed, 21 Oct 2026 07:28:00 GMT",
            "Retry-After: Wed, 21 Oct 2026 07:29:30 GMT",
        ];
        assert_eq!(by_header(&dates), Some(90));
        assert_eq!(by_header(&dates[1..]), None, "no clock is read");
        for (words, secs) in [
            ("Rate limit exceeded. Try again in 30 seconds.", Some(30)),
            ("too many requests, retry after 5 minutes", Some(300)),
            ("please wait 2 hours", Some(3600)),
            ("retry after 7", Some(7)),
            ("try again in a while", None),
            ("try again later", None),
            ("", None),
        ] {
            assert_eq!(come_back_secs(b"", words), secs, "{words}");
        }
    }

    #[test]
    fn what_is_traced_is_not_said() {
        let stderr = b"10:00:00.123456 http.c:845     == Info: Connection refused\nremote: no\n";
        let (said, traced) = untraced(stderr);
        assert_eq!(said, b"remote: no\n");
        assert!(traced.ends_with(b"refused\n"));
    }
}
