//! The checker: what no history of exclusive claims may have.
//!
//! Owns what "holds it at this instant" means, and each way in which a history is wrong. A pure
//! function of what clients were told and what the remote did. Never runs anything.
//!
//! # Who holds something at an instant
//!
//! A client holds a resource, **confirmed**, from the end of a command that told it so, since
//! no session could act on it earlier, to the earliest of
//!
//! - a time to live after the *begin* of that command: that is how it counts, see "The lease, and
//!   how it is judged" in docs/protocol.md;
//! - the begin of a release of its own, whatever came of it;
//! - the begin of a `release --force` of that token that came into force.
//!
//! Claims, their renewals and fenced pushes tell it so. Being killed ends nothing: the command is
//! killed, its session lives. A `fence` that says yes shows that its client counted on it at that
//! instant, for whatever reason: it holds it for that moment. But without a look at the remote it
//! shows nothing once a release of its own was killed or got no answer, or its grant was taken by
//! force: it cannot know.
//!
//! Two such spans of two holders must not overlap. How clocks differ does not come into it as long
//! as any two are at most the margin apart. A grants itself a lease that ends, by its clock, at
//! `begin + ttl`. B takes over when, by B's clock, it is later than that by more than the margin.
//! With B's clock ahead of A's by at most the margin, it is then later than `begin + ttl` by any
//! one clock, and B was not told before that. Where clocks are further apart, spans may overlap by
//! as much as that is more than the margin: `Terms::overlap_max_millis`.

use std::collections::{BTreeMap, BTreeSet};

use git_presence::ledger::layout;
use git_presence::model::resource::Resource;

use super::history::{Held, Kind, Landed, Offer, Operation, Outcome, State, Who};
use super::passed_on::passed_on;

pub struct Terms {
    pub ttl_millis: i64,
    pub overlap_max_millis: i64,
    /// How far the clock of each clone is off.
    pub off_by: fn(usize) -> i64,
}

/// A time during which a session counted on holding something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub who: Who,
    pub resource: String,
    pub token: u64,
    pub from: i64,
    /// Not in it any more.
    pub until: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    TwoHolders(Span, Span),
    /// A grant that began after another one had ended has no greater token.
    TokenDidNotGrow {
        resource: String,
        before: u64,
        after: u64,
    },
    /// The remote put a token in force that is not greater than all before it.
    TokenGivenOutAgain {
        cell: String,
        floor: u64,
        token: u64,
    },
    /// A cell was moved from a state that was not its last one.
    NotSwapped {
        cell: String,
    },
    /// A session was told of a grant that the remote does not have.
    GrantIsMissing {
        who: Who,
        resource: String,
        token: u64,
    },
    /// Code came into force while another session held the resource, or none did.
    StalePushLanded {
        branch: String,
        held: Option<Held>,
    },
    /// A session was told that a push did not land, and it did; or the other way round.
    PushWasMisjudged {
        branch: String,
        landed: bool,
    },
    /// While it was offered to one session, another one was granted it.
    GrantedToAnother {
        offer: Offer,
        lock: Held,
    },
    /// What was left for the next holder is gone, and nothing was left in its place.
    HandoffIsLost {
        resource: String,
    },
    /// A look at the remote did not show that the grant had been taken away.
    FencedAfterOverride {
        who: Who,
        token: u64,
    },
}

/// Everything that is wrong with a history.
pub fn check(operations: &[Operation], landed: &Landed, terms: &Terms) -> Vec<Violation> {
    let mut found = two_holders(operations, landed, terms);
    found.extend(tokens_that_did_not_grow(operations));
    found.extend(missing_grants(operations, landed));
    found.extend(misjudged_pushes(operations, landed));
    found.extend(fenced_after_override(operations, landed));
    found.extend(replay(operations, landed));
    found.extend(passed_on(operations, landed, terms));
    found
}

pub fn cell_of(resource: &str) -> String {
    layout::cell_ref(&parse(resource))
}

