//! Settings that send a push to another place, in a spelling of their own.
//!
//! Owns that each is seen, or that the place that Git reports counts: nothing is held at a place
//! that other clones do not ask.

use crate::machines::Team;
use crate::world::{ALICE, World};

const CLAIM: &str = "claim -x infra:x --purpose p";

/// A second hub, and a file with the setting that pushes go there.
fn second(team: &Team) -> (World, String, String) {
    let outside = team.outside();
    outside.git("init --quiet --bare second.git");
    let second = outside.at("second.git");
    let url = second.dir().display().to_string();
    let text = format!("[remote \"origin\"]\n\tpushurl = {url}\n");
    outside.write("included", text);
    let file = outside.dir().join("included").display().to_string();
    (second, url, file)
}

/// The settings alone say so, before any push.
fn is_told(at: &World) {
    let report = at.anyone("doctor").exits(1).out.clone();
    assert!(report.contains("exclusive claims are refused"), "{report}");
}

/// No one holds the resource at the second hub, or by what `at` knows; at the hub it is free.
fn is_refused(team: &Team, second: &World, at: &World) {
    at.alice(CLAIM)
        .fails(129, "and pushed to")
        .hints("remote.*.pushurl");
    assert_ne!(at.alice("fence infra:x").code, Some(0));
    assert_eq!(second.git("for-each-ref refs/presence/locks"), "");
    let tracked = at.git("for-each-ref refs/presence-remote/origin/locks");
    assert_eq!(tracked, "", "the withdrawn lock is on the board");
    assert!(!at.anyone("list --json").done().out.contains("infra:x"));
    let other = team.clone_to("other");
    other.bob(CLAIM).says("confirmed by origin");
    other.bob("release infra:x").done();
}

#[test]
fn by_the_settings_of_one_command() {
    for way in ["include", "condition", "equals sign", "tab", "newline"] {
        let (team, a, _) = Team::pair();
        let (second, url, file) = second(&team);
        let parameters = match way {
            "include" => format!("'include.path'='{file}'"),
            "condition" => format!("'includeIf.onbranch:main.path'='{file}'"),
            "equals sign" => {
                a.git("remote rename origin o=x");
                a.git("config presence.remote o=x");
                format!("'remote.o=x.pushurl'='{url}'")
            }
            "tab" => format!("'x.y'='z'\t'remote.origin.pushurl'='{url}'"),
            _ => format!("'x.y'='z'\n'remote.origin.pushurl={url}'"),
        };
        let env = a.with("GIT_CONFIG_PARAMETERS", parameters);
        env.alice(CLAIM).fails(129, "and pushed to");
        assert_eq!(second.git("for-each-ref"), "", "{way}");
        is_told(&env);
        a.alice(CLAIM).says("confirmed by");
    }
}

#[test]
fn by_the_order_of_rewritings() {
    let (team, a, _) = Team::pair();
    let (second, url, _) = second(&team);
    let hub = format!("file://{}", team.hub().dir().display());
    let section = |base: &str, find: &str| format!("[url \"{base}\"]\n\tpushInsteadOf = {find}\n");
    let text = [
        section(&url, "zz"),
        section(&hub, &hub),
        section(&url, &hub),
    ]
    .concat();
    a.write("../rewritings", text);
    a.git("config include.path ../../rewritings");
    assert_eq!(a.git("remote get-url --push origin"), url);
    a.alice(CLAIM).fails(129, "and pushed to");
    is_told(&a);
    assert_eq!(second.git("for-each-ref"), "");
}

#[test]
fn by_a_condition_that_holds_in_the_main_work_tree() {
    let (team, a, b) = Team::pair();
    let (second, _, file) = second(&team);
    a.git("worktree add --quiet ../linked -b side");
    let linked = a.at(a.dir().join("../linked").canonicalize().unwrap());
    a.git(&format!("config includeIf.onbranch:main.path {file}"));
    for place in [&linked, &a] {
        place.alice(CLAIM).fails(129, "and pushed to");
        is_told(place);
    }
    assert_eq!(second.git("for-each-ref"), "");
    // The other way round, Git does not see it either.
    a.git("config --unset includeIf.onbranch:main.path");
    a.git(&format!("config includeIf.onbranch:side.path {file}"));
    linked.alice(CLAIM).says("confirmed by origin");
    b.bob(CLAIM).refuses(ALICE);
    linked.alice("fence infra:x").done();
}

/// The section is one that only Git knows, since it is not written as usual.
#[test]
fn where_git_reports_that_it_pushed_to() {
    let (team, a, _) = Team::pair();
    let (second, _, file) = second(&team);
    let before = a.read(".git/config");
    let text = format!("{before}[includeif \"onbranch:main\"]\n\tpath = {file}\n");
    a.write(".git/config", text);
    is_refused(&team, &second, &a);
    a.alice("claim infra:y --purpose shared")
        .says("Claimed")
        .warns("pushed to another place than it is fetched from")
        .omits("confirmed by origin");
    a.alice("sync").warns("pushed to another place");
    // A lock that is held already cannot be renewed there.
    a.write(".git/config", before);
    a.alice(CLAIM).says("confirmed by origin");
    let text = a.read(".git/config");
    a.write(
        ".git/config",
        format!("{text}[includeif \"onbranch:main\"]\n\tpath = {file}\n"),
    );
    let tip = team.hub().git("for-each-ref refs/presence/locks");
    a.later("5m");
    a.alice("heartbeat").omits("confirmed by origin");
    assert_eq!(team.hub().git("for-each-ref refs/presence/locks"), tip);
    a.later("11m");
    assert_ne!(a.alice("fence infra:x").code, Some(0));
}

/// Git reports a URL without the name of the user, and a path as it is written.
#[test]
fn a_report_in_another_spelling_is_the_same_place() {
    let (team, a, b) = Team::pair();
    let hub = team.hub().dir().display().to_string();
    for url in [
        "../hub.git".to_owned(),
        format!("{hub}/../hub.git/"),
        format!("file://localhost{hub}"),
    ] {
        a.git(&format!("remote set-url origin {url}"));
        a.alice(CLAIM).says("confirmed by origin");
        a.alice("claim infra:y --purpose shared")
            .says("confirmed by origin");
        b.bob(CLAIM).refuses(ALICE);
        a.alice("release infra:x infra:y").done();
    }
}
