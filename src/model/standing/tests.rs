//! Which statement counts, which freezes are in force, and which sessions are needed for that.
//!
//! Owns the tables, in which a statement is a line of words, and the laws: the order of the records
//! does not matter, and to fold what is not needed changes nothing.

use super::*;
use crate::model::resource::Resource;
use crate::model::state::{LASTS_SECS, Lifted, Saying, Word};
use proptest::prelude::*;

fn at(secs: u64) -> Timestamp {
    Timestamp::from_millis(1_763_719_200_000).plus_secs(secs)
}

/// Returns a statement from `<session> <word> <secs>`, which may be followed by what it lifts, each
/// as `<session>@<secs>`, and by how long it lasts, as `for=<secs>`.
fn said(text: &str) -> Said {
    let mut words = text.split_whitespace();
    let mut next = || words.next().unwrap();
    let (session, word, secs) = (next(), next(), next());
    let mut saying = Saying {
        resource: Resource::parse("service:web").unwrap(),
        word: Word::parse(word).unwrap(),
        version: None,
        notes: None,
        lasts_secs: LASTS_SECS,
        lifts: Vec::new(),
    };
    for word in words {
        match (word.strip_prefix("for="), word.split_once('@')) {
            (Some(secs), _) => saying.lasts_secs = secs.parse().unwrap(),
            (None, Some((by, secs))) => saying.lifts.push(Lifted {
                by: SessionId::parse(by).unwrap(),
                at: at(secs.parse().unwrap()),
                until: at(LASTS_SECS),
            }),
            (None, None) => panic!("{word}"),
        }
    }
    Said {
        by: Actor::example(session, 1),
        statement: Statement {
            saying,
            at: at(secs.parse().unwrap()),
        },
    }
}

fn all(texts: &[&str]) -> Vec<Said> {
    texts.iter().map(|one| said(one)).collect()
}

/// Returns what counts, as `<session> <word>`, and after it who has frozen it as well.
fn counts(texts: &[&str]) -> String {
    let standings = standings(all(texts), at(1000));
    assert!(standings.len() <= 1);
    let Some(standing) = standings.first() else {
        return String::new();
    };
    let also = standing.also_frozen.iter();
    let also = also.map(|said| format!(" +{}", said.by.id));
    let said = &standing.said;
    format!(
        "{} {}{}",
        said.by.id,
        said.statement.saying.word,
        also.collect::<String>()
    )
}

#[test]
fn the_newest_statement_counts_and_each_freeze_until_it_is_lifted() {
    for (all, expected) in [
        (&["a built 1"][..], "a built"),
        (&["a built 1", "b deployed 2"], "b deployed"),
        (&["b deployed 2", "a built 3"], "a built"),
        // At one instant, the session decides.
        (&["b deployed 1", "a built 1"], "b deployed"),
        (&["a built 1", "b cleared 2"], "b cleared"),
        // What others say does not lift a freeze; what names it does.
        (&["a frozen 1", "b deployed 2"], "a frozen"),
        (&["a frozen 1", "b cleared 2"], "a frozen"),
        (&["a frozen 1", "b cleared 2 a@1"], "b cleared"),
        (&["a frozen 1", "b cleared 2 a@1", "c built 3"], "c built"),
        (&["a frozen 1", "b built 2 a@1"], "b built"),
        // Two freezes: each is lifted by itself.
        (&["a frozen 1", "b frozen 2"], "b frozen +a"),
        (&["a frozen 1", "b frozen 2", "c cleared 3 b@2"], "a frozen"),
        (
            &["a frozen 1", "b frozen 2", "c cleared 3 b@2 a@1"],
            "c cleared",
        ),
        // A later one is another one, and so is that of another session.
        (&["a frozen 3", "b cleared 2 a@1"], "a frozen"),
        (&["c frozen 1", "b cleared 2 a@1"], "c frozen"),
        // The clock of who lifts may be behind.
        (&["a frozen 900", "b cleared 2 a@900"], "b cleared"),
        (
            &["a frozen 900", "b cleared 2 a@900", "c built 3"],
            "c built",
        ),
        (
            &["c built 1", "a frozen 900", "b cleared 2 for=5 a@900"],
            "c built",
        ),
    ] {
        assert_eq!(counts(all), expected, "{all:?}");
    }
}

#[test]
fn what_has_ended_counts_for_nothing_and_what_it_lifts_stays_lifted() {
    let newest_ended = ["a built 1", "b degraded 2 for=10"];
    assert_eq!(counts(&newest_ended), "a built");
    let standings = standings(all(&newest_ended), at(1000));
    assert!(standings[0].superseded.is_empty());
    assert_eq!(counts(&["a frozen 1 for=10"]), "");
    assert_eq!(counts(&["a frozen 1", "b cleared 2 for=10 a@1"]), "");
    assert_eq!(
        counts(&["a frozen 1", "b built 2 for=10 a@1", "c built 1"]),
        "c built"
    );
}

