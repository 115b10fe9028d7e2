//! What `status` says of lists of tasks.

use serde_json::json;

use super::add;
use crate::world::World;

#[test]
fn status_says_what_is_mine_what_is_ready_and_what_waits_for_whom() {
    let world = World::new();
    assert_eq!(
        world.session("bob", "status --json").json()["tasks"],
        json!([])
    );
    world.session("bob", "status").omits("Tasks of");
    let first = add(&world, "ann", "one");
    let second = add(&world, "ann", &format!("two --needs {first}"));
    let third = add(&world, "ann", "three");
    world.session("bob", &format!("task start {first}")).done();
    world
        .session("bob", "status")
        .says("Tasks of main: 1 yours, 1 ready, 0 held, 1 waiting, 0 blocked")
        .says(&*format!("yours  {first} \"one\""));
    world
        .session("cat", "status")
        .says(&*format!("ready  {third} \"three\""))
        .says(&*format!(
            "waits  {second} \"two\" for {first}, which bob has"
        ));
    let shown = json!([{
        "list": "main", "mine": [], "ready": [third], "held": 1, "blocked": 0,
        "waiting": [{ "id": second, "needs": [first], "holders": ["bob"] }]
    }]);
    assert_eq!(world.session("cat", "status --json").json()["tasks"], shown);
}
