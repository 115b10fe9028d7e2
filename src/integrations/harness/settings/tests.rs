//! Settings of all kinds, with our hooks put in and taken out again.

use proptest::prelude::*;

use super::*;

fn written(plan: Plan) -> String {
    match plan {
        Plan::Write(text) => text,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn there_and_back(harness: Harness, tasks: bool, before: &str) {
    let with = written(install(harness, tasks, Some(before)).unwrap());
    assert_eq!(
        install(harness, tasks, Some(&with)).unwrap(),
        Plan::Nothing,
        "{with}"
    );
    let (_, text) = split_bom(&with);
    let root = Node::root(text).unwrap();
    for (event, entry) in chosen_entries(harness, tasks) {
        let entries = root.value[HOOKS][event].as_array().unwrap();
        assert!(entries.contains(&entry), "{event} in {with}");
    }
    let without = written(uninstall(harness, &with).unwrap());
    assert_eq!(without, before, "by way of\n{with}");
    assert_eq!(uninstall(harness, before).unwrap(), Plan::Nothing);
}

#[test]
fn what_was_there_is_there_again() {
    let all = [
        "",
        "\n",
        "  \n\n",
        " ",
        "\t",
        "\r\n ",
        "{}",
        "{ }",
        "{\n}\n",
        "\u{feff}{}\n",
        "{\"a\":1}",
        "{\r\n\t\"a\": 1\r\n}\r\n",
        "{\n  // why\n  \"a\": 1, // this\n  \"b\": [1, 2,], /* and */ /* that */\n}\n",
        "{\n  \"a\": 1 // last\n  // really\n}\n",
        "{\n  \"a\": 1 /* last */\n}\n",
        "{\"hooks\":{}}",
        "{\"hooks\": { } }",
        "{\n  \"hooks\": {\n  }\n}",
        "{\n  \"hooks\": {\n    \"Stop\": [],\n    \"SessionStart\": [ ]\n  }\n}\n",
        "{\n  \"hooks\": {\n    \"Stop\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"x\"}]}]\n  },\n  \"model\": \"y\"\n}\n",
        "{\"hooks\":{\"sessionStart\":[{\"command\":\"a\"}],\"PreToolUse\":[\n//c\n]},\"version\":1}",
        "{\"version\": 1}",
        "{\"version\": 1, \"hooks\": {}}",
        "// head\n{\n} // tail",
        "{// why \n}\n",
        "{// why\r\r}\n",
        "{\"a\": 1 // why\r, // that\r}",
        "{\n  \"hooks\": {} // why \n\n}\n",
        "{\r\n\t\"a\": 1, // why \r\n\r\n}",
        "{\"a\": \"//\", \"b\": \"}\" }",
    ];
    for harness in Harness::ALL {
        for before in all {
            there_and_back(harness, false, before);
        }
    }
}

#[test]
fn a_file_that_we_made_goes() {
    for (harness, tasks) in Harness::ALL
        .into_iter()
        .flat_map(|one| [(one, false), (one, true)])
    {
        let made = written(install(harness, tasks, None).unwrap());
        assert!(made.ends_with("}\n"), "{made}");
        assert_eq!(
            made.contains(TELLS_TASKS),
            tasks && harness == Harness::Claude
        );
        assert_eq!(install(harness, tasks, Some(&made)).unwrap(), Plan::Nothing);
        assert_eq!(state(harness, &made).unwrap(), InstallState::Complete);
        let other = install(harness, !tasks, Some(&made)).unwrap();
        assert_eq!(other == Plan::Nothing, harness != Harness::Claude);
        assert_eq!(uninstall(harness, &made).unwrap(), Plan::Remove);
        // Unless a user added to it.
        let more = made.replacen('{', "{\"model\": \"x\",", 1);
        let left = written(uninstall(harness, &more).unwrap());
        assert!(
            left.contains("model") && !left.contains("git-presence"),
            "{left}"
        );
        assert!(Node::root(&left).is_ok(), "{left}");
    }
}

#[test]
fn hooks_of_an_older_version_are_replaced_and_those_of_others_stay() {
    let before = "{\"hooks\":{\"Stop\":[{\"hooks\":[{\"type\":\"command\",\
        \"command\":\"git-presence\",\"args\":[\"hook\",\"claude\",\"stop\"],\"timeout\":1}]},\
        {\"hooks\":[{\"type\":\"command\",\"command\":\"beep\"}]}]}}";
    let after = written(install(Harness::Claude, false, Some(before)).unwrap());
    assert_eq!(after.matches("\"stop\"").count(), 1, "{after}");
    assert!(
        !after.contains("\"timeout\":1}") && after.contains("beep"),
        "{after}"
    );
    // Hooks that one harness has for another are not its own.
    let codex = written(uninstall(Harness::Claude, &after).unwrap());
    assert!(codex.contains("beep") && !codex.contains("git-presence"));
    assert_eq!(uninstall(Harness::Codex, &after).unwrap(), Plan::Nothing);
}

#[test]
fn how_far_they_stand_is_told() {
    for harness in Harness::ALL {
        for none in ["", "\n", "{}", "\u{feff}{\"hooks\": {\"Stop\": []}}"] {
            assert_eq!(state(harness, none), Ok(InstallState::Absent), "{none}");
        }
        let made = written(install(harness, false, None).unwrap());
        assert_eq!(state(harness, &made), Ok(InstallState::Complete));
        let (first, second) = (hook_entries(harness)[0].0, hook_entries(harness)[1].0);
        let part = |text: &str, missing: &[&str], changed: &[&str]| {
            let found = state(harness, text).unwrap();
            let InstallState::Partial {
                missing: no,
                changed: other,
            } = found
            else {
                panic!("{found:?} of {text}");
            };
            assert_eq!(no, missing, "{text}");
            assert_eq!(other, changed, "{text}");
        };
        // An event of another program, which calls us too.
        let renamed = made.replacen(&format!("\"{first}\""), "\"Earlier\"", 1);
        part(&renamed, &[first], &["Earlier"]);
        let mut settings: Value = serde_json::from_str(&made).unwrap();
        let slower = settings[HOOKS][first][0]
            .to_string()
            .replace("timeout", "timeoutWas");
        let mut other = settings.clone();
        other[HOOKS][first][0] = serde_json::from_str(&slower).unwrap();
        part(&other.to_string(), &[], &[first]);
        settings[HOOKS].as_object_mut().unwrap().remove(second);
        part(&settings.to_string(), &[second], &[]);
        let twice = settings[HOOKS][first][0].clone();
        settings[HOOKS][first].as_array_mut().unwrap().push(twice);
        part(&settings.to_string(), &[second], &[first]);
        // What install does about it.
        let repaired = written(install(harness, false, Some(&settings.to_string())).unwrap());
        assert_eq!(state(harness, &repaired), Ok(InstallState::Complete));
        assert!(state(harness, "{").is_err());
    }
}

#[test]
fn what_cannot_be_understood_is_left_alone() {
    let all = [
        "{",
        "[]",
        "null",
        "{\"hooks\": []}",
        "{\"hooks\": {}, \"hooks\": {}}",
        "{'a': 1}",
        "hooks: {}",
        "\u{a0}",
        "\u{1b}[31m",
        "{\"hooks\": {\"Stop\": {}, \"SessionStart\": {}, \"stop\": 1, \"agentStop\": 1, \"AfterAgent\": 1}}",
    ];
    for harness in Harness::ALL {
        for before in all {
            let error = install(harness, false, Some(before))
                .unwrap_err()
                .to_string();
            assert!(!error.contains('\u{1b}') && error.len() < 300, "{error}");
        }
        let deep = "[".repeat(100_000);
        assert!(install(harness, false, Some(&deep)).is_err());
    }
}

fn space() -> impl Strategy<Value = &'static str> + Clone {
    let all = [
        "",
        " ",
        "\n  ",
        "\r\n\t",
        " // why\n",
        "// why \t\r\n \n",
        "/* a, b */",
        "\n\n// \"hooks\": {\n    ",
    ];
    proptest::sample::select(all.to_vec())
}

fn tail() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec!["", ",", " ,\n"])
}

