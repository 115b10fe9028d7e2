//! The input of `claim`: what it rejects, and conflicts that are not written.

use serde_json::json;

use crate::said::holds;
use crate::world::{ALICE, World};

#[test]
fn a_conflict_that_is_refused_writes_nothing() {
    let world = World::new();
    world.alice("claim node:x --purpose upgrade").done();
    world.bob("claim db:mine --purpose mine").done();
    let is_told = |world: &World, line: &str| {
        world
            .bob(line)
            .refuses("node:x is claimed by wizard@devvm@alice")
            .hints("git presence wait db:free node:x");
    };
    world.unchanged(|| is_told(&world, "claim db:free node:x --purpose move --refuse"));

    world.git("config presence.onConflict refuse");
    world.unchanged(|| is_told(&world, "claim db:free node:x --purpose move"));
    world
        .bob("claim db:free --purpose move")
        .says("Claimed db:free");

    world.alice("release --all-mine").done();
    world
        .bob("claim node:x --purpose move")
        .says("Claimed node:x");
}

#[test]
fn programs_are_told_who_holds_it() {
    let world = World::new();
    world.alice("claim node:x --purpose upgrade").done();
    let said = world.bob("claim node:x --purpose move --refuse --json");
    let error = said.exits(3).json()["error"].clone();
    assert_eq!(said.err, "");
    assert_eq!(error["kind"], "refused");
    let message = error["message"].as_str().unwrap();
    holds(message, "node:x is claimed by wizard@devvm@alice (wizard@");
    let hint = error["hints"][0].as_str().unwrap();
    holds(hint, "git presence wait node:x");
    let holder = &error["held_by"][0];
    assert_eq!(holder["session_id"], ALICE);
    assert_eq!(holder["resource"], "node:x");
    assert_eq!(holder["purpose"], "upgrade");
    assert_eq!(holder["user"], "wizard");
    assert_eq!(holder["expires_at"], "2026-11-21T10:15:00.000Z");
    assert_eq!(error["held_by"].as_array().unwrap().len(), 1);
}

#[test]
fn an_expired_claim_is_no_conflict() {
    let world = World::new();
    world
        .alice("claim node:x --purpose upgrade --ttl 1m")
        .done();
    world.later("61s");
    world
        .bob("claim node:x --purpose move --refuse")
        .says("Claimed node:x");
}

#[test]
fn a_session_holds_at_most_64() {
    let world = World::new();
    let some = |from: u32, to: u32| {
        let labels: Vec<String> = (from..to).map(|n| format!("node:n{n}")).collect();
        labels.join(" ")
    };
    world.unchanged(|| {
        world
            .alice(&format!("claim {} --purpose x", some(0, 65)))
            .refuses("a session holds at most 64 claims")
            .hints("git presence release");
    });
    world
        .alice(&format!("claim {} --purpose x", some(0, 64)))
        .done();
    world.unchanged(|| {
        world
            .alice("claim node:more --purpose x")
            .refuses("at most 64 claims");
    });
    // Renewing is always possible, and so is another one after a release.
    world.alice("claim node:n63 --purpose x").says("Renewed");
    world.alice("release node:n0").done();
    world.alice("claim node:more --purpose x").says("Claimed");
}

#[test]
fn ttls_are_written_in_several_ways() {
    let world = World::new();
    for (ttl, expires_at) in [
        ("10", "10:00:10"),
        ("10s", "10:00:10"),
        ("900", "10:15:00"),
        ("15m", "10:15:00"),
        ("1h30m", "11:30:00"),
        ("13h59m59s", "23:59:59"),
    ] {
        let answer = world.alice(&format!("claim node:x --purpose x --ttl {ttl} --json"));
        let expires_at = format!("2026-11-21T{expires_at}.000Z");
        assert_eq!(
            answer.json()["claims"][0]["expires_at"],
            json!(expires_at),
            "{ttl}"
        );
    }
    world
        .alice("claim node:x --purpose x --ttl 24h")
        .says("until 2026-11-22 10:00, in 1 d");
}

