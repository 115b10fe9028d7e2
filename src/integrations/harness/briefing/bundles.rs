//! Claims that one session made in one: a line for all of them.
//!
//! Owns which claims share a line ([`rows`]): shared claims of one session with one purpose, of one
//! time. Exclusive claims have lines of their own. Never decides their order: a line stands where
//! the first of its claims does.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::{Detail, LABEL_BYTES_MAX, LINES_MAX, claim, rest_of, verb, who};
use crate::model::claim::Mode;
use crate::model::holding::Holding;
use crate::model::id::{NodeId, SessionId};
use crate::model::text::quote_name;
use crate::model::time::Timestamp;

/// So many claims share a line at least.
const SHARED_MIN: usize = 3;
/// The most characters of their labels.
const LABELS_CHARS: usize = 240;
/// At most this many claims are looked at; there is room for fewer lines.
const LOOKED_AT_MAX: usize = 512;

/// What claims have in common that share a line.
type Common<'h> = (&'h SessionId, NodeId, &'h str, (Timestamp, Timestamp), Mode);

/// A line about claims.
pub(super) struct Row {
    /// The line.
    pub(super) line: String,
    /// The places of the claims that it is about.
    pub(super) places: Vec<usize>,
}

/// Returns the first lines about `claims`, each with its place.
pub(super) fn rows<'h>(
    claims: impl Iterator<Item = (usize, &'h Holding)>,
    before: &str,
    now: Timestamp,
) -> Vec<Row> {
    let mut bundles: Vec<Vec<(usize, &Holding)>> = Vec::new();
    let mut open: HashMap<Common<'h>, usize> = HashMap::new();
    for (place, held) in claims.take(LOOKED_AT_MAX) {
        let common = (
            &held.session,
            held.node,
            held.purpose.as_str(),
            (held.claimed_at, held.expires_at),
            held.mode,
        );
        match open.get(&common).filter(|_| held.token.is_none()) {
            Some(at) => bundles[*at].push((place, held)),
            None if bundles.len() < LINES_MAX => {
                if held.token.is_none() {
                    open.insert(common, bundles.len());
                }
                bundles.push(vec![(place, held)]);
            }
            None => {}
        }
    }
    let mut rows = Vec::new();
    for bundle in bundles {
        if bundle.len() >= SHARED_MIN {
            rows.push(Row {
                line: format!("- {before}{}\n", together(&bundle, now)),
                places: bundle.iter().map(|(place, _)| *place).collect(),
            });
            continue;
        }
        rows.extend(bundle.into_iter().map(|(place, held)| Row {
            line: format!("- {before}{}\n", claim(held, Detail::Holder, now)),
            places: vec![place],
        }));
    }
    rows
}

/// Returns what is said of claims that share a line.
fn together(bundle: &[(usize, &Holding)], now: Timestamp) -> String {
    let mut line = String::new();
    let mut named = 0;
    for (_, held) in bundle {
        let label = quote_name(held.resource.label(), LABEL_BYTES_MAX).to_string();
        if named > 0 && line.len() + label.len() > LABELS_CHARS {
            break;
        }
        line.push_str(if named > 0 { ", " } else { "" });
        line.push_str(&label);
        named += 1;
    }
    match bundle.len() - named {
        0 => {}
        more => line.push_str(&format!(" and {more} more")),
    }
    let Some((_, first)) = bundle.first() else {
        return line;
    };
    let session = quote_name(first.session.as_str(), super::NAME_BYTES_MAX);
    let _ = write!(
        line,
        " are {} by {session}{}{}",
        verb(first),
        who(first, Detail::Holder),
        rest_of(first, Detail::Holder, now)
    );
    line
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::holding::Whereabouts;
    use crate::model::resource::Resource;
    use crate::model::text::Purpose;
    use crate::model::token::Token;

    fn held(session: &str, label: &str, token: Option<u64>) -> Holding {
        Holding {
            resource: Resource::parse(label).unwrap(),
            session: SessionId::parse(session).unwrap(),
            node: NodeId::from_bytes([7; 16]),
            user: "u".to_owned(),
            host: "h".to_owned(),
            agent: None,
            purpose: Purpose::parse("why").unwrap(),
            mode: token.map_or(Mode::Shared, |_| Mode::Exclusive),
            claimed_at: Timestamp::from_millis(1),
            seen_at: Timestamp::from_millis(2),
            expires_at: Timestamp::from_millis(3_000),
            token: token.map(Token::new),
            confirmed: true,
            whereabouts: Arc::new(Whereabouts::default()),
            with: None,
            is_gone: false,
            runs: false,
        }
    }

    #[test]
    fn one_session_has_one_line_and_what_is_exclusive_its_own() {
        let mut all: Vec<Holding> = (0..60)
            .map(|n| held("bob", &format!("path:src/{n:02}"), None))
            .collect();
        all.insert(1, held("bob", "stack:dns", Some(3)));
        all.push(held("eve", "path:a", None));
        all.push(held("eve", "path:b", None));
        let rows = rows(all.iter().enumerate(), "", Timestamp::from_millis(0));
        let lines: Vec<&str> = rows.iter().map(|row| &*row.line).collect();
        assert_eq!(lines.len(), 4, "{lines:#?}");
        assert!(lines[0].starts_with("- \"path:src/00\", \"path:src/01\""));
        assert!(
            lines[0].contains(" more are claimed by \"bob\" since"),
            "{}",
            lines[0]
        );
        assert!(lines[0].len() < 500, "{}", lines[0]);
        assert!(lines[1].contains("\"stack:dns\" is claimed by \"bob\" exclusively"));
        assert!(lines[2].contains("\"path:a\" is claimed by \"eve\""));
        let told: usize = rows.iter().map(|row| row.places.len()).sum();
        assert_eq!(told, all.len());
    }
}
