//! Sessions whose program has ended, or runs.
//!
//! Owns who is looked for among the processes of this machine, and how many: [`mark`]. Where it
//! cannot be known, a session is not gone.

use crate::context::Context;
use crate::model::actor::Process;
use crate::model::holding::Holding;
use crate::model::time::Timestamp;

/// At most this many processes are looked for; a board can have thousands.
const LOOKS_MAX: usize = 256;

/// Returns true for a program of this machine that has ended. Its session was last seen at
/// `seen_at`.
pub fn has_ended(context: &Context, program: &Process, seen_at: Timestamp) -> bool {
    program.ends_its_session() && context.host.has_ended(program, seen_at)
}

/// Marks the claims whose session ends with a program of this machine that has ended, and those
/// whose program runs.
pub fn mark(context: &Context, holdings: &mut [Holding]) {
    let node = context.ledger.node();
    let mut host_id: Option<String> = None;
    let mut seen: Vec<(Process, bool, bool)> = Vec::new();
    for held in holdings {
        let process = held.whereabouts.process.as_ref();
        let Some(program) = process.filter(|process| process.ends_its_session()) else {
            continue;
        };
        let here = host_id.get_or_insert_with(|| context.host.host_id());
        if program.host_id != *here {
            continue;
        }
        let known = seen.iter().rev().find(|(other, ..)| other == program);
        (held.is_gone, held.runs) = match known {
            Some((_, is_gone, runs)) => (*is_gone, *runs),
            None if seen.len() < LOOKS_MAX => {
                // What another clone says of the last start of the machine may be of another one.
                let is_gone = match Some(held.node) == node {
                    true => context.host.is_dead(program, held.seen_at),
                    false => context.host.has_ended(program, held.seen_at),
                };
                let runs = !is_gone && context.host.is_running(program, held.seen_at);
                seen.push((program.clone(), is_gone, runs));
                (is_gone, runs)
            }
            None => (false, false),
        };
    }
}
