//! Plans: a workflow from a file, all of it or nothing.

use serde_json::{Value, json};

use crate::world::World;

const PLAN: &str = r#"
name = "release-1-4"
description = "cut and ship 1.4"
[[task]]
key = "cut"
title = "cut the branch"
claims = ["branch:main"]
[[task]]
key = "build"
title = "build it"
text = "both targets"
needs = ["cut"]
checks = ["unit"]
[[task]]
key = "ship"
title = "ship it"
needs = ["build", "cut"]
priority = 2
to = "role:shipper"
"#;

fn workflow(world: &World) -> Value {
    let answer = world.anyone("task --json").done().json();
    answer["workflows"][0].clone()
}

#[test]
fn a_plan_is_added_once_and_its_status_follows_its_tasks() {
    let world = World::new();
    world.write("plan.toml", PLAN);
    let added = world
        .session("ann", "task add --from plan.toml --json")
        .done()
        .json();
    let ids: Vec<&str> = added["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 3);
    let again = world
        .session("bob", "task add --from plan.toml --json")
        .done()
        .json();
    assert_eq!(again["tasks"], added["tasks"]);
    let status = |status: &str, left: usize, done: usize| {
        json!({
            "name": "release-1-4", "description": "cut and ship 1.4",
            "status": status, "left": left, "done": done, "dropped": 0
        })
    };
    assert_eq!(workflow(&world), status("planning", 3, 0));
    let taken = world.session("ann", "task next --json").done().json();
    let task = &taken["tasks"][0];
    assert_eq!(task["key"], "release-1-4/cut");
    assert_eq!(task["workflow"], "release-1-4");
    assert_eq!(workflow(&world), status("active", 3, 0));
    let first = task["id"].as_str().unwrap().to_owned();
    world.session("ann", &format!("task done {first}")).done();
    let second = world.session("ann", "task next --json").done().json();
    assert_eq!(second["tasks"][0]["checks"], json!(["unit"]));
    assert_eq!(second["tasks"][0]["after"], json!([first]));
    let second = second["tasks"][0]["id"].as_str().unwrap().to_owned();
    world
        .session("ann", &format!("task block {second} -m \"which target?\""))
        .done();
    assert_eq!(workflow(&world), status("blocked", 2, 1));
    world
        .anyone("task --workflow release-1-4")
        .says("blocked, 2 tasks left, 1 done");
    assert_eq!(
        world.anyone("task --workflow other --json").json()["tasks"],
        json!([])
    );
}

fn task(rest: &str) -> String {
    format!("name = 'p'\n[[task]]\nkey = 'a'\ntitle = 'one'\n{rest}\n")
}

/// Plans, the exit code for each, and what is said of it.
fn wrong_plans() -> Vec<(String, i32, &'static str)> {
    let many: String = (0..257)
        .map(|n| format!("[[task]]\nkey = 'k{n}'\ntitle = 't'\n"))
        .collect();
    vec![
        (task("needs = ['a']"), 129, "the tasks a need each other"),
        (
            task("needs = ['b']\n[[task]]\nkey = 'b'\ntitle = 't'\nneeds = ['a']"),
            129,
            "the tasks a, b need",
        ),
        (
            task("needs = ['x']"),
            129,
            "the task a needs x, which is neither a key",
        ),
        (task("needs = ['abcd2345']"), 3, "there is no task abcd2345"),
        (
            task("[[task]]\nkey = 'a'\ntitle = 'two'"),
            129,
            "two of its tasks have the key a",
        ),
        (
            format!("name = 'p'\n{many}"),
            129,
            "it has 257 tasks; a list has at most 256",
        ),
        (task("run = 'rm -rf'"), 129, "unknown field `run`"),
        (
            task("priority = 10"),
            129,
            "in the task a: a priority is 0 to 9",
        ),
        (
            task("checks = ['../x']"),
            129,
            "not accepted as the name of a check",
        ),
        (task("to = 'none-such'"), 3, "none-such"),
        (task("claims = ['task:main']"), 129, "not claimed together"),
        (
            "name = 'p'\n[[task]]\nkey = 'a'\ntitle = \"a\\u001b[2J\"\n".to_owned(),
            129,
            "the text is not accepted",
        ),
        (
            "name = 'p'\n[[task]]\nkey = 'a'\ntitle = \"a\\u202eb\"\n".to_owned(),
            129,
            "the text is not accepted",
        ),
        (
            "name = 'P p'\n[[task]]\nkey = 'a'\ntitle = 't'\n".to_owned(),
            129,
            "the name of the plan",
        ),
        ("name = 'p'\n".to_owned(), 129, "it has no task"),
        ("[[task]]".to_owned(), 129, "the plan is not accepted"),
    ]
}

#[test]
fn what_is_wrong_with_a_plan_adds_nothing_and_is_named() {
    let world = World::new();
    for (plan, code, said) in wrong_plans() {
        world.write("plan.toml", &plan);
        world
            .session("ann", "task add --from plan.toml")
            .fails(code, said);
        assert_eq!(
            world.anyone("task --json").json()["tasks"],
            json!([]),
            "{said}"
        );
    }
    world
        .session("ann", "task add --from none.toml")
        .fails(129, "cannot be read");
    // A key under which something else stands.
    world.write("plan.toml", task(""));
    world.session("ann", "task add --from plan.toml").done();
    world.write(
        "plan.toml",
        task("[[task]]\nkey = 'b'\ntitle = 'two'").replace("'one'", "'other'"),
    );
    world
        .session("ann", "task add --from plan.toml")
        .refuses("the key p/a says something else");
    assert_eq!(
        world.anyone("task --json").json()["tasks"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    // From a pipe, in JSON.
    let piped = r#"{"name":"q","tasks":[{"key":"a","title":"piped"}]}"#;
    let ann = world.with("GIT_PRESENCE_SESSION", "ann");
    ann.anyone_with_input("task add --from -", piped.as_bytes())
        .says("piped");
}
