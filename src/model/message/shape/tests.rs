//! What of a message is shown: all of it, or a part that says where all of it is.

use proptest::prelude::*;

use super::*;
use crate::model::actor::Actor;
use crate::model::id::SessionId;
use crate::model::message::{Draft, LASTS_SECS};
use crate::model::resource::Resource;

fn sent(text: &str) -> Sent {
    let from = SessionId::parse("boss").unwrap();
    let draft = Draft {
        to: vec![Address::All],
        reached: Vec::new(),
        about: None,
        text: Text::parse(text).unwrap(),
        asks: false,
        urgent: false,
        reply_to: None,
        hops: 0,
        lasts_secs: LASTS_SECS,
    };
    let message = Message {
        number: 1,
        from: from.clone(),
        sent_at: Timestamp::from_millis(1_763_719_200_000),
        draft,
    };
    Sent {
        by: Actor::example(from.as_str(), 1),
        message,
        is_published: true,
    }
}

fn at(at: Timestamp) -> String {
    at.to_rfc3339()
}

fn show(text: &str, extent: Extent) -> String {
    shown(&sent(text), Some(Means::ByName), &at, extent)
}

#[test]
fn what_does_not_fit_into_the_header_stands_whole_below_it() {
    let long = "word ".repeat(50) + "DO NOT DROP THE OLD TABLES";
    let escaped = "\\u{200b}".repeat(30) + " END";
    for (text, below) in [
        ("short", None),
        (&*"x".repeat(SUBJECT_BYTES_MAX), None),
        (
            &*"x".repeat(SUBJECT_BYTES_MAX + 1),
            Some(format!("  > {}\n", "x".repeat(SUBJECT_BYTES_MAX + 1))),
        ),
        (&*long, Some(format!("  > {long}\n"))),
        (
            &*format!("{long}\n\nmore"),
            Some(format!("  > {long}\n  > \n  > more\n")),
        ),
        ("short\n\nmore", Some("\n  > more\n".to_owned())),
        (&*escaped, Some(format!("  > {escaped}\n"))),
    ] {
        let whole = show(text, Extent::Whole);
        match &below {
            None => assert_eq!(whole.matches(RULE).count(), 2, "{whole}"),
            Some(lines) => assert!(whole.contains(lines.as_str()), "{whole}"),
        }
        let lines = all_of(&Text::parse(text).unwrap(), SUBJECT_BYTES_MAX);
        let below = below.unwrap_or_default();
        assert_eq!(lines, below.trim_start_matches('\n'));
    }
}

#[test]
fn a_part_says_where_all_of_it_is() {
    let end = "DO NOT DROP THE OLD TABLES";
    let long = "word ".repeat(50) + end;
    let id = sent(&long).message.id();
    let way = format!("  (cut; all of it: git presence inbox {id})\n");
    let part = show(&long, Extent::Chars(500));
    assert!(part.contains(&way) && !part.contains(end), "{part}");
    assert!(part.contains("…\n  (cut"), "the line is begun: {part}");
    let none = show(&long, Extent::Chars(0));
    assert!(none.contains(&way), "{none}");
    let all = show(&long, Extent::Chars(1000));
    assert!(!all.contains("(cut") && all.contains(end), "{all}");
}

#[test]
fn a_header_of_a_part_is_short_whatever_the_sender_is_called() {
    let wide = "\u{4e00}".repeat(40);
    let mut long = sent(&"s".repeat(8000));
    long.by.agent = Some("a".repeat(200));
    (long.by.user, long.by.host) = (wide, "h".repeat(200));
    long.by.id = SessionId::from_record(&"i".repeat(120)).unwrap();
    let draft = &mut long.message.draft;
    draft.to = vec![Address::Resource(
        Resource::parse(&format!("node:{}", "r".repeat(200))).unwrap(),
    )];
    draft.about = Some(Resource::parse(&format!("node:{}", "b".repeat(200))).unwrap());
    (draft.asks, draft.urgent) = (true, true);
    draft.reply_to = Some(sent("x").message.id());
    let part = shown(&long, None, &at, Extent::Chars(0));
    assert!(
        part.chars().count() <= PART_HEADER_CHARS_MAX,
        "{}",
        part.chars().count()
    );
}

proptest! {
    /// Whatever it says: a part has no more characters than its room, but for its header, and says
    /// so if it is not all.
    #[test]
    fn a_part_fits_or_is_its_header(text in "[a-z \\n]{1,2000}", room in 0usize..2500) {
        prop_assume!(Text::parse(&text).is_ok());
        let least = show(&text, Extent::Chars(0)).chars().count();
        let part = show(&text, Extent::Chars(room));
        prop_assert!(part.chars().count() <= room.max(least));
        let all = show(&text, Extent::Chars(usize::MAX));
        prop_assert!(part == all || part.contains("(cut; all of it: git presence inbox "));
    }
}
