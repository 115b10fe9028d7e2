//! Command lines that are written so that they are not recognized.

use serde_json::json;

use crate::said::Said;
use crate::world::World;

fn enforcing(level: &str) -> World {
    let world = World::new();
    world.git(&format!("config presence.enforce {level}"));
    world.git("config presence.guardAlone true");
    world
}

/// The hook before a command of a session of Claude Code.
fn about_to(world: &World, line: &str) -> Said {
    let payload = json!({
        "session_id": "s",
        "cwd": world.dir(),
        "tool_name": "Bash",
        "tool_input": {"command": line},
    });
    let input = payload.to_string();
    world.anyone_with_input("hook claude PreToolUse", input.as_bytes())
}

#[test]
fn no_spelling_of_a_change_passes() {
    let world = enforcing("deny");
    for line in [
        "ku$''bectl drain n1",
        "$'\\x6bub\\145ctl' drain n1",
        "\"kube\"ctl \"\"dr\\\nain n1",
        "helm uninst$\"\"all web",
        "sh -c $'helm\\tuninstall web'",
        "eval 'systemc''tl restart nginx'",
        "TF='terraform' && $TF destroy",
        "{helm,uninstall,web}",
        "/usr/local/bin/hel? uninstall web",
        "$(echo helm) uninstall web",
        "echo aGVsbSB1bmluc3RhbGwgd2Vi | base64 -d | sh",
        "source <(echo helm uninstall web)",
        "env -S'helm\\_uninstall\\_web'",
        "git -c alias.x='!helm uninstall web' x",
        "alias h='helm uninstall'; h web",
        "with-retries helm uninstall web",
        "PATH=/tmp/bin:$PATH kubectl get pods",
        "git push --del origin old",
        "git push --force-w origin main",
        "git push --mir origin",
        "git -c remote.origin.push=+main push origin",
        "git -c remote.origin.mirror=true push origin",
        "git push -f -n --no-dry origin main",
        "helm uninstall web --dry-run=f",
        "docker compose --dry-run=FALSE up",
        "terraform workspace select -or-create prod",
        "echo -s 2030-01-01 | xargs date",
        "psql -c 'select 1 as a$b$; drop table x; select 2 as a$b$'",
        "psql <<'E'\nselect 'drop table x' \\gexec\nE",
        "psql -o '|terraform apply' -c 'select 1'",
        "mysql -e 'select 5 --1; drop table x'",
        "mariadb -e '/*M! drop table x */'",
    ] {
        about_to(&world, line).done().says("\"deny\"");
    }
}

#[test]
fn what_is_not_certain_is_told_at_every_level() {
    let line = "$TOOL uninstall web";
    let why = "it is not certain what this command changes";
    about_to(&enforcing("off"), line).is_silent();
    about_to(&enforcing("warn"), line)
        .says(why)
        .says("the program is an expansion: $TOOL")
        .says("additionalContext");
    for level in ["ask", "deny"] {
        let world = enforcing(level);
        about_to(&world, line)
            .says(why)
            .says(format!("\"permissionDecision\":\"{level}\"").as_str());
        // It is none of the commands that are known to change something.
        world.anyone("audit --json").omits("\"tool\":\"bash\"");
    }
}

#[test]
fn a_claim_lets_an_uncertain_command_go_on() {
    let line = "$TOOL uninstall web";
    for (level, is_told) in [("warn", false), ("ask", true), ("deny", true)] {
        let world = enforcing(level).with("GIT_PRESENCE_SESSION", "mine");
        world.anyone("claim service:web --purpose p").done();
        let said = about_to(&world, line);
        said.done();
        if is_told {
            said.says("it is not certain").omits("permissionDecision");
        } else {
            said.is_silent();
        }
    }
}

#[test]
fn harmless_lines_stay_quiet() {
    let world = enforcing("deny");
    for line in [
        "cargo test --lib 2>&1 | tail -5",
        "grep -rn 'helm uninstall$' docs | head",
        "for f in *.rs; do wc -l \"$f\"; done",
        "PATH=$PATH:$HOME/bin kubectl get pods",
        "printf '%s\\n' $'a\\tb' \"$HOME\" {1..3}",
        "echo 'terraform destroy' > notes.txt",
        "source ~/.cargo/env && cargo build",
        ". \"$NVM_DIR/nvm.sh\" && npm test",
    ] {
        about_to(&world, line).is_silent();
    }
}