fn parse(resource: &str) -> Resource {
    Resource::parse(resource).expect("a resource")
}

pub fn overlap(one: &str, other: &str) -> bool {
    parse(one).overlaps(&parse(other))
}

/// The tokens that were taken by force, as far as the remote knows.
fn overridden(landed: &Landed) -> BTreeSet<(String, u64)> {
    let all = landed.transactions.iter().flat_map(|t| &t.changes);
    let taken = all.filter_map(|change| Some((change.cell.clone(), change.state.overridden?)));
    taken.collect()
}

/// What each client counted on, and when.
pub fn spans(operations: &[Operation], landed: &Landed, terms: &Terms) -> Vec<Span> {
    let taken = overridden(landed);
    let mut spans = Vec::new();
    for op in operations.iter().filter(|op| !op.is_last) {
        let Outcome::Granted(token) = op.outcome else {
            continue;
        };
        let same = |other: &&Operation| other.resource == op.resource;
        // A release that was over before it asked has nothing to do with it.
        let released = operations.iter().filter(same).filter(|other| {
            other.kind == Kind::Release && other.who == op.who && other.end >= op.begin
        });
        let forced = operations.iter().filter(same).filter(|other| {
            other.kind == Kind::Override { token }
                && taken.contains(&(cell_of(&op.resource), token))
        });
        let ended = released.chain(forced).map(|other| other.begin).min();
        let (from, expires) = match op.kind {
            Kind::Claim | Kind::Push { .. } => (op.end, op.begin + terms.ttl_millis),
            // What ended while it was asked may have been read before that.
            Kind::Fence { .. } if ended.is_some_and(|ended| ended <= op.end) => continue,
            Kind::Fence { .. } => (op.begin, op.begin + 1),
            Kind::Release | Kind::Override { .. } => continue,
        };
        let until = ended.map_or(expires, |ended| ended.min(expires));
        if from < until {
            spans.push(Span {
                who: op.who.clone(),
                resource: op.resource.clone(),
                token,
                from,
                until,
            });
        }
    }
    spans
}

fn two_holders(operations: &[Operation], landed: &Landed, terms: &Terms) -> Vec<Violation> {
    let spans = spans(operations, landed, terms);
    let mut found = Vec::new();
    for (at, one) in spans.iter().enumerate() {
        for other in &spans[at + 1..] {
            let millis = one.until.min(other.until) - one.from.max(other.from);
            let both = millis > terms.overlap_max_millis.max(0);
            if both && one.who != other.who && overlap(&one.resource, &other.resource) {
                found.push(Violation::TwoHolders(one.clone(), other.clone()));
            }
        }
    }
    found
}

/// Grants of one resource, told one after the other, have tokens that grow. A renewal keeps its.
fn tokens_that_did_not_grow(operations: &[Operation]) -> Vec<Violation> {
    let mut found = Vec::new();
    for one in operations.iter().filter(|op| op.kind == Kind::Claim) {
        for other in operations.iter().filter(|op| op.kind == Kind::Claim) {
            let (Outcome::Granted(before), Outcome::Granted(after)) = (one.outcome, other.outcome)
            else {
                continue;
            };
            let may_be_same = one.who == other.who;
            let grows = after > before || (may_be_same && after == before);
            if one.resource == other.resource && one.end < other.begin && !grows {
                found.push(Violation::TokenDidNotGrow {
                    resource: one.resource.clone(),
                    before,
                    after,
                });
            }
        }
    }
    found
}

fn missing_grants(operations: &[Operation], landed: &Landed) -> Vec<Violation> {
    let mut found = Vec::new();
    for op in operations.iter().filter(|op| op.kind == Kind::Claim) {
        let Outcome::Granted(token) = op.outcome else {
            continue;
        };
        let kept = landed.kept.get(&cell_of(&op.resource));
        let has = kept.into_iter().flatten().any(|state| {
            let lock = state.lock_on(&op.resource);
            lock.is_some_and(|lock| lock.token == token && lock.session == op.who.session)
        });
        if !has {
            found.push(Violation::GrantIsMissing {
                who: op.who.clone(),
                resource: op.resource.clone(),
                token,
            });
        }
    }
    found
}

