//! `peek`: whether a resource is free, and who holds it.

use serde_json::json;
use snapbox::str;

use crate::world::{ALICE, World};

#[test]
fn free() {
    let world = World::new();
    // Not even the folder of this clone begins to exist.
    world.untouched(&[], || {
        world.alice("peek node:x").says_all(str![[r#"
node:x is free
To claim it: git presence claim node:x --purpose "<why>" (-x to have it alone)

"#]]);
        assert_eq!(world.alice("peek node:x --json").json(), json!([]));
    });
}

#[test]
fn held_by_another_session() {
    let world = World::new();
    world
        .alice("claim node:x --purpose \"GPU driver upgrade\"")
        .done();
    world.later("3m");
    world.bob("peek node:x").says_all(str![[r#"
node:x is claimed by wizard@devvm@alice (wizard@[..])
  "GPU driver upgrade"
    since 10:00, 3 min ago; until 10:15, in 12 min; seen 3 min ago in "[..]/repo" on main
Defer: git presence wait node:x; or ask: git presence tell node:x --ask -m "<question>"

"#]]);
    let peek = world.bob("peek node:x --json").json();
    assert_eq!(peek[0]["relation"], "exact");
    assert_eq!(peek[0]["session_id"], ALICE);
    for field in [
        "resource",
        "purpose",
        "mode",
        "claimed_at",
        "expires_at",
        "user",
        "host",
    ] {
        assert!(peek[0][field].is_string(), "{field}");
    }
    assert_eq!(peek[0]["is_me"], false);
    assert_eq!(peek[0]["confirmed"], true);
    assert!(peek[0].get("agent").is_some());
}

#[test]
fn held_by_me_is_no_reason_to_defer() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    world
        .alice("peek node:x")
        .says("node:x is claimed by you")
        .omits("Defer");
}

#[test]
fn overlapping_paths() {
    let world = World::new();
    world.alice("claim path:src/** --purpose refactor").done();
    world.alice("claim path:docs/a.md --purpose words").done();
    world
        .bob("peek path:src/deep/a.rs")
        .says("path:src/deep/a.rs overlaps path:src/**")
        .says("refactor")
        .says("Defer")
        .omits("is free")
        .omits("docs");
    let peek = world.bob("peek path:. --json").json();
    assert_eq!(peek.as_array().unwrap().len(), 2);
    assert_eq!(peek[0]["relation"], "overlap");
    world
        .bob("peek path:docs/b.md")
        .says("path:docs/b.md is free");
}

#[test]
fn what_expired_within_the_last_hour() {
    let world = World::new();
    world
        .alice("claim node:x --purpose \"a long story\" --ttl 1m")
        .done();
    world.later("31m");
    world
        .bob("peek node:x")
        .says("node:x is free")
        .says("Expired within the last hour: node:x")
        .says("a long story")
        .says("expired 10:01, 30 min ago")
        .omits("Defer");
    let peek = world.bob("peek node:x --json").json();
    assert_eq!(peek[0]["relation"], "expired");
    assert_eq!(peek[0]["session_id"], ALICE);
    world.later("31m");
    world
        .bob("peek node:x")
        .says("node:x is free")
        .omits("Lapsed");
}

#[test]
fn what_was_dropped_within_the_last_hour() {
    let world = World::new();
    world.alice("claim node:x --purpose x --ttl 1m").done();
    world.alice("claim node:keep --purpose x --ttl 10h").done();
    world.later("2m");
    world.alice("heartbeat").done();
    world.later("58m");
    world.bob("peek node:x").says_all(str![[r#"
node:x is free
Expired within the last hour: node:x of wizard@devvm@alice, dropped 10:02, 58 min ago
To claim it: git presence claim node:x --purpose "<why>" (-x to have it alone)

"#]]);
    let peek = world.bob("peek node:x --json").json();
    assert_eq!(peek[0]["relation"], "lapsed");
    assert_eq!(peek[0]["dropped_at"], "2026-11-21T10:02:00.000Z");
    world.bob("peek node:other").says("is free").omits("Lapsed");
    world.later("3m");
    world.bob("peek node:x").says("is free").omits("Lapsed");
}

#[test]
fn what_was_released_did_not_expire() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    world.alice("release node:x").done();
    world.bob("peek node:x").says_all(str![[r#"
node:x is free
To claim it: git presence claim node:x --purpose "<why>" (-x to have it alone)

"#]]);
}

#[test]
fn bad_input() {
    let world = World::new();
    world.alice("peek").fails(129, "<RESOURCE>");
    world
        .alice("peek k8s")
        .fails(129, "it has no type")
        .hints("infra:k8s");
    world
        .alice("peek node:a --fresher")
        .fails(129, "peek has no option --fresher");
}

#[test]
fn several_resources_in_the_order_of_the_question() {
    let world = World::new();
    world.alice("claim node:x path:src --purpose p").done();
    let said = world.bob("peek path:src/a.rs node:y node:x");
    let said = said.done().out.clone();
    let at = |text: &str| {
        said.find(text)
            .unwrap_or_else(|| panic!("{text} in {said}"))
    };
    assert!(at("path:src/a.rs overlaps path:src") < at("node:y is free"));
    assert!(at("node:y is free") < at("node:x is claimed by"));
    let json = world.bob("peek path:src/a.rs node:y node:x --json").json();
    let rows = json.as_array().unwrap().iter();
    let rows: Vec<_> = rows.map(|row| (&row["asked"], &row["relation"])).collect();
    assert_eq!(
        rows,
        [
            (&json!("path:src/a.rs"), &json!("overlap")),
            (&json!("node:x"), &json!("exact"))
        ]
    );
}

#[test]
fn the_exit_code_says_whether_it_is_free_if_asked() {
    let world = World::new();
    world.alice("claim node:x --purpose p").done();
    world.bob("peek node:x").exits(0);
    world
        .bob("peek node:x --exit-code")
        .exits(3)
        .prints("node:x is claimed by");
    world.bob("peek node:y node:x --exit-code").exits(3);
    world.bob("peek node:y --exit-code").exits(0);
    world.alice("peek node:x --exit-code --json").exits(0);
    // A record that cannot be read may stand for anything.
    world.git("update-ref refs/presence/sessions/x-0123456789abcdef HEAD");
    world.bob("peek node:y --exit-code").exits(5);
    world.bob("peek node:y node:x --exit-code").exits(3);
}

/// The claims that conflict are named with each, as in `list`.
#[test]
fn programs_see_which_claims_conflict() {
    let world = World::new();
    world.alice("claim path:src/** -p p").done();
    world.bob("claim path:src/a.rs -p p").done();
    world.carol("wait path:src/a.rs --for=0s").exits(4);
    let peeked = world.carol("peek path:src/a.rs --json").json();
    let of = |who: &str, mode: &str| {
        let rows = peeked.as_array().unwrap();
        let mut rows = rows.iter();
        let row = rows.find(|row| row["session_id"] == who && row["mode"] == mode);
        row.unwrap()["conflicts_with"].clone()
    };
    let with = |who: &str, label: &str| serde_json::json!([{"session_id": who, "resource": label}]);
    assert_eq!(
        of(crate::world::BOB, "shared"),
        with(crate::world::ALICE, "path:src/**")
    );
    assert_eq!(
        of(crate::world::ALICE, "shared"),
        with(crate::world::BOB, "path:src/a.rs")
    );
    assert_eq!(of(crate::world::CAROL, "waiting"), serde_json::json!([]));
}

/// As the hooks of agents judge an edit there; a stack is granted beside claims of its files.
#[test]
fn a_stack_and_the_files_in_its_folder_are_named_for_each_other() {
    let world = World::new();
    world
        .alice("claim path:infra/dns/main.tf --purpose edit")
        .done();
    world.alice("claim path:docs --purpose edit").done();
    world.bob("claim -x stack:web --purpose apply").done();
    let told = world.bob("peek stack:infra/dns --exit-code");
    told.says("stack:infra/dns is free\n")
        .says("stack:infra/dns has path:infra/dns/main.tf in its folder, claimed by\n  wizard@devvm@alice")
        .says("To apply: git presence run --exclusive stack:infra/dns --purpose \"<why>\" -- <command>")
        .omits("docs");
    for stack in ["stack:infra", "stack:dns"] {
        world
            .bob(&format!("peek {stack}"))
            .says("path:infra/dns/main.tf in its folder");
    }
    for other in [
        "stack:doc",
        "stack:main.tf",
        "node:infra/dns",
        "stack:infra/dns/main",
    ] {
        world.bob(&format!("peek {other}")).omits("folder");
    }
    // One's own are known.
    world.alice("peek stack:infra/dns").omits("folder");
    world.write("live/web/main.tf", "");
    for path in [
        "path:live/web/main.tf",
        "path:live/web/**",
        "path:live/web/sub/x",
    ] {
        world
            .carol(&format!("peek {path} --exit-code"))
            .prints(&*format!(
                "{path} is in the folder of stack:web, claimed by\n"
            ))
            .prints("wizard@devvm@bob")
            .prints("Defer: git presence wait stack:web; or ask: git presence tell stack:web")
            .exits(3);
    }
    world
        .carol("peek path:live --exit-code")
        .says("path:live is free");
    let peek = world.carol("peek path:live/web/main.tf --json").json();
    assert_eq!(peek[0]["relation"], "folder");
    assert_eq!(peek[0]["resource"], "stack:web");
}
