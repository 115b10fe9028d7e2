//! `metrics`: the board in numbers, for Prometheus.

use crate::world::{World, needs};

/// A board with one of each.
fn busy() -> World {
    let world = World::new();
    world
        .alice("claim path:src node:x --purpose \"say \\\"{}\\\"\"")
        .done();
    world.bob("claim path:src/net --purpose p").done();
    world.bob("claim --exclusive infra:y --purpose p").done();
    world.alice("state infra:z frozen -m n").done();
    world.alice("state infra:w broken").done();
    world.alice("task add \"the first\"").done();
    world.alice("task add \"the second\"").done();
    world.bob("task next").done();
    world.alice("release node:x").done();
    world
}

/// Whether Prometheus reads this text without a word.
fn is_accepted(world: &World, text: &str) {
    world.write("metrics.prom", text);
    if needs("promtool") {
        let said = world.sh("promtool check metrics <metrics.prom");
        said.done();
        assert_eq!(format!("{}{}", said.out, said.err), "");
    }
}

#[test]
fn everything_is_counted_and_prometheus_reads_it() {
    let world = busy();
    let said = world.anyone("metrics");
    for line in [
        "git_presence_sessions{agent=\"person\"} 2",
        "git_presence_claims{mode=\"exclusive\"} 2",
        "git_presence_claims{mode=\"shared\"} 2",
        "git_presence_claims{mode=\"waiting\"} 0",
        "git_presence_claims_contested 2",
        "git_presence_frozen 1",
        "git_presence_states_not_fine 1",
        "git_presence_tasks{state=\"held\"} 1",
        "git_presence_tasks{state=\"open\"} 1",
        "git_presence_records_unreadable 0",
        "# TYPE git_presence_events_total counter",
        "git_presence_events_total{event=\"claim\"} 3",
        "git_presence_events_total{event=\"release\"} 1",
        "git_presence_events_total{event=\"override\"} 0",
    ] {
        assert!(
            said.out.lines().any(|other| other == line),
            "{line}\n{}",
            said.out
        );
    }
    assert!(!said.out.contains("remote"), "there is none: {}", said.out);
    is_accepted(&world, &said.out);
    let json = world.anyone("metrics --json").json();
    assert_eq!(json["claims"]["exclusive"], 2);
    assert_eq!(json["events"]["claim"], 3);
    assert_eq!(json["remote"], serde_json::Value::Null);
}

#[test]
fn no_text_of_a_session_is_in_it() {
    let world = busy();
    let hostile = world.with("AI_AGENT", "evil\"} 1\ngit_presence_fake 9");
    hostile
        .session("eve", "claim node:evil --purpose evil")
        .done();
    let said = world.anyone("metrics");
    said.says("git_presence_sessions{agent=\"other\"} 1");
    for word in ["evil", "alice", "src", "infra", "fake", "first"] {
        assert!(!said.out.contains(word), "{word}: {}", said.out);
    }
    is_accepted(&world, &said.out);
}

#[test]
fn a_file_is_replaced_as_a_whole() {
    let world = busy();
    let known = world.anyone("metrics").out;
    world.anyone("metrics --textfile out.prom").is_silent();
    assert_eq!(world.read("out.prom"), known);
    world.alice("release --all-mine").done();
    world.anyone("metrics --textfile out.prom").is_silent();
    assert!(
        world
            .read("out.prom")
            .contains("git_presence_events_total{event=\"release\"} 2")
    );
    world
        .anyone("metrics --textfile out.prom/below")
        .exits(1)
        .err
        .contains("--textfile <path>");
}

#[test]
fn a_remote_that_cannot_be_read_is_not_known() {
    let (team, a, b) = crate::machines::Team::pair();
    a.alice("claim node:x --purpose p").done();
    b.anyone("sync").done();
    let said = b.anyone("metrics");
    said.says("git_presence_remote_known 1")
        .says("git_presence_remote_pending_refs 0");
    is_accepted(&b, &said.out);
    team.outside().sh("mv hub.git away.git").done();
    b.bob("claim node:y --purpose p").prints("Claimed");
    let said = b.anyone("metrics");
    said.says("git_presence_remote_pending_refs 1");
}
