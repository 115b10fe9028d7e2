//! Background jobs survive the command line that starts them.
//!
//! Owns the property that the command line of a job is read as that job. Never starts one.

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
