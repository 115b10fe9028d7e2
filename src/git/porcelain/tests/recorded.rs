//! What real git printed, and what it means.
//!
//! Owns the reading of the recordings (`record.py` makes them) and the table that says of each
//! what must be understood. A recording without a line in the table fails.

use std::collections::BTreeSet;

use super::super::*;

/// 2.55.GIT is a development version of August 2026, without http.
const RECORDINGS: [(&str, &str); 3] = [
    ("2.39.5", include_str!("recorded/2.39.5.txt")),
    ("2.47.3", include_str!("recorded/2.47.3.txt")),
    ("2.55.GIT", include_str!("recorded/2.55.GIT.txt")),
];

struct Case {
    name: &'static str,
    exit: Option<i32>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// Headings `=== <name>`, the command, how it ended, and then each line of standard output and
/// error with a mark in front: `1|`, `2|`, or `2r|` where it ended with a carriage return.
fn read(recording: &'static str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in recording.lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            let (stdout, stderr) = (Vec::new(), Vec::new());
            cases.push(Case {
                name,
                exit: None,
                stdout,
                stderr,
            });
            continue;
        }
        let case = cases.last_mut().unwrap();
        let (mark, rest) = line.split_at(line.find(['|', ' ']).unwrap() + 1);
        match mark {
            "$ " | "signal " => {}
            "exit " => case.exit = Some(rest.parse().unwrap()),
            "1|" => case
                .stdout
                .extend_from_slice(format!("{rest}\n").as_bytes()),
            "2|" => case
                .stderr
                .extend_from_slice(format!("{rest}\n").as_bytes()),
            "2r|" => case
                .stderr
                .extend_from_slice(format!("{rest}\r\n").as_bytes()),
            _ => panic!("{line:?}"),
        }
    }
    cases
}

/// The end of a name and the outcome, without the reason.
fn pushed(pushed: &PushedRef) -> String {
    let outcome = format!("{:?}", pushed.outcome);
    let outcome = outcome.split(' ').next().unwrap();
    format!("{} {outcome}", short(&pushed.name))
}

fn short(name: &str) -> &str {
    name.rsplit('/').next().unwrap()
}

fn failed(failure: &Option<RemoteFailure>) -> String {
    let Some(failure) = failure else {
        return String::new();
    };
    let untouched = if failure.is_untouched() {
        ", untouched"
    } else {
        ""
    };
    format!("! {:?}{untouched}", failure.kind)
}

/// `a Landed, b Lost | - ! Interrupted`: the refs of each report, then the failure.
fn understood(case: &Case) -> String {
    if case.name == "version" {
        return format!(
            "{:?}",
            parse_version(&case.stdout).map(|v| (v.major, v.minor, v.patch))
        );
    }
    let verb = case.name.split('-').next().unwrap();
    let (refs, failure) = if case.name.contains("ls-remote") {
        let listing = parse_ls_remote(&case.stdout).unwrap();
        let names = listing.refs.iter().map(|(_, name)| name.as_str());
        let odd = listing.unreadable.iter().map(|name| format!("({name})"));
        let all: Vec<String> = names.map(str::to_owned).chain(odd).collect();
        let failure = (case.exit != Some(0)).then(|| RemoteFailure::read(case.exit, &case.stderr));
        (all.join(", "), failure)
    } else if verb == "fetch" && case.name != "fetch-first" {
        // What came is read from the refs: beside a failure its lines would prove nothing.
        let failure = (case.exit != Some(0)).then(|| RemoteFailure::read(case.exit, &case.stderr));
        (String::new(), failure)
    } else {
        let answer = push_answer(case.exit, &case.stdout, &case.stderr);
        let refs = |report: &PushReport| {
            let refs: Vec<String> = report.refs.iter().map(pushed).collect();
            if refs.is_empty() {
                "-".to_owned()
            } else {
                refs.join(", ")
            }
        };
        let all: Vec<String> = answer.reports.iter().map(refs).collect();
        (all.join(" | "), answer.failure)
    };
    format!("{refs} {}", failed(&failure)).trim().to_owned()
}

