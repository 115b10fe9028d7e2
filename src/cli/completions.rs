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
    _git_presence_program git-presence "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
    COMP_WORDS=("${words[@]}")
}
"#;

/// What stands on the board is asked of the program. A word with a colon is several words to bash,
/// of which the last is replaced.
const BASH_BOARD: &str = r#"
_git_presence_board() {
    local line=${COMP_LINE:0:COMP_POINT} verb= what= word cur before=
    cur=${line##*[[:space:]]}
    for word in $line; do
        case $word in
            claim|wait|run|peek|log|release|fence) [[ -z $verb ]] && verb=$word ;;
        esac
    done
    line=${line%"$cur"}
    for word in $line; do before=$word; done
    case $before in
        --session|--holder) what=sessions ;;
        --type) what=types ;;
        -*) return ;;
        *) case $cur,$verb in
            -*) ;;
            *,release|*,fence) what=mine ;;
            *,claim|*,wait|*,run|*,peek|*,log) what=resources ;;
        esac ;;
    esac
    [[ -z $what ]] && return
    COMPREPLY=($(compgen -W "$(git-presence complete $what 2>/dev/null)" -- "$cur"))
    local colon=${cur%"${cur##*:}"} i
    [[ $COMP_WORDBREAKS == *:* ]] && for i in "${!COMPREPLY[@]}"; do
        COMPREPLY[i]=${COMPREPLY[i]#"$colon"}
    done
    [[ ${COMPREPLY[0]} == *: ]] && compopt -o nospace 2>/dev/null
}
_git_presence_program() {
    _git__presence "$@"
    _git_presence_board
}
complete -F _git_presence_program -o nosort -o bashdefault -o default git-presence
"#;

/// zsh's completion for Git calls `_git-presence` with `presence` as the first word by itself.
const ZSH_DESCRIPTION: &str = "#description see who is changing what right now; claim it\n";

const ZSH_BOARD: &str = r#"
_git_presence_words() {
    local -a all
    all=("${(@f)$(git-presence complete $1 2>/dev/null)}")
    compadd -Q -S '' -- $all
}
"#;

/// Returns the script with what stands on the board where it completes files otherwise.
fn with_board(script: &str) -> String {
    let mut is_own = false;
    let mut out = String::new();
    for line in script.lines() {
        if line.ends_with(')') && line.starts_with('(') {
            is_own = matches!(line, "(release)" | "(fence)");
        }
        let what = if is_own { "mine" } else { "resources" };
        let words = |what: &str| format!(": _git_presence_words {what}'");
        let line = match line {
            line if line.contains("resource") => line.replace(":_default'", &words(what)),
            line if line.contains("--session=") || line.contains("--holder=") => {
                line.replace(":_default'", &words("sessions"))
            }
            line => line.to_owned(),
        };
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// fish asks the program what stands on the board.
const FISH_BOARD: &str = r#"
complete -c git-presence -n '__fish_seen_subcommand_from claim wait run peek log' -f -a '(git-presence complete resources 2>/dev/null)'
complete -c git-presence -n '__fish_seen_subcommand_from release fence' -f -a '(git-presence complete mine 2>/dev/null)'
complete -c git-presence -l session -x -a '(git-presence complete sessions 2>/dev/null)'
complete -c git-presence -l holder -x -a '(git-presence complete sessions 2>/dev/null)'
"#;

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
        Shell::Bash => {
            script.replace("git__subcmd__presence", "git__presence") + BASH_BOARD + BASH_BRIDGE
        }
        Shell::Zsh => match with_board(&script).split_once('\n') {
            Some((compdef, rest)) => format!("{compdef}\n{ZSH_DESCRIPTION}{ZSH_BOARD}{rest}"),
            None => script,
        },
        Shell::Fish => script + FISH_BRIDGE + FISH_BOARD,
    }
}