#[test]
fn ttls_that_are_not_accepted() {
    let world = World::new();
    world.alice("claim node:mine --purpose x").done();
    world.unchanged(|| {
        for ttl in [
            "9s", "0", "24h1s", "86401", "1.5h", "soon", "15 min", "", "5é",
        ] {
            world
                .alice(&format!("claim node:x --purpose x --ttl \"{ttl}\""))
                .fails(129, "is not accepted")
                .hints("--ttl 15m");
        }
        world.alice("claim node:x --purpose x --ttl -5").exits(129);
    });
}

#[test]
fn purposes_that_are_not_accepted() {
    let world = World::new();
    world.alice("claim node:mine --purpose x").done();
    let kib = "x".repeat(1024);
    world.unchanged(|| {
        for (purpose, why) in [
            ("", "it is empty"),
            ("   ", "it is empty"),
            ("red \u{1b}[31m", "the control character U+001B"),
            ("two\nlines", "the control character U+000A"),
            ("bell \u{7}.", "the control character U+0007"),
            ("c1 \u{9b}.", "the control character U+009B"),
            ("\u{202e}desrever", "the invisible character U+202E"),
            (
                &format!("{kib}x"),
                "it has 1025 bytes; at most 1024 are allowed",
            ),
        ] {
            world
                .alice(&format!("claim node:x --purpose \"{purpose}\""))
                .fails(129, why)
                .omits("\u{1b}")
                .hints("--purpose");
        }
        world.alice("claim node:x").fails(129, "--purpose <TEXT>");
    });
    world.alice(&format!("claim node:x --purpose {kib}")).done();
    assert_eq!(
        world.bob("list --resource node:x --json").json()[0]["purpose"],
        json!(kib)
    );
}

#[test]
fn resources_that_are_not_accepted() {
    let world = World::new();
    world.alice("claim node:mine --purpose x").done();
    let long = format!("node:{}", "x".repeat(251));
    world.unchanged(|| {
        for (resource, why) in [
            ("k8s-1", "it has no type"),
            ("", "it is empty"),
            (":x", "its type is empty"),
            ("Node:x", "the type \"Node\" is not accepted"),
            ("node:", "its name is empty"),
            ("node: x", "starts or ends with a space"),
            ("node:a\u{1b}[2J", "the control character U+001B"),
            ("node:a\nb", "the control character U+000A"),
            ("node:\u{202e}a", "the invisible character U+202E"),
            (&long, "at most 255 are allowed"),
            ("path:../up", "is not accepted"),
            ("path:/etc/passwd", "is not accepted"),
            ("path:", "is not accepted"),
        ] {
            world
                .alice(&format!("claim \"{resource}\" --purpose x"))
                .fails(129, why)
                .omits("\u{1b}")
                .hints("");
        }
        world.alice("claim --purpose x").fails(129, "<RESOURCE>...");
    });
}

#[test]
fn bad_input_in_json() {
    let world = World::new();
    let said = world.alice("claim k8s-1 --purpose x --json");
    let error = said.exits(129).json()["error"].clone();
    assert_eq!(error["kind"], "usage");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("it has no type")
    );
    assert!(error["hints"][0].as_str().unwrap().contains("infra:k8s-1"));
}

/// As a shell completes the name of a folder.
#[test]
fn a_slash_at_the_end_is_no_part_of_a_name() {
    let world = World::new();
    world
        .alice("claim stack:infra/dns/ --purpose p")
        .says("Claimed stack:infra/dns until");
    world
        .bob("peek stack:infra/dns//")
        .says("stack:infra/dns is claimed by");
    world
        .alice("release stack:infra/dns/")
        .says("Released stack:infra/dns");
    world.alice("peek stack:/").says("stack:/ is free");
}

#[test]
fn a_url_is_no_label_and_what_may_be_meant_is_said() {
    let world = World::new();
    for url in ["https://example.org/x", "https://example.org/x/"] {
        world
            .alice(&format!("claim {url} --purpose p"))
            .fails(129, "a URL is no label")
            .hints("write what it is and its name, for example service:example.org/x");
    }
    world.alice("peek http://").fails(129, "a URL is no label");
}
