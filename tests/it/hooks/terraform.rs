//! A real `terraform apply`, under a claim and refused by one.
//!
//! Owns that the thing which is to be kept from happening does not happen: the state on disk says
//! so. The resource of these stacks is built into Terraform and needs no provider.

use crate::world::{World, finds};

const STACK: &str = "terraform { required_version = \">= 1.4\" }\n\
                     resource \"terraform_data\" \"it\" {\n  input = \"applied\"\n}\n";
const APPLY: &str = "terraform -chdir=stack apply -auto-approve -input=false -no-color";

/// A repository with a stack in it, on a clock that goes on; `None`: there is no Terraform.
fn stack(text: &str) -> Option<World> {
    if !finds("terraform") {
        return None;
    }
    let world = World::new().without("GIT_PRESENCE_TEST_NOW");
    world.write("stack/main.tf", text);
    world
        .sh("unset TF_CLI_CONFIG_FILE; terraform -chdir=stack init -input=false -no-color")
        .done();
    Some(world)
}

/// Ask first, then apply, as a `before_hook` or a step of CI does.
fn apply(world: &World, session: &str) -> crate::said::Said {
    world.sh(&format!(
        "unset TF_CLI_CONFIG_FILE; export GIT_PRESENCE_SESSION={session}
         git-presence hook pre-apply stack:demo && {APPLY}"
    ))
}

fn is_applied(world: &World) -> bool {
    world.has("stack/terraform.tfstate")
}

#[test]
fn an_apply_waits_its_turn() {
    let Some(world) = stack(STACK) else { return };
    world
        .alice("claim -x stack:demo --purpose rollout")
        .says("Claimed stack:demo exclusively");
    let said = apply(&world, "bob");
    said.exits(3);
    said.tells("rollout");
    assert!(!is_applied(&world));
    world.alice("release stack:demo").done();
    apply(&world, "bob").says("Apply complete!");
    assert!(is_applied(&world));
}

/// The apply takes longer than the claim lasts, and no other session gets in between.
#[test]
fn a_long_apply_keeps_its_claim() {
    let text = format!(
        "{STACK}resource \"terraform_data\" \"slow\" {{\n  provisioner \"local-exec\" {{\n    \
         command = \"sleep 13\"\n  }}\n}}\n"
    );
    let Some(world) = stack(&text) else { return };
    world.git("config presence.clockSkew 0");
    let run = format!(
        "unset TF_CLI_CONFIG_FILE
         git-presence run -x stack:demo --ttl 10s --purpose apply -- {APPLY}"
    );
    std::thread::scope(|scope| {
        let applied = scope.spawn(|| world.sh(&run));
        world.sh("sleep 12").done();
        world
            .bob("claim -x stack:demo --purpose p")
            .refuses("stack:demo is claimed by");
        applied.join().expect("it ends").says("Apply complete!");
    });
    world.bob("claim -x stack:demo --purpose p").done();
}