/// What each recording means. Where versions differ, the version stands before.
const MEANING: &[(&str, &str)] = &[
    ("2.39.5 version", "Ok((2, 39, 5))"),
    ("2.47.3 version", "Ok((2, 47, 3))"),
    ("2.55.GIT version", "Ok((2, 55, 0))"),
    ("create", "a Landed"),
    ("fast-forward", "a Landed"),
    ("forced", "a Landed"),
    ("forced-to-older", "a Landed"),
    ("stale", "a Lost"),
    ("stale-create", "a Lost"),
    ("up-to-date", "a UpToDate"),
    ("same-id-create", "a UpToDate"),
    ("delete", "a Landed"),
    ("delete-stale", "a Lost"),
    ("delete-absent", "a Lost"),
    ("not-forward", "a Lost"),
    ("fetch-first", "a Lost"),
    (
        "many",
        "d UpToDate, a Landed, b Landed, e Landed, f Landed, c Lost",
    ),
    ("by-name", "a Landed"),
    ("quiet", "- ! Unknown"),
    ("dry-run", "a Landed"),
    ("no-source", "! Unknown"),
    ("nothing-in-common", "- ! Unknown"),
    ("bad-target", "! Unknown"),
    ("pre-receive", "a Refused"),
    ("update-hook", "a Landed, b Refused"),
    ("atomic-update-hook", "a HeldBack, b Refused"),
    ("hidden", "b Refused"),
    ("hidden-delete", "a Refused"),
    ("funny", "funny Refused"),
    ("deny-rewind", "x ForwardOnly"),
    ("deny-delete", "x Refused"),
    ("fsck", "a Unknown ! Unknown"),
    ("2.39.5 below-a-ref", "b Lost"),
    ("2.47.3 below-a-ref", "b Lost"),
    ("2.55.GIT below-a-ref", "b Refused"),
    ("colours", "a Refused"),
    ("proc-receive-missing", "main Unknown"),
    ("race", "b Landed, a Lost"),
    ("race-create", "a Lost"),
    ("race-delete", "a Lost"),
    ("race-gone", "a Lost"),
    ("atomic-race", "a Lost, b Lost"),
    ("atomic-stale", "a Lost, b HeldBack"),
    ("locked", "a Lost"),
    ("no-atomic", "! NoAtomic, untouched"),
    ("cut-before", "! Interrupted"),
    ("cut-after", "! Interrupted"),
    ("killed", "! Interrupted"),
    ("garbage", "! Unknown"),
    ("no-program", "! Unreachable, untouched"),
    ("broken-remote", "! NotARepository, untouched"),
    ("two-urls", "a Landed | a Landed"),
    ("two-urls-first-stale", "a Lost | a Landed"),
    (
        "two-urls-second-missing",
        "a Landed ! NotARepository, untouched",
    ),
    ("two-urls-first-missing", "! NotARepository, untouched"),
    (
        "two-urls-second-no-atomic",
        "a Landed ! NoAtomic, untouched",
    ),
    ("push-missing", "! NotARepository, untouched"),
    ("push-no-such-remote", "! NotARepository, untouched"),
    ("fetch-missing", "! NotARepository, untouched"),
    ("fetch-no-such-remote", "! NotARepository, untouched"),
    ("ls-remote-missing", "! NotARepository, untouched"),
    ("ls-remote-no-such-remote", "! NotARepository, untouched"),
    ("push-protocol-off", "! Refused"),
    ("hash-mismatch", "! HashMismatch, untouched"),
    ("fetch-hash-mismatch", "! HashMismatch, untouched"),
    ("ls-remote-other-hash", "refs/presence/sessions/a"),
    ("sha256-create", "a Landed"),
    ("sha256-ls-remote", "refs/presence/sessions/a"),
    ("push-dubious-owner", "! Refused"),
    ("2.39.5 fetch-new", "! Unknown"),
    ("2.47.3 fetch-new", ""),
    ("2.55.GIT fetch-new", ""),
    ("2.39.5 fetch-changed", "! Unknown"),
    ("2.47.3 fetch-changed", ""),
    ("2.55.GIT fetch-changed", ""),
    ("2.39.5 fetch-same", "! Unknown"),
    ("2.47.3 fetch-same", ""),
    ("2.55.GIT fetch-same", ""),
    ("2.39.5 fetch-refused", "! Unknown"),
    ("2.47.3 fetch-refused", "! Unknown"),
    ("2.55.GIT fetch-refused", "! Unknown"),
    ("2.39.5 fetch-forced", "! Unknown"),
    ("2.47.3 fetch-forced", ""),
    ("2.55.GIT fetch-forced", ""),
    ("2.39.5 fetch-locked-atomic", "! Unknown"),
    ("2.47.3 fetch-locked-atomic", "! Unknown"),
    ("2.55.GIT fetch-locked-atomic", "! Unknown"),
    ("2.39.5 fetch-locked", "! Unknown"),
    ("2.47.3 fetch-locked", "! Unknown"),
    ("2.55.GIT fetch-locked", "! Unknown"),
    ("2.39.5 fetch-quiet", "! Unknown"),
    ("2.47.3 fetch-quiet", ""),
    ("2.55.GIT fetch-quiet", ""),
    ("2.39.5 fetch-without-target", "! Unknown"),
    ("fetch-without-target", ""),
    ("fetch-absent", "! Unknown"),
    ("fetch-human", ""),
    (
        "ls-remote",
        "refs/heads/refs/presence/x, refs/presence/sessions/a, refs/presence/sessions/b, refs/presence/tag, (refs/presence/tag^{})",
    ),
    (
        "ls-remote-refs",
        "refs/heads/refs/presence/x, refs/presence/sessions/a, refs/presence/sessions/b, refs/presence/tag",
    ),
    ("ls-remote-none", ""),
    ("push-http-cut", "a UpToDate"),
    ("push-http-401", "! NoCredentials, untouched"),
    ("push-http-refused", "! Unreachable, untouched"),
    ("push-http-unknown-host", "! Unreachable, untouched"),
    ("push-http-403", "! NoCredentials, untouched"),
    ("push-http-404", "! NotARepository, untouched"),
    ("push-http-429", "! Unknown, untouched"),
    ("push-http-500", "! Unknown, untouched"),
    ("push-http-wrong-password", "! NoCredentials, untouched"),
    ("push-http-token", "! NoCredentials, untouched"),
    ("push-http-silent", "! Unreachable, untouched"),
    ("push-http-too-slow", "! Unreachable, untouched"),
    ("push-http-not-tls", "! Unknown, untouched"),
    ("fetch-http-cut", "! Interrupted"),
    ("fetch-http-401", "! NoCredentials, untouched"),
    ("fetch-http-refused", "! Unreachable, untouched"),
    ("fetch-http-unknown-host", "! Unreachable, untouched"),
    ("ls-remote-http-cut", "! Interrupted"),
    ("ls-remote-http-401", "! NoCredentials, untouched"),
    ("ls-remote-http-refused", "! Unreachable, untouched"),
    ("ls-remote-http-unknown-host", "! Unreachable, untouched"),
    ("http-post-cut", "- ! Interrupted"),
    ("http-post-after", "- ! Interrupted"),
    ("http-post-500", "- ! Interrupted"),
    ("http-post-403", "- ! NoCredentials"),
    ("http-post-413", "- ! Interrupted"),
    ("http-forward", "a Landed, b Landed"),
    ("http-stale", "a Lost"),
    ("http-atomic-stale", "a Lost, c HeldBack"),
    ("http-pre-receive", "c Refused"),
    ("http-cut-before", "- ! Interrupted"),
    ("http-no-atomic", "! NoAtomic, untouched"),
    ("http-read-only", "! NoCredentials, untouched"),
    ("push-daemon-refused", "! Unreachable, untouched"),
    ("push-daemon-unknown-host", "! Unreachable, untouched"),
    ("fetch-daemon-refused", "! Unreachable, untouched"),
    ("fetch-daemon-unknown-host", "! Unreachable, untouched"),
    ("ls-remote-daemon-refused", "! Unreachable, untouched"),
    ("ls-remote-daemon-unknown-host", "! Unreachable, untouched"),
    ("push-daemon-missing", "! Refused"),
    ("ls-remote-daemon-missing", "! Refused"),
    ("push-daemon-not-exported", "! Refused"),
    ("push-daemon-read-only", "! Refused"),
    ("ls-remote-daemon", "refs/presence/sessions/a"),
    (
        "push-informative-daemon-missing",
        "! NotARepository, untouched",
    ),
    (
        "ls-remote-informative-daemon-missing",
        "! NotARepository, untouched",
    ),
    ("push-informative-daemon-not-exported", "! Refused"),
    ("push-informative-daemon-read-only", "! Refused"),
    ("ls-remote-informative-daemon", "refs/presence/sessions/a"),
    ("push-ssh-refused", "! Unreachable, untouched"),
    ("push-ssh-unknown-host", "! Unreachable, untouched"),
    ("push-ssh-missing", "! NotARepository, untouched"),
    ("push-ssh-no-program", "! Unknown"),
    ("fetch-ssh-refused", "! Unreachable, untouched"),
    ("fetch-ssh-unknown-host", "! Unreachable, untouched"),
    ("fetch-ssh-missing", "! NotARepository, untouched"),
    ("fetch-ssh-no-program", "! Unknown"),
    ("ls-remote-ssh-refused", "! Unreachable, untouched"),
    ("ls-remote-ssh-unknown-host", "! Unreachable, untouched"),
    ("ls-remote-ssh-missing", "! NotARepository, untouched"),
    ("ls-remote-ssh-no-program", "! Unknown"),
    ("push-ssh-unknown-key", "! NoCredentials, untouched"),
    ("fetch-ssh-unknown-key", "! NoCredentials, untouched"),
    ("ls-remote-ssh-unknown-key", "! NoCredentials, untouched"),
    ("push-ssh-publickey", "! NoCredentials, untouched"),
    ("fetch-ssh-publickey", "! NoCredentials, untouched"),
    ("ls-remote-ssh-publickey", "! NoCredentials, untouched"),
    ("push-ssh-changed-key", "! NoCredentials, untouched"),
];

