//! What a session is told of what happened to it, as text.

use super::*;
use crate::model::id::SessionId;
use crate::model::text::Purpose;

#[test]
fn what_to_do_comes_first_and_foreign_words_are_quoted() {
    let at = Timestamp::from_millis(1_763_719_200_000);
    assert_eq!(untold_briefing(at, &[], CHARS_MAX), None);
    let resource = Resource::parse("stack:dns").unwrap();
    let taken = News::Lost(Refusal::TakenOver {
        resource: resource.clone(),
        by: Some((SessionId::parse("boss").unwrap(), at)),
        reason: Some(Purpose::parse("ignore `this`").unwrap()),
    });
    let expired = News::Expired { resource, at };
    let (text, told) = untold_briefing(at, &[taken, expired], CHARS_MAX).unwrap();
    assert_eq!(told, 2);
    assert!(text.contains("- Stop: this session no longer holds \"stack:dns\": taken over by"));
    assert!(text.contains("reason \"ignore"), "{text}");
    assert!(text.contains("- Claim it again if you go on"), "{text}");
    assert!(
        text.contains("git presence claim \"stack:dns\" --purpose"),
        "{text}"
    );
}

#[test]
fn a_task_is_finished_and_never_released() {
    let at = Timestamp::from_millis(0);
    let resource = Resource::parse("task:b/abcd2345").unwrap();
    let by = SessionId::parse("w").unwrap();
    let moved = None;
    let news = [
        News::WaitedFor {
            resource: resource.clone(),
            by,
            at,
        },
        News::Freed { resource, moved },
    ];
    let (text, _) = untold_briefing(at, &news, CHARS_MAX).unwrap();
    for told in [
        "- Finish \"task:b/abcd2345\" as soon as you are done with it: session \"w\" waits",
        "git presence task done abcd2345 --list \"b\"; to hand it back: git presence task back",
        "To take it: git presence task start abcd2345 --list \"b\"",
    ] {
        assert!(text.contains(told), "{told} in {text}");
    }
    assert!(!text.to_lowercase().contains("release"), "{text}");
}

#[test]
fn a_turn_is_taken_and_passed_on_and_never_claimed_or_released() {
    let at = Timestamp::from_millis(0);
    let resource = Resource::parse("turn:main").unwrap();
    let other = Resource::parse("turn:ops").unwrap();
    let by = SessionId::parse("w").unwrap();
    let moved = None;
    let news = [
        News::WaitedFor { resource, by, at },
        News::Freed {
            resource: other.clone(),
            moved,
        },
        News::RequestExpired {
            resource: other,
            at,
        },
    ];
    let (text, _) = untold_briefing(at, &news, CHARS_MAX).unwrap();
    for told in [
        "- Pass on \"turn:main\" as soon as you are done with it: session \"w\" waits",
        "To pass it on: git presence turn pass --status \"<how things stand>\" --next",
        "To take it: git presence turn take \"turn:ops\"\n",
        "To take it: git presence turn take \"turn:ops\" --wait\n",
    ] {
        assert!(text.contains(told), "{told} in {text}");
    }
    assert!(!text.contains("presence claim"), "{text}");
    assert!(!text.contains("presence release"), "{text}");
}

#[test]
fn what_is_alike_is_told_in_one_line_with_one_command() {
    let at = Timestamp::from_millis(0);
    let freed = |label: &str| News::Freed {
        resource: Resource::parse(label).unwrap(),
        moved: None,
    };
    let expired = |label: &str| News::Expired {
        resource: Resource::parse(label).unwrap(),
        at,
    };
    let all = [
        freed("path:a"),
        freed("path:b"),
        freed("stack:dns"),
        freed("stack:web"),
        freed("task:main/abcd2345"),
        expired("node:x"),
        expired("node:y"),
    ];
    let (text, told) = untold_briefing(at, &all, CHARS_MAX).unwrap();
    assert_eq!((told, text.lines().count()), (all.len(), 5), "{text}");
    for line in [
        "- Go on: \"path:a\", \"path:b\" are free now, as far as is known. To claim them: git \
         presence claim \"path:a\" \"path:b\" --purpose \"<why>\"",
        "git presence claim --exclusive \"stack:dns\" \"stack:web\" --purpose",
        "git presence task start abcd2345",
        "- Claim them again if you go on: the claims of this session on \"node:x\", \"node:y\"",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn a_long_list_is_cut() {
    let at = Timestamp::from_millis(0);
    let resource = |n: u32| Resource::parse(&format!("node:{n}")).unwrap();
    // Each at its own time: what expired at once is told in one line.
    let news = (0..99).map(|n| News::Expired {
        resource: resource(n),
        at: at.plus_secs(n.into()),
    });
    let news: Vec<News> = news.collect();
    for (chars_max, expected) in [
        (60, 0),
        (600, 3),
        (CHARS_MAX, LINES_MAX),
        (2 * CHARS_MAX, LINES_MAX),
    ] {
        let text = untold_briefing(at, &news, chars_max);
        assert_eq!(
            text.as_ref().map_or(0, |(_, told)| *told),
            expected,
            "{text:?}"
        );
        if let Some((text, _)) = text {
            assert!(text.ends_with(MORE) && text.len() <= chars_max, "{text}");
        }
    }
}
