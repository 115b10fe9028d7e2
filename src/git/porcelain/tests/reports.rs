//! Table tests of push reports, good and bad.
//!
//! Owns the outcome of each ref for reasons and verdicts that were not recorded, and the answer to
//! a push whose reports are incomplete.

use super::super::*;

const A: &str = "8ab686eafeb1f44702738c8b0f24f2567c36da6d";

fn outcome(flag: &str, verdict: &str) -> Outcome {
    let text = format!("To /srv/r.git\n{flag}\t{A}:refs/x/a\t{verdict}\nDone\n");
    let reports = parse_push(text.as_bytes()).expect(verdict);
    reports[0].refs[0].outcome.clone()
}

#[test]
fn reasons_of_servers() {
    let there = |reason: &str| outcome("!", &format!("[remote rejected] ({reason})"));
    for lost in [
        "failed to update ref",
        "failed to lock",
        "incorrect old value provided",
        "cannot lock ref 'refs/x/a': is at 8ab6 but expected f32a",
        "cannot lock ref 'refs/protected/denied': reference already exists",
    ] {
        assert_eq!(
            there(lost),
            Outcome::Lost {
                reason: lost.to_owned()
            }
        );
    }
    for refused in [
        "pre-receive hook declined",
        "protected branch hook declined",
        "push declined due to repository rule violations",
        "prohibited by Gerrit: not permitted: create",
        "TF402455: Pushes to this branch are not permitted; you must use a pull request",
        "Repository policies do not allow this",
        "permission denied",
        "shallow update not allowed",
        "cannot lock ref 'refs/x/a': 'refs/x' exists; cannot create 'refs/x/a'",
        "deny (or so) updating a hidden ref",
    ] {
        assert_eq!(
            there(refused),
            Outcome::Refused {
                reason: refused.to_owned()
            }
        );
    }
    for unknown in [
        "failed",
        "internal server error",
        "unpacker error",
        "missing necessary objects",
        "stale infos",
        "pushing 'stale info'",
        "",
    ] {
        assert_eq!(
            there(unknown),
            Outcome::Unknown {
                reason: unknown.to_owned()
            }
        );
    }
    assert_eq!(there("transaction aborted"), Outcome::HeldBack);
    assert_eq!(there("non-fast forward"), Outcome::ForwardOnly);
    let reason = "red tab".to_owned();
    assert_eq!(there("\u{1b}red\ttab\u{202e}"), Outcome::Unknown { reason });
}

#[test]
fn verdicts_that_no_git_prints() {
    for (flag, verdict) in [
        ("?", "[up to date]"),
        ("!", "[rejected]"),
        ("!", "[remote rejected]"),
        ("!", "[rejected] (hook declined)"),
        ("!", "[rejected] (stale info"),
        ("!", "[rejected]  (stale info)"),
        ("!", "[remote failure] (stale info)"),
        ("!", "[something] (stale info)"),
        ("!", "(stale info)"),
        ("!", ""),
    ] {
        let outcome = outcome(flag, verdict);
        assert!(
            matches!(outcome, Outcome::Unknown { .. }),
            "{flag:?} {verdict:?} {outcome:?}"
        );
    }
}

#[test]
fn reports_that_no_git_prints() {
    let line = format!("*\t{A}:refs/x/a\t[new reference]\n");
    for bad in [
        line.clone(),
        format!("To /srv\n{line}{line}"),
        format!("To /srv\nDone\n{line}"),
        format!("Done\n{line}"),
        format!("To /srv\n{line}Done"),
        format!("To /srv\r\n{line}Done\r\n"),
        "To /srv\n\n".to_owned(),
        "To /srv\nEverything up-to-date\n".to_owned(),
        format!("To /srv\n**\t{A}:refs/x/a\t[new reference]\n"),
        format!("To /srv\n*\t{A}:HEAD\t[new reference]\n"),
        format!("To /srv\n*\t{A}\t[new reference]\n"),
        format!("To /srv\n*\t{A}:refs/x/a\n"),
        format!("To /srv\n* {A}:refs/x/a [new reference]\n"),
    ] {
        assert!(parse_push(bad.as_bytes()).is_err(), "{bad:?}");
        let answer = push_answer(Some(0), bad.as_bytes(), b"");
        assert_eq!(answer.reports, [], "{bad:?}");
        assert!(!answer.failure.unwrap().is_untouched(), "{bad:?}");
    }
    // The source of a push can contain a colon, the ref cannot.
    let tree = "To /srv\n*\tHEAD:dir:refs/x/a\t[new reference]\nDone\n";
    assert_eq!(
        parse_push(tree.as_bytes()).unwrap()[0].refs[0].name,
        "refs/x/a"
    );
    let twice = format!("To /srv\n{line}Done\nTo /srv\n{line}Done\n");
    assert_eq!(parse_push(twice.as_bytes()).unwrap().len(), 2);
}

#[test]
fn what_the_reports_do_not_tell() {
    let landed = format!("To /one\n*\t{A}:refs/x/a\t[new reference]\nDone\n");
    let lost = format!("To /one\n!\t{A}:refs/x/a\t[rejected] (stale info)\nDone\n");
    let dumb = format!(
        "To /one\n!\t{A}:refs/x/a\t[remote failure] (remote failed to report status)\nDone\n"
    );
    let complaint = |url: &str| format!("error: failed to push some refs to '{url}'\n");
    let kind = |exit, stdout: &str, stderr: &str| {
        let answer = push_answer(exit, stdout.as_bytes(), stderr.as_bytes());
        answer.failure.map(|failure| failure.kind)
    };
    assert_eq!(kind(Some(0), &landed, ""), None);
    assert_eq!(kind(Some(0), "", ""), Some(FailureKind::Unknown));
    assert_eq!(kind(Some(1), &lost, &complaint("/one")), None);
    assert_eq!(kind(Some(1), &landed, ""), Some(FailureKind::Unknown));
    assert_eq!(kind(None, &landed, ""), Some(FailureKind::Interrupted));
    // A second URL failed without a reason; then one with a reason.
    let both = complaint("/one") + &complaint("/two");
    assert_eq!(kind(Some(1), &lost, &both), Some(FailureKind::Unknown));
    let atomic = format!("{both}fatal: the receiving end does not support --atomic push\n");
    assert_eq!(kind(Some(1), &lost, &atomic), Some(FailureKind::NoAtomic));
    let cut = "fatal: the remote end hung up unexpectedly\n";
    assert_eq!(
        kind(Some(1), &format!("{lost}Done\n"), cut),
        Some(FailureKind::Interrupted)
    );
    // GitHub's limit of refs a push, in both of its forms.
    let limit = "remote: Repository policies do not allow pushes that update more than 2 branches or \
                 tags.\n";
    assert_eq!(kind(Some(1), &dumb, limit), Some(FailureKind::TooManyRefs));
    let rules = format!(
        "To /one\n!\t{A}:refs/x/a\t[remote rejected] (push declined due to repository rule \
         violations)\nDone\n"
    );
    let limit = "remote: error: GH013: Repository rule violations found for refs/x/a.\n\
                 remote: - Pushes can not update more than 5 branches or tags.\n";
    assert_eq!(kind(Some(1), &rules, limit), Some(FailureKind::TooManyRefs));
}
