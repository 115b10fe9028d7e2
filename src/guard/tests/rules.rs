//! The language of `presence.guard`.
//!
//! Owns examples of entries, what they change, and the reasons why others are refused.

use super::super::{Class, Rules, classify_line};
use super::{place, said};

/// What `line` is under `entries` added to the shipped rules.
fn under(entries: &[&str], line: &str) -> String {
    let rules = Rules::with(entries.iter().copied()).unwrap();
    said(&classify_line(line, &rules, &place()))
}

fn refused(entry: &str) -> String {
    Rules::with([entry]).unwrap_err().to_string()
}

#[test]
fn a_new_program() {
    let entries = [
        "mytool takes --region -r",
        "mytool flags --yes",
        "mytool deploy*|release => mutating service:{1} within infra:region/{--region|-r|$MYTOOL_REGION}",
        "mytool status => reading",
        "mytool deploy* --plan => dry-run",
    ];
    for (line, expected) in [
        ("mytool deploy web", "mutating service:web"),
        (
            "mytool --region eu deploy-all --yes web",
            "mutating service:web within infra:region/eu",
        ),
        (
            "mytool -reu release web",
            "mutating service:web within infra:region/eu",
        ),
        (
            "MYTOOL_REGION=eu mytool release web",
            "mutating service:web within infra:region/eu",
        ),
        ("mytool deploy web --plan", "dry_run"),
        ("mytool status", "reading"),
        ("mytool other", "unknown"),
        ("mytool --odd eu deploy web", "unknown"),
        ("mytool deploy --odd eu web", "mutating ?"),
        ("sudo bash -c 'mytool deploy web'", "mutating service:web"),
    ] {
        assert_eq!(under(&entries, line), expected, "{line}");
    }
    let rules = Rules::with(entries).unwrap();
    assert!(rules.variables().contains("MYTOOL_REGION"));
    assert!(rules.variables().contains("HELM_NAMESPACE"));
}

#[test]
fn the_last_rule_wins_over_shipped_ones_too() {
    let line = "kubectl delete pod web-0";
    assert_eq!(under(&["kubectl delete => ignore"], line), "unmatched");
    assert_eq!(
        under(&["kubectl delete pod|pods => reading"], line),
        "reading"
    );
    let service = ["kubectl delete pod => mutating service:{1}"];
    assert_eq!(under(&service, line), "mutating service:web-0");
    let twice = [
        "kubectl delete => ignore",
        "kubectl delete => mutating infra:k8s",
    ];
    assert_eq!(under(&twice, line), "mutating infra:k8s");
    let reset = ["kubectl delete => ignore", ""];
    assert_eq!(under(&reset, line), "mutating infra:pod/web-0");
    assert_eq!(
        under(&["git push => mutating branch:{2}"], "git push origin a"),
        "mutating branch:a"
    );
    let shared = ["terraform|tofu apply -target => mutating stack:{dir} infra:part"];
    assert_eq!(under(&shared, "tofu apply"), "mutating stack:infra");
    assert_eq!(
        under(&shared, "tofu apply -target x"),
        "mutating stack:infra infra:part"
    );
}

#[test]
fn other_names_and_programs_that_start_others() {
    assert_eq!(
        under(&["k is kubectl"], "k delete node n1"),
        "mutating node:n1"
    );
    assert_eq!(
        under(&["kp is kubectl --context prod"], "kp cordon n1"),
        "mutating node:n1 within infra:context/prod"
    );
    assert_eq!(under(&["a is b", "b is a"], "a x"), "unknown");
    let with = ["with-prod runs 1 within host:prod"];
    assert_eq!(
        under(&with, "with-prod terraform apply"),
        "mutating within host:prod ?"
    );
    assert_eq!(
        under(&["with-prod runs 1"], "with-prod terraform apply"),
        "mutating stack:infra"
    );
    assert_eq!(
        under(&["on runs 2 as shell"], "on x 'cd a && terraform apply'"),
        "mutating stack:infra/a"
    );
    assert_eq!(
        under(&["on runs -x as shell"], "on -x 'terraform apply'"),
        "unmatched"
    );
    let takes = ["on takes -x", "on runs -x as shell"];
    assert_eq!(
        under(&takes, "on -x 'terraform apply'"),
        "mutating stack:infra"
    );
    assert_eq!(
        under(
            &["in dir --at", "in apply => mutating stack:{dir}"],
            "in --at x apply"
        ),
        "mutating stack:infra/x"
    );
}

