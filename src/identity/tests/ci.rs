//! Jobs of CI systems, by their variables.

use super::super::*;
use super::{check, facts};

#[test]
fn a_ci_without_a_job_is_no_session() {
    let half = facts(&[("GITLAB_CI", "true")], vec![]);
    check(&half, "wizard@devvm", Rule::Person, None, None);
    let whole = facts(&[("GITLAB_CI", "true"), ("CI_JOB_ID", "77")], vec![]);
    check(&whole, "gitlab-ci-77", Rule::Ci, Some("gitlab-ci"), None);
}

#[test]
fn each_ci_system_names_its_job() {
    for (env, id, agent) in [
        (
            &[
                ("CI", "woodpecker"),
                ("CI_PIPELINE_NUMBER", "7"),
                ("CI_WORKFLOW_NUMBER", "2"),
                ("CI_STEP_NUMBER", "3"),
            ][..],
            "woodpecker-7-2",
            "woodpecker",
        ),
        (
            &[
                ("CI", "true"),
                ("DRONE", "true"),
                ("DRONE_BUILD_NUMBER", "7"),
                ("DRONE_STAGE_NUMBER", "1"),
            ],
            "drone-7-1",
            "drone",
        ),
        (
            &[
                ("JENKINS_URL", "http://j/"),
                ("JOB_NAME", "infra/main"),
                ("BUILD_NUMBER", "12"),
            ],
            "jenkins-infra/main-12",
            "jenkins",
        ),
        (
            &[
                ("CI", "true"),
                ("BITBUCKET_BUILD_NUMBER", "4"),
                ("BITBUCKET_STEP_UUID", "{a-b}"),
            ],
            "bitbucket-4-{a-b}",
            "bitbucket",
        ),
        (
            &[
                ("TEAMCITY_VERSION", "2024.03"),
                ("TEAMCITY_BUILDCONF_NAME", "Apply it"),
                ("BUILD_NUMBER", "9"),
            ],
            "teamcity-Apply it-9",
            "teamcity",
        ),
        // What an older Woodpecker has.
        (
            &[
                ("CI", "true"),
                ("CI_PIPELINE_NUMBER", "7"),
                ("CI_STEP_NUMBER", "3"),
            ],
            "ci-7-3",
            "ci",
        ),
    ] {
        check(&facts(env, vec![]), id, Rule::Ci, Some(agent), None);
        assert!(right_of(agent).is_some(), "{agent}");
    }
    assert_eq!(right_of("claude-code"), None);
}
