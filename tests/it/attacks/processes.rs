//! Processes that this one cannot see, or that have the marks of this machine without being on it.

use crate::world::{STRANGER_UID, World, needs, needs_root, open_to_all};

/// Another user may hide its processes; they live all the same.
#[test]
#[cfg(target_os = "linux")]
fn a_process_that_is_hidden_is_not_gone() {
    if !needs_root() || !needs("unshare") {
        return;
    }
    let world = World::new();
    open_to_all(&world.root(), 0o755);
    world.git("config --global safe.directory *");
    world
        .sh(
            "git-presence run -x stack:demo -p p -- sh -c 'touch .git/began; sleep 60' \
           </dev/null >/dev/null 2>&1 & echo $! > pid
         for i in $(seq 200); do [ -e .git/began ] && exit 0; sleep 0.05; done; exit 1",
        )
        .done();
    world.sh("chmod -R a+rwX \"$HOME\" .").done();
    world.later("3m");
    // It is seen to be there before, so that what follows is about what is hidden.
    world
        .bob("claim -x stack:demo -p mine")
        .refuses("stack:demo");
    let program = world.root().join("git-presence");
    world.stranger("--version").done();
    let script = format!(
        "mount -t proc -o hidepid=2 proc /proc; ! setpriv --reuid {STRANGER_UID} --regid \
         {STRANGER_UID} --clear-groups test -e /proc/$(cat pid) || exit 9; \
         exec setpriv --reuid {STRANGER_UID} --regid {STRANGER_UID} --clear-groups {} claim -x \
         stack:demo -p mine",
        program.display()
    );
    let said = world
        .with("GIT_PRESENCE_SESSION", "bob")
        .sh(&format!("unshare -m bash -c '{script}'"));
    world.sh("kill $(cat pid)").done();
    said.refuses("stack:demo");
}
