//! Any bytes as a record, a commit message or a name.
//!
//! Owns what holds of each: it is read or refused, and what was read is written and read again as
//! the same. Never touches a repository.

#![no_main]

use git_presence::ledger::layout;
use git_presence::ledger::records::{claim, event, lock, session};
use git_presence::model::id::{NodeId, RandomId, SessionId};
use git_presence::model::resource::Resource;
use git_presence::model::time::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok((read, rest)) = claim::decode(bytes) {
        let (again, _) = claim::decode(&claim::encode(&read, &rest)).expect("a claim");
        assert_eq!(again, read);
    }
    if let Ok((read, rest)) = lock::decode(bytes) {
        let (again, _) = lock::decode(&lock::encode(&read, &rest)).expect("a lock");
        assert_eq!(again, read);
    }
    if let Ok(read) = lock::read_cell(bytes) {
        let again = lock::read_cell(&lock::write_cell(&read)).expect("a register");
        assert_eq!(again.floor, read.floor);
    }
    if let Ok(read) = session::read_session(bytes) {
        let again = session::read_session(&session::write_session(&read)).expect("a session");
        assert_eq!((again.who, again.seen_at, again.ttl), (read.who, read.seen_at, read.ttl));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        is_event(text);
        is_name(text);
    }
});

fn is_event(text: &str) {
    let Some((read, at)) = event::read(text, Timestamp::from_millis(0)) else {
        return;
    };
    let written = event::write(&read, at, RandomId::from_bytes([1; 16]));
    let again = event::read(&written, Timestamp::from_millis(1));
    let (again, at_again) = again.expect("an event");
    assert_eq!(again.session, read.session);
    assert_eq!(again.resources, read.resources);
    assert_eq!(at_again, at);
    assert_eq!(event::is_heartbeat(&written), event::is_heartbeat(text));
}

fn is_name(text: &str) {
    for resource in [Resource::parse(text), Resource::from_record(text)].into_iter().flatten() {
        let again = Resource::from_record(resource.label()).expect("a resource");
        assert_eq!(again, resource);
        assert!(layout::cell_ref(&resource).starts_with("refs/presence/"));
    }
    if let Ok(id) = SessionId::from_record(text) {
        assert_eq!(SessionId::from_record(id.as_str()).as_ref(), Ok(&id));
        let name = layout::session_ref(&id, NodeId::from_bytes([1; 16]));
        let tracking = layout::tracking_ref("origin", &name);
        assert_eq!(layout::tracked_ref("origin", &tracking), Some(name));
    }
    let _ = layout::own_name(text);
    let _ = layout::tracked_ref("origin", text);
    let _ = NodeId::parse(text);
}
