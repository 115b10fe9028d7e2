//! Exhaustive search over the rules of exclusive claims, in every order of events.
//!
//! Owns the searches: the design as it is built, which has to hold in each, and designs that are
//! broken in one place, each of which has to be found out. The real `decide` and `check` decide;
//! only the world around them is simulated. Never shows anything about more sessions,
//! resources or tokens than it says.
//!
//! Searched is every order of: claims (of one resource or both), renewals, releases, overrides,
//! fenced pushes, takeovers, offers; tasks of one list that are taken, done and dropped; free
//! registers that are removed, and histories that are cut; a push that arrives late or never, an
//! answer that comes late or never, a process that is killed at any of these points (its lease file
//! and its tracking refs stay), that ends, or that another one goes on for; ticks of time; clocks
//! that are apart by nothing or by the margin, and are set within it. What must hold after each
//! step: tokens grow, so that each names one grant; nothing lands that revives a lock or brings
//! code under one that was granted anew; no two sessions rely on a lease at once; what is
//! acknowledged is in the history; a session that lost a lock hears it when it asks, and no other
//! session does.
//!
//! Bounded are sessions, resources, the tokens given out on each resource, and the faults, as each
//! search says; not time, nor how often anything is asked, looked at, renewed or delayed. Left out:
//! two foreground commands of one session at once, the further rounds of a request whose push had
//! no answer (`ReleaserReliesAgain` has what one of them can lead to), a clone that was copied, a
//! cell that is damaged or deleted without a floor, a repository that decides for itself.
//!
//! `GIT_PRESENCE_LONG=1` searches more, for some ten minutes without optimization.

mod actors;
mod asked;
mod explore;
mod folding;
mod landing;
mod lease;
mod mix;
mod offers;
mod rules;
mod scope;
mod state;
mod steps;
mod story;
mod tasks;

use explore::{Violation, search};
use scope::{Design, Scope, Tasks};

const STATES_MAX: usize = 10_000_000;

/// Two sessions and one resource, no faults but delay.
const NARROW: Scope = Scope {
    design: Design::Built,
    sessions: 2,
    resources: 1,
    one_cell: false,
    tasks: Tasks::None,
    drops: false,
    ttl: 3,
    margin: 1,
    heartbeat: 1,
    skew: 1,
    tokens: [2, 2],
    faults: 0,
    sets_clocks: false,
    sees_gone: false,
    renews_behind: false,
    overrides: false,
    fences: false,
    asks_both: false,
    folds: false,
    offers: false,
    offer_ticks: 2,
};

/// Three sessions, one fault.
const WIDE: Scope = Scope {
    sessions: 3,
    faults: 1,
    ..NARROW
};

const TWO: Scope = Scope {
    sessions: 3,
    resources: 2,
    ttl: 2,
    asks_both: true,
    ..NARROW
};

/// Nothing is wrong in this scope, which has at least so many states.
#[track_caller]
fn holds(scope: Scope, states_min: usize) {
    let found = search(scope, STATES_MAX);
    println!(
        "{} states, {} steps deep: {scope:?}",
        found.states, found.depth
    );
    if let Some(violation) = found.violation {
        panic!("{}", violation.story);
    }
    assert!(found.states >= states_min, "only {} states", found.states);
}

#[track_caller]
fn found_out(scope: Scope) -> Violation {
    let found = search(scope, STATES_MAX);
    let violation = found.violation.expect("nothing is found");
    println!("{:?}\n{}", scope.design, violation.story);
    violation
}

/// This design fails in so many steps where the one that is built holds.
#[track_caller]
fn fails(design: Design, scope: Scope, wrong: &str, steps: usize) {
    let found = found_out(Scope { design, ..scope });
    assert_eq!((found.wrong.as_str(), found.steps.len()), (wrong, steps));
    holds(scope, 1);
}

fn is_long() -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "a person asks for the long search"
    )]
    std::env::var_os("GIT_PRESENCE_LONG").is_some()
}

#[test]
fn one_resource() {
    let fenced = Scope {
        fences: true,
        ..WIDE
    };
    holds(fenced, 150_000);
    // A margin of one tick is not missed where comparisons are strict; one of two ticks is.
    let far_apart = Scope {
        margin: 2,
        skew: 2,
        faults: 0,
        ..WIDE
    };
    holds(far_apart, 10_000);
    if is_long() {
        let more_grants = Scope {
            tokens: [3, 3],
            ..fenced
        };
        holds(more_grants, 900_000);
        let more_faults = Scope {
            faults: 2,
            ..fenced
        };
        holds(more_faults, 700_000);
        let clocks_agree = Scope {
            skew: 0,
            ..more_grants
        };
        holds(clocks_agree, 90_000);
    }
}

#[test]
fn two_resources_in_two_cells() {
    let clocks_agree = Scope {
        tokens: [2, 1],
        skew: 0,
        ..TWO
    };
    holds(clocks_agree, 60_000);
    let with_a_fault = Scope {
        tokens: [1, 1],
        faults: 1,
        ..clocks_agree
    };
    holds(with_a_fault, 90_000);
    if is_long() {
        let taken_over_with_a_fault = Scope {
            faults: 1,
            ..clocks_agree
        };
        holds(taken_over_with_a_fault, 500_000);
        let taken_over = Scope {
            tokens: [2, 1],
            ..TWO
        };
        holds(taken_over, 500_000);
        let both_taken_over = Scope { sessions: 2, ..TWO };
        holds(both_taken_over, 300_000);
    }
}

