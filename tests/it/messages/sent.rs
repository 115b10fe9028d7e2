//! Answers, states, limits, and what is the same message.

use predicates::str::contains;

use super::{last_id, states, unread};
use crate::world::World;

fn pair() -> World {
    let world = World::new();
    world.session("a", "claim node:a -p x").done();
    world.session("b", "claim node:b -p x").done();
    world
}

#[test]
fn an_answer_goes_to_the_sender_and_marks_the_question() {
    let world = pair();
    world.session("a", "tell b --ask -m \"may I?\"").done();
    let id = last_id(&world, "a");
    world
        .session("b", "inbox")
        .says("wants an answer")
        .says(contains(format!("git presence tell --reply {id}")));
    world
        .session("b", &format!("tell --reply {id} -m yes"))
        .done();
    assert!(unread(&world, "b").is_empty(), "what is answered was read");
    let said = world.session("a", "inbox");
    said.says("MESSAGE FROM b — \"yes\"")
        .says(contains(format!("in answer to {id}")));
}

#[test]
fn an_answer_of_a_session_that_it_does_not_mean_marks_nothing() {
    let world = pair();
    world.session("b", "claim role:reviewer -p x").done();
    world.session("b", "release role:reviewer").done();
    world
        .session("a", "tell role:reviewer -m \"review PR 7\"")
        .done();
    let id = last_id(&world, "a");
    world
        .session("by", &format!("tell --reply {id} -m \"not me\""))
        .done();
    assert_eq!(states(&world, "a"), [("at origin".to_owned(), None)]);
    world.session("c", "claim role:reviewer -p x").done();
    assert_eq!(unread(&world, "c"), ["review PR 7"]);
    world
        .session("c", &format!("tell --reply {id} -m done"))
        .done();
    assert!(unread(&world, "c").is_empty());
    assert_eq!(
        states(&world, "a"),
        [("delivered".to_owned(), Some("c".to_owned()))]
    );
}

#[test]
fn an_urgent_message_of_a_clock_that_is_behind_is_not_over_when_it_comes() {
    for (secs, lasts) in [(30, "59m"), (4000, "59m"), (80_000, "59m")] {
        let world = pair();
        world.later("24h");
        world.session("b", "claim node:c -p x").done();
        let then = world.now().minus_secs(secs).to_rfc3339();
        let behind = world.with("GIT_PRESENCE_TEST_NOW", then);
        let said = behind.session("a", "tell b --urgent -m now");
        said.done();
        assert_eq!(
            said.err.contains("the clock here is"),
            secs > 60,
            "{}",
            said.err
        );
        behind
            .session("a", "tell b --urgent -m now")
            .says("a moment ago");
        world.later(lasts);
        assert_eq!(unread(&world, "b"), ["now"], "{secs}");
        world.later("24h");
        assert!(unread(&world, "b").is_empty(), "{secs}");
    }
}

#[test]
fn the_same_text_is_one_message_for_a_minute() {
    let world = pair();
    world.session("a", "tell b -m hello").done();
    world.session("a", "tell b -m hello").says("a moment ago");
    assert_eq!(unread(&world, "b").len(), 1);
    world.later("60s");
    world.session("a", "tell b -m hello").done();
    assert_eq!(unread(&world, "b").len(), 2);
}

#[test]
fn a_session_sends_so_many_in_ten_minutes() {
    let world = pair();
    for n in 0..30 {
        world.session("a", &format!("tell b -m \"n {n}\"")).done();
    }
    let said = world.session("a", "tell b -m more --json");
    said.exits(4);
    assert_eq!(said.json()["error"]["retry_after"], 600);
    world.later("10m");
    world.session("a", "tell b -m more").done();
}

