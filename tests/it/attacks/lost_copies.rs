//! Copies of the records of other clones that lost an object here.
//!
//! Owns that what such a copy held is not free once the copy was removed to fetch it again, until a
//! fetch did.

use crate::machines::Team;
use crate::world::World;

/// Removes the object that the only copy in this folder names, wherever this clone keeps it.
fn damage(clone: &World, folder: &str) {
    let refs = format!("for-each-ref --format=%(objectname) refs/presence-remote/origin/{folder}");
    let ids = clone.git(&refs);
    assert_eq!(ids.lines().count(), 1, "{folder}: {ids}");
    let (start, rest) = ids.trim().split_at(2);
    std::fs::remove_file(clone.git_dir().join("objects").join(start).join(rest)).unwrap();
    let _ = std::fs::remove_dir_all(clone.git_dir().join("presence/kept"));
    let _ = std::fs::remove_file(clone.git_dir().join("presence/sessions.cache"));
}

#[test]
fn what_a_removed_copy_held_is_not_free_before_it_is_fetched_again() {
    for (folder, claim) in [("locks/stack-*", "claim -x"), ("sessions", "claim")] {
        for (away, remedy) in [
            (true, "sync"),
            (true, "doctor --repair"),
            (false, "doctor --repair"),
        ] {
            let (team, a, b) = Team::pair();
            // By this one it would be seen that all copies were removed.
            b.bob("claim -x db:first --purpose p").done();
            b.bob(&format!("{claim} stack:prod --purpose p")).done();
            b.bob("sync").done();
            a.alice("sync").done();
            damage(&a, folder);
            if away {
                team.away();
            }
            let _ = a.alice(remedy);
            a.alice("peek --exit-code stack:prod")
                .exits(5)
                .prints("stack:prod may be claimed")
                .prints("its copy here was damaged");
            if away {
                a.alice("claim --refuse --purpose p stack:prod").exits(3);
                a.alice("hook pre-apply stack:prod")
                    .refuses("may be claimed");
                team.back();
            }
            a.alice("sync").done();
            a.alice("peek stack:prod").says("@bob (wizard@vm)");
        }
    }
}
