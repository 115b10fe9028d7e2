//! `completions`: scripts that complete `git presence <TAB>`.
//!
//! Owns the bridge from `git presence …`, which the shells' own completion for Git asks about, to
//! the generated completion of `git-presence …`.

use clap_complete::Shell as Generator;

/// Where the script goes, for the help.
pub(crate) const INSTALL: &str = "\
Install:
  bash  git presence completions bash > ~/.local/share/bash-completion/completions/git-presence
  zsh   git presence completions zsh > <a folder of $fpath>/_git-presence
  fish  git presence completions fish > ~/.config/fish/completions/git-presence.fish";

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// Git's completion calls `_git_presence` and leaves `git` among the words.
const BASH_BRIDGE: &str = r#"
_git_presence() {
    local words=("${COMP_WORDS[@]}") at=1 i
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${words[i]} == presence ]]; then at=$i; break; fi
    done
    COMP_WORDS=(git-presence "${words[@]:at+1}")
    COMP_CWORD=$((COMP_CWORD - at))
    _git__presence git-presence "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
    COMP_WORDS=("${words[@]}")
}
"#;

/// zsh's completion for Git calls `_git-presence` with `presence` as the first word by itself.
const ZSH_DESCRIPTION: &str = "#description see who is changing what right now; claim it\n";

/// fish knows nothing about subcommands from elsewhere: ask its completion of `git-presence`.
const FISH_BRIDGE: &str = r#"
function __git_presence_complete
    set -l words (commandline -opc)
    set -l at (contains -i -- presence $words)
    or return
    set -l rest
    if test (count $words) -gt $at
        set rest $words[(math $at + 1)..-1]
    end
    complete -C "git-presence $rest "(commandline -ct)
end
complete -c git -n '__fish_git_needs_command' -f -a presence -d 'See who is changing what right now'
complete -c git -n '__fish_git_using_command presence' -f -a '(__git_presence_complete)'
"#;

/// Returns the script that completes the command line of `command`.
pub(crate) fn script(shell: Shell, command: clap::Command) -> String {
    let generator = match shell {
        Shell::Bash => Generator::Bash,
        Shell::Zsh => Generator::Zsh,
        Shell::Fish => Generator::Fish,
    };
    let mut bytes = Vec::new();
    // The generated scripts are confused by the space in the name that help shows.
    let mut command = command.bin_name("git-presence");
    clap_complete::generate(generator, &mut command, "git-presence", &mut bytes);
    let script = String::from_utf8_lossy(&bytes).into_owned();
    match shell {
        // clap_complete spells a program's name with a dash in two ways, and so finds no options.
        Shell::Bash => script.replace("git__subcmd__presence", "git__presence") + BASH_BRIDGE,
        Shell::Zsh => match script.split_once('\n') {
            Some((compdef, rest)) => format!("{compdef}\n{ZSH_DESCRIPTION}{rest}"),
            None => script,
        },
        Shell::Fish => script + FISH_BRIDGE,
    }
}