#[test]
fn agents_end_an_endless_talk_and_a_person_begins_anew() {
    let world = pair();
    let agent = |id: &str| {
        world
            .with("CLAUDE_CODE_SESSION_ID", id)
            .with("CLAUDECODE", "1")
    };
    agent("x").anyone("claim node:x -p x").done();
    agent("y").anyone("claim node:y -p x").done();
    let id_of = |id: &str| {
        let me = agent(id).anyone("whoami --json").json();
        me["session_id"].as_str().unwrap().to_owned()
    };
    let (x, y) = (id_of("x"), id_of("y"));
    agent("x")
        .anyone(&format!("tell {y} -m begin"))
        .says("An agent gets it in its next turn.");
    agent("x")
        .anyone("tell all -m hello")
        .says("An agent gets it in its next turn; a person reads it");
    let mut last = last_id(&agent("x"), &x);
    for hop in 0..9 {
        let (who, id) = if hop % 2 == 0 { ("y", &y) } else { ("x", &x) };
        let said = agent(who).anyone(&format!("tell --reply {last} -m \"hop {hop}\""));
        if hop == 8 {
            said.refuses("without a person").hints("ask the person");
            break;
        }
        said.done();
        last = last_id(&agent(who), id);
    }
    world.session("person", "claim node:p -p x").done();
    world
        .session("person", &format!("tell --reply {last} -m stop"))
        .done();
    let last = last_id(&world, "person");
    agent("x")
        .anyone(&format!("tell --reply {last} -m ok"))
        .done();
}

