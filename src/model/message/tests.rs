//! Whom messages reach and what is unread, by tables and by laws. What may be sent: `sending`.

mod sending;

use proptest::prelude::*;

use super::address::{Address, Means, Reader};
use super::marks::{MARKS_MAX, Marks};
use super::post::{Post, Seen, Sent};
use super::*;
use crate::model::actor::Actor;
use crate::model::id::NodeId;

fn at(secs: u64) -> Timestamp {
    Timestamp::from_millis(1_763_719_200_000).plus_secs(secs)
}

fn id(text: &str) -> SessionId {
    SessionId::parse(text).unwrap()
}

fn resource(label: &str) -> Resource {
    Resource::parse(label).unwrap()
}

fn draft(to: Address, text: &str) -> Draft {
    Draft {
        to: vec![to],
        reached: Vec::new(),
        about: None,
        text: Text::parse(text).unwrap(),
        asks: false,
        urgent: false,
        reply_to: None,
        hops: 0,
        lasts_secs: LASTS_SECS,
    }
}

fn message(from: &str, to: Address, secs: u64) -> Message {
    Message {
        number: 1,
        from: id(from),
        sent_at: at(secs),
        draft: draft(to, "hello"),
    }
}

fn sent(message: &Message) -> Sent {
    Sent {
        by: Actor::example(message.from.as_str(), 1),
        message: message.clone(),
        is_published: true,
    }
}

fn reader(name: &str) -> Reader {
    Reader {
        id: id(name),
        user: "wizard".to_owned(),
        host: "devvm".to_owned(),
        heir_of: Vec::new(),
        holds: Vec::new(),
    }
}

fn node(n: u8) -> Option<NodeId> {
    Some(NodeId::from_bytes([n; 16]))
}

fn marks(ids: &[&Message], heir_of: &[&str]) -> Marks {
    let mut marks = Marks::default();
    for message in ids {
        assert!(marks.mark(&message.id(), message.expires_at(), at(50)));
    }
    marks.heir_of = heir_of.iter().map(|name| id(name)).collect();
    marks
}

fn seen(name: &str, on: u8, marks: Marks) -> Seen {
    let by = Actor::example(name, on);
    Seen { by, marks }
}

fn post(messages: &[&Message], seen: Vec<Seen>) -> Post {
    Post::new(messages.iter().map(|one| sent(one)).collect(), seen, &[])
}

fn means(post: &Post, reader: &Reader) -> Option<Means> {
    let unread = post.unread(reader, node(1), at(100));
    unread.first().map(|letter| letter.means)
}

#[test]
fn a_text_is_taken_as_it_is_or_refused() {
    let text = Text::parse("\n subject \r\n\n\tbody  \n  more\n\n").unwrap();
    assert_eq!(text.as_str(), "subject\n\n    body\n  more");
    assert_eq!(
        (text.subject(), text.body()),
        ("subject", "    body\n  more")
    );
    assert_eq!(text.as_purpose().as_str(), "subject");
    for bad in ["", " \n\t\n", "a\u{1b}[2J", "a\0", "\u{202e}x", "a\rb"] {
        assert!(Text::parse(bad).is_err(), "{bad:?}");
    }
    assert!(Text::parse(&"x".repeat(TEXT_BYTES_MAX)).is_ok());
    assert!(Text::parse(&"x".repeat(TEXT_BYTES_MAX + 1)).is_err());
    let stored = Text::from_record(&"\u{1b}x\n".repeat(3000));
    assert!(stored.as_str().len() <= TEXT_BYTES_MAX && !stored.as_str().contains('\u{1b}'));
}

#[test]
fn an_address_is_stored_and_read() {
    for text in [
        "all",
        "session:wizard@devvm@7",
        "person:a@b",
        "resource:infra:dns",
    ] {
        let address = Address::from_record(text).unwrap();
        assert_eq!(address.to_string(), text);
    }
    let typed = |text| Address::from_record(text).unwrap().typed();
    assert_eq!(typed("all"), "all");
    assert_eq!(typed("resource:infra:dns"), "infra:dns");
    for text in [
        "",
        "nobody",
        "person:a",
        "person:@b",
        "person:a@",
        "fax:1",
        "session:",
    ] {
        assert_eq!(Address::from_record(text), None, "{text}");
    }
}

