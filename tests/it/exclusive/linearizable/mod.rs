//! Exclusive claims against their definition: many processes of many clones at one remote, all
//! that can go wrong, and a checker over everything that was reported to a session.
//!
//! Owns the promise, for any history: at most one confirmed holder at any instant for each
//! resource, tokens that strictly grow, every grant that was told of in the history of the remote,
//! and no fenced push of a stale token that lands. `workload` makes histories with the built
//! program, over a path and over ssh, with random kills, slow pushes, answers that get lost and
//! clocks that are apart; `check` judges them, and has tables of its own in `tables`; `controls`
//! has clients with one step done wrong, which it has to find. Never knows how a claim is decided.
//!
//! Scripts, faults and kills follow from a seed; how processes come to run side by side does not,
//! so a seed that failed once may pass. By variables in the environment:
//!
//! - `GIT_PRESENCE_SEED=7` runs this seed alone. A failure prints its seed.
//! - `GIT_PRESENCE_LONG=1` runs twenty seeds over each transport, with more commands each; that
//!   takes some minutes.

#![expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says by variables how long, and with which seed"
)]

mod by_hand;
#[path = "../../../../src/sync/tests/simulator/chance.rs"]
mod chance;
mod check;
mod controls;
mod history;
mod hub;
mod passed_on;
mod tables;
mod workload;

use check::{Terms, check, spans};
use history::{Kind, Landed, Operation, Outcome};
use workload::{Size, TTL_MILLIS};

use crate::servers::{Server, Transport};

/// The first of these in which something happens is enough.
const SEEDS_FEW: u64 = 5;
const SEEDS_LONG: u64 = 20;
const SIZE: Size = Size {
    clones: 4,
    processes: 2,
    commands: 16,
};
const SIZE_LONG: Size = Size {
    clones: 6,
    processes: 2,
    commands: 30,
};
/// Over ssh each command takes so much longer.
const SSH_TIMES: usize = 2;

/// Clocks within the margin: then no two hold anything for even a millisecond.
pub const TERMS: Terms = Terms {
    ttl_millis: TTL_MILLIS,
    overlap_max_millis: 0,
    off_by: workload::passing::off_by,
};

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn seeds() -> (Vec<u64>, Size) {
    let is_long = number("GIT_PRESENCE_LONG") == Some(1);
    let size = if is_long { SIZE_LONG } else { SIZE };
    match number("GIT_PRESENCE_SEED") {
        Some(seed) => (vec![seed], size),
        None if is_long => ((1..=SEEDS_LONG).collect(), size),
        None => ((1..=SEEDS_FEW).collect(), size),
    }
}

#[test]
fn over_a_path() {
    over(Transport::Path);
}

#[test]
fn over_ssh() {
    over(Transport::Ssh);
}

fn over(transport: Transport) {
    let (seeds, mut size) = seeds();
    if transport == Transport::Ssh {
        size.commands /= SSH_TIMES;
    }
    let is_long = number("GIT_PRESENCE_LONG") == Some(1);
    let mut dull = Vec::new();
    for seed in &seeds {
        let seed = *seed;
        let mut story = Ok(());
        Server::during(transport, |server| {
            let (operations, landed) = workload::run(&server, transport, seed, size);
            let wrong = check(&operations, &landed, &TERMS);
            assert!(
                wrong.is_empty(),
                "GIT_PRESENCE_SEED={seed} over {transport:?}:\n{}\n{wrong:#?}",
                told(&operations)
            );
            story = is_worth_checking(&operations, &landed, seed);
        });
        match story {
            // On a busy machine little happens in the time that there is.
            Err(story) => dull.push(story),
            Ok(()) if !is_long => return,
            Ok(()) => {}
        }
    }
    // Nothing worth checking ever happened: then nothing was proven.
    let few = dull.len() * 2 < seeds.len().max(2);
    assert!(few, "{}", dull.join("\n"));
}

/// One operation a line, in the order in which they began.
fn told(operations: &[Operation]) -> String {
    let mut all: Vec<&Operation> = operations.iter().collect();
    all.sort_by_key(|op| op.begin);
    let first = all.first().map_or(0, |op| op.begin);
    let line = |op: &&Operation| {
        format!(
            "{:>9}..{:<9} {}@{} {:?} {} {:?}\n",
            op.begin - first,
            op.end - first,
            op.who.session,
            op.who.clone,
            op.kind,
            op.resource,
            op.outcome
        )
    };
    all.iter().map(line).collect()
}

/// A history in which nothing happened proves nothing.
fn is_worth_checking(operations: &[Operation], landed: &Landed, seed: u64) -> Result<(), String> {
    let count = |wanted: &dyn Fn(&Operation) -> bool| {
        operations
            .iter()
            .filter(|operation| wanted(operation))
            .count()
    };
    let granted = |op: &Operation| matches!(op.outcome, Outcome::Granted(_));
    let claims = count(&|op| op.kind == Kind::Claim && granted(op));
    let refused = count(&|op| op.kind == Kind::Claim && op.outcome == Outcome::Refused);
    let mut holders: Vec<_> = spans(operations, landed, &TERMS)
        .into_iter()
        .map(|span| span.who)
        .collect();
    holders.sort();
    holders.dedup();
    let offers = { landed.transactions.iter().flat_map(|t| &t.changes) }
        .filter(|change| !change.state.offers.is_empty())
        .count();
    let moved = landed.transactions.iter().flat_map(|t| &t.changes).count();
    let story = format!(
        "seed {seed}: {} operations, {claims} grants, {refused} refused, {} holders, {moved} moves \
         of cells, {offers} with an offer, {} pushes",
        operations.len(),
        holders.len(),
        landed.branches().len()
    );
    match claims > 3 && refused > 0 && holders.len() > 1 && moved >= claims / 2 {
        true => Ok(()),
        false => Err(story),
    }
}