#[test]
fn an_agent_that_names_its_session_by_an_option_is_no_person() {
    let world = pair();
    let payload = |id: &str| {
        let mut payload = crate::hooks::agent::payload(&world, "cursor", "sessionStart");
        payload["conversation_id"] = id.into();
        payload["session_id"] = id.into();
        payload
    };
    for id in ["one", "two"] {
        crate::hooks::agent::send(&world, "cursor", "sessionStart", &payload(id)).done();
    }
    let id_of = |id: &str| {
        let said = crate::hooks::agent::send(&world, "cursor", "sessionStart", &payload(id));
        said.json()["env"]["GIT_PRESENCE_SESSION"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (x, y) = (id_of("one"), id_of("two"));
    world
        .anyone(&format!("claim node:x -p x --session {x}"))
        .done();
    world
        .anyone(&format!("claim node:y -p x --session {y}"))
        .done();
    world
        .anyone(&format!("tell {y} -m begin --session {x}"))
        .done();
    world
        .anyone(&format!("inbox --session {y}"))
        .says("agent \"cursor\"");
    let last = |me: &str| {
        let rows = world
            .anyone(&format!("inbox --sent --json --session {me}"))
            .json();
        rows.as_array().unwrap().last().unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let mut id = last(&x);
    for hop in 0..9 {
        let me = if hop % 2 == 0 { &y } else { &x };
        let line = format!("tell --reply {id} -m \"hop {hop}\" --session {me}");
        let said = world.anyone(&line);
        if hop == 8 {
            said.refuses("without a person");
            break;
        }
        said.done();
        id = last(me);
    }
}

#[test]
fn a_sender_sees_what_became_of_it() {
    let world = pair();
    world
        .session("a", "tell b -m hello")
        .says("A person sees it in git presence status");
    world
        .session("b", "status")
        .says("1 unread message: git presence inbox")
        .says("Next: git presence inbox\n");
    assert_eq!(states(&world, "a"), [("at origin".to_owned(), None)]);
    world
        .session("a", "inbox --sent")
        .says("not delivered yet")
        .says("b: live");
    world.later("1h");
    world.session("a", "inbox --sent").says("b: silent since");
    world.session("b", "inbox --ack").done();
    world.session("a", "inbox --sent").says("delivered to b at");
    world.session("b", "inbox --sent").says("has sent nothing");
}

#[test]
fn a_message_is_an_event_and_a_mark_is_none() {
    let world = pair();
    world.session("a", "tell b -m hello -m more").done();
    world.session("b", "inbox --ack").done();
    let log = world.session("a", "log");
    log.says("message").says("\"hello\"");
    assert_eq!(log.lines().len(), 3, "{}", log.out);
    world.session("a", "log --event message").says("\"hello\"");
}

#[test]
fn a_wait_ends_with_a_message_or_with_exit_4() {
    let world = World::new().without("GIT_PRESENCE_TEST_NOW");
    world.session("a", "claim node:a -p x").done();
    world.session("b", "claim node:b -p x").done();
    world
        .session("b", "inbox --wait=1s")
        .fails(4, "no message came");
    let said = world.sh(
        "(sleep 0.3; git-presence tell b -m hello --session a) >/dev/null 2>&1 </dev/null & \
         git-presence inbox --wait=20s --session b; wait",
    );
    said.says("MESSAGE FROM a — \"hello\"");
}

#[test]
fn sixty_four_senders_at_once_lose_nothing() {
    let world = World::new().without("GIT_PRESENCE_TEST_NOW");
    world.session("b", "claim node:b -p x").done();
    world
        .sh("for n in $(seq 64); do \
               git-presence tell b -m \"n $n\" --session s$((n % 16)) \
                 >/dev/null 2>>errors </dev/null & done; wait; cat errors")
        .done();
    let mut got = unread(&world, "b");
    got.sort();
    got.dedup();
    assert_eq!(got.len(), 64, "{got:?}");
}

/// What was shown is not shown again, and what is asked stays until it has an answer.
#[test]
fn a_mark_counts_and_a_question_stays_until_it_is_answered() {
    let world = pair();
    world.session("a", "tell b -m hello").done();
    world.session("a", "tell b --ask -m \"may I?\"").done();
    let id = last_id(&world, "a");
    world
        .session("b", "inbox --ack")
        .says("2 messages marked as read; what they say: git presence inbox --all")
        .says(&*format!(
            "Not answered yet: \"may I?\" of a, 10:00, now: git presence tell --reply {id} -m \"<answer>\""
        ))
        .omits("hello");
    world
        .session("b", "inbox")
        .says("No unread message.\nNot answered yet: \"may I?\" of a");
    world.session("b", "inbox --all").says("hello");
    // Its own are no questions to a session, and what is to all is owed by none.
    world.session("a", "inbox").omits("Not answered");
    world.session("a", "tell all --ask -m \"any news?\"").done();
    world.session("b", "inbox --ack").omits("any news?");
    world
        .session("b", &format!("tell --reply {id} -m yes"))
        .done();
    world.session("b", "inbox").omits("Not answered");
    // One that waits sees what came, also if it marks it at once.
    world.session("a", "tell b -m later").done();
    world
        .session("b", "inbox --wait=1s --ack")
        .says("later")
        .says("1 message marked");
    world.session("a", "inbox --sent").says("delivered to b");
    world.session("a", "tell b -m bye").done();
    world.session("a", "inbox --sent").says(
        "kept here; without a remote it reaches the sessions of this clone only, not delivered yet",
    );
}

#[test]
fn a_question_to_no_session_is_not_waited_for() {
    let world = World::new();
    world
        .session("a", "tell all --ask -m \"who is here?\"")
        .says("No session is there now")
        .says("git presence inbox --sent")
        .omits("--wait");
    world
        .session("a", "log --wait=1s")
        .fails(4, "nothing happened within 1 s")
        .tells("no other session is here now")
        .hints("do other work meanwhile");
    world
        .session("a", "inbox --wait=1")
        .fails(4, "no message came")
        .hints("do other work meanwhile");
    world.session("b", "claim node:b -p x").done();
    world
        .session("a", "tell all --ask -m \"and now?\"")
        .says("git presence inbox --wait");
    let said = world.session("a", "log --wait=1s");
    said.fails(4, "nothing happened");
    assert!(!said.err.contains("no other session"), "{}", said.err);
}