#[test]
fn rules_that_say_the_same_need_not_be_told_apart() {
    let entries = [
        "mytool apply => mutating infra:all within host:a",
        "mytool apply web => mutating service:web within host:a",
        "mytool show => reading",
        "mytool show secret => unknown",
    ];
    for (line, expected) in [
        ("mytool apply web", "mutating service:web within host:a"),
        ("mytool apply db", "mutating infra:all within host:a"),
        ("mytool apply $X", "mutating within host:a ?"),
        ("mytool show db", "reading"),
        ("mytool show $X", "unknown"),
        ("mytool $X web", "unknown"),
    ] {
        assert_eq!(under(&entries, line), expected, "{line}");
    }
}

#[test]
fn what_an_option_carries_belongs_to_a_verb() {
    let entries = [
        "on takes --command",
        "on shell runs --command as shell",
        "on deploy => mutating service:{1}",
    ];
    for (line, expected) in [
        ("on shell --command 'kubectl cordon n'", "mutating node:n"),
        ("on deploy web --command sh", "mutating service:web"),
        ("on list --command 'kubectl cordon n'", "unknown"),
    ] {
        assert_eq!(under(&entries, line), expected, "{line}");
    }
}

#[test]
fn the_rule_is_named() {
    let rules = Rules::with(["mytool  deploy => mutating  service:{1}"]).unwrap();
    let verdict = classify_line("mytool deploy web; terraform apply", &rules, &place());
    let names: Vec<_> = verdict
        .parts
        .iter()
        .filter_map(|part| part.rule.clone())
        .collect();
    assert_eq!(names[0].text, "mytool deploy => mutating service:{1}");
    assert_eq!((names[0].shipped, names[1].shipped), (false, true));
    assert!(names[1].text.starts_with("terraform|tofu|terragrunt apply"));
}

#[test]
fn what_runs_under_a_claim_is_covered() {
    let rules = Rules::shipped();
    let covered = "git presence run stack:infra --purpose x --wait=5m -- terraform apply";
    let verdict = classify_line(covered, &rules, &place());
    assert_eq!(*verdict.class(), Class::Mutating);
    assert_eq!(verdict.uncovered().count(), 0);
    let beside = format!("{covered}; terraform destroy");
    assert_eq!(
        classify_line(&beside, &rules, &place()).uncovered().count(),
        1
    );
}

#[test]
fn refusals_say_why() {
    for (entry, why) in [
        ("mytool", "it has no =>"),
        ("mytool deploy", "it has no =>"),
        ("mytool deploy =>", "nothing follows =>"),
        ("mytool deploy => break", "break is not a class"),
        ("mytool deploy => covered", "covered is not a class"),
        (
            "mytool deploy => mutating web",
            "web is not a resource: it has no type",
        ),
        (
            "mytool deploy => mutating Web:{1}",
            "does not form a resource",
        ),
        (
            "mytool deploy => mutating service:{x}",
            "\"x\" names no word",
        ),
        (
            "mytool deploy => mutating service:{0}",
            "\"0\" names no word",
        ),
        (
            "mytool deploy => mutating service:{odd 1}",
            "odd is not an extractor",
        ),
        ("mytool deploy => mutating service:{1", "has no }"),
        (
            "mytool deploy => mutating service:{a b c}",
            "more than an extractor and a source",
        ),
        (
            "mytool deploy => mutating x:{objects 1}",
            "does not form a resource",
        ),
        (
            "mytool deploy => mutating infra:{1}/{2}",
            "more than one hole",
        ),
        ("mytool a||b => reading", "empty alternative"),
        ("mytool takes", "nothing follows takes"),
        ("mytool takes region", "region is not an option"),
        ("mytool runs x", "does not say where the command begins"),
        ("mytool runs 0", "does not say where the command begins"),
        ("mytool runs 1 sideways", "unexpected sideways"),
        ("mytool deploy is other", "only a program"),
        ("mytool -x takes -y", "stands where a verb is expected"),
        ("--region takes -y", "names no program"),
        ("* deploy => reading", "names no program"),
        ("mytool --a|b => reading", "b is not an option"),
    ] {
        let said = refused(entry);
        assert!(
            said.contains(why) && said.contains(entry),
            "{entry}: {said}"
        );
    }
    assert!(refused(&"x".repeat(5000)).contains("longer than"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn no_entry_panics(words in proptest::collection::vec("[a-z*|{}=>$.! -]{0,6}|=>|takes|runs|within|mutating|as shell", 0..8)) {
        let _ = Rules::with([words.join(" ").as_str()]);
    }
}