#[test]
fn an_address_means_whom_it_names() {
    let you = message("me", Address::Session(id("you")), 0);
    let all = message("me", Address::All, 0);
    let person = |host: &str| Address::person(&format!("wizard@{host}")).unwrap();
    for (message, who, expected) in [
        (&you, "you", Some(Means::ByName)),
        (&you, "other", None),
        (&all, "other", Some(Means::AsOneOfAll)),
        (&all, "me", None),
        (
            &message("me", person("devvm"), 0),
            "you",
            Some(Means::AsPerson),
        ),
        (&message("me", person("other"), 0), "you", None),
        (&message("you", person("devvm"), 0), "you", None),
    ] {
        let post = post(&[message], Vec::new());
        assert_eq!(means(&post, &reader(who)), expected, "{who} {message:?}");
    }
    let mut heir = reader("next");
    heir.heir_of = vec![id("you")];
    assert_eq!(
        means(&post(&[&you], Vec::new()), &heir),
        Some(Means::AsHeir)
    );
    heir.heir_of = vec![id("me")];
    assert_eq!(means(&post(&[&all], Vec::new()), &heir), None, "its own");
}

#[test]
fn a_resource_means_those_at_it_then_and_one_that_holds_it_next() {
    let mut mail = message("me", Address::Resource(resource("path:src")), 0);
    mail.draft.reached = vec![id("there")];
    let mut holder = reader("holder");
    holder.holds = vec![resource("path:src/a.rs")];
    let fresh = post(&[&mail], Vec::new());
    assert_eq!(means(&fresh, &reader("there")), Some(Means::AtResource));
    assert_eq!(means(&fresh, &holder), Some(Means::AtResource));
    assert_eq!(means(&fresh, &reader("other")), None);
    let read = |by: &str| post(&[&mail], vec![seen(by, 1, marks(&[&mail], &[]))]);
    assert_eq!(means(&read("there"), &holder), None, "it was met");
    assert_eq!(means(&read("early"), &holder), None, "another one held it");
    assert_eq!(
        means(&read("me"), &holder),
        Some(Means::AtResource),
        "the sender"
    );
    // One that it means for another reason does not answer for the holder.
    let mut both = mail.clone();
    both.draft.reached.clear();
    both.draft.to.push(Address::person("wizard@devvm").unwrap());
    let other = seen("other", 1, marks(&[&both], &[]));
    let mut elsewhere = holder.clone();
    elsewhere.host = "far".to_owned();
    let met = |seen: Vec<Seen>| means(&post(&[&both], seen), &elsewhere);
    assert_eq!(met(vec![other]), Some(Means::AtResource));
    assert_eq!(
        means(&read("early"), &reader("there")),
        Some(Means::AtResource)
    );
    // What was read stays a message of its reader.
    let again = read("holder");
    assert_eq!(again.letters(&holder, node(1), at(100)).len(), 1);
    assert_eq!(means(&again, &holder), None);
}

#[test]
fn each_message_is_unread_until_it_is_marked_and_over_when_it_expires() {
    let (one, two) = (
        message("me", Address::Session(id("you")), 1),
        message("me", Address::Session(id("you")), 2),
    );
    let read_two = vec![seen("you", 1, marks(&[&two], &[]))];
    let post = post(&[&two, &one, &one], read_two);
    let unread = |secs| post.unread(&reader("you"), node(1), at(secs));
    assert_eq!(
        unread(100).len(),
        1,
        "a late one is not lost by the mark of a later one"
    );
    assert_eq!(unread(100)[0].sent.message, one);
    let elsewhere = post.unread(&reader("you"), node(2), at(100));
    assert_eq!(elsewhere.len(), 2, "its namesake read it");
    assert_eq!(unread(1 + LASTS_SECS).len(), 0);
    assert_eq!(unread(LASTS_SECS).len(), 1);
    assert_eq!(post.letters(&reader("you"), node(1), at(100)).len(), 2);
    assert_eq!(post.sent_by(&id("me"), node(1), at(9)).len(), 2);
    assert_eq!(post.find(&two.id()).len(), 1);
}

