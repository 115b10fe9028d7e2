//! What a host forbids, and the words in which it says so.
//!
//! Owns that creating and changing refs are told apart, and that the reason of a hook arrives:
//! quoted, bounded, and without secrets.

use crate::machines::Team;
use crate::said::holds;
use crate::servers::{Server, Transport};
use crate::world::{World, open_to_all};

/// Lets known refs move and go, and no ref be made.
const NO_NEW_REFS: &str = "case $2 in *[1-9a-f]*) exit 0;; esac; echo 'quota of refs' >&2; exit 1";
/// Lets refs be made and removed, and none change.
const NO_CHANGES: &str = "\
    case $2$3 in *0000000000000000*) exit 0;; esac; echo 'refs are frozen' >&2; exit 1";

#[test]
fn refs_that_cannot_be_created_are_told_from_those_that_cannot_change() {
    let (team, a, _) = Team::pair();
    a.alice("claim infra:a --purpose p").done();
    team.hook("update", NO_NEW_REFS);
    a.alice("claim infra:a2 --purpose p")
        .says("confirmed by origin");
    a.bob("claim infra:b --purpose p")
        .warns("origin refuses it (cannot create its ref): \"hook declined: quota of refs\"");
    a.alice("status")
        .says("refuses 1 ref of this clone (cannot create): \"hook declined: quota of refs\"");
    let remote = a.alice("status --json").json()["remote"].clone();
    assert_eq!(remote["refused_refs"], 1);
    assert_eq!(remote["refused_new_refs"], 1);
    assert_eq!(remote["refused_because"], "hook declined: quota of refs");
    a.anyone("sync --retry")
        .fails(5, "cannot create its ref")
        .tells("quota of refs");
    a.carol("claim db:x --purpose p -x")
        .fails(5, "cannot create its ref")
        .tells("quota of refs");
    let said = a.alice("doctor --remote");
    said.exits(1);
    said.prints("does not take new refs")
        .prints("quota of refs");
    said.prints("it is not known whether origin changes");
    assert!(!said.out.contains("stale"), "{}", said.out);
}

#[test]
fn refs_that_cannot_change() {
    let (team, a, _) = Team::pair();
    a.alice("claim infra:a --purpose p").done();
    a.carol("claim db:x --purpose p -x").done();
    team.hook("update", NO_CHANGES);
    a.bob("claim infra:b --purpose p")
        .says("confirmed by origin");
    a.alice("claim infra:a2 --purpose p")
        .warns("origin refuses it (cannot change its ref): \"hook declined: refs are frozen\"");
    a.alice("status").says("(cannot change): \"hook declined");
    let remote = a.alice("status --json").json()["remote"].clone();
    assert_eq!(
        (&remote["refused_refs"], &remote["refused_new_refs"]),
        (&1.into(), &0.into())
    );
    a.carol("release db:x").fails(5, "cannot change its ref");
    let said = a.alice("doctor --remote");
    said.exits(1);
    said.prints("takes new refs, and does not change one");
    // Nothing follows about leases and heartbeats from a hub that refuses each change.
    for claimed in ["add up", "stale pushes are rejected"] {
        assert!(!said.out.contains(claimed), "{}", said.out);
    }
    assert!(!team.refs().contains("probe"), "nothing is left");
    assert!(!a.has(".git/presence/forward-only"));
}

#[test]
fn the_rules_of_a_host_arrive_in_its_words() {
    let (team, a, _) = Team::pair();
    let rules = "\
        printf 'error: GH013: Repository rule violations found.\\n\\n' >&2\n\
        printf -- '- Cannot create ref: ask https://h/x?token=s3cr3t&y=1 or bob:pw@h.\\n' >&2\n\
        printf '=====\\n' >&2; exit 1";
    team.hook("pre-receive", rules);
    let words = "pre-receive hook declined: error: GH013: Repository rule violations found. / - Cannot \
                 create ref: ask https://h/x?token=***&y=1";
    a.alice("claim infra:a --purpose p").warns(words);
    a.anyone("sync --retry").fails(5, words);
    a.alice("status").says(words);
    a.alice("claim db:x --purpose p -x").fails(5, words);
    a.alice("doctor --remote").exits(1).prints(words);
    let state = a.sh("cat .git/presence/remote-*.toml").out;
    holds(&state, "GH013");
    assert!(!state.contains("s3cr3t"), "a secret is kept: {state}");
}