#[test]
fn each_recording_is_understood() {
    let mut used = BTreeSet::new();
    for (version, recording) in RECORDINGS {
        for case in read(recording) {
            let own = format!("{version} {}", case.name);
            let row = MEANING
                .iter()
                .find(|(name, _)| *name == own || *name == case.name);
            let (name, meaning) = row.unwrap_or_else(|| panic!("{own} stands in no line"));
            assert_eq!(understood(&case), *meaning, "{own}");
            used.insert(*name);
        }
    }
    assert_eq!(
        used.len(),
        MEANING.len(),
        "a line of the table has no recording"
    );
}

/// What is shown of a failure: the line that tells, of all that git prints.
#[test]
fn the_line_that_tells() {
    for (name, said) in [
        (
            "no-source",
            "src refspec refs/heads/nothing does not match any",
        ),
        ("quiet", "git reported on no ref"),
        ("fsck", "remote unpack failed: unpack-objects abnormal exit"),
        (
            "no-atomic",
            "the receiving end does not support --atomic push",
        ),
        ("cut-after", "the remote end hung up unexpectedly"),
        ("killed", "git was stopped before it answered"),
        (
            "push-missing",
            "'/srv/none.git' does not appear to be a git repository",
        ),
        (
            "push-dubious-owner",
            "detected dubious ownership in repository at '/srv/r.git'",
        ),
        (
            "push-daemon-refused",
            "127.0.0.1[0: 127.0.0.1]: errno=Connection refused",
        ),
        (
            "push-ssh-refused",
            "ssh: connect to host 127.0.0.1 port 9: Connection refused",
        ),
        ("push-ssh-changed-key", "Host key verification failed."),
        (
            "push-ssh-publickey",
            "someone@127.0.0.1: Permission denied (publickey).",
        ),
        (
            "http-post-cut",
            "RPC failed; curl 52 Empty reply from server",
        ),
        // The user part was a token.
        (
            "push-http-token",
            "could not read Password for 'http://127.0.0.1:8080': terminal prompts disabled",
        ),
    ] {
        let case = read(RECORDINGS[1].1)
            .into_iter()
            .find(|case| case.name == name)
            .unwrap();
        let answer = push_answer(case.exit, &case.stdout, &case.stderr);
        assert_eq!(answer.failure.unwrap().said, said, "{name}");
    }
}

