//! Any bytes as the session cache, and lines of it with a changed byte.
//!
//! Owns what holds of each: only what this clone wrote counts. Never writes into a repository.

#![no_main]

use git_presence::ledger::fuzzed::{check_cache, check_changed_line};
use git_presence::ledger::records::{claim, session};
use git_presence::model::session::Session;
use libfuzzer_sys::fuzz_target;

/// Between the records of a session and of its claims.
const BETWEEN: &[u8] = b"\n---\n";

fuzz_target!(|bytes: &[u8]| {
    check_cache(bytes);
    let Some(([at, at_more, byte], records)) = bytes.split_first_chunk() else {
        return;
    };
    let mut parts = records
        .split(|byte| *byte == 0)
        .flat_map(|part| split(part, BETWEEN));
    let Some(Ok(head)) = parts.next().map(session::read_session) else {
        return;
    };
    let claims = parts.filter_map(|part| claim::decode(part).ok());
    let session = Session {
        who: head.who,
        seen_at: head.seen_at,
        ttl: head.ttl,
        claims: claims.map(|(claim, _)| claim).collect(),
        states: Vec::new(),
    };
    let at = usize::from(u16::from_be_bytes([*at, *at_more]));
    check_changed_line(&session, at, *byte);
});

fn split<'b>(mut bytes: &'b [u8], by: &[u8]) -> Vec<&'b [u8]> {
    let mut parts = Vec::new();
    while let Some(at) = bytes.windows(by.len()).position(|window| window == by) {
        parts.push(&bytes[..at]);
        bytes = &bytes[at + by.len()..];
    }
    parts.push(bytes);
    parts
}
