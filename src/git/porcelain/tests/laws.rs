//! Property tests of the parsers, for any bytes.
//!
//! Owns the properties: no parser panics, no text that is passed on can harm a terminal, and no ref
//! counts as landed that git did not print.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::words::MESSAGE_BYTES_MAX;
use super::super::*;

/// Pieces of real output, so that random text comes near it.
const PIECES: [&str; 34] = [
    "To ",
    "/srv/r.git",
    "\n",
    "\t",
    " ",
    "Done\n",
    "!",
    "*\t",
    "=",
    "+ ",
    ":refs/x/a",
    "refs/x/b",
    "(delete)",
    "8ab686eafeb1f44702738c8b0f24f2567c36da6d",
    "0000000000000000000000000000000000000000",
    "[rejected] (stale info)\n",
    "[remote rejected] (",
    ")\n",
    "failed to update ref",
    "pre-receive hook declined",
    "git version 2.",
    "47",
    ".",
    "fatal: ",
    "error: failed to push some refs to '",
    "'",
    "remote: ",
    "Could not read from remote repository",
    "Connection refused",
    "http://u:p@",
    "\r",
    "\u{1b}[31m",
    "ü",
    "\u{202e}",
];

fn near() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        9 => proptest::sample::select(PIECES.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..4),
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![3 => near(), 1 => vec(any::<u8>(), 0..400)]
}

fn is_harmless(text: &str) -> bool {
    text.len() <= 2 * MESSAGE_BYTES_MAX
        && !text.contains(|c: char| c.is_control() || c == '\u{202e}')
}

fn texts(answer: &PushAnswer) -> Vec<&str> {
    let mut texts: Vec<&str> = answer.failure.iter().map(|f| f.message.as_str()).collect();
    for report in &answer.reports {
        texts.extend(report.to.as_deref());
        for pushed in &report.refs {
            match &pushed.outcome {
                Outcome::Lost { reason }
                | Outcome::Refused { reason }
                | Outcome::Unknown { reason } => texts.push(reason),
                Outcome::Landed | Outcome::UpToDate => {}
                Outcome::HeldBack | Outcome::ForwardOnly => {}
            }
        }
    }
    texts
}

proptest! {
    #[test]
    fn nothing_panics_and_nothing_harms(
        exit in proptest::option::of(0..256),
        stdout in bytes(),
        stderr in bytes(),
    ) {
        let push = push_answer(exit, &stdout, &stderr);
        for text in texts(&push) {
            prop_assert!(is_harmless(text), "{text:?}");
        }
        for error in [parse_version(&stdout).err(), parse_ls_remote(&stdout).err()] {
            let text = error.map(|error| error.to_string()).unwrap_or_default();
            prop_assert!(is_harmless(&text), "{text:?}");
        }
        let read = RemoteFailure::read(exit, &stderr);
        prop_assert!(is_harmless(&read.message) && !(exit.is_none() && read.is_untouched()));
    }

    /// Missing output is never a success, and a ref or the failure itself explains each failure.
    #[test]
    fn a_push_is_never_done_by_default(
        exit in proptest::option::of(0..256),
        stdout in bytes(),
        stderr in bytes(),
    ) {
        let answer = push_answer(exit, &stdout, &stderr);
        let mut refs = answer.reports.iter().flat_map(|report| &report.refs);
        if answer.failure.is_none() {
            prop_assert!(!answer.reports.is_empty());
            prop_assert!(answer.reports.iter().all(|report| !report.refs.is_empty()));
            let all_done = refs.all(|r| matches!(r.outcome, Outcome::Landed | Outcome::UpToDate));
            prop_assert!(exit == Some(0) || (exit == Some(1) && !all_done));
        }
    }

    #[test]
    fn what_is_listed_was_printed(names in vec("[a-z0-9]{1,8}(/[a-z0-9.-]{1,8}){0,2}", 0..20)) {
        let id = "8ab686eafeb1f44702738c8b0f24f2567c36da6d";
        let mut text = String::new();
        for name in &names {
            text.push_str(&format!("{id}\trefs/{name}\n"));
        }
        let listing = parse_ls_remote(text.as_bytes()).unwrap();
        prop_assert_eq!(listing.refs.len() + listing.unreadable.len(), names.len());
        for (_, name) in &listing.refs {
            let short = name.strip_prefix("refs/").unwrap();
            prop_assert!(names.iter().any(|known| known == short));
        }
    }

    /// The reason that a server gives on one line affects only the ref of that line.
    #[test]
    fn a_reason_stays_on_its_line(reason in "[^\n]{0,40}") {
        let id = "8ab686eafeb1f44702738c8b0f24f2567c36da6d";
        let text = format!(
            "To /srv\n*\t{id}:refs/x/a\t[new reference]\n\
             !\t{id}:refs/x/b\t[remote rejected] ({reason})\nDone\n"
        );
        let reports = parse_push(text.as_bytes()).unwrap();
        prop_assert_eq!(reports[0].refs.len(), 2);
        prop_assert_eq!(&reports[0].refs[0].outcome, &Outcome::Landed);
        let second = &reports[0].refs[1].outcome;
        prop_assert!(!matches!(second, Outcome::Landed | Outcome::UpToDate));
    }
}
