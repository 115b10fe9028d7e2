//! Tests on recorded output of real git.
//!
//! Owns the reading of the recordings, which `record.py` makes. The table in `meaning` has the
//! expected meaning of each; a recording without a row there fails.

mod meaning;

use std::collections::BTreeSet;

use super::super::*;
use meaning::MEANING;

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
/// error with a mark in front: `1|`, `2|`, or `2r|` if it ended with a carriage return.
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
        // The tracking refs show what came: beside a failure the lines of a fetch prove nothing.
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

/// The message of a failure: the most telling line of all that git prints.
#[test]
fn the_line_that_tells() {
    for (name, said) in [
        (
            "no-source",
            "src refspec refs/heads/nothing does not match any",
        ),
        ("quiet", "git reported on no ref"),
        (
            "fsck",
            "remote unpack failed: unpack-objects abnormal exit: error: object \
             3256e4854540a36d9821542a9b31d80b7cafa18a: hasDotgit: contains '.git' / fatal: fsck \
             error in packed object",
        ),
        (
            "no-atomic",
            "the receiving end does not support --atomic push",
        ),
        ("cut-after", "the remote end hung up unexpectedly"),
        ("killed", "a signal ended git before it reported a result"),
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
        assert_eq!(answer.failure.unwrap().message, said, "{name}");
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

/// Output that is cut anywhere is rejected or has fewer refs; it never has another meaning.
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