#[test]
fn each_freeze_is_a_claim_of_its_session() {
    let one = |texts: &[&str]| standings(all(texts), at(1000)).remove(0);
    let frozen: Vec<Holding> = one(&["a frozen 1"]).frozen().collect();
    assert_eq!(frozen[0].mode, Mode::Frozen);
    assert_eq!(frozen[0].session.as_str(), "a");
    assert_eq!(frozen[0].expires_at, at(1).plus_secs(LASTS_SECS));
    assert_eq!(frozen[0].purpose.as_str(), "frozen");
    assert_eq!(one(&["a built 1"]).frozen().count(), 0);
    assert_eq!(one(&["a frozen 1", "b built 2 a@1"]).frozen().count(), 0);
    assert_eq!(one(&["a frozen 1", "b frozen 2"]).frozen().count(), 2);
}

#[test]
fn a_session_is_needed_while_one_of_its_statements_may_still_decide() {
    for (texts, expected) in [
        (&["a built 1"][..], "a"),
        (&["a built 1", "b built 2"], "b"),
        (&["a built 1 for=5"], ""),
        (&["a built 1 for=5", "b cleared 2"], ""),
        // A clear, while it hides something.
        (&["a cleared 1"], ""),
        (&["a built 1", "b cleared 2"], "b"),
        (&["a built 1", "b cleared 2", "c cleared 3"], "c"),
        // Each freeze, and what counts when they have ended.
        (&["a frozen 1"], "a"),
        (&["a frozen 1", "b frozen 2", "c frozen 3"], "a b c"),
        (&["a frozen 2", "b deployed 1", "c built 0"], "a b"),
        (&["a frozen 1", "b deployed 2"], "a b"),
        (&["a frozen 2", "b cleared 1"], "a"),
        (&["a frozen 2", "b cleared 1", "c built 0"], "a b"),
        // What lifts a freeze, also when another one counts, or when it has ended itself.
        (&["a frozen 1", "b cleared 2 a@1"], "b"),
        (&["a frozen 1", "b cleared 2 a@1", "c built 3"], "b c"),
        (&["a frozen 1", "b built 2 for=5 a@1", "c built 3"], "b c"),
        // Not what lifts a freeze that is over, or not here.
        (&["a frozen 1 for=5", "b cleared 2 a@1"], ""),
        (&["b cleared 2 a@1", "c built 3"], "c"),
    ] {
        let needed = needed(all(texts), at(1000));
        let ids: Vec<&str> = needed.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids.join(" "), expected, "{texts:?}");
    }
}

proptest! {
    /// Clones list the records in different orders and give one answer.
    #[test]
    fn the_order_of_the_records_does_not_matter(
        words in proptest::collection::vec((0usize..4, 0u64..4, 0u64..4), 1..6),
        turn in 0usize..6,
    ) {
        let all = words_of_sessions(&words);
        let first = standings(all.clone(), at(1000));
        let mut turned = all;
        let turn = turn % turned.len();
        turned.rotate_left(turn);
        prop_assert_eq!(standings(turned, at(1000)), first);
    }

    /// To fold the sessions that are not needed changes neither what counts nor what is frozen, now
    /// and when any of it has ended.
    #[test]
    fn to_fold_what_is_not_needed_changes_nothing(
        words in proptest::collection::vec((0usize..4, 0u64..4, 0u64..4), 1..6),
    ) {
        let all = words_of_sessions(&words);
        let kept = needed(all.clone(), at(10));
        let left = all.iter().filter(|said| kept.contains(&(said.by.id.clone(), said.by.node)));
        let left: Vec<Said> = left.cloned().collect();
        let seen = |all: &[Said]| {
            let standings = standings(all.to_vec(), at(10));
            let states = standings.into_iter().filter(Standing::is_state);
            states.map(|one| (one.said, one.also_frozen)).collect::<Vec<_>>()
        };
        prop_assert_eq!(seen(&left), seen(&all));
    }
}

/// Returns a statement of each of several sessions: a word, when, and which one it lifts, if that
/// is another one.
fn words_of_sessions(words: &[(usize, u64, u64)]) -> Vec<Said> {
    let sessions = words.iter().enumerate();
    let text = |(by, (word, secs, lifts)): (usize, &(usize, u64, u64))| {
        let word = ["built", "frozen", "cleared", "degraded"][*word];
        let of = usize::try_from(*lifts).unwrap();
        let lifts = words.get(of).filter(|_| of != by);
        let lifts = lifts.map(|(_, secs, _)| format!(" s{of}@{secs}"));
        said(&format!("s{by} {word} {secs}{}", lifts.unwrap_or_default()))
    };
    sessions.map(text).collect()
}
