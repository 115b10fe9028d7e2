//! Shell completions, asked of the shells themselves.

use crate::said::Said;
use crate::world::{World, needs};

fn offers(said: &Said, wanted: &[&str]) {
    said.done();
    let offered: Vec<&str> = said.out.split_whitespace().collect();
    for word in wanted {
        assert!(
            offered.contains(word),
            "no {word:?} in {offered:?}\n{}",
            said.err
        );
    }
}

fn offers_not(said: &Said, unwanted: &str) {
    let offered: Vec<&str> = said.out.split_whitespace().collect();
    assert!(!offered.contains(&unwanted), "{unwanted:?} in {offered:?}");
}

/// What bash offers for words of which the last is being typed.
fn bash(world: &World, git_completion: &str, words: &[&str]) -> Said {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    world.sh(&format!(
        "source /usr/share/bash-completion/bash_completion 2>/dev/null
         {git_completion}
         source <(git-presence completions bash)
         COMP_WORDS=({words})
         COMP_CWORD={last}
         COMP_LINE='{line}'
         COMP_POINT=${{#COMP_LINE}}
         COMPREPLY=()
         if [[ $COMP_WORDS == git ]]; then
             __git_wrap__git_main
         else
             ours=$(complete -p git-presence) && ours=${{ours##*-F }} && ours=${{ours%% *}}
             $ours git-presence \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"
         fi
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words = quoted.join(" "),
        last = words.len() - 1,
        line = words.join(" "),
    ))
}

#[test]
fn bash_completes_after_git() {
    let script = "/usr/share/bash-completion/completions/git";
    if !std::path::Path::new(script).exists() {
        // A name that does not exist as a program: skipped, and missed in CI.
        needs("bash-completion for git");
        return;
    }
    let world = World::new();
    let source = format!("source {script}");
    let ask = |words: &[&str]| bash(&world, &source, words);
    offers(
        &ask(&["git", "presence", ""]),
        &["claim", "release", "list", "peek", "doctor"],
    );
    offers(&ask(&["git", "presence", "cl"]), &["claim"]);
    offers_not(&ask(&["git", "presence", "cl"]), "list");
    offers(&ask(&["git", "presence", "claim", "--p"]), &["--purpose"]);
    offers(&ask(&["git", "-C", "src", "presence", "li"]), &["list"]);
    offers(&ask(&["git", "presence", "list", "--m"]), &["--mine"]);
    offers(
        &ask(&["git", "presence", "completions", ""]),
        &["bash", "zsh", "fish"],
    );
    // Git's own completion still works.
    offers(&ask(&["git", "sta"]), &["status"]);
    offers(&ask(&["git", "pres"]), &["presence"]);
}

#[test]
fn bash_completes_the_program_itself() {
    let world = World::new();
    offers(&bash(&world, ":", &["git-presence", "cl"]), &["claim"]);
    offers(
        &bash(&world, ":", &["git-presence", "claim", "--t"]),
        &["--ttl"],
    );
}

/// A world in which Bob claims something, and the person who types something else. A shell may set
/// the name of the user, and so the session has a name of its own.
fn with_claims() -> World {
    let world = World::new().with("GIT_PRESENCE_SESSION", "me");
    world
        .bob("claim node:k8s-1 path:src/net --purpose p")
        .done();
    world.anyone("claim db:mine --purpose p").done();
    world
}

#[test]
fn bash_offers_what_stands_on_the_board() {
    let world = with_claims();
    let ask = |words: &[&str]| bash(&world, "COMP_WORDBREAKS=${COMP_WORDBREAKS//:/}", words);
    offers(
        &ask(&["git-presence", "claim", ""]),
        &["node:k8s-1", "path:src/net", "node:", "pvc:"],
    );
    offers(
        &ask(&["git-presence", "peek", "no"]),
        &["node:k8s-1", "node:"],
    );
    let mine = ask(&["git-presence", "release", ""]);
    offers(&mine, &["db:mine"]);
    offers_not(&mine, "node:k8s-1");
    offers(
        &ask(&["git-presence", "log", "--session", "wiz"]),
        &["wizard@devvm@bob"],
    );
    offers(&ask(&["git-presence", "claim", "--p"]), &["--purpose"]);
    // To bash a colon ends a word.
    let split = bash(&world, ":", &["git-presence", "peek", "node:k"]);
    offers(&split, &["k8s-1"]);
}

#[test]
fn fish_and_zsh_offer_what_stands_on_the_board() {
    let world = with_claims();
    if needs("fish") {
        let ask = |line: &str| {
            world.sh(&format!(
                "fish --private -c 'git-presence completions fish | source; complete -C \"{line}\"'"
            ))
        };
        offers(&ask("git presence claim no"), &["node:k8s-1"]);
        offers(&ask("git-presence release "), &["db:mine"]);
        offers_not(&ask("git-presence release "), "node:k8s-1");
    }
    if needs("zsh") {
        let script = world.anyone("completions zsh").done().out.clone();
        world.write("zfunc/_git-presence", script.as_bytes());
        offers(&zsh(&world, "git presence release "), &["db:mine"]);
    }
}

#[test]
fn fish_completes_after_git() {
    if !needs("fish") {
        return;
    }
    let world = World::new();
    let ask = |line: &str| {
        world.sh(&format!(
            "fish --private -c 'git-presence completions fish | source; complete -C \"{line}\"'"
        ))
    };
    offers(&ask("git presence cl"), &["claim"]);
    offers_not(&ask("git presence cl"), "list");
    offers(
        &ask("git presence "),
        &["claim", "release", "list", "peek", "doctor"],
    );
    offers(&ask("git presence claim --p"), &["--purpose"]);
    offers(&ask("git pres"), &["presence"]);
    offers(&ask("git -C src presence li"), &["list"]);
    offers(&ask("git-presence cl"), &["claim"]);
    offers(&ask("git sta"), &["status"]);
}

/// zsh completes only at a terminal; `zpty` gives it one.
const ASK_ZSH: &str = r#"
zmodload zsh/zpty
zpty comp zsh -f -i
wait_for() { local chunk; zpty -r -m comp chunk "*$1*" && REPLY=$chunk; }
zpty -w comp "fpath=($PWD/zfunc \$fpath); autoload -Uz compinit; compinit -u -d $PWD/dump"
zpty -w comp "LISTMAX=10000; bindkey '^I' list-choices; bindkey '^[x' kill-whole-line"
zpty -w comp 'echo READ""Y'
wait_for READY
zpty -w -n comp "$1"$'\t'
zpty -w -n comp $'\ex'
zpty -w comp 'echo DON""E'
wait_for DONE
print -r -- $REPLY
"#;

fn zsh(world: &World, typed: &str) -> Said {
    world.write("ask.zsh", ASK_ZSH);
    let terminal = world.with("TERM", "dumb");
    terminal.sh(&format!("timeout 20 zsh -f ask.zsh '{typed}'"))
}

#[test]
fn zsh_completes_after_git() {
    if !needs("zsh") {
        return;
    }
    let world = World::new();
    world.write(
        "zfunc/_git-presence",
        world.anyone("completions zsh").done().out.as_bytes(),
    );
    offers(
        &zsh(&world, "git presence "),
        &["claim", "release", "list", "peek", "doctor"],
    );
    offers(&zsh(&world, "git presence claim --p"), &["--purpose"]);
}

#[test]
fn no_other_shell() {
    let world = World::empty();
    world
        .anyone("completions tcsh")
        .fails(129, "one of bash, zsh, fish");
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            world
                .anyone(&format!("completions {shell}"))
                .done()
                .out
                .len()
                > 1000
        );
    }
}