fn value() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "1",
        "\"a // b\"",
        "[1, {\"x\": [] }]",
        "{\"command\": \"x\"}",
        "{\"matcher\": \"Bash\", \"hooks\": [{\"type\": \"command\", \"command\": \"y\"}]}",
    ])
}

fn list() -> impl Strategy<Value = String> {
    let items = proptest::collection::vec((space(), value(), space()), 0..3);
    (items, tail(), space()).prop_map(|(items, tail, end)| {
        let joined: Vec<String> = items.iter().map(|(a, v, b)| format!("{a}{v}{b}")).collect();
        let tail = if items.is_empty() { "" } else { tail };
        format!("[{}{tail}{end}]", joined.join(","))
    })
}

fn object(pairs: Vec<(&str, String)>, spaces: &[&str], tail: &str, end: &str) -> String {
    let tail = if pairs.is_empty() { "" } else { tail };
    let parts: Vec<String> = pairs
        .into_iter()
        .zip(spaces.iter().cycle())
        .map(|((name, value), space)| format!("{space}\"{name}\":{value}{space}"))
        .collect();
    format!("{{{}{tail}{end}}}", parts.join(","))
}

/// Settings as people and tools write them.
fn settings() -> impl Strategy<Value = String> {
    let spaces = || proptest::collection::vec(space(), 1..4);
    let events = vec![
        "Stop",
        "PreToolUse",
        "SessionStart",
        "sessionStart",
        "BeforeTool",
        "preToolUse",
        "Other",
    ];
    let names = proptest::sample::subsequence(events, 0..5);
    let lists = proptest::collection::vec(list(), 7);
    let hooks =
        (names, lists, spaces(), tail(), space()).prop_map(|(names, lists, spaces, tail, end)| {
            object(names.into_iter().zip(lists).collect(), &spaces, tail, end)
        });
    let keys = proptest::sample::subsequence(vec!["a", "hooks", "version", "b"], 0..5);
    (keys, hooks, value(), spaces(), tail(), space(), space()).prop_map(
        |(keys, hooks, value, spaces, tail, end, around)| {
            let pairs = keys.into_iter().map(|key| match key {
                "hooks" => (key, hooks.clone()),
                "version" => (key, "1".to_owned()),
                _ => (key, value.to_owned()),
            });
            let object = object(pairs.collect(), &spaces, tail, end);
            format!("{around}{object}{around}")
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_settings_file_is_what_it_was_after_an_uninstall(before in settings(), which in 0usize..5, tasks in any::<bool>()) {
        there_and_back(Harness::ALL[which], tasks, &before);
    }

    #[test]
    fn no_text_panics(text in any::<String>(), json in "[\\[\\]{}:,\"a/ *\n]{0,40}") {
        for before in [text, json] {
            let _ = install(Harness::Claude, false, Some(&before));
            let _ = uninstall(Harness::Cursor, &before);
        }
    }
}
