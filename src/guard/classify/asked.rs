//! What a runner of tasks is asked to do.
//!
//! Owns which words of a call are tasks, options, variables and arguments. Never reads a file.

use crate::guard::shell::Word;
use crate::guard::tasks::Runner;

/// Options of runners that take a value.
pub(super) const TAKES: [&str; 22] = [
    "-C",
    "--directory",
    "-f",
    "--file",
    "--makefile",
    "-I",
    "-o",
    "-W",
    "--justfile",
    "-d",
    "--working-directory",
    "--taskfile",
    "-t",
    "--dir",
    "--prefix",
    "--cwd",
    "-w",
    "--workspace",
    "--filter",
    "-F",
    "-H",
    "--hosts",
];
/// Options with which a runner only shows.
pub(super) const SHOWS: [&str; 20] = [
    "-n",
    "--dry-run",
    "--just-print",
    "--recon",
    "-q",
    "--question",
    "-l",
    "--list",
    "--summary",
    "--show",
    "--help",
    "-h",
    "--version",
    "--dry",
    "--evaluate",
    "--print-data-base",
    "-T",
    "--tasks",
    "--list-all",
    "--choose",
];

/// What a runner is asked to do.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) tasks: Vec<Word>,
    pub(super) dir: Option<Word>,
    pub(super) file: Option<Word>,
    /// Variables that the call sets, and arguments by their number.
    pub(super) given: Vec<(String, String)>,
    pub(super) only_shows: bool,
}

impl Asked {
    /// Returns what the words ask of a runner; `None` if no task is among them.
    pub(super) fn of(runner: Runner, words: &[Word]) -> Option<Self> {
        let mut asked = Self::default();
        let mut at = 0;
        let mut plain: Vec<&Word> = Vec::new();
        while let Some(word) = words.get(at) {
            at += 1;
            let text = word.text.as_str();
            if text == "--" && runner != Runner::Make {
                break;
            }
            let is_make_setting = runner == Runner::Make || runner == Runner::Just;
            if text.starts_with('-') && text.len() > 1 {
                let (option, attached) = text.split_once('=').unwrap_or((text, ""));
                let is_task_flag = runner == Runner::Task && option == "-f"
                    || runner == Runner::Package && matches!(option, "-f" | "-d");
                let takes = TAKES.contains(&option) && !is_task_flag;
                let value = match (takes, attached.is_empty()) {
                    (true, true) => {
                        at += 1;
                        words.get(at - 1).cloned()
                    }
                    (true, false) => Some(Word::literal(attached)),
                    (false, _) => None,
                };
                match option {
                    "-C"
                    | "--directory"
                    | "--prefix"
                    | "--cwd"
                    | "--working-directory"
                    | "--dir" => asked.dir = value,
                    "-d" if runner != Runner::Package => asked.dir = value,
                    "-f" | "--file" | "--makefile" | "--justfile" | "--taskfile" | "-t" => {
                        asked.file = value;
                    }
                    _ => {
                        asked.only_shows |= SHOWS.contains(&option)
                            && !(runner == Runner::Package && option == "-n");
                    }
                }
                continue;
            }
            match text.split_once('=') {
                Some((name, value)) if is_make_setting && !word.dynamic => {
                    asked.given.push((name.to_owned(), value.to_owned()));
                }
                Some(_) if is_make_setting || runner == Runner::Task => {}
                _ => plain.push(word),
            }
        }
        asked.tasks = tasks_of(runner, &plain, &mut asked.given)?;
        Some(asked)
    }
}

/// Returns the tasks among the words that are no options.
fn tasks_of(
    runner: Runner,
    plain: &[&Word],
    given: &mut Vec<(String, String)>,
) -> Option<Vec<Word>> {
    let is_number =
        |word: &Word| !word.text.is_empty() && word.text.bytes().all(|b| b.is_ascii_digit());
    let verb = plain.first().map(|word| word.text.as_str());
    Some(match runner {
        Runner::Make | Runner::Task | Runner::Rake => {
            let tasks = plain.iter().filter(|word| !is_number(word));
            tasks.map(|word| (*word).clone()).collect()
        }
        Runner::Just => {
            let arguments = plain.iter().skip(1).enumerate();
            let arguments =
                arguments.filter_map(|(at, word)| Some((at.to_string(), word.known()?.to_owned())));
            given.extend(arguments);
            plain
                .first()
                .map(|word| (*word).clone())
                .into_iter()
                .collect()
        }
        Runner::Package => match verb? {
            "run" | "run-script" | "rum" | "urn" => vec![(*plain.get(1)?).clone()],
            "test" | "start" | "stop" | "restart" => vec![(*plain.first()?).clone()],
            "workspace" => return None,
            other if is_package_verb(other) => return None,
            _ => vec![(*plain.first()?).clone()],
        },
        Runner::Deno => match verb? {
            "task" => vec![(*plain.get(1)?).clone()],
            _ => return None,
        },
        Runner::Composer => match verb? {
            "run" | "run-script" => vec![(*plain.get(1)?).clone()],
            "install" | "update" | "require" | "remove" | "dump-autoload" | "global"
            | "create-project" => {
                return None;
            }
            _ => vec![(*plain.first()?).clone()],
        },
        Runner::Mise => match verb? {
            "run" | "r" => vec![(*plain.get(1)?).clone()],
            _ => return None,
        },
    })
}

/// Checks whether a word is a verb of a package manager, and no script.
fn is_package_verb(word: &str) -> bool {
    const VERBS: [&str; 40] = [
        "install",
        "i",
        "ci",
        "add",
        "remove",
        "rm",
        "uninstall",
        "un",
        "update",
        "up",
        "upgrade",
        "link",
        "unlink",
        "exec",
        "x",
        "dlx",
        "create",
        "init",
        "audit",
        "outdated",
        "list",
        "ls",
        "why",
        "pack",
        "publish",
        "version",
        "config",
        "cache",
        "info",
        "view",
        "dedupe",
        "prune",
        "rebuild",
        "login",
        "logout",
        "whoami",
        "set",
        "import",
        "help",
        "patch",
    ];
    VERBS.contains(&word)
}
