//! Adding while the remote is away: what two clones add is there after a sync, each once.

use serde_json::json;

use super::{add, id};
use crate::machines::{Team, sync};
use crate::world::World;

fn titles(clone: &World) -> Vec<String> {
    let answer = clone.anyone("task --json").done().json();
    let tasks = answer["tasks"].as_array().unwrap();
    let mut titles: Vec<String> = tasks
        .iter()
        .map(|task| task["title"].as_str().unwrap().to_owned())
        .collect();
    titles.sort();
    titles
}

#[test]
fn both_sets_are_there_after_a_sync() {
    let (team, a, b) = Team::pair();
    add(&a, "ann", "zero");
    sync(&[&b]);
    team.away();
    let first = a.session("ann", "task add one --json");
    first.warns("the next sync adds it: git presence sync");
    assert_eq!(first.json()["guarantee"], "unconfirmed");
    assert_eq!(first.json()["tasks"][0]["unsent"], true);
    let first = id(&first.json());
    // What waits here can be needed by what is added here.
    let next = a.session("ann", &format!("task add two --needs {first}"));
    next.warns("on no list yet");
    b.write(
        "plan.toml",
        "name = 'p'\n[[task]]\nkey = 'k'\ntitle = 'three'\n",
    );
    b.session("bob", "task add --from plan.toml")
        .warns("on no list yet");
    b.session("bob", "task add --from plan.toml")
        .warns("on no list yet");
    a.anyone("task").says("\"one\"  not sent yet");
    assert_eq!(titles(&a), ["one", "two", "zero"]);
    // It is given to none before it is on the list.
    a.session("ann", "task next").exits(5);
    team.back();
    sync(&[&a, &b, &a]);
    for clone in [&a, &b] {
        assert_eq!(titles(clone), ["one", "three", "two", "zero"]);
        let tasks = clone.anyone("task --json").json();
        let tasks = tasks["tasks"].as_array().unwrap();
        assert!(tasks.iter().all(|task| task["unsent"] == false));
    }
    sync(&[&a, &b]);
    assert_eq!(titles(&b).len(), 4, "each once");
    let taken = b
        .session("bob", &format!("task start {first} --json"))
        .done()
        .json();
    assert_eq!(taken["tasks"][0]["added_by"], "ann");
}

#[test]
fn what_is_wrong_is_refused_at_once_and_what_the_list_refuses_later_is_told() {
    let (team, a, b) = Team::pair();
    team.away();
    a.session("ann", "task add x --needs abcd2345")
        .refuses("there is no task abcd2345");
    let kept = id(&a.session("ann", "task add mine --key k --json").json());
    a.session("ann", "task add other --key k")
        .refuses("says something else");
    team.back();
    b.session("bob", "task add theirs --key k").done();
    a.anyone("sync").warns(&*format!(
        "{kept} cannot be added to main: a task with the key k"
    ));
    assert_eq!(titles(&a), ["theirs"]);
    a.session("ann", &format!("task drop {kept} -m \"theirs will do\""))
        .says("Dropped");
    assert_eq!(a.anyone("sync").done().err, "");
}

#[test]
fn an_answer_that_was_lost_adds_nothing_twice() {
    let (team, a, _) = Team::pair();
    // The push lands, and its answer does not come: the server is gone before the fetch.
    let away = team.hub().dir().with_extension("away");
    team.hook("post-receive", &format!("mv \"$PWD\" {}", away.display()));
    let said = a.session("ann", "task add one --json");
    std::fs::rename(&away, team.hub().dir()).unwrap();
    team.no_hook("post-receive");
    let added = id(&said.done().json());
    sync(&[&a, &a]);
    let tasks = a.anyone("task --json").json();
    assert_eq!(tasks["tasks"][0]["id"], json!(added));
    assert_eq!(tasks["tasks"].as_array().unwrap().len(), 1);
}

#[test]
fn one_that_is_dropped_after_its_answer_was_lost_is_dropped_from_its_list() {
    let (team, a, b) = Team::pair();
    let away = team.hub().dir().with_extension("away");
    // The server ends once the ref is there, and before it says so.
    let hook = "reference-transaction";
    let lines = format!(
        "test \"$1\" = committed || exit 0; mv \"$PWD\" {}; kill -9 $PPID",
        away.display()
    );
    let lose = || team.hook(hook, &lines);
    let back = || {
        std::fs::rename(&away, team.hub().dir()).unwrap();
        team.no_hook(hook);
    };
    let drop = |task: &str| {
        a.session("ann", &format!("task drop {task} -m no"))
            .says("Dropped")
            .warns("if it is, the next sync drops it there");
    };
    lose();
    let lost = id(&a.session("ann", "task add one --json").json());
    drop(&lost);
    assert_eq!(titles(&a), Vec::<String>::new());
    back();
    sync(&[&b, &a, &b]);
    assert_eq!(titles(&a), Vec::<String>::new());
    assert_eq!(titles(&b), Vec::<String>::new());
    // What never came there is forgotten without a word.
    team.away();
    let kept = id(&a.session("ann", "task add two --json").json());
    drop(&kept);
    team.back();
    assert_eq!(a.anyone("sync").done().err, "");
    assert!(!a.has(".git/presence/tasks.jsonl"));
    // What another session has by then is told.
    lose();
    let taken = id(&a.session("ann", "task add three --json").json());
    drop(&taken);
    back();
    b.session("bob", &format!("task start {taken}")).done();
    a.anyone("sync")
        .warns(&*format!("{taken} was on its list before you dropped it"));
    assert_eq!(a.anyone("sync").done().err, "");
    assert_eq!(titles(&b), ["three"]);
}
