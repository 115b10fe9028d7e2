//! The command line is read as it was meant.
//!
//! Owns the property that the command line of a job is read as that job, and that a verb means the
//! same whether it is read alone or among all. Never starts one.

use std::ffi::OsString;

use clap::Parser as _;
use proptest::prelude::*;

use super::{Cli, Verb};
use crate::app::background::{Background, Halves};
use crate::model::id::SessionId;
use crate::model::time::Timestamp;

/// Returns the job that a command line stands for.
fn job(verb: &Verb) -> Option<Background> {
    match verb {
        Verb::Claims(verb) => verb.job(),
        Verb::Remote(verb) => verb.job(),
        Verb::Sessions(verb) => verb.job(),
        Verb::Board(_)
        | Verb::Fronts(_)
        | Verb::Turns(_)
        | Verb::Messages(_)
        | Verb::States(_)
        | Verb::Tasks(_)
        | Verb::Hooks(_)
        | Verb::Setup(_) => None,
    }
}

fn any_job() -> impl Strategy<Value = Background> {
    let session = || {
        let id = "[ -~]{1,40}|-[a-z-]{1,10}|\\PC{1,20}";
        id.prop_filter_map("no id", |text: String| SessionId::parse(&text).ok())
    };
    prop_oneof![
        prop_oneof![Just(Halves::Both), Just(Halves::Push), Just(Halves::Fetch)]
            .prop_map(Background::Sync),
        Just(Background::Gc),
        session().prop_map(|session| Background::RenewLeases { session }),
        (session(), 0..4_000_000_000_000_i64).prop_map(|(session, millis)| {
            let ended_at = Timestamp::from_millis(millis);
            Background::ReleaseEnded { session, ended_at }
        }),
        (session(), session()).prop_map(|(session, from)| Background::Inherit { session, from }),
        (session(), any::<u32>()).prop_map(|(session, pid)| Background::Keepalive { session, pid }),
    ]
}

proptest! {
    #[test]
    fn a_job_is_read_as_it_was_written(wanted in any_job()) {
        let program = ["git-presence", "--ledger", "/some/where"].map(std::ffi::OsString::from);
        let arguments = program.into_iter().chain(wanted.to_args());
        let cli = Cli::try_parse_from(arguments).map_err(|error| error.to_string());
        prop_assert_eq!(cli.map(|cli| job(&cli.verb)), Ok(Some(wanted)));
    }
}

/// Lines whose verb is read without the other areas, with options before and after it.
const OF_ONE_AREA: [&str; 12] = [
    "claim infra:dns --purpose apply",
    "claim -x stack:a stack:b -m apply --wait=2m --json",
    "claim infra:dns --no-such-option",
    "release",
    "release --force infra:dns --reason stuck --yes",
    "run -x stack:a -m apply -- terraform apply -x",
    "list --mine --json",
    "peek infra:dns --session s1",
    "status",
    "tell infra:dns --ask -m when",
    "task next release --json",
    "task done x1 -m merged",
];

#[test]
fn the_verbs_of_one_area_are_read_as_among_all() {
    for line in OF_ONE_AREA {
        let words = std::iter::once("git-presence").chain(line.split(' '));
        let words: Vec<OsString> = words.map(OsString::from).collect();
        let among_all = Cli::try_parse_from(&words).map_err(|error| error.to_string());
        let alone = Cli::of_one_area(&words);
        match (among_all, alone) {
            (Ok(all), Some(alone)) => assert_eq!(format!("{all:?}"), format!("{alone:?}")),
            (Err(_), None) => {}
            (all, alone) => panic!("{line}: {all:?} and {alone:?}"),
        }
    }
    let sync = ["git-presence", "sync"].map(OsString::from);
    assert!(Cli::of_one_area(&sync).is_none());
}
