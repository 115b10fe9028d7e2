//! Messages in the history, and those to a resource at which no session is.

use super::last_id;
use crate::said::holds;
use crate::world::World;

#[test]
fn the_log_says_to_whom_a_message_is_and_how_it_is_answered() {
    let world = World::new();
    world.session("eve", "claim path:src -p p").done();
    world
        .session("dan", "tell eve --ask -m \"which one?\"")
        .done();
    let id = last_id(&world, "dan");
    let answer = format!("git presence tell --reply {id} -m \"<answer>\"");
    world
        .session("eve", "log -n 1")
        .says("dan to eve: \"which one?\"")
        .says(&format!("(to answer: {answer})"));
    // Its own question is not answered by the session that asked it.
    world
        .session("dan", "log -n 1")
        .says(&format!("(id {id})"))
        .omits("--reply");
    let shown = world.session("eve", "log -n 1 --json").json();
    assert_eq!(shown[0]["message_id"], id.as_str());
    // What is told is for the session, whether it asks or not.
    world.session("eve", "log --for-me --cursor c").done();
    world.session("dan", "tell path:src -m hello").done();
    let id = last_id(&world, "dan");
    world
        .session("eve", "log --wait=1s --for-me --cursor c")
        .says("dan to path:src, eve: \"hello\"")
        .says(&format!("--reply {id} -m"));
    // Ids of other things say what they are.
    let event = world.session("eve", "log -n 1 --json").json()[0]["id"]
        .as_str()
        .unwrap()[..10]
        .to_owned();
    world
        .session("eve", &format!("tell --reply {event} -m x"))
        .fails(129, "is no id of a message")
        .hints("the id of an event");
    world
        .session("eve", &format!("peek {event}"))
        .hints(&format!("git presence log --after {event}"));
    world
        .session("eve", &format!("peek {id}"))
        .hints(&format!("git presence tell --reply {id}"));
}

#[test]
fn an_offer_stands_in_the_log_with_its_recipient() {
    let world = World::new();
    world.bob("claim path:x -p p").done();
    world.alice("claim -x stack:dns -p p").done();
    world
        .alice("release stack:dns --to wizard@devvm@bob --status s --next n")
        .done();
    world
        .bob("log stack:dns")
        .says("release stack:dns (exclusive)  wizard@devvm@alice, offered to wizard@devvm@bob");
}

#[test]
fn a_message_to_what_was_just_released_names_the_last_one_there() {
    let world = World::new();
    world.session("bob", "claim path:src -p p").done();
    world.session("bob", "release path:src").done();
    let told = world.session("ann", "tell path:src/a.rs --ask -m \"is it done?\"");
    let way = "git presence tell bob --about path:src/a.rs --ask -m 'is it done?'";
    told.says("No session is there now")
        .says("The last one there was bob, now. To tell that one: ")
        .says(way);
    let again = way
        .strip_prefix("git presence ")
        .unwrap()
        .replace('\'', "\"");
    world.session("ann", &again).says("Told bob");
    let told = world.session("ann", "tell path:src -m other --json").json();
    assert_eq!(told["last_there"], "bob");
    // A session that is there is told, and none other is named.
    world.session("cat", "claim path:src -p p").done();
    let told = world
        .session("ann", "tell path:src -m third")
        .done()
        .out
        .clone();
    holds(&told, "cat (live)");
    assert!(!told.contains("The last one there"), "{told}");
}
