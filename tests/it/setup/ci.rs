//! In the job of a CI system: `init --ci`, and how long the claim of a command lasts.

use crate::machines::Team;
use crate::world::World;

/// The remote gets no ref, moves none, or removes none; else it does as it should.
fn refusing(team: &Team, condition: &str) {
    team.hook(
        "update",
        &format!("zero=0000000000000000000000000000000000000000\n{condition}"),
    );
}

fn job(clone: &World) -> World {
    clone
        .with("CI", "true")
        .with("GITLAB_CI", "true")
        .with("CI_JOB_ID", "77")
}

#[test]
fn a_remote_that_allows_all_is_said_to() {
    let (team, clone, _) = Team::pair();
    let before = team.refs();
    job(&clone)
        .anyone("init --ci")
        .says("You are gitlab-ci-77.")
        .prints("The job may create, move and remove refs there:")
        .prints("origin takes refs below refs/presence/");
    assert_eq!(team.refs(), before, "what was tried is gone");
    let answer = job(&clone).anyone("init --ci --json").json();
    assert!(
        answer["rights"]
            .as_array()
            .is_some_and(|all| !all.is_empty())
    );
    assert!(clone.anyone("init --json").json()["rights"].is_null());
}

#[test]
fn what_the_job_may_not_do_is_named_with_the_permission_that_is_missing() {
    let needs = "hint: give the job what it needs: a project access token with write_repository";
    for (condition, says) in [
        ("[ $2 != $zero ] || exit 1", "it cannot create them"),
        (
            "[ $2 = $zero ] || [ $3 = $zero ] || exit 1",
            "does not change one that it has",
        ),
        ("[ $3 != $zero ] || exit 1", "cannot be removed from origin"),
    ] {
        let (team, clone, _) = Team::pair();
        refusing(&team, condition);
        job(&clone).anyone("init --ci").fails(5, says).tells(needs);
        // Outside of a job, no system is named.
        clone
            .anyone("init --ci")
            .fails(5, says)
            .omits("give the job");
    }
}

#[test]
fn a_job_without_a_remote_shares_nothing() {
    job(&World::new())
        .anyone("init --ci")
        .fails(129, "there is none")
        .tells("init --ci --remote");
}

/// Its machine may be gone with it, and the next job waits.
#[test]
fn a_command_of_a_job_claims_for_three_minutes_unless_told() {
    let world = World::new();
    let ttl = |world: &World, options: &str| {
        let run = format!("run infra:x --purpose deploy {options} -- git presence list --json");
        let claim = world.anyone(&run).json()[0].clone();
        let at = |key: &str| {
            let text = claim[key].as_str().expect("an instant");
            chrono::DateTime::parse_from_rfc3339(text).expect("an instant")
        };
        (at("expires_at") - at("claimed_at")).num_seconds()
    };
    assert_eq!(ttl(&world, ""), 900);
    assert_eq!(ttl(&job(&world), ""), 180);
    assert_eq!(ttl(&job(&world), "--ttl 10m"), 600);
    world.git("config presence.ttl 20m");
    assert_eq!(ttl(&job(&world), ""), 1200);
}
