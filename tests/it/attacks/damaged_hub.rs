//! A remote that cannot read one of its objects.
//!
//! Owns that everything else still arrives, that what does not is not free, and that it is named.

use crate::machines::Team;
use crate::world::World;

/// Two clones, and a hub on which the object `id` is no object any more.
fn break_object(team: &Team, id: &str) {
    let hub = team.hub();
    let file = hub.dir().join(format!("objects/{}/{}", &id[..2], &id[2..]));
    std::fs::remove_file(&file).unwrap();
    std::fs::write(file, "junk").unwrap();
}

fn id_of(hub: &World, what: &str) -> String {
    hub.git(&format!("rev-parse {what}"))
}

#[test]
fn one_object_keeps_back_its_own_ref_alone() {
    // The state of a session, a record in it, and a register.
    for (folder, path) in [
        ("sessions", "^{commit}"),
        ("sessions", ":session.toml"),
        ("locks", ""),
    ] {
        let (team, a, b) = Team::pair();
        for clone in [&a, &b] {
            clone.git("config presence.fsync false");
        }
        let late = team.clone_to("late");
        a.session("s1", "claim infra:one --purpose p").done();
        a.session("s2", "claim infra:two --purpose p").done();
        a.session("s3", "claim -x infra:three --purpose p").done();
        b.anyone("sync").done();
        a.session("s1", "claim infra:more --purpose p").done();
        a.session("s4", "claim infra:four --purpose p").done();
        let hub = team.hub();
        let refs = hub.git(&format!(
            "for-each-ref --format=%(refname) refs/presence/{folder}"
        ));
        let name = refs.lines().find(|name| !name.ends_with("floor")).unwrap();
        break_object(&team, &id_of(&hub, &format!("{name}{path}")));
        // A clone that has nothing, and one that has what was before.
        for clone in [&late, &b] {
            let _ = clone.anyone("sync");
            let list = clone.anyone("list --json").done().out.clone();
            assert!(
                list.contains("infra:two") && list.contains("infra:four"),
                "{name}: {list}"
            );
        }
        let lost = match folder {
            "locks" => "infra:three",
            _ => "infra:one",
        };
        late.carol(&format!("peek --exit-code {lost}"))
            .exits(5)
            .prints("may be claimed in refs/presence/")
            .prints("not fetched");
        late.anyone("doctor").exits(1).prints(name);
    }
}
