//! `guard explain`: a line is judged where it would run, by shipped rules and one's own.
//!
//! The rules themselves are tested next to them, in `src/guard/tests/`.

use serde_json::json;
use snapbox::str;

use crate::world::World;

#[test]
fn a_line_alone_is_explained() {
    let world = World::new();
    let says = world.anyone("guard explain -- \"kubectl drain k8s-1\"");
    let says = says.done().out.clone();
    for line in [
        "guard \"kubectl drain k8s-1\"",
        "guard explain \"kubectl drain k8s-1\"",
        "guard -- \"kubectl drain k8s-1\"",
    ] {
        assert_eq!(world.anyone(line).done().out, says, "{line}");
    }
    world
        .anyone("guard kubectl drain k8s-1 --force")
        .says("node:k8s-1");
    let json = world.anyone("guard \"kubectl drain k8s-1\" --json").json();
    assert!(json.to_string().contains("node:k8s-1"), "{json}");
    world.anyone("guard --help").says("explain");
    world.anyone("guard").exits(129);
}

#[test]
fn a_line_is_explained() {
    let world = World::new();
    world.untouched(&[], || {
        world
            .alice("guard explain -- \"cd prod && sudo terraform apply; kubectl get pods\"")
            .says_all(str![[r#"
terraform apply: mutating
  touches  stack:prod
  why      it changes infrastructure
  through  sudo
  rule     terraform|tofu|terragrunt apply|destroy|import|taint|untaint|refresh|force-unlock|test => mutating stack:{dir} (shipped)
kubectl get pods: reading
  why      it changes nothing that others can see
  rule     kubectl get|describe|logs|log|top|explain|api-resources|api-versions|cluster-info|version|events|options|completion|plugin|kustomize|wait|proxy|port-forward|config|help => reading (shipped)

"#]]);
    });
}

#[test]
fn the_same_as_json() {
    let world = World::new();
    let line = "guard explain --json -- kubectl --context prod delete pod web-0";
    let verdict = world.alice(line).done().json();
    let rule = verdict["parts"][0]["rule"].clone();
    assert_eq!(rule["shipped"], true);
    assert_eq!(
        verdict,
        json!({
            "class": "mutating",
            "parts": [{
                "command": "kubectl --context prod delete pod web-0",
                "program": "kubectl",
                "class": "mutating",
                "local": false,
                "resources": ["infra:pod/web-0"],
                "within": ["infra:context/prod"],
                "unnamed": [],
                "why": verdict["parts"][0]["why"],
                "rule": rule,
                "through": [],
                "covered": false,
            }],
        })
    );
    let empty = world.alice("guard explain --json -- \"# nothing\"").json();
    assert_eq!(empty, json!({ "class": "unmatched", "parts": [] }));
    // What stands after the dashes is not ours.
    world
        .alice("guard explain -- helm list --json")
        .says("helm list --json: reading");
}

#[test]
fn where_it_runs_counts() {
    let world = World::new();
    world.write("infra/prod/main.tf", "");
    world
        .alice("-C infra/prod guard explain -- terraform apply")
        .says("touches  stack:infra/prod\n");
    world
        .alice("-C infra guard explain -- terraform apply")
        .says("touches  stack:infra\n");
    let top = world.dir().canonicalize().unwrap();
    world
        .alice(&format!(
            "guard explain -- terraform -chdir={}/infra apply",
            top.display()
        ))
        .says("touches  stack:infra\n");
    world.git("checkout -q -b feature");
    world
        .alice("guard explain -- git push --force")
        .says("touches  branch:feature\n");
    world
        .with("HELM_NAMESPACE", "web")
        .alice("guard explain -- helm rollback app")
        .says("within   infra:namespace/web\n");
}

#[test]
fn rules_of_ones_own() {
    let world = World::new();
    world
        .alice("guard explain -- make deploy")
        .says("make deploy: unknown");
    world.git("config --global --add presence.guard \"make deploy => mutating stack:{dir}\"");
    world
        .alice("guard explain -- make deploy")
        .says("touches  stack:.\n")
        .says("rule     make deploy => mutating stack:{dir} (presence.guard)\n");
    world.git("config --add presence.guard \"make deploy => ignore\"");
    world
        .alice("guard explain -- make deploy")
        .says("make deploy: no rule knows it");
    world.alice("doctor").omits("presence.guard");
    world.git("config --add presence.guard \"make deploy => explode\"");
    world
        .alice("guard explain -- make deploy")
        .fails(129, "\"make deploy => explode\" is not a valid rule")
        .fails(129, "explode is not a class")
        .fails(129, ".git/config")
        .hints("docs/guard.md");
    // The other verbs do not rest on it.
    world.alice("list").done();
}

#[test]
fn what_cannot_be_told_is_said() {
    let world = World::new();
    world
        .alice("guard explain -- \"terraform $ACTION\"")
        .says("unknown")
        .says("why      $ACTION is an expansion");
    world
        .alice("guard explain -- \"terraform 'apply\"")
        .says("cannot be parsed as shell: a quote has no end");
    world
        .alice("guard explain -- \"echo a\u{1b}[31m\u{202e}b\"")
        .says("echo")
        .omits("\u{1b}")
        .omits("\u{202e}");
    world.alice("guard explain").fails(129, "COMMAND");
    world.alice("guard").fails(129, "explain");
    world
        .alice("guard --frobnicate ls")
        .fails(129, "frobnicate");
    let outside = World::empty();
    outside.alice("guard explain -- ls").fails(128, "");
}

#[test]
fn a_table_is_measured() {
    let world = World::new();
    world.write(
        "lines.tsv",
        "id\tfamily\tline\texpected\tresources\n\
         1\ttf\tcd prod\\nterraform apply\tyes\tstack:prod\n\
         2\ttf\tterraform plan\tno\t-\n\
         3\tk8s\tkubectl delete node a\tyes\tnode:b|node:c\n\
         4\tk8s\tkubectl get pods\tyes\t-\n\
         5\tk8s\tkubectl exec api -- sh\tunclear\t-\n\
         6\tk8s\tkubectl drain a\tno\t-\n",
    );
    world.untouched(&[], || {
        world.alice("guard test lines.tsv").says_all(str![[r#"
recall     66.7 %  2 of 3
precision  66.7 %  2 of 3
names      50.0 %  1 of 2
unknown    0 of the changes, 0 of 2 harmless lines
FAMILY  CHANGES  RECALL   UNKNOWN  HARMLESS  FALSE  NAMES
k8s     2        50.0 %   0        1         1      0.0 %
tf      1        100.0 %  0        1         0      100.0 %
3 other names: kubectl delete node a
  expected node:b|node:c
  given    node:a
4 reading, expected yes: kubectl get pods
6 mutating, expected no: kubectl drain a

"#]]);
    });
    let json = world.alice("guard test lines.tsv --json").json();
    assert_eq!(json["caught"], 2);
    assert_eq!(json["families"][0]["false_alarms"], 1);
    assert_eq!(json["wrong"][0]["labels"], json!(["node:a"]));
    world.write("bad.tsv", "1\tx\tls\tperhaps\t-\n");
    world
        .alice("guard test bad.tsv")
        .fails(129, "line 1 of the table expects something other")
        .hints("docs/guard.md");
    world.alice("guard test gone.tsv").fails(129, "gone.tsv");
    world.sh("mkfifo pipe").done();
    world.alice("guard test pipe").fails(129, "no file");
}

#[test]
fn families_of_rules_can_be_switched_off() {
    let world = World::new();
    let line = "guard explain -- redis-cli flushall";
    world.alice(line).says("redis-cli flushall: mutating");
    world.alice("guard list").says("data").omits("off");
    world.git("config presence.guardOff \"data, http\"");
    world.alice(line).says("no rule knows it");
    world
        .alice("guard explain -- vercel --prod")
        .says("mutating");
    let json = world.alice("guard list --json").json();
    let off = json["families"].as_array().unwrap().iter();
    let off: Vec<&str> = off
        .filter(|family| family["off"] == true)
        .filter_map(|family| family["family"].as_str())
        .collect();
    assert_eq!(off, ["data", "http"]);
    world.git("config --add presence.guard \"my* deploy => mutating service:{1}\"");
    world
        .alice("guard list")
        .says("1 rule of your own")
        .says("my* deploy => mutating service:{1}");
    world
        .alice("guard explain -- mytool deploy web")
        .says("touches  service:web\n");
    world.git("config presence.guardOff nothing");
    world
        .alice(line)
        .fails(129, "no rules are called nothing")
        .hints("platforms");
}

#[test]
fn what_a_makefile_runs_is_explained() {
    let world = World::new();
    world.write(
        "Makefile",
        "deploy:\n\tcd prod && terraform apply\n\ttouch ran\n",
    );
    world.write("prod/main.tf", "");
    world.untouched(&[], || {
        world
            .alice("guard explain -- make deploy")
            .says("touches  stack:prod\n")
            .says("through  make deploy\n");
    });
    assert!(!world.has("ran"));
    // A pipe is not waited for, and no link leads out of the work tree.
    world.sh("rm Makefile && mkfifo Makefile").done();
    world.alice("guard explain -- make deploy").says("unknown");
    world.sh("rm Makefile && ln -s /etc/passwd Makefile").done();
    world.alice("guard explain -- make deploy").says("unknown");
}