#[test]
fn two_paths_that_overlap_in_one_cell() {
    let paths = Scope {
        one_cell: true,
        ..TWO
    };
    holds(paths, 70_000);
    if is_long() {
        let more_grants = Scope {
            tokens: [3, 3],
            ..paths
        };
        holds(more_grants, 900_000);
    }
}

#[test]
fn a_session_that_renews_in_a_process_of_its_own() {
    let behind = Scope {
        renews_behind: true,
        faults: 1,
        ttl: 2,
        ..NARROW
    };
    holds(behind, 90_000);
    if is_long() {
        let fenced = Scope {
            ttl: 3,
            fences: true,
            tokens: [3, 3],
            ..behind
        };
        holds(fenced, 1_500_000);
    }
}

#[test]
fn processes_that_are_gone_and_locks_taken_by_name() {
    let gone = Scope {
        sees_gone: true,
        skew: 0,
        overrides: true,
        faults: 1,
        ttl: 2,
        ..NARROW
    };
    holds(gone, 50_000);
    if is_long() {
        let three = Scope {
            sessions: 3,
            ..gone
        };
        holds(three, 90_000);
    }
}

#[test]
fn clocks_that_are_set_within_the_margin() {
    let set = Scope {
        sets_clocks: true,
        ttl: 2,
        ..WIDE
    };
    holds(set, 80_000);
}

#[test]
fn registers_that_are_removed_and_cut() {
    let folded = Scope {
        folds: true,
        fences: true,
        faults: 1,
        ..NARROW
    };
    holds(folded, 60_000);
    let two = Scope {
        folds: true,
        sessions: 2,
        tokens: [2, 1],
        skew: 0,
        ..TWO
    };
    holds(two, 40_000);
    let paths = Scope {
        tokens: [2, 2],
        one_cell: true,
        ..two
    };
    holds(paths, 6_000);
    if is_long() {
        let more_grants = Scope {
            tokens: [2, 2],
            ..two
        };
        holds(more_grants, 200_000);
    }
}

const TWO_RELY: &str = "two sessions rely on it at once";

#[test]
fn a_lease_in_the_holders_own_ref() {
    fails(Design::LeaseInOwnRef, NARROW, TWO_RELY, 13);
}

/// Both comparisons are strict, so in whole ticks one above the margin does no harm yet.
#[test]
fn clocks_apart_by_more_than_the_margin() {
    let far = Scope {
        skew: NARROW.margin + 2,
        ..NARROW
    };
    let found = found_out(far);
    assert_eq!((found.wrong.as_str(), found.steps.len()), (TWO_RELY, 8));
}

#[test]
fn a_takeover_that_compares_nothing() {
    let wrong = "x is granted under token 2 after token 2";
    fails(
        Design::TakeoverByForce,
        Scope {
            sessions: 3,
            ..NARROW
        },
        wrong,
        10,
    );
}

#[test]
fn a_lease_that_begins_with_the_answer() {
    fails(Design::LeaseFromAnswer, NARROW, TWO_RELY, 10);
}

#[test]
fn a_fence_that_leaves_the_lock_as_it_is() {
    let wrong = "code lands under a lock on x that was granted anew";
    let fenced = Scope {
        fences: true,
        ..NARROW
    };
    fails(Design::FenceLeavesLock, fenced, wrong, 11);
}

#[test]
fn tokens_that_start_again_after_a_release() {
    let wrong = "x is granted under token 1 after token 1";
    fails(Design::TokensStartAgain, NARROW, wrong, 7);
}

#[test]
fn a_register_that_leaves_no_floor() {
    let wrong = "x is granted under token 1 after token 1";
    let folded = Scope {
        folds: true,
        ..NARROW
    };
    fails(Design::RemovedWithoutFloor, folded, wrong, 8);
}

#[test]
fn silence_taken_for_a_yes() {
    let wrong = "a grant is acknowledged that the arbiter never saw";
    fails(Design::SilenceIsYes, NARROW, wrong, 2);
}

#[test]
fn a_releaser_that_keeps_its_lease_until_the_answer() {
    fails(Design::ReleaserKeepsLease, NARROW, TWO_RELY, 8);
}

#[test]
fn a_releaser_that_relies_on_it_again_while_its_push_is_under_way() {
    let given_up = Scope {
        faults: 1,
        ..NARROW
    };
    fails(Design::ReleaserReliesAgain, given_up, TWO_RELY, 9);
}

#[test]
fn a_renewal_that_revives_a_lease() {
    let behind = Scope {
        renews_behind: true,
        ttl: 2,
        ..NARROW
    };
    fails(Design::RenewalRevivesLease, behind, TWO_RELY, 11);
}

#[test]
fn a_session_that_goes_on_with_the_lease() {
    let gone = Scope {
        sees_gone: true,
        skew: 0,
        faults: 1,
        ..NARROW
    };
    fails(Design::GoesOnWithLease, gone, TWO_RELY, 11);
}
