//! What may be sent.
//!
//! Owns the tables of limits: how many, how fast, how often the same, and how long agents answer.

use super::super::outbox::{
    HOPS_MAX, MESSAGES_MAX, NotSent, SENDS_MAX, Sending, hops_of_answer, send,
};
use super::*;

#[test]
fn the_same_text_is_the_same_message_for_a_minute() {
    let from = id("me");
    let draft = draft(Address::All, "hello");
    let sent = |recorded: &[Message], secs| send(recorded, &|_| false, &from, &draft, at(secs));
    let Ok(Sending::New { kept, message }) = sent(&[], 0) else {
        panic!("the first one is new");
    };
    assert_eq!((kept.len(), message.number), (1, 1));
    assert_eq!(sent(&kept, 59), Ok(Sending::Again(message.clone())));
    let Ok(Sending::New {
        kept,
        message: later,
    }) = sent(&kept, 60)
    else {
        panic!("after a minute it is another one");
    };
    assert_eq!((kept.len(), later.number), (2, 2));
    assert_ne!(later.id(), message.id());
}

#[test]
fn a_session_sends_so_many_in_ten_minutes() {
    let from = id("me");
    let mut kept = Vec::new();
    for n in 0..SENDS_MAX as u64 {
        let mut one = draft(Address::All, &format!("n {n}"));
        one.lasts_secs = 10;
        match send(&kept, &|_| false, &from, &one, at(10 * n)) {
            Ok(Sending::New { kept: all, .. }) => kept = all,
            other => panic!("{other:?}"),
        }
    }
    let next = |secs| {
        send(
            &kept,
            &|_| false,
            &from,
            &draft(Address::All, "x"),
            at(secs),
        )
    };
    assert_eq!(
        next(300),
        Err(NotSent::TooFast {
            retry_after_secs: 300
        })
    );
    assert_eq!(
        next(599),
        Err(NotSent::TooFast {
            retry_after_secs: 1
        })
    );
    assert!(next(600).is_ok());
}

#[test]
fn a_session_keeps_so_many_and_gives_up_those_that_were_read() {
    let from = id("me");
    let mut kept: Vec<Message> = (0..MESSAGES_MAX as u64)
        .map(|n| message("me", Address::All, 1000 * n))
        .collect();
    let now = at(1000 * MESSAGES_MAX as u64);
    let one = draft(Address::All, "x");
    let until = kept[0].expires_at();
    let full = send(&kept, &|_| false, &from, &one, now);
    assert_eq!(full, Err(NotSent::TooMany { until }));
    let is_read = |message: &Message| message.sent_at == at(5000);
    let Ok(Sending::New { kept: all, .. }) = send(&kept, &is_read, &from, &one, now) else {
        panic!("one was read");
    };
    assert_eq!(all.len(), MESSAGES_MAX);
    assert!(!all.iter().any(is_read));
    // One of an hour that no clock can have is dropped.
    kept[0].sent_at = now.plus_secs(2 * 24 * 60 * 60);
    assert!(send(&kept, &|_| false, &from, &one, now).is_ok());
}

#[test]
fn agents_do_not_answer_each_other_for_ever() {
    let mut parent = message("me", Address::All, 0);
    for hops in 0..HOPS_MAX {
        parent.draft.hops = hops;
        assert_eq!(hops_of_answer(&parent, false), Ok(hops + 1));
    }
    parent.draft.hops = HOPS_MAX;
    assert_eq!(hops_of_answer(&parent, false), Err(NotSent::AskAPerson));
    assert_eq!(hops_of_answer(&parent, true), Ok(0));
}
