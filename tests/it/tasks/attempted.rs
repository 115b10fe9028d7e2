//! What an attempt rests on: whose words its agent gets.

use super::add;
use super::supervised::{actions, run, script};
use crate::machines::{Team, sync};

#[test]
fn words_of_another_clone_end_an_attempt_that_was_begun() {
    let (_team, a, b) = Team::pair();
    let task = add(&a, "ann", "ours");
    sync(&[&b]);
    let edit = format!(
        "cat >>.git/told; test -e .git/once && exit 0; touch .git/once\nunset GIT_PRESENCE_ATTEMPT; \
         cd {}; GIT_PRESENCE_SESSION=bob git-presence task edit {task} --title theirs; exit 1",
        b.dir().display()
    );
    script(&a, ".git/agent", &edit);
    let steps = run(&a, "--agent .git/agent");
    let did = actions(&steps, &task);
    let (last, before) = did.split_last().unwrap();
    assert_eq!(last, "leave", "{steps:#?}");
    let spawned = before.iter().filter(|action| *action == "spawn");
    assert_eq!(spawned.count(), 1, "{steps:#?}");
    let told = a.read(".git/told");
    assert!(told.contains("ours") && !told.contains("theirs"), "{told}");
    a.session("ann", &format!("task edit {task} --title \"ours again\""))
        .done();
    let steps = run(&a, "--agent .git/agent");
    assert_eq!(actions(&steps, &task).last().unwrap(), "finish");
    assert!(a.read(".git/told").contains("ours again"));
}