fn misjudged_pushes(operations: &[Operation], landed: &Landed) -> Vec<Violation> {
    let branches = landed.branches();
    let mut found = Vec::new();
    for op in operations {
        let Kind::Push { branch } = &op.kind else {
            continue;
        };
        let landed = branches.contains(branch.as_str());
        let told = match op.outcome {
            Outcome::Granted(_) => true,
            Outcome::Refused => false,
            Outcome::Unknown => continue,
        };
        if told != landed {
            let branch = branch.clone();
            found.push(Violation::PushWasMisjudged { branch, landed });
        }
    }
    found
}

fn fenced_after_override(operations: &[Operation], landed: &Landed) -> Vec<Violation> {
    let taken = overridden(landed);
    let mut found = Vec::new();
    for fence in operations {
        let (Kind::Fence { remote: true }, Outcome::Granted(token)) = (&fence.kind, fence.outcome)
        else {
            continue;
        };
        let is_over = operations.iter().any(|op| {
            op.kind == Kind::Override { token }
                && op.resource == fence.resource
                && matches!(op.outcome, Outcome::Granted(_))
                && op.end < fence.begin
        });
        if is_over && taken.contains(&(cell_of(&fence.resource), token)) {
            let who = fence.who.clone();
            found.push(Violation::FencedAfterOverride { who, token });
        }
    }
    found
}

/// Follow the remote from one transaction to the next.
fn replay(operations: &[Operation], landed: &Landed) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut cells: BTreeMap<&str, (&str, State)> = BTreeMap::new();
    for transaction in &landed.transactions {
        for branch in &transaction.branches {
            found.extend(stale(operations, branch, |cell| {
                cells.get(cell).map(|(_, state)| state.clone())
            }));
        }
        for change in &transaction.changes {
            let cell = change.cell.clone();
            let (tip, before) = cells.remove(change.cell.as_str()).unwrap_or_default();
            if tip != change.from {
                found.push(Violation::NotSwapped { cell: cell.clone() });
            }
            let is_new = |lock: &&Held| {
                let was = before.lock_on(&lock.resource);
                was.is_none_or(|was| was.token != lock.token || was.session != lock.session)
            };
            let mut floor = before.floor;
            for lock in change.state.locks.iter().filter(is_new) {
                if lock.token <= before.floor {
                    found.push(Violation::TokenGivenOutAgain {
                        cell: cell.clone(),
                        floor: before.floor,
                        token: lock.token,
                    });
                }
                floor = floor.max(lock.token);
            }
            if change.state.floor < floor {
                found.push(Violation::TokenGivenOutAgain {
                    cell,
                    floor,
                    token: change.state.floor,
                });
            }
            cells.insert(&change.cell, (&change.to, change.state.clone()));
        }
    }
    found
}

/// Code that landed while its pusher did not hold what it was fenced by. `cell` is as it was when
/// it landed: under a token that was in force then, or never.
fn stale(
    operations: &[Operation],
    branch: &str,
    cell: impl Fn(&str) -> Option<State>,
) -> Option<Violation> {
    let pushed = |op: &&Operation| matches!(&op.kind, Kind::Push { branch: to } if to == branch);
    let push = operations.iter().find(pushed)?;
    let state = cell(&cell_of(&push.resource)).unwrap_or_default();
    let held = state.lock_on(&push.resource).cloned();
    let is_mine = held.as_ref().is_some_and(|lock| {
        let token = match push.outcome {
            Outcome::Granted(token) => token,
            Outcome::Refused | Outcome::Unknown => lock.token,
        };
        lock.session == push.who.session && lock.token == token
    });
    (!is_mine).then(|| Violation::StalePushLanded {
        branch: branch.to_owned(),
        held,
    })
}