#[test]
fn words_of_a_hook_are_few_and_stand_in_quotes() {
    let (team, a, _) = Team::pair();
    let hook = "\
        printf '\\033[31mred\\033[0m \"free\\n' >&2\n\
        for n in 1 2 3 4 5 6 7 8; do echo \"line $n\" >&2; done; exit 1";
    team.hook("update", hook);
    let said = a.alice("claim infra:a --purpose p");
    said.warns("\"hook declined: [31mred [0m 'free / line 1 / line 2 / line 3\"");
    assert!(!said.err.contains("line 4"), "{}", said.err);
}

#[test]
fn words_arrive_over_each_transport() {
    for transport in Transport::ALL {
        Server::during(transport, |hub| {
            for hook in ["update", "pre-receive"] {
                let path = hub.repository().dir().join("hooks").join(hook);
                let script = "#!/bin/sh\necho 'ask the office' >&2; exit 1\n";
                hub.repository().write(&path, script);
                open_to_all(&path, 0o755);
                let a = hub.clone_to(hook);
                a.alice("claim infra:a --purpose p")
                    .warns("hook declined: ask the office\"");
                std::fs::remove_file(path).expect("the hook is there");
            }
        });
    }
}

/// A fetch has no refs to refuse, and its failure has words, too.
#[test]
fn a_fetch_that_is_refused_says_why() {
    let world = World::empty();
    Server::during(Transport::Path, |hub| {
        let a = hub.clone_to("a");
        let wrapper = world.root().join("upload-pack");
        let script = "#!/bin/sh\n\
            m='ERR the board is closed until Monday, see https://h/?token=s3cr3t now'\n\
            printf '%04x%s' $((${#m} + 4)) \"$m\"\n";
        world.write(&wrapper, script);
        open_to_all(&wrapper, 0o755);
        a.git(&format!(
            "config remote.origin.uploadpack {}",
            wrapper.display()
        ));
        let said = a.anyone("sync --fetch-only");
        said.fails(5, "the board is closed until Monday");
        assert!(!said.err.contains("s3cr3t"), "{}", said.err);
    });
}

/// It is asked again when it said, and not before.
#[test]
fn a_host_that_says_when_to_come_back_is_obeyed() {
    Server::during(Transport::Http, |hub| {
        let a = hub.clone_to("a");
        let backend = hub.repository().root().join("srv/backend");
        let real = std::fs::read_to_string(&backend).expect("a script");
        let limits = "printf 'Status: 429 Too Many\\r\\nRetry-After: 90\\r\\n\\r\\n' ;;\n";
        let limited = real.replace("exec git http-backend ;;\n", limits);
        hub.repository().write(&backend, limited);
        a.alice("claim infra:a --purpose p")
            .warns("origin asks to come back in 90 s");
        let asked = hub.requests("receive-pack") + hub.requests("upload-pack");
        hub.repository().write(&backend, &real);
        a.later("60s");
        a.bob("claim infra:b --purpose p")
            .warns("origin asks to come back in 30 s");
        a.anyone("sync").fails(5, "asks to come back in 30 s");
        a.alice("list").exits(5).prints("infra:a");
        let again = hub.requests("receive-pack") + hub.requests("upload-pack");
        assert_eq!(again, asked, "it was asked before its time");
        a.later("31s");
        a.carol("claim infra:c --purpose p")
            .says("confirmed by origin");
    });
}

/// Nothing was sent, so the remote refused nothing.
#[test]
fn what_git_forbids_here_is_no_refusal_of_the_remote() {
    let (team, a, _) = Team::pair();
    team.counts_pushes();
    a.git("config protocol.file.allow never");
    a.alice("claim infra:a --purpose p")
        .warns("git here did not ask origin");
    a.anyone("sync").fails(5, "git here did not ask origin");
    let remote = a.alice("status --json").json()["remote"].clone();
    assert_eq!(remote["refused"], serde_json::Value::Null);
    a.git("config --unset protocol.file.allow");
    a.anyone("sync").says("sent 1 change\n");
}
