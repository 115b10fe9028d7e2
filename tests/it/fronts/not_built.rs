//! A verb that was not built in says so, and what to do instead.
//!
//! Owns the answer for each feature of the build. What is built in is tried in other files.

use crate::world::World;

#[test]
fn a_verb_that_is_not_built_in_says_so() {
    let world = World::new();
    for (verb, is_built) in [
        ("board", cfg!(feature = "board")),
        ("serve", cfg!(feature = "serve")),
        ("mcp", cfg!(feature = "mcp")),
    ] {
        world
            .alice(&format!("{verb} --help"))
            .says("Usage: git presence");
        if is_built {
            continue;
        }
        world
            .alice(verb)
            .exits(129)
            .err
            .contains(&format!("this git-presence was built without `{verb}`"))
            .then_some(())
            .expect("it says what is missing");
    }
}
