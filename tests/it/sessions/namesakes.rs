//! Sessions of one id in two clones: a person on two machines, the legs of a CI job.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;

use crate::machines::Team;

#[test]
fn neither_has_what_the_other_one_claims() {
    let (_team, a, b) = Team::pair();
    a.alice("claim -x stack:dns --purpose p").done();
    a.alice("claim path:src --purpose p").done();
    a.anyone("sync").done();
    b.anyone("sync").done();
    let mine = b.alice("list --mine --json").json();
    assert_eq!(mine, serde_json::json!([]));
    let others = b.alice("list --others --json").json();
    let others = others.as_array().unwrap();
    assert_eq!(others.len(), 2);
    assert!(others.iter().all(|row| row["is_me"] == false));
    b.alice("peek path:src").says("), in another clone");
    b.alice("fence stack:dns").exits(3);
    b.alice("release path:src")
        .exits(3)
        .fails(3, "another clone");
    // At home nothing changed.
    a.alice("list --mine")
        .says(contains("stack:dns").and(contains("path:src")));
}

#[test]
fn what_the_other_one_claims_is_refused() {
    let (_team, a, b) = Team::pair();
    a.alice("claim path:src --purpose p").done();
    a.anyone("sync").done();
    b.alice("claim path:src --refuse --purpose p")
        .refuses("path:src");
    b.alice("claim path:src/a.rs --purpose p")
        .says("ALSO CLAIMED");
    b.alice("release --all-mine").done();
    b.git("config presence.onConflict refuse");
    b.alice("hook pre-apply path:src").refuses("path:src");
}

/// A claim is one's own only where it was made.
#[test]
fn a_required_claim_is_one_of_this_clone() {
    let (_team, a, b) = Team::pair();
    a.alice("claim infra:x --purpose p").done();
    a.anyone("sync").done();
    for clone in [&a, &b] {
        clone.git("config presence.requireClaim true");
    }
    a.alice("hook pre-apply infra:x").done();
    b.alice("hook pre-apply infra:x").exits(3);
}
