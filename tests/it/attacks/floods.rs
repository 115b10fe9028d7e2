//! More than anyone reads: servers, hooks and harnesses that print without end.

use crate::machines::Team;

/// A hub whose hook prints eight MiB before it declines.
const FLOOD: &str = "yes 'fatal: not from git' | head -c 8388608 >&2; exit 1";

#[test]
fn a_flood_of_a_hook_hides_no_refusal() {
    let (team, a, _) = Team::pair();
    team.hook("pre-receive", FLOOD);
    a.alice("claim infra:a --purpose p")
        .says("recorded here, not yet at origin")
        .warns("origin refuses it: pre-receive hook declined")
        .omits("not from git");
    a.anyone("sync").fails(5, "refuses it");
    team.no_hook("pre-receive");
    a.anyone("sync --retry")
        .says("sent 1, refused 0, pending 0");
}

#[test]
fn a_flood_of_a_hook_that_accepts_hides_no_success() {
    let (team, a, _) = Team::pair();
    team.hook("post-receive", &FLOOD.replace("exit 1", "exit 0"));
    a.alice("claim infra:a --purpose p")
        .says("confirmed by origin")
        .omits("not from git");
}