#[test]
fn a_delivery_is_the_mark_of_whom_the_message_means() {
    let you = message("me", Address::Session(id("you")), 0);
    let forged = vec![
        seen("other", 1, marks(&[&you], &[])),
        seen("me", 1, marks(&[&you], &[])),
    ];
    let post_of = |seen| post(&[&you], seen);
    assert_eq!(post_of(forged).deliveries(&you), []);
    let heir = vec![seen("next", 1, marks(&[&you], &["you"]))];
    let delivered = post_of(heir.clone()).deliveries(&you);
    assert_eq!(delivered.len(), 1);
    assert_eq!((&delivered[0].to, delivered[0].at), (&id("next"), at(50)));
    assert!(post_of(heir.clone()).is_settled(&you) && !post_of(Vec::new()).is_settled(&you));
    // The session that it says to have replaced is one of another clone.
    let sessions = [(id("you"), NodeId::from_bytes([2; 16]))];
    let false_heir = Post::new(vec![sent(&you)], heir, &sessions);
    assert_eq!(false_heir.deliveries(&you), []);
    let all = message("me", Address::All, 0);
    let read = post(&[&all], vec![seen("you", 1, marks(&[&all], &[]))]);
    assert_eq!(read.deliveries(&all).len(), 1);
    assert!(!read.is_settled(&all), "others may begin");
}

#[test]
fn marks_are_kept_while_their_messages_may_come_again() {
    let mut marks = Marks::default();
    let old = message("me", Address::All, 0);
    assert!(marks.mark(&old.id(), old.expires_at(), at(0)));
    assert!(!marks.mark(&old.id(), old.expires_at(), at(1)));
    assert_eq!(marks.of(&old.id()), Some(at(0)));
    let new = message("me", Address::All, 9);
    let two_days_later = LASTS_SECS + 2 * 24 * 60 * 60;
    marks.mark(&new.id(), new.expires_at(), at(two_days_later - 1));
    assert_eq!(marks.read.len(), 2);
    let third = message("me", Address::All, 10);
    marks.mark(&third.id(), third.expires_at(), at(two_days_later));
    assert_eq!(marks.of(&old.id()), None);
    // A late one of many needs the room of what is over, and never that of what may come again.
    let live = two_days_later;
    assert_eq!(marks.spare(at(live)), MARKS_MAX);
    for n in 0..MARKS_MAX as u64 {
        let one = message("me", Address::All, live + n);
        assert!(marks.mark(&one.id(), one.expires_at(), at(live)), "{n}");
    }
    assert_eq!((marks.read.len(), marks.spare(at(live))), (MARKS_MAX, 0));
    assert_eq!(marks.of(&new.id()), None, "it is over");
    let mut urgent = message("me", Address::All, live);
    urgent.draft.lasts_secs = LASTS_URGENT_SECS;
    assert!(!marks.mark(&urgent.id(), urgent.expires_at(), at(live)));
    let first = message("me", Address::All, live);
    assert_eq!(marks.of(&first.id()), Some(at(live)));
}

#[test]
fn an_heir_takes_over_what_was_read_and_what_is_to_be() {
    let read = message("me", Address::Session(id("a")), 0);
    let its = marks(&[&read], &["first"]);
    let mut mine = Marks::default();
    assert!(mine.succeed(&id("b"), &id("a"), &its));
    assert_eq!(mine.heir_of, [id("first"), id("a")]);
    assert!(mine.of(&read.id()).is_some());
    assert!(!mine.succeed(&id("b"), &id("a"), &its));
    assert!(
        !mine.succeed(&id("b"), &id("b"), &Marks::default()),
        "itself"
    );
}

proptest! {
    /// Whatever was read of what, in whatever order it arrives: each live message is read or
    /// unread, once, and never both.
    #[test]
    fn every_message_is_once_for_each_reader(
        numbers in proptest::collection::vec((0u64..20, any::<bool>()), 0..20),
        turn in any::<bool>(),
    ) {
        let mut messages: Vec<Message> = numbers
            .iter()
            .map(|(n, _)| message("me", Address::Session(id("you")), *n))
            .collect();
        let mut mine = Marks::default();
        for (message, (_, is_read)) in messages.iter().zip(&numbers) {
            if *is_read {
                mine.mark(&message.id(), message.expires_at(), at(50));
            }
        }
        if turn {
            messages.reverse();
        }
        let all: Vec<&Message> = messages.iter().collect();
        let post = post(&all, vec![seen("you", 1, mine.clone())]);
        let letters = post.letters(&reader("you"), node(1), at(100));
        let mut ids: Vec<MessageId> = messages.iter().map(Message::id).collect();
        ids.sort();
        ids.dedup();
        let mut got: Vec<MessageId> = letters.iter().map(|one| one.sent.message.id()).collect();
        got.sort();
        prop_assert_eq!(&got, &ids);
        for letter in &letters {
            prop_assert_eq!(letter.read_at, mine.of(&letter.sent.message.id()));
        }
    }
}