/// The reasons of one race, before and after git 2.50.
#[test]
fn reasons_of_a_lost_race() {
    for (recording, race, create, delete, gone) in [
        (
            RECORDINGS[1].1,
            "failed to update ref",
            "failed to update ref",
            "failed to update ref",
            "failed to update ref",
        ),
        (
            RECORDINGS[2].1,
            "incorrect old value provided",
            "reference already exists",
            "incorrect old value provided",
            "reference does not exist",
        ),
    ] {
        let names = ["race", "race-create", "race-delete", "race-gone"];
        for (name, expected) in names.into_iter().zip([race, create, delete, gone]) {
            let case = read(recording)
                .into_iter()
                .find(|case| case.name == name)
                .unwrap();
            let reports = parse_push(&case.stdout).unwrap();
            let last = &reports[0].refs.last().unwrap().outcome;
            let reason = expected.to_owned();
            assert_eq!(*last, Outcome::Lost { reason }, "{name}");
        }
    }
}

/// Cut anywhere, an output is refused or says less; it never says something else.
#[test]
fn a_cut_output_says_less() {
    for (version, recording) in RECORDINGS {
        for case in read(recording) {
            let Ok(whole) = parse_push(&case.stdout) else {
                continue;
            };
            let whole: Vec<&PushedRef> = whole.iter().flat_map(|report| &report.refs).collect();
            for end in 0..case.stdout.len() {
                let Ok(part) = parse_push(&case.stdout[..end]) else {
                    continue;
                };
                let part = part.iter().flat_map(|report| &report.refs);
                let same = part.zip(&whole).all(|(part, whole)| part == *whole);
                assert!(same, "{version} {} cut at {end}", case.name);
            }
        }
    }
}
